/* SPDX-License-Identifier: Apache-2.0 */
/* What a RISC-V guest's instructions do: syndromes of its exits (privileged architecture 1.13, 18.6), CSRs. */
#include <string.h>

#include "sim/riscv/hart.h"

#define CAUSE_FETCH_GPF 20U
#define CAUSE_LOAD_GPF  21U
#define CAUSE_VIRTUAL   22U
#define CAUSE_STORE_GPF 23U

#define OPCODE_LOAD   0x03U
#define OPCODE_STORE  0x23U
#define OPCODE_AMO    0x2fU
#define OPCODE_SYSTEM 0x73U

static bool sync_exit(struct core *c, const struct exit_raw *raw, unsigned len, uint64_t may_change)
{
    return sim_guest_exit(c, &(struct sim_exit){ .raw = *raw, .len = len, .may_change = may_change });
}

/* ---- Memory ---- */

/* The instruction of an access, and how it is told. */
struct insn {
    uint64_t word; /* for htinst, or with EXIT_INSN_RAW */
    unsigned len, reg;
    bool sign_extend;
};

static unsigned log2_of(unsigned size)
{
    return size == 8U ? 3U : size / 2U;
}

/* An instruction of 32 bits; in transformed form the place of the immediate is zero, as rs1's is for an aligned
 * access (18.6.3). */
static struct insn long_insn(unsigned size, bool write)
{
    unsigned reg = 1U + (unsigned)(sim_random() % 31U);
    unsigned f = log2_of(size);
    bool sign = !write && size < 8U && sim_random() % 2U == 0U;
    uint32_t word = write ? OPCODE_STORE | f << 12 | reg << 20
                          : OPCODE_LOAD | (sign || size == 8U ? f : f + 4U) << 12 | reg << 7;
    return (struct insn){ .word = word, .len = 4, .reg = reg, .sign_extend = sign };
}

/* c.lw, c.ld, c.sw, c.sd. */
static struct insn short_insn(unsigned size, bool write)
{
    unsigned reg = 8U + (unsigned)(sim_random() % 8U);
    uint32_t f = (write ? 6U : 2U) + (size == 8U ? 1U : 0U);
    return (struct insn){ .word = EXIT_INSN_RAW | f << 13 | (reg - 8U) << 2, .len = 2, .reg = reg,
                          .sign_extend = !write && size == 4U };
}

/* Hardware may transform, or leave it to the hypervisor to fetch; the instruction may be compressed. */
static struct insn instruction(unsigned size, bool write)
{
    bool compressed = size >= 4U && sim_random() % 2U == 0U;
    if (sim_random() % 2U == 0U) {
        struct insn raw = compressed ? short_insn(size, write) : long_insn(size, write);
        raw.word |= EXIT_INSN_RAW | (compressed ? 0U : (sim_random() % 32U) << 15); /* any rs1 */
        return raw;
    }
    struct insn i = long_insn(size, write);
    if (compressed) { /* its expansion, with bit 1 clear */
        i.word &= ~2ULL;
        i.len = 2;
    }
    return i;
}

static void take_result(struct core *c, const struct insn *i, unsigned size, uint64_t *value)
{
    uint64_t got = c->guest.regs->x[i->reg];
    uint64_t mask = size == 8U ? ~0ULL : (1ULL << (8U * size)) - 1U;
    uint64_t sign = i->sign_extend && (got >> (8U * size - 1U) & 1U) != 0U ? ~mask : 0U;
    if ((got & ~mask) != sign) {
        sim_fail("CPU %u: 0x%lx is not the %s extension of %u bytes", c->index, got, i->sign_extend ? "sign" : "zero", size);
    }
    *value = got & mask;
}

bool sim_isa_data_fault(struct core *c, const struct sim_translation *t, uint64_t ipa, unsigned size, bool write, bool known,
                        uint64_t *value)
{
    (void)t;
    struct insn i = known ? instruction(size, write) : (struct insn){ .len = 4, .reg = 5 };
    if (!known && sim_random() % 2U == 0U) {
        i.word = OPCODE_AMO | 3U << 12 | 2U << 27 | 5U << 7; /* LR.D */
    }
    struct exit_raw raw = { .esr = write ? CAUSE_STORE_GPF : CAUSE_LOAD_GPF, .far = ipa, .hpfar = ipa >> 2, .insn = i.word };
    uint64_t saved = c->guest.regs->x[i.reg];
    c->guest.regs->x[i.reg] = write ? *value : SIM_UNKNOWN;
    bool done = sync_exit(c, &raw, i.len, write || !known ? 0U : 1ULL << i.reg);
    if (done && !write && !c->injected) {
        take_result(c, &i, size, value);
    }
    c->guest.regs->x[i.reg] = saved;
    return done;
}

bool sim_isa_fetch_fault(struct core *c, const struct sim_translation *t, uint64_t ipa)
{
    (void)t;
    return sync_exit(c, &(struct exit_raw){ .esr = CAUSE_FETCH_GPF, .far = ipa, .hpfar = ipa >> 2 }, 4, 0);
}

enum sim_guest_result sim_guest_trap(struct sim_guest *g, uint64_t cause, uint64_t stval, uint64_t htval, uint64_t htinst)
{
    struct core *c = sim_guest_core(g);
    uint64_t pc = g->regs->pc;
    sim_guest_step(g);
    c->raw = (struct exit_raw){ .esr = cause, .far = stval, .hpfar = htval, .insn = htinst };
    /* The length of what it was is not known here: 2 or 4 bytes, or it is executed again. */
    (void)sync_exit(c, &c->raw, (htinst & 3U) == 3U || htinst == 0U ? 4U : 2U, ~0ULL);
    g->regs->pc = pc + 4U;
    return sim_guest_result(c);
}

/* ---- CSRs ---- */

/* What VS mode has of its own, with the henvcfg and hstateen that the hypervisor sets; false: it is not there. */
static bool own_csr(struct core *c, uint32_t csr, bool write, uint64_t *value)
{
    struct hart *h = &sim_harts[c->index];
    const uint64_t all = SIM_SSIP | SIM_STIP | SIM_SEIP;
    switch (csr) {
    case SIM_CSR_SIE:
        h->vsie = write ? (*value & all) << 1 : h->vsie;
        *value = h->vsie >> 1;
        return true;
    case SIM_CSR_SIP: /* of these SSIP alone can be written (12.1.3) */
        h->hvip = write ? (h->hvip & ~HVIP_VSSIP) | (*value << 1 & HVIP_VSSIP) : h->hvip;
        *value = sim_hip(c) >> 1;
        return true;
    case SIM_CSR_STIMECMP:
        if (sim_cfg.sstc && write) {
            c->timer = *value == ~0ULL ? 0U : *value == 0U ? 1U : *value;
        }
        *value = c->timer == 0U ? ~0ULL : c->timer;
        return sim_cfg.sstc;
    case SIM_CSR_SISELECT:
        h->vsiselect = write ? *value : h->vsiselect;
        *value = h->vsiselect;
        return sim_has_aia();
    case SIM_CSR_SIREG:
        if (sim_has_aia() && write) {
            sim_aia_file_write(c->index, h->vsiselect, *value);
        }
        *value = sim_has_aia() ? sim_aia_file_read(c->index, h->vsiselect) : 0U;
        return sim_has_aia();
    case SIM_CSR_STOPEI:
        *value = sim_has_aia() ? sim_aia_topei(c->index, write) : 0U;
        return sim_has_aia();
    default: /* the rest of the supervisor's is storage, of which nothing here depends */
        return csr == 0x100U || csr == 0x105U || csr == 0x106U || (csr >= 0x140U && csr <= 0x143U) || csr == 0x180U;
    }
}

/* Registers of HS level exist, and are named to VS mode as virtual (18.6.1); those of M level are illegal. */
static bool is_virtual(uint32_t csr)
{
    static const uint32_t some[] = { 0x200, 0x204, 0x205, 0x240, 0x241, 0x242, 0x243, 0x244, 0x24d, 0x250, 0x251, 0x25c,
                                     0x280, 0x600, 0x602, 0x603, 0x604, 0x605, 0x606, 0x607, 0x608, 0x609, 0x60a, 0x60c,
                                     0x643, 0x644, 0x645, 0x64a, 0x680, 0xe12 };
    for (unsigned i = 0; i < ARRAY_SIZE(some); i++) {
        if (some[i] == csr) {
            return true;
        }
    }
    return false;
}

static enum sim_guest_result access_csr(struct sim_guest *g, uint32_t csr, bool write, uint64_t *value)
{
    struct core *c = sim_guest_core(g);
    unsigned reg = 1U + (unsigned)(sim_random() % 31U);
    sim_guest_step(g);
    if (!is_virtual(csr)) {
        return own_csr(c, csr, write, value) ? SIM_OK : SIM_UNDEF;
    }
    uint64_t saved = g->regs->x[reg];
    uint64_t insn = OPCODE_SYSTEM | (write ? 1U << 12 | reg << 15 : 2U << 12 | reg << 7) | csr << 20;
    g->regs->x[reg] = write ? *value : SIM_UNKNOWN;
    if (!sync_exit(c, &(struct exit_raw){ .esr = CAUSE_VIRTUAL, .far = insn }, 4, write ? 0U : 1ULL << reg)) {
        sim_fail("CSR 0x%x: neither emulated nor refused", csr);
    }
    *value = !write && !c->injected ? g->regs->x[reg] : *value;
    g->regs->x[reg] = saved;
    return sim_guest_result(c);
}

enum sim_guest_result sim_guest_csr_read(struct sim_guest *g, uint32_t csr, uint64_t *value)
{
    return access_csr(g, csr, false, value);
}

enum sim_guest_result sim_guest_csr_write(struct sim_guest *g, uint32_t csr, uint64_t value)
{
    return access_csr(g, csr, true, &value);
}

uint32_t sim_guest_claim_msi(struct sim_guest *g)
{
    uint64_t top = 0;
    return access_csr(g, SIM_CSR_STOPEI, true, &top) == SIM_OK ? (uint32_t)(top >> 16) : 0U;
}
