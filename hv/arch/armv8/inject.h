/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a guest take an exception at EL1, as the CPU would have done it (DDI 0487 D1.3.2,
 * AArch64.TakeException). Pure: arch_ops.cpu.inject gathers the state, calls inject_exception() and writes
 * the result to the EL1 registers.
 */
#ifndef HV_ARMV8_INJECT_H
#define HV_ARMV8_INJECT_H

#include "hv/arch_ops.h"

/* What the CPU implements of those features that change PSTATE on exception entry. Told by the real
 * identification registers, not by what the guest is shown: PSTATE bits of a hidden feature still behave as
 * the hardware has them. */
#define INJECT_PAN  1U /* FEAT_PAN */
#define INJECT_SSBS 2U /* FEAT_SSBS */
#define INJECT_MTE  4U /* FEAT_MTE: PSTATE.TCO exists */
#define INJECT_NMI  8U /* FEAT_NMI: PSTATE.ALLINT exists */

struct inject_guest {
    uint64_t vbar;     /* VBAR_EL1 */
    uint64_t sctlr;    /* SCTLR_EL1 */
    unsigned features; /* INJECT_* */
};

struct inject_result {
    uint64_t pc;     /* where the guest goes on */
    uint64_t pstate; /* and its PSTATE there, in SPSR_EL2's format */
    uint64_t esr;    /* for ESR_EL1 */
    uint64_t elr;    /* for ELR_EL1 */
    uint64_t spsr;   /* for SPSR_EL1 */
    uint64_t far;    /* for FAR_EL1, if far_valid: an undefined instruction leaves it alone */
    bool far_valid;
};

/* INJECT_* of a CPU with these ID_AA64PFR1_EL1 and ID_AA64MMFR1_EL1. */
unsigned inject_features(uint64_t aa64pfr1, uint64_t aa64mmfr1);

/* regs: PC of the faulting instruction, PSTATE of the guest. kind outside the enumeration is an undefined
 * instruction. An abort is a synchronous external abort (fault status 0x10) at va. Total. */
void inject_exception(const struct vcpu_regs *regs, enum inject_kind kind, uint64_t va,
                      const struct inject_guest *g, struct inject_result *out);

#endif
