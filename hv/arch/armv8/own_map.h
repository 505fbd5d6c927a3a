/* SPDX-License-Identifier: Apache-2.0 */
/* EL2 stage 1 as arch/mmu.c needs it (DDI 0487 D8.2, D8.3; descriptor fields D8.3.1). */
#ifndef ARMV8_OWN_MAP_H
#define ARMV8_OWN_MAP_H

#include "arch/armv8/sysreg.h"
#include "hv/types.h"
#include "layout.h"

#define MMU_ROOT_ENTRIES (1U << (LAYOUT_VA_BITS - 30)) /* level 1: 1 GiB each */
_Static_assert(HV_VA_OFFSET == 1ULL << (LAYOUT_VA_BITS - 1), "the image is linked in the upper half");

#define DESC(pa, attr) ((pa) | (attr))
#define DESC_PA(desc)  ((desc) & 0x0000fffffffff000ULL) /* of a page or table, or of a block, whose lower bits are 0 */
#define DESC_BLOCK  1ULL /* at level 2 */
#define DESC_TABLE  3ULL
#define DESC_PAGE   3ULL
#define ATTR_DEVICE (1ULL << 2) /* MAIR_EL2 attribute 1; attribute 0 is Normal write-back */
#define ATTR_AP1    (1ULL << 6) /* RES1 in a regime with one exception level */
#define ATTR_RO     (1ULL << 7) /* AP[2] */
#define ATTR_SH     (3ULL << 8) /* inner shareable */
#define ATTR_AF     (1ULL << 10)
#define ATTR_XN     (1ULL << 54)

#define PAGE_TEXT   (DESC_PAGE | ATTR_AP1 | ATTR_SH | ATTR_AF | ATTR_RO)
#define PAGE_RO     (PAGE_TEXT | ATTR_XN)
#define PAGE_RW     (DESC_PAGE | ATTR_AP1 | ATTR_SH | ATTR_AF | ATTR_XN)
#define PAGE_DEVICE (DESC_PAGE | ATTR_AP1 | ATTR_AF | ATTR_XN | ATTR_DEVICE)
#define BLOCK_RO    ((PAGE_RO & ~DESC_PAGE) | DESC_BLOCK)
#define BLOCK_RW    ((PAGE_RW & ~DESC_PAGE) | DESC_BLOCK)

/* All of the first tables are in memory. */
static inline void own_map_built(void)
{
    dsb_sy();
}

/* An entry became valid: earlier walks may not have cached its absence (D8.13.1), a barrier is enough. */
static inline void own_map_made(void)
{
    dsb_ishst();
    isb();
}

/* An entry became invalid: the break of break-before-make (D8.14.1); TLBI VAE2IS reaches all CPUs. */
static inline void own_map_broken(uint64_t va)
{
    dsb_ishst();
    __asm__ volatile("tlbi vae2is, %0" : : "r"(va >> PAGE_SHIFT) : "memory");
    dsb_ish();
    isb();
}

#endif
