/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"

#define CTR_DMINLINE_SHIFT 16U /* log2 of the smallest data line in words (DDI 0487 D19.2.33) */

void cache_clean_inval(const void *p, uint64_t size)
{
    uint64_t line = 4ULL << sysreg_field(SYSREG_READ(ctr_el0), CTR_DMINLINE_SHIFT);
    uint64_t end = (uint64_t)p + size;
    for (uint64_t at = align_down((uint64_t)p, line); at < end; at += line) { /* bound: the range by lines */
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    dsb_sy();
}

/*
 * A guest's set/way operations are not trapped: they reach the caches of its own CPU only, cost its own time,
 * and with HCR_EL2.SWIO = 1 an invalidate cleans first, so that nobody's data is lost (D19.2.48). What is
 * left to do is this.
 */
void cache_sync_icache(void)
{
    dsb_ish();
    __asm__ volatile("ic ialluis" : : : "memory");
    dsb_ish();
    isb();
}
