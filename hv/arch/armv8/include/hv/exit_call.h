/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which exits are calls, by the syndrome alone. Part of exit_decode(), and apart, in line, so that the most frequent exits are decoded
 * without memory. PURE.
 */
#ifndef HV_EXIT_CALL_H
#define HV_EXIT_CALL_H

#include "hv/exit.h"

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
    /* SMC, trapped by HCR_EL2.TSC: the preferred return address is the SMC itself. */
    out->kind = EXIT_FIRMWARE;
    out->insn_len = 4;
    return ec == 0x17U;
}

#endif
