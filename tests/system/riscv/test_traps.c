/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs that are not the guest's, exceptions of all causes and syndromes, and guest addresses that take Sv48x4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "guest_irqc.h"
#include "system.h"

/* CSRs of VS mode that the guest has, of those below 0x200 (supervisor level) and the simulator knows. */
static bool is_own(uint32_t csr)
{
    static const uint16_t own[] = { 0x100, 0x104, 0x105, 0x106, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180 };
    for (unsigned i = 0; i < ARRAY_SIZE(own); i++) {
        if (own[i] == csr) {
            return true;
        }
    }
    return (csr == SIM_CSR_STIMECMP && sim_config()->sstc) ||
           (AIA && (csr == SIM_CSR_SISELECT || csr == SIM_CSR_SIREG || csr == SIM_CSR_STOPEI));
}

static void tries_every_csr(struct sim_guest *g)
{
    for (uint32_t csr = 0; csr < 0x1000U; csr++) {
        uint64_t v = 0;
        enum sim_guest_result want = is_own(csr) ? SIM_OK : SIM_UNDEF;
        if (sim_guest_csr_read(g, csr, &v) != want || sim_guest_csr_write(g, csr, v) != want) {
            sim_fail("CSR 0x%x is %s", csr, want == SIM_OK ? "refused" : "answered");
        }
    }
    guest_power_off(g);
}

static void csrs(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, tries_every_csr, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-REG-1 */
static void a_guest_has_its_own_csrs_and_no_other(void **state)
{
    (void)state;
    run_on_seeds(csrs, 3);
}

/* Calls (10) and hardware errors (19), which end it, have tests of their own. */
static void absurd_causes(struct sim_guest *g)
{
    static const uint64_t insns[] = { 0, ~0ULL, 0xffffffff, 0x3020, 0x2000, 0x2003, EXIT_INSN_RAW, EXIT_INSN_RAW | 0xffff,
                                      EXIT_INSN_RAW | 0x5555aaaa, 0x7f, 0x3, 0x23, 0x1 };
    static const uint64_t values[] = { 0, ~0ULL, 0x1234567812345678, 0x0c000000, 0x40000003, 0x30200073 };
    for (uint64_t cause = 0; cause < 80U; cause++) {
        for (unsigned i = 0; cause != 10U && cause != 19U && i < ARRAY_SIZE(insns); i++) {
            for (unsigned k = 0; k < ARRAY_SIZE(values); k++) {
                (void)sim_guest_trap(g, cause, values[k], values[(k + i) % ARRAY_SIZE(values)] >> 2, insns[i]);
            }
        }
    }
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, 0x40001000, 8, &v) == SIM_OK); /* it lives */
    guest_power_off(g);
}

static void absurd(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, absurd_causes, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(count_console("stopped: fault") == 0U);
}

/* WALL-CPU-1 */
static void no_syndrome_however_absurd_stops_the_hypervisor(void **state)
{
    (void)state;
    run_on_seeds(absurd, 3);
}

static void fails_in_hardware(struct sim_guest *g)
{
    (void)sim_guest_trap(g, 19, 0, 0, 0);
    sim_fail("the guest runs on");
}

static void hardware_error(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, fails_in_hardware, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("vm one: stopped: fault: vcpu 0");
    expect_console("vm two: powered off");
}

/* WALL-CPU-2 */
static void a_hardware_error_in_a_guest_ends_that_guest(void **state)
{
    (void)state;
    run_on_seeds(hardware_error, 3);
}

/* ---- Sv48x4: VM one has its device behind what Sv39x4 reaches ---- */

#define FAR (1ULL << 45)

static void looks_far(struct sim_guest *g)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, FAR, 4, &v) == SIM_OK);
    sim_expect(sim_guest_read(g, FAR + 0x1000U, 4, &v) == SIM_DATA_ABORT);
    sim_expect(sim_guest_read(g, FAR - 8U, 8, &v) == SIM_DATA_ABORT);
    sim_expect(sim_guest_fetch(g, FAR) == SIM_INSN_ABORT);
    sim_expect(sim_guest_read(g, 0x40001000, 8, &v) == SIM_OK);
    guest_power_off(g);
}

static void wide(void *arg)
{
    bool narrow_machine = arg != NULL;
    struct system s;
    system_prepare(&s, 1);
    s.plan.vms[0].ipa_bits = 46;
    s.plan.regions[2].ipa = FAR;
    s.plan.p.pa_bits_min = 50;
    s.machine.pa_bits = narrow_machine ? 41 : 50;
    system_install(&s);
    sim_guest_script(0, looks_far, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    if (narrow_machine) {
        sim_expect(system_boot(&s) == SIM_HALTED);
        expect_console("stopped: this CPU has 41 physical address bits, the plan needs 50");
    } else {
        sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    }
}

static void addresses_beyond_sv39x4_take_sv48x4_or_are_refused(void **state)
{
    (void)state;
    run_in_child(wide, NULL);
    run_in_child(wide, (void *)1);
}

/* ---- Extensions that a guest's tree promises ---- */

static const struct lack {
    uint32_t needs, lacks;
    unsigned cpu;
    bool sstc;
    const char *line;
} lacks[] = {
    {PLAN_NEEDS_SSTC, 0, 0, false, "stopped: cpu 0 lacks extensions that its guest is told of: sstc;"},
    {PLAN_NEEDS_ALL, PLAN_NEEDS_V, 0, true, "stopped: cpu 0 lacks extensions that its guest is told of: v;"},
    {PLAN_NEEDS_ALL, PLAN_NEEDS_V, 0, false, "stopped: cpu 0 lacks extensions that its guest is told of: sstc v;"},
    {PLAN_NEEDS_V, PLAN_NEEDS_V, 3, true, "stopped: cpu 3 (id 0x3) lacks one of the extensions that its guest is told of: v;"},
    {PLAN_NEEDS_V, PLAN_NEEDS_SSTC, 1, false, NULL},
    {0, PLAN_NEEDS_ALL, 2, false, NULL},
    {PLAN_NEEDS_ALL, 0, 2, true, NULL},
};

static void lack(void *arg)
{
    const struct lack *l = arg;
    struct system s;

    system_prepare(&s, 1);
    s.plan.cpus[l->cpu].needs = l->needs;
    s.machine.lacks[l->cpu] = l->lacks;
    s.machine.sstc = l->sstc;
    system_install(&s);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == (l->line != NULL ? SIM_HALTED : SIM_POWERED_OFF));
    sim_expect(count_console("stopped:") == (l->line != NULL ? 1U : 0U));
    if (l->line != NULL) {
        expect_console(l->line);
    }
}

/* WALL-BOOT-1 */
static void a_cpu_without_what_its_guest_is_told_of_is_refused_in_one_line(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(lacks); i++) {
        run_in_child(lack, (void *)(uintptr_t)&lacks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_has_its_own_csrs_and_no_other),
        cmocka_unit_test(no_syndrome_however_absurd_stops_the_hypervisor),
        cmocka_unit_test(a_hardware_error_in_a_guest_ends_that_guest),
        cmocka_unit_test(addresses_beyond_sv39x4_take_sv48x4_or_are_refused),
        cmocka_unit_test(a_cpu_without_what_its_guest_is_told_of_is_refused_in_one_line),
    };
    return cmocka_run_group_tests_name("traps", tests, NULL, NULL);
}
