/* SPDX-License-Identifier: Apache-2.0 */
/* guests/lib/shm_atomic.h for the fuzz target `shm`: what is loaded is what the input says, each time anew. */
#ifndef SHM_HOSTILE_H
#define SHM_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t shm_word;

uint64_t hostile_load(const shm_word *w);
void hostile_store(shm_word *w, uint64_t v);

#define shm_read            hostile_load
#define shm_acquire         hostile_load
#define shm_write           hostile_store
#define shm_publish         hostile_store
#define shm_fence_release() ((void)0)
#define shm_fence_acquire() ((void)0)

#endif
