/* SPDX-License-Identifier: Apache-2.0 */
/* Sv39 at HS level as arch/mmu.c needs it (privileged architecture 1.13, 12.3, 12.4). */
#ifndef RISCV_OWN_MAP_H
#define RISCV_OWN_MAP_H

#include "hv/types.h"

#define MMU_ROOT_ENTRIES 512U

#define DESC(pa, attr) (((pa) >> 2) | (attr))
#define DESC_PA(desc)  (((desc) & 0x003ffffffffffc00ULL) << 2)
#define DESC_TABLE     1ULL /* V */
/* V, A, D and G are set in every leaf: nothing here wants to know, and there is one address space. W^X by R, W, X. */
#define PTE_KEPT 0xe1ULL
#define PTE_R    (1ULL << 1)
#define PTE_W    (1ULL << 2)
#define PTE_X    (1ULL << 3)

#define PAGE_TEXT   (PTE_KEPT | PTE_R | PTE_X)
#define PAGE_RO     (PTE_KEPT | PTE_R)
#define PAGE_RW     (PTE_KEPT | PTE_R | PTE_W)
#define PAGE_DEVICE PAGE_RW /* what is a device is said by the platform's PMAs */
#define BLOCK_RO    PAGE_RO
#define BLOCK_RW    PAGE_RW

/* All of the first tables are in memory. */
static inline void own_map_built(void)
{
    __asm__ volatile("fence rw, rw" : : : "memory");
}

/* An entry became valid: its absence may be cached (12.2.1). */
static inline void own_map_made(void)
{
    __asm__ volatile("sfence.vma" : : : "memory");
}

/* An entry became invalid. Only the calling hart ever uses the address; what others may have cached of it speculatively
 * shows nothing, since memory is coherent and no program of theirs touches it. */
static inline void own_map_broken(uint64_t va)
{
    const uint64_t address = va;

    __asm__ volatile("sfence.vma %0, zero" : : "r"(address) : "memory");
}

#endif
