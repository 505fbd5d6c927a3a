/* SPDX-License-Identifier: Apache-2.0 */
/* When a VM is restarted, and when it is told. Memory: tests/system/test_restart.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/restart.h"
#include "hv/arch_ops.h"

#define HZ 1000U

static uint64_t now;
static struct plan_vm plan;
static struct vm vm;

static uint64_t read_now(void)
{
    return now;
}

static uint32_t read_freq(void)
{
    return HZ;
}

static int setup(void **state)
{
    (void)state;
    arch_ops.timer.now = read_now;
    arch_ops.timer.freq = read_freq;
    now = 5000;
    plan = (struct plan_vm){.on_reset = PLAN_POLICY_HALT, .on_fault = PLAN_POLICY_HALT};
    vm = (struct vm){.plan = &plan};
    restart_note_start(&vm);
    return 0;
}

static void each_end_has_its_own_policy(void **state)
{
    (void)state;
    for (uint32_t policies = 0; policies < 4U; policies++) {
        plan.on_reset = policies & 1U;
        plan.on_fault = policies >> 1;
        assert_int_equal(restart_decide(&vm, VM_END_RESET), plan.on_reset != 0U ? RESTART_GO : RESTART_NO);
        assert_int_equal(restart_decide(&vm, VM_END_FAULT), plan.on_fault != 0U ? RESTART_GO : RESTART_NO);
        assert_int_equal(restart_decide(&vm, VM_END_OFF), RESTART_NO);
    }
}

static void resets_have_no_limit(void **state)
{
    (void)state;
    plan.on_reset = PLAN_POLICY_RESTART;
    for (unsigned i = 0; i < 1000U; i++) {
        assert_int_equal(restart_decide(&vm, VM_END_RESET), RESTART_GO);
    }
}

static enum restart_verdict fault_after(uint64_t ticks)
{
    restart_note_start(&vm);
    now += ticks;
    return restart_decide(&vm, VM_END_FAULT);
}

static void faults_soon_after_the_start_have_one(void **state)
{
    (void)state;
    plan.on_fault = PLAN_POLICY_RESTART;
    for (unsigned i = 0; i < RESTART_QUICK_FAULTS; i++) {
        assert_int_equal(fault_after(HZ - 1U), RESTART_GO);
    }
    assert_int_equal(fault_after(HZ - 1U), RESTART_GIVEN_UP);
}

static void a_fault_after_a_while_begins_the_count_anew(void **state)
{
    (void)state;
    plan.on_fault = PLAN_POLICY_RESTART;
    plan.on_reset = PLAN_POLICY_RESTART;
    for (unsigned round = 0; round < 3U; round++) {
        for (unsigned i = 0; i < RESTART_QUICK_FAULTS; i++) {
            assert_int_equal(fault_after(0), RESTART_GO);
            assert_int_equal(restart_decide(&vm, VM_END_RESET), RESTART_GO); /* no part of it */
        }
        assert_int_equal(fault_after(HZ), RESTART_GO);
    }
}

static void fast_restarts_are_counted_but_not_all_told(void **state)
{
    unsigned told = 0;

    (void)state;
    for (unsigned i = 0; i < 100U; i++) {
        told += restart_count(&vm) ? 1U : 0U;
    }
    assert_int_equal(told, RESTART_LINES);
    assert_int_equal(vm.lives.restarts, 100);
    now += HZ - 1U;
    assert_false(restart_count(&vm));
    now += 1U;
    assert_true(restart_count(&vm));
    assert_int_equal(vm.lives.restarts, 102);
}

static void slow_restarts_are_all_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50U; i++) {
        assert_true(restart_count(&vm));
        now += HZ / RESTART_LINES;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_end_has_its_own_policy, setup),
        cmocka_unit_test_setup(resets_have_no_limit, setup),
        cmocka_unit_test_setup(faults_soon_after_the_start_have_one, setup),
        cmocka_unit_test_setup(a_fault_after_a_while_begins_the_count_anew, setup),
        cmocka_unit_test_setup(fast_restarts_are_counted_but_not_all_told, setup),
        cmocka_unit_test_setup(slow_restarts_are_all_told, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
