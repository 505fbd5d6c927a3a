/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own tables and memory, shared by mmu.c, which makes and uses them, and mmu_move.c, which takes them elsewhere. */
#ifndef HV_ARCH_MMU_TABLES_H
#define HV_ARCH_MMU_TABLES_H

#include "arch/mmu.h"
#include "hv/plan.h"
#include "own_map.h" /* MMU_ROOT_ENTRIES */

#define MMU_ENTRIES  512U
#define MMU_SHIFT_L1 30U
#define MMU_SHIFT_L2 21U

/* Linker script, as hv_text_start in mmu.h. */
extern uint8_t hv_text_end[] PAGE_ALIGNED;
extern uint8_t hv_rodata_end[] PAGE_ALIGNED;
extern uint8_t hv_data_end[];
extern uint8_t hv_bss_start[];
extern uint8_t hv_boot_stack[] PAGE_ALIGNED;
extern uint8_t hv_end[] PAGE_ALIGNED;

/* mmu_boot_root has the identity map besides and is used only until TTBR0_EL2 is switched (satp). */
extern uint64_t mmu_root[MMU_ROOT_ENTRIES];
extern uint64_t mmu_boot_root[MMU_ROOT_ENTRIES];
extern uint64_t mmu_blocks[MMU_ENTRIES]; /* level 2: the 1 GiB around the image */
extern uint64_t mmu_image[MMU_ENTRIES];  /* level 3: the hypervisor's region */
extern uint64_t mmu_pages[MMU_ENTRIES];  /* level 3: the page window */

/* Physical addresses of the two roots, for boot.S, which reads them with the MMU off. */
extern struct mmu_roots {
    uint64_t boot;
    uint64_t own;
} mmu_roots;

extern uint64_t mmu_stacks;

/* The plan by which the region has moved; NULL: it is where it was loaded. */
extern const struct plan *mmu_moved;

static inline unsigned mmu_index(uint64_t addr, unsigned shift)
{
    return (unsigned)(addr >> shift) & (MMU_ENTRIES - 1U);
}

/* boot.S: copies the two pages of the boot stack, which is in use, and then goes on with what mmu_roots says, the MMU having
 * been off between. Writes nothing else. */
void mmu_switch(uint8_t *first, uint8_t *second, const uint8_t *stack);

#endif
