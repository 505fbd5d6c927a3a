/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
/*
 * What a guest is told about its CPU: every field of every identification register (op0 3, op1 0, CRn 0, CRm 1 to 7;
 * DDI 0487 D24.2), with what is done about it and why. Data, not code: vidreg.c compiles it to masks, tests and
 * tests/boot/vidreg_dump.c to a table with names.
 *
 *   F(register index, field, shift, width, policy, value, reason)
 *     GIVE       the guest reads what the hardware has: it uses the feature directly
 *     HIDE 0     the guest reads zero, which in all of these fields means absent; arch/armv8/reset.c traps or
 *                disables the feature
 *     CAP max    the guest reads the hardware's value (unsigned), but no more than max
 *
 * A field that is not listed reads as zero, so that a CPU newer than this table gives nothing by accident.
 * MIDR_EL1, MPIDR_EL1 and REVIDR_EL1 (CRm 0) do not trap; VPIDR_EL2 and VMPIDR_EL2 answer the first two.
 */
#ifndef HV_VDEV_VIDREG_FIELDS_H
#define HV_VDEV_VIDREG_FIELDS_H

#define VIDREG_ID_PFR0_EL1(F, r)                                                                             \
    F(r, State0, 0, 4, GIVE, 0, "AArch32 instruction sets at EL0, as the CPU has them")                      \
    F(r, State1, 4, 4, GIVE, 0, "as State0")                                                                 \
    F(r, State2, 8, 4, GIVE, 0, "as State0")                                                                 \
    F(r, State3, 12, 4, GIVE, 0, "as State0")                                                                \
    F(r, CSV2, 16, 4, CAP, 1, "2 brings SCXTNUM, which HCR_EL2.EnSCXT withholds")                            \
    F(r, AMU, 20, 4, HIDE, 0, "activity monitors show other VMs' activity")                                  \
    F(r, DIT, 24, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                 \
    F(r, RAS, 28, 4, HIDE, 0, "error records belong to the machine")

#define VIDREG_ID_PFR1_EL1(F, r)                                                                             \
    F(r, ProgMod, 0, 4, HIDE, 0, "no AArch32 at EL1 (HCR_EL2.RW)")                                           \
    F(r, Security, 4, 4, HIDE, 0, "no EL3 for the guest")                                                    \
    F(r, MProgMod, 8, 4, HIDE, 0, "no AArch32 at EL1")                                                       \
    F(r, Virtualization, 12, 4, HIDE, 0, "EL2 is the hypervisor's")                                          \
    F(r, GenTimer, 16, 4, GIVE, 0, "timers are the guest's own")                                             \
    F(r, Sec_frac, 20, 4, HIDE, 0, "no EL3 for the guest")                                                   \
    F(r, Virt_frac, 24, 4, HIDE, 0, "EL2 is the hypervisor's")                                               \
    F(r, GIC, 28, 4, CAP, 1, "system registers of GICv3; 4.1 is not emulated")

#define VIDREG_ID_DFR0_EL1(F, r)                                                                             \
    F(r, CopDbg, 0, 4, CAP, 10, "debug cannot be absent; v8.9 needs MDCR_EL2.EBWE")                          \
    F(r, CopSDbg, 4, 4, HIDE, 0, "no secure state for the guest")                                            \
    F(r, MMapDbg, 8, 4, HIDE, 0, "no memory-mapped debug")                                                   \
    F(r, CopTrc, 12, 4, HIDE, 0, "trace registers trap (CPTR_EL2.TTA)")                                      \
    F(r, MMapTrc, 16, 4, HIDE, 0, "no memory-mapped trace")                                                  \
    F(r, MProfDbg, 20, 4, HIDE, 0, "M profile")                                                              \
    F(r, PerfMon, 24, 4, HIDE, 0, "PMU registers trap (MDCR_EL2.TPM)")                                       \
    F(r, TraceFilt, 28, 4, HIDE, 0, "trapped (MDCR_EL2.TTRF)")

#define VIDREG_ID_AFR0_EL1(F, r)                                                                             \
    F(r, Impdef, 0, 64, HIDE, 0, "implementation defined (HCR_EL2.TIDCP)")

#define VIDREG_ID_MMFR0_EL1(F, r)                                                                            \
    F(r, VMSA, 0, 4, GIVE, 0, "AArch32 memory model, as the CPU has it")                                     \
    F(r, PMSA, 4, 4, GIVE, 0, "as VMSA")                                                                     \
    F(r, OuterShr, 8, 4, GIVE, 0, "as VMSA")                                                                 \
    F(r, ShareLvl, 12, 4, GIVE, 0, "as VMSA")                                                                \
    F(r, TCM, 16, 4, HIDE, 0, "no tightly coupled memory for guests")                                        \
    F(r, AuxReg, 20, 4, GIVE, 0, "ACTLR reads as zero (HCR_EL2.TACR)")                                       \
    F(r, FCSE, 24, 4, GIVE, 0, "as VMSA")                                                                    \
    F(r, InnerShr, 28, 4, GIVE, 0, "as VMSA")

#define VIDREG_ID_MMFR1_EL1(F, r)                                                                            \
    F(r, L1HvdVA, 0, 4, GIVE, 0, "AArch32 cache maintenance, as the CPU has it")                             \
    F(r, L1UniVA, 4, 4, GIVE, 0, "as L1HvdVA")                                                               \
    F(r, L1HvdSW, 8, 4, GIVE, 0, "as L1HvdVA")                                                               \
    F(r, L1UniSW, 12, 4, GIVE, 0, "as L1HvdVA")                                                              \
    F(r, L1Hvd, 16, 4, GIVE, 0, "as L1HvdVA")                                                                \
    F(r, L1Uni, 20, 4, GIVE, 0, "as L1HvdVA")                                                                \
    F(r, L1TstCln, 24, 4, GIVE, 0, "as L1HvdVA")                                                             \
    F(r, BPred, 28, 4, GIVE, 0, "as L1HvdVA")

#define VIDREG_ID_MMFR2_EL1(F, r)                                                                            \
    F(r, L1HvdFG, 0, 4, GIVE, 0, "AArch32 cache and TLB operations, as the CPU has them")                    \
    F(r, L1HvdBG, 4, 4, GIVE, 0, "as L1HvdFG")                                                               \
    F(r, L1HvdRng, 8, 4, GIVE, 0, "as L1HvdFG")                                                              \
    F(r, HvdTLB, 12, 4, GIVE, 0, "as L1HvdFG")                                                               \
    F(r, UniTLB, 16, 4, GIVE, 0, "as L1HvdFG")                                                               \
    F(r, MemBarr, 20, 4, GIVE, 0, "as L1HvdFG")                                                              \
    F(r, WFIStall, 24, 4, GIVE, 0, "as L1HvdFG")                                                             \
    F(r, HWAccFlg, 28, 4, GIVE, 0, "as L1HvdFG")

#define VIDREG_ID_MMFR3_EL1(F, r)                                                                            \
    F(r, CMaintVA, 0, 4, GIVE, 0, "AArch32 maintenance and PAN, as the CPU has them")                        \
    F(r, CMaintSW, 4, 4, GIVE, 0, "as CMaintVA")                                                             \
    F(r, BPMaint, 8, 4, GIVE, 0, "as CMaintVA")                                                              \
    F(r, MaintBcst, 12, 4, GIVE, 0, "as CMaintVA")                                                           \
    F(r, PAN, 16, 4, GIVE, 0, "as CMaintVA")                                                                 \
    F(r, CohWalk, 20, 4, GIVE, 0, "as CMaintVA")                                                             \
    F(r, CMemSz, 24, 4, GIVE, 0, "as CMaintVA")                                                              \
    F(r, Supersec, 28, 4, GIVE, 0, "as CMaintVA")

#define VIDREG_ID_ISAR0_EL1(F, r)                                                                            \
    F(r, Swap, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                                   \
    F(r, BitCount, 4, 4, GIVE, 0, "as Swap")                                                                 \
    F(r, BitField, 8, 4, GIVE, 0, "as Swap")                                                                 \
    F(r, CmpBranch, 12, 4, GIVE, 0, "as Swap")                                                               \
    F(r, Coproc, 16, 4, GIVE, 0, "as Swap")                                                                  \
    F(r, Debug, 20, 4, GIVE, 0, "as Swap")                                                                   \
    F(r, Divide, 24, 4, GIVE, 0, "as Swap")

#define VIDREG_ID_ISAR1_EL1(F, r)                                                                            \
    F(r, Endian, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                                 \
    F(r, Except, 4, 4, GIVE, 0, "as Endian")                                                                 \
    F(r, Except_AR, 8, 4, GIVE, 0, "as Endian")                                                              \
    F(r, Extend, 12, 4, GIVE, 0, "as Endian")                                                                \
    F(r, IfThen, 16, 4, GIVE, 0, "as Endian")                                                                \
    F(r, Immediate, 20, 4, GIVE, 0, "as Endian")                                                             \
    F(r, Interwork, 24, 4, GIVE, 0, "as Endian")                                                             \
    F(r, Jazelle, 28, 4, GIVE, 0, "as Endian")

#define VIDREG_ID_ISAR2_EL1(F, r)                                                                            \
    F(r, LoadStore, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                              \
    F(r, MemHint, 4, 4, GIVE, 0, "as LoadStore")                                                             \
    F(r, MultiAccessInt, 8, 4, GIVE, 0, "as LoadStore")                                                      \
    F(r, Mult, 12, 4, GIVE, 0, "as LoadStore")                                                               \
    F(r, MultS, 16, 4, GIVE, 0, "as LoadStore")                                                              \
    F(r, MultU, 20, 4, GIVE, 0, "as LoadStore")                                                              \
    F(r, PSR_AR, 24, 4, GIVE, 0, "as LoadStore")                                                             \
    F(r, Reversal, 28, 4, GIVE, 0, "as LoadStore")

#define VIDREG_ID_ISAR3_EL1(F, r)                                                                            \
    F(r, Saturate, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                               \
    F(r, SIMD, 4, 4, GIVE, 0, "as Saturate")                                                                 \
    F(r, SVC, 8, 4, GIVE, 0, "as Saturate")                                                                  \
    F(r, SynchPrim, 12, 4, GIVE, 0, "as Saturate")                                                           \
    F(r, TabBranch, 16, 4, GIVE, 0, "as Saturate")                                                           \
    F(r, T32Copy, 20, 4, GIVE, 0, "as Saturate")                                                             \
    F(r, TrueNOP, 24, 4, GIVE, 0, "as Saturate")                                                             \
    F(r, T32EE, 28, 4, GIVE, 0, "as Saturate")

#define VIDREG_ID_ISAR4_EL1(F, r)                                                                            \
    F(r, Unpriv, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                                 \
    F(r, WithShifts, 4, 4, GIVE, 0, "as Unpriv")                                                             \
    F(r, Writeback, 8, 4, GIVE, 0, "as Unpriv")                                                              \
    F(r, SMC, 12, 4, HIDE, 0, "no EL3 for the guest; SMC from AArch64 EL1 is answered")                      \
    F(r, Barrier, 16, 4, GIVE, 0, "as Unpriv")                                                               \
    F(r, SynchPrim_frac, 20, 4, GIVE, 0, "as Unpriv")                                                        \
    F(r, PSR_M, 24, 4, GIVE, 0, "as Unpriv")                                                                 \
    F(r, SWP_frac, 28, 4, GIVE, 0, "as Unpriv")

#define VIDREG_ID_ISAR5_EL1(F, r)                                                                            \
    F(r, SEVL, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                                   \
    F(r, AES, 4, 4, GIVE, 0, "as SEVL")                                                                      \
    F(r, SHA1, 8, 4, GIVE, 0, "as SEVL")                                                                     \
    F(r, SHA2, 12, 4, GIVE, 0, "as SEVL")                                                                    \
    F(r, CRC32, 16, 4, GIVE, 0, "as SEVL")                                                                   \
    F(r, RDM, 24, 4, GIVE, 0, "as SEVL")                                                                     \
    F(r, VCMA, 28, 4, GIVE, 0, "as SEVL")

#define VIDREG_ID_MMFR4_EL1(F, r)                                                                            \
    F(r, SpecSEI, 0, 4, HIDE, 0, "physical SErrors are taken at EL2")                                        \
    F(r, AC2, 4, 4, GIVE, 0, "ACTLR2 exists at AArch32 EL1 only")                                            \
    F(r, XNX, 8, 4, HIDE, 0, "stage 2")                                                                      \
    F(r, CnP, 12, 4, GIVE, 0, "common translations within the VM's own VMID")                                \
    F(r, HPDS, 16, 4, GIVE, 0, "stage 1")                                                                    \
    F(r, LSM, 20, 4, GIVE, 0, "stage 1")                                                                     \
    F(r, CCIDX, 24, 4, GIVE, 0, "format of CCSIDR, which is the CPU's")                                      \
    F(r, EVT, 28, 4, HIDE, 0, "traps of EL2")

#define VIDREG_ID_ISAR6_EL1(F, r)                                                                            \
    F(r, JSCVT, 0, 4, GIVE, 0, "AArch32 instructions, as the CPU has them")                                  \
    F(r, DP, 4, 4, GIVE, 0, "as JSCVT")                                                                      \
    F(r, FHM, 8, 4, GIVE, 0, "as JSCVT")                                                                     \
    F(r, SB, 12, 4, GIVE, 0, "as JSCVT")                                                                     \
    F(r, SPECRES, 16, 4, GIVE, 0, "as JSCVT")                                                                \
    F(r, BF16, 20, 4, GIVE, 0, "as JSCVT")                                                                   \
    F(r, I8MM, 24, 4, GIVE, 0, "as JSCVT")                                                                   \
    F(r, CLRBHB, 28, 4, GIVE, 0, "as JSCVT")

#define VIDREG_MVFR0_EL1(F, r)                                                                               \
    F(r, SIMDReg, 0, 4, GIVE, 0, "AArch32 FP and Advanced SIMD, as the CPU has them")                        \
    F(r, FPSP, 4, 4, GIVE, 0, "as SIMDReg")                                                                  \
    F(r, FPDP, 8, 4, GIVE, 0, "as SIMDReg")                                                                  \
    F(r, FPTrap, 12, 4, GIVE, 0, "as SIMDReg")                                                               \
    F(r, FPDivide, 16, 4, GIVE, 0, "as SIMDReg")                                                             \
    F(r, FPSqrt, 20, 4, GIVE, 0, "as SIMDReg")                                                               \
    F(r, FPShVec, 24, 4, GIVE, 0, "as SIMDReg")                                                              \
    F(r, FPRound, 28, 4, GIVE, 0, "as SIMDReg")

#define VIDREG_MVFR1_EL1(F, r)                                                                               \
    F(r, FPFtZ, 0, 4, GIVE, 0, "AArch32 FP and Advanced SIMD, as the CPU has them")                          \
    F(r, FPDNaN, 4, 4, GIVE, 0, "as FPFtZ")                                                                  \
    F(r, SIMDLS, 8, 4, GIVE, 0, "as FPFtZ")                                                                  \
    F(r, SIMDInt, 12, 4, GIVE, 0, "as FPFtZ")                                                                \
    F(r, SIMDSP, 16, 4, GIVE, 0, "as FPFtZ")                                                                 \
    F(r, SIMDHP, 20, 4, GIVE, 0, "as FPFtZ")                                                                 \
    F(r, FPHP, 24, 4, GIVE, 0, "as FPFtZ")                                                                   \
    F(r, SIMDFMAC, 28, 4, GIVE, 0, "as FPFtZ")

#define VIDREG_MVFR2_EL1(F, r)                                                                               \
    F(r, SIMDMisc, 0, 4, GIVE, 0, "AArch32 FP and Advanced SIMD, as the CPU has them")                       \
    F(r, FPMisc, 4, 4, GIVE, 0, "as SIMDMisc")

#define VIDREG_ID_PFR2_EL1(F, r)                                                                             \
    F(r, CSV3, 0, 4, GIVE, 0, "a fact about speculation")                                                    \
    F(r, SSBS, 4, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                 \
    F(r, RAS_frac, 8, 4, HIDE, 0, "error records belong to the machine")

#define VIDREG_ID_DFR1_EL1(F, r)                                                                             \
    F(r, MTPMU, 0, 4, HIDE, 0, "PMU registers trap")                                                         \
    F(r, HPMN0, 4, 4, HIDE, 0, "EL2's split of the PMU")

#define VIDREG_ID_MMFR5_EL1(F, r)                                                                            \
    F(r, ETS, 0, 4, GIVE, 0, "memory ordering")                                                              \
    F(r, nTLBPA, 4, 4, GIVE, 0, "a fact about TLBs")

#define VIDREG_ID_AA64PFR0_EL1(F, r)                                                                         \
    F(r, EL0, 0, 4, GIVE, 0, "AArch32 at EL0 where the CPU has it")                                          \
    F(r, EL1, 4, 4, CAP, 1, "AArch64 only (HCR_EL2.RW)")                                                     \
    F(r, EL2, 8, 4, HIDE, 0, "the hypervisor's")                                                             \
    F(r, EL3, 12, 4, HIDE, 0, "the firmware's")                                                              \
    F(r, FP, 16, 4, GIVE, 0, "registers the guest's own; 0xf is absent")                                     \
    F(r, AdvSIMD, 20, 4, GIVE, 0, "registers the guest's own; 0xf is absent")                                \
    F(r, GIC, 24, 4, CAP, 1, "system registers of GICv3; 4.1 is not emulated")                               \
    F(r, RAS, 28, 4, HIDE, 0, "error records belong to the machine (HCR_EL2.TERR)")                          \
    F(r, SVE, 32, 4, HIDE, 0, "CPTR_EL2.TZ: its state is not cleared between lives of a VM")                 \
    F(r, SEL2, 36, 4, HIDE, 0, "secure EL2")                                                                 \
    F(r, MPAM, 40, 4, HIDE, 0, "partition ids are EL2's (MPAM2_EL2, MPAMHCR_EL2.TRAP_MPAMIDR_EL1)")          \
    F(r, AMU, 44, 4, HIDE, 0, "activity monitors show other VMs' activity (CPTR_EL2.TAM)")                   \
    F(r, DIT, 48, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                 \
    F(r, RME, 52, 4, HIDE, 0, "realms are the firmware's")                                                   \
    F(r, CSV2, 56, 4, CAP, 1, "2 brings SCXTNUM, which HCR_EL2.EnSCXT withholds")                            \
    F(r, CSV3, 60, 4, GIVE, 0, "a fact about speculation")

#define VIDREG_ID_AA64PFR1_EL1(F, r)                                                                         \
    F(r, BT, 0, 4, GIVE, 0, "BTYPE is in PSTATE, GP in the guest's own tables")                              \
    F(r, SSBS, 4, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                 \
    F(r, MTE, 8, 4, HIDE, 0, "HCR_EL2.ATA = 0: tag storage is not assigned to VMs")                          \
    F(r, RAS_frac, 12, 4, HIDE, 0, "error records belong to the machine")                                    \
    F(r, MPAM_frac, 16, 4, HIDE, 0, "partition ids are EL2's")                                               \
    F(r, SME, 24, 4, HIDE, 0, "CPTR_EL2.TSM: streaming state is not managed")                                \
    F(r, RNDR_trap, 28, 4, HIDE, 0, "a trap of EL3")                                                         \
    F(r, CSV2_frac, 32, 4, CAP, 1, "2 brings SCXTNUM, which HCR_EL2.EnSCXT withholds")                       \
    F(r, NMI, 36, 4, HIDE, 0, "no superpriority in the virtual interrupt controller")                        \
    F(r, MTE_frac, 40, 4, HIDE, 0, "as MTE")                                                                 \
    F(r, GCS, 44, 4, HIDE, 0, "HCRX_EL2.GCSEn = 0")                                                          \
    F(r, THE, 48, 4, HIDE, 0, "HCRX_EL2 and fine-grained traps withhold RCW masks")                          \
    F(r, MTEX, 52, 4, HIDE, 0, "as MTE")                                                                     \
    F(r, DF2, 56, 4, HIDE, 0, "SCTLR2_EL1 is withheld")                                                      \
    F(r, PFAR, 60, 4, HIDE, 0, "would show a physical address")

#define VIDREG_ID_AA64PFR2_EL1(F, r)                                                                         \
    F(r, MTEPERM, 0, 4, HIDE, 0, "as MTE")                                                                   \
    F(r, MTESTOREONLY, 4, 4, HIDE, 0, "as MTE")                                                              \
    F(r, MTEFAR, 8, 4, HIDE, 0, "as MTE")                                                                    \
    F(r, UINJ, 16, 4, HIDE, 0, "PSTATE.UINJ is not modelled by exception injection")                         \
    F(r, FPMR, 32, 4, HIDE, 0, "HCRX_EL2.EnFPM = 0")

#define VIDREG_ID_AA64ZFR0_EL1(F, r)                                                                         \
    F(r, SVE, 0, 64, HIDE, 0, "without SVE the register is zero")

#define VIDREG_ID_AA64SMFR0_EL1(F, r)                                                                        \
    F(r, SME, 0, 64, HIDE, 0, "without SME the register is zero")

#define VIDREG_ID_AA64FPFR0_EL1(F, r)                                                                        \
    F(r, FP8, 0, 64, HIDE, 0, "without FPMR the register is zero")

#define VIDREG_ID_AA64DFR0_EL1(F, r)                                                                         \
    F(r, DebugVer, 0, 4, CAP, 10, "cannot be absent; v8.9 needs MDCR_EL2.EBWE")                              \
    F(r, TraceVer, 4, 4, HIDE, 0, "trace registers trap (CPTR_EL2.TTA)")                                     \
    F(r, PMUVer, 8, 4, HIDE, 0, "PMU registers trap (MDCR_EL2.TPM)")                                         \
    F(r, BRPs, 12, 4, GIVE, 0, "breakpoints are the guest's own; less than 1 cannot be said")                \
    F(r, PMSS, 16, 4, HIDE, 0, "PMU snapshots")                                                              \
    F(r, WRPs, 20, 4, GIVE, 0, "watchpoints are the guest's own")                                            \
    F(r, SEBEP, 24, 4, HIDE, 0, "PMU exceptions")                                                            \
    F(r, CTX_CMPs, 28, 4, GIVE, 0, "part of the breakpoints")                                                \
    F(r, PMSVer, 32, 4, HIDE, 0, "profiling buffer is EL2's (MDCR_EL2.E2PB = 0)")                            \
    F(r, DoubleLock, 36, 4, GIVE, 0, "MDCR_EL2.TDOSA = 0; 0xf is absent")                                    \
    F(r, TraceFilt, 40, 4, HIDE, 0, "trapped (MDCR_EL2.TTRF)")                                               \
    F(r, TraceBuffer, 44, 4, HIDE, 0, "trace buffer is EL2's (MDCR_EL2.E2TB = 0)")                           \
    F(r, MTPMU, 48, 4, HIDE, 0, "PMU registers trap")                                                        \
    F(r, BRBE, 52, 4, HIDE, 0, "branch records trap (fine-grained traps)")                                   \
    F(r, ExtTrcBuff, 56, 4, HIDE, 0, "external trace")                                                       \
    F(r, HPMN0, 60, 4, HIDE, 0, "EL2's split of the PMU")

#define VIDREG_ID_AA64DFR1_EL1(F, r)                                                                         \
    F(r, SYSPMUID, 0, 8, HIDE, 0, "system PMU")                                                              \
    F(r, BRPs, 8, 8, HIDE, 0, "0 where ID_AA64DFR0_EL1 tells it; more than 16 need MDCR_EL2.EBWE")           \
    F(r, WRPs, 16, 8, HIDE, 0, "as BRPs")                                                                    \
    F(r, CTX_CMPs, 24, 8, HIDE, 0, "as BRPs")                                                                \
    F(r, SPMU, 32, 4, HIDE, 0, "system PMU")                                                                 \
    F(r, PMICNTR, 36, 4, HIDE, 0, "PMU registers trap")                                                      \
    F(r, ABLE, 40, 4, HIDE, 0, "needs MDCR_EL2.EBWE")                                                        \
    F(r, ITE, 44, 4, HIDE, 0, "trace")                                                                       \
    F(r, EBEP, 48, 4, HIDE, 0, "PMU exceptions")                                                             \
    F(r, DPFZS, 52, 4, HIDE, 0, "PMU")                                                                       \
    F(r, ABL_CMPs, 56, 8, HIDE, 0, "as ABLE")

#define VIDREG_ID_AA64DFR2_EL1(F, r)                                                                         \
    F(r, STEP, 0, 4, HIDE, 0, "MDSTEPOP_EL1 is not enabled (MDCR_EL2.EnSTEPOP)")                             \
    F(r, BWE, 4, 4, HIDE, 0, "needs MDCR_EL2.EBWE")                                                          \
    F(r, SPE_EXC, 8, 4, HIDE, 0, "profiling buffer is EL2's")                                                \
    F(r, SPE_nVM, 12, 4, HIDE, 0, "profiling buffer is EL2's")                                               \
    F(r, TRBE_EXC, 24, 4, HIDE, 0, "trace buffer is EL2's")

#define VIDREG_ID_AA64AFR0_EL1(F, r)                                                                         \
    F(r, Impdef, 0, 64, HIDE, 0, "implementation defined (HCR_EL2.TIDCP)")

#define VIDREG_ID_AA64AFR1_EL1(F, r)                                                                         \
    F(r, Reserved, 0, 64, HIDE, 0, "implementation defined (HCR_EL2.TIDCP)")

#define VIDREG_ID_AA64ISAR0_EL1(F, r)                                                                        \
    F(r, AES, 4, 4, GIVE, 0, "instructions on the guest's own registers")                                    \
    F(r, SHA1, 8, 4, GIVE, 0, "as AES")                                                                      \
    F(r, SHA2, 12, 4, GIVE, 0, "as AES")                                                                     \
    F(r, CRC32, 16, 4, GIVE, 0, "as AES")                                                                    \
    F(r, Atomic, 20, 4, GIVE, 0, "as AES")                                                                   \
    F(r, TME, 24, 4, HIDE, 0, "transactions are not enabled")                                                \
    F(r, RDM, 28, 4, GIVE, 0, "as AES")                                                                      \
    F(r, SHA3, 32, 4, GIVE, 0, "as AES")                                                                     \
    F(r, SM3, 36, 4, GIVE, 0, "as AES")                                                                      \
    F(r, SM4, 40, 4, GIVE, 0, "as AES")                                                                      \
    F(r, DP, 44, 4, GIVE, 0, "as AES")                                                                       \
    F(r, FHM, 48, 4, GIVE, 0, "as AES")                                                                      \
    F(r, TS, 52, 4, GIVE, 0, "flag manipulation")                                                            \
    F(r, TLB, 56, 4, GIVE, 0, "range and outer shareable invalidation of the VM's own VMID")                 \
    F(r, RNDR, 60, 4, GIVE, 0, "random numbers do not trap")

#define VIDREG_ID_AA64ISAR1_EL1(F, r)                                                                        \
    F(r, DPB, 0, 4, GIVE, 0, "clean to persistence of its own memory")                                       \
    F(r, APA, 4, 4, GIVE, 0, "HCR_EL2.API and APK; keys the guest's own")                                    \
    F(r, API, 8, 4, GIVE, 0, "as APA")                                                                       \
    F(r, JSCVT, 12, 4, GIVE, 0, "instructions on the guest's own registers")                                 \
    F(r, FCMA, 16, 4, GIVE, 0, "as JSCVT")                                                                   \
    F(r, LRCPC, 20, 4, GIVE, 0, "as JSCVT")                                                                  \
    F(r, GPA, 24, 4, GIVE, 0, "as APA")                                                                      \
    F(r, GPI, 28, 4, GIVE, 0, "as APA")                                                                      \
    F(r, FRINTTS, 32, 4, GIVE, 0, "as JSCVT")                                                                \
    F(r, SB, 36, 4, GIVE, 0, "as JSCVT")                                                                     \
    F(r, SPECRES, 40, 4, GIVE, 0, "prediction restriction within its own context")                           \
    F(r, BF16, 44, 4, GIVE, 0, "as JSCVT")                                                                   \
    F(r, DGH, 48, 4, GIVE, 0, "a hint")                                                                      \
    F(r, I8MM, 52, 4, GIVE, 0, "as JSCVT")                                                                   \
    F(r, XS, 56, 4, GIVE, 0, "TLB invalidation of the VM's own VMID")                                        \
    F(r, LS64, 60, 4, HIDE, 0, "HCRX_EL2.EnALS = 0")

#define VIDREG_ID_AA64ISAR2_EL1(F, r)                                                                        \
    F(r, WFxT, 0, 4, GIVE, 0, "waiting is the guest's own (HCR_EL2.TWI = TWE = 0)")                          \
    F(r, RPRES, 4, 4, GIVE, 0, "FPCR mode")                                                                  \
    F(r, GPA3, 8, 4, GIVE, 0, "HCR_EL2.API and APK; keys the guest's own")                                   \
    F(r, APA3, 12, 4, GIVE, 0, "as GPA3")                                                                    \
    F(r, MOPS, 16, 4, HIDE, 0, "HCRX_EL2.MSCEn = 0")                                                         \
    F(r, BC, 20, 4, GIVE, 0, "a branch")                                                                     \
    F(r, PAC_frac, 24, 4, GIVE, 0, "as GPA3")                                                                \
    F(r, CLRBHB, 28, 4, GIVE, 0, "a hint")                                                                   \
    F(r, SYSREG_128, 32, 4, HIDE, 0, "HCRX_EL2.D128En = 0")                                                  \
    F(r, SYSINSTR_128, 36, 4, HIDE, 0, "as SYSREG_128")                                                      \
    F(r, PRFMSLC, 40, 4, GIVE, 0, "a hint")                                                                  \
    F(r, PCDPHINT, 44, 4, GIVE, 0, "a hint")                                                                 \
    F(r, RPRFM, 48, 4, GIVE, 0, "a hint")                                                                    \
    F(r, CSSC, 52, 4, GIVE, 0, "instructions on the guest's own registers")                                  \
    F(r, LUT, 56, 4, GIVE, 0, "instructions on the guest's own registers")                                   \
    F(r, ATS1A, 60, 4, GIVE, 0, "its own stage 1, then stage 2")

#define VIDREG_ID_AA64ISAR3_EL1(F, r)                                                                        \
    F(r, CPA, 0, 4, CAP, 1, "2 needs SCTLR2_EL1")                                                            \
    F(r, FAMINMAX, 4, 4, GIVE, 0, "instructions on the guest's own registers")                               \
    F(r, TLBIW, 8, 4, HIDE, 0, "about dirty state, which stage 2 does not manage")                           \
    F(r, PACM, 12, 4, HIDE, 0, "HCRX_EL2.PACMEn = 0")                                                        \
    F(r, LSFE, 16, 4, GIVE, 0, "instructions on the guest's own registers")                                  \
    F(r, OCCMO, 20, 4, HIDE, 0, "maintenance beyond the VM's own caches")                                    \
    F(r, LSUI, 24, 4, GIVE, 0, "accesses with the rights of its own EL0")                                    \
    F(r, FPRCVT, 28, 4, GIVE, 0, "instructions on the guest's own registers")

#define VIDREG_ID_AA64MMFR0_EL1(F, r)                                                                        \
    F(r, PARange, 0, 4, GIVE, 0, "output size of stage 1; what the VM has not is a fault of stage 2")        \
    F(r, ASIDBits, 4, 4, GIVE, 0, "within the VM's own VMID")                                                \
    F(r, BigEnd, 8, 4, HIDE, 0, "emulated registers are little-endian")                                      \
    F(r, SNSMem, 12, 4, HIDE, 0, "no secure state for the guest")                                            \
    F(r, BigEndEL0, 16, 4, HIDE, 0, "emulated registers are little-endian")                                  \
    F(r, TGran16, 20, 4, GIVE, 0, "stage 1")                                                                 \
    F(r, TGran64, 24, 4, GIVE, 0, "stage 1; 0xf is absent")                                                  \
    F(r, TGran4, 28, 4, GIVE, 0, "stage 1; 0xf is absent")                                                   \
    F(r, TGran16_2, 32, 4, HIDE, 0, "stage 2")                                                               \
    F(r, TGran64_2, 36, 4, HIDE, 0, "stage 2")                                                               \
    F(r, TGran4_2, 40, 4, HIDE, 0, "stage 2")                                                                \
    F(r, ExS, 44, 4, GIVE, 0, "SCTLR_EL1.EIS and EOS")                                                       \
    F(r, FGT, 56, 4, HIDE, 0, "traps of EL2")                                                                \
    F(r, ECV, 60, 4, CAP, 1, "self-synchronised counters; 2 is CNTPOFF_EL2")

#define VIDREG_ID_AA64MMFR1_EL1(F, r)                                                                        \
    F(r, HAFDBS, 0, 4, CAP, 2, "stage 1; 3 needs TCR2_EL1, 4 is EL2's")                                      \
    F(r, VMIDBits, 4, 4, HIDE, 0, "stage 2")                                                                 \
    F(r, VH, 8, 4, HIDE, 0, "EL2")                                                                           \
    F(r, HPDS, 12, 4, GIVE, 0, "stage 1")                                                                    \
    F(r, LO, 16, 4, HIDE, 0, "HCR_EL2.TLOR")                                                                 \
    F(r, PAN, 20, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                 \
    F(r, SpecSEI, 24, 4, HIDE, 0, "physical SErrors are taken at EL2")                                       \
    F(r, XNX, 28, 4, HIDE, 0, "stage 2")                                                                     \
    F(r, TWED, 32, 4, HIDE, 0, "traps of EL2")                                                               \
    F(r, ETS, 36, 4, GIVE, 0, "memory ordering")                                                             \
    F(r, HCX, 40, 4, HIDE, 0, "HCRX_EL2")                                                                    \
    F(r, AFP, 44, 4, GIVE, 0, "FPCR mode")                                                                   \
    F(r, nTLBPA, 48, 4, GIVE, 0, "a fact about TLBs")                                                        \
    F(r, TIDCP1, 52, 4, GIVE, 0, "SCTLR_EL1.TIDCP, EL0 to EL1")                                              \
    F(r, CMOW, 56, 4, GIVE, 0, "SCTLR_EL1.CMOW, stage 1")                                                    \
    F(r, ECBHB, 60, 4, GIVE, 0, "a fact about speculation")

#define VIDREG_ID_AA64MMFR2_EL1(F, r)                                                                        \
    F(r, CnP, 0, 4, GIVE, 0, "common translations within the VM's own VMID")                                 \
    F(r, UAO, 4, 4, GIVE, 0, "PSTATE bit, the guest's own")                                                  \
    F(r, LSM, 8, 4, GIVE, 0, "stage 1")                                                                      \
    F(r, IESB, 12, 4, HIDE, 0, "physical SErrors are taken at EL2")                                          \
    F(r, VARange, 16, 4, CAP, 1, "2 needs 128-bit descriptors")                                              \
    F(r, CCIDX, 20, 4, GIVE, 0, "format of CCSIDR, which is the CPU's")                                      \
    F(r, NV, 24, 4, HIDE, 0, "EL2")                                                                          \
    F(r, ST, 28, 4, GIVE, 0, "stage 1")                                                                      \
    F(r, AT, 32, 4, GIVE, 0, "single-copy atomicity of unaligned accesses")                                  \
    F(r, IDS, 36, 4, CAP, 1, "syndrome of its own EL0; 2 traps to EL3")                                      \
    F(r, FWB, 40, 4, HIDE, 0, "stage 2")                                                                     \
    F(r, TTL, 48, 4, GIVE, 0, "hint in TLB invalidation")                                                    \
    F(r, BBM, 52, 4, HIDE, 0, "a TLB conflict of its own making may be taken at EL2")                        \
    F(r, EVT, 56, 4, HIDE, 0, "traps of EL2")                                                                \
    F(r, E0PD, 60, 4, GIVE, 0, "stage 1")

#define VIDREG_ID_AA64MMFR3_EL1(F, r)                                                                        \
    F(r, TCRX, 0, 4, HIDE, 0, "HCRX_EL2.TCR2En = 0")                                                         \
    F(r, SCTLRX, 4, 4, HIDE, 0, "HCRX_EL2.SCTLR2En = 0")                                                     \
    F(r, S1PIE, 8, 4, HIDE, 0, "needs TCR2_EL1")                                                             \
    F(r, S2PIE, 12, 4, HIDE, 0, "stage 2")                                                                   \
    F(r, S1POE, 16, 4, HIDE, 0, "needs TCR2_EL1")                                                            \
    F(r, S2POE, 20, 4, HIDE, 0, "stage 2")                                                                   \
    F(r, AIE, 24, 4, HIDE, 0, "needs TCR2_EL1")                                                              \
    F(r, MEC, 28, 4, HIDE, 0, "realms")                                                                      \
    F(r, D128, 32, 4, HIDE, 0, "HCRX_EL2.D128En = 0")                                                        \
    F(r, D128_2, 36, 4, HIDE, 0, "stage 2")                                                                  \
    F(r, SNERR, 40, 4, HIDE, 0, "physical errors are EL2's")                                                 \
    F(r, ANERR, 44, 4, HIDE, 0, "physical errors are EL2's")                                                 \
    F(r, SDERR, 52, 4, HIDE, 0, "physical errors are EL2's")                                                 \
    F(r, ADERR, 56, 4, HIDE, 0, "physical errors are EL2's")                                                 \
    F(r, Spec_FPACC, 60, 4, GIVE, 0, "a fact about speculation")

#define VIDREG_ID_AA64MMFR4_EL1(F, r)                                                                        \
    F(r, EIESB, 4, 4, HIDE, 0, "physical SErrors are taken at EL2")                                          \
    F(r, ASID2, 8, 4, HIDE, 0, "needs TCR2_EL1")                                                             \
    F(r, HACDBS, 12, 4, HIDE, 0, "stage 2")                                                                  \
    F(r, FGWTE3, 16, 4, HIDE, 0, "EL3")                                                                      \
    F(r, NV_frac, 20, 4, HIDE, 0, "EL2")                                                                     \
    F(r, E2H0, 24, 4, HIDE, 0, "EL2")                                                                        \
    F(r, E3DSE, 36, 4, HIDE, 0, "EL3")                                                                       \
    F(r, SRMASK, 44, 4, HIDE, 0, "needs HCRX_EL2.SRMASKEn")

/* R(register, CRm, op2) */
#define VIDREG_LIST(R)                                                                                       \
    R(ID_PFR0_EL1, 1, 0)                                                                                     \
    R(ID_PFR1_EL1, 1, 1)                                                                                     \
    R(ID_DFR0_EL1, 1, 2)                                                                                     \
    R(ID_AFR0_EL1, 1, 3)                                                                                     \
    R(ID_MMFR0_EL1, 1, 4)                                                                                    \
    R(ID_MMFR1_EL1, 1, 5)                                                                                    \
    R(ID_MMFR2_EL1, 1, 6)                                                                                    \
    R(ID_MMFR3_EL1, 1, 7)                                                                                    \
    R(ID_ISAR0_EL1, 2, 0)                                                                                    \
    R(ID_ISAR1_EL1, 2, 1)                                                                                    \
    R(ID_ISAR2_EL1, 2, 2)                                                                                    \
    R(ID_ISAR3_EL1, 2, 3)                                                                                    \
    R(ID_ISAR4_EL1, 2, 4)                                                                                    \
    R(ID_ISAR5_EL1, 2, 5)                                                                                    \
    R(ID_MMFR4_EL1, 2, 6)                                                                                    \
    R(ID_ISAR6_EL1, 2, 7)                                                                                    \
    R(MVFR0_EL1, 3, 0)                                                                                       \
    R(MVFR1_EL1, 3, 1)                                                                                       \
    R(MVFR2_EL1, 3, 2)                                                                                       \
    R(ID_PFR2_EL1, 3, 4)                                                                                     \
    R(ID_DFR1_EL1, 3, 5)                                                                                     \
    R(ID_MMFR5_EL1, 3, 6)                                                                                    \
    R(ID_AA64PFR0_EL1, 4, 0)                                                                                 \
    R(ID_AA64PFR1_EL1, 4, 1)                                                                                 \
    R(ID_AA64PFR2_EL1, 4, 2)                                                                                 \
    R(ID_AA64ZFR0_EL1, 4, 4)                                                                                 \
    R(ID_AA64SMFR0_EL1, 4, 5)                                                                                \
    R(ID_AA64FPFR0_EL1, 4, 7)                                                                                \
    R(ID_AA64DFR0_EL1, 5, 0)                                                                                 \
    R(ID_AA64DFR1_EL1, 5, 1)                                                                                 \
    R(ID_AA64DFR2_EL1, 5, 2)                                                                                 \
    R(ID_AA64AFR0_EL1, 5, 4)                                                                                 \
    R(ID_AA64AFR1_EL1, 5, 5)                                                                                 \
    R(ID_AA64ISAR0_EL1, 6, 0)                                                                                \
    R(ID_AA64ISAR1_EL1, 6, 1)                                                                                \
    R(ID_AA64ISAR2_EL1, 6, 2)                                                                                \
    R(ID_AA64ISAR3_EL1, 6, 3)                                                                                \
    R(ID_AA64MMFR0_EL1, 7, 0)                                                                                \
    R(ID_AA64MMFR1_EL1, 7, 1)                                                                                \
    R(ID_AA64MMFR2_EL1, 7, 2)                                                                                \
    R(ID_AA64MMFR3_EL1, 7, 3)                                                                                \
    R(ID_AA64MMFR4_EL1, 7, 4)

#endif
