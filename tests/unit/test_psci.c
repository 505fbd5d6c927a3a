/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI for guests (DEN 0022F), call by call. All sequences of calls: test_psci_model.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fw/psci.h"
#include "fw_fixture.h"

static int setup(void **state)
{
    (void)state;
    fw_reset(3);
    fw_boot();
    return 0;
}

static struct vcpu *cpu(unsigned n)
{
    return &fw_vm->vcpus[n];
}

static int64_t call(uint32_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    assert_int_equal(fw_invoke(cpu(0), false, 0, fid, a1, a2, a3), EXIT_ADVANCE_PC);
    return (int64_t)cpu(0)->regs.x[0];
}

static void version_is_1_1_and_nothing_has_to_migrate(void **state)
{
    (void)state;
    assert_int_equal(call(PSCI_VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2);
}

static void features_admits_to_exactly_what_is_answered(void **state)
{
    (void)state;
    static const uint32_t offered[] = {
        0x84000000,
        0x84000001,
        0x84000002,
        0x84000003,
        0x84000004,
        0x84000006,
        0x84000008,
        0x84000009,
        0x8400000a,
        0xc4000001,
        0xc4000003,
        0xc4000004,
        0x80000000 /* SMCCC_VERSION, 5.15.2 */,
    };
    for (uint32_t base = 0; base < 8; base++) {
        static const uint32_t bases[] = {0x84000000, 0xc4000000, 0x80000000, 0xc0000000,
                                         0x04000000, 0x44000000, 0x86000000, 0x85000000};
        for (uint32_t fn = 0; fn < 0x40; fn++) {
            int64_t want = PSCI_NOT_SUPPORTED;
            for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
                want = offered[i] == bases[base] + fn ? 0 : want;
            }
            assert_int_equal(call(PSCI_FEATURES, bases[base] + fn, 0, 0), want);
            assert_int_equal(call(PSCI_FEATURES, 0xffffffff00000000ULL | (bases[base] + fn), 0, 0), want);
        }
    }
}

static void a_call_that_features_denies_is_not_supported(void **state)
{
    (void)state;
    for (unsigned wide = 0; wide < 2; wide++) {
        for (uint32_t fn = 0; fn < 0x40; fn++) {
            uint32_t fid = (wide ? 0xc4000000U : 0x84000000U) + fn;
            if (call(PSCI_FEATURES, fid, 0, 0) == PSCI_NOT_SUPPORTED) {
                struct vcpu_regs before = cpu(0)->regs;
                assert_int_equal(call(fid, 1, 2, 3), PSCI_NOT_SUPPORTED);
                before.x[0] = UINT64_MAX;
                before.x[1] = 1;
                before.x[2] = 2;
                before.x[3] = 3;
                assert_memory_equal(&before, &cpu(0)->regs, sizeof(before));
            } else if (fid != PSCI_CPU_OFF && fid != PSCI_SYSTEM_OFF && fid != PSCI_SYSTEM_RESET &&
                       fid != PSCI_FEATURES) {
                assert_int_not_equal(call(fid, 0, 0, 0), PSCI_NOT_SUPPORTED);
            }
        }
    }
}

static void cpu_on_starts_the_target_at_the_entry_with_the_context(void **state)
{
    (void)state;
    assert_int_equal(call(PSCI_CPU_ON64, 2, FW_ENTRY + 0x100, 0x123456789abcdef0ULL), PSCI_SUCCESS);
    assert_int_equal(fw_ipis[cpu(2)->cpu], 1);
    assert_int_equal(atomic32_load(&cpu(2)->state), VCPU_ON_PENDING);
    assert_true(vcpu_take_start(cpu(2)));
    assert_int_equal(cpu(2)->regs.pc, FW_ENTRY + 0x100);
    assert_int_equal(cpu(2)->regs.x[0], 0x123456789abcdef0ULL);
    assert_int_equal(cpu(2)->regs.pstate, 0x3c5);
    assert_int_equal(atomic32_load(&cpu(1)->state), VCPU_OFF);
}

static void the_32_bit_form_uses_the_low_words_of_its_arguments(void **state)
{
    (void)state;
    const uint64_t junk = 0xdeadbeef00000000ULL;
    assert_int_equal(call(PSCI_AFFINITY_INFO32, junk, junk, 0), 0);
    assert_int_equal(call(PSCI_AFFINITY_INFO64, junk, 0, 0), PSCI_INVALID_PARAMETERS);
    assert_int_equal(call(PSCI_AFFINITY_INFO64, 0, junk, 0), PSCI_INVALID_PARAMETERS);
    assert_int_equal(call(PSCI_CPU_ON64, junk | 1, FW_ENTRY, 5), PSCI_INVALID_PARAMETERS);
    assert_int_equal(call(PSCI_CPU_ON64, 1, junk | FW_ENTRY, 5), PSCI_INVALID_ADDRESS);
    assert_int_equal(call(PSCI_CPU_ON32, junk | 1, junk | FW_ENTRY, junk | 5), PSCI_SUCCESS);
    assert_true(vcpu_take_start(cpu(1)));
    assert_int_equal(cpu(1)->regs.pc, FW_ENTRY);
    assert_int_equal(cpu(1)->regs.x[0], 5);
}

static void a_target_that_the_vm_does_not_have_is_invalid(void **state)
{
    (void)state;
    static const uint64_t bad[] = {3,
                                   4,
                                   0x100,
                                   0x10000,
                                   0x1000000,
                                   0x80000000,
                                   0x100000000ULL,
                                   0x80000001,
                                   0xffffffffULL,
                                   ~0ULL,
                                   1ULL << 63,
                                   (1ULL << 32) | 1};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_int_equal(call(PSCI_CPU_ON64, bad[i], FW_ENTRY, 0), PSCI_INVALID_PARAMETERS);
        assert_int_equal(call(PSCI_AFFINITY_INFO64, bad[i], 0, 0), PSCI_INVALID_PARAMETERS);
    }
    assert_int_equal(atomic32_load(&cpu(1)->state), VCPU_OFF);
    assert_int_equal(atomic32_load(&cpu(2)->state), VCPU_OFF);
}

static void an_entry_must_be_a_word_of_executable_ram_of_the_vm(void **state)
{
    (void)state;
    static const struct {
        uint64_t entry;
        int64_t want;
    } cases[] = {
        {0, PSCI_INVALID_ADDRESS},
        {FW_ENTRY - 4, PSCI_INVALID_ADDRESS},
        {FW_ENTRY + 1, PSCI_INVALID_ADDRESS},
        {FW_ENTRY + 2, PSCI_INVALID_ADDRESS},
        {FW_ENTRY + FW_SIZE, PSCI_INVALID_ADDRESS},
        {FW_ENTRY + FW_SIZE - 2, PSCI_INVALID_ADDRESS},
        {FW_DATA, PSCI_INVALID_ADDRESS},
        {FW_DEVICE, PSCI_INVALID_ADDRESS},
        {~0ULL, PSCI_INVALID_ADDRESS},
        {~3ULL, PSCI_INVALID_ADDRESS},
        {0xffff000000000000ULL | FW_ENTRY, PSCI_INVALID_ADDRESS},
        {FW_ENTRY + FW_SIZE - 4, PSCI_SUCCESS},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(call(PSCI_CPU_ON64, 1, cases[i].entry, 0), cases[i].want);
        assert_int_equal(atomic32_load(&cpu(1)->state),
                         cases[i].want == PSCI_SUCCESS ? VCPU_ON_PENDING : VCPU_OFF);
    }
}

static void affinity_info_knows_level_0_alone(void **state)
{
    (void)state;
    assert_int_equal(call(PSCI_AFFINITY_INFO64, 0, 0, 0), 0);
    assert_int_equal(call(PSCI_AFFINITY_INFO64, 1, 0, 0), 1);
    assert_int_equal(call(PSCI_CPU_ON64, 1, FW_ENTRY, 0), PSCI_SUCCESS);
    assert_int_equal(call(PSCI_AFFINITY_INFO64, 1, 0, 0), 2);
    for (uint64_t level = 1; level < 5; level++) {
        assert_int_equal(call(PSCI_AFFINITY_INFO64, 0, level, 0), PSCI_INVALID_PARAMETERS);
        assert_int_equal(call(PSCI_AFFINITY_INFO32, 0, level, 0), PSCI_INVALID_PARAMETERS);
    }
}

static void standby_waits_once_unless_an_interrupt_is_there_already(void **state)
{
    (void)state;
    assert_int_equal(call(PSCI_CPU_SUSPEND64, 0, 0, 0), PSCI_SUCCESS);
    assert_int_equal(fw_waits, 1);
    assert_int_equal(call(PSCI_CPU_SUSPEND32, 0xffffffff00000000ULL, 0, 0), PSCI_SUCCESS);
    assert_int_equal(fw_waits, 2);
    fw_virq_pending = true;
    assert_int_equal(call(PSCI_CPU_SUSPEND64, 0, 0, 0), PSCI_SUCCESS);
    assert_int_equal(fw_waits, 2);
}

static void every_other_power_state_is_invalid_and_does_not_wait(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        assert_int_equal(call(PSCI_CPU_SUSPEND64, 1ULL << bit, FW_ENTRY, 0), PSCI_INVALID_PARAMETERS);
    }
    assert_int_equal(fw_waits, 0);
}

static void calls_that_do_not_return_leave_registers_and_pc_alone(void **state)
{
    (void)state;
    static const uint32_t fids[] = {PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET};
    for (size_t i = 0; i < ARRAY_SIZE(fids); i++) {
        for (int smc = 0; smc < 2; smc++) {
            setup(NULL);
            cpu(0)->regs.pc = FW_ENTRY + 8;
            assert_int_equal(fw_invoke(cpu(0), smc, 0, fids[i], 1, 2, 3), EXIT_RESUME);
            assert_int_equal(cpu(0)->regs.x[0], fids[i]);
            assert_int_equal(cpu(0)->regs.x[1], 1);
            assert_int_equal(cpu(0)->regs.pc, FW_ENTRY + 8);
            assert_true(vcpu_must_leave(cpu(0)));
        }
    }
}

static void the_system_calls_end_the_callers_vm_alone_for_their_reason(void **state)
{
    (void)state;
    enum vm_end why = VM_END_NONE;
    struct vm other = vms[1];
    assert_int_equal(fw_invoke(cpu(0), true, 0, PSCI_SYSTEM_RESET, 0, 0, 0), EXIT_RESUME);
    assert_true(vcpu_must_leave(cpu(0)));
    vcpu_left(cpu(0));
    assert_true(vm_reap(fw_vm, &why));
    assert_int_equal(why, VM_END_RESET);
    setup(NULL);
    assert_int_equal(fw_invoke(cpu(0), false, 0, PSCI_SYSTEM_OFF, 0, 0, 0), EXIT_RESUME);
    assert_true(vcpu_must_leave(cpu(0)));
    vcpu_left(cpu(0));
    assert_true(vm_reap(fw_vm, &why));
    assert_int_equal(why, VM_END_OFF);
    assert_memory_equal(&other, &vms[1], sizeof(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(version_is_1_1_and_nothing_has_to_migrate, setup),
        cmocka_unit_test_setup(features_admits_to_exactly_what_is_answered, setup),
        cmocka_unit_test_setup(a_call_that_features_denies_is_not_supported, setup),
        cmocka_unit_test_setup(cpu_on_starts_the_target_at_the_entry_with_the_context, setup),
        cmocka_unit_test_setup(the_32_bit_form_uses_the_low_words_of_its_arguments, setup),
        cmocka_unit_test_setup(a_target_that_the_vm_does_not_have_is_invalid, setup),
        cmocka_unit_test_setup(an_entry_must_be_a_word_of_executable_ram_of_the_vm, setup),
        cmocka_unit_test_setup(affinity_info_knows_level_0_alone, setup),
        cmocka_unit_test_setup(standby_waits_once_unless_an_interrupt_is_there_already, setup),
        cmocka_unit_test_setup(every_other_power_state_is_invalid_and_does_not_wait, setup),
        cmocka_unit_test_setup(calls_that_do_not_return_leave_registers_and_pc_alone, setup),
        cmocka_unit_test_setup(the_system_calls_end_the_callers_vm_alone_for_their_reason, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
