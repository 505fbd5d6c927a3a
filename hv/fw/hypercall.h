/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Function identifiers of the SMC calling convention (DEN 0028F) that a guest may use, by HVC or SMC with
 * immediate 0. W0 holds the identifier; X4 to X17 come back unchanged, and so do those of X1 to X3 that carry
 * no result. Anything that is not listed here or in psci.h is answered -1 (NOT_SUPPORTED) in X0, and no call
 * is passed on to the firmware.
 *
 * id          name                 arguments   result
 * 0x80000000  SMCCC_VERSION        -           0x10001 (1.1)
 * 0x80000001  SMCCC_ARCH_FEATURES  W1 id       0 for the two calls of this range, else -1
 * 0x86000000  Bulkhead null        -           0; the cheapest call there is, for measuring
 * 0x86000001  Bulkhead version     -           version of hv/version.h, major << 16 | minor
 * 0x86000002  Bulkhead reasons     -           how many reasons of an exit there are: they are numbered from 0
 * 0xc6000003  Bulkhead exits       X1 vCPU,    0, and in X1 how often that vCPU of the caller's VM has left its guest for
 *                                  X2 reason   that reason (core/exits.h has the numbers, which are fixed for good). -3
 *                                              (INVALID_PARAMETER): the VM has no such vCPU; -1: there is no such reason.
 *                                              Both are taken whole, so that one with junk above it is none
 * 0x86000004  Bulkhead ring        W1 channel,  0: endpoint W2 of the channel of that number (hv/channel_info.h) is rung, and what was
 *                                  W2 endpoint  stored before is there when it looks. -3 (INVALID_PARAMETER): the VM is no endpoint of
 *                                              such a channel, or there is no such other endpoint; -4 (DENIED): the plan gives the
 *                                              caller no rings, or the other no doorbell; -10: the other does not run; -12: the rate
 *                                              of the caller is used up, and nothing was rung: try again
 * 0x8600ff01  call UID             -           W0 to W3: 5df0a487-485d-44f0-97d2-aa4752ccece4
 * 0x8600ff03  call revision        -           W0 major, W1 minor of this range's calls: 1.2; 1.1 ended before 0x86000004,
 *                                              1.0 before 0x86000002
 *
 * SMCCC_ARCH_WORKAROUND_1, 2 and 3 are NOT_SUPPORTED on purpose: each is work of the firmware at EL3, to
 * which nothing of a guest is forwarded. A guest on a CPU that needs one (ID_AA64PFR0_EL1.CSV2 = 0) reports
 * itself as vulnerable, which is true; it shares its CPU with no other guest.
 */
#ifndef HV_FW_HYPERCALL_H
#define HV_FW_HYPERCALL_H

#define SMCCC_VERSION       0x80000000U
#define SMCCC_ARCH_FEATURES 0x80000001U
#define SMCCC_VERSION_1_1   0x00010001

#define HYPERCALL_NULL     0x86000000U
#define HYPERCALL_VERSION  0x86000001U
#define HYPERCALL_REASONS  0x86000002U
#define HYPERCALL_EXITS    0xc6000003U
#define HYPERCALL_RING     0x86000004U
#define HYPERCALL_UID      0x8600ff01U
#define HYPERCALL_REVISION 0x8600ff03U

/* The UUID's sixteen bytes, four to a register, the first in the lowest byte (DEN 0028F 6.2). */
#define HYPERCALL_UID_W0 0x87a4f05dU
#define HYPERCALL_UID_W1 0xf0445d48U
#define HYPERCALL_UID_W2 0x47aad297U
#define HYPERCALL_UID_W3 0xe4eccc52U

#define HYPERCALL_MAJOR 1U
#define HYPERCALL_MINOR 2U

#define RING_INVALID (-3)
#define RING_DENIED  (-4)
#define RING_STOPPED (-10)
#define RING_BUSY    (-12)

#define SMCCC_NOT_SUPPORTED     (-1)
#define SMCCC_INVALID_PARAMETER (-3)

#endif
