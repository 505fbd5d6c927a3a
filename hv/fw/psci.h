/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
/*
 * PSCI 1.1 for guests (DEN 0022F), scoped to the caller's VM: targets are its vCPUs, "system" is the VM.
 *
 * id (SMC32 / SMC64)   name               answer
 * 84000000             VERSION            0x10001
 * 84000001 / c4000001  CPU_SUSPEND        power state 0 (standby) waits, at most once, for an interrupt; all others
 *                                         INVALID_PARAMETERS: none is offered (no idle-states in the tree)
 * 84000002             CPU_OFF            does not return
 * 84000003 / c4000003  CPU_ON             SUCCESS, ALREADY_ON, ON_PENDING; INVALID_PARAMETERS: no such vCPU;
 *                                         INVALID_ADDRESS: the entry is not a word of executable RAM of the VM;
 *                                         DENIED: the VM is ending
 * 84000004 / c4000004  AFFINITY_INFO      0 on, 1 off, 2 pending; level 0 only, else INVALID_PARAMETERS
 * 84000006             MIGRATE_INFO_TYPE  2 (no trusted OS to migrate)
 * 84000008             SYSTEM_OFF         does not return: the VM ends
 * 84000009             SYSTEM_RESET       does not return: the VM ends, or restarts, as its plan says
 * 8400000a             PSCI_FEATURES      0 for the calls of this list and SMCCC_VERSION, else NOT_SUPPORTED
 * all other                               NOT_SUPPORTED: SYSTEM_RESET2, MEM_PROTECT, SYSTEM_SUSPEND, MIGRATE, ...
 *
 * An affinity is Aff3.Aff2.Aff1.Aff0 as MPIDR_EL1 has it; vCPU n of a VM is 0.0.0.n. An SMC32 call uses the low 32 bits
 * of its arguments; a vCPU starts in AArch64 EL1 whichever form was used, since that is all a VM has.
 */
/* clang-format on */
#ifndef HV_FW_PSCI_H
#define HV_FW_PSCI_H

#include "core/vcpu.h"

#define PSCI_VERSION           0x84000000U
#define PSCI_CPU_SUSPEND32     0x84000001U
#define PSCI_CPU_OFF           0x84000002U
#define PSCI_CPU_ON32          0x84000003U
#define PSCI_AFFINITY_INFO32   0x84000004U
#define PSCI_MIGRATE_INFO_TYPE 0x84000006U
#define PSCI_SYSTEM_OFF        0x84000008U
#define PSCI_SYSTEM_RESET      0x84000009U
#define PSCI_FEATURES          0x8400000aU
#define PSCI_CPU_SUSPEND64     0xc4000001U
#define PSCI_CPU_ON64          0xc4000003U
#define PSCI_AFFINITY_INFO64   0xc4000004U

#define PSCI_VERSION_1_1 0x00010001

#define PSCI_SUCCESS            0
#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)
#define PSCI_ON_PENDING         (-5)
#define PSCI_INVALID_ADDRESS    (-9)

/* Carries out call `fid`, but PSCI_VERSION, with the arguments in v->regs.x[1..3]. True with *code for X0; false if the caller
 * does not come back (its vCPU is OFF, or its VM is ending), so that its registers and PC must be left alone:
 * another vCPU may already have started it again. Owner CPU; takes vm.lock. */
bool psci_call(struct vcpu *v, uint32_t fid, int64_t *code);

#endif
