/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor that moves to its own colours as it boots. What it left is spoilt by the simulator (sim/mem.c), and the audit
 * after each boot finds every page of tables in the colours (system.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/vm.h"
#include "hv/arch_ops.h"
#include "system.h"

/* Of 16 colours of a page; with the hash a row of them is not everywhere in order. */
static const struct {
    uint64_t mask, hash[2]; /* of the colour's first bit and of its last */
    bool vms; /* the VMs are coloured, too */
} cases[] = {{0x000f, {0, 0}, false}, {0xfff0, {0, 0}, false}, {0x0ff3, {0x10000, 0}, false}, {0xffff, {0x50000, 0}, false},
             {0x000f, {0, 0}, true}, {0x3ff0, {0, 0}, true}, {0x00f0, {0x60000, 0x120000}, true}};

static void prepare(struct system *s, uint64_t seed)
{
    unsigned i = (unsigned)(seed % ARRAY_SIZE(cases));
    system_prepare(s, seed);
    if (cases[i].vms) {
        plan_fixture_coloured(&s->plan);
        s->machine.coloured = true;
    } else {
        plan_fixture_restart(&s->plan);
    }
    plan_fixture_hv_colours(&s->plan, cases[i].mask);
    s->plan.p.llc.hash[0] = cases[i].hash[0];
    s->plan.p.llc.hash[3] = cases[i].hash[1];
}

/* Nothing is written there any more, and nothing of use was left. */
static void expect_left(const struct system *s)
{
    const uint8_t *old = sim_ram(s->plan.p.hv_base, HV_REGION_SIZE);
    for (uint64_t i = 0; i < HV_REGION_SIZE; i++) {
        sim_expect(old[i] == 0xa5U);
    }
}

static void boot(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("[hv] two VMs"); /* of the plan, which has moved as well */
    expect_console("[hv] all VMs ended; powering off");
    sim_expect(s.plan.p.hv_home <= vms[0].s2.root.v && vms[0].s2.root.v < s.plan.p.hv_home + plan_hv_span(&s.plan.p));
    expect_left(&s);
}

static void a_moved_hypervisor_boots_and_leaves_nothing_behind(void **state)
{
    (void)state;
    run_on_seeds(boot, 24);
}

static void in_two_lives(struct sim_guest *g)
{
    unsigned *life = g->user;
    *life += 1U;
    if (*life == 1U) {
        sim_guest_reset_vm(g);
    } else {
        guest_power_off(g);
    }
}

static void restart(void *arg)
{
    struct system s;
    unsigned lives[2] = {0, 0};
    prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, in_two_lives, &lives[0]);
    sim_guest_script(1, in_two_lives, &lives[1]);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(lives[0] == 2U && lives[1] == 2U);
    expect_left(&s);
}

static void vms_of_a_moved_hypervisor_restart(void **state)
{
    (void)state;
    run_on_seeds(restart, 8);
}

static enum hv_status no_room(const struct plan *plan)
{
    (void)plan;
    return HV_ERR_NOMEM;
}

static void never(struct sim_guest *g)
{
    (void)g;
    sim_fail("a guest ran");
}

static void boot_without_room(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg));
    system_install(&s);
    arch_ops.mmu.move = no_room;
    sim_guest_script(0, never, NULL);
    sim_guest_script(1, never, NULL);
    sim_expect(system_boot(&s) == SIM_HALTED);
    expect_console("stopped: no room to map the memory of the hypervisor's colours");
    sim_expect(count_console("stopped:") == 1U);
}

static void a_hypervisor_that_cannot_move_stops_in_one_line(void **state)
{
    (void)state;
    run_on_seeds(boot_without_room, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moved_hypervisor_boots_and_leaves_nothing_behind),
        cmocka_unit_test(vms_of_a_moved_hypervisor_restart),
        cmocka_unit_test(a_hypervisor_that_cannot_move_stops_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
