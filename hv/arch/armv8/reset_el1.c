/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's own registers: hardware keeps them while the guest runs, and nothing of a former owner (the
 * loader, or an earlier life of the VM) may show. Most are UNKNOWN at reset (DDI 0487 D1.3.3): zero is as
 * good and the same every time. SPSR_abt/und/irq/fiq, DACR32_EL2, IFSR32_EL2 and FPEXC32_EL2 are left: no
 * AArch64 guest can read them.
 */
#include "arch/armv8/arch.h"
#include "arch/armv8/features.h"
#include "arch/armv8/sysreg.h"

void reset_el1(void)
{
    SYSREG_WRITE(ttbr0_el1, 0);
    SYSREG_WRITE(ttbr1_el1, 0);
    SYSREG_WRITE(tcr_el1, 0);
    SYSREG_WRITE(mair_el1, 0);
    SYSREG_WRITE(amair_el1, 0);
    SYSREG_WRITE(vbar_el1, 0);
    SYSREG_WRITE(contextidr_el1, 0);
    SYSREG_WRITE(tpidr_el0, 0);
    SYSREG_WRITE(tpidrro_el0, 0);
    SYSREG_WRITE(tpidr_el1, 0);
    SYSREG_WRITE(esr_el1, 0);
    SYSREG_WRITE(far_el1, 0);
    SYSREG_WRITE(par_el1, 0);
    SYSREG_WRITE(afsr0_el1, 0);
    SYSREG_WRITE(afsr1_el1, 0);
    SYSREG_WRITE(sp_el0, 0);
    SYSREG_WRITE(sp_el1, 0);
    SYSREG_WRITE(elr_el1, 0);
    SYSREG_WRITE(spsr_el1, 0);
    SYSREG_WRITE(cpacr_el1, 0);
    SYSREG_WRITE(csselr_el1, 0);
}

/* A breakpoint or watchpoint (kind b or w), number n, if there are so many: control and value. */
#define DEBUG_REGS(kind, n, count)                                                                           \
    do {                                                                                                     \
        if ((n) < (count)) {                                                                                 \
            SYSREG_WRITE(dbg##kind##cr##n##_el1, 0);                                                         \
            SYSREG_WRITE(dbg##kind##vr##n##_el1, 0);                                                         \
        }                                                                                                    \
    } while (0)
/* All of one kind before the other: by turns GCC makes a copy for each count of the one and each of the other. */
#define DEBUG_KIND(kind, count)                                                                              \
    do {                                                                                                     \
        DEBUG_REGS(kind, 0, count);                                                                          \
        DEBUG_REGS(kind, 1, count);                                                                          \
        DEBUG_REGS(kind, 2, count);                                                                          \
        DEBUG_REGS(kind, 3, count);                                                                          \
        DEBUG_REGS(kind, 4, count);                                                                          \
        DEBUG_REGS(kind, 5, count);                                                                          \
        DEBUG_REGS(kind, 6, count);                                                                          \
        DEBUG_REGS(kind, 7, count);                                                                          \
        DEBUG_REGS(kind, 8, count);                                                                          \
        DEBUG_REGS(kind, 9, count);                                                                          \
        DEBUG_REGS(kind, 10, count);                                                                         \
        DEBUG_REGS(kind, 11, count);                                                                         \
        DEBUG_REGS(kind, 12, count);                                                                         \
        DEBUG_REGS(kind, 13, count);                                                                         \
        DEBUG_REGS(kind, 14, count);                                                                         \
        DEBUG_REGS(kind, 15, count);                                                                         \
    } while (0)

/* What the OS lock keeps of the external debugger's registers: with it locked MDSCR_EL1 holds fields of EDSCR (HDE, INTdis,
 * TDA, RXfull, TXfull), and OSECCR_EL1 is EDECCR (DDI 0487 D24.3.20, D24.3.26). All are 0 as after a cold reset, and the
 * lock is then unlocked for good: nobody at EL1 gets at it (MDCR_EL2.TDOSA). DBGPRCR_EL1 is left: CORENPDRQ keeps only the power
 * on, nobody but firmware and a debugger can write it, and QEMU has no such register, of which no ID field tells. */
void reset_debugger(void)
{
    SYSREG_WRITE(osdlr_el1, 0);
    SYSREG_WRITE(oslar_el1, 1);
    isb();
    SYSREG_WRITE(mdscr_el1, 0);
    SYSREG_WRITE(oseccr_el1, 0);
    SYSREG_WRITE(osdtrrx_el1, 0);
    SYSREG_WRITE(osdtrtx_el1, 0);
    isb();
    SYSREG_WRITE(oslar_el1, 0);
    isb();
}

/* Self-hosted debug is given (it cannot be hidden from Linux: DebugVer has no value for none). */
void reset_el1_debug(void)
{
    uint64_t dfr0 = SYSREG_READ(id_aa64dfr0_el1);
    unsigned breakpoints = sysreg_field(dfr0, DFR0_BRPS) + 1U;
    unsigned watchpoints = sysreg_field(dfr0, DFR0_WRPS) + 1U;
    reset_debugger();
    SYSREG_WRITE(mdccint_el1, 0);
    DEBUG_KIND(b, breakpoints);
    DEBUG_KIND(w, watchpoints);
    SYSREG_WRITE(s2_0_c7_c9_6, 0xff); /* DBGCLAIMCLR_EL1: all claim tags */
}

static void reset_pauth_keys(void)
{
    if (features_has_pauth_address()) {
        SYSREG_WRITE(s3_0_c2_c1_0, 0); /* APIAKeyLo_EL1, APIAKeyHi_EL1 */
        SYSREG_WRITE(s3_0_c2_c1_1, 0);
        SYSREG_WRITE(s3_0_c2_c1_2, 0); /* APIBKeyLo_EL1, APIBKeyHi_EL1 */
        SYSREG_WRITE(s3_0_c2_c1_3, 0);
        SYSREG_WRITE(s3_0_c2_c2_0, 0); /* APDAKeyLo_EL1, APDAKeyHi_EL1 */
        SYSREG_WRITE(s3_0_c2_c2_1, 0);
        SYSREG_WRITE(s3_0_c2_c2_2, 0); /* APDBKeyLo_EL1, APDBKeyHi_EL1 */
        SYSREG_WRITE(s3_0_c2_c2_3, 0);
    }
    if (features_has_pauth_generic()) {
        SYSREG_WRITE(s3_0_c2_c3_0, 0); /* APGAKeyLo_EL1, APGAKeyHi_EL1 */
        SYSREG_WRITE(s3_0_c2_c3_1, 0);
    }
}

/* State that came with extensions. */
void reset_el1_features(void)
{
    reset_pauth_keys();
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_RAS) != 0U) {
        SYSREG_WRITE(s3_4_c5_c2_3, 0);  /* VSESR_EL2: syndrome of a virtual SError, of which there is none */
        SYSREG_WRITE(s3_4_c12_c1_1, 0); /* VDISR_EL2 */
    }
    if (sysreg_field(SYSREG_READ(id_aa64mmfr1_el1), MMFR1_VH) != 0U) {
        SYSREG_WRITE(s3_4_c14_c3_1, 0); /* CNTHV_CTL_EL2: EL2's virtual timer is off */
    }
}
