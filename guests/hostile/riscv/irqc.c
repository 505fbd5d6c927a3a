/* SPDX-License-Identifier: Apache-2.0 */
/* What the attacks at either interrupt controller share. */
#include "attacks.h"

bool irqc_ready(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        print("hostile: %s: no usable interrupt controller\n", self->name);
        return false;
    }
    return true;
}

void irqc_sweep(const struct attack *self, uint64_t first, uint64_t end)
{
    uint64_t base = irqc_base();
    int64_t faults = 0;
    for (uint64_t o = first; o < end; o += 4U) {
        faults += try_write(base + o, 4, ALL_ONES).faulted ? 1 : 0;
    }
    for (uint64_t o = first; o < end; o += 4U) {
        struct outcome r = try_read(base + o, 4);
        faults += r.faulted ? 1 : 0;
        if (r.faulted || r.value != 0U) {
            fact(self, "register", o, r);
        }
    }
    fact_number(self, "faults", faults);
}

/* Each size at each of eight places around some registers. */
void attack_irqc_widths(const struct attack *self)
{
    static const uint32_t plic[] = {0x0,    0x28,   0x2c,   0x30,     0xff8,    0x1000,   0x1078,   0x1080,   0x2000,
                                    0x2078, 0x2080, 0x2100, 0x2180, 0x200000, 0x200008, 0x201000, 0x202000, 0x203000};
    static const uint32_t aplic[] = {0x0,    0x28,   0x2c,   0xff8,  0x1bc0, 0x1bc8, 0x1c00, 0x1cd8, 0x1d00, 0x1dd8,
                                     0x1e00, 0x1ed8, 0x1f00, 0x1fd8, 0x2000, 0x3000, 0x3028, 0x3ff8, 0x4000};
    static const char *const sizes[] = {[1] = "size 1 ", [2] = "size 2 ", [4] = "size 4 ", [8] = "size 8 "};
    if (!irqc_ready(self)) {
        return;
    }
    bool is_plic = irqc_kind() == IRQC_PLIC;
    const uint32_t *places = is_plic ? plic : aplic;
    size_t nr = is_plic ? sizeof(plic) / sizeof(plic[0]) : sizeof(aplic) / sizeof(aplic[0]);
    int64_t attempts = 0;
    for (size_t i = 0; i < nr; i++) {
        for (uint32_t k = 0; k < 8U; k++) {
            for (unsigned size = 1; size <= 8U; size *= 2U) {
                uint64_t a = irqc_base() + places[i] + k;
                struct outcome w = try_write(a, size, ALL_ONES);
                struct outcome r = try_read(a, size);
                attempts += 2;
                /* Aligned words are the sweep's. */
                if ((size != 4U || k % 4U != 0U) && (w.faulted || r.faulted || r.value != 0U)) {
                    fact_of(self, sizes[size], w.faulted ? "write" : "read", places[i] + k, w.faulted ? w : r);
                }
            }
        }
    }
    fact_number(self, "attempts", attempts);
    (void)irqc_ready(self); /* quiet again */
}
