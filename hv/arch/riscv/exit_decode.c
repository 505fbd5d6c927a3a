/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scause, stval, htval and htinst of a trap from VS or VU mode (privileged architecture 1.13, 12.1.8 and 18.6). PURE.
 *
 * The instruction of a load or store is in htinst in its "transformed" form (18.6.3), or, where the hardware gives
 * none, as it was fetched from the guest (EXIT_INSN_RAW). Both may be a compressed one; the first is expanded
 * already. What was fetched need not be what was executed, since the guest may have written it meanwhile: it is
 * decoded by branches alone.
 */
#include "hv/exit_call.h"

#define INTERRUPT ((uint64_t)1 << 63)

#define CAUSE_FETCH_GPF   20U
#define CAUSE_LOAD_GPF    21U
#define CAUSE_VIRTUAL     22U
#define CAUSE_STORE_GPF   23U
#define CAUSE_HW_ERROR    19U

#define OPCODE_LOAD   0x03U
#define OPCODE_STORE  0x23U
#define OPCODE_SYSTEM 0x73U
#define OPCODE(i)     ((i) & 0x7fU)
#define RD(i)         (((i) >> 7) & 0x1fU)
#define RS2(i)        (((i) >> 20) & 0x1fU)
#define FUNCT3(i)     (((i) >> 12) & 7U)
#define NOT_SMALL     3U /* the two low bits of an instruction of 32 bits */

/* htinst (18.6.3). Bit 0 is set in a transformed instruction, bit 1 clear if it was a compressed one; where rs1 stood
 * is how far the faulting address lies behind the access's first byte, which is 0 unless it is misaligned. Immediates
 * are 0, or mean nothing. */
#define TRANSFORMED      1U
#define TRANSFORMED_LONG 2U
#define ADDR_OFFSET(i)   (((i) >> 15) & 0x1fU)
/* Pseudoinstructions for the guest's own page-table walk: 0x2000/0x3000 read, 0x2020/0x3020 write. */
#define PSEUDO_MASK  0xffffefdfU
#define PSEUDO_WALK  0x2000U
#define PSEUDO_WRITE 0x20U

static uint8_t reg_of(uint32_t n)
{
    return n == 0U ? (uint8_t)EXIT_REG_ZERO : (uint8_t)n;
}

/* What a load or store does, if it can be carried out for the guest. */
struct access {
    bool known;
    bool write;
    bool sign_extend;
    uint8_t size;
    uint8_t reg;
    uint8_t len; /* of the instruction, in bytes */
};

/* An instruction of 32 bits. Floating point, vector and atomic ones are not known. */
static inline struct access decode_long(uint32_t insn, uint8_t len)
{
    uint32_t f = FUNCT3(insn);
    struct access a = {.len = len};

    if (OPCODE(insn) == OPCODE_LOAD && f != 7U) {
        a = (struct access){true, false, f < 4U, (uint8_t)(1U << (f & 3U)), reg_of(RD(insn)), len};
    } else if (OPCODE(insn) == OPCODE_STORE && f < 4U) {
        a = (struct access){true, true, false, (uint8_t)(1U << f), reg_of(RS2(insn)), len};
    } else {
        /* Not known. */
    }
    return a;
}

#define C_FUNCT3(i) (((i) >> 13) & 7U)
#define C_RD_SMALL(i) ((uint8_t)((((i) >> 2) & 7U) + 8U)) /* rd' and rs2' of CL and CS */
#define C_QUADRANT(i) ((i) & 3U)

/* Compressed loads and stores of integers (extension C, 26.3): c.lw, c.ld, c.sw, c.sd, and those relative to sp; and
 * of Zcb c.lbu, c.lh, c.lhu, c.sb, c.sh (28.13). */
static struct access decode_zcb(uint32_t i)
{
    uint8_t reg = C_RD_SMALL(i);
    bool bit6 = ((i >> 6) & 1U) != 0U;
    struct access a = {.len = 2};

    switch ((i >> 10) & 7U) {
    case 0:
        a = (struct access){true, false, false, 1, reg, 2};
        break;
    case 1:
        a = (struct access){true, false, bit6, 2, reg, 2};
        break;
    case 2:
        a = (struct access){true, true, false, 1, reg, 2};
        break;
    case 3:
        a = (struct access){!bit6, true, false, 2, reg, 2};
        break;
    default:
        break;
    }
    return a;
}

static struct access decode_short(uint32_t i)
{
    uint32_t f = C_FUNCT3(i);
    uint8_t size = (f & 1U) != 0U ? 8U : 4U;
    bool sp = C_QUADRANT(i) == 2U;
    bool write = f >= 6U;

    if (C_QUADRANT(i) == 0U && f == 4U) {
        return decode_zcb(i);
    }
    if ((C_QUADRANT(i) != 0U && !sp) || (f != 2U && f != 3U && f != 6U && f != 7U)) {
        return (struct access){.len = 2};
    }
    uint8_t reg = C_RD_SMALL(i);

    if (sp) {
        reg = reg_of(write ? (i >> 2) & 0x1fU : RD(i));
    }
    /* c.lwsp and c.ldsp to x0 are reserved. */
    return (struct access){write || reg != EXIT_REG_ZERO, write, !write, size, reg, 2};
}

static inline struct access decode_insn(uint64_t insn)
{
    uint32_t i = (uint32_t)insn;
    bool raw = (insn & EXIT_INSN_RAW) != 0U;

    if (raw && (i & NOT_SMALL) != NOT_SMALL) {
        return decode_short(i);
    }
    /* Nothing that is defined, or the end of a misaligned access. */
    if (!raw && ((i & TRANSFORMED) == 0U || ADDR_OFFSET(i) != 0U)) {
        return (struct access){0};
    }
    return decode_long(i | NOT_SMALL, raw || (i & TRANSFORMED_LONG) != 0U ? 4U : 2U);
}

/* The hardware gives the address without its two low bits, which are stval's but for a table walk, where they are 0
 * (18.2.6); it may give 0, not knowing. A walk is told by its pseudoinstruction, which is required if the address is
 * given. */
static bool is_walk(uint64_t insn)
{
    return (insn & EXIT_INSN_RAW) == 0U && (insn & PSEUDO_MASK) == PSEUDO_WALK;
}

static void fault(uint64_t va, uint64_t page, uint64_t insn, struct exit *out, bool fetch, bool write)
{
    bool walk = is_walk(insn);
    bool known = page != 0U;

    out->kind = EXIT_FAULT;
    out->u.fault = (struct exit_fault){
        .ipa = known ? (page << 2) | (walk ? 0U : va & 3U) : 0U,
        .va = va,
        .ipa_valid = known,
        .fetch = fetch,
        .write = walk ? (insn & PSEUDO_WRITE) != 0U : write,
        .table_walk = walk,
    };
}

static void data_fault(const struct exit_raw *raw, struct exit *out, bool write)
{
    struct access a = {0};
    uint64_t ipa = (raw->hpfar << 2) | (raw->far & 3U);

    if (raw->hpfar != 0U && !is_walk(raw->insn)) {
        a = decode_insn(raw->insn);
    }
    if (!a.known || a.write != write || !is_aligned(ipa, a.size)) { /* a misaligned one would have to be answered in parts */
        fault(raw->far, raw->hpfar, raw->insn, out, false, write);
        return;
    }
    out->kind = EXIT_MMIO;
    out->insn_len = a.len;
    out->u.mmio = (struct exit_mmio){.ipa = ipa,
                                     .size = a.size,
                                     .reg = a.reg,
                                     .write = a.write,
                                     .sign_extend = a.sign_extend,
                                     .reg64 = true};
}

/* A CSR that is not the guest's, an instruction of the hypervisor extension, a WFI that must not wait: stval has the
 * instruction, or 0 (18.6.1). */
static void virtual_instruction(const struct exit_raw *raw, struct exit *out)
{
    uint32_t i = (uint32_t)raw->far;

    out->kind = EXIT_UNDEF;
    if (OPCODE(i) == OPCODE_SYSTEM && (FUNCT3(i) & 3U) != 0U) {
        out->kind = EXIT_SYSREG;
        out->insn_len = 4;
        /* A set or clear of no bits is a read alone (Zicsr, 6.1). */
        out->u.sysreg = (struct exit_sysreg){
            .enc = i >> 20, .reg = reg_of(RD(i)), .write = (FUNCT3(i) & 3U) == 1U || ((i >> 15) & 0x1fU) != 0U};
    }
}

void exit_decode(const struct exit_raw *raw, struct exit *out)
{
    struct exit_call call;

    out->kind = EXIT_UNDEF;
    out->insn_len = 0;
    if ((raw->esr & INTERRUPT) != 0U) {
        out->kind = EXIT_IRQ;
        return;
    }
    switch (raw->esr) {
    case CAUSE_FETCH_GPF:
        fault(raw->far, raw->hpfar, raw->insn, out, true, false);
        break;
    case CAUSE_LOAD_GPF:
    case CAUSE_STORE_GPF:
        data_fault(raw, out, raw->esr == CAUSE_STORE_GPF);
        break;
    case CAUSE_VIRTUAL:
        virtual_instruction(raw, out);
        break;
    case CAUSE_HW_ERROR:
        out->kind = EXIT_SERROR;
        break;
    default:
        if (exit_is_call(raw->esr, &call)) {
            out->kind = call.kind;
            out->insn_len = call.insn_len;
        }
        break;
    }
}
