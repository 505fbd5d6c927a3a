/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hv/arch/riscv/exit_decode.c against a decoder that is a table of patterns, written from the listings of the
 * unprivileged manual (RV64I, C, Zcb) and from what the privileged architecture 1.13, 18.6.3, says of htinst.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/exit.h"
#include "hv/exit_access.h"
#include "seeds.h"

#define LOAD_FAULT  21U
#define STORE_FAULT 23U
#define GPA         0x10000000ULL
#define VA          0xffffffff80000000ULL

/* ---- The table. Of a pattern R is a register's number, S one of x8 to x15 in three bits, x anything. ---- */

struct op {
    const char *pattern;
    unsigned size;
    bool write, sign;
    bool not_x0; /* reserved with x0 */
};

static const struct op long_ops[] = {
    {"xxxxxxxxxxxxxxxxx000RRRRR0000011", 1, false, true, false},  /* lb */
    {"xxxxxxxxxxxxxxxxx001RRRRR0000011", 2, false, true, false},  /* lh */
    {"xxxxxxxxxxxxxxxxx010RRRRR0000011", 4, false, true, false},  /* lw */
    {"xxxxxxxxxxxxxxxxx011RRRRR0000011", 8, false, true, false},  /* ld */
    {"xxxxxxxxxxxxxxxxx100RRRRR0000011", 1, false, false, false}, /* lbu */
    {"xxxxxxxxxxxxxxxxx101RRRRR0000011", 2, false, false, false}, /* lhu */
    {"xxxxxxxxxxxxxxxxx110RRRRR0000011", 4, false, false, false}, /* lwu */
    {"xxxxxxxRRRRRxxxxx000xxxxx0100011", 1, true, false, false},  /* sb */
    {"xxxxxxxRRRRRxxxxx001xxxxx0100011", 2, true, false, false},  /* sh */
    {"xxxxxxxRRRRRxxxxx010xxxxx0100011", 4, true, false, false},  /* sw */
    {"xxxxxxxRRRRRxxxxx011xxxxx0100011", 8, true, false, false},  /* sd */
};

static const struct op short_ops[] = {
    {"010xxxxxxxxSSS00", 4, false, true, false}, /* c.lw */
    {"011xxxxxxxxSSS00", 8, false, true, false}, /* c.ld */
    {"110xxxxxxxxSSS00", 4, true, false, false}, /* c.sw */
    {"111xxxxxxxxSSS00", 8, true, false, false}, /* c.sd */
    {"010xRRRRRxxxxx10", 4, false, true, true},  /* c.lwsp */
    {"011xRRRRRxxxxx10", 8, false, true, true},  /* c.ldsp */
    {"110xxxxxxRRRRR10", 4, true, false, false}, /* c.swsp */
    {"111xxxxxxRRRRR10", 8, true, false, false}, /* c.sdsp */
    {"100000xxxxxSSS00", 1, false, false, false}, /* c.lbu */
    {"100001xxx0xSSS00", 2, false, false, false}, /* c.lhu */
    {"100001xxx1xSSS00", 2, false, true, false},  /* c.lh */
    {"100010xxxxxSSS00", 1, true, false, false},  /* c.sb */
    {"100011xxx0xSSS00", 2, true, false, false},  /* c.sh */
};

static bool match(const char *pattern, uint32_t insn, unsigned *reg)
{
    unsigned bits = (unsigned)strlen(pattern);
    unsigned n = 0;
    bool small = false;

    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = (insn >> (bits - 1U - i)) & 1U;
        switch (pattern[i]) {
        case '0':
        case '1':
            if (bit != (unsigned)(pattern[i] - '0')) {
                return false;
            }
            break;
        case 'S':
            small = true;
            n = n * 2U + bit;
            break;
        case 'R':
            n = n * 2U + bit;
            break;
        default:
            break;
        }
    }
    *reg = small ? n + 8U : n;
    return true;
}

struct found {
    const struct op *op;
    unsigned reg;
    unsigned len;
};

static struct found look_up(uint32_t insn)
{
    bool is_long = (insn & 3U) == 3U;
    const struct op *ops = is_long ? long_ops : short_ops;
    size_t count = is_long ? ARRAY_SIZE(long_ops) : ARRAY_SIZE(short_ops);
    struct found f = {NULL, 0, is_long ? 4U : 2U};

    for (size_t i = 0; i < count; i++) {
        unsigned reg;
        if (match(ops[i].pattern, insn, &reg) && !(ops[i].not_x0 && reg == 0U)) {
            assert_null(f.op); /* no instruction is two */
            f.op = &ops[i];
            f.reg = reg;
        }
    }
    return f;
}

/* ---- Decoding ---- */

/* What is told from registers alone is what the decoder makes of it. True if something was. */
static bool plain_agrees(const struct exit_raw *raw, const struct exit *e)
{
    struct exit_word w;
    bool plain = exit_is_plain_word(raw, &w);
    if (plain) {
        assert_int_equal(e->kind, EXIT_MMIO);
        assert_int_equal(e->u.mmio.size, 4);
        assert_true(w.ipa == e->u.mmio.ipa && w.reg == e->u.mmio.reg && w.write == e->u.mmio.write && w.insn_len == e->insn_len);
        assert_int_equal((VCPU_REGS_KEPT >> w.reg) & 1U, 0);
    }
    return plain;
}

static struct exit decode(uint64_t cause, uint64_t stval, uint64_t htval, uint64_t insn)
{
    struct exit_raw raw = {.source = EXIT_SRC_SYNC, .esr = cause, .far = stval, .hpfar = htval, .insn = insn};
    struct exit e;

    memset(&e, 0xa5, sizeof(e)); /* what the decoder leaves unset shows */
    exit_decode(&raw, &e);
    (void)plain_agrees(&raw, &e);
    return e;
}

static struct exit access_at(uint64_t gpa, uint64_t cause, uint64_t insn)
{
    return decode(cause, VA | (gpa & 0xfffU), gpa >> 2, insn);
}

static void assert_access(const struct exit *e, struct found want, uint64_t gpa)
{
    assert_int_equal(e->kind, EXIT_MMIO);
    assert_int_equal(e->insn_len, want.len);
    assert_int_equal(e->u.mmio.ipa, gpa);
    assert_int_equal(e->u.mmio.size, want.op->size);
    assert_int_equal(e->u.mmio.write, want.op->write);
    assert_int_equal(e->u.mmio.reg, want.reg == 0U ? EXIT_REG_ZERO : want.reg);
    assert_true(e->u.mmio.reg64);
    if (!want.op->write && want.op->size < 8U) { /* of 64 bits nothing is left to extend */
        assert_int_equal(e->u.mmio.sign_extend, want.op->sign);
    }
}

static void assert_data_fault(const struct exit *e, uint64_t gpa, bool write)
{
    assert_int_equal(e->kind, EXIT_FAULT);
    assert_int_equal(e->insn_len, 0);
    assert_true(e->u.fault.ipa_valid);
    assert_int_equal(e->u.fault.ipa, gpa);
    assert_int_equal(e->u.fault.va, VA | (gpa & 0xfffU));
    assert_false(e->u.fault.fetch);
    assert_int_equal(e->u.fault.write, write);
    assert_false(e->u.fault.table_walk);
}

/* The instruction as fetched, as the cause of a load's and of a store's fault. True if it is known. */
static bool check_raw(uint32_t insn)
{
    struct found want = look_up(insn);

    for (unsigned write = 0; write < 2U; write++) {
        struct exit e = access_at(GPA, write != 0U ? STORE_FAULT : LOAD_FAULT, EXIT_INSN_RAW | insn);
        if (want.op != NULL && want.op->write == (write != 0U)) {
            assert_access(&e, want, GPA);
        } else {
            assert_data_fault(&e, GPA, write != 0U);
        }
    }
    return want.op != NULL;
}

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void an_interrupt_is_one_whatever_its_number(void **state)
{
    uint64_t s = 88172645463325252ULL;
    (void)state;
    for (unsigned n = 0; n < 2000; n++) {
        uint64_t number = n < 64U ? n : next(&s);
        struct exit e = decode((1ULL << 63) | number, next(&s), next(&s), next(&s));
        assert_int_equal(e.kind, EXIT_IRQ);
        assert_int_equal(e.insn_len, 0);
    }
}

/* Table 12.2 with 18.3: what is not listed here is delegated to the guest, another mode's, or reserved. */
static void every_cause_has_its_kind(void **state)
{
    (void)state;
    for (unsigned cause = 0; cause < 64U; cause++) {
        enum exit_kind want = EXIT_UNDEF;
        unsigned len = 0;
        switch (cause) {
        case 10: /* environment call from VS mode */
            want = EXIT_HYPERCALL;
            len = 4;
            break;
        case 19: /* hardware error */
            want = EXIT_SERROR;
            break;
        case 20: /* guest page faults of fetch, load, store or AMO */
        case 21:
        case 23:
            want = EXIT_FAULT;
            break;
        default:
            break;
        }
        struct exit e = decode(cause, 0, 0, 0);
        assert_int_equal(e.kind, want);
        assert_int_equal(e.insn_len, len);
        for (unsigned bit = 6; bit < 63U; bit++) { /* no such cause */
            assert_int_equal(decode(cause | (1ULL << bit), 0, 0, 0).kind, EXIT_UNDEF);
        }
    }
}

static void every_compressed_load_and_store_that_was_fetched_is_decoded_and_nothing_else(void **state)
{
    unsigned known = 0;
    (void)state;
    for (uint32_t insn = 0; insn < 0x10000U; insn++) {
        if ((insn & 3U) != 3U) {
            known += check_raw(insn) ? 1U : 0U;
        }
    }
    /* Bits that patterns leave free: 4 of 2^11, 4 of 2^11 (of which two lack x0), and Zcb's. */
    assert_int_equal(known, 8U * 2048U - 2U * 64U + 2U * 256U + 3U * 128U);
}

static void what_follows_a_compressed_instruction_does_not_matter(void **state)
{
    (void)state;
    struct exit a = access_at(GPA, LOAD_FAULT, EXIT_INSN_RAW | 0xffff4188U); /* c.lw a0, 0(a1) */
    assert_int_equal(a.kind, EXIT_MMIO);
    assert_int_equal(a.insn_len, 2);
    assert_int_equal(a.u.mmio.reg, 10);
}

static void every_long_load_and_store_that_was_fetched_is_decoded_and_nothing_else(void **state)
{
    uint64_t s = 0x9e3779b97f4a7c15ULL;
    unsigned known = 0;
    (void)state;
    for (unsigned opcode = 3; opcode < 128U; opcode += 4U) {
        for (unsigned f = 0; f < 8U; f++) {
            for (unsigned r = 0; r < 32U; r++) {
                uint32_t insn = ((uint32_t)next(&s) & 0xfe0f8000U) | (r << 20) | (f << 12) | ((31U - r) << 7) | opcode;
                known += check_raw(insn) ? 1U : 0U;
            }
        }
    }
    assert_int_equal(known, (7U + 4U) * 32U);
    for (unsigned n = 0; n < 200000U; n++) {
        (void)check_raw((uint32_t)next(&s) | 3U);
    }
}

/* Written out by hand; GNU objdump says the same of those that it knows, which are all but Zcb. */
static void known_instructions_decode_as_the_manual_gives_them(void **state)
{
    static const struct {
        uint32_t insn;
        unsigned size, reg, len;
        bool write, sign;
    } cases[] = {
        {0x00c5a503, 4, 10, 4, false, true},             /* lw a0, 12(a1) */
        {0x0005e503, 4, 10, 4, false, false},            /* lwu a0, 0(a1) */
        {0xfe05cf83, 1, 31, 4, false, false},            /* lbu t6, -32(a1) */
        {0x0005b003, 8, EXIT_REG_ZERO, 4, false, true},  /* ld zero, 0(a1) */
        {0x00a5a623, 4, 10, 4, true, false},             /* sw a0, 12(a1) */
        {0x0005a023, 4, EXIT_REG_ZERO, 4, true, false},  /* sw zero, 0(a1) */
        {0xfff5bfa3, 8, 31, 4, true, false},             /* sd t6, -1(a1) */
        {0x4188, 4, 10, 2, false, true},                 /* c.lw a0, 0(a1) */
        {0xe188, 8, 10, 2, true, false},                 /* c.sd a0, 0(a1) */
        {0x4502, 4, 10, 2, false, true},                 /* c.lwsp a0, 0(sp) */
        {0xe002, 8, EXIT_REG_ZERO, 2, true, false},      /* c.sdsp zero, 0(sp) */
        {0x8188, 1, 10, 2, false, false},                /* c.lbu a0, 0(a1) */
        {0x85c8, 2, 10, 2, false, true},                 /* c.lh a0, 0(a1) */
        {0x8588, 2, 10, 2, false, false},                /* c.lhu a0, 0(a1) */
        {0x8988, 1, 10, 2, true, false},                 /* c.sb a0, 0(a1) */
        {0x8d88, 2, 10, 2, true, false},                 /* c.sh a0, 0(a1) */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct exit e = access_at(GPA, cases[i].write ? STORE_FAULT : LOAD_FAULT, EXIT_INSN_RAW | cases[i].insn);
        assert_int_equal(e.kind, EXIT_MMIO);
        assert_int_equal(e.insn_len, cases[i].len);
        assert_int_equal(e.u.mmio.size, cases[i].size);
        assert_int_equal(e.u.mmio.reg, cases[i].reg);
        assert_int_equal(e.u.mmio.write, cases[i].write);
        assert_int_equal(e.u.mmio.sign_extend, cases[i].sign);
    }
}

/* Floating point (28), vector, atomic and cache-block instructions, which a device has no answer for. */
static void what_is_no_load_or_store_of_integers_is_a_fault(void **state)
{
    static const struct {
        uint32_t insn;
        bool write;
    } cases[] = {
        {0x0005a507, false}, /* flw fa0, 0(a1) */
        {0x0005b507, false}, /* fld fa0, 0(a1) */
        {0x00a5b027, true},  /* fsd fa0, 0(a1) */
        {0x2188, false},     /* c.fld fa0, 0(a1) */
        {0xa188, true},      /* c.fsd fa0, 0(a1) */
        {0x2502, false},     /* c.fldsp fa0, 0(sp) */
        {0xa02a, true},      /* c.fsdsp fa0, 0(sp) */
        {0x0205e507, false}, /* vle32.v v10, (a1) */
        {0x1005a52f, false}, /* lr.w a0, (a1) */
        {0x18c5a52f, true},  /* sc.w a0, a2, (a1) */
        {0x00c5a52f, true},  /* amoadd.w a0, a2, (a1) */
        {0x0045a00f, true},  /* cbo.zero (a1) */
        {0x4002, false},     /* c.lwsp with x0, reserved */
        {0x6002, false},     /* c.ldsp with x0, reserved */
        {0x8dc8, true},      /* c.sh with bit 6, reserved */
        {0, false},
        {0, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct exit e = access_at(GPA, cases[i].write ? STORE_FAULT : LOAD_FAULT, EXIT_INSN_RAW | cases[i].insn);
        assert_data_fault(&e, GPA, cases[i].write);
    }
}

/* 18.6.3: a long load or store keeps opcode, width and register; immediates are 0. */
static uint32_t transformed(const struct op *op, unsigned reg, unsigned offset, bool compressed)
{
    uint32_t width = op->size == 1U ? 0U : op->size == 2U ? 1U : op->size == 4U ? 2U : 3U;
    uint32_t insn = op->write ? (reg << 20) | 0x23U : (reg << 7) | 0x03U;

    if (!op->write && !op->sign) {
        width += 4U;
    }
    return (insn | (width << 12) | (offset << 15)) & (compressed ? ~2U : ~0U);
}

static void htinst_says_what_the_instruction_and_whether_it_was_compressed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
        for (unsigned reg = 0; reg < 32U; reg++) {
            for (unsigned compressed = 0; compressed < 2U; compressed++) {
                struct found want = {&long_ops[i], reg, compressed != 0U ? 2U : 4U};
                uint32_t insn = transformed(want.op, reg, 0, compressed != 0U);
                uint64_t right = want.op->write ? STORE_FAULT : LOAD_FAULT;
                struct exit e = access_at(GPA, right, insn);
                assert_access(&e, want, GPA);
                e = access_at(GPA, LOAD_FAULT + STORE_FAULT - right, insn);
                assert_data_fault(&e, GPA, !want.op->write);
            }
        }
    }
}

/* "Any such information ... can safely be ignored": what a later architecture puts where immediates were. */
static void immediates_in_htinst_are_ignored(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
        struct found want = {&long_ops[i], 11, 4};
        uint32_t immediate = want.op->write ? 0xfe000f80U : 0xfff00000U;
        struct exit e = access_at(GPA, want.op->write ? STORE_FAULT : LOAD_FAULT,
                                  transformed(want.op, 11, 0, false) | immediate);
        assert_access(&e, want, GPA);
    }
}

/* The second part of an access that crosses into a device's page: its address is aligned, the access is not. */
static void an_access_that_began_before_the_address_that_faulted_is_a_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
        for (unsigned offset = 1; offset < 32U; offset++) {
            bool write = long_ops[i].write;
            struct exit e = access_at(GPA, write ? STORE_FAULT : LOAD_FAULT,
                                      transformed(&long_ops[i], 10, offset, (offset & 1U) != 0U));
            assert_data_fault(&e, GPA, write);
        }
    }
}

/* "Software may safely treat an unrecognized value ... the same as zero." */
static void a_value_of_htinst_with_bit_0_clear_is_no_instruction(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
        bool write = long_ops[i].write;
        for (uint32_t low = 0; low < 4U; low += 2U) {
            uint32_t insn = (transformed(&long_ops[i], 10, 0, false) & ~3U) | low;
            struct exit e = access_at(GPA, write ? STORE_FAULT : LOAD_FAULT, insn);
            assert_data_fault(&e, GPA, write);
        }
    }
    for (uint32_t insn = 0; insn < 0x10000U; insn += 2U) { /* compressed ones are never there as they are */
        assert_int_equal(access_at(GPA, LOAD_FAULT, insn).kind, EXIT_FAULT);
    }
}

static void the_pseudoinstructions_tell_of_a_table_walk_and_no_other_value_does(void **state)
{
    static const uint64_t causes[] = {20, 21, 23};
    (void)state;
    for (unsigned c = 0; c < ARRAY_SIZE(causes); c++) {
        for (uint32_t insn = 0; insn < 0x20000U; insn++) {
            bool walk = insn == 0x2000U || insn == 0x3000U || insn == 0x2020U || insn == 0x3020U;
            struct exit e = decode(causes[c], VA | 0x123U, (GPA | 0x458U) >> 2, insn);
            if (e.kind == EXIT_MMIO) {
                assert_false(walk);
                continue;
            }
            assert_int_equal(e.kind, EXIT_FAULT);
            assert_int_equal(e.u.fault.table_walk, walk);
            assert_int_equal(e.u.fault.fetch, causes[c] == 20U);
            assert_int_equal(e.u.fault.va, VA | 0x123U);
            /* Of a walk the table's entry is named, whose low bits are 0; else stval has them. */
            assert_int_equal(e.u.fault.ipa, GPA | (walk ? 0x458U : 0x45bU));
            if (walk) {
                assert_int_equal(e.u.fault.write, (insn & 0x20U) != 0U);
            }
        }
        /* An instruction that only looks like one. */
        assert_false(decode(causes[c], VA, GPA >> 2, EXIT_INSN_RAW | 0x3000U).u.fault.table_walk);
        for (unsigned bit = 16; bit < 32U; bit++) {
            assert_false(decode(causes[c], VA | 1U, GPA >> 2, 0x3000U | (1U << bit)).u.fault.table_walk);
        }
    }
}

static void the_address_is_htval_and_the_low_bits_of_stval(void **state)
{
    uint64_t s = 1234567891011ULL;
    (void)state;
    for (unsigned n = 0; n < 10000U; n++) {
        uint64_t gpa = (next(&s) & ((1ULL << 50) - 1U)) | 4U;
        struct exit e = decode(LOAD_FAULT, (next(&s) & ~3ULL) | (gpa & 3U), gpa >> 2, 0x503U); /* lb a0 */
        assert_int_equal(e.kind, EXIT_MMIO);
        assert_int_equal(e.u.mmio.ipa, gpa);
        e = decode(20, (next(&s) & ~3ULL) | (gpa & 3U), gpa >> 2, 0);
        assert_int_equal(e.u.fault.ipa, gpa);
    }
}

static void a_misaligned_access_is_a_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
        const struct op *op = &long_ops[i];
        for (unsigned at = 0; at < 16U; at++) {
            struct exit e = access_at(GPA + at, op->write ? STORE_FAULT : LOAD_FAULT, transformed(op, 10, 0, false));
            if (at % op->size == 0U) {
                assert_access(&e, (struct found){op, 10, 4}, GPA + at);
            } else {
                assert_data_fault(&e, GPA + at, op->write);
            }
        }
    }
}

static void without_an_address_nothing_can_be_emulated(void **state)
{
    static const uint64_t causes[] = {20, 21, 23};
    (void)state;
    for (unsigned c = 0; c < ARRAY_SIZE(causes); c++) {
        for (size_t i = 0; i < ARRAY_SIZE(long_ops); i++) {
            struct exit e = decode(causes[c], VA | 3U, 0, transformed(&long_ops[i], 10, 0, false));
            assert_int_equal(e.kind, EXIT_FAULT);
            assert_false(e.u.fault.ipa_valid);
            assert_int_equal(e.u.fault.ipa, 0);
            assert_int_equal(e.u.fault.va, VA | 3U);
            assert_int_equal(e.u.fault.fetch, c == 0U);
            assert_int_equal(e.u.fault.write, c == 2U);
        }
    }
}

static void a_fetch_is_never_a_write_and_never_emulated(void **state)
{
    uint64_t s = 77ULL;
    (void)state;
    for (unsigned n = 0; n < 10000U; n++) {
        struct exit e = decode(20, VA | 2U, GPA >> 2, next(&s) | 1U);
        assert_int_equal(e.kind, EXIT_FAULT);
        assert_int_equal(e.insn_len, 0);
        assert_true(e.u.fault.fetch);
        assert_true(e.u.fault.ipa_valid);
        assert_false(e.u.fault.write);
        assert_int_equal(e.u.fault.ipa, GPA | 2U);
    }
}

/* Zicsr: 1 csrrw, 2 csrrs, 3 csrrc, 5 to 7 the same with an immediate. */
static void a_virtual_instruction_that_accesses_a_csr_names_it(void **state)
{
    (void)state;
    for (unsigned csr = 0; csr < 4096U; csr++) {
        for (unsigned f = 0; f < 8U; f++) {
            for (unsigned n = 0; n < 4U; n++) {
                unsigned rd = (n & 1U) != 0U ? (csr * 7U) % 32U : 0U;
                unsigned rs1 = (n & 2U) != 0U ? 1U + (csr * 5U) % 31U : 0U;
                struct exit e = decode(22, (csr << 20) | (rs1 << 15) | (f << 12) | (rd << 7) | 0x73U, 0, 0);
                if (f == 0U || f == 4U) {
                    assert_int_equal(e.kind, EXIT_UNDEF);
                    assert_int_equal(e.insn_len, 0);
                    continue;
                }
                assert_int_equal(e.kind, EXIT_SYSREG);
                assert_int_equal(e.insn_len, 4);
                assert_int_equal(e.u.sysreg.enc, csr);
                assert_int_equal(e.u.sysreg.reg, rd == 0U ? EXIT_REG_ZERO : rd);
                assert_int_equal(e.u.sysreg.write, f == 1U || f == 5U || rs1 != 0U);
            }
        }
    }
}

static void any_other_virtual_instruction_is_undefined(void **state)
{
    static const uint64_t stvals[] = {
        0,           /* not told */
        0x10500073,  /* wfi */
        0x10200073,  /* sret */
        0x12000073,  /* sfence.vma */
        0x62000073,  /* hfence.gvma */
        0x6005c573,  /* hlv.b a0, (a1) */
        0x00002000, 0xffffffffffffff80ULL,
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(stvals); i++) {
        struct exit e = decode(22, stvals[i], 0, 0);
        assert_int_equal(e.kind, EXIT_UNDEF);
        assert_int_equal(e.insn_len, 0);
    }
}

static void assert_usable(const struct exit *e)
{
    assert_true((unsigned)e->kind < EXIT_KINDS);
    assert_true(e->insn_len == 0U || e->insn_len == 2U || e->insn_len == 4U);
    if (e->kind == EXIT_MMIO) {
        unsigned z = e->u.mmio.size;
        assert_true(z == 1U || z == 2U || z == 4U || z == 8U);
        assert_true(e->insn_len != 0U);
        assert_true(e->u.mmio.reg != 0U && e->u.mmio.reg <= EXIT_REG_ZERO);
        assert_int_equal(e->u.mmio.ipa % z, 0);
    }
    if (e->kind == EXIT_SYSREG) {
        assert_true(e->u.sysreg.enc < 4096U);
        assert_true(e->u.sysreg.reg != 0U && e->u.sysreg.reg <= EXIT_REG_ZERO);
    }
}

/* Loads of words, with either extension, and stores, of the registers that each exit saves. */
static void an_aligned_word_is_told_from_registers_alone_if_the_hardware_gives_the_instruction(void **state)
{
    static const struct {
        uint64_t insn;
        unsigned shift;
        bool write;
        bool word;
    } insns[] = {{0x2001, 7, false, true}, {0x6001, 7, false, true}, {0x2021, 20, true, true}, {0x0001, 7, false, false},
                 {0x1001, 7, false, false}, {0x3001, 7, false, false}, {0x4001, 7, false, false}, {0x5001, 7, false, false},
                 {0x7001, 7, false, false}, {0x0021, 20, true, false}, {0x1021, 20, true, false}, {0x3021, 20, true, false},
                 {0x6021, 20, true, false}, {0x2000, 7, false, false}};
    (void)state;
    for (unsigned i = 0; i < 32U * ARRAY_SIZE(insns); i++) {
        unsigned reg = i % 32U;
        unsigned k = i / 32U;
        for (unsigned other = 0; other < 64U; other++) { /* of the bits below one is wrong, or none */
            bool write = insns[k].write != ((other & 1U) != 0U);
            struct exit_raw raw = {.esr = write ? STORE_FAULT : LOAD_FAULT,
                                   .far = VA + ((other & 2U) != 0U ? 2U : 0U),
                                   .hpfar = (other & 4U) != 0U ? 0U : GPA >> 2,
                                   .insn = insns[k].insn | (uint64_t)reg << insns[k].shift | ((other & 8U) != 0U ? 2U : 0U) |
                                           ((other & 16U) != 0U ? EXIT_INSN_RAW : 0U) | ((other & 32U) != 0U ? 1U << 15 : 0U)};
            struct exit e;
            exit_decode(&raw, &e);
            bool want = insns[k].word && reg != 0U && ((VCPU_REGS_KEPT >> reg) & 1U) == 0U && (other & ~8U) == 0U;
            assert_int_equal(plain_agrees(&raw, &e), want);
        }
    }
}

static void any_registers_give_a_kind_a_register_and_a_width_that_handlers_can_use(void **state)
{
    static const uint64_t causes[] = {10, 19, 20, 21, 22, 23, 24};
    struct seeds seeds = seeds_of("RISCV_EXIT", 4);
    (void)state;
    for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
        uint64_t s = seed * 0x9e3779b97f4a7c15ULL;
        unsigned seen = 0;
        for (unsigned i = 0; i < 200000U; i++) {
            struct exit_raw raw = {
                .source = (enum exit_source)(next(&s) & 7U),
                .esr = (i & 15U) == 0U ? next(&s) : causes[next(&s) % ARRAY_SIZE(causes)],
                .far = next(&s),
                .hpfar = (i & 3U) == 0U ? 0U : next(&s),
                .insn = next(&s),
            };
            struct exit e;
            if ((i & 1U) != 0U) { /* instructions that are likely to be known */
                raw.insn = (raw.insn & 0x1fff07fffU) | ((raw.insn & 8U) << 2) | 3U;
                raw.insn &= ~(uint64_t)0x5cU;
                raw.far = (raw.far & ~7ULL) | ((raw.far >> 3) & 0xfffff000ULL) | 0x73U;
            }
            memset(&e, 0xff, sizeof(e));
            exit_decode(&raw, &e);
            assert_usable(&e);
            (void)plain_agrees(&raw, &e);
            seen |= 1U << e.kind;
        }
        if (seen != (1U << EXIT_IRQ | 1U << EXIT_HYPERCALL | 1U << EXIT_MMIO | 1U << EXIT_FAULT | 1U << EXIT_SYSREG |
                     1U << EXIT_UNDEF | 1U << EXIT_SERROR)) {
            fail_msg("RISCV_EXIT_SEED=%lu: kinds 0x%x alone were drawn", (unsigned long)seed, seen);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_is_one_whatever_its_number),
        cmocka_unit_test(every_cause_has_its_kind),
        cmocka_unit_test(every_compressed_load_and_store_that_was_fetched_is_decoded_and_nothing_else),
        cmocka_unit_test(what_follows_a_compressed_instruction_does_not_matter),
        cmocka_unit_test(every_long_load_and_store_that_was_fetched_is_decoded_and_nothing_else),
        cmocka_unit_test(known_instructions_decode_as_the_manual_gives_them),
        cmocka_unit_test(what_is_no_load_or_store_of_integers_is_a_fault),
        cmocka_unit_test(htinst_says_what_the_instruction_and_whether_it_was_compressed),
        cmocka_unit_test(immediates_in_htinst_are_ignored),
        cmocka_unit_test(an_access_that_began_before_the_address_that_faulted_is_a_fault),
        cmocka_unit_test(a_value_of_htinst_with_bit_0_clear_is_no_instruction),
        cmocka_unit_test(the_pseudoinstructions_tell_of_a_table_walk_and_no_other_value_does),
        cmocka_unit_test(the_address_is_htval_and_the_low_bits_of_stval),
        cmocka_unit_test(a_misaligned_access_is_a_fault),
        cmocka_unit_test(without_an_address_nothing_can_be_emulated),
        cmocka_unit_test(a_fetch_is_never_a_write_and_never_emulated),
        cmocka_unit_test(a_virtual_instruction_that_accesses_a_csr_names_it),
        cmocka_unit_test(any_other_virtual_instruction_is_undefined),
        cmocka_unit_test(an_aligned_word_is_told_from_registers_alone_if_the_hardware_gives_the_instruction),
        cmocka_unit_test(any_registers_give_a_kind_a_register_and_a_width_that_handlers_can_use),
    };
    return cmocka_run_group_tests_name("riscv exit_decode", tests, NULL, NULL);
}
