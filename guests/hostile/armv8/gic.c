/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller's registers that a GICv3 (IHI 0069H 12.9 to 12.11) and a GICv2 (IHI 0048B 4.3) both have, and
 * everybody's interrupts. gicv3.c and gicv2.c have the rest. */
#include "gic_attacks.h"

static const struct {
    const char *name;
    uint32_t offset;
} banks[] = {
    {"IGROUPR ", 0x080},   {"ISENABLER ", 0x100}, {"ISPENDR ", 0x200},   {"ISACTIVER ", 0x300},
    {"ICENABLER ", 0x180}, {"ICPENDR ", 0x280},   {"ICACTIVER ", 0x380}, {"IGRPMODR ", 0xd00},
};
#define NR_BANKS (sizeof(banks) / sizeof(banks[0]))

void gic_sweep(const struct attack *self, uint64_t base, uint32_t size)
{
    int64_t faults = 0;
    for (uint32_t o = 0; o < size; o += 4U) {
        faults += try_write(base + o, 4, ALL_ONES).faulted ? 1 : 0;
    }
    for (uint32_t o = 0; o < size; o += 4U) {
        struct outcome r = try_read(base + o, 4);
        faults += r.faulted ? 1 : 0;
        if (r.faulted || r.value != 0U) {
            fact(self, "register", o, r);
        }
    }
    fact_number(self, "faults", faults);
}

uint32_t gic_dist_size(void)
{
    return gic_version() == 2U ? GICD_V2_SIZE : FRAME;
}

void gic_calm(void)
{
    for (uint32_t word = 0; word < 32U; word++) {
        for (uint32_t bank = 0x180; bank <= 0x380U; bank += 0x100U) {
            mmio_write32((word == 0U ? gic_private_base() : gic_dist_base()) + bank + 4U * word, UINT32_MAX);
        }
    }
    if (gic_version() == 2U) {
        for (uint32_t o = 0; o < 16U; o += 4U) { /* SGIs are pending by source */
            mmio_write32(gic_dist_base() + GICD_CPENDSGIR + o, UINT32_MAX);
        }
        for (uint32_t word = 0; word < 32U; word++) { /* the guest's driver uses group 0 alone, and takes it to be so */
            mmio_write32(gic_dist_base() + 0x80U + 4U * word, 0);
        }
    }
}

bool gic_ready(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        print("hostile: %s: no usable interrupt controller\n", self->name);
        return false;
    }
    return true;
}

void attack_gicd_sweep(const struct attack *self)
{
    if (gic_ready(self)) {
        gic_sweep(self, gic_dist_base(), gic_dist_size());
        gic_calm();
    }
}

void gic_widths(const struct attack *self, uint64_t base, uint32_t end)
{
    static const uint32_t places[] = {0x0,   0x4,   0x8,   0x14,  0x80,   0x84,   0x100,  0x104,  0x180,  0x204,
                                      0x284, 0x304, 0x384, 0x400, 0x420,  0x424,  0x7f8,  0x800,  0x820,  0xc00,
                                      0xc08, 0xd04, 0xf00, 0xf10, 0xf20,  0xfe8,  0xff8,  0x6100, 0x6108, 0x6140,
                                      0xffe0, 0xffe8, 0xfff8};
    static const char *const sizes[] = {[1] = "size 1 ", [2] = "size 2 ", [4] = "size 4 ", [8] = "size 8 "};
    int64_t attempts = 0;
    uint64_t va = stage1_on(base, WINDOW_NORMAL);
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (uint32_t frame = 0; frame + places[i] < end; frame += FRAME) {
            for (uint32_t k = 0; k < 8U; k++) {
                for (unsigned size = 1; size <= 8U; size *= 2U) {
                    uint32_t o = frame + places[i] + k;
                    struct outcome w = try_write(va + o, size, ALL_ONES);
                    struct outcome r = try_read(va + o, size);
                    attempts += 2;
                    /* Aligned words are the other attack's. */
                    if ((size != 4U || k % 4U != 0U) && (w.faulted || r.faulted || r.value != 0U)) {
                        fact_of(self, sizes[size], w.faulted ? "write" : "read", o, w.faulted ? w : r);
                    }
                }
            }
        }
    }
    stage1_off();
    fact_number(self, "attempts", attempts);
}

void attack_gicd_widths(const struct attack *self)
{
    if (gic_ready(self)) {
        gic_widths(self, gic_dist_base(), gic_dist_size());
        gic_calm();
    }
}

/* Registers by instructions that tell the hypervisor nothing about themselves. */
void attack_gic_odd(const struct attack *self)
{
    static const uint32_t offsets[] = {0x0, 0x100, 0x200, 0x420, 0x820, 0x6140};
    uint64_t (*fn)(uint64_t a) = NULL;
    const char *name = NULL;
    if (!gic_ready(self)) {
        return;
    }
    for (unsigned o = 0; o < sizeof(offsets) / sizeof(offsets[0]) && offsets[o] < gic_dist_size(); o++) {
        for (unsigned i = 0; (name = odd_access(i, &fn)) != NULL; i++) {
            fact(self, name, offsets[o], try_call(fn, gic_dist_base() + offsets[o]));
        }
    }
    gic_calm();
}

/* Enables, pends, activates, ... every SPI there could be; tells what is set afterwards. */
void attack_spi_bits(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    uint64_t d = gic_dist_base();
    for (unsigned b = 0; b < NR_BANKS; b++) {
        for (uint32_t word = 1; word < 32U; word++) {
            mmio_write32(d + banks[b].offset + 4U * word, UINT32_MAX);
        }
        for (uint32_t word = 1; word < 32U; word++) {
            uint32_t v = mmio_read32(d + banks[b].offset + 4U * word);
            if (v != 0U) {
                fact_of(self, banks[b].name, "word", word, (struct outcome){.value = v});
            }
        }
        /* Through the extended ranges too, of which there are none. */
        for (uint32_t word = 0; gic_version() == 3U && word < 32U; word++) {
            mmio_write32(d + 0x1000U + banks[b].offset + 4U * word, UINT32_MAX);
        }
    }
    gic_calm();
    fact_number(self, "words", 31);
}

/* Priorities and triggers. */
void attack_spi_priority(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    uint64_t d = gic_dist_base();
    for (uint32_t o = 0x420; o < 0x7fcU; o += 4U) {
        mmio_write32(d + o, 0x10101010U);
        uint32_t v = mmio_read32(d + o);
        if (v != 0U) {
            fact(self, "priorities at", o, (struct outcome){.value = v});
        }
    }
    for (uint32_t o = 0xc08; o < 0xd00U; o += 4U) {
        uint32_t was = mmio_read32(d + o);
        mmio_write32(d + o, ~was);
        uint32_t v = mmio_read32(d + o);
        if (v != 0U) {
            fact(self, "triggers at", o, (struct outcome){.value = v});
        }
        mmio_write32(d + o, was);
    }
    fact_number(self, "registers", 309);
}

/* The hypervisor's own PPIs among them. */
void attack_ppi_bits(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    uint64_t sgi = gic_private_base();
    for (unsigned b = 0; b < NR_BANKS; b++) {
        mmio_write32(sgi + banks[b].offset, UINT32_MAX);
        fact_of(self, banks[b].name, "word", 0, try_read(sgi + banks[b].offset, 4));
    }
    for (uint32_t o = 0x400; o < 0x420U; o += 4U) {
        mmio_write32(sgi + o, UINT32_MAX);
    }
    mmio_write32(sgi + 0xc04U, UINT32_MAX);
    fact(self, "triggers at", 0xc04, try_read(sgi + 0xc04U, 4));
    gic_calm();
}
