/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which a guest finds its CPU, and what EL2 keeps to itself: one place for every EL2 control
 * register (DDI 0487 D19.2; E2H = 0 throughout). The rule: what hv/vdev/vidreg_fields.h lists as hidden is
 * trapped or disabled here, what it gives is not. A register of a later architecture is touched only if its
 * ID register says that it exists; bits of absent features stay 0.
 */
#include "arch/armv8/arch.h"
#include "arch/armv8/features.h"
#include "arch/armv8/sysreg.h"

/* HCR_EL2 (D19.2.48) */
#define HCR_VM    (1ULL << 0) /* stage 2 */
#define HCR_SWIO  (1ULL << 1) /* DC ISW acts as DC CISW: nobody's data is lost */
#define HCR_PTW   (1ULL << 2) /* a stage-1 walk that hits Device memory faults rather than reads a device */
#define HCR_FMO   (1ULL << 3) /* physical FIQ, IRQ and SError to EL2; the guest sees the virtual ones */
#define HCR_IMO   (1ULL << 4)
#define HCR_AMO   (1ULL << 5)
#define HCR_TID3  (1ULL << 18) /* identification registers are answered from a table */
#define HCR_TSC   (1ULL << 19) /* SMC never reaches the firmware unseen */
#define HCR_TIDCP (1ULL << 20) /* implementation-defined registers may reach shared state */
#define HCR_TACR  (1ULL << 21) /* ACTLR_EL1 likewise */
#define HCR_RW    (1ULL << 31) /* EL1 is AArch64 */
#define HCR_TLOR  (1ULL << 35) /* FEAT_LOR is hidden */
#define HCR_TERR  (1ULL << 36) /* FEAT_RAS error records belong to the machine, not to a VM */
#define HCR_APK   (1ULL << 40) /* FEAT_PAuth is given: keys and instructions do not trap */
#define HCR_API   (1ULL << 41)
#define HCR_TID5  (1ULL << 58) /* FEAT_MTE2 is hidden: GMID_EL1 traps; ATA = 0 withholds the tags */
/* Left 0 on purpose: TWI, TWE (a CPU has one guest, which may wait as it likes); TSW (set/way maintenance
 * loses nobody's data, SWIO makes it clean first; it can empty a cache level that CPUs share, which is not isolated); TVM, TTLB, TPC, TPU (its own translation and caches);
 * HCD (HVC is given); FB, BSU (vCPUs never move); NV*, E2H, TGE, FWB; EnSCXT (SCXTNUM_ELx hidden), FIEN,
 * AMVOFFEN. */
#define HCR_GUEST                                                                                            \
    (HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | \
     HCR_RW)

/* CPTR_EL2 (D19.2.31): RES1 bits 13, 9, 7:0; TSM is RES1 without SME, TZ without SVE, and both features are
 * hidden. TFP = 0 and TCPAC = 0: FP and Advanced SIMD are given. TTA: trace registers are the debugger's. */
#define CPTR_RES1 0x22ffULL
#define CPTR_TZ   (1ULL << 8)
#define CPTR_TSM  (1ULL << 12)
#define CPTR_TTA  (1ULL << 20)
#define CPTR_TAM  (1ULL << 30) /* activity monitors show other VMs' activity */

/* MDCR_EL2 (D19.3.14). TDE, TDA = 0: self-hosted debug is the guest's without a trap: breakpoints, watchpoints, single
 * step, MDSCR_EL1. Its exceptions never reach EL2, where they stay disabled. External debug is not the guest's, and the same
 * registers lead to it: with the OS lock locked MDSCR_EL1 and OSECCR_EL1 are the debugger's EDSCR and EDECCR, by which, where
 * a part is not fused, a breakpoint or an exception halts EL2 (HDE; H2.2.2, H2.2.3, H3.4) or EL2 gets no interrupts
 * (INTdis). So the OS lock traps (TDOSA) and stays unlocked while guests run, and these fields are read-only, OSECCR_EL1
 * ignored (reset_el1.c). TDRA: the address of the debug ROM table is the machine's. TDCC = 0: the debug communication
 * channel can be withheld only with FEAT_FGT; what a guest writes to it waits for a debugger, or for its next life's reset.
 * E2PB = 0, E2TB = 0: profiling and trace buffers are EL2's and trap.
 */
#define MDCR_TPMCR (1ULL << 5) /* the PMU is hidden */
#define MDCR_TPM   (1ULL << 6)
#define MDCR_TDOSA (1ULL << 10) /* answered in vdev/vsysreg.c, and so is TDRA */
#define MDCR_TDRA  (1ULL << 11)
#define MDCR_TPMS  (1ULL << 14) /* FEAT_SPE */
#define MDCR_HPMD  (1ULL << 17) /* nothing counts EL2 (FEAT_PMUv3p1) */
#define MDCR_TTRF  (1ULL << 19) /* FEAT_TRF */
#define MDCR_HCCD  (1ULL << 23) /* nor does the cycle counter (FEAT_PMUv3p5) */

/* SCTLR_EL1 at reset (D19.2.123): MMU, caches and checks off; LSMAOE, nTLSMD, SPAN, EIS, TSCXT and EOS are 1,
 * as they read on a CPU whose architecture version has no such bits. */
#define SCTLR_EL1_RESET 0x30d00800ULL

#define VMPIDR_RES1 (1ULL << 31)

#define MPAM2_TRAPS    (3ULL << 48) /* MPAM0_EL1 and MPAM1_EL1 */
#define MPAMHCR_TRAPID (1ULL << 31)
#define MPAMIDR_HAS_HCR  (1ULL << 17)
#define MPAMIDR_HAS_TIDR (1ULL << 58)
#define MPAM2_TIDR       (1ULL << 58)

static uint64_t hcr_value(void)
{
    uint64_t hcr = HCR_GUEST;
    if (features_has_pauth()) {
        hcr |= HCR_APK | HCR_API;
    }
    if (sysreg_field(SYSREG_READ(id_aa64mmfr1_el1), MMFR1_LO) != 0U) {
        hcr |= HCR_TLOR;
    }
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_RAS) != 0U) {
        hcr |= HCR_TERR;
    }
    if (sysreg_field(SYSREG_READ(id_aa64pfr1_el1), PFR1_MTE) >= 2U) {
        hcr |= HCR_TID5;
    }
    return hcr;
}

static uint64_t cptr_value(void)
{
    uint64_t amu = sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_AMU) != 0U ? CPTR_TAM : 0U;
    return CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | amu;
}

static uint64_t mdcr_value(void)
{
    uint64_t dfr0 = SYSREG_READ(id_aa64dfr0_el1);
    unsigned pmu = sysreg_field(dfr0, DFR0_PMUVER);
    uint64_t mdcr = MDCR_TPMCR | MDCR_TPM | MDCR_TDOSA | MDCR_TDRA;
    if (pmu != 0U && pmu != 0xfU) {
        mdcr |= SYSREG_READ(pmcr_el0) >> 11 &
                0x1fU; /* HPMN = PMCR_EL0.N, as at reset: 0 is not allowed everywhere */
        mdcr |= pmu >= 4U ? MDCR_HPMD : 0U;
        mdcr |= pmu >= 6U ? MDCR_HCCD : 0U;
    }
    if (sysreg_field(dfr0, DFR0_PMSVER) != 0U) {
        mdcr |= MDCR_TPMS;
    }
    if (sysreg_field(dfr0, DFR0_TRACEFILT) != 0U) {
        mdcr |= MDCR_TTRF;
    }
    return mdcr;
}

/* FEAT_FGT: bits that trap when 1 stay 0; those that trap when 0 (nXXX) guard features which are hidden. */
static void reset_fine_grained(void)
{
    unsigned fgt = sysreg_field(SYSREG_READ(id_aa64mmfr0_el1), MMFR0_FGT);
    if (fgt == 0U) {
        return;
    }
    SYSREG_WRITE(s3_4_c1_c1_4, 0); /* HFGRTR_EL2 */
    SYSREG_WRITE(s3_4_c1_c1_5, 0); /* HFGWTR_EL2 */
    SYSREG_WRITE(s3_4_c1_c1_6, 0); /* HFGITR_EL2 */
    SYSREG_WRITE(s3_4_c3_c1_4, 0); /* HDFGRTR_EL2 */
    SYSREG_WRITE(s3_4_c3_c1_5, 0); /* HDFGWTR_EL2 */
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_AMU) != 0U) {
        SYSREG_WRITE(s3_4_c3_c1_6, 0); /* HAFGRTR_EL2 */
    }
    if (fgt >= 2U) {
        SYSREG_WRITE(s3_4_c3_c1_2, 0); /* HFGRTR2_EL2 */
        SYSREG_WRITE(s3_4_c3_c1_3, 0); /* HFGWTR2_EL2 */
        SYSREG_WRITE(s3_4_c3_c1_7, 0); /* HFGITR2_EL2 */
        SYSREG_WRITE(s3_4_c3_c1_0, 0); /* HDFGRTR2_EL2 */
        SYSREG_WRITE(s3_4_c3_c1_1, 0); /* HDFGWTR2_EL2 */
    }
}

/* MPAM is hidden: default partition at EL0 and EL1, its registers trapped. MPAMHCR_EL2 exists only with HAS_HCR. */
static void reset_mpam(void)
{
    uint64_t idr = SYSREG_READ(s3_0_c10_c4_4); /* MPAMIDR_EL1 */
    SYSREG_WRITE(s3_0_c10_c5_0, 0);            /* MPAM1_EL1 */
    SYSREG_WRITE(s3_0_c10_c5_1, 0);            /* MPAM0_EL1 */
    SYSREG_WRITE(s3_4_c10_c5_0, MPAM2_TRAPS | ((idr & MPAMIDR_HAS_TIDR) != 0U ? MPAM2_TIDR : 0U));
    if ((idr & MPAMIDR_HAS_HCR) != 0U) {
        SYSREG_WRITE(s3_4_c10_c4_0, MPAMHCR_TRAPID);
    }
}

/* FEAT_SME is hidden, but a loader may have left the CPU in streaming mode, where Advanced SIMD does not work, for EL2
 * either, and the guest could not leave it. SVCR (C5.2.21): SM and ZA off. Firmware lets EL2 at it (Linux
 * Documentation/arch/arm64/booting: CPTR_EL3.ESM). */
static void leave_streaming_mode(void)
{
    if (sysreg_field(SYSREG_READ(id_aa64pfr1_el1), PFR1_SME) != 0U) {
        SYSREG_WRITE(cptr_el2, cptr_value() & ~CPTR_TSM);
        isb();
        SYSREG_WRITE(s3_3_c4_c2_2, 0);
    }
}

static void reset_traps(void)
{
    uint64_t pfr0 = SYSREG_READ(id_aa64pfr0_el1);
    SYSREG_WRITE(hcr_el2, hcr_value());
    leave_streaming_mode();
    SYSREG_WRITE(cptr_el2, cptr_value());
    SYSREG_WRITE(mdcr_el2, mdcr_value());
    SYSREG_WRITE(hstr_el2, 0);  /* DDI 0487, HSTR_EL2, Hypervisor System Trap Register: AArch32 EL1 only, which cannot be */
    SYSREG_WRITE(hacr_el2, 0);  /* implementation defined: no extra traps */
    SYSREG_WRITE(actlr_el2, 0); /* on Arm's cores a 1 hands a power or cache control of the CPU to EL1 */
    if (sysreg_field(SYSREG_READ(id_aa64mmfr1_el1), MMFR1_HCX) != 0U) {
        SYSREG_WRITE(s3_4_c1_c2_2,
                     0); /* HCRX_EL2: every feature it enables (LS64, MOPS, TCR2, SCTLR2, ...) is hidden */
    }
    if (sysreg_field(pfr0, PFR0_MPAM) != 0U ||
        sysreg_field(SYSREG_READ(id_aa64pfr1_el1), PFR1_MPAM_FRAC) != 0U) {
        reset_mpam();
    }
    reset_fine_grained();
    if (sysreg_field(pfr0, PFR0_GIC) != 0U) {
        SYSREG_WRITE(s3_4_c12_c9_5, 0xf); /* ICC_SRE_EL2: the guest has the system register interface */
        isb();
        SYSREG_WRITE(s3_0_c12_c12_5, 0x7); /* ICC_SRE_EL1: and no other */
    }
}

/* The VM's translation; stale entries of its VMID, from an earlier life on this CPU, go. */
static void install_stage2(const struct guest_reset *r)
{
    SYSREG_WRITE(vtcr_el2, r->s2.ctrl);
    SYSREG_WRITE(vttbr_el2, r->s2.base);
    isb();
    __asm__ volatile("tlbi vmalls12e1\n\tic iallu" : : : "memory");
    __asm__ volatile("dsb nsh" : : : "memory");
}

void reset_guest(const struct guest_reset *r)
{
    reset_traps();
    SYSREG_WRITE(vpidr_el2, SYSREG_READ(midr_el1));
    SYSREG_WRITE(vmpidr_el2, VMPIDR_RES1 | r->vcpu); /* Aff0: one flat cluster, no multithreading */
    SYSREG_WRITE(sctlr_el1, SCTLR_EL1_RESET);
    isb(); /* CPTR_EL2 is in force: FP may be touched */
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_FP) != 0xfU) {
        fpsimd_clear();
    }
    reset_el1();
    reset_el1_debug();
    reset_el1_features();
    timer_reset_guest();
    install_stage2(r);
    isb();
}
