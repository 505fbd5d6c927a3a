/* SPDX-License-Identifier: Apache-2.0 */
/* Hart State Management, call by call; its state machine is explored in test_sbi_hsm_model.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"

#define HSM 0x48534dULL

enum { START, STOP, STATUS, SUSPEND };

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(3, 4, false);
    sbi_start(hart(0));
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static struct sbi_answer call(uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2)
{
    return sbi_call(hart(0), HSM, fid, SBI_ARGS(a0, a1, a2));
}

static void a_started_hart_begins_at_the_address_with_its_id_and_the_opaque_value(void **state)
{
    (void)state;
    assert_answer(call(START, 2, SBI_RAM + 0x102, 0x123456789abcdef0ULL), 0, 0);
    assert_int_equal(rv.ipis, 1U << hart(2)->cpu);
    assert_answer(call(STATUS, 2, 0, 0), 0, 2);
    assert_true(vcpu_take_start(hart(2)));
    assert_int_equal(hart(2)->regs.pc, SBI_RAM + 0x102);
    assert_int_equal(hart(2)->regs.x[10], 2);
    assert_int_equal(hart(2)->regs.x[11], 0x123456789abcdef0ULL);
    assert_answer(call(STATUS, 2, 0, 0), 0, 0);
    assert_answer(call(STATUS, 1, 0, 0), 0, 1);
}

static void a_hart_that_the_vm_does_not_have_is_invalid(void **state)
{
    (void)state;
    static const uint64_t bad[] = {3, 4, 7, 64, 0x80000000, 0xffffffff, 1ULL << 32, (1ULL << 32) | 1, 1ULL << 63, ~0ULL};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_answer(call(START, bad[i], SBI_RAM, 0), -3, 0);
        assert_answer(call(STATUS, bad[i], 0, 0), -3, 0);
    }
    assert_int_equal(sbi_vm->online, 1);
}

static void an_address_must_be_even_and_in_executable_ram_of_the_vm(void **state)
{
    (void)state;
    static const struct {
        uint64_t address;
        int64_t want;
    } cases[] = {
        {0, -5},
        {SBI_RAM - 2, -5},
        {SBI_RAM, 0},
        {SBI_RAM + 1, -5},
        {SBI_RAM + 2, 0},
        {SBI_RAM + SBI_RAM_SIZE - 2, 0},
        {SBI_RAM + SBI_RAM_SIZE - 1, -5},
        {SBI_DATA, -5},
        {SBI_THEIRS, -5},
        {SBI_ROM, -5},
        {SBI_DEVICE, -5},
        {~0ULL, -5},
        {~1ULL, -5},
        {SBI_RAM | 1ULL << 63, -5},
        {SBI_RAM | 1ULL << 41, -5},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(NULL);
        assert_answer(call(START, 1, cases[i].address, 0), cases[i].want, 0);
        assert_int_equal(atomic32_load(&hart(1)->state), cases[i].want == 0 ? VCPU_ON_PENDING : VCPU_OFF);
    }
}

static void a_hart_that_is_started_or_about_to_cannot_be_started(void **state)
{
    (void)state;
    assert_answer(call(START, 0, SBI_RAM, 0), -6, 0);
    assert_answer(call(START, 1, SBI_RAM, 5), 0, 0);
    assert_answer(call(START, 1, SBI_RAM + 2, 6), -6, 0);
    assert_int_equal(hart(1)->start_pc, SBI_RAM);
    assert_int_equal(hart(1)->start_arg, 5);
}

static void no_hart_starts_while_the_vm_ends(void **state)
{
    (void)state;
    sbi_start(hart(1));
    assert_false(sbi_call(hart(1), 0x53525354, 0, SBI_ARGS(0, 0)).back);
    assert_answer(call(START, 2, SBI_RAM, 0), -1, 0);
    assert_int_equal(atomic32_load(&hart(2)->state), VCPU_OFF);
}

static void a_hart_that_stops_does_not_come_back_and_can_be_started_again(void **state)
{
    (void)state;
    sbi_start(hart(1));
    hart(1)->regs.pc = SBI_RAM + 8;
    assert_false(sbi_call(hart(1), HSM, STOP, SBI_ARGS(1, 2, 3)).back);
    assert_int_equal(hart(1)->regs.pc, SBI_RAM + 8);
    assert_answer(call(STATUS, 1, 0, 0), 0, 1);
    assert_true(sbi_leave(hart(1)));
    assert_answer(call(START, 1, SBI_RAM, 0), 0, 0);
    sbi_start(hart(1));
    assert_answer(call(STATUS, 1, 0, 0), 0, 0);
}

static void harts_of_another_vm_have_numbers_of_their_own(void **state)
{
    (void)state;
    struct vcpu *theirs = &sbi_other->vcpus[0];
    assert_answer(sbi_call(theirs, HSM, START, SBI_ARGS(3, SBI_THEIRS, 0)), 0, 0);
    assert_answer(sbi_call(theirs, HSM, START, SBI_ARGS(2, SBI_RAM, 0)), -5, 0);
    assert_answer(call(STATUS, 3, 0, 0), -3, 0);
    assert_answer(call(STATUS, 2, 0, 0), 0, 1);
}

static void a_retentive_suspend_waits_once_unless_an_interrupt_is_there_already(void **state)
{
    (void)state;
    assert_answer(call(SUSPEND, 0, 1, 2), 0, 0);
    assert_int_equal(sbi_waits, 1);
    assert_answer(call(SUSPEND, 0xffffffff00000000ULL, 1, 2), 0, 0);
    assert_int_equal(sbi_waits, 2);
    rv.hvip[hart(0)->cpu] = HVIP_VSSIP;
    assert_answer(call(SUSPEND, 0, 1, 2), 0, 0);
    assert_int_equal(sbi_waits, 3); /* the guest has not enabled it */
    rv.vsie[hart(0)->cpu] = HVIP_VSSIP;
    assert_answer(call(SUSPEND, 0, 1, 2), 0, 0);
    assert_int_equal(sbi_waits, 3);
}

static void other_suspends_are_not_supported_or_invalid_and_do_not_wait(void **state)
{
    (void)state;
    static const uint64_t bad[] = {1,          0x0fffffff, 0x10000000, 0x7fffffff, 0x80000001,
                                   0x8fffffff, 0x90000000, 0xffffffff, 0xffffffff00000001ULL};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_answer(call(SUSPEND, bad[i], SBI_RAM, 0), -3, 0);
    }
    assert_answer(call(SUSPEND, 0x80000000, SBI_RAM, 0), -2, 0);
    assert_answer(call(SUSPEND, 0xffffffff80000000ULL, SBI_RAM, 0), -2, 0); /* as the ABI extends 32 bits */
    assert_int_equal(sbi_waits, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_started_hart_begins_at_the_address_with_its_id_and_the_opaque_value, setup),
        cmocka_unit_test_setup(a_hart_that_the_vm_does_not_have_is_invalid, setup),
        cmocka_unit_test_setup(an_address_must_be_even_and_in_executable_ram_of_the_vm, setup),
        cmocka_unit_test_setup(a_hart_that_is_started_or_about_to_cannot_be_started, setup),
        cmocka_unit_test_setup(no_hart_starts_while_the_vm_ends, setup),
        cmocka_unit_test_setup(a_hart_that_stops_does_not_come_back_and_can_be_started_again, setup),
        cmocka_unit_test_setup(harts_of_another_vm_have_numbers_of_their_own, setup),
        cmocka_unit_test_setup(a_retentive_suspend_waits_once_unless_an_interrupt_is_there_already, setup),
        cmocka_unit_test_setup(other_suspends_are_not_supported_or_invalid_and_do_not_wait, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
