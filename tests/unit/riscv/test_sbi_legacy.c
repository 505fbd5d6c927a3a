/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of SBI v0.1, but for the console's (test_sbi_console.c) and clear_ipi (test_vhart.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"
#include "vdev/vhart.h"

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(3, 2, true);
    sbi_start(hart(0));
    sbi_start(hart(2));
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static uint32_t started(void)
{
    return 1U << hart(0)->cpu | 1U << hart(2)->cpu;
}

static void set_timer_is_that_of_the_timer_extension(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), 0, 5, SBI_ARGS(4711, 9)), 0, 9);
    assert_int_equal(rv.guest_timer[hart(0)->cpu], 4711);
}

static void without_a_mask_an_ipi_goes_to_all_harts_that_are_started(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), 4, 5, SBI_ARGS(0, 9)), 0, 9);
    assert_int_equal(rv.ipis, 1U << hart(2)->cpu);
    assert_int_equal(rv.hvip[hart(0)->cpu], HVIP_VSSIP);
    rv.cpu = hart(2)->cpu;
    vhart_serve(hart(2));
    assert_int_equal(rv.hvip[hart(2)->cpu], HVIP_VSSIP);
}

static void without_a_mask_a_fence_goes_to_all_harts_that_are_started(void **state)
{
    (void)state;
    static const enum riscv_fence what[] = {RISCV_FENCE_I, RISCV_SFENCE_VMA, RISCV_SFENCE_VMA_ASID};
    for (unsigned i = 0; i < 3; i++) {
        assert_answer(sbi_call(hart(2), 5 + i, 5, SBI_ARGS(0, 0x5000, 0x2000, 0x3)), 0, 0x5000);
        assert_int_equal(rv.fence.calls, i + 1);
        assert_int_equal(rv.fence.what, what[i]);
        assert_int_equal(rv.fence.cpus, started());
        if (i > 0) {
            assert_int_equal(rv.fence.start, 0x5000);
            assert_int_equal(rv.fence.size, 0x2000);
        }
    }
    assert_int_equal(rv.fence.asid, 3);
    assert_answer(sbi_call(hart(2), 6, 5, SBI_ARGS(0, ~0ULL, 0x2000)), -5, -1);
    rv.fence_answer = HV_ERR_FIRMWARE;
    assert_answer(sbi_call(hart(2), 5, 5, SBI_ARGS(0, 9)), -1, 9);
}

static void a_mask_in_virtual_memory_is_not_read(void **state)
{
    (void)state;
    for (uint64_t call = 4; call <= 7; call++) {
        assert_answer(sbi_call(hart(0), call, 0, SBI_ARGS(SBI_RAM, 9)), -2, 9);
        assert_answer(sbi_call(hart(0), call, 0, SBI_ARGS(1ULL << 63, 9)), -2, 9);
    }
    assert_int_equal(rv.ipis, 0);
    assert_int_equal(rv.hvip[hart(0)->cpu], 0);
    assert_int_equal(rv.fence.calls, 0);
}

static void shutdown_ends_the_callers_vm(void **state)
{
    (void)state;
    enum vm_end why = VM_END_NONE;
    assert_false(sbi_call(hart(2), 8, 1, SBI_ARGS(1, 1)).back);
    assert_true(sbi_leave(hart(2)));
    assert_true(sbi_leave(hart(0)));
    assert_true(vm_reap(sbi_vm, &why));
    assert_int_equal(why, VM_END_OFF);
    assert_int_equal(atomic32_load(&sbi_other->state), VM_RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(set_timer_is_that_of_the_timer_extension, setup),
        cmocka_unit_test_setup(without_a_mask_an_ipi_goes_to_all_harts_that_are_started, setup),
        cmocka_unit_test_setup(without_a_mask_a_fence_goes_to_all_harts_that_are_started, setup),
        cmocka_unit_test_setup(a_mask_in_virtual_memory_is_not_read, setup),
        cmocka_unit_test_setup(shutdown_ends_the_callers_vm, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
