/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own translation: ops of arch_ops.mmu that every ISA has alike, and what boot.S and the vectors need. */
#ifndef HV_ARCH_MMU_H
#define HV_ARCH_MMU_H

#include "hv/arch_ops.h"
#include "hv/board.h"
#include "layout.h"

/* Linker script. The alignment is said, since GCC would split a device access that it cannot prove to be aligned. */
#define PAGE_ALIGNED __attribute__((aligned(4096)))
extern uint8_t hv_text_start[] PAGE_ALIGNED;

/* Page n of the window, which is the other of the two regions that share a pair of tables: bit 21 of their addresses differs. The symbol
 * hv_window of the linker script is out of reach of ADR. */
static inline uint8_t *mmu_window_page(uint64_t n)
{
    int64_t start = (int64_t)hv_text_start;
    uint8_t *window = &hv_text_start[(start ^ (int64_t)HV_REGION_SIZE) - start];

    return &((uint8_t *)__builtin_assume_aligned(window, PAGE_SIZE))[n * PAGE_SIZE];
}

/* Called by boot.S, MMU off. */
void mmu_early_build(void);

paddr_t mmu_loaded(const void *p); /* where the loader put it, wherever it is now: a CPU starts there, MMU off */

/* The console's registers, mapped since boot: in line, since each character of the log comes here. */
static inline void *mmu_console(void)
{
    return &mmu_window_page(LAYOUT_CONSOLE)[board.console_base % PAGE_SIZE];
}

bool mmu_is_guard(uint64_t va); /* of a stack */

/* The ISA's: vectors.S. True if what is written to *p can be read back; it is then as it was. */
bool mmu_probe_ram(volatile uint64_t *p);

#endif
