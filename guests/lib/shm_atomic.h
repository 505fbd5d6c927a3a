/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * All that shm_queue.c and shm_port.c ask of the machine: words of 64 bits that are loaded and stored whole, once, and what
 * orders them; and the types bool, size_t, uint8_t, uint32_t, uint64_t, uintptr_t and NULL. Here it is C11. Who has no
 * <stdatomic.h> gives a header of his own, -DSHM_ATOMIC_OTHER='"file.h"', with the same names; in a Linux module <linux/types.h>
 * has the types, and the rest is, with <asm/barrier.h>,
 *   shm_word u64, shm_read READ_ONCE, shm_write WRITE_ONCE, shm_acquire virt_load_acquire, shm_publish virt_store_release,
 *   shm_fence_release and shm_fence_acquire virt_mb
 * (virt_*, since the peer is on another CPU even where the kernel was built for one; virt_wmb would be too weak for a release
 * fence, since it does not order loads).
 */
#ifndef SHM_ATOMIC_H
#define SHM_ATOMIC_H

#ifdef SHM_ATOMIC_OTHER
#include SHM_ATOMIC_OTHER
#else

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t shm_word;
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && sizeof(shm_word) == 8U, "words of 64 bits are loaded and stored by one instruction");

/* One access, never repeated or split by the compiler, which orders nothing. */
static inline uint64_t shm_read(const shm_word *w)
{
    return atomic_load_explicit(w, memory_order_relaxed);
}

static inline void shm_write(shm_word *w, uint64_t v)
{
    atomic_store_explicit(w, v, memory_order_relaxed);
}

/* Nothing that comes after it is done before it. */
static inline uint64_t shm_acquire(const shm_word *w)
{
    return atomic_load_explicit(w, memory_order_acquire);
}

/* All that came before it is done before it. */
static inline void shm_publish(shm_word *w, uint64_t v)
{
    atomic_store_explicit(w, v, memory_order_release);
}

/* Loads and stores before it are done before stores after it. */
static inline void shm_fence_release(void)
{
    atomic_thread_fence(memory_order_release);
}

/* Loads before it are done before loads and stores after it. */
static inline void shm_fence_acquire(void)
{
    atomic_thread_fence(memory_order_acquire);
}

#endif
#endif
