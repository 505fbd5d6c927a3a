/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's PLIC, APLIC and interrupt files: what a driver may rely on, and that each misuse ends the run with
 * a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "hv/plan.h"
#include "sim/riscv/hart.h"

static void power_on(enum plan_irqc irqc, bool sstc)
{
    struct sim_config c = sim_default();
    c.irqc_version = (unsigned)irqc;
    c.sstc = sstc;
    sim_init(&c);
    for (unsigned i = 0; i < c.nr_cpus; i++) {
        sim_harts[i].on = true;
    }
}

#define WIRED(source) (RISCV_WIRED + (source))
#define BIT(source)   (1U << (source))

static void enable(uint32_t source)
{
    arch_ops.irqc.set(IRQC_ENABLE, 0, 1, BIT(source));
}

static void disable(uint32_t source)
{
    arch_ops.irqc.clear(IRQC_ENABLE, 0, 1, BIT(source));
}

/* ---- Misuse: each ends the process, and says this ---- */

static void plic_claimed(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.route(WIRED(3), 0);
    enable(3);
    sim_line(WIRED(3), true);
    assert_int_equal(arch_ops.irqc.ack(), WIRED(3));
}

static void completes_unclaimed(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.deactivate(WIRED(3));
}

static void completes_disabled(void)
{
    plic_claimed();
    disable(3);
    arch_ops.irqc.deactivate(WIRED(3));
}

static void completes_moved(void)
{
    plic_claimed();
    arch_ops.irqc.route(WIRED(3), 1);
    arch_ops.irqc.deactivate(WIRED(3));
}

static void enables_unrouted(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    enable(4);
}

static void names_source_0(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.route(WIRED(0), 0);
}

static void names_too_large_a_source(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.source_mode(288, APLIC_LEVEL_HIGH);
}

static void routes_to_nobody(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.route(WIRED(3), 9);
}

static void enables_others_local(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.set(IRQC_ENABLE, 1, 0, BIT(RISCV_INTID_TIMER));
}

static void targets_identity_0(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.target(WIRED(3), 0, 0);
}

static void targets_too_large_an_identity(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.target(WIRED(3), 0, 256);
}

static void targets_nobody(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.target(WIRED(3), 8, 1);
}

static void enables_inactive(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.target(WIRED(3), 0, 1);
    enable(3);
}

static void sends_identity_0(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.send_msi(0, 0);
}

static void sets_vseip(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.virq.set(HVIP_VSEIP);
}

static void sets_vstip(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.virq.set(HVIP_VSTIP);
}

static void sets_other_bits(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.virq.set(1);
}

static void resets_no_file(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.virq.file_reset();
}

static void fences_another_vm(void)
{
    power_on(PLAN_IRQC_PLIC, true);
    sim_cores[0].s2.base = 1;
    sim_cores[1].s2.base = 2;
    (void)arch_ops.isa.remote_fence(RISCV_SFENCE_VMA, 3, 0, 0, 0);
}

static void enters_with_anothers_file(void)
{
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.cpu.reset_guest(&(struct guest_reset){ .vcpu = 0 });
    sim_isa_enter(sim_self());
}

static const struct misuse {
    void (*body)(void);
    const char *words;
} misuses[] = {
    { completes_unclaimed, "which nobody has claimed" },
    { completes_disabled, "the PLIC drops that" },
    { completes_moved, "the PLIC drops that" },
    { enables_unrouted, "routed nowhere" },
    { names_source_0, "there is none" },
    { names_too_large_a_source, "there is none" },
    { routes_to_nobody, "CPU 9 is not on this board" },
    { enables_others_local, "among CPU 1's own" },
    { targets_identity_0, "which the files have not" },
    { targets_too_large_an_identity, "which the files have not" },
    { targets_nobody, "is not on this board" },
    { enables_inactive, "is inactive or has no target" },
    { sends_identity_0, "which the files have not" },
    { sets_vseip, "interrupt file or comparator asserts" },
    { sets_vstip, "interrupt file or comparator asserts" },
    { sets_other_bits, "no such bits" },
    { resets_no_file, "on a machine with a PLIC" },
    { fences_another_vm, "another VM's" },
    { enters_with_anothers_file, "as another left it" },
};

static void run_misuse(void *arg)
{
    ((const struct misuse *)arg)->body();
}

static void each_misuse_ends_the_run_with_its_reason(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(misuses); i++) {
        char text[2048];
        struct misuse m = misuses[i];
        assert_false(sim_outcome(run_misuse, &m, text, sizeof(text)));
        if (strstr(text, m.words) == NULL) {
            fail_msg("case %u: \"%s\" instead of \"%s\"", i, text, m.words);
        }
    }
}

/* ---- What a driver may rely on ---- */

static void a_plic_source_is_forwarded_once_until_it_is_completed(void **state)
{
    (void)state;
    plic_claimed();
    assert_int_equal(arch_ops.irqc.ack(), IRQC_NONE);
    sim_line(WIRED(3), false);
    sim_line(WIRED(3), true); /* lost in the gateway: it is in service */
    assert_int_equal(arch_ops.irqc.get(IRQC_PENDING, 0, 1), 0);
    assert_int_equal(arch_ops.irqc.get(IRQC_ACTIVE, 0, 1), BIT(3));
    arch_ops.irqc.deactivate(WIRED(3)); /* and the line is high */
    assert_int_equal(arch_ops.irqc.get(IRQC_PENDING, 0, 1), BIT(3));
    sim_line(WIRED(3), false); /* what was forwarded stays */
    assert_int_equal(arch_ops.irqc.ack(), WIRED(3));
    arch_ops.irqc.deactivate(WIRED(3));
    assert_int_equal(arch_ops.irqc.ack(), IRQC_NONE);
}

static void a_plic_source_interrupts_the_hart_it_is_routed_to(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_PLIC, true);
    arch_ops.irqc.route(WIRED(3), 1);
    enable(3);
    sim_line(WIRED(3), true);
    assert_false(sim_irq_line(&sim_cores[0]));
    assert_true(sim_irq_line(&sim_cores[1]));
}

static void aplic_to_guest(uint32_t source, enum aplic_mode mode, uint32_t identity)
{
    arch_ops.virq.source_mode(WIRED(source), mode);
    arch_ops.virq.target(WIRED(source), 0, identity);
    enable(source);
}

static void listen(uint64_t identities)
{
    sim_aia_file_write(0, 0x70, 1);
    sim_aia_file_write(0, 0xc0, identities);
}

static void a_level_is_one_message_until_it_is_looked_at_again(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_AIA, true);
    listen(~0ULL);
    aplic_to_guest(3, APLIC_LEVEL_HIGH, 7);
    sim_line(WIRED(3), true);
    assert_int_equal(arch_ops.virq.pending(), HVIP_VSEIP);
    assert_int_equal(sim_aia_topei(0, true), 7U << 16 | 7U);
    assert_int_equal(arch_ops.virq.pending(), 0); /* the line is still high */
    arch_ops.irqc.deactivate(WIRED(3));
    assert_int_equal(sim_aia_topei(0, true), 7U << 16 | 7U);
    sim_line(WIRED(3), false);
    arch_ops.irqc.deactivate(WIRED(3));
    assert_int_equal(sim_aia_topei(0, true), 0);
}

static void an_edge_that_comes_while_disabled_is_sent_when_enabled(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_AIA, true);
    listen(~0ULL);
    sim_line(WIRED(3), true);
    aplic_to_guest(3, APLIC_EDGE_FALL, 7);
    disable(3);
    sim_line(WIRED(3), false);
    assert_int_equal(arch_ops.irqc.get(IRQC_PENDING, 0, 1), BIT(3));
    assert_int_equal(arch_ops.virq.pending(), 0);
    enable(3);
    assert_int_equal(arch_ops.irqc.get(IRQC_PENDING, 0, 1), 0);
    assert_int_equal(sim_aia_topei(0, false), 7U << 16 | 7U);
}

static void an_interrupt_file_delivers_the_lowest_that_is_enabled_and_below_the_threshold(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_AIA, true);
    listen(1ULL << 9 | 1ULL << 12);
    arch_ops.virq.send_msi(0, 5); /* not enabled */
    arch_ops.virq.send_msi(0, 12);
    arch_ops.virq.send_msi(0, 9);
    sim_aia_file_write(0, 0x72, 9);
    assert_int_equal(arch_ops.virq.pending(), 0);
    sim_aia_file_write(0, 0x72, 10);
    assert_int_equal(sim_aia_topei(0, true), 9U << 16 | 9U);
    assert_int_equal(sim_aia_topei(0, true), 0);
    sim_aia_file_write(0, 0x72, 0);
    sim_aia_file_write(0, 0x70, 0); /* not delivered */
    assert_int_equal(arch_ops.virq.pending(), 0);
    assert_int_equal(sim_aia_topei(0, true), 12U << 16 | 12U);
    arch_ops.virq.file_reset();
    assert_int_equal(sim_aia_file_read(0, 0x80), 0);
}

static void the_hypervisors_own_sources_come_through_its_file(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_AIA, true);
    arch_ops.irqc.set_edge(0, WIRED(10), false);
    arch_ops.irqc.route(WIRED(10), 0);
    enable(10);
    sim_line(WIRED(10), true);
    assert_int_equal(arch_ops.virq.pending(), 0);
    assert_int_equal(arch_ops.irqc.ack(), WIRED(10));
    assert_int_equal(arch_ops.irqc.ack(), IRQC_NONE);
    arch_ops.irqc.deactivate(WIRED(10));
    assert_int_equal(arch_ops.irqc.ack(), WIRED(10));
}

static void the_timer_comes_before_wired_interrupts_and_ipis_come_last(void **state)
{
    (void)state;
    power_on(PLAN_IRQC_PLIC, false);
    arch_ops.irqc.route(WIRED(3), 0);
    enable(3);
    arch_ops.irqc.route(WIRED(4), 0);
    enable(4);
    sim_line(WIRED(3), true);
    sim_line(WIRED(4), true);
    arch_ops.virq.timer(1); /* without Sstc the guest's time interrupts us, once */
    arch_ops.irqc.send_ipi(0);
    assert_int_equal(arch_ops.irqc.ack(), RISCV_INTID_GUEST_TIMER);
    assert_int_equal(arch_ops.irqc.ack(), WIRED(3));
    assert_int_equal(arch_ops.irqc.ack(), WIRED(4));
    assert_int_equal(arch_ops.irqc.ack(), HV_IPI_INTID);
    arch_ops.timer.alarm(0);
    assert_int_equal(arch_ops.irqc.ack(), RISCV_INTID_TIMER);
    assert_int_equal(arch_ops.irqc.ack(), RISCV_INTID_TIMER); /* until the next alarm */
    arch_ops.timer.alarm(TIMER_NO_ALARM);
    assert_int_equal(arch_ops.irqc.ack(), IRQC_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misuse_ends_the_run_with_its_reason),
        cmocka_unit_test(a_plic_source_is_forwarded_once_until_it_is_completed),
        cmocka_unit_test(a_plic_source_interrupts_the_hart_it_is_routed_to),
        cmocka_unit_test(a_level_is_one_message_until_it_is_looked_at_again),
        cmocka_unit_test(an_edge_that_comes_while_disabled_is_sent_when_enabled),
        cmocka_unit_test(an_interrupt_file_delivers_the_lowest_that_is_enabled_and_below_the_threshold),
        cmocka_unit_test(the_hypervisors_own_sources_come_through_its_file),
        cmocka_unit_test(the_timer_comes_before_wired_interrupts_and_ipis_come_last),
    };
    return cmocka_run_group_tests_name("sim_irqc", tests, NULL, NULL);
}
