/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts end to end: device lines, timers and SGIs, through the real exits, on many interleavings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/board.h"
#include "hv/sysreg_enc.h"
#include "sim/gic.h"
#include "system.h"

/* Frames of the virtual GICv3 (IHI 0069H 12.8, 12.10); GICR of vCPU n at + n * 128 KiB, its SGI frame 64 KiB up. A GICv2
 * has the private registers of whoever accesses in the distributor (IHI 0048B 4.1.4). */
#define GICD            0x08000000ULL
#define GICD_CTLR       0x0000U
#define GICD_IGROUPR    0x0080U
#define GICD_ISENABLER  0x0100U
#define GICD_IPRIORITYR 0x0400U
#define GICD_IROUTER    0x6000U
#define GICD_ITARGETSR  0x0800U
#define GICD_SGIR       0x0f00U
#define GICV2           (board.irqc == PLAN_IRQC_GICV2)
#define GICR_SGI(vcpu)  (GICV2 ? GICD : 0x080b0000ULL + ((vcpu) * 0x20000ULL))
#define ICC_SGI1R_EL1   SYSREG_ENC(3, 0, 12, 11, 5)

#define LINE_ONE 33U /* VM one's, level */
#define LINE_TWO 40U /* VM two's, edge */
#define VTIMER   27U
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

static void spi_on(struct sim_guest *g, uint32_t intid)
{
    put32(g, GICD + GICD_IGROUPR + (intid / 32U * 4U), GICV2 ? 0U : 0xffffffff);
    put32(g, GICD + GICD_IPRIORITYR + (intid / 4U * 4U), 0x80808080);
    if (GICV2) {
        sim_expect(sim_guest_write(g, GICD + GICD_ITARGETSR + intid, 1, 1) == SIM_OK);
    } else {
        sim_expect(sim_guest_write(g, GICD + GICD_IROUTER + (intid * 8U), 8, 0) == SIM_OK);
    }
    put32(g, GICD + GICD_ISENABLER + (intid / 32U * 4U), 1U << (intid % 32U));
}

static uint32_t wait_ack(struct sim_guest *g)
{
    sim_guest_wfi(g);
    uint32_t intid = sim_guest_ack(g);
    sim_expect(intid != 1023U);
    return intid;
}

/* VM two raises VM one's level line, as a device would, and waits until VM one has seen to it. */
static unsigned served, raised;

static void serves_device(struct sim_guest *g)
{
    gic_on(g, 0);
    spi_on(g, LINE_ONE);
    raised = 1;
    sim_line(LINE_ONE, true);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_expect(wait_ack(g) == LINE_ONE);
        served++;
        if (i + 1U == COUNT) {
            sim_line(LINE_ONE, false); /* until then the level stays, and comes again after each end of interrupt */
        }
        sim_guest_eoi(g, LINE_ONE);
    }
    sim_guest_step(g);
    sim_expect(sim_guest_ack(g) == 1023U);
    guest_power_off(g);
}

static void serves_edges(struct sim_guest *g)
{
    gic_on(g, 0);
    spi_on(g, LINE_TWO);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_line(LINE_TWO, true);
        sim_line(LINE_TWO, false);
        sim_expect(wait_ack(g) == LINE_TWO);
        sim_guest_eoi(g, LINE_TWO);
    }
    sim_expect(sim_guest_ack(g) == 1023U);
    guest_power_off(g);
}

static void devices(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U);
    system_install(&s);
    sim_guest_script(0, serves_device, NULL);
    sim_guest_script(1, serves_edges, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(served == COUNT);
}

/* WALL-IRQ-3 */
static void device_interrupts_reach_their_vm_each_time(void **state)
{
    (void)state;
    run_on_seeds(devices, 16);
}

static void ticks(struct sim_guest *g)
{
    gic_on(g, 0);
    put32(g, GICR_SGI(0) + GICD_ISENABLER, 1U << VTIMER);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_guest_timer(g, 300);
        sim_expect(wait_ack(g) == VTIMER);
        sim_guest_timer(g, 0);
        sim_guest_eoi(g, VTIMER);
    }
    *(unsigned *)g->user += 1U;
    guest_power_off(g);
}

static void timers(void *arg)
{
    struct system s;
    unsigned done = 0;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, ticks, &done);
    sim_guest_script(1, ticks, &done);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(done == 2U);
}

/* WALL-TIME-1 */
static void every_timer_tick_is_delivered(void **state)
{
    (void)state;
    run_on_seeds(timers, 12);
}

#define PING 3U
#define PONG 5U

static void sgi(struct sim_guest *g, uint32_t intid, uint32_t target)
{
    if (GICV2) {
        put32(g, GICD + GICD_SGIR, 1U << (16U + target) | intid);
        return;
    }
    sim_expect(sim_guest_msr(g, ICC_SGI1R_EL1, (uint64_t)intid << 24 | 1ULL << target) == SIM_OK);
}

static void answers(struct sim_guest *g)
{
    gic_on(g, 1);
    sgi(g, PONG, 0); /* ready */
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t token = wait_ack(g);
        sim_expect(token == PING); /* on a GICv2 with its source, vCPU 0 */
        sim_guest_eoi(g, token);
        sgi(g, PONG, 0);
    }
    (void)sim_guest_hvc(g, PSCI_CPU_OFF, 0, 0, 0);
    sim_fail("CPU_OFF returned");
}

static void asks(struct sim_guest *g)
{
    gic_on(g, 0);
    sim_expect(sim_guest_hvc(g, PSCI_CPU_ON, 1, 0x40000000, 0) == 0U);
    uint32_t pong = PONG | (GICV2 ? 1U << 10 : 0U); /* from vCPU 1 */
    sim_expect(wait_ack(g) == pong);
    sim_guest_eoi(g, pong);
    for (unsigned i = 0; i < COUNT; i++) {
        sgi(g, PING, 1);
        sim_expect(wait_ack(g) == pong);
        sim_guest_eoi(g, pong);
    }
    sgi(g, 7, 0); /* to itself */
    sim_expect(wait_ack(g) == 7U);
    sim_guest_eoi(g, 7);
    guest_power_off(g);
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

static void sgis(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U);
    system_install(&s);
    sim_guest_script(0, asks, NULL);
    sim_guest_script(2, answers, NULL);
    sim_guest_script(1, shouts, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-2 */
static void sgis_go_between_the_vcpus_of_one_vm_and_no_further(void **state)
{
    (void)state;
    run_on_seeds(sgis, 20);
}

static void takes_anothers_irq(struct sim_guest *g)
{
    gic_on(g, 0);
    spi_on(g, LINE_ONE);
    sim_line(LINE_ONE, true);
    for (unsigned i = 0; i < 100U; i++) {
        sim_expect(sim_guest_ack(g) == 1023U);
    }
    sim_line(LINE_ONE, false);
    guest_power_off(g);
}

static void foreign(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, takes_anothers_irq, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-1 */
static void a_guest_cannot_enable_an_interrupt_of_another_vm(void **state)
{
    (void)state;
    run_on_seeds(foreign, 6);
}

/* Ends with its interrupt in every state: the physical interrupt must be quiet afterwards. */
static void dies_with_irq(struct sim_guest *g)
{
    gic_on(g, 0);
    spi_on(g, LINE_ONE);
    sim_line(LINE_ONE, true);
    if (sim_random() % 2U == 0U) {
        (void)wait_ack(g);
    }
    guest_power_off(g);
}

static void works_on(struct sim_guest *g)
{
    gic_on(g, 0);
    for (unsigned i = 0; i < 300U; i++) {
        sim_guest_step(g);
    }
    guest_power_off(g);
}

static void dying(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, dies_with_irq, NULL);
    sim_guest_script(1, works_on, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect((arch_ops.irqc.get(IRQC_ENABLE, 0, 1) & 2U) == 0U);
    sim_expect((arch_ops.irqc.get(IRQC_ACTIVE, 0, 1) & 2U) == 0U);
}

/* WALL-IRQ-4 */
static void a_vm_that_ends_leaves_its_interrupts_disabled_and_inactive(void **state)
{
    (void)state;
    run_on_seeds(dying, 12);
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
        cmocka_unit_test(device_interrupts_reach_their_vm_each_time),
        cmocka_unit_test(every_timer_tick_is_delivered),
        cmocka_unit_test(sgis_go_between_the_vcpus_of_one_vm_and_no_further),
        cmocka_unit_test(a_guest_cannot_enable_an_interrupt_of_another_vm),
        cmocka_unit_test(a_vm_that_ends_leaves_its_interrupts_disabled_and_inactive),
        cmocka_unit_test(the_trigger_of_an_interrupt_is_its_vms_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
