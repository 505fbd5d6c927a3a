/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/lifecycle.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"

static uint32_t ipis[HV_MAX_CPUS];
static struct vm *vm;

static void count_ipi(unsigned cpu)
{
    ipis[cpu]++;
}

static int setup(void **state)
{
    (void)state;
    arch_ops.irqc.send_ipi = count_ipi;
    memset(ipis, 0, sizeof(ipis));
    own_fixture_vms();
    vm = &vms[0];
    vm->nr_vcpus = 3;
    for (uint32_t i = 0; i < 3; i++) {
        vm->vcpus[i].vm = vm;
        vm->vcpus[i].index = i;
        vm->vcpus[i].cpu = i + 2U;
    }
    return 0;
}

static void start(unsigned i)
{
    enum vcpu_state was;
    assert_int_equal(vcpu_start(&vm->vcpus[i], 0x40000000, 0x11, &was), HV_OK);
    assert_int_equal(was, VCPU_OFF);
    assert_true(vcpu_take_start(&vm->vcpus[i]));
}

static void vcpu_start_hands_over_pc_and_argument_and_wakes_the_cpu(void **state)
{
    (void)state;
    struct vcpu *v = &vm->vcpus[1];
    struct vcpu_regs want; /* which register has the argument is the ISA's */
    vcpu_regs_start(&want, 1, 0x40000000, 0x11);
    memset(&v->regs, 0xff, sizeof(v->regs));
    start(1);
    assert_int_equal(ipis[3], 1);
    assert_int_equal(v->regs.pc, 0x40000000);
    assert_memory_equal(&v->regs, &want, sizeof(want));
    assert_int_equal(v->state.v, VCPU_ON);
    assert_int_equal(vm->state.v, VM_RUNNING);
}

static void vcpu_start_tells_the_state_when_it_is_not_off(void **state)
{
    (void)state;
    enum vcpu_state was;
    assert_int_equal(vcpu_start(&vm->vcpus[1], 1, 2, &was), HV_OK);
    assert_int_equal(vcpu_start(&vm->vcpus[1], 3, 4, &was), HV_ERR_STATE);
    assert_int_equal(was, VCPU_ON_PENDING);
    assert_int_equal(vm->vcpus[1].start_pc, 1);
    assert_true(vcpu_take_start(&vm->vcpus[1]));
    assert_int_equal(vcpu_start(&vm->vcpus[1], 3, 4, &was), HV_ERR_STATE);
    assert_int_equal(was, VCPU_ON);
    assert_int_equal(vm->online, 1);
}

static void vcpu_take_start_is_false_for_a_vcpu_that_is_off(void **state)
{
    (void)state;
    assert_false(vcpu_take_start(&vm->vcpus[0]));
}

static void vm_is_not_reaped_before_it_ever_ran(void **state)
{
    (void)state;
    enum vm_end why;
    assert_false(vm_reap(vm, &why));
    assert_int_equal(vm->state.v, VM_BUILT);
}

static void vm_stop_asks_every_vcpu_and_is_reaped_once_by_the_last(void **state)
{
    (void)state;
    enum vm_end why = VM_END_NONE;
    start(0);
    start(1);
    vm_stop(vm, VM_END_RESET);
    vm_stop(vm, VM_END_OFF);
    assert_true(vcpu_must_leave(&vm->vcpus[0]));
    vcpu_left(&vm->vcpus[0]);
    assert_false(vm_reap(vm, &why));
    assert_true(vcpu_must_leave(&vm->vcpus[1]));
    assert_false(vm_reap(vm, &why)); /* not before the last one is cleared up */
    vcpu_left(&vm->vcpus[1]);
    assert_true(vm_reap(vm, &why));
    assert_int_equal(why, VM_END_RESET);
    assert_false(vm_reap(vm, &why));
    assert_int_equal(vm->online, 0);
}

static void all_vcpus_off_by_themselves_ends_the_vm(void **state)
{
    (void)state;
    enum vm_end why = VM_END_NONE;
    start(0);
    assert_false(vcpu_must_leave(&vm->vcpus[0]));
    vcpu_stop_self(&vm->vcpus[0]);
    assert_true(vcpu_must_leave(&vm->vcpus[0]));
    vcpu_left(&vm->vcpus[0]);
    assert_true(vm_reap(vm, &why));
    assert_int_equal(why, VM_END_OFF);
}

static void a_start_that_was_pending_when_the_vm_ended_is_cancelled(void **state)
{
    (void)state;
    enum vm_end why;
    enum vcpu_state was;
    start(0);
    assert_int_equal(vcpu_start(&vm->vcpus[2], 1, 2, &was), HV_OK);
    vm_stop(vm, VM_END_OFF);
    assert_true(vcpu_must_leave(&vm->vcpus[0]));
    vcpu_left(&vm->vcpus[0]);
    assert_false(vm_reap(vm, &why));
    assert_false(vcpu_take_start(&vm->vcpus[2]));
    assert_int_equal(vm->vcpus[2].state.v, VCPU_OFF);
    assert_true(vm_reap(vm, &why));
}

static void nothing_starts_in_a_vm_that_ends(void **state)
{
    (void)state;
    enum vcpu_state was = VCPU_ON;
    start(0);
    vm_stop(vm, VM_END_OFF);
    assert_int_equal(vcpu_start(&vm->vcpus[1], 1, 2, &was), HV_ERR_STATE);
    assert_int_equal(was, VCPU_OFF);
    assert_int_equal(vm->vcpus[1].state.v, VCPU_OFF);
}

static void vcpu_requests_are_taken_once_and_leave_a_stop_standing(void **state)
{
    (void)state;
    struct vcpu *v = &vm->vcpus[0];
    start(0);
    vcpu_request(v, VCPU_REQ_VIRQ);
    vcpu_request(v, VCPU_REQ_STOP);
    assert_int_equal(vcpu_take_requests(v), VCPU_REQ_VIRQ);
    assert_int_equal(vcpu_take_requests(v), 0);
    assert_true(vcpu_must_leave(v));
}

static void a_vm_that_was_reset_is_as_it_was_built_and_starts_again(void **state)
{
    (void)state;
    static struct vm built;
    enum vm_end why = VM_END_NONE;
    memcpy(&built, vm, sizeof(built));
    start(0);
    start(1);
    vm->vcpus[0].exits[EXIT_IRQ].v = 7;
    vm->vcpus[0].fault.cause = "x";
    vcpu_request(&vm->vcpus[2], VCPU_REQ_VIRQ);
    vm_stop(vm, VM_END_RESET); /* asks vCPU 2 too, which is off and does not hear it */
    for (unsigned i = 0; i < 2; i++) {
        assert_true(vcpu_must_leave(&vm->vcpus[i]));
        vcpu_left(&vm->vcpus[i]);
    }
    assert_true(vm_reap(vm, &why));
    vm_reset(vm);
    vm->lock = built.lock;
    assert_memory_equal(vm, &built, sizeof(built));
    assert_false(vm_reap(vm, &why));
    start(0);
    start(2);
    assert_false(vcpu_must_leave(&vm->vcpus[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(vcpu_start_hands_over_pc_and_argument_and_wakes_the_cpu, setup),
        cmocka_unit_test_setup(vcpu_start_tells_the_state_when_it_is_not_off, setup),
        cmocka_unit_test_setup(vcpu_take_start_is_false_for_a_vcpu_that_is_off, setup),
        cmocka_unit_test_setup(vm_is_not_reaped_before_it_ever_ran, setup),
        cmocka_unit_test_setup(vm_stop_asks_every_vcpu_and_is_reaped_once_by_the_last, setup),
        cmocka_unit_test_setup(all_vcpus_off_by_themselves_ends_the_vm, setup),
        cmocka_unit_test_setup(a_start_that_was_pending_when_the_vm_ended_is_cancelled, setup),
        cmocka_unit_test_setup(nothing_starts_in_a_vm_that_ends, setup),
        cmocka_unit_test_setup(vcpu_requests_are_taken_once_and_leave_a_stop_standing, setup),
        cmocka_unit_test_setup(a_vm_that_was_reset_is_as_it_was_built_and_starts_again, setup),
    };
    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
