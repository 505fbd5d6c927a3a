/* SPDX-License-Identifier: Apache-2.0 */
#include "irqc_internal.h"
#include "rt.h"

/* Goldfish RTC, as QEMU has it. */
#define ALARM_LOW   0x08U
#define ALARM_HIGH  0x0cU
#define IRQ_ENABLED 0x10U

/* One of its interrupts that is being handled for good: an alarm in the past, claimed and never completed. Nobody else may
 * end it, and it has no second one. */
static void bait(uint32_t node)
{
    uint64_t base = 0;
    uint64_t size = 0;
    uint64_t end = timer_now() + timer_freq();
    if (!fdt_reg(node, 0, &base, &size)) {
        return;
    }
    mmio_write32(base + ALARM_HIGH, 0);
    mmio_write32(base + ALARM_LOW, 1);
    mmio_write32(base + IRQ_ENABLED, 1);
    irq_enable(fdt_irq(node, 0));
    while (irqc_claim() == 0U) {
        if (timer_now() > end) {
            print("rt: no alarm came\n");
            return;
        }
    }
}

void rt_prepare(void)
{
    irq_enable(IRQ_SOFTWARE);
    for (uint32_t id = 1; irqc_kind() == IRQC_AIA && id <= imsic_last_id(); id++) {
        irq_enable(IRQ_MSI + id);
    }
    uint32_t rtc = fdt_compatible("google,goldfish-rtc", 0);
    if (rtc != FDT_NONE) {
        bait(rtc);
    }
}
