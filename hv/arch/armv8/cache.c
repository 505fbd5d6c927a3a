/* SPDX-License-Identifier: Apache-2.0 */
/* Data cache maintenance by address (DDI 0487 D7.5.9). */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"

/* CTR_EL0.DminLine: log2 of the words in the smallest line of all caches (D19.2.34). */
static uint64_t smallest_line(void)
{
    return 4ULL << ((SYSREG_READ(ctr_el0) >> 16) & 0xfU);
}

void cache_clean(const void *p, uint64_t size)
{
    uint64_t line = smallest_line();
    uint64_t end = (uint64_t)p + size;

    for (uint64_t at = align_down((uint64_t)p, line); at < end; at += line) { /* bound: the range by lines */
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    dsb_sy();
}
