/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any syndrome and any register frame through the exit decoder, the skipping of an instruction, the start of a vCPU and
 * the injection of each kind of exception. What has to hold is written from DDI 0487, bit by bit, not as the decoder
 * has it.
 */
#include "fuzz.h"

#include <string.h>

#include "arch/armv8/inject.h"
#include "hv/exit.h"

struct input {
    struct exit_raw raw;
    struct vcpu_regs regs;
    struct inject_guest guest;
    uint64_t va;
    uint32_t kind;
};

static uint64_t bits(uint64_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2ULL << (high - low)) - 1U);
}

static bool good_reg(uint8_t reg, uint64_t field)
{
    return reg == (field == 31U ? 32U : field);
}

/* Translation fault of stage 2 (D24.2.40, DFSC). */
static bool translation(uint64_t esr)
{
    uint64_t fsc = bits(esr, 5, 0);
    return (fsc >= 4U && fsc <= 7U) || fsc == 0x2bU;
}

static void check_mmio(const struct exit_raw *raw, const struct exit *e)
{
    const struct exit_mmio *m = &e->u.mmio;
    uint64_t esr = raw->esr;
    FUZZ_EXPECT(raw->source == EXIT_SRC_SYNC && bits(esr, 31, 26) == 0x24U);
    FUZZ_EXPECT(bits(esr, 24, 24) == 1U);                            /* ISV */
    FUZZ_EXPECT(bits(esr, 8, 8) == 0U && bits(esr, 7, 7) == 0U);     /* neither CM nor S1PTW */
    FUZZ_EXPECT(translation(esr));
    FUZZ_EXPECT(m->size == 1U || m->size == 2U || m->size == 4U || m->size == 8U);
    FUZZ_EXPECT(m->size == 1U << bits(esr, 23, 22));
    FUZZ_EXPECT(m->reg <= EXIT_REG_ZERO && good_reg(m->reg, bits(esr, 20, 16)));
    FUZZ_EXPECT(m->write == (bits(esr, 6, 6) != 0U) && m->sign_extend == (bits(esr, 21, 21) != 0U));
    FUZZ_EXPECT(m->reg64 == (bits(esr, 15, 15) != 0U));
    FUZZ_EXPECT(m->ipa >> 12 == bits(raw->hpfar, 47, 4) && (m->ipa & 0xfffU) == (raw->far & 0xfffU));
    FUZZ_EXPECT(e->insn_len == (bits(esr, 25, 25) != 0U ? 4U : 2U));
}

static void check_fault(const struct exit_raw *raw, const struct exit *e)
{
    const struct exit_fault *f = &e->u.fault;
    uint64_t ec = bits(raw->esr, 31, 26);
    FUZZ_EXPECT(raw->source == EXIT_SRC_SYNC && (ec == 0x20U || ec == 0x24U));
    FUZZ_EXPECT(f->va == raw->far && f->fetch == (ec == 0x20U));
    FUZZ_EXPECT(f->write == (ec == 0x24U && bits(raw->esr, 6, 6) != 0U));
    FUZZ_EXPECT(f->table_walk == (bits(raw->esr, 7, 7) != 0U));
    FUZZ_EXPECT(!translation(raw->esr) || f->ipa_valid);
    FUZZ_EXPECT(f->ipa_valid ? f->ipa >> 12 == bits(raw->hpfar, 47, 4) : f->ipa == 0U);
    FUZZ_EXPECT(!f->table_walk || (f->ipa & 0xfffU) == 0U);
    FUZZ_EXPECT(e->insn_len == 0U);
}

static void check_sysreg(const struct exit_raw *raw, const struct exit *e)
{
    const struct exit_sysreg *r = &e->u.sysreg;
    uint64_t esr = raw->esr;
    FUZZ_EXPECT(raw->source == EXIT_SRC_SYNC && bits(esr, 31, 26) == 0x18U);
    FUZZ_EXPECT(r->enc >> 14 == bits(esr, 21, 20) && (r->enc & 7U) == bits(esr, 19, 17));
    FUZZ_EXPECT(bits(r->enc, 13, 11) == bits(esr, 16, 14) && bits(r->enc, 10, 7) == bits(esr, 13, 10));
    FUZZ_EXPECT(bits(r->enc, 6, 3) == bits(esr, 4, 1));
    FUZZ_EXPECT(r->reg <= EXIT_REG_ZERO && good_reg(r->reg, bits(esr, 9, 5)));
    FUZZ_EXPECT(r->write == (bits(esr, 0, 0) == 0U));
}

/* What the source and the exception class have to become. */
static void check_kind(const struct exit_raw *raw, const struct exit *e)
{
    uint64_t ec = bits(raw->esr, 31, 26);
    enum exit_kind want = EXIT_UNDEF;
    if (raw->source == EXIT_SRC_IRQ || raw->source == EXIT_SRC_FIQ) {
        want = EXIT_IRQ;
    } else if (raw->source == EXIT_SRC_SERROR || (raw->source == EXIT_SRC_SYNC && ec == 0x2fU)) {
        want = EXIT_SERROR;
    } else if (raw->source == EXIT_SRC_SYNC) {
        want = ec == 0x01U   ? EXIT_WFX
               : ec == 0x16U ? EXIT_HYPERCALL
               : ec == 0x17U ? EXIT_FIRMWARE
               : ec == 0x18U ? EXIT_SYSREG
               : ec == 0x20U ? EXIT_FAULT
               : ec == 0x24U ? (e->kind == EXIT_MMIO ? EXIT_MMIO : EXIT_FAULT)
                             : EXIT_UNDEF;
    }
    FUZZ_EXPECT(e->kind == want && e->kind < EXIT_KINDS);
    FUZZ_EXPECT(e->insn_len == 0U || e->insn_len == 2U || e->insn_len == 4U);
    FUZZ_EXPECT(e->kind != EXIT_HYPERCALL || e->insn_len == 0U); /* the PC is past an HVC, but at an SMC: D1.3.1 */
    FUZZ_EXPECT(e->kind != EXIT_FIRMWARE || e->insn_len == 4U);
    FUZZ_EXPECT((e->kind != EXIT_HYPERCALL && e->kind != EXIT_FIRMWARE) || e->u.imm == bits(raw->esr, 15, 0));
}

static void decode(const struct exit_raw *raw, struct exit *e)
{
    memset(e, 0xa5, sizeof(*e)); /* nothing of it may be left */
    exit_decode(raw, e);
    check_kind(raw, e);
    if (e->kind == EXIT_MMIO) {
        check_mmio(raw, e);
    } else if (e->kind == EXIT_FAULT) {
        check_fault(raw, e);
    } else if (e->kind == EXIT_SYSREG) {
        check_sysreg(raw, e);
    }
}

/* What an instruction that is stepped over leaves of SPSR: SS goes; then BTYPE, or IT moves on (ITAdvance, J1.2). */
static uint64_t stepped(uint64_t pstate)
{
    uint64_t p = pstate & ~(1ULL << 21 | 3ULL << 10);
    if (bits(pstate, 4, 4) != 0U) {
        uint64_t it = bits(pstate, 15, 10) << 2 | bits(pstate, 26, 25);
        uint64_t next = it % 8U == 0U ? 0U : it / 32U * 32U + it * 2U % 32U;
        p = (p & ~(0x3fULL << 10 | 3ULL << 25)) | (next >> 2) << 10 | (next & 3U) << 25;
    }
    return p;
}

static void skip(const struct input *in, unsigned len)
{
    struct vcpu_regs r = in->regs;
    vcpu_regs_skip(&r, len);
    FUZZ_EXPECT(memcmp(r.x, in->regs.x, sizeof(r.x)) == 0 && r.pc == in->regs.pc + len);
    FUZZ_EXPECT(r.pstate == (len != 0U ? stepped(in->regs.pstate) : in->regs.pstate));
}

static void start(const struct input *in)
{
    struct vcpu_regs r = in->regs;
    vcpu_regs_start(&r, (unsigned)in->kind, in->regs.pc, in->va);
    FUZZ_EXPECT(r.pc == in->regs.pc && r.pstate == 0x3c5U && r.x[0] == in->va);
    for (unsigned i = 1; i < 32U; i++) {
        FUZZ_EXPECT(r.x[i] == 0U);
    }
}

static void inject(const struct input *in, enum inject_kind kind)
{
    struct inject_result r;
    memset(&r, 0xa5, sizeof(r));
    inject_exception(&in->regs, kind, in->va, &in->guest, &r);
    uint64_t from = in->regs.pstate, ec = r.esr >> 26, base = in->guest.vbar & ~0x7ffULL;
    bool el0 = bits(from, 4, 4) != 0U || bits(from, 3, 2) == 0U;
    FUZZ_EXPECT(r.elr == in->regs.pc && r.spsr == from);
    FUZZ_EXPECT(r.pc == base + (bits(from, 4, 4) != 0U ? 0x600U : el0 ? 0x400U : (from & 1U) != 0U ? 0x200U : 0U));
    /* Into EL1h with everything masked, whatever the guest says it was; IL, SS, BTYPE and what is reserved are 0. */
    FUZZ_EXPECT(bits(r.pstate, 4, 0) == 5U && bits(r.pstate, 9, 6) == 0xfU && bits(r.pstate, 5, 5) == 0U);
    FUZZ_EXPECT(bits(r.pstate, 11, 10) == 0U && bits(r.pstate, 21, 20) == 0U && r.pstate >> 32 == 0U);
    FUZZ_EXPECT(bits(r.pstate, 31, 28) == bits(from, 31, 28) && bits(r.pstate, 27, 26) == 0U);
    FUZZ_EXPECT((in->guest.features & INJECT_PAN) != 0U || bits(r.pstate, 22, 22) == 0U);
    FUZZ_EXPECT((in->guest.features & INJECT_MTE) != 0U ? bits(r.pstate, 25, 25) == 1U : bits(r.pstate, 25, 25) == 0U);
    FUZZ_EXPECT(bits(r.esr, 25, 25) == 1U);
    if (kind == INJECT_DATA_ABORT || kind == INJECT_INSN_ABORT) {
        uint64_t want = kind == INJECT_DATA_ABORT ? 0x24U : 0x20U;
        FUZZ_EXPECT(ec == want + (el0 ? 0U : 1U) && bits(r.esr, 24, 0) == 0x10U);
        FUZZ_EXPECT(r.far_valid && r.far == in->va);
    } else {
        FUZZ_EXPECT(ec == 0U && bits(r.esr, 24, 0) == 0U && !r.far_valid);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = { data, size };
    struct input in;
    struct exit e;
    memset(&in, 0, sizeof(in));
    in.raw.source = (enum exit_source)(bytes_u8(&b) % 8U); /* four exist */
    in.kind = bytes_u8(&b) % 5U;                           /* three exist */
    in.raw.esr = bytes_u64(&b, 8);
    in.raw.far = bytes_u64(&b, 8);
    in.raw.hpfar = bytes_u64(&b, 8);
    in.regs.pc = bytes_u64(&b, 8);
    in.regs.pstate = bytes_u64(&b, 8);
    in.guest.vbar = bytes_u64(&b, 8);
    in.guest.sctlr = bytes_u64(&b, 8);
    in.va = bytes_u64(&b, 8);
    in.guest.features = inject_features(bytes_u64(&b, 8), bytes_u64(&b, 8));
    for (unsigned i = 0; i < 32U; i++) {
        in.regs.x[i] = bytes_u8(&b) * 0x0101010101010101ULL;
    }
    decode(&in.raw, &e);
    skip(&in, e.insn_len);
    start(&in);
    inject(&in, (enum inject_kind)in.kind);
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    static const uint64_t classes[] = { 0x01, 0x16, 0x17, 0x18, 0x20, 0x24, 0x2f, 0x3c };
    for (unsigned i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        uint8_t seed[2 + 88] = { 0, (uint8_t)(i % 3U) };
        uint64_t esr = classes[i] << 26 | 1ULL << 25 | 1ULL << 24 | 6U;
        uint64_t pstate = 0x3c5;
        memcpy(seed + 2, &esr, 8);
        memcpy(seed + 34, &pstate, 8);
        emit(seed, sizeof(seed));
    }
}
