/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller (IHI 0069H 12.9 to 12.11): every register, and everybody's interrupts. */
#include "hostile.h"

#define FRAME    0x10000U
#define GICR     0x20000U
#define ALL_ONES UINT64_MAX

static const struct {
    const char *name;
    uint32_t offset;
} banks[] = {
    {"IGROUPR ", 0x080},   {"ISENABLER ", 0x100}, {"ISPENDR ", 0x200},   {"ISACTIVER ", 0x300},
    {"ICENABLER ", 0x180}, {"ICPENDR ", 0x280},   {"ICACTIVER ", 0x380}, {"IGRPMODR ", 0xd00},
};
#define NR_BANKS (sizeof(banks) / sizeof(banks[0]))

/* All ones into each word of [base, base + size), then what is not zero is told, and then how many attempts faulted. */
static void sweep(const struct attack *self, uint64_t base, uint32_t size)
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

/* Quiet again: the guest's own interrupts, which it keeps masked. */
static void calm(void)
{
    uint64_t r = gic_redist_base();
    for (uint32_t word = 0; word < 32U; word++) {
        for (uint32_t bank = 0x180; bank <= 0x380U; bank += 0x100U) {
            mmio_write32((word == 0U ? r + FRAME : gic_dist_base()) + bank + 4U * word, UINT32_MAX);
        }
    }
}

static bool ready(const struct attack *self)
{
    if (!gic_init() || !gic_init_cpu()) {
        print("hostile: %s: no usable interrupt controller\n", self->name);
        return false;
    }
    return true;
}

void attack_gicd_sweep(const struct attack *self)
{
    if (ready(self)) {
        sweep(self, gic_dist_base(), FRAME);
        calm();
    }
}

void attack_gicr_sweep(const struct attack *self)
{
    if (ready(self)) {
        sweep(self, gic_redist_base(), GICR);
        calm();
    }
}

/* Each size at each of eight places around some registers. Stage 1 is on with the frame as Normal memory, since
 * otherwise an unaligned access would not get past the CPU. */
static void widths(const struct attack *self, uint64_t base, uint32_t end)
{
    static const uint32_t places[] = {0x0,   0x4,   0x8,   0x14,  0x80,   0x84,   0x100,  0x104,  0x180,  0x204,
                                      0x284, 0x304, 0x384, 0x400, 0x420,  0x424,  0x7f8,  0xc00,  0xc08,  0xd04,
                                      0xf00, 0xf10, 0x6100, 0x6108, 0x6140, 0xffe0, 0xffe8, 0xfff8};
    static const char *const sizes[] = {[1] = "size 1 ", [2] = "size 2 ", [4] = "size 4 ", [8] = "size 8 "};
    int64_t attempts = 0;
    uint64_t va = stage1_on(base, WINDOW_NORMAL);
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (uint32_t frame = 0; frame < end; frame += FRAME) {
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
    if (ready(self)) {
        widths(self, gic_dist_base(), FRAME);
        calm();
    }
}

void attack_gicr_widths(const struct attack *self)
{
    if (ready(self)) {
        widths(self, gic_redist_base(), GICR);
        calm();
    }
}

/* The frames behind the VM's own redistributors, where the board has those of others, and between the frames. */
void attack_gicr_foreign(const struct attack *self)
{
    static const uint32_t offsets[] = {0x0, 0x8, 0x14, 0x10080, 0x10100, 0x10180, 0x10200, 0x10280, 0x10400, 0x1fffc};
    uint64_t first = gic_redist_base() + GICR * bootarg_number("cpus", 2);
    for (unsigned n = 0; n < 8U; n++) {
        for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
            uint64_t a = first + n * GICR + offsets[i];
            fact(self, "read", a, try_read(a, 4));
            fact(self, "write", a, try_write(a, 4, ALL_ONES));
        }
    }
    uint64_t before = gic_dist_base() + FRAME;
    fact(self, "read", before, try_read(before, 4));
    fact(self, "write", before, try_write(before, 4, ALL_ONES));
}

/* Registers by instructions that tell the hypervisor nothing about themselves. */
void attack_gic_odd(const struct attack *self)
{
    static const uint32_t offsets[] = {0x0, 0x100, 0x200, 0x420, 0x6140};
    uint64_t (*fn)(uint64_t a) = NULL;
    const char *name = NULL;
    if (!ready(self)) {
        return;
    }
    for (unsigned o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
        for (unsigned i = 0; (name = odd_access(i, &fn)) != NULL; i++) {
            fact(self, name, offsets[o], try_call(fn, gic_dist_base() + offsets[o]));
        }
    }
    calm();
}

/* Enables, pends, activates, ... every SPI there could be; tells what is set afterwards. */
void attack_spi_bits(const struct attack *self)
{
    uint64_t d = gic_dist_base();
    if (!ready(self)) {
        return;
    }
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
        for (uint32_t word = 0; word < 32U; word++) {
            mmio_write32(d + 0x1000U + banks[b].offset + 4U * word, UINT32_MAX);
        }
    }
    calm();
    fact_number(self, "words", 31);
}

void attack_spi_route(const struct attack *self)
{
    uint64_t d = gic_dist_base();
    if (!ready(self)) {
        return;
    }
    for (uint32_t intid = 32; intid < 1020U; intid++) {
        for (uint64_t cpu = 0; cpu < 4U; cpu++) {
            mmio_write64(d + 0x6000U + 8U * intid, cpu);
            uint64_t v = mmio_read64(d + 0x6000U + 8U * intid);
            if (v != 0U) {
                fact(self, "route of", intid, (struct outcome){.value = v});
            }
        }
        mmio_write64(d + 0x6000U + 8U * intid, 0);
    }
    fact_number(self, "routes", 988);
}

/* Priorities and triggers. */
void attack_spi_priority(const struct attack *self)
{
    uint64_t d = gic_dist_base();
    if (!ready(self)) {
        return;
    }
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
    uint64_t sgi = gic_redist_base() + FRAME;
    if (!ready(self)) {
        return;
    }
    for (unsigned b = 0; b < NR_BANKS; b++) {
        mmio_write32(sgi + banks[b].offset, UINT32_MAX);
        fact_of(self, banks[b].name, "word", 0, try_read(sgi + banks[b].offset, 4));
    }
    for (uint32_t o = 0x400; o < 0x420U; o += 4U) {
        mmio_write32(sgi + o, UINT32_MAX);
    }
    mmio_write32(sgi + 0xc04U, UINT32_MAX);
    fact(self, "triggers at", 0xc04, try_read(sgi + 0xc04U, 4));
    calm();
}

/* Every interrupt, at affinities of all kinds: 16 INTIDs x 6 clusters x 16 ranges x 3 lists. */
void attack_sgi_sweep(const struct attack *self)
{
    static const uint64_t cluster[] = {0, 1ULL << 16, 2ULL << 16, 1ULL << 32, 1ULL << 48, 0xffULL << 48 | 0xffULL << 32 | 0xffU << 16};
    static const uint64_t targets[] = {0xffff, 0xfffc, 0x000c};
    int64_t sent = 0;
    for (uint64_t intid = 0; intid < 16U; intid++) {
        for (unsigned c = 0; c < 6U; c++) {
            for (uint64_t range = 0; range < 16U; range++) {
                for (unsigned t = 0; t < 3U; t++) {
                    WRITE_SYSREG(icc_sgi1r_el1, intid << 24 | cluster[c] | range << 44 | targets[t]);
                    sent++;
                }
            }
        }
    }
    calm();
    fact_number(self, "sent", sent);
}

/* By the two registers for the other groups. */
void attack_sgi_group0(const struct attack *self)
{
    int64_t sent = 0;
    for (uint64_t intid = 0; intid < 16U; intid++) {
        for (uint64_t irm = 0; irm < 2U; irm++) {
            WRITE_SYSREG(icc_sgi0r_el1, intid << 24 | irm << 40 | 0xffffU);
            WRITE_SYSREG(icc_asgi1r_el1, intid << 24 | irm << 40 | 0xffffU);
            sent += 2;
        }
    }
    calm();
    fact_number(self, "sent", sent);
}

void attack_sgi_broadcast(const struct attack *self)
{
    for (uint64_t i = 0; i < 1000U; i++) {
        WRITE_SYSREG(icc_sgi1r_el1, (i % 16U) << 24 | 1ULL << 40 | (draw() & 0xffffU));
    }
    calm();
    fact_number(self, "sent", 1000);
}

/* Ends and deactivates interrupts that it never had. */
void attack_icc_end(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    for (uint64_t mode = 0; mode < 2U; mode++) {
        WRITE_SYSREG(icc_ctlr_el1, mode << 1);
        barrier();
        for (uint64_t intid = 0; intid < 1024U; intid++) {
            WRITE_SYSREG(icc_eoir0_el1, intid);
            WRITE_SYSREG(icc_eoir1_el1, intid);
            if (mode == 1U) {
                WRITE_SYSREG(icc_dir_el1, intid);
            }
        }
    }
    WRITE_SYSREG(icc_ctlr_el1, 0);
    barrier();
    fact_number(self, "ended", 2048);
}
