/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PURE: ESR_EL2 of an exception from a lower exception level to the kinds of hv/exit.h (DDI 0487 D24.2.41). It is
 * total: a class that cannot reach EL2 under our trap controls, or that the architecture reserves, is an
 * undefined instruction to the guest, which is the answer a CPU without the feature gives.
 */
#include "hv/exit_call.h"
#include "hv/sysreg_enc.h"

/* Exception classes that mean something to us; all others are EXIT_UNDEF. */
#define EC_WFX      0x01U
#define EC_SYSREG   0x18U
#define EC_IABT_LOW 0x20U
#define EC_DABT_LOW 0x24U
#define EC_SERROR   0x2fU

/* ISS of a data abort; S1PTW and the fault status code are shared with instruction aborts. */
#define ISS_FSC   0x3fU
#define ISS_WNR   (1U << 6)
#define ISS_S1PTW (1U << 7)
#define ISS_CM    (1U << 8)
#define ISS_SF    (1U << 15)
#define ISS_SSE   (1U << 21)
#define ISS_ISV   (1U << 24)

#define FSC_LEVEL_MASK      0x03U
#define FSC_ADDRESS_SIZE    0x00U /* 0b0000LL */
#define FSC_TRANSLATION     0x04U /* 0b0001LL */
#define FSC_ACCESS_FLAG     0x08U /* 0b0010LL */
#define FSC_PERMISSION      0x0cU /* 0b0011LL */
#define FSC_ADDRESS_SIZE_M1 0x29U /* level -1, FEAT_LPA2 */
#define FSC_TRANSLATION_M1  0x2bU

#define REG_XZR 31U

/* HPFAR_EL2.FIPA, bits [47:4], holds IPA[55:12]. */
#define HPFAR_FIPA 0x0000fffffffffff0ULL

static uint32_t field(uint64_t v, unsigned shift, unsigned width)
{
    return (uint32_t)(v >> shift) & ((1U << width) - 1U);
}

/* Bytes of the trapped instruction: ESR_ELx.IL is 0 for a 16-bit one (T32 at EL0). */
static uint8_t insn_len(uint64_t esr)
{
    return field(esr, 25, 1) != 0U ? 4U : 2U;
}

static uint8_t guest_reg(uint32_t rt)
{
    return rt == REG_XZR ? (uint8_t)EXIT_REG_ZERO : (uint8_t)rt;
}

static bool is_translation_fault(uint32_t fsc)
{
    return (fsc & ~FSC_LEVEL_MASK) == FSC_TRANSLATION || fsc == FSC_TRANSLATION_M1;
}

/*
 * DDI 0487 D24.2.66: HPFAR_EL2 is written for translation, access flag and address size faults of stage 2 and
 * for any stage 2 fault on a stage 1 walk; after a permission fault of the access itself its value is
 * UNKNOWN.
 */
static bool ipa_is_valid(uint32_t fsc, bool table_walk)
{
    uint32_t type = fsc & ~FSC_LEVEL_MASK;
    return is_translation_fault(fsc) || type == FSC_ACCESS_FLAG || type == FSC_ADDRESS_SIZE ||
           fsc == FSC_ADDRESS_SIZE_M1 || (table_walk && type == FSC_PERMISSION);
}

static uint64_t fault_ipa(uint64_t far, uint64_t hpfar)
{
    return ((hpfar & HPFAR_FIPA) << 8) | (far & (PAGE_SIZE - 1U));
}

/* By value, as the others: what is passed by address is written to memory at each exit. */
static void decode_fault(uint32_t iss, uint64_t far, uint64_t hpfar, bool fetch, struct exit *out)
{
    bool table_walk = (iss & ISS_S1PTW) != 0U;

    out->kind = EXIT_FAULT;
    out->u.fault.va = far;
    out->u.fault.ipa_valid = ipa_is_valid(iss & ISS_FSC, table_walk);
    /* FAR holds the address of the access, not of the walk's descriptor: only the page of that is known. */
    out->u.fault.ipa = !out->u.fault.ipa_valid ? 0U
                       : table_walk            ? fault_ipa(far, hpfar) & ~(PAGE_SIZE - 1U)
                                               : fault_ipa(far, hpfar);
    out->u.fault.fetch = fetch;
    out->u.fault.write = !fetch && (iss & ISS_WNR) != 0U;
    out->u.fault.table_walk = table_walk;
}

static void decode_data_abort(const struct exit_raw *raw, struct exit *out)
{
    uint32_t iss = (uint32_t)raw->esr;

    if ((iss & ISS_ISV) == 0U || (iss & (ISS_CM | ISS_S1PTW)) != 0U || !is_translation_fault(iss & ISS_FSC)) {
        decode_fault(iss, raw->far, raw->hpfar, false, out);
        return;
    }
    out->kind = EXIT_MMIO;
    out->insn_len = insn_len(raw->esr);
    out->u.mmio.ipa = fault_ipa(raw->far, raw->hpfar);
    out->u.mmio.size = (uint8_t)(1U << field(iss, 22, 2));
    out->u.mmio.reg = guest_reg(field(iss, 16, 5));
    out->u.mmio.write = (iss & ISS_WNR) != 0U;
    out->u.mmio.sign_extend = (iss & ISS_SSE) != 0U;
    out->u.mmio.reg64 = (iss & ISS_SF) != 0U;
}

static void decode_sysreg(uint64_t esr, struct exit *out)
{
    out->kind = EXIT_SYSREG;
    out->insn_len = insn_len(esr);
    out->u.sysreg.enc = SYSREG_ENC(field(esr, 20, 2), field(esr, 14, 3), field(esr, 10, 4), field(esr, 1, 4),
                                   field(esr, 17, 3));
    out->u.sysreg.reg = guest_reg(field(esr, 5, 5));
    out->u.sysreg.write = field(esr, 0, 1) == 0U;
}

/* A call, or nothing that we know. */
static void decode_call(uint64_t esr, struct exit *out)
{
    struct exit_call call;

    out->kind = EXIT_UNDEF;
    if (exit_is_call(esr, &call)) {
        out->kind = call.kind;
        out->insn_len = call.insn_len;
        out->u.imm = call.imm;
    }
}

static void decode_sync(const struct exit_raw *raw, struct exit *out)
{
    switch (field(raw->esr, 26, 6)) {
    case EC_WFX:
        out->kind = EXIT_WFX;
        out->insn_len = insn_len(raw->esr);
        out->u.wfe = field(raw->esr, 0, 1) != 0U; /* TI: WFI, WFE, WFIT, WFET */
        break;
    case EC_SYSREG:
        decode_sysreg(raw->esr, out);
        break;
    case EC_IABT_LOW:
        decode_fault((uint32_t)raw->esr, raw->far, raw->hpfar, true, out);
        break;
    case EC_DABT_LOW:
        decode_data_abort(raw, out);
        break;
    case EC_SERROR:
        out->kind = EXIT_SERROR;
        break;
    default:
        decode_call(raw->esr, out);
        break;
    }
}

void exit_decode(const struct exit_raw *raw, struct exit *out)
{
    out->kind = EXIT_UNDEF;
    out->insn_len = 0;
    if (raw->source == EXIT_SRC_SYNC) { /* first, being the most frequent */
        decode_sync(raw, out);
        return;
    }
    switch (raw->source) {
    case EXIT_SRC_IRQ:
    case EXIT_SRC_FIQ: /* group 0 is never enabled; whatever it was, the controller says */
        out->kind = EXIT_IRQ;
        break;
    case EXIT_SRC_SERROR:
        out->kind = EXIT_SERROR;
        break;
    default:
        break;
    }
}
