/* SPDX-License-Identifier: Apache-2.0 */
/* PLIC (PLIC specification 1.0.0): every register, everybody's sources, contexts and claims. */
#include "attacks.h"

#define SOURCES        1024U
#define PENDING        0x1000U
#define ENABLE         0x2000U
#define ENABLE_STRIDE  0x80U
#define CONTEXT        0x200000U
#define CONTEXT_STRIDE 0x1000U
#define CLAIM          4U
#define CONTEXTS       24U

static bool ready(const struct attack *self)
{
    return irqc_ready(self) && irqc_kind() == IRQC_PLIC;
}

void attack_plic_sweep(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    irqc_sweep(self, 0, ENABLE + ENABLE_STRIDE * CONTEXTS);
    for (uint64_t c = 0; c < CONTEXTS; c++) {
        irqc_sweep(self, CONTEXT + CONTEXT_STRIDE * c, CONTEXT + CONTEXT_STRIDE * c + 0x20U);
    }
    irqc_sweep(self, CONTEXT - 0x100U, CONTEXT);
    irqc_sweep(self, irqc_size() - 0x100U, irqc_size());
    (void)irqc_ready(self);
}

/* Everybody's sources, one by one: prioritised and enabled at each context. */
void attack_plic_bits(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    uint64_t base = irqc_base();
    for (uint32_t s = 0; s < SOURCES; s++) {
        mmio_write32(base + 4U * s, 7);
        uint32_t priority = mmio_read32(base + 4U * s);
        if (priority != 0U) {
            fact(self, "priority of", s, (struct outcome){.value = priority});
        }
    }
    for (uint64_t c = 0; c < CONTEXTS; c++) {
        for (uint32_t w = 0; w < SOURCES / 32U; w++) {
            uint64_t a = base + ENABLE + ENABLE_STRIDE * c + 4U * w;
            mmio_write32(a, UINT32_MAX);
            uint32_t enabled = mmio_read32(a);
            if (enabled != 0U) {
                fact(self, "enabled at word", c * 32U + w, (struct outcome){.value = enabled});
            }
        }
    }
    fact_number(self, "contexts", CONTEXTS);
    for (uint64_t o = 0; o < ENABLE_STRIDE * CONTEXTS; o += 4U) {
        mmio_write32(base + ENABLE + o, 0);
    }
}

/* Claims at each context, and completes every source at each: it never had them. */
void attack_plic_claims(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    for (uint32_t s = 0; s < SOURCES; s++) {
        mmio_write32(irqc_base() + 4U * s, 7);
    }
    for (uint64_t c = 0; c < CONTEXTS; c++) {
        uint64_t a = irqc_base() + CONTEXT + CONTEXT_STRIDE * c;
        mmio_write32(irqc_base() + ENABLE + ENABLE_STRIDE * c, UINT32_MAX);
        mmio_write32(a, 0);
        uint32_t claimed = mmio_read32(a + CLAIM);
        if (claimed != 0U) {
            fact(self, "claimed at context", c, (struct outcome){.value = claimed});
        }
        for (uint32_t s = 0; s < SOURCES + 8U; s++) {
            mmio_write32(a + CLAIM, s);
        }
        mmio_write32(a + CLAIM, UINT32_MAX);
        mmio_write32(irqc_base() + ENABLE + ENABLE_STRIDE * c, 0);
    }
    fact_number(self, "completed", (int64_t)SOURCES * CONTEXTS);
}
