/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions made at EL1 (hv/arch/armv8/inject.c) against DDI 0487 D1.3.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/armv8/inject.h"

#define SPAN      (1ULL << 23)
#define DSSBS     (1ULL << 44)
#define SPINTMASK (1ULL << 62)

/* EL1h, DAIF masked. */
#define BASE 0x3c5ULL

static struct inject_result inject(enum inject_kind kind, uint64_t pstate, struct inject_guest g)
{
    struct vcpu_regs regs = {.pc = 0xffff800010001234ULL, .pstate = pstate};
    struct inject_result r;
    memset(&r, 0xa5, sizeof(r));
    inject_exception(&regs, kind, 0xdead0000beefULL, &g, &r);
    return r;
}

static void the_vector_follows_exception_level_stack_pointer_and_width(void **state)
{
    (void)state;
    static const struct {
        uint64_t pstate;
        uint64_t offset;
        unsigned dabt, iabt;
    } cases[] = {
        {0x004, 0x000, 0x25, 0x21},                             /* EL1t */
        {0x005, 0x200, 0x25, 0x21},                             /* EL1h */
        {0x3c5, 0x200, 0x25, 0x21}, {0x000, 0x400, 0x24, 0x20}, /* EL0t */
        {0x010, 0x600, 0x24, 0x20},                             /* AArch32 User */
        {0x1f0, 0x600, 0x24, 0x20},                             /* with A, I, F */
        {0x030, 0x600, 0x24, 0x20},                             /* T32 */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct inject_guest g = {.vbar = 0xffff800008010800ULL};
        struct inject_result d = inject(INJECT_DATA_ABORT, cases[i].pstate, g);
        assert_int_equal(d.pc, g.vbar + cases[i].offset);
        assert_int_equal(d.esr, ((uint64_t)cases[i].dabt << 26) | (1U << 25) | 0x10);
        struct inject_result f = inject(INJECT_INSN_ABORT, cases[i].pstate, g);
        assert_int_equal(f.pc, g.vbar + cases[i].offset);
        assert_int_equal(f.esr, ((uint64_t)cases[i].iabt << 26) | (1U << 25) | 0x10);
        struct inject_result u = inject(INJECT_UNDEF, cases[i].pstate, g);
        assert_int_equal(u.pc, g.vbar + cases[i].offset);
        assert_int_equal(u.esr, 1U << 25);
    }
}

static void reserved_low_bits_of_vbar_are_ignored(void **state)
{
    (void)state;
    struct inject_result r = inject(INJECT_UNDEF, 0x5, (struct inject_guest){.vbar = 0x40000fff});
    assert_int_equal(r.pc, 0x40000a00);
}

static void the_interrupted_state_is_banked_as_it_was(void **state)
{
    (void)state;
    struct inject_result r = inject(INJECT_DATA_ABORT, 0xa1b23c04, (struct inject_guest){.vbar = 0});
    assert_int_equal(r.elr, 0xffff800010001234ULL);
    assert_int_equal(r.spsr, 0xa1b23c04);
}

static void aborts_name_the_address_and_undefined_instructions_leave_it_alone(void **state)
{
    (void)state;
    struct inject_guest g = {.vbar = 0};
    assert_true(inject(INJECT_DATA_ABORT, 5, g).far_valid);
    assert_int_equal(inject(INJECT_DATA_ABORT, 5, g).far, 0xdead0000beefULL);
    assert_true(inject(INJECT_INSN_ABORT, 5, g).far_valid);
    assert_int_equal(inject(INJECT_INSN_ABORT, 5, g).far, 0xdead0000beefULL);
    assert_false(inject(INJECT_UNDEF, 5, g).far_valid);
    assert_int_equal(inject(INJECT_UNDEF, 5, g).far, 0);
}

static void an_unknown_kind_is_an_undefined_instruction(void **state)
{
    (void)state;
    struct inject_guest g = {.vbar = 0x1000};
    struct inject_result want = inject(INJECT_UNDEF, 5, g);
    struct inject_result got = inject((enum inject_kind)99, 5, g);
    assert_int_equal(got.esr, want.esr);
    assert_int_equal(got.pc, want.pc);
    assert_false(got.far_valid);
}

static void pstate_on_entry_is_el1h_masked_with_flags_kept(void **state)
{
    (void)state;
    static const struct {
        uint64_t pstate, want;
    } cases[] = {
        {0x00000000, BASE},
        {0xf0000000, BASE | 0xf0000000},   /* NZCV stay */
        {1ULL << 24, BASE | (1ULL << 24)}, /* DIT stays */
        {1ULL << 20, BASE},                /* IL is cleared */
        {1ULL << 21, BASE},                /* SS is cleared */
        {3ULL << 10, BASE},                /* BTYPE is cleared */
        {1ULL << 23, BASE},                /* UAO is cleared */
        {0x0e0ffe30, BASE},                /* AArch32: Q, IT, GE, E, T go */
        {0xffffffff00000005ULL, BASE},     /* nothing above bit 31 */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(inject(INJECT_UNDEF, cases[i].pstate, (struct inject_guest){.vbar = 0}).pstate,
                         cases[i].want);
    }
}

static void each_single_pstate_bit_is_kept_only_where_the_manual_keeps_it(void **state)
{
    (void)state;
    const uint64_t kept = 0xf0000000ULL | (1ULL << 24);
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t p = 1ULL << bit;
        uint64_t got = inject(INJECT_DATA_ABORT, p, (struct inject_guest){.vbar = 0}).pstate;
        assert_int_equal(got, BASE | (p & kept));
    }
}

static void pan_ssbs_tco_and_allint_follow_sctlr(void **state)
{
    (void)state;
    const uint64_t pan = 1ULL << 22, ssbs = 1ULL << 12, tco = 1ULL << 25, allint = 1ULL << 13;
    const struct {
        unsigned features;
        uint64_t sctlr, pstate, want;
    } cases[] = {
        {INJECT_PAN, 0, 5, BASE | pan}, /* SPAN 0 sets PAN */
        {INJECT_PAN, SPAN, 5, BASE},    /* SPAN 1 leaves it */
        {INJECT_PAN, SPAN, 5 | pan, BASE | pan},
        {INJECT_PAN, 0, 0x10, BASE | pan}, /* from AArch32 too */
        {0, 0, 5 | pan, BASE},             /* no FEAT_PAN */
        {INJECT_SSBS, DSSBS, 5, BASE | ssbs},
        {INJECT_SSBS, 0, 5 | ssbs, BASE}, /* not kept: taken from DSSBS */
        {0, DSSBS, 5, BASE},
        {INJECT_MTE, 0, 5, BASE | tco},
        {0, 0, 5 | tco, BASE},
        {INJECT_NMI, 0, 5, BASE | allint},
        {INJECT_NMI, SPINTMASK, 5 | allint, BASE},
        {0, 0, 5 | allint, BASE},
        {INJECT_PAN | INJECT_SSBS | INJECT_MTE | INJECT_NMI, DSSBS, 5, BASE | pan | ssbs | tco | allint},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct inject_guest g = {.sctlr = cases[i].sctlr, .features = cases[i].features};
        assert_int_equal(inject(INJECT_UNDEF, cases[i].pstate, g).pstate, cases[i].want);
    }
}

static void features_come_from_the_real_identification_registers(void **state)
{
    (void)state;
    assert_int_equal(inject_features(0, 0), 0);
    assert_int_equal(inject_features(0, 1ULL << 20), INJECT_PAN);
    assert_int_equal(inject_features(0, 3ULL << 20), INJECT_PAN);
    assert_int_equal(inject_features(2ULL << 4, 0), INJECT_SSBS);
    assert_int_equal(inject_features(3ULL << 8, 0), INJECT_MTE);
    assert_int_equal(inject_features(1ULL << 36, 0), INJECT_NMI);
    assert_int_equal(inject_features(~0ULL, ~0ULL), INJECT_PAN | INJECT_SSBS | INJECT_MTE | INJECT_NMI);
    assert_int_equal(inject_features(~((0xfULL << 4) | (0xfULL << 8) | (0xfULL << 36)), ~(0xfULL << 20)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_follows_exception_level_stack_pointer_and_width),
        cmocka_unit_test(reserved_low_bits_of_vbar_are_ignored),
        cmocka_unit_test(the_interrupted_state_is_banked_as_it_was),
        cmocka_unit_test(aborts_name_the_address_and_undefined_instructions_leave_it_alone),
        cmocka_unit_test(an_unknown_kind_is_an_undefined_instruction),
        cmocka_unit_test(pstate_on_entry_is_el1h_masked_with_flags_kept),
        cmocka_unit_test(each_single_pstate_bit_is_kept_only_where_the_manual_keeps_it),
        cmocka_unit_test(pan_ssbs_tco_and_allint_follow_sctlr),
        cmocka_unit_test(features_come_from_the_real_identification_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
