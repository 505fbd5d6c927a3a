/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated GIC refuses what the architecture forbids a hypervisor, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/armv8/gic.h"
#include "sim/sim.h"

#define LR(state, hw, intid) ((uint64_t)(state) << 62 | (uint64_t)(hw) << 61 | (uint64_t)((hw) ? (intid) : 0) << 32 | (intid))

static int setup(void **state)
{
    (void)state;
    sim_gic_reset(&(struct sim_gic_config){ 2, 64, 4, 25, 3 });
    sim_gic_cpu_on(0);
    sim_gic_cpu_on(1);
    sim_gic_set(IRQC_ACTIVE, 0, 1, 1U << 1 | 1U << 2);
    sim_gic_set(IRQC_ENABLE, 0, 1, 1U << 3);
    return 0;
}

static void drop_unacknowledged(void *arg)
{
    (void)arg;
    sim_gic_drop(0, 33);
}

static void deactivate_inactive(void *arg)
{
    (void)arg;
    sim_gic_deactivate(0, 40);
}

static void link_inactive(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 1, 40));
}

static void link_sgi(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 1, 3));
}

static void link_pending_and_active(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(3, 1, 33));
}

static void list_twice(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 0, 5));
    sim_gic_write_lr(0, 1, LR(1, 0, 5));
}

static void list_on_two_cpus(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 1, 33));
    sim_gic_write_lr(1, 3, LR(1, 1, 33));
}

static void overwrite(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 0, 5));
    sim_gic_write_lr(0, 0, LR(1, 0, 6));
}

static void reserved_bits(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 0, 5) | 1ULL << 57);
}

static void special_intid(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 0, 1023));
}

static void stateless_value(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, 5);
}

static void no_such_register(void *arg)
{
    (void)arg;
    (void)sim_gic_read_lr(0, 4);
}

static void no_such_word(void *arg)
{
    (void)arg;
    sim_gic_set(IRQC_ENABLE, 0, 2, 1);
}

static void others_sgi(void *arg)
{
    (void)arg;
    sim_gic_set(IRQC_ENABLE, 0, 0, 4);
}

static void trigger_while_enabled(void *arg)
{
    (void)arg;
    sim_gic_set_edge(0, 35, true);
}

static void route_nowhere(void *arg)
{
    (void)arg;
    sim_gic_route(35, 2);
}

static void guest_with_a_broken_link(void *arg)
{
    (void)arg;
    sim_gic_write_lr(0, 0, LR(1, 1, 33));
    sim_gic_clear(IRQC_ACTIVE, 0, 1, 2);
    (void)sim_gic_guest_ack(0, 1);
}

static void errors_of_the_hypervisor_end_the_run(void **state)
{
    (void)state;
    static const struct {
        void (*body)(void *);
        const char *says;
    } cases[] = {
        { drop_unacknowledged, "not acknowledged last" },
        { deactivate_inactive, "which is not active" },
        { link_inactive, "is not active" },
        { link_sgi, "cannot be linked" },
        { link_pending_and_active, "pending and active" },
        { list_twice, "in list registers 0 and 1" },
        { list_on_two_cpus, "of cpus 1 and 0" },
        { overwrite, "overwritten" },
        { reserved_bits, "no valid value" },
        { special_intid, "no valid value" },
        { stateless_value, "has no state" },
        { no_such_register, "has no list register" },
        { no_such_word, "there is none" },
        { others_sgi, "has but two" },
        { trigger_while_enabled, "while enabled" },
        { route_nowhere, "no such CPU" },
        { guest_with_a_broken_link, "is not active" },
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        assert_false(sim_outcome(cases[i].body, NULL, text, sizeof(text)));
        if (strstr(text, cases[i].says) == NULL) {
            fail_msg("case %u says: %s", i, text);
        }
    }
}

static void nothing_a_guest_does_is_an_error(void **state)
{
    (void)state;
    sim_gic_guest_enable(0, 3);
    sim_gic_guest_eoi(0, 1023);
    sim_gic_guest_eoi(0, 33);
    sim_gic_guest_dir(0, 33);
    assert_int_equal(sim_gic_guest_ack(0, 0), SIM_GIC_NONE);
    assert_int_equal(sim_gic_get(IRQC_ACTIVE, 0, 1), 6);
}

static void maintenance_is_asserted_by_underflow_and_by_end_of_interrupt_and_is_a_level(void **state)
{
    (void)state;
    sim_gic_set(IRQC_ENABLE, 0, 0, 1U << 25);
    assert_false(sim_gic_irq(0));
    sim_gic_set_underflow(0, true);
    assert_true(sim_gic_irq(0));
    sim_gic_write_lr(0, 0, LR(1, 0, 5));
    assert_true(sim_gic_irq(0)); /* one is used */
    sim_gic_write_lr(0, 1, LR(1, 0, 6));
    assert_false(sim_gic_irq(0));
    sim_gic_set_underflow(0, false);
    sim_gic_write_lr(0, 0, LR(1, 0, 5) | 1ULL << 41);
    sim_gic_guest_enable(0, 1);
    assert_int_equal(sim_gic_guest_ack(0, 0), 5);
    sim_gic_guest_eoi(0, 5);
    assert_true(sim_gic_irq(0));
    assert_int_equal(sim_gic_ack(0), 25);
    assert_int_equal(sim_gic_empty(0), 0xc); /* the end has not been noticed yet */
    sim_gic_write_lr(0, 0, 0);
    sim_gic_drop(0, 25);
    sim_gic_deactivate(0, 25);
    assert_false(sim_gic_irq(0));
    assert_int_equal(sim_gic_empty(0), 0xd);
}

static void an_interrupt_is_signalled_once_where_it_is_routed_until_deactivated(void **state)
{
    (void)state;
    sim_gic_route(35, 1);
    sim_gic_line(35, true);
    assert_false(sim_gic_irq(0));
    assert_int_equal(sim_gic_ack(1), 35);
    assert_int_equal(sim_gic_ack(1), SIM_GIC_NONE);
    sim_gic_drop(1, 35);
    assert_false(sim_gic_irq(1));
    sim_gic_deactivate(1, 35);
    assert_true(sim_gic_irq(1));
    sim_gic_line(35, false);
    assert_false(sim_gic_irq(1));
}

static void what_is_urgent_is_acknowledged_before_an_ipi(void **state)
{
    (void)state;
    sim_gic_urgent(35);
    sim_gic_set(IRQC_ENABLE, 0, 0, 1U << HV_IPI_INTID);
    sim_gic_route(35, 0);
    sim_gic_send_ipi(1, 0);
    assert_int_equal(sim_gic_highest(0), HV_IPI_INTID);
    sim_gic_line(35, true);
    assert_int_equal(sim_gic_ack(0), 35);
    sim_gic_drop(0, 35);
    assert_int_equal(sim_gic_ack(0), HV_IPI_INTID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_urgent_is_acknowledged_before_an_ipi, setup),
        cmocka_unit_test_setup(errors_of_the_hypervisor_end_the_run, setup),
        cmocka_unit_test_setup(nothing_a_guest_does_is_an_error, setup),
        cmocka_unit_test_setup(maintenance_is_asserted_by_underflow_and_by_end_of_interrupt_and_is_a_level, setup),
        cmocka_unit_test_setup(an_interrupt_is_signalled_once_where_it_is_routed_until_deactivated, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
