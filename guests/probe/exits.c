/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor says of how often vCPUs left their guest, and why. */
#include "probe.h"

#define CALLS   100U
#define FAULTS  7U
#define REASONS 16U

/* On CPU 1, which is then off for good: its counts stand still. */
static void count_some(uint64_t nowhere)
{
    for (unsigned i = 0; i < CALLS; i++) {
        hypercall_null();
    }
    for (unsigned i = 0; i < FAULTS; i++) {
        (void)try_read(nowhere, 4);
    }
}

/* Tells its own counts and those of CPU 1, then waits for a key, so that they can be looked at from outside. */
void test_exits(void)
{
    int64_t first = exit_count(0, EXIT_REASON_HYPERCALL);
    for (unsigned i = 0; i < CALLS; i++) {
        hypercall_null();
    }
    report_number("exits", "more after 100 null calls and this one", exit_count(0, EXIT_REASON_HYPERCALL) - first);
    secondary_work = count_some;
    barrier();
    report_number("exits", "CPU_ON", cpu_start(1, bootarg_number("nowhere", 0)));
    report_number("exits", "went off", wait_state(1, CPU_STATE_OFF) ? 1 : 0);
    uint64_t reasons = (uint64_t)exit_reasons();
    report_number("exits", "reasons", (int64_t)reasons);
    for (uint64_t r = 0; r < reasons && r < REASONS; r++) {
        print("probe: exits: reason %lu = %lu\n", r, (uint64_t)exit_count(1, r));
    }
    report_number("exits", "no such reason", exit_count(1, reasons));
    report_number("exits", "no such vCPU", exit_count(2, 0));
    print("probe: exits: waiting\n");
    while (uart_getc() < 0) {
        barrier();
    }
}
