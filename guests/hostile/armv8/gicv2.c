/* SPDX-License-Identifier: Apache-2.0 */
/* What a GICv2 alone has (IHI 0048B): targets, SGIs by register and by source, and the CPU interface in memory. */
#include "gic_attacks.h"

#define GICD_ITARGETSR 0x800U
#define GICD_SGIR      0xf00U
#define GICC_CTLR      0x000U
#define GICC_EOIR      0x010U
#define GICC_AEOIR     0x024U
#define GICC_APR       0x0d0U
#define GICC_DIR       0x1000U
#define CTLR_ENABLE    1U
#define CTLR_EOIMODE   (1U << 9)

/* Every SPI at every CPU interface, by the byte and by the word (4.3.12). */
void attack_spi_targets(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    uint64_t targets = gic_dist_base() + GICD_ITARGETSR;
    for (uint32_t intid = 32; intid < 1020U; intid++) {
        for (uint32_t cpu = 0; cpu < 9U; cpu++) {
            (void)try_write(targets + intid, 1, cpu < 8U ? 1U << cpu : 0xffU);
            (void)try_write(targets + (intid & ~3U), 4, cpu < 8U ? 0x01010101U << cpu : 0xffffffffU);
            struct outcome r = try_read(targets + intid, 1);
            if (r.faulted || r.value != 0U) {
                fact(self, "targets of", intid, r);
            }
        }
        (void)try_write(targets + intid, 1, 1);
    }
    fact_number(self, "targets", 988);
}

/* Every interrupt, by each filter, to lists of all kinds, of either group (4.3.15). */
void attack_sgir_sweep(const struct attack *self)
{
    static const uint32_t lists[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0xfc, 0x0c, 0x00};
    int64_t sent = 0;
    if (!gic_ready(self)) {
        return;
    }
    for (uint32_t intid = 0; intid < 16U; intid++) {
        for (uint32_t filter = 0; filter < 4U; filter++) {
            for (unsigned l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
                for (uint32_t nsatt = 0; nsatt < 2U; nsatt++) {
                    mmio_write32(gic_dist_base() + GICD_SGIR, filter << 24 | lists[l] << 16 | nsatt << 15 | intid);
                    sent++;
                }
            }
        }
    }
    gic_calm();
    fact_number(self, "sent", sent);
}

/* SGIs made pending as if from every CPU interface (4.3.16, 4.3.17). */
void attack_sgi_sources(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    uint64_t d = gic_dist_base();
    for (uint32_t o = 0; o < 16U; o += 4U) {
        mmio_write32(d + GICD_SPENDSGIR + o, UINT32_MAX);
        fact(self, "sources at", GICD_SPENDSGIR + o, try_read(d + GICD_SPENDSGIR + o, 4));
    }
    for (uint32_t o = 0; o < 16U; o += 4U) {
        mmio_write32(d + GICD_CPENDSGIR + o, UINT32_MAX);
        fact(self, "left at", GICD_CPENDSGIR + o, try_read(d + GICD_CPENDSGIR + o, 4));
    }
    gic_calm();
}

/* Each word of the CPU interface, which is mapped: nothing of this is seen by the hypervisor. */
void attack_gicc_sweep(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    gic_sweep(self, gic_cpu_base(), GICC_V2_SIZE);
    for (uint32_t o = 0; o < 32U; o += 4U) {
        mmio_write32(gic_cpu_base() + GICC_APR + o, 0);
    }
    (void)irqc_init_cpu();
    gic_calm();
}

static void end(uint32_t token)
{
    mmio_write32(gic_cpu_base() + GICC_EOIR, token);
    mmio_write32(gic_cpu_base() + GICC_AEOIR, token);
    mmio_write32(gic_cpu_base() + GICC_DIR, token);
}

/* Ends and deactivates interrupts that it never had, those of SGIs from each source. */
void attack_gicc_end(const struct attack *self)
{
    if (!gic_ready(self)) {
        return;
    }
    for (uint32_t mode = 0; mode < 2U; mode++) {
        mmio_write32(gic_cpu_base() + GICC_CTLR, CTLR_ENABLE | mode * CTLR_EOIMODE);
        for (uint32_t intid = 0; intid < 1024U; intid++) {
            for (uint32_t source = 0; source < (intid < 16U ? 8U : 1U); source++) {
                end(source << 10 | intid);
            }
        }
    }
    (void)irqc_init_cpu();
    fact_number(self, "ended", 2048);
}
