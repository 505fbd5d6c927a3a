/* SPDX-License-Identifier: Apache-2.0 */
/* arch_ops.mmu.pte_fill for fixtures that have a pte_write of their own: what that one checks holds for each entry. */
#ifndef TESTS_UNIT_PTE_FILL_H
#define TESTS_UNIT_PTE_FILL_H

#include "hv/arch_ops.h"

static inline void pte_fill_by_writes(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        arch_ops.mmu.pte_write(&slot[i], first + i * step);
    }
}

#endif
