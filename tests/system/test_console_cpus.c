/* SPDX-License-Identifier: Apache-2.0 */
/* The CPUs behind the shared console: a VM that hands over from one vCPU to another still hears what is typed; vCPUs
 * that
 * interrupt each other without end keep the CPU that serves it neither from its timer nor from the UART. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "console_guest.h"
#include "core/console.h"
#include "hv/arch_ops.h"

#define HANDLER 0x40000000ULL /* where a vCPU is started; the simulated guest has no code */

static char heard[64];

/* The UART's interrupt is vCPU 1's; a key comes somewhere between CPU_ON and CPU_OFF. */
static void hands_over(struct sim_guest *g)
{
    uart_on(g);
    guest_irq_on(g, 0);
    guest_line_on(g, LINE, 1, false);
    uart_listen(g);
    (void)sim_guest_start_vcpu(g, 1, HANDLER, 0);
    sim_type("k");
    sim_guest_stop_vcpu(g);
}

static void takes_over(struct sim_guest *g)
{
    guest_irq_on(g, 1);
    read_keys(g, heard, "k");
    guest_power_off(g);
}

/* WALL-CON-2 */
static void hand_over(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    system_install(&s);
    sim_guest_script(0, hands_over, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_guest_script(2, takes_over, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void a_key_typed_while_one_vcpu_hands_over_to_another_is_heard(void **state)
{
    (void)state;
    run_on_seeds(hand_over, 60);
}

/* VM one has all CPUs but VM two's; its first vCPU is on the CPU that serves the console, the six others send it
 * IPIs. */
#define STORMERS 6U
#define VICTIM_LINES 100U
#define FREQ         15625000U
#define PERIOD       (FREQ / 1000U * CONSOLE_PERIOD_MS)

static bool storm, done;
static unsigned long ipis;
static uint64_t due, worst;
static void (*real_alarm)(uint64_t);

static uint32_t slow(void)
{
    return FREQ;
}

/* How late the serving CPU is for its own timer: each service sets the alarm anew. */
static void watch_alarm(uint64_t when)
{
    uint64_t now = sim_now();
    if (due != 0U && now > due && now - due > worst) {
        worst = now - due;
    }
    due = when == TIMER_NO_ALARM ? 0U : when;
    real_alarm(when);
}

static void storms(struct sim_guest *g)
{
    while (!done) {
        if (storm) {
            guest_send_ipi(g, 0);
            ipis++;
        } else {
            sim_guest_step(g);
        }
    }
    guest_power_off(g);
}

static void is_stormed(struct sim_guest *g)
{
    for (unsigned i = 1; i <= STORMERS; i++) {
        (void)sim_guest_start_vcpu(g, i, HANDLER, 0);
    }
    while (!done) {
        sim_guest_step(g);
    }
    guest_power_off(g);
}

static void prints_on(struct sim_guest *g)
{
    for (unsigned i = 0; i < 200U; i++) {
        sim_guest_step(g);
    }
    ipis = 0;
    for (unsigned i = 0; i < VICTIM_LINES; i++) { /* two or three a period */
        uint64_t next = sim_now() + PERIOD * 2U / 5U;
        print(g, "line of the victim which has some fifty-nine characters...\n");
        while (sim_now() < next) {
            sim_guest_step(g);
        }
    }
    unsigned out = count_console("[two] line of the victim which has some fifty-nine characters...\r\n");
    if (storm && ipis < 20U * VICTIM_LINES) {
        sim_fail("%lu IPIs are no storm", ipis);
    }
    if (out + 10U < VICTIM_LINES || worst > PERIOD) {
        sim_fail("%u of %u lines are out; the timer was served up to %lu ticks late", out, VICTIM_LINES,
                 (unsigned long)worst);
    }
    done = true;
    guest_power_off(g);
}

/* WALL-CON-1 WALL-IRQ-5 */
static void under_storm(void *arg)
{
    struct system s;
    prepare(&s, 1, 0);
    storm = arg != NULL;
    s.machine.nr_cpus = STORMERS + 2U;
    s.machine.uart_rate = 0;
    s.plan.p.cpus.count = STORMERS + 2U;
    if (board.irqc == PLAN_IRQC_GICV3) {
        s.plan.p.irqc_size[1] = 0x100000U; /* a redistributor for each */
    }
    s.plan.vms[0].nr_vcpus = STORMERS + 1U;
    for (unsigned i = 0; i < STORMERS + 2U; i++) {
        s.plan.cpus[i].hw_id = i;
    }
    for (unsigned i = 1; i <= STORMERS; i++) {
        s.plan.vms[0].cpus[i] = i + 1U;
    }
    plan_fixture_seal(&s.plan);
    system_install(&s);
    real_alarm = arch_ops.timer.alarm;
    arch_ops.timer.alarm = watch_alarm;
    arch_ops.timer.freq = slow;
    for (unsigned i = 2; i < STORMERS + 2U; i++) {
        sim_guest_script(i, storms, NULL);
    }
    sim_guest_script(0, is_stormed, NULL);
    sim_guest_script(1, prints_on, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void vcpus_that_interrupt_the_serving_cpu_without_end_stop_no_output(void **state)
{
    (void)state;
    run_in_child(under_storm, NULL);
    run_in_child(under_storm, (void *)1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_typed_while_one_vcpu_hands_over_to_another_is_heard),
        cmocka_unit_test(vcpus_that_interrupt_the_serving_cpu_without_end_stop_no_output),
    };
    return cmocka_run_group_tests_name("console_cpus", tests, NULL, NULL);
}
