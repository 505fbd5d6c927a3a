/* SPDX-License-Identifier: Apache-2.0 */
/* What is a GIC's alone: SGIs to many targets, and triggers, whose registers VMs share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/board.h"
#include "hv/sysreg_enc.h"
#include "sim/armv8/gic.h"
#include "system.h"

/* Frames of the virtual GICv3 (IHI 0069H 12.8, 12.10); GICR of vCPU n at + n * 128 KiB, its SGI frame 64 KiB up. A
 * GICv2
 * has the private registers of whoever accesses in the distributor (IHI 0048B 4.1.4). */
#define GICD            0x08000000ULL
#define GICD_CTLR       0x0000U
#define GICD_IGROUPR    0x0080U
#define GICD_ISENABLER  0x0100U
#define GICD_SGIR       0x0f00U
#define GICV2           (board.irqc == PLAN_IRQC_GICV2)
#define GICR_SGI(vcpu)  (GICV2 ? GICD : 0x080b0000ULL + ((vcpu) * 0x20000ULL))
#define ICC_SGI1R_EL1   SYSREG_ENC(3, 0, 12, 11, 5)

#define LINE_ONE 33U /* VM one's, level */
#define LINE_TWO 40U /* VM two's, edge */
#define COUNT    12U

static void put32(struct sim_guest *g, uint64_t ipa, uint32_t v)
{
    sim_expect(sim_guest_write(g, ipa, 4, v) == SIM_OK);
}

/* What a kernel does at start: distributor on, everything group 1; on a GICv2 what there is at reset, group 0. */
static void gic_on(struct sim_guest *g, unsigned vcpu)
{
    if (GICV2) {
        put32(g, GICD + GICD_CTLR, 1);
        put32(g, GICD + GICD_ISENABLER, 0xffff);
        sim_guest_gic_enable(g);
        return;
    }
    put32(g, GICD + GICD_CTLR, 0x12); /* EnableGrp1A, ARE_NS */
    put32(g, GICR_SGI(vcpu) + GICD_IGROUPR, 0xffffffff);
    put32(g, GICR_SGI(vcpu) + GICD_ISENABLER, 0xffff);
    sim_guest_gic_enable(g);
}

/* Sends SGIs to all and to vCPUs that do not exist: nothing may come of it outside its own VM. */
static void shouts(struct sim_guest *g)
{
    gic_on(g, 0);
    for (unsigned i = 0; GICV2 && i < COUNT; i++) {
        put32(g, GICD + GICD_SGIR, 1U << 24 | 9U);   /* all but self */
        put32(g, GICD + GICD_SGIR, 0xfeU << 16 | 9U);
        put32(g, GICD + GICD_SGIR, 3U << 24 | 0xffU << 16 | 9U);
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, 1ULL << 40 | 9ULL << 24) == SIM_UNDEF);
    }
    for (unsigned i = 0; !GICV2 && i < COUNT; i++) {
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, 1ULL << 40 | 9ULL << 24) == SIM_OK); /* all but self */
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, 9ULL << 24 | 0xfffeU) == SIM_OK);
        sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, 0xffULL << 48 | 9ULL << 24 | 0xffffU) == SIM_OK);
    }
    sim_expect(sim_guest_ack(g) == 1023U);
    guest_power_off(g);
}

static void hears_nothing(struct sim_guest *g)
{
    gic_on(g, 0);
    for (unsigned i = 0; i < 10U * COUNT; i++) {
        sim_expect(sim_guest_ack(g) == 1023U);
    }
    guest_power_off(g);
}

static void shouting(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U);
    system_install(&s);
    sim_guest_script(0, hears_nothing, NULL);
    sim_guest_script(1, shouts, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-2 */
static void sgis_to_all_and_to_nobody_reach_no_other_vm(void **state)
{
    (void)state;
    run_on_seeds(shouting, 10);
}

/* Two VMs' lines share a trigger register of the physical controller; neither may undo the other's setting. */
#define GICD_ICFGR 0x0c00U
#define TOGGLES    8U

static void toggles_trigger(struct sim_guest *g, uint32_t intid)
{
    uint32_t field = 2U << (2U * (intid % 16U));
    for (unsigned i = 0; i < TOGGLES; i++) {
        bool edge = i % 2U == 0U;
        put32(g, GICD + GICD_ICFGR + (intid / 16U * 4U), edge ? field : 0U);
        sim_expect(((sim_gic_edges(0, intid / 32U) >> (intid % 32U)) & 1U) == (edge ? 1U : 0U));
    }
    guest_power_off(g);
}

static void one_toggles(struct sim_guest *g)
{
    toggles_trigger(g, LINE_ONE);
}

static void two_toggles(struct sim_guest *g)
{
    toggles_trigger(g, LINE_TWO);
}

static void run_toggles(void *seed)
{
    struct system s;
    system_prepare(&s, SEED(seed));
    system_install(&s);
    sim_guest_script(0, one_toggles, NULL);
    sim_guest_script(1, two_toggles, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-1 */
static void the_trigger_of_an_interrupt_is_its_vms_alone(void **state)
{
    (void)state;
    run_on_seeds(run_toggles, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgis_to_all_and_to_nobody_reach_no_other_vm),
        cmocka_unit_test(the_trigger_of_an_interrupt_is_its_vms_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
