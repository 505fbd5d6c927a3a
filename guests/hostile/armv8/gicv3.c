/* SPDX-License-Identifier: Apache-2.0 */
/* What a GICv3 alone has (IHI 0069H): redistributors, routes by affinity, the system registers of SGIs and of the CPU
 * interface. */
#include "gic_attacks.h"

#define GICR 0x20000U

void attack_gicr_sweep(const struct attack *self)
{
    if (gic_ready(self)) {
        gic_sweep(self, gic_redist_base(), GICR);
        gic_calm();
    }
}

void attack_gicr_widths(const struct attack *self)
{
    if (gic_ready(self)) {
        gic_widths(self, gic_redist_base(), GICR);
        gic_calm();
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

void attack_spi_route(const struct attack *self)
{
    uint64_t d = gic_dist_base();
    if (!gic_ready(self)) {
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
    gic_calm();
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
    gic_calm();
    fact_number(self, "sent", sent);
}

void attack_sgi_broadcast(const struct attack *self)
{
    for (uint64_t i = 0; i < 1000U; i++) {
        WRITE_SYSREG(icc_sgi1r_el1, (i % 16U) << 24 | 1ULL << 40 | (draw() & 0xffffU));
    }
    gic_calm();
    fact_number(self, "sent", 1000);
}

/* Ends and deactivates interrupts that it never had. */
void attack_icc_end(const struct attack *self)
{
    if (!gic_ready(self)) {
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
