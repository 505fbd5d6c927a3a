/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests/lib/shm_atomic.h asks of the machine, in the kernel's words. */
#ifndef SHM_KERNEL_H
#define SHM_KERNEL_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/rwonce.h>

typedef u64 shm_word;

static inline u64 shm_read(const shm_word *w)
{
    return READ_ONCE(*w);
}

static inline void shm_write(shm_word *w, u64 v)
{
    WRITE_ONCE(*w, v);
}

/* virt_*: the peer is on another CPU even where this kernel was built for one. */
static inline u64 shm_acquire(const shm_word *w)
{
    return virt_load_acquire(w);
}

static inline void shm_publish(shm_word *w, u64 v)
{
    virt_store_release(w, v);
}

static inline void shm_fence_release(void)
{
    virt_mb();
}

static inline void shm_fence_acquire(void)
{
    virt_mb();
}

#endif
