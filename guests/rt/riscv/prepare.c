/* SPDX-License-Identifier: Apache-2.0 */
#include "rt.h"

void rt_prepare(void)
{
    irq_enable(IRQ_SOFTWARE);
    for (uint32_t id = 1; irqc_kind() == IRQC_AIA && id <= imsic_last_id(); id++) {
        irq_enable(IRQ_MSI + id);
    }
}
