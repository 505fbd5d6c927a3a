/* SPDX-License-Identifier: Apache-2.0 */
/* hv/arch/armv8/exit_decode.c against DDI 0487 D24.2.41, written field by field from the manual's tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/exit_call.h"
#include "hv/sysreg_enc.h"

#define IL (1ULL << 25)

static uint64_t ec(unsigned v)
{
    return (uint64_t)v << 26;
}

static struct exit decode(uint64_t esr, uint64_t far, uint64_t hpfar)
{
    struct exit_raw raw = {.source = EXIT_SRC_SYNC, .esr = esr, .far = far, .hpfar = hpfar};
    struct exit e;
    memset(&e, 0xa5, sizeof(e)); /* what the decoder leaves unset shows */
    exit_decode(&raw, &e);
    return e;
}

static void an_interrupt_or_serror_is_told_by_the_vector_and_not_by_the_syndrome(void **state)
{
    (void)state;
    static const struct {
        enum exit_source source;
        enum exit_kind kind;
    } cases[] = {
        {EXIT_SRC_IRQ, EXIT_IRQ},
        {EXIT_SRC_FIQ, EXIT_IRQ},
        {EXIT_SRC_SERROR, EXIT_SERROR},
        {(enum exit_source)77, EXIT_UNDEF},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        for (unsigned c = 0; c < 64; c++) {
            struct exit_raw raw = {.source = cases[i].source, .esr = ec(c) | IL | 0x1ffffff};
            struct exit e;
            exit_decode(&raw, &e);
            assert_int_equal(e.kind, cases[i].kind);
            assert_int_equal(e.insn_len, 0);
        }
    }
}

static void every_exception_class_has_its_kind(void **state)
{
    (void)state;
    /* ISS 0: a data abort then has no valid syndrome and cannot be emulated. */
    for (unsigned c = 0; c < 64; c++) {
        enum exit_kind want = EXIT_UNDEF;
        switch (c) {
        case 0x01:
            want = EXIT_WFX;
            break;
        case 0x16:
            want = EXIT_HYPERCALL;
            break;
        case 0x17:
            want = EXIT_FIRMWARE;
            break;
        case 0x18:
            want = EXIT_SYSREG;
            break;
        case 0x20:
        case 0x24:
            want = EXIT_FAULT;
            break;
        case 0x2f:
            want = EXIT_SERROR;
            break;
        default:
            break;
        }
        assert_int_equal(decode(ec(c) | IL, 0, 0).kind, want);
    }
}

static void bits_above_the_exception_class_do_not_change_the_kind(void **state)
{
    (void)state;
    for (unsigned bit = 32; bit < 64; bit++) { /* ISS2 and reserved */
        for (unsigned c = 0; c < 64; c++) {
            assert_int_equal(decode(ec(c) | (1ULL << bit), 0, 0).kind, decode(ec(c), 0, 0).kind);
        }
    }
}

static void wfi_and_wfe_are_told_apart_also_with_time_out(void **state)
{
    (void)state;
    for (unsigned ti = 0; ti < 4; ti++) {
        struct exit e = decode(ec(0x01) | IL | ti, 0, 0);
        assert_int_equal(e.kind, EXIT_WFX);
        assert_int_equal(e.u.wfe, ti == 1 || ti == 3);
        assert_int_equal(e.insn_len, 4);
    }
    assert_int_equal(decode(ec(0x01), 0, 0).insn_len, 2); /* T32 encoding at EL0 */
}

static void hvc_returns_past_itself_and_smc_must_be_skipped(void **state)
{
    (void)state;
    for (unsigned imm = 0; imm <= 0xffff; imm++) {
        struct exit h = decode(ec(0x16) | IL | imm, 0, 0);
        assert_int_equal(h.kind, EXIT_HYPERCALL);
        assert_int_equal(h.u.imm, imm);
        assert_int_equal(h.insn_len, 0);
        struct exit s = decode(ec(0x17) | IL | imm, 0, 0);
        assert_int_equal(s.kind, EXIT_FIRMWARE);
        assert_int_equal(s.u.imm, imm);
        assert_int_equal(s.insn_len, 4);
    }
}

static uint64_t sysreg_iss(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt,
                           unsigned read)
{
    return (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (rt << 5) | (crm << 1) | read;
}

static void a_trapped_register_is_named_by_its_five_fields(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 0x10000; n++) { /* every register there is */
        unsigned op0 = n >> 14, op1 = (n >> 11) & 7, crn = (n >> 7) & 15, crm = (n >> 3) & 15, op2 = n & 7;
        unsigned rt = (n * 7) & 31, read = (n >> 2) & 1;
        struct exit e = decode(ec(0x18) | IL | sysreg_iss(op0, op1, crn, crm, op2, rt, read), 0, 0);
        assert_int_equal(e.kind, EXIT_SYSREG);
        assert_int_equal(e.u.sysreg.enc, n);
        assert_int_equal(e.u.sysreg.enc, SYSREG_ENC(op0, op1, crn, crm, op2));
        assert_int_equal(e.u.sysreg.write, !read);
        assert_int_equal(e.u.sysreg.reg, rt == 31 ? EXIT_REG_ZERO : rt);
        assert_int_equal(e.insn_len, 4);
    }
}

static void known_register_traps_decode_as_the_manual_gives_them(void **state)
{
    (void)state;
    /* mrs x3, ID_AA64PFR0_EL1 (S3_0_C0_C4_0) and msr ICC_SGI1R_EL1, x9 (S3_0_C12_C11_5), as real syndromes.
     */
    struct exit r = decode(0x62300069ULL, 0, 0);
    assert_int_equal(r.kind, EXIT_SYSREG);
    assert_int_equal(r.u.sysreg.enc, SYSREG_ENC(3, 0, 0, 4, 0));
    assert_int_equal(r.u.sysreg.reg, 3);
    assert_false(r.u.sysreg.write);
    struct exit w = decode(0x623a3136ULL, 0, 0);
    assert_int_equal(w.u.sysreg.enc, SYSREG_ENC(3, 0, 12, 11, 5));
    assert_int_equal(w.u.sysreg.reg, 9);
    assert_true(w.u.sysreg.write);
}

#define ISV      (1U << 24)
#define SAS(n)   ((unsigned)(n) << 22)
#define SSE      (1U << 21)
#define SRT(n)   ((unsigned)(n) << 16)
#define SF       (1U << 15)
#define FNV      (1U << 10)
#define CM       (1U << 8)
#define S1PTW    (1U << 7)
#define WNR      (1U << 6)
#define TRANS_L3 0x07U

static void an_emulatable_access_carries_width_register_and_direction(void **state)
{
    (void)state;
    for (unsigned sas = 0; sas < 4; sas++) {
        for (unsigned srt = 0; srt < 32; srt++) {
            for (unsigned flags = 0; flags < 8; flags++) {
                uint64_t iss = ISV | SAS(sas) | SRT(srt) | TRANS_L3 | ((flags & 1) ? SSE : 0) |
                               ((flags & 2) ? SF : 0) | ((flags & 4) ? WNR : 0);
                struct exit e = decode(ec(0x24) | IL | iss, 0xffff800012345abcULL, 0x0000000000080000ULL);
                assert_int_equal(e.kind, EXIT_MMIO);
                assert_int_equal(e.u.mmio.size, 1U << sas);
                assert_int_equal(e.u.mmio.reg, srt == 31 ? EXIT_REG_ZERO : srt);
                assert_int_equal(e.u.mmio.sign_extend, (flags & 1) != 0);
                assert_int_equal(e.u.mmio.reg64, (flags & 2) != 0);
                assert_int_equal(e.u.mmio.write, (flags & 4) != 0);
                assert_int_equal(e.u.mmio.ipa, 0x08000abcULL);
                assert_int_equal(e.insn_len, 4);
            }
        }
    }
    assert_int_equal(decode(ec(0x24) | ISV | TRANS_L3, 0, 0).insn_len, 2);
}

static void the_address_is_fipa_and_the_low_bits_of_far(void **state)
{
    (void)state;
    static const struct {
        uint64_t far, hpfar, ipa;
    } cases[] = {
        {0, 0, 0},
        {~0ULL, 0, 0xfff},
        {0x1234, 0x10, 0x1234},
        {0, 0xfULL, 0},                                        /* [3:0] reserved */
        {0xfff, 0x0000fffffffffff0ULL, 0x00ffffffffffffffULL}, /* all of FIPA */
        {0, 0xffff000000000000ULL, 0},                         /* NS and reserved above */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct exit e = decode(ec(0x24) | IL | ISV | TRANS_L3, cases[i].far, cases[i].hpfar);
        assert_int_equal(e.kind, EXIT_MMIO);
        assert_int_equal(e.u.mmio.ipa, cases[i].ipa);
    }
}

/* DFSC values after which HPFAR_EL2 holds the address (D24.2.66): without and with a stage 1 walk. */
static bool ipa_known(unsigned fsc, bool walk)
{
    bool stage2 = fsc <= 0x0b || fsc == 0x29 || fsc == 0x2b;
    return stage2 || (walk && fsc >= 0x0c && fsc <= 0x0f);
}

static void only_a_translation_fault_with_syndrome_can_be_emulated(void **state)
{
    (void)state;
    for (unsigned fsc = 0; fsc < 64; fsc++) {
        for (unsigned f = 0; f < 32; f++) {
            uint64_t iss = fsc | ((f & 1) ? ISV : 0) | ((f & 2) ? CM : 0) | ((f & 4) ? S1PTW : 0) |
                           ((f & 8) ? WNR : 0) | ((f & 16) ? FNV : 0);
            bool walk = (f & 4) != 0;
            bool translation = (fsc >= 4 && fsc <= 7) || fsc == 0x2b;
            struct exit e = decode(ec(0x24) | IL | iss, 0xabcd123, 0x8000);
            if (translation && (f & 7) == 1) {
                assert_int_equal(e.kind, EXIT_MMIO);
                continue;
            }
            assert_int_equal(e.kind, EXIT_FAULT);
            assert_int_equal(e.insn_len, 0);
            assert_false(e.u.fault.fetch);
            assert_int_equal(e.u.fault.write, (f & 8) != 0);
            assert_int_equal(e.u.fault.table_walk, walk);
            assert_int_equal(e.u.fault.va, 0xabcd123);
            assert_int_equal(e.u.fault.ipa_valid, ipa_known(fsc, walk));
            uint64_t want = walk ? 0x800000 : 0x800123;
            assert_int_equal(e.u.fault.ipa, ipa_known(fsc, walk) ? want : 0);
        }
    }
}

static void a_fetch_fault_is_never_a_write_and_never_emulated(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 512; bits++) {
        struct exit e = decode(ec(0x20) | IL | ISV | bits, 0x40001004, 0x400010);
        assert_int_equal(e.kind, EXIT_FAULT);
        assert_true(e.u.fault.fetch);
        assert_false(e.u.fault.write);
        assert_int_equal(e.u.fault.table_walk, (bits & S1PTW) != 0);
        assert_int_equal(e.u.fault.va, 0x40001004);
    }
    assert_int_equal(decode(ec(0x20) | IL | 0x06, 0x40001004, 0x400010).u.fault.ipa, 0x40001004);
}

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void any_syndrome_gives_a_kind_a_register_and_a_width_that_handlers_can_use(void **state)
{
    (void)state;
    uint64_t s = 0x9e3779b97f4a7c15ULL;
    unsigned seen = 0;
    for (unsigned i = 0; i < 200000; i++) {
        struct exit_raw raw = {
            .source = (i & 7) == 0 ? (enum exit_source)(next(&s) & 3) : EXIT_SRC_SYNC,
            .esr = next(&s),
            .far = next(&s),
            .hpfar = next(&s),
            .insn = next(&s),
        };
        struct exit e, again;
        memset(&e, 0xff, sizeof(e));
        memset(&again, 0xff, sizeof(again));
        exit_decode(&raw, &e);
        exit_decode(&raw, &again);
        assert_true((unsigned)e.kind < EXIT_KINDS);
        assert_true(e.insn_len == 0 || e.insn_len == 2 || e.insn_len == 4);
        assert_int_equal(e.kind, again.kind);
        if (e.kind == EXIT_MMIO) {
            unsigned z = e.u.mmio.size;
            assert_true(z == 1 || z == 2 || z == 4 || z == 8);
            assert_true(e.u.mmio.reg < 31 || e.u.mmio.reg == EXIT_REG_ZERO);
            assert_true(e.u.mmio.ipa < (1ULL << 56));
        }
        if (e.kind == EXIT_SYSREG) {
            assert_true(e.u.sysreg.enc < 0x10000);
            assert_true(e.u.sysreg.reg < 31 || e.u.sysreg.reg == EXIT_REG_ZERO);
        }
        seen |= 1U << e.kind;
    }
    assert_int_equal(seen, (1U << EXIT_KINDS) - 1U); /* the draw reached every kind */
}

/* Whatever else is set: of what exit_is_word() leaves out nothing is a word of the kind it is for. */
static void a_word_is_told_by_the_syndrome_alone_as_by_decoding_all_of_it(void **state)
{
    (void)state;
    uint64_t drawn = 88172645463325252ULL;
    unsigned words = 0;
    for (unsigned n = 0; n < 4000000U; n++) {
        drawn ^= drawn << 13;
        drawn ^= drawn >> 7;
        drawn ^= drawn << 17;
        /* A word by register n % 32, and of its bits none, one or any others. */
        uint64_t esr = ec(0x24) | IL | 1ULL << 24 | 2ULL << 22 | (uint64_t)(n % 32U) << 16 | 4U | (drawn & 0x8043U);
        esr ^= n % 3U == 0U ? 0U : n % 3U == 1U ? 1ULL << (drawn >> 40 & 63U) : drawn >> 20 & 0xffffffffU;
        struct exit_raw raw = {.source = EXIT_SRC_SYNC, .esr = esr, .far = drawn * 3U, .hpfar = drawn * 5U};
        struct exit e;
        exit_decode(&raw, &e);
        const struct exit_mmio *m = &e.u.mmio;
        bool want = e.kind == EXIT_MMIO && e.insn_len == 4U && m->size == 4U && !m->sign_extend && m->reg != EXIT_REG_ZERO &&
                    (VCPU_REGS_KEPT >> m->reg & 1U) == 0U && (esr & 0x3fU) != 0x2bU;
        assert_int_equal(exit_is_word(esr), want);
        if (want) {
            struct exit_word w = exit_word_of(&raw);
            assert_true(w.ipa == m->ipa && w.reg == m->reg && w.write == m->write && w.insn_len == 4U);
            words++;
        }
    }
    assert_true(words > 1000000U / 3U);
}

static void a_write_that_sends_is_told_by_the_syndrome_alone_as_by_decoding_all_of_it(void **state)
{
    (void)state;
    uint64_t drawn = 88172645463325252ULL;
    unsigned sends = 0;
    for (unsigned n = 0; n < 2000000U; n++) {
        drawn ^= drawn << 13;
        drawn ^= drawn >> 7;
        drawn ^= drawn << 17;
        uint64_t esr = ec(0x18) | IL | 3ULL << 20 | 5ULL << 17 | 12ULL << 10 | (uint64_t)(n % 32U) << 5 | 11ULL << 1;
        esr ^= n % 3U == 0U ? 0U : n % 3U == 1U ? 1ULL << (drawn >> 40 & 63U) : drawn >> 20 & 0xffffffffU;
        struct exit e = decode(esr, 0, 0);
        const struct exit_sysreg *s = &e.u.sysreg;
        bool want = e.kind == EXIT_SYSREG && e.insn_len == 4U && s->write && s->enc == SYSREG_ENC(3, 0, 12, 11, 5) &&
                    s->reg != EXIT_REG_ZERO && (VCPU_REGS_KEPT >> s->reg & 1U) == 0U && (esr >> 22 & 7U) == 0U; /* RES0 */
        assert_int_equal(exit_is_send(esr), want);
        if (want) {
            struct exit_send t = exit_send_of(esr);
            assert_true(t.reg == s->reg && t.insn_len == 4U);
            sends++;
        }
    }
    assert_true(sends > 300000U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_or_serror_is_told_by_the_vector_and_not_by_the_syndrome),
        cmocka_unit_test(every_exception_class_has_its_kind),
        cmocka_unit_test(bits_above_the_exception_class_do_not_change_the_kind),
        cmocka_unit_test(wfi_and_wfe_are_told_apart_also_with_time_out),
        cmocka_unit_test(hvc_returns_past_itself_and_smc_must_be_skipped),
        cmocka_unit_test(a_trapped_register_is_named_by_its_five_fields),
        cmocka_unit_test(known_register_traps_decode_as_the_manual_gives_them),
        cmocka_unit_test(an_emulatable_access_carries_width_register_and_direction),
        cmocka_unit_test(the_address_is_fipa_and_the_low_bits_of_far),
        cmocka_unit_test(only_a_translation_fault_with_syndrome_can_be_emulated),
        cmocka_unit_test(a_fetch_fault_is_never_a_write_and_never_emulated),
        cmocka_unit_test(any_syndrome_gives_a_kind_a_register_and_a_width_that_handlers_can_use),
        cmocka_unit_test(a_word_is_told_by_the_syndrome_alone_as_by_decoding_all_of_it),
        cmocka_unit_test(a_write_that_sends_is_told_by_the_syndrome_alone_as_by_decoding_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
