/* SPDX-License-Identifier: Apache-2.0 */
/* What the virtual PLIC does at once and what not; that both ways do the same is test_vplic.c's and test_vplic_random.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/vcpu.h"
#include "hv/arch_ops.h"
#include "plic_world.h"
#include "vdev/vplic.h"

#define UART 10U

static const struct world_source sources[] = {{0, 1, false}, {0, 3, false}, {0, 40, false}, {0, UART, true}, {1, 2, false}};
static struct vcpu *v0, *v1;
static uint64_t base;

static void let(struct vcpu *v, unsigned source, unsigned priority)
{
    uint32_t word = ENABLE(v->index, source / 32U);
    world_write(v, PRIORITY(source), priority);
    world_write(v, word, world_read(v, word) | (uint32_t)1 << (source % 32U));
    world_settle();
}

/* Source 3 may interrupt the first of two vCPUs, which are on. */
static int setup(void **state)
{
    (void)state;
    world_reset(2, 1, sources, ARRAY_SIZE(sources));
    v0 = &vms[0].vcpus[0];
    v1 = &vms[0].vcpus[1];
    base = vms[0].plan->irqc_ipa[0];
    world_start(v0);
    world_start(v1);
    let(v0, 3, 2);
    return 0;
}

/* A source's line rises and its CPU claims it physically. */
static uint32_t arrive(struct vcpu *v, unsigned source)
{
    hw_line(source, true);
    rv.cpu = v->cpu;
    uint32_t intid = arch_ops.irqc.ack();
    assert_int_equal(intid, RISCV_WIRED + source);
    return intid;
}

static bool take(const struct vcpu *v, uint32_t intid)
{
    rv.cpu = v->cpu;
    if (!vplic_take_armed(v, intid)) {
        return false;
    }
    hw.transit[intid - RISCV_WIRED] = false;
    return true;
}

static uint32_t claim(struct vcpu *v, unsigned context)
{
    uint32_t val = 0;
    rv.cpu = v->cpu;
    return vplic_claim_armed(v, base + CLAIM(context), &val) ? val : 0U;
}

static bool complete(struct vcpu *v, unsigned context, uint32_t source)
{
    rv.cpu = v->cpu;
    return vplic_complete_armed(v, base + CLAIM(context), source);
}

static void an_interrupt_by_itself_is_taken_claimed_and_completed_at_once(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3U; i++) {
        assert_true(take(v0, arrive(v0, 3)));
        assert_true(world_line(v0));
        assert_int_equal(world_read(v0, PENDING(0)), 1U << 3);
        assert_int_equal(claim(v0, 0), 3);
        assert_false(world_line(v0));
        assert_int_equal(world_read(v0, PENDING(0)), 0);
        hw_line(3, false);
        assert_true(complete(v0, 0, 3));
        assert_int_equal(hw.completions[3], i);
    }
}

static void below_the_threshold_it_is_pending_and_claimed_but_no_line_is_up(void **state)
{
    (void)state;
    world_write(v0, THRESHOLD(0), 2);
    assert_true(take(v0, arrive(v0, 3)));
    assert_false(world_line(v0));
    assert_int_equal(claim(v0, 0), 3);
}

static void what_is_no_source_of_the_vms_is_not_taken(void **state)
{
    static const uint32_t no[] = {0, RISCV_INTID_TIMER, RISCV_WIRED, RISCV_WIRED + 2U, RISCV_WIRED + UART, IRQC_NONE, 1055};
    (void)state;
    rv.cpu = v0->cpu;
    for (unsigned i = 0; i < ARRAY_SIZE(no); i++) {
        assert_false(vplic_take_armed(v0, no[i]));
    }
    assert_int_equal(world_read(v0, PENDING(0)), 0);
}

static void what_is_not_simple_is_not_taken(void **state)
{
    (void)state;
    let(v0, 40, 1);
    assert_true(take(v0, arrive(v0, 3)));
    assert_false(take(v0, arrive(v0, 40))); /* another is pending */
    hw.transit[40] = false;
    vplic_take(v0, RISCV_WIRED + 40U, true);
    assert_int_equal(claim(v0, 0), 0);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    assert_int_equal(claim(v0, 0), 0); /* it came when another was there */
    assert_int_equal(world_read(v0, CLAIM(0)), 40);
}

static void what_two_contexts_have_enabled_is_not_taken(void **state)
{
    (void)state;
    let(v1, 3, 2);
    assert_false(take(v0, arrive(v0, 3)));
    world_write(v1, ENABLE(1, 0), 0);
    assert_true(take(v0, RISCV_WIRED + 3U));
}

static void what_is_routed_elsewhere_since_the_claim_is_not_taken(void **state)
{
    uint32_t intid = arrive(v0, 3);
    (void)state;
    rv.cpu = v1->cpu;
    world_write(v1, ENABLE(1, 0), 1U << 3);
    world_write(v1, ENABLE(0, 0), 0);
    rv.cpu = v0->cpu;
    assert_false(vplic_take_armed(v0, intid));
    world_write(v1, PRIORITY(3), 0);
    rv.cpu = v0->cpu;
    assert_false(vplic_take_armed(v0, intid));
}

static void after_any_change_a_claim_is_not_answered_at_once(void **state)
{
    (void)state;
    assert_true(take(v0, arrive(v0, 3)));
    world_write(v0, THRESHOLD(0), 1);
    assert_int_equal(claim(v0, 0), 0);
    assert_true(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
}

static void a_context_that_is_anothers_is_not_answered_at_once(void **state)
{
    (void)state;
    assert_true(take(v0, arrive(v0, 3)));
    assert_int_equal(claim(v1, 0), 0);
    assert_int_equal(claim(v1, 1), 0);
    assert_int_equal(claim(v0, 0), 3);
    assert_false(complete(v1, 0, 3));
    assert_false(complete(v1, 1, 3)); /* which has it not enabled */
    assert_false(complete(v0, 0, 1024));
    assert_true(complete(v0, 0, 3));
    assert_false(complete(v0, 0, 3)); /* it is not in service any more */
}

static void what_a_vcpu_that_stopped_has_left_is_not_anothers(void **state)
{
    (void)state;
    assert_true(take(v0, arrive(v0, 3)));
    world_stop(v0);
    assert_int_equal(claim(v1, 1), 0);
    assert_int_equal(world_read(v1, CLAIM(1)), 0);
    assert_int_equal(world_read(v1, CLAIM(0)), 3);
}

static void a_completion_that_brings_something_into_force_is_not_done_at_once(void **state)
{
    (void)state;
    assert_true(take(v0, arrive(v0, 3)));
    assert_false(complete(v0, 0, 3)); /* still pending */
    assert_int_equal(claim(v0, 0), 3);
    world_write(v1, ENABLE(1, 0), 1U << 3);
    assert_false(complete(v0, 0, 3));
    hw_line(3, false);
    world_write(v0, CLAIM(0), 3);
    assert_int_equal(hw.completions[3], 1);
    world_write(v0, ENABLE(0, 0), 0);
    let(v0, UART, 1);
    rv.cpu = 7;
    vplic_set_line(&vms[0], RISCV_WIRED + UART, true);
    world_settle();
    assert_int_equal(world_read(v0, CLAIM(0)), UART);
    assert_false(complete(v0, 0, UART)); /* virtual: its line is still high */
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_interrupt_by_itself_is_taken_claimed_and_completed_at_once),
        CASE(below_the_threshold_it_is_pending_and_claimed_but_no_line_is_up),
        CASE(what_is_no_source_of_the_vms_is_not_taken),
        CASE(what_is_not_simple_is_not_taken),
        CASE(what_two_contexts_have_enabled_is_not_taken),
        CASE(what_is_routed_elsewhere_since_the_claim_is_not_taken),
        CASE(after_any_change_a_claim_is_not_answered_at_once),
        CASE(a_context_that_is_anothers_is_not_answered_at_once),
        CASE(what_a_vcpu_that_stopped_has_left_is_not_anothers),
        CASE(a_completion_that_brings_something_into_force_is_not_done_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
