/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the identification registers that decide which EL2 registers exist (DDI 0487 D19.2.60 and
 * following). */
#ifndef ARMV8_FEATURES_H
#define ARMV8_FEATURES_H

#include "arch/armv8/sysreg.h"

#define PFR0_FP        16U /* 0xf: absent */
#define PFR0_GIC       24U /* 0: no system register interface to a GIC */
#define PFR0_RAS       28U
#define PFR0_MPAM      40U
#define PFR0_AMU       44U
#define PFR1_MTE       8U
#define PFR1_SME       24U
#define PFR1_MPAM_FRAC 16U
#define MMFR0_FGT      56U
#define MMFR1_VH       8U
#define MMFR1_LO       16U
#define MMFR1_HCX      40U
#define DFR0_PMUVER    8U
#define DFR0_BRPS      12U
#define DFR0_WRPS      20U
#define DFR0_PMSVER    32U
#define DFR0_TRACEFILT 40U
#define DFR0_TRACEBUFFER 44U

/* ID_AA64ISAR2_EL1, by encoding for assemblers that do not know it. */
#define FEATURES_ISAR2() SYSREG_READ(s3_0_c0_c6_2)

/* Address authentication: APA or API of ID_AA64ISAR1_EL1, or APA3 of ID_AA64ISAR2_EL1. */
static inline bool features_has_pauth_address(void)
{
    return (SYSREG_READ(id_aa64isar1_el1) & 0x00000ff0U) != 0U || (FEATURES_ISAR2() & 0xf000U) != 0U;
}

/* Generic authentication: GPA or GPI, or GPA3. */
static inline bool features_has_pauth_generic(void)
{
    return (SYSREG_READ(id_aa64isar1_el1) & 0xff000000U) != 0U || (FEATURES_ISAR2() & 0x0f00U) != 0U;
}

static inline bool features_has_pauth(void)
{
    return features_has_pauth_address() || features_has_pauth_generic();
}

#endif
