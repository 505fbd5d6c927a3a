/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of the virtual GICv3 (IHI 0069H 12.8, 12.10); GICR of vCPU n at + n * 128 KiB, its SGI frame 64 KiB up. A
 * GICv2 has
 * the private registers of whoever accesses in the distributor (IHI 0048B 4.1.4), and is used with what there is at
 * reset,
 * group 0.
 */
#include "guest_irq.h"

#include "hv/board.h"
#include "hv/sysreg_enc.h"

#define GICD            0x08000000ULL
#define GICD_CTLR       0x0000U
#define GICD_IGROUPR    0x0080U
#define GICD_ISENABLER  0x0100U
#define GICD_IPRIORITYR 0x0400U
#define GICD_ITARGETSR  0x0800U
#define GICD_ICFGR      0x0c00U
#define GICD_SGIR       0x0f00U
#define GICD_IROUTER    0x6000U
#define GICV2           (board.irqc == PLAN_IRQC_GICV2)
#define GICR_SGI(vcpu)  (GICV2 ? GICD : 0x080b0000ULL + ((vcpu) * 0x20000ULL))
#define ICC_SGI1R_EL1   SYSREG_ENC(3, 0, 12, 11, 5)
#define SGI             3U
#define VTIMER          27U

const uint32_t guest_timer_irq = VTIMER;
const uint32_t guest_ipi = SGI;

static uint32_t token[SIM_MAX_CPUS]; /* acknowledged last; on a GICv2 with the source of an SGI */

void guest_irq_on(struct sim_guest *g, unsigned vcpu)
{
    guest_put32(g, GICD + GICD_CTLR, GICV2 ? 1U : 0x12U); /* EnableGrp1A, ARE_NS */
    if (!GICV2) {
        guest_put32(g, GICR_SGI(vcpu) + GICD_IGROUPR, 0xffffffff);
    }
    guest_put32(g, GICR_SGI(vcpu) + GICD_ISENABLER, 0xffffU | 1U << VTIMER);
    sim_guest_gic_enable(g);
}

static void set_trigger(struct sim_guest *g, uint32_t intid, bool edge)
{
    uint64_t reg = GICD + GICD_ICFGR + (intid / 16U * 4U);
    uint32_t field = 2U << (2U * (intid % 16U));
    uint32_t old = guest_get32(g, reg);
    guest_put32(g, reg, edge ? old | field : old & ~field);
}

void guest_line_on(struct sim_guest *g, uint32_t intid, unsigned vcpu, bool edge)
{
    set_trigger(g, intid, edge);
    guest_put32(g, GICD + GICD_IGROUPR + (intid / 32U * 4U), GICV2 ? 0U : 0xffffffffU);
    guest_put32(g, GICD + GICD_IPRIORITYR + (intid / 4U * 4U), 0x80808080);
    if (GICV2) {
        sim_expect(sim_guest_write(g, GICD + GICD_ITARGETSR + intid, 1, 1ULL << vcpu) == SIM_OK);
    } else {
        sim_expect(sim_guest_write(g, GICD + GICD_IROUTER + (intid * 8U), 8, vcpu) == SIM_OK);
    }
    guest_put32(g, GICD + GICD_ISENABLER + (intid / 32U * 4U), 1U << (intid % 32U));
}

uint32_t guest_irq_ack(struct sim_guest *g)
{
    token[g->cpu] = sim_guest_ack(g);
    return token[g->cpu] & 0x3ffU;
}

void guest_irq_end(struct sim_guest *g)
{
    sim_guest_eoi(g, token[g->cpu]);
}

void guest_send_ipi(struct sim_guest *g, unsigned vcpu)
{
    if (GICV2) {
        guest_put32(g, GICD + GICD_SGIR, 1U << (16U + vcpu) | SGI);
    } else {
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, (uint64_t)SGI << 24 | 1ULL << vcpu) == SIM_OK);
    }
}
