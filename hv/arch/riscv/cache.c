/* SPDX-License-Identifier: Apache-2.0 */
/* Memory is coherent, and no guest can turn its caches off: completing the stores is all there is to do. */
#include "arch/riscv/arch.h"

void cache_clean(const void *p, uint64_t size)
{
    (void)p;
    (void)size;
    __asm__ volatile("fence rw, rw" : : : "memory");
}

/* No register tells of caches. */
bool cache_report(struct llc_report *out)
{
    (void)out;
    return false;
}
