/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that two VMs have in common: what one writes the other reads, as each has the right to, and a restart leaves it as it is. What
 * else the two reach is audited after each boot (system_audit), by a walker that knows of no kinds of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/vm.h"
#include "system.h"

#define IPA_ONE 0x50000000ULL
#define IPA_TWO 0x60000000ULL
#define LAST    0x1ff8U /* the last word of the channel's two pages */
#define TIMES   100U

static bool two_is_done;

/* VM one, vCPU 0. Its first life writes what its second finds. */
static void writes_and_resets(struct sim_guest *g)
{
    uint64_t v = 0;

    if (g->starts == 2U) {
        sim_expect(sim_guest_read(g, IPA_ONE + LAST, 8, &v) == SIM_OK && v == 1U);
        for (uint64_t n = 1; n <= TIMES || !two_is_done; n++) {
            sim_expect(sim_guest_write(g, IPA_ONE, 8, n) == SIM_OK);
        }
        guest_power_off(g);
    }
    sim_expect(sim_guest_fetch(g, IPA_ONE) == SIM_INSN_ABORT);
    sim_expect(sim_guest_read(g, IPA_TWO, 8, &v) == SIM_DATA_ABORT); /* where the other has it */
    sim_expect(sim_guest_write(g, IPA_ONE + LAST, 8, 1) == SIM_OK);
    sim_guest_reset_vm(g);
}

static void reads(struct sim_guest *g)
{
    uint64_t v = 0;
    uint64_t before = 0;

    while (v < TIMES) {
        sim_expect(sim_guest_read(g, IPA_TWO, 8, &v) == SIM_OK);
        sim_expect(v >= before); /* it is written in that order */
        before = v;
    }
    sim_expect(sim_guest_read(g, IPA_TWO + LAST, 8, &v) == SIM_OK && v == 1U);
    sim_expect(sim_guest_write(g, IPA_TWO, 8, 0) == SIM_DATA_ABORT);
    sim_expect(sim_guest_write(g, IPA_TWO + LAST, 1, 0) == SIM_DATA_ABORT);
    sim_expect(sim_guest_fetch(g, IPA_TWO) == SIM_INSN_ABORT);
    sim_expect(sim_guest_read(g, IPA_ONE, 8, &v) == SIM_DATA_ABORT);
    two_is_done = true;
    guest_power_off(g);
}

static void share(struct system *s)
{
    s->plan.vms[0].nr_vcpus = 1;
    s->plan.vms[0].cpus[1] = 0;
    two_is_done = false;
    plan_fixture_seal(&s->plan);
    system_install(s);
    sim_guest_script(0, writes_and_resets, s);
    sim_guest_script(1, reads, s);
    sim_expect(system_boot(s) == SIM_POWERED_OFF);
    expect_console("vm one: restarted (1)");
}

static void share_contiguous(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_restart(&s.plan);
    plan_fixture_channel(&s.plan);
    share(&s);
}

/* Between the VMs' pages, in colours that are neither's: a restart of one goes through the blocks in which it lies. */
static void share_coloured(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_coloured(&s.plan);
    plan_fixture_channel(&s.plan);
    s.machine.coloured = true;
    for (unsigned i = 2; i <= 5U; i += 3U) {
        s.plan.regions[i].pa = s.plan.regions[0].pa;
        s.plan.regions[i].colours = 0x0800;
    }
    s.plan.regions[3].colours = 0xf000;
    s.plan.images[2].pa = 0x4041c000;
    s.plan.vms[1].pristine_pa = 0x41810000;
    s.plan.images[2].pristine_pa = 0x4181cff8;
    share(&s);
}

/* WALL-MEM-8 */
static void what_one_vm_writes_the_other_reads_as_the_plan_says(void **state)
{
    (void)state;
    run_on_seeds(share_contiguous, 20);
    run_on_seeds(share_coloured, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_vm_writes_the_other_reads_as_the_plan_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
