/* SPDX-License-Identifier: Apache-2.0 */
/* What test_restart.c has of this ISA: what else is known of VM one, and what a guest can leave behind. */
#ifndef TESTS_RESTART_ISA_H
#define TESTS_RESTART_ISA_H

#include "hv/board.h"
#include "hv/sysreg_enc.h"
#include "sim/armv8/gic.h"
#include "vdev/vgic_state.h"

#define GICD          0x08000000ULL
#define GICV2         (board.irqc == PLAN_IRQC_GICV2)
/* GICv2: whoever accesses has its own there */
#define GICR_SGI(n)   (GICV2 ? GICD : 0x080b0000ULL + ((n) * 0x20000ULL))
#define ICC_SGI1R_EL1 SYSREG_ENC(3, 0, 12, 11, 5)
#define OSLAR_EL1     SYSREG_ENC(2, 0, 1, 0, 4)
#define OSLSR_EL1     SYSREG_ENC(2, 0, 1, 1, 4)

struct isa_snapshot {
    struct vgic vgic;
    struct vgic_cpu cpu[VM_MAX_VCPUS];
    uint32_t phys[VM_MAX_VCPUS + 1U][4]; /* owned bits: enabled, pending, active, edge; the last is the SPI word */
    unsigned route;
    uint64_t lrs[VM_MAX_VCPUS][16];
};

/* By name, so that a failure tells. */
#define ISA_SAME(SAME)                                                                                              \
    SAME(isa.vgic.vcpu);                                                                                            \
    SAME(isa.cpu);                                                                                                  \
    SAME(isa.phys);                                                                                                 \
    SAME(isa.lrs);                                                                                                  \
    SAME(isa.vgic.spi);                                                                                             \
    SAME(isa.vgic.routed);                                                                                          \
    SAME(isa.vgic.route);                                                                                           \
    SAME(isa.vgic.prio);                                                                                            \
    SAME(isa.vgic.ticket);                                                                                          \
    SAME(isa.vgic.asked);                                                                                           \
    SAME(isa.vgic.epoch);                                                                                           \
    SAME(isa.vgic);                                                                                                 \
    SAME(isa.route)

static void isa_physical(struct isa_snapshot *s, unsigned row, unsigned cpu, unsigned word, uint32_t owned)
{
    s->phys[row][0] = sim_gic_get(IRQC_ENABLE, cpu, word) & owned;
    s->phys[row][1] = sim_gic_get(IRQC_PENDING, cpu, word) & owned;
    s->phys[row][2] = sim_gic_get(IRQC_ACTIVE, cpu, word) & owned;
    s->phys[row][3] = sim_gic_edges(cpu, word) & owned;
}

/* Left out, by name: locks, which count their tickets; pending IPIs. */
static void isa_take_snapshot(struct isa_snapshot *s)
{
    memcpy(&s->vgic, &vgics[0], sizeof(s->vgic));
    memset(&s->vgic.lock, 0, sizeof(s->vgic.lock));
    s->vgic.unsilenced = 0; /* GICv2: the other vCPUs see to their private interrupts when asked, or when they start */
    for (unsigned i = 0; i < vms[0].nr_vcpus; i++) {
        unsigned cpu = vms[0].vcpus[i].cpu;

        memcpy(&s->cpu[i], &vgic_cpus[cpu], sizeof(s->cpu[i]));
        if (!GICV2 || i == 0U) {
            isa_physical(s, i, cpu, 0, vgics[0].vcpu[i].w.owned & ~VGIC_SGIS);
        }
        for (unsigned n = 0; n < sim_config()->nr_lrs; n++) {
            s->lrs[i][n] = sim_gic_read_lr(cpu, n);
        }
    }
    isa_physical(s, VM_MAX_VCPUS, 0, SPI / 32U, vgics[0].spi[SPI / 32U].owned);
    s->route = sim_gic_route_of(SPI);
}

/* Registers of the distributor's word 1 and of each redistributor: enable, pending, active, group, priority,
 * trigger. */
static void scribble(struct sim_guest *g, uint64_t frame, uint64_t word, bool trigger)
{
    guest_put32(g, frame + 0x080U + word, sim_random());
    guest_put32(g, frame + 0x400U + (word * 8U), sim_random());
    guest_put32(g, frame + 0x200U + word, sim_random());
    guest_put32(g, frame + 0x300U + word, sim_random());
    if (trigger) {
        guest_put32(g, frame + 0xc00U + (word * 2U), sim_random());
    }
    guest_put32(g, frame + 0x100U + word, sim_random());
}

/* Each start of a vCPU is a cold reset: DDI 0487 D24.3.28. */
static void isa_expect_cold(struct sim_guest *g)
{
    uint64_t v = 0;
    sim_expect(sim_guest_mrs(g, OSLSR_EL1, &v) == SIM_OK && v == 0xaU);
}

/* Leaves no register as it was. */
static void isa_dirty(struct sim_guest *g)
{
    sim_expect(sim_guest_msr(g, OSLAR_EL1, 0) == SIM_OK);
    guest_put32(g, GICD, 0x13);
    sim_guest_gic_enable(g);
    scribble(g, GICD, 4, true);
    if (GICV2) {
        sim_expect(sim_guest_write(g, GICD + 0x800U + SPI, 1, 1ULL << (sim_random() % 4U)) == SIM_OK);
        scribble(g, GICD, 0, false);
        guest_put32(g, GICD + 0xf00U, sim_random() & 0x030f000fU);
    } else {
        sim_expect(sim_guest_write(g, GICD + 0x6000U + (SPI * 8U), 8, sim_random() % 4U) == SIM_OK);
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, (sim_random() % 16U) << 24 | (sim_random() & 0xffU)) == SIM_OK);
    }
    for (unsigned i = 0; !GICV2 && i < nr_vcpus; i++) {
        scribble(g, GICR_SGI(i), 0, false);
        guest_put32(g, GICR_SGI(i) - 0x10000U + 0x14U, sim_random() & 2U); /* GICR_WAKER */
    }
}

/* Moves its interrupts about: recalls run when the VM is stopped. */
static void isa_stir(struct sim_guest *g, unsigned index)
{
    scribble(g, GICR_SGI(index), 0, false);
    scribble(g, GICD, 4, true);
}

#endif
