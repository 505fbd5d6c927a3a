/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which exits are calls, and which accesses to words of devices, by the syndrome alone. Apart, in line, so that the most frequent exits
 * are decoded without memory; exit_decode() says the same of them. PURE.
 */
#ifndef HV_EXIT_CALL_H
#define HV_EXIT_CALL_H

#include "hv/exit.h"
#include "hv/isa.h"

/* What answers calls that are no constants is in line. */
#define EXIT_CALL_APART inline

struct exit_call {
    enum exit_kind kind;
    uint16_t imm;
    uint8_t insn_len;
};

/* True if a synchronous exit with this ESR_EL2 is an HVC or SMC of AArch64 (DDI 0487 D24.2.41). */
static inline bool exit_is_call(uint64_t esr, struct exit_call *out)
{
    uint32_t ec = (uint32_t)(esr >> 26) & 0x3fU;

    out->imm = (uint16_t)esr;
    if (ec == 0x16U) {
        /* HVC: the preferred return address is the next instruction already (D1.3.1). */
        out->kind = EXIT_HYPERCALL;
        out->insn_len = 0;
        return true;
    }
    if (ec == 0x17U) {
        /* SMC, trapped by HCR_EL2.TSC: the preferred return address is the SMC itself. */
        out->kind = EXIT_FIRMWARE;
        out->insn_len = 4;
        return true;
    }
    return false;
}

/* Every exit saves this register of an instruction, 0 to 31; 31 is the zero register, which is none. */
static inline bool exit_reg_saved(uint64_t reg)
{
    return ((VCPU_REGS_KEPT | (uint64_t)1 << 31) >> reg & 1U) == 0U;
}

/*
 * True if a synchronous exit with this ESR_EL2 is an EXIT_MMIO of the most frequent kind: a 32-bit instruction that reads or writes a
 * word, without an extension of its sign, by a register that each exit saves and that is not the zero register. EC is a data abort
 * from below, IL and ISV are 1, SAS is a word, SSE, CM and S1PTW are 0, DFSC is a translation fault of a level from 0 to 3
 * (DDI 0487 D24.2.41, ISS encoding for an exception from a Data Abort). Of a word the bits above are zero, whatever SF is.
 */
static inline bool exit_is_word(uint64_t esr)
{
    return ((uint32_t)esr & 0xffe001bcU) == 0x93800004U && exit_reg_saved(esr >> 16 & 31U);
}

/* What such an exit accesses. */
static inline struct exit_word exit_word_of(const struct exit_raw *raw)
{
    return (struct exit_word){
        .ipa = (raw->hpfar & 0x0000fffffffffff0ULL) * 256U + (raw->far & (PAGE_SIZE - 1U)),
        .reg = raw->esr >> 16 & 31U,
        .write = (raw->esr >> 6 & 1U) != 0U,
        .insn_len = 4,
    };
}

/*
 * True if a synchronous exit with this ESR_EL2 is a write of ICC_SGI1R_EL1 by a register as above: of an EXIT_SYSREG that is an MSR,
 * IL is 1, and Op0, Op2, Op1, CRn and CRm are those of IHI 0069H 12.2.22 (DDI 0487 D24.2.41, ISS encoding for an exception from MSR).
 */
static inline bool exit_is_send(uint64_t esr)
{
    return ((uint32_t)esr & 0xfffffc1fU) == 0x623a3016U && exit_reg_saved(esr >> 5 & 31U);
}

static inline struct exit_send exit_send_of(uint64_t esr)
{
    return (struct exit_send){.reg = esr >> 5 & 31U, .insn_len = 4};
}

#endif
