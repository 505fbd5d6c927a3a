/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: what AArch64.TakeException to EL1 makes of a guest's state. */
#include "inject.h"

/* PSTATE as SPSR_ELx holds it (DDI 0487 C5.2.19). */
#define PSR_M_EL1H    0x005ULL
#define PSR_M_SP      0x001ULL
#define PSR_M_EL      0x00cULL
#define PSR_M_AARCH32 0x010ULL
#define PSR_DAIF      0x3c0ULL
#define PSR_SSBS      (1ULL << 12)
#define PSR_ALLINT    (1ULL << 13)
#define PSR_PAN       (1ULL << 22)
#define PSR_DIT       (1ULL << 24)
#define PSR_TCO       (1ULL << 25)
#define PSR_NZCV      0xf0000000ULL

#define SCTLR_SPAN      (1ULL << 23)
#define SCTLR_DSSBS     (1ULL << 44)
#define SCTLR_SPINTMASK (1ULL << 62)

/* D1.3.1.4: vectors are 2 KiB aligned; offset by where the exception comes from. */
#define VBAR_MASK      (~0x7ffULL)
#define VECTOR_EL1T    0x000ULL
#define VECTOR_EL1H    0x200ULL
#define VECTOR_EL0_A64 0x400ULL
#define VECTOR_EL0_A32 0x600ULL

#define ESR_EC_SHIFT  26
#define ESR_IL        (1ULL << 25) /* 1 for class 0, instruction aborts, and data aborts without ISV (D24.2.40) */
#define EC_UNKNOWN    0x00ULL
#define EC_IABT_LOWER 0x20ULL
#define EC_DABT_LOWER 0x24ULL
#define EC_SAME_EL    0x01ULL /* added to the two above */
#define FSC_EXTERNAL  0x10ULL /* synchronous external abort, not on a table walk */

static bool from_el0(uint64_t pstate)
{
    return (pstate & (PSR_M_AARCH32 | PSR_M_EL)) == 0U || (pstate & PSR_M_AARCH32) != 0U;
}

static uint64_t vector_offset(uint64_t pstate)
{
    if ((pstate & PSR_M_AARCH32) != 0U) {
        return VECTOR_EL0_A32; /* EL1 is AArch64 always (HCR_EL2.RW), so AArch32 means EL0 */
    }
    if (from_el0(pstate)) {
        return VECTOR_EL0_A64;
    }
    return (pstate & PSR_M_SP) != 0U ? VECTOR_EL1H : VECTOR_EL1T;
}

/* Condition flags and DIT stay; SS, IL, BTYPE, UAO and the AArch32 execution state go. */
static uint64_t entry_pstate(uint64_t pstate, const struct inject_guest *g)
{
    uint64_t p = (pstate & (PSR_NZCV | PSR_DIT)) | PSR_DAIF | PSR_M_EL1H;
    if ((g->features & INJECT_PAN) != 0U) {
        p |= (g->sctlr & SCTLR_SPAN) != 0U ? pstate & PSR_PAN : PSR_PAN;
    }
    if ((g->features & INJECT_SSBS) != 0U && (g->sctlr & SCTLR_DSSBS) != 0U) {
        p |= PSR_SSBS;
    }
    if ((g->features & INJECT_MTE) != 0U) {
        p |= PSR_TCO;
    }
    if ((g->features & INJECT_NMI) != 0U && (g->sctlr & SCTLR_SPINTMASK) == 0U) {
        p |= PSR_ALLINT;
    }
    return p;
}

static uint64_t syndrome(enum inject_kind kind, bool el0)
{
    uint64_t same = el0 ? 0 : (uint64_t)EC_SAME_EL;
    switch (kind) {
    case INJECT_DATA_ABORT:
        return ((EC_DABT_LOWER | same) << ESR_EC_SHIFT) | ESR_IL | FSC_EXTERNAL;
    case INJECT_INSN_ABORT:
        return ((EC_IABT_LOWER | same) << ESR_EC_SHIFT) | ESR_IL | FSC_EXTERNAL;
    case INJECT_UNDEF:
    default:
        return (EC_UNKNOWN << ESR_EC_SHIFT) | ESR_IL;
    }
}

static bool id_field(uint64_t reg, unsigned shift)
{
    return ((reg >> shift) & 0xfU) != 0U;
}

unsigned inject_features(uint64_t aa64pfr1, uint64_t aa64mmfr1)
{
    return (id_field(aa64mmfr1, 20) ? INJECT_PAN : 0U) | (id_field(aa64pfr1, 4) ? INJECT_SSBS : 0U) |
           (id_field(aa64pfr1, 8) ? INJECT_MTE : 0U) | (id_field(aa64pfr1, 36) ? INJECT_NMI : 0U);
}

void inject_exception(const struct vcpu_regs *regs, enum inject_kind kind, uint64_t va,
                      const struct inject_guest *g, struct inject_result *out)
{
    out->pc = (g->vbar & VBAR_MASK) + vector_offset(regs->pstate);
    out->pstate = entry_pstate(regs->pstate, g);
    out->esr = syndrome(kind, from_el0(regs->pstate));
    out->elr = regs->pc;
    out->spsr = regs->pstate;
    out->far_valid = kind == INJECT_DATA_ABORT || kind == INJECT_INSN_ABORT;
    out->far = out->far_valid ? va : 0U;
}
