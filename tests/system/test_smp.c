/* SPDX-License-Identifier: Apache-2.0 */
/* Power states of vCPUs and VMs, from guests, on many interleavings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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
    sim_guest_stop_vcpu(g);
    sim_fail("the call to stop returned");
}

/* Starts the second vCPU again and again; each time it answers and goes off. */
static void first_starts_second(struct sim_guest *g)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        int64_t st = -1;
        for (unsigned i = 0; i < 1000U && st != 0; i++) { /* it may still be about to go off */
            st = sim_guest_start_vcpu(g, 1, START + (round * 4U), 0xabc000U + round);
        }
        sim_expect(st == 0);
        sim_expect(sim_guest_start_vcpu(g, 1, START, 0) != 0); /* at once again */
        sim_expect(!sim_guest_vcpu_is_off(g, 1));
        for (unsigned i = 0; i < 5000U && word(g, FLAG) != round; i++) {
        }
        sim_expect(word(g, FLAG) == round);
        put(g, ACK, round);
    }
    for (unsigned i = 0; i < 1000U && !sim_guest_vcpu_is_off(g, 1); i++) {
    }
    sim_expect(sim_guest_vcpu_is_off(g, 1));
    sim_expect(!sim_guest_vcpu_is_off(g, 0));
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

struct ending {
    void (*call)(struct sim_guest *g);
    sim_guest_fn other;
    const char *line;
    uint64_t seed;
};

static void waits_then_ends(struct sim_guest *g)
{
    const struct ending *e = g->user;
    sim_expect(sim_guest_start_vcpu(g, 1, START, 0) == 0);
    for (unsigned i = 0; i < 5000U && word(g, FLAG) != 1U; i++) {
    }
    e->call(g);
    sim_fail("the call returned");
}

static void ends(void *arg)
{
    struct ending *e = arg;
    struct system s;
    system_prepare(&s, e->seed);
    system_install(&s);
    sim_guest_script(0, waits_then_ends, e);
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
            { sim_guest_off, spins, "vm one: powered off", seed },
            { sim_guest_off, sleeps, "vm one: powered off", seed },
            { sim_guest_reset_vm, spins, "vm one: reset requested; ended", seed },
            { sim_guest_reset_vm, sleeps, "vm one: reset requested; ended", seed },
        };
        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
            run_in_child(ends, &cases[i]);
        }
    }
}

static void both_off(struct sim_guest *g)
{
    if (g->cpu == 0U) {
        sim_expect(sim_guest_start_vcpu(g, 1, START, 0) == 0);
        sim_guest_off(g);
    } else {
        sim_guest_stop_vcpu(g);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vcpu_goes_on_and_off_again_and_again),
        cmocka_unit_test(ending_a_vm_stops_all_its_vcpus_whatever_they_do),
        cmocka_unit_test(a_vm_ends_once_though_its_vcpus_end_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
