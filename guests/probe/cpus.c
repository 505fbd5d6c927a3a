/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs that come and go, and the end of the guest. */
#include "probe.h"

void (*volatile secondary_work)(uint64_t arg);

static volatile uint64_t alive;
static volatile uint64_t release;

unsigned other_cpu(void)
{
    return cpu_id() == 0U ? 1U : 0U; /* without a hypervisor firmware may begin on any */
}

bool wait_state(unsigned cpu, enum cpu_state state)
{
    uint64_t end = timer_now() + 20U * (uint64_t)timer_freq();
    while (cpu_state(cpu) != (int64_t)state) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}

static void come_and_go(uint64_t arg)
{
    alive = arg;
    barrier();
    (void)wait_for(&release, arg);
}

/* The other CPU on, seen on, refused a second time, off, seen off; and all of it again. */
void test_cpuon(void)
{
    unsigned other = other_cpu();
    secondary_work = come_and_go;
    report_number("cpuon", "state before", cpu_state(other));
    for (uint64_t round = 1; round <= 3U; round++) {
        barrier();
        report_number("cpuon", "CPU_ON", cpu_start(other, round));
        report_number("cpuon", "came alive", wait_for(&alive, round) ? 1 : 0);
        report_number("cpuon", "state", cpu_state(other));
        report_number("cpuon", "CPU_ON again", cpu_start(other, 0));
        release = round;
        barrier();
        report_number("cpuon", "went off", wait_state(other, CPU_STATE_OFF) ? 1 : 0);
    }
}

void test_off(void)
{
    print("probe: off: now\n");
    report_number("off", "SYSTEM_OFF returned", system_off());
}

void test_reset(void)
{
    print("probe: reset: now\n");
    report_number("reset", "SYSTEM_RESET returned", system_reset());
}

/* Never ends: a busy neighbour. */
void test_spin(void)
{
    print("probe: spin: now\n");
    irq_off();
    while (true) {
        barrier();
    }
}
