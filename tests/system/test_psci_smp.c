/* SPDX-License-Identifier: Apache-2.0 */
/* Power states of vCPUs and VMs, from guests, on many interleavings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/board.h"
#include "system.h"

#define FLAG   0x40001000ULL /* shared word in the RAM of VM one */
#define ACK    0x40001008ULL
#define START  0x40002000ULL /* where its second vCPU is started */
#define ROUNDS 6U

static uint64_t word(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 8, &v) == SIM_OK);
    return v;
}

static void put(struct sim_guest *g, uint64_t ipa, uint64_t v)
{
    sim_expect(sim_guest_write(g, ipa, 8, v) == SIM_OK);
}

static void second_then_off(struct sim_guest *g)
{
    sim_expect(g->pc == START + (g->starts * 4U));
    sim_expect(g->arg == 0xabc000U + g->starts);
    put(g, FLAG, g->starts);
    for (unsigned i = 0; i < 5000U && word(g, ACK) != g->starts; i++) {
    }
    (void)sim_guest_smc(g, PSCI_CPU_OFF, 0, 0, 0);
    sim_fail("CPU_OFF returned");
}

/* Starts the second vCPU again and again; each time it answers and goes off. */
static void first_starts_second(struct sim_guest *g)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        int64_t st = PSCI_ALREADY_ON;
        for (unsigned i = 0; i < 1000U && st == PSCI_ALREADY_ON; i++) {
            st = (int64_t)sim_guest_smc(g, PSCI_CPU_ON, 1, START + (round * 4U), 0xabc000U + round);
        }
        sim_expect(st == 0);
        st = (int64_t)sim_guest_hvc(g, PSCI_CPU_ON, 1, START, 0); /* at once again */
        sim_expect(st == PSCI_ALREADY_ON || st == PSCI_ON_PENDING);
        for (unsigned i = 0; i < 5000U && word(g, FLAG) != round; i++) {
        }
        sim_expect(word(g, FLAG) == round);
        put(g, ACK, round);
    }
    for (unsigned i = 0; i < 1000U && sim_guest_hvc(g, PSCI_AFFINITY_INFO, 1, 0, 0) != 1U; i++) {
    }
    sim_expect(sim_guest_hvc(g, PSCI_AFFINITY_INFO, 1, 0, 0) == 1U);
    sim_expect(sim_guest_hvc(g, PSCI_AFFINITY_INFO, 0, 0, 0) == 0U);
    guest_power_off(g);
}

static void on_off(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, first_starts_second, NULL);
    sim_guest_script(2, second_then_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("vm one: powered off");
}

static void a_vcpu_goes_on_and_off_again_and_again(void **state)
{
    (void)state;
    run_on_seeds(on_off, 20);
}

static void asks_the_impossible(struct sim_guest *g)
{
    static const struct {
        uint64_t fid, a1, a2;
        int64_t want;
    } cases[] = {
        { PSCI_CPU_ON, 0, START, PSCI_ALREADY_ON },       /* itself */
        { PSCI_CPU_ON, 2, START, PSCI_INVALID_PARAM },    /* a CPU of the board, but none of its own */
        { PSCI_CPU_ON, 0x100, START, PSCI_INVALID_PARAM },
        { PSCI_CPU_ON, ~0ULL, START, PSCI_INVALID_PARAM },
        { PSCI_AFFINITY_INFO, 2, 0, PSCI_INVALID_PARAM },
        { 0x84000099, 0, 0, -1 },
        { 0xdeadbeef, 0, 0, -1 },
        { 0, 0, 0, -1 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t got = (int64_t)sim_guest_smc(g, cases[i].fid, cases[i].a1, cases[i].a2, 0);
        if (got != cases[i].want) {
            sim_fail("call 0x%lx(0x%lx): %ld", cases[i].fid, cases[i].a1, got);
        }
    }
    sim_expect(sim_guest_smc(g, PSCI_VERSION, 0, 0, 0) >= 0x10000U);
    guest_power_off(g);
}

static void impossible(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, asks_the_impossible, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-CPU-3 */
static void a_guest_reaches_no_vcpu_but_its_own(void **state)
{
    (void)state;
    run_on_seeds(impossible, 3);
}

static void spins(struct sim_guest *g)
{
    put(g, FLAG, 1);
    for (;;) {
        sim_guest_step(g);
    }
}

static void sleeps(struct sim_guest *g)
{
    put(g, FLAG, 1);
    for (;;) {
        sim_guest_wfi(g);
    }
}

static void waits_then_ends(struct sim_guest *g)
{
    const uint32_t *how = g->user;
    sim_expect(sim_guest_hvc(g, PSCI_CPU_ON, 1, START, 0) == 0U);
    for (unsigned i = 0; i < 5000U && word(g, FLAG) != 1U; i++) {
    }
    (void)sim_guest_hvc(g, *how, 0, 0, 0);
    sim_fail("the call returned");
}

struct ending {
    uint32_t call;
    sim_guest_fn other;
    const char *line;
    uint64_t seed;
};

static void ends(void *arg)
{
    struct ending *e = arg;
    struct system s;
    system_prepare(&s, e->seed);
    system_install(&s);
    sim_guest_script(0, waits_then_ends, &e->call);
    sim_guest_script(2, e->other, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console(e->line);
    sim_expect(count_console("vm one: ") == 1U);
}

static void ending_a_vm_stops_all_its_vcpus_whatever_they_do(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8U; seed++) {
        struct ending cases[] = {
            { PSCI_SYSTEM_OFF, spins, "vm one: powered off", seed },
            { PSCI_SYSTEM_OFF, sleeps, "vm one: powered off", seed },
            { PSCI_SYSTEM_RESET, spins, "vm one: reset requested; ended", seed },
            { PSCI_SYSTEM_RESET, sleeps, "vm one: reset requested; ended", seed },
        };
        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
            run_in_child(ends, &cases[i]);
        }
    }
}

static void both_off(struct sim_guest *g)
{
    if (g->cpu == 0U) {
        sim_expect(sim_guest_hvc(g, PSCI_CPU_ON, 1, START, 0) == 0U);
    }
    (void)sim_guest_hvc(g, g->cpu == 0U ? PSCI_SYSTEM_OFF : PSCI_CPU_OFF, 0, 0, 0);
    sim_fail("the call returned");
}

static void racing_ends(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, both_off, NULL);
    sim_guest_script(2, both_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(count_console("vm one: powered off") == 1U);
    sim_expect(count_console("all VMs ended") == 1U);
}

static void a_vm_ends_once_though_its_vcpus_end_at_the_same_time(void **state)
{
    (void)state;
    run_on_seeds(racing_ends, 25);
}

/* An operation that every vCPU which is on has a part in: of the second's private word; on a GICv2, where those are its own
 * alone, of a shared one. */
#define GICR_ISACTIVER(vcpu) (board.irqc == PLAN_IRQC_GICV2 ? 0x08000304ULL : 0x080b0300ULL + ((vcpu) * 0x20000ULL))

static void first_makes_the_seconds_active(struct sim_guest *g)
{
    sim_expect(sim_guest_hvc(g, PSCI_CPU_ON, 1, START, 0) == 0U);
    for (unsigned i = 0; i < 5000U && word(g, FLAG) != 1U; i++) {
    }
    for (unsigned i = 0; i < 1000U && sim_guest_hvc(g, PSCI_AFFINITY_INFO, 1, 0, 0) != 1U; i++) {
    }
    sim_expect(sim_guest_hvc(g, PSCI_AFFINITY_INFO, 1, 0, 0) == 1U);
    sim_expect(sim_guest_write(g, GICR_ISACTIVER(1), 4, 0xffffffff) == SIM_OK);
    guest_power_off(g);
}

static void says_so_and_goes_off(struct sim_guest *g)
{
    put(g, FLAG, 1);
    (void)sim_guest_hvc(g, PSCI_CPU_OFF, 0, 0, 0);
    sim_fail("CPU_OFF returned");
}

/* An operation that needs every vCPU's list registers waits for those that are on, and would wait for ever for one that
 * has gone off without giving up its part in the GIC. */
static void off_and_recall(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, first_makes_the_seconds_active, NULL);
    sim_guest_script(2, says_so_and_goes_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void nobody_waits_for_a_vcpu_that_is_off(void **state)
{
    (void)state;
    run_on_seeds(off_and_recall, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vcpu_goes_on_and_off_again_and_again),
        cmocka_unit_test(a_guest_reaches_no_vcpu_but_its_own),
        cmocka_unit_test(ending_a_vm_stops_all_its_vcpus_whatever_they_do),
        cmocka_unit_test(nobody_waits_for_a_vcpu_that_is_off),
        cmocka_unit_test(a_vm_ends_once_though_its_vcpus_end_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
