/* SPDX-License-Identifier: Apache-2.0 */
/* SBI's door, BASE, SRST and the hypervisor's own calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"

#define BASE 0x10
#define SRST 0x53525354ULL
#define OWN  0x0a42484bULL

/* Extensions with the new calling convention, and how many functions each has. */
static const struct {
    uint64_t id;
    unsigned functions;
    bool console;
} offered[] = {
    {0x10, 7, false},       {0x54494d45, 1, false}, {0x735049, 1, false},   {0x52464e43, 3, false},
    {0x48534d, 4, false},   {0x53525354, 1, false}, {0x4442434e, 3, true},  {OWN, 5, false},
};

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(3, 2, true);
    sbi_start(hart(0));
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static int setup_without_console(void **state)
{
    (void)state;
    sbi_reset(3, 2, false);
    sbi_start(hart(0));
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static bool is_offered(uint64_t id, bool console)
{
    for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
        if (offered[i].id == id) {
            return console || !offered[i].console;
        }
    }
    return id <= 8 && (console || (id != 1 && id != 2));
}

static void base_tells_version_2_0_and_who_implements_it(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), BASE, 0, SBI_ARGS(1, 2, 3)), 0, 0x02000000);
    assert_answer(sbi_call(hart(0), BASE, 1, SBI_ARGS(1, 2, 3)), 0, 0x42484b);
    assert_answer(sbi_call(hart(0), BASE, 2, SBI_ARGS(1, 2, 3)), 0, 0x00000001);
    assert_answer(sbi_call(hart(0), BASE, 4, SBI_ARGS(1, 2, 3)), 0, 0x1000);
    assert_answer(sbi_call(hart(0), BASE, 5, SBI_ARGS(1, 2, 3)), 0, 0x1001);
    assert_answer(sbi_call(hart(0), BASE, 6, SBI_ARGS(1, 2, 3)), 0, 0x1002);
}

static void probe(bool console)
{
    static const uint64_t others[] = {0x09,       0x0f,       0x11,       0x504d55,   0x53555350, 0x43505043,
                                      0x4e41434c, 0x535441,   0x08000000, 0x09000000, 0x0a000000, 0x0a000001,
                                      0x0a42484a, 0x0a42484c, ~0ULL};
    for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
        assert_answer(sbi_call(hart(0), BASE, 3, SBI_ARGS(offered[i].id)), 0, is_offered(offered[i].id, console));
        assert_answer(sbi_call(hart(0), BASE, 3, SBI_ARGS(offered[i].id | 1ULL << 32)), 0, 0);
        assert_answer(sbi_call(hart(0), BASE, 3, SBI_ARGS(offered[i].id | 1ULL << 63)), 0, 0);
    }
    for (uint64_t id = 0; id <= 0x10; id++) {
        assert_answer(sbi_call(hart(0), BASE, 3, SBI_ARGS(id)), 0, is_offered(id, console));
    }
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        assert_answer(sbi_call(hart(0), BASE, 3, SBI_ARGS(others[i])), 0, 0);
    }
}

static void probe_admits_to_what_is_offered_alone(void **state)
{
    (void)state;
    probe(true);
}

static void without_a_shared_console_probe_denies_what_needs_one(void **state)
{
    (void)state;
    probe(false);
}

/* Everything that a wrong answer could have done is checked by sbi_call(). */
static void functions(bool console)
{
    static const uint64_t junk[] = {16, 0x100, 0x80000000, 1ULL << 32, (1ULL << 32) | 1, 1ULL << 63, ~0ULL};
    for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
        unsigned known = offered[i].console && !console ? 0 : offered[i].functions;
        for (uint64_t fid = known; fid < 16; fid++) {
            assert_answer(sbi_call(hart(0), offered[i].id, fid, SBI_ARGS(0)), -2, 0);
        }
        for (size_t j = 0; j < ARRAY_SIZE(junk); j++) {
            assert_answer(sbi_call(hart(0), offered[i].id, junk[j], SBI_ARGS(0)), -2, 0);
        }
        for (uint64_t fid = 0; fid < known; fid++) { /* these are known: a bad argument, or success */
            setup(NULL);
            struct sbi_answer a = sbi_call(hart(0), offered[i].id, fid, SBI_ARGS(99, 99, 99));
            assert_true(!a.back || a.error != -2);
        }
    }
    assert_int_equal(rv.fence.calls, 0);
    assert_int_equal(sbi_waits, 0);
}

static void every_other_function_of_an_extension_is_not_supported(void **state)
{
    (void)state;
    functions(true);
}

static void without_a_shared_console_its_functions_are_not_supported(void **state)
{
    (void)state;
    for (uint64_t fid = 0; fid < 16; fid++) {
        assert_answer(sbi_call(hart(0), 0x4442434e, fid, SBI_ARGS(1, SBI_RAM, 0)), -2, 0);
    }
}

static void every_other_extension_is_not_supported(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            uint64_t id = offered[i].id ^ (1ULL << bit);
            if (id > 0x0f && !is_offered(id, true)) {
                assert_answer(sbi_call(hart(0), id, 0, SBI_ARGS(1, 0, 0)), -2, 0);
            }
        }
    }
    for (uint64_t id = 9; id <= 0x0f; id++) { /* reserved, with the old convention: a1 is preserved */
        assert_answer(sbi_call(hart(0), id, 0, SBI_ARGS(1, 77)), -2, 77);
    }
}

static void the_hypervisors_own_calls_do_nothing_and_tell_its_version(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), OWN, 0, SBI_ARGS(1, 2, 3)), 0, 0);
    assert_answer(sbi_call(hart(0), OWN, 1, SBI_ARGS(1, 2, 3)), 0, 0x00000001);
}

/* The numbers are a promise to guests: here they stand by themselves. */
static const enum exit_kind numbered[9] = {EXIT_IRQ,    EXIT_HYPERCALL, EXIT_FIRMWARE, EXIT_MMIO,  EXIT_FAULT,
                                           EXIT_SYSREG, EXIT_WFX,       EXIT_UNDEF,    EXIT_SERROR};

static void fill(struct vm *vm, uint64_t base)
{
    for (unsigned i = 0; i < RV_CPUS; i++) {
        for (unsigned r = 0; r < ARRAY_SIZE(numbered); r++) {
            vm->vcpus[i].exits[numbered[r]].v = base + 0x100000000ULL * i + r;
        }
    }
}

static void counts_of_exits_are_told_by_hart_and_fixed_number(void **state)
{
    (void)state;
    fill(sbi_vm, 0x1000);
    fill(sbi_other, 0x2000);
    assert_answer(sbi_call(hart(0), OWN, 2, SBI_ARGS(1, 2, 3)), 0, ARRAY_SIZE(numbered));
    for (uint64_t i = 0; i < 3; i++) {
        for (uint64_t r = 0; r < ARRAY_SIZE(numbered); r++) {
            assert_answer(sbi_call(hart(0), OWN, 3, SBI_ARGS(i, r, 9)), 0, 0x1000 + 0x100000000ULL * i + r);
        }
    }
    assert_answer(sbi_call(&sbi_other->vcpus[0], OWN, 3, SBI_ARGS(1, 8)), 0, 0x2000 + 0x100000000ULL + 8);
}

/* WALL-FW-5: behind the VM's harts lie, in memory, counts that are not its own. */
static void counts_of_what_the_vm_has_not_are_refused_each_in_its_way(void **state)
{
    (void)state;
    static const uint64_t none[] = {3, 4, 7, 8, 0x80000000, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL};
    static const uint64_t reasons[] = {9, 10, 0x80000000, 0x100000000, 0x100000001, 1ULL << 63, ~0ULL};
    fill(sbi_vm, 0x1000);
    fill(sbi_other, 0x2000);
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        for (uint64_t reason = 0; reason < 12; reason++) {
            assert_answer(sbi_call(hart(0), OWN, 3, SBI_ARGS(none[i], reason)), -3, 0);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        for (uint64_t n = 0; n < 3; n++) {
            assert_answer(sbi_call(hart(0), OWN, 3, SBI_ARGS(n, reasons[i])), -2, 0);
        }
    }
    assert_answer(sbi_call(&sbi_other->vcpus[0], OWN, 3, SBI_ARGS(2, 0)), -3, 0); /* that VM has two */
}

static void reset_ends_the_callers_vm_alone_for_its_reason(void **state)
{
    (void)state;
    static const struct {
        uint64_t type, reason;
        enum vm_end why;
    } cases[] = {
        {0, 0, VM_END_OFF},   {1, 0, VM_END_RESET},          {2, 0, VM_END_RESET},
        {0, 1, VM_END_OFF},   {2, 1, VM_END_RESET},          {1ULL << 32, 1ULL << 32, VM_END_OFF},
        {(1ULL << 63) | 1, 0xffffffff00000001ULL, VM_END_RESET},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        enum vm_end why = VM_END_NONE;
        setup(NULL);
        sbi_start(hart(1));
        assert_false(sbi_call(hart(1), SRST, 0, SBI_ARGS(cases[i].type, cases[i].reason)).back);
        assert_true(sbi_leave(hart(1)));
        assert_false(vm_reap(sbi_vm, &why)); /* the other hart is still inside */
        assert_true(sbi_leave(hart(0)));
        assert_true(vm_reap(sbi_vm, &why));
        assert_int_equal(why, cases[i].why);
        assert_int_equal(atomic32_load(&sbi_other->state), VM_RUNNING);
    }
}

static void reserved_and_unknown_resets_are_invalid(void **state)
{
    (void)state;
    static const uint64_t types[] = {3, 0x7fffffff, 0x80000000, 0xefffffff, 0xf0000000, 0xffffffff, ~0ULL};
    static const uint64_t reasons[] = {2, 0x80000000, 0xdfffffff, 0xe0000000, 0xefffffff, 0xf0000000, 0xffffffff, ~0ULL};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        assert_answer(sbi_call(hart(0), SRST, 0, SBI_ARGS(types[i], 0)), -3, 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        for (uint64_t type = 0; type < 4; type++) {
            assert_answer(sbi_call(hart(0), SRST, 0, SBI_ARGS(type, reasons[i])), -3, 0);
        }
    }
    assert_int_equal(atomic32_load(&sbi_vm->state), VM_RUNNING);
    assert_int_equal(sbi_vm->end, VM_END_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(base_tells_version_2_0_and_who_implements_it, setup),
        cmocka_unit_test_setup(probe_admits_to_what_is_offered_alone, setup),
        cmocka_unit_test_setup(without_a_shared_console_probe_denies_what_needs_one, setup_without_console),
        cmocka_unit_test_setup(every_other_function_of_an_extension_is_not_supported, setup),
        cmocka_unit_test_setup(without_a_shared_console_its_functions_are_not_supported, setup_without_console),
        cmocka_unit_test_setup(every_other_extension_is_not_supported, setup),
        cmocka_unit_test_setup(the_hypervisors_own_calls_do_nothing_and_tell_its_version, setup),
        cmocka_unit_test_setup(counts_of_exits_are_told_by_hart_and_fixed_number, setup),
        cmocka_unit_test_setup(counts_of_what_the_vm_has_not_are_refused_each_in_its_way, setup),
        cmocka_unit_test_setup(reset_ends_the_callers_vm_alone_for_its_reason, setup),
        cmocka_unit_test_setup(reserved_and_unknown_resets_are_invalid, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
