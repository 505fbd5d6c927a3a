/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own translation: ops of arch_ops.mmu that every ISA has alike, and what boot.S and the vectors need. */
#ifndef HV_ARCH_MMU_H
#define HV_ARCH_MMU_H

#include "hv/arch_ops.h"
#include "layout.h"

/* Called by boot.S, MMU off. */
void mmu_early_build(void);

paddr_t mmu_loaded(const void *p); /* where the loader put it, wherever it is now: a CPU starts there, MMU off */

void *mmu_console(void); /* the console's registers, mapped since boot */
bool mmu_is_guard(uint64_t va); /* of a stack */

/* The ISA's: vectors.S. True if what is written to *p can be read back; it is then as it was. */
bool mmu_probe_ram(volatile uint64_t *p);

#endif
