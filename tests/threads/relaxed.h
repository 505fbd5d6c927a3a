/* SPDX-License-Identifier: Apache-2.0 */
/* guests/lib/shm_atomic.h with a defect: nothing is ordered. ThreadSanitizer has to tell (test_shm_threads.c). */
#ifndef RELAXED_H
#define RELAXED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t shm_word;

static inline uint64_t shm_read(const shm_word *w)
{
    return atomic_load_explicit(w, memory_order_relaxed);
}

static inline void shm_write(shm_word *w, uint64_t v)
{
    atomic_store_explicit(w, v, memory_order_relaxed);
}

#define shm_acquire         shm_read
#define shm_publish         shm_write
#define shm_fence_release() ((void)0)
#define shm_fence_acquire() ((void)0)

#endif
