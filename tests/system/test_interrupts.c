/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts end to end: device lines, timers and SGIs, through the real exits, on many interleavings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "guest_irq.h"
#include "hv/arch_ops.h"

#define LINE_ONE 33U /* VM one's, level */
#define LINE_TWO 40U /* VM two's, edge */
#define COUNT    12U

/* VM two raises VM one's level line, as a device would, and waits until VM one has seen to it. */
static unsigned served, raised;

static void serves_device(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    guest_line_on(g, LINE_ONE, 0, false);
    raised = 1;
    sim_line(LINE_ONE, true);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_expect(guest_irq_wait(g) == LINE_ONE);
        served++;
        if (i + 1U == COUNT) {
            sim_line(LINE_ONE, false); /* until then the level stays, and comes again after each end of interrupt */
        }
        guest_irq_end(g);
    }
    sim_guest_step(g);
    sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
    guest_power_off(g);
}

static void serves_edges(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    guest_line_on(g, LINE_TWO, 0, true);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_line(LINE_TWO, true);
        sim_line(LINE_TWO, false);
        sim_expect(guest_irq_wait(g) == LINE_TWO);
        guest_irq_end(g);
    }
    sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
    guest_power_off(g);
}

static void devices(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U); /* on Armv8 */
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
    guest_irq_on(g, 0);
    for (unsigned i = 0; i < COUNT; i++) {
        sim_guest_timer(g, 300);
        sim_expect(guest_irq_wait(g) == guest_timer_irq);
        sim_guest_timer(g, 0);
        guest_irq_end(g);
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

static void answers(struct sim_guest *g)
{
    guest_irq_on(g, 1);
    guest_send_ipi(g, 0); /* ready */
    for (unsigned i = 0; i < COUNT; i++) {
        sim_expect(guest_irq_wait(g) == guest_ipi);
        guest_irq_end(g);
        guest_send_ipi(g, 0);
    }
    sim_guest_stop_vcpu(g);
    sim_fail("the call to stop returned");
}

static void asks(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    sim_expect(sim_guest_start_vcpu(g, 1, 0x40000000, 0) == 0);
    sim_expect(guest_irq_wait(g) == guest_ipi);
    guest_irq_end(g);
    for (unsigned i = 0; i < COUNT; i++) {
        guest_send_ipi(g, 1);
        sim_expect(guest_irq_wait(g) == guest_ipi);
        guest_irq_end(g);
    }
    guest_send_ipi(g, 0); /* to itself */
    sim_expect(guest_irq_wait(g) == guest_ipi);
    guest_irq_end(g);
    guest_power_off(g);
}

static void hears_nothing(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    for (unsigned i = 0; i < 20U * COUNT; i++) {
        sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
    }
    guest_power_off(g);
}

static void ipis(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U); /* on Armv8 */
    system_install(&s);
    sim_guest_script(0, asks, NULL);
    sim_guest_script(2, answers, NULL);
    sim_guest_script(1, hears_nothing, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-2 */
static void ipis_go_between_the_vcpus_of_one_vm_and_no_further(void **state)
{
    (void)state;
    run_on_seeds(ipis, 20);
}

static void takes_anothers_irq(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    guest_line_on(g, LINE_ONE, 0, false);
    sim_line(LINE_ONE, true);
    for (unsigned i = 0; i < 100U; i++) {
        sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
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
    guest_irq_on(g, 0);
    guest_line_on(g, LINE_ONE, 0, false);
    sim_line(LINE_ONE, true);
    if (sim_random() % 2U == 0U) {
        (void)guest_irq_wait(g);
    }
    guest_power_off(g);
}

static void works_on(struct sim_guest *g)
{
    guest_irq_on(g, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_interrupts_reach_their_vm_each_time),
        cmocka_unit_test(every_timer_tick_is_delivered),
        cmocka_unit_test(ipis_go_between_the_vcpus_of_one_vm_and_no_further),
        cmocka_unit_test(a_guest_cannot_enable_an_interrupt_of_another_vm),
        cmocka_unit_test(a_vm_that_ends_leaves_its_interrupts_disabled_and_inactive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
