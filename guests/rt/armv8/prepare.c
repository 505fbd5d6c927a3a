/* SPDX-License-Identifier: Apache-2.0 */
#include "rt.h"

#define GICD_ISACTIVER 0x300U

void rt_prepare(void)
{
    for (uint32_t sgi = 0; sgi < 16U; sgi++) {
        irq_enable(sgi);
    }
    uint32_t active = (uint32_t)bootarg_number("active", 0);
    if (active != 0U) { /* one of its interrupts that is being handled for good: nobody else may end it */
        mmio_write32(gic_dist_base() + GICD_ISACTIVER + 4U * (active / 32U), 1U << active % 32U);
    }
}
