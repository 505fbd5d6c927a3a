/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI from guests: what is refused, and what a GIC has to do with a vCPU that is off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/board.h"
#include "psci_calls.h"
#include "system.h"

#define FLAG   0x40001000ULL /* shared word in the RAM of VM one */
#define START  0x40002000ULL /* where its second vCPU is started */

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

/* An operation that every vCPU which is on has a part in: of the second's private word; on a GICv2, where those are
 * its own
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
    sim_guest_stop_vcpu(g);
    sim_fail("the call to stop returned");
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
        cmocka_unit_test(a_guest_reaches_no_vcpu_but_its_own),
        cmocka_unit_test(nobody_waits_for_a_vcpu_that_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
