/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of exits, as guests read them while siblings and another VM go on counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "exits_isa.h"
#include "system.h"

#define HYPERCALL 1U /* of the numbers of hv/core/exits.h */
#define FAULT     4U
#define REASONS   9U
#define FLAG      0x40001000ULL /* in the RAM of VM one: what vCPU 1 has counted when it is through */
#define START     0x40002000ULL
#define CALLS     20U

static uint64_t count(struct sim_guest *g, uint64_t vcpu, uint64_t reason)
{
    uint64_t n = 0;
    sim_expect(guest_exits(g, vcpu, reason, &n) == 0);
    return n;
}

/* To the exit: the calls that ask are in what they are told. */
static void counts_itself(struct sim_guest *g)
{
    uint64_t before = count(g, 0, HYPERCALL);
    uint64_t faults = count(g, 0, FAULT);
    for (unsigned i = 0; i < CALLS; i++) {
        guest_null_call(g);
    }
    sim_expect(count(g, 0, HYPERCALL) == before + CALLS + 2U);
    sim_expect(count(g, 0, FAULT) == faults);
    sim_expect(sim_guest_fetch(g, 0x0) == SIM_INSN_ABORT);
    sim_expect(count(g, 0, FAULT) == faults + 1U);
    sim_expect(guest_exit_reasons(g) == REASONS);
}

static void second_counts(struct sim_guest *g)
{
    for (unsigned i = 0; i < CALLS; i++) {
        guest_null_call(g);
    }
    sim_expect(sim_guest_write(g, FLAG, 8, count(g, 1, HYPERCALL)) == SIM_OK);
    for (;;) {
        sim_guest_step(g);
    }
}

static void first_watches(struct sim_guest *g)
{
    uint64_t seen = 0;
    uint64_t last = 0;
    uint64_t n = 0;
    sim_expect(count(g, 0, HYPERCALL) == 1U); /* this one: a life begins at none */
    sim_expect(count(g, 1, HYPERCALL) == 0U);
    counts_itself(g);
    sim_expect(sim_guest_start_vcpu(g, 1, START, 0) == 0);
    for (unsigned i = 0; i < 5000U && seen == 0U; i++) {
        sim_expect(sim_guest_read(g, FLAG, 8, &seen) == SIM_OK);
        n = count(g, 1, HYPERCALL);
        sim_expect(n >= last && n <= CALLS + 1U);
        last = n;
    }
    sim_expect(seen == CALLS + 1U && count(g, 1, HYPERCALL) == seen);
    guest_power_off(g);
}

/* Another VM, of one vCPU, beside all that. */
static void other_tries(struct sim_guest *g)
{
    static const uint64_t none[] = { 1, 2, 7, 8, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL };
    static const uint64_t reasons[] = { REASONS, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL };
    uint64_t calls = 0;
    uint64_t n = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(none); i++) {
        for (uint64_t reason = 0; reason <= REASONS; reason++) {
            sim_expect(guest_exits(g, none[i], reason, &n) == NO_SUCH_VCPU);
            calls++;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(reasons); i++) {
        sim_expect(guest_exits(g, 0, reasons[i], &n) == NO_SUCH_REASON);
        calls++;
    }
    sim_expect(count(g, 0, HYPERCALL) == calls + 1U); /* its own, and nobody else's */
    guest_power_off(g);
}

static void counting(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, first_watches, NULL);
    sim_guest_script(2, second_counts, NULL);
    sim_guest_script(1, other_tries, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("vm one: powered off");
    expect_console("vm two: powered off");
}

/* WALL-FW-5 */
static void a_vm_reads_the_counts_of_its_own_vcpus_exactly_and_no_others(void **state)
{
    (void)state;
    run_on_seeds(counting, 20);
}

/* Some calls, and then a fault that it cannot take. */
static void crashes(struct sim_guest *g)
{
    for (unsigned i = 0; i < CALLS; i++) {
        guest_null_call(g);
    }
    for (unsigned i = 0; i < 10U; i++) {
        g->regs->pc = 0x200; /* where the model puts the vector of a guest that set none */
        (void)sim_guest_fetch(g, 0x200);
    }
    sim_fail("the guest did not stop");
}

static void crash(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, crashes, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("vm two: stopped: fault: vcpu 0");
    expect_console("vm two: vcpu 0 exits: hypercall 20 fault 2\r\n");
    sim_expect(count_console("exits:") == 1U);
}

static void the_report_of_a_crash_tells_the_exits(void **state)
{
    (void)state;
    run_on_seeds(crash, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vm_reads_the_counts_of_its_own_vcpus_exactly_and_no_others),
        cmocka_unit_test(the_report_of_a_crash_tells_the_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
