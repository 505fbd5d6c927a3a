/* SPDX-License-Identifier: Apache-2.0 */
/* Calling convention (DEN 0028F): versions, our own calls, and that nothing else answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fw/hypercall.h"
#include "fw/psci.h"
#include "fw_fixture.h"
#include "hv/version.h"

static struct vcpu *v;

static int setup(void **state)
{
    (void)state;
    fw_reset(2);
    fw_boot();
    v = &fw_vm->vcpus[0];
    return 0;
}

/* Fills all registers, calls, and checks that exactly x0 .. x[results-1] may have changed. */
static uint64_t call(bool smc, uint64_t fid, uint64_t x1, unsigned results)
{
    struct vcpu_regs before;
    for (unsigned i = 0; i < 32; i++) {
        v->regs.x[i] = 0xa5a5000000000000ULL + i;
    }
    v->regs.pc = FW_ENTRY + 0x10;
    v->regs.pstate = 0x3c5;
    before = v->regs;
    before.x[1] = x1;
    assert_int_equal(fw_invoke(v, smc, 0, fid, x1, before.x[2], before.x[3]), EXIT_ADVANCE_PC);
    for (unsigned i = results; i < 32; i++) {
        assert_int_equal(v->regs.x[i], before.x[i]);
    }
    assert_int_equal(v->regs.pc, before.pc); /* exit.c alone moves it */
    assert_int_equal(v->regs.pstate, before.pstate);
    return v->regs.x[0];
}

static void version_and_features_are_those_of_convention_1_1(void **state)
{
    (void)state;
    for (int smc = 0; smc < 2; smc++) {
        assert_int_equal(call(smc, 0x80000000, 0, 1), 0x10001);
        assert_int_equal(call(smc, 0x80000001, 0x80000000, 1), 0);
        assert_int_equal(call(smc, 0x80000001, 0x80000001, 1), 0);
        assert_int_equal(call(smc, 0x80000001, 0xffffffff80000000, 1), 0); /* W1 */
    }
}

static void firmware_workarounds_are_said_not_to_be_there(void **state)
{
    (void)state;
    static const uint32_t ids[] = {0x80008000, 0x80007fff, 0x80003fff, 0x80000002 /* SOC_ID */,
                                   0x84000000, 0};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        assert_int_equal(call(false, 0x80000001, ids[i], 1), UINT64_MAX);
        if (ids[i] != PSCI_VERSION) {
            assert_int_equal(call(false, ids[i], 0, 1), UINT64_MAX);
        }
    }
}

static void the_null_and_version_calls_cost_nothing_but_x0(void **state)
{
    (void)state;
    for (int smc = 0; smc < 2; smc++) {
        assert_int_equal(call(smc, 0x86000000, 0, 1), 0);
        assert_int_equal(call(smc, 0x86000001, 0, 1), (HV_VERSION_MAJOR << 16) | HV_VERSION_MINOR);
    }
}

static void the_uid_is_the_projects_uuid_in_four_registers(void **state)
{
    (void)state;
    static const uint8_t uuid[16] = {0x5d, 0xf0, 0xa4, 0x87, 0x48, 0x5d, 0x44, 0xf0,
                                     0x97, 0xd2, 0xaa, 0x47, 0x52, 0xcc, 0xec, 0xe4};
    (void)call(false, 0x8600ff01, 0, 4);
    for (unsigned i = 0; i < 16; i++) {
        assert_int_equal((v->regs.x[i / 4] >> (8 * (i % 4))) & 0xff, uuid[i]);
        assert_int_equal(v->regs.x[i / 4] >> 32, 0);
    }
}

static void the_revision_has_two_results(void **state)
{
    (void)state;
    assert_int_equal(call(false, 0x8600ff03, 0, 2), 1);
    assert_int_equal(v->regs.x[1], 2);
}

/* X0; what X1 has afterwards is *count. All other registers are as they were. */
static uint64_t exits(bool smc, uint64_t vcpu, uint64_t reason, uint64_t *count)
{
    struct vcpu_regs before;
    for (unsigned i = 0; i < 32; i++) {
        v->regs.x[i] = 0xa5a5000000000000ULL + i;
    }
    before = v->regs;
    assert_int_equal(fw_invoke(v, smc, 0, 0xc6000003, vcpu, reason, before.x[3]), EXIT_ADVANCE_PC);
    before.x[0] = v->regs.x[0];
    before.x[1] = *count = v->regs.x[1];
    before.x[2] = reason;
    assert_memory_equal(&v->regs, &before, sizeof(before));
    return v->regs.x[0];
}

/* The numbers are a promise to guests: here they stand by themselves. */
static const enum exit_kind numbered[9] = {EXIT_IRQ,    EXIT_HYPERCALL, EXIT_FIRMWARE, EXIT_MMIO,  EXIT_FAULT,
                                           EXIT_SYSREG, EXIT_WFX,       EXIT_UNDEF,    EXIT_SERROR};

static void counts_of_exits_are_told_by_vcpu_and_fixed_number(void **state)
{
    (void)state;
    uint64_t count = 0;
    assert_int_equal(call(false, 0x86000002, 0, 1), ARRAY_SIZE(numbered));
    for (unsigned i = 0; i < fw_vm->nr_vcpus; i++) {
        for (unsigned r = 0; r < ARRAY_SIZE(numbered); r++) {
            fw_vm->vcpus[i].exits[numbered[r]].v = 0x100000000ULL * (i + 1U) + r;
        }
    }
    for (unsigned i = 0; i < fw_vm->nr_vcpus; i++) {
        for (unsigned r = 0; r < ARRAY_SIZE(numbered); r++) {
            assert_int_equal(exits((r & 1U) != 0, i, r, &count), 0);
            assert_int_equal(count, 0x100000000ULL * (i + 1U) + r);
        }
    }
}

/* WALL-FW-5: behind the VM's two vCPUs lie, in memory, counts that are not its own. */
static void counts_of_what_the_vm_has_not_are_refused_each_in_its_way(void **state)
{
    (void)state;
    static const uint64_t none[] = {2, 3, 7, 8, 0x80000000, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL};
    static const uint64_t reasons[] = {9, 10, 0x80000000, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL};
    uint64_t count = 0;
    for (unsigned i = 2; i < VM_MAX_VCPUS; i++) {
        memset(fw_vm->vcpus[i].exits, 0x77, sizeof(fw_vm->vcpus[i].exits));
    }
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        for (uint64_t reason = 0; reason < 12; reason++) {
            assert_int_equal(exits(false, none[i], reason, &count), (uint64_t)-3);
            assert_int_equal(count, none[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        for (uint64_t vcpu = 0; vcpu < 2; vcpu++) {
            assert_int_equal(exits(true, vcpu, reasons[i], &count), UINT64_MAX);
            assert_int_equal(count, vcpu);
        }
    }
}

static void only_the_low_word_of_x0_is_the_identifier(void **state)
{
    (void)state;
    assert_int_equal(call(false, 0xdeadbeef80000000ULL, 0, 1), 0x10001);
}

static bool is_known(uint32_t fid)
{
    static const uint32_t known[] = {
        0x80000000, 0x80000001, 0x84000000, 0x84000001, 0x84000002, 0x84000003,
        0x84000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000a, 0xc4000001,
        0xc4000003, 0xc4000004, 0x86000000, 0x86000001, 0x86000002, 0xc6000003, 0x86000004, 0x8600ff01, 0x8600ff03,
    };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (known[i] == fid) {
            return true;
        }
    }
    return false;
}

static void unknown_identifiers_are_not_supported_and_change_nothing_else(void **state)
{
    (void)state;
    /* All 64 owners and both call types and widths, with the functions around those that exist. */
    for (uint32_t top = 0; top < 256; top++) {
        for (uint32_t fn = 0; fn < 0x20; fn++) {
            static const uint32_t bases[] = {0, 0xff00, 0x3fe0, 0x7fe0, 0x8000, 0xffe0};
            for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
                uint32_t fid = (top << 24) | (bases[b] + fn);
                if (!is_known(fid)) {
                    assert_int_equal(call((fn & 1) != 0, fid, fid, 1), UINT64_MAX);
                }
            }
        }
    }
}

static void reserved_bits_in_an_identifier_make_it_unknown(void **state)
{
    (void)state;
    for (unsigned bit = 16; bit < 24; bit++) {
        assert_int_equal(call(false, 0x80000000U | (1U << bit), 0, 1), UINT64_MAX);
        assert_int_equal(call(false, 0x84000000U | (1U << bit), 0, 1), UINT64_MAX);
    }
}

static void an_immediate_other_than_zero_is_not_supported(void **state)
{
    (void)state;
    static const uint16_t imm[] = {1, 0xea1, 0x8000, 0xffff};
    static const uint64_t fids[] = {0x80000000, 0x84000000, 0x84000008, 0x84000002, 0x86000000, 0x8600ff01};
    for (size_t i = 0; i < ARRAY_SIZE(imm); i++) {
        for (size_t f = 0; f < ARRAY_SIZE(fids); f++) {
            for (int smc = 0; smc < 2; smc++) {
                assert_int_equal(fw_invoke(v, smc, imm[i], fids[f], 7, 8, 9), EXIT_ADVANCE_PC);
                assert_int_equal(v->regs.x[0], UINT64_MAX);
                assert_int_equal(v->regs.x[1], 7);
                assert_int_equal(v->regs.x[2], 8);
                assert_int_equal(v->regs.x[3], 9);
                assert_int_equal(atomic32_load(&fw_vm->state), VM_RUNNING);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(version_and_features_are_those_of_convention_1_1, setup),
        cmocka_unit_test_setup(firmware_workarounds_are_said_not_to_be_there, setup),
        cmocka_unit_test_setup(the_null_and_version_calls_cost_nothing_but_x0, setup),
        cmocka_unit_test_setup(the_uid_is_the_projects_uuid_in_four_registers, setup),
        cmocka_unit_test_setup(the_revision_has_two_results, setup),
        cmocka_unit_test_setup(counts_of_exits_are_told_by_vcpu_and_fixed_number, setup),
        cmocka_unit_test_setup(counts_of_what_the_vm_has_not_are_refused_each_in_its_way, setup),
        cmocka_unit_test_setup(only_the_low_word_of_x0_is_the_identifier, setup),
        cmocka_unit_test_setup(unknown_identifiers_are_not_supported_and_change_nothing_else, setup),
        cmocka_unit_test_setup(reserved_bits_in_an_identifier_make_it_unknown, setup),
        cmocka_unit_test_setup(an_immediate_other_than_zero_is_not_supported, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
