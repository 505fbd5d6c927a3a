/* SPDX-License-Identifier: Apache-2.0 */
/* Boot of two VMs, and what stops it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "system.h"

static void boot_and_power_off(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("[hv] two VMs");
    expect_console("[hv] vm one: powered off");
    expect_console("[hv] vm two: powered off");
    expect_console("[hv] all VMs ended; powering off");
}

static void two_vms_boot_and_power_off_on_many_seeds(void **state)
{
    (void)state;
    run_on_seeds(boot_and_power_off, 25);
}

static void saw_reset_state(struct sim_guest *g)
{
    sim_expect(g->pc == (g->cpu == 1U ? 0x40000004U : 0x40000000U));
    sim_expect(g->arg == (g->cpu == 1U ? 0U : 0x40100000U));
    for (unsigned i = 0; i < 31U; i++) { /* a hart id of 0 among them */
        sim_expect(i == SIM_ARG_REG || g->regs->x[i] == 0U);
    }
    guest_power_off(g);
}

static void boot_entry_state(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, saw_reset_state, NULL);
    sim_guest_script(1, saw_reset_state, NULL);
    sim_guest_script(2, saw_reset_state, NULL); /* must never run */
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void guests_start_at_entry_with_the_device_tree_in_x0(void **state)
{
    (void)state;
    run_on_seeds(boot_entry_state, 3);
}

static void boot_on_another_cpu(void *arg)
{
    struct system s;
    system_prepare(&s, 5);
    s.machine.boot_cpu = (unsigned)(uintptr_t)arg;
    for (unsigned i = 0; i < 4U; i++) { /* MPIDRs that are not the indices */
        s.plan.cpus[i].hw_id = s.machine.hw_id[i] = 0x100U * (i + 1U);
    }
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void any_cpu_of_the_plan_may_be_the_boot_cpu(void **state)
{
    (void)state;
    for (uintptr_t cpu = 0; cpu < 4U; cpu++) {
        run_in_child(boot_on_another_cpu, (void *)cpu);
    }
}

/* ---- Refusals: one line that says why, and no guest runs ---- */

static void never(struct sim_guest *g)
{
    sim_fail("guest on CPU %u ran on a machine that should have been refused", g->cpu);
}

struct refusal {
    const char *line;
    void (*spoil)(struct system *s);    /* before it is installed */
    void (*damage)(struct system *s);   /* after */
};

static void cpu_missing(struct system *s)
{
    s->machine.nr_cpus = 3;
}

static void gic_smaller(struct system *s)
{
    s->machine.nr_irqs = 32;
}

static void ram_shorter(struct system *s)
{
    s->machine.ram_size -= PAGE_SIZE;
}

static void few_pa_bits(struct system *s)
{
    s->machine.pa_bits = 32;
}

static void loaded_elsewhere(struct system *s)
{
    s->load_pa += SZ_2M;
}

static void loaded_lower(struct system *s)
{
    s->load_pa -= SZ_2M;
}

static void boot_cpu_unknown(struct system *s)
{
    for (unsigned i = 0; i < 4U; i++) {
        s->machine.hw_id[i] = i + 8U;
    }
}

static void other_board(struct system *s)
{
    strcpy(s->plan.p.board, "zcu102");
}

static void other_console(struct system *s)
{
    s->plan.p.console_base = 0x09040000;
    s->plan.regions[4].pa = 0x09050000;
}

static void pool_too_small(struct system *s)
{
    s->plan.p.pool_pages = 3;
}

static void flip(uint64_t pa)
{
    *(uint8_t *)sim_ram(pa, 1) ^= 0x10U;
}

static void image_damaged(struct system *s)
{
    flip(s->plan.p.hv_base + 0x1234U);
}

static void plan_damaged(struct system *s)
{
    flip(s->plan.p.plan_pa + sizeof(struct plan) + 9U);
}

static void guest_damaged(struct system *s)
{
    flip(s->plan.images[1].pa + 77U);
}

static void may_restart(struct system *s)
{
    plan_fixture_restart(&s->plan);
}

static void pristine_damaged(struct system *s)
{
    flip(s->plan.images[1].pristine_pa + 0x50000U);
}

static void plan_gone(struct system *s)
{
    memset(sim_ram(s->plan.p.plan_pa, 4096), 0, 4096);
}

static void another_hypervisor(struct system *s)
{
    s->plan_pa += PAGE_SIZE;
}

static uint32_t zero_hz(void)
{
    return 0;
}

static void counter_not_set_up(struct system *s)
{
    (void)s;
    arch_ops.timer.freq = zero_hz;
}

static const char *lacks_ipis(void)
{
    return "SBI IPI";
}

static void firmware_too_small(struct system *s)
{
    (void)s;
    arch_ops.power.lacks = lacks_ipis;
}

static const struct refusal refusals[] = {
    { "the firmware has no SBI IPI", NULL, firmware_too_small },
    { "cpu 3 (id 0x3) of the plan does not exist", cpu_missing, NULL },
    { "interrupt controller is not the one planned for", gic_smaller, NULL },
    { "no RAM answers at 0x43fff000", ram_shorter, NULL },
    { "this CPU has 32 physical address bits, the plan needs ", few_pa_bits, NULL },
    { "loaded at 0x40400000, but planned for 0x40200000", loaded_elsewhere, NULL },
    { "loaded at 0x40000000, but planned for 0x40200000", loaded_lower, NULL },
    { "packed with another hypervisor", another_hypervisor, NULL },
    { "has not set the counter's frequency", NULL, counter_not_set_up },
    { "the boot CPU (id 0x8) is not in the plan", boot_cpu_unknown, NULL },
    { "the plan is wrong", other_board, NULL },
    { "console is at 0x9040000, this image's at 0x", other_console, NULL },
    { "the plan is wrong", pool_too_small, NULL },
    { "hypervisor's image is damaged", NULL, image_damaged },
    { "the plan is wrong", NULL, plan_damaged },
    { "guest image at 0x40500000 is damaged", NULL, guest_damaged },
    { "guest image at 0x409c0000 is damaged", may_restart, pristine_damaged },
    { "the plan is wrong", NULL, plan_gone },
};

static void refuse(void *arg)
{
    const struct refusal *r = arg;
    struct system s;
    system_prepare(&s, 1);
    if (r->spoil != NULL) {
        r->spoil(&s);
    }
    system_install(&s);
    if (r->damage != NULL) {
        r->damage(&s);
    }
    for (unsigned i = 0; i < 4U; i++) {
        sim_guest_script(i, never, NULL);
    }
    sim_expect(system_boot(&s) == SIM_HALTED);
    expect_console(r->line);
    sim_expect(count_console("stopped:") == 1U);
    sim_expect(count_console("panic") == 0U);
}

/* WALL-BOOT-1 */
static void a_wrong_machine_or_damaged_image_is_refused_in_one_line(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(refusals); i++) {
        print_message("    %s\n", refusals[i].line);
        run_in_child(refuse, (void *)(uintptr_t)&refusals[i]);
    }
}

/* ---- Failure injection ---- */

static void ran(struct sim_guest *g)
{
    *(unsigned *)g->user += 1U;
    guest_power_off(g);
}

/* The n-th op that can fail fails: either the boot is refused before any guest runs, or it was harmless. */
static void boot_with_fault(void *arg)
{
    struct system s;
    unsigned started = 0;
    system_prepare(&s, 3);
    system_install(&s);
    sim_guest_script(0, ran, &started);
    sim_guest_script(1, ran, &started);
    sim_fault_arm(SEED(arg));
    enum sim_end end = system_boot(&s);
    if (!sim_fault_fired()) {
        sim_fail("no fault");
    }
    bool console = strcmp(sim_fault_op(), "console.try_putc") == 0;
    if (console || strcmp(sim_fault_op(), "power.system_off") == 0) {
        sim_expect(started == 2U);
        sim_expect(end == (console ? SIM_POWERED_OFF : SIM_IDLE));
    } else {
        sim_expect(started == 0U);
        sim_expect(end == SIM_HALTED);
        sim_expect(count_console("stopped:") == 1U);
    }
    sim_expect(count_console("panic") == 0U);
}

static void any_one_failing_op_refuses_the_boot_or_does_no_harm(void **state)
{
    char text[8192];
    (void)state;
    for (uintptr_t n = 1; n < 10000U; n++) {
        if (!sim_outcome(boot_with_fault, (void *)n, text, sizeof(text))) {
            if (strncmp(text, "no fault", 8) == 0) {
                assert_true(n > 100U); /* the boot log alone has more characters */
                return;
            }
            fail_msg("call %u: %s", (unsigned)n, text);
        }
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_vms_boot_and_power_off_on_many_seeds),
        cmocka_unit_test(guests_start_at_entry_with_the_device_tree_in_x0),
        cmocka_unit_test(any_cpu_of_the_plan_may_be_the_boot_cpu),
        cmocka_unit_test(a_wrong_machine_or_damaged_image_is_refused_in_one_line),
        cmocka_unit_test(any_one_failing_op_refuses_the_boot_or_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
