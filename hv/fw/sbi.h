/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
/*
 * SBI 2.0 for guests, scoped to the caller's VM: hart n is its vCPU n, "system" is the VM. a7 holds the extension, a6
 * the function, a0 and a1 come back as error and value; all other registers as they were. What is not listed here is
 * answered SBI_ERR_NOT_SUPPORTED, and no call is passed on to the firmware as it stands. Otherwise
 * than named here a value is 0.
 *
 * extension   function                   answer
 * 10 BASE     0 spec version             value 0x02000000
 *             1, 2 implementation        value: id 0x42484b ("BHK", not registered); hv/version.h, major << 16 | minor
 *             3 probe                    value 1 for the extensions of this list, else 0
 *             4, 5, 6 mvendorid, ...     value as the board's firmware tells it
 * TIME        0 set timer                SUCCESS
 * sPI         0 send IPI                 SUCCESS; harts that are not started are passed over
 * RFNC        0 FENCE.I, 1 SFENCE.VMA,   SUCCESS; INVALID_ADDRESS: the range wraps (1, 2); FAILED: firmware refused.
 *             2 SFENCE.VMA with ASID     Bits of the ASID above 16 are ignored. 3 to 6 are HFENCE: a guest has no H
 * HSM         0 start                    SUCCESS; INVALID_PARAM: no such hart; INVALID_ADDRESS: odd, or not executable
 *                                        RAM of the VM; ALREADY_AVAILABLE: started, or about to; FAILED: the VM ends
 *             1 stop                     does not return
 *             2 get status               value 0 started, 1 stopped, 2 start pending; INVALID_PARAM: no such hart
 *             3 suspend                  type 0 (default retentive) waits, at most once, for an interrupt, and others
 *                                        are told "started" meanwhile, as if the hart had resumed at once; 0x80000000
 *                                        (default non-retentive) NOT_SUPPORTED; all other INVALID_PARAM
 * SRST        0 reset                    type 0 shutdown: the VM ends; 1 cold, 2 warm reboot: it ends or restarts, as
 *                                        its plan says; does not return. INVALID_PARAM: other types, reasons above 1
 * DBCN        0 write, 1 read            value: bytes done, SBI_DBCN_MAX at most; INVALID_PARAM: the buffer is not RAM
 *                                        of the VM with the right to be read, or written; FAILED: RAM did not answer
 *             2 write byte               SUCCESS
 *             all                        NOT_SUPPORTED and probe 0 unless the VM has a shared console. What its full
 *                                        ring drops is counted there (core/console.h), and was written all the same
 * 0a42484b    0 null                     SUCCESS; the cheapest call there is, for measuring
 *             1 version                  value: hv/version.h, as BASE
 *             2 reasons                value: how many reasons of an exit there are: they are numbered from 0
 *             3 exits                  value: how often hart a0 has left its guest for reason a1 (core/exits.h has the
 *                                        numbers, which are fixed for good); INVALID_PARAM: no such hart; NOT_SUPPORTED: no
 *                                        such reason
 *             4 ring                   SUCCESS: endpoint a1 of channel number a0 (hv/channel_info.h) is rung, and what was stored
 *                                        before is there when it looks; INVALID_PARAM: the VM is no endpoint of such a channel,
 *                                        or there is no such other endpoint; DENIED: the plan gives the caller no rings, or the
 *                                        other no doorbell; INVALID_STATE (-10): the other does not run; TIMEOUT (-12): the
 *                                        rate of the caller is used up, and nothing was rung: try again (codes of SBI 3.0)
 * 0 to 8      v0.1 calls                 see sbi_legacy.c: a6 is ignored and a1 preserved; 1 and 2 as DBCN
 *
 * 0a42484b is in the space of firmware-specific extensions: 0a000000 + the implementation's id (SBI 2.0 chapter 19).
 *
 * Functions with a hart mask (sPI, RFNC) answer INVALID_PARAM, and have done nothing, if a hart of the mask or the one
 * that is its base is none of the VM's (SBI 2.0 3.1). Identifiers are matched as whole registers, so that one with junk
 * above its 32 bits is unknown rather than nearly right; of parameters that are 32 bits wide the low half counts.
 */
/* clang-format on */
#ifndef HV_FW_SBI_H
#define HV_FW_SBI_H

#include "core/vm.h"
#include "hv/version.h"

#define SBI_LEGACY_LAST 0x0fU /* identifiers up to here have the calling convention of v0.1 (SBI 2.0 chapter 5) */
#define SBI_LEGACY_PUTCHAR  0x01U
#define SBI_LEGACY_GETCHAR  0x02U
#define SBI_LEGACY_SHUTDOWN 0x08U /* the last of them that there is */
#define SBI_BASE        0x10U
#define SBI_TIME        0x54494d45U
#define SBI_IPI         0x735049U
#define SBI_RFENCE      0x52464e43U
#define SBI_HSM         0x48534dU
#define SBI_SRST        0x53525354U
#define SBI_DBCN        0x4442434eU

#define SBI_IMPL_ID            0x42484bU
#define SBI_IMPL_VERSION       (HV_VERSION_MAJOR * 0x10000U + HV_VERSION_MINOR)
#define SBI_BULKHEAD           (0x0a000000U + SBI_IMPL_ID)
#define SBI_BULKHEAD_NULL      0U
#define SBI_BULKHEAD_VERSION   1U
#define SBI_BULKHEAD_REASONS   2U
#define SBI_BULKHEAD_EXITS     3U
#define SBI_BULKHEAD_RING      4U

#define SBI_SUCCESS               0
#define SBI_ERR_FAILED            (-1)
#define SBI_ERR_NOT_SUPPORTED     (-2)
#define SBI_ERR_INVALID_PARAM     (-3)
#define SBI_ERR_DENIED            (-4)
#define SBI_ERR_INVALID_ADDRESS   (-5)
#define SBI_ERR_ALREADY_AVAILABLE (-6)
#define SBI_ERR_INVALID_STATE     (-10)
#define SBI_ERR_TIMEOUT           (-12)

/* Not a code of SBI: the caller does not come back. Its vCPU is OFF, or its VM is ending, and its registers and PC
 * must be left alone: another vCPU may already have started it again. */
#define SBI_NO_ANSWER INT64_MIN

/* Bytes that one DBCN call moves at most; the specification allows fewer than were asked for (SBI 2.0 12.1, 12.2). */
#define SBI_DBCN_MAX 256U

/* Registers of a call. */
#define SBI_A0 10U
#define SBI_A1 11U
#define SBI_A6 16U
#define SBI_A7 17U

/* Argument n, 0 to 5. */
static inline uint64_t sbi_arg(const struct vcpu *v, unsigned n)
{
    return v->regs.x[SBI_A0 + n];
}

/* What a call gives back: for a0 and a1. By value, in two registers, so that the cheapest calls need no stack. */
struct sbi_result {
    int64_t code;
    uint64_t value;
};

static inline struct sbi_result sbi_code(int64_t code)
{
    return (struct sbi_result){code, 0};
}

static inline struct sbi_result sbi_value(uint64_t value)
{
    return (struct sbi_result){SBI_SUCCESS, value};
}

/* One extension each: carries out function `fid` with the arguments in v->regs. Code and value, or the code SBI_NO_ANSWER. Owner CPU, at
 * an exit of its guest; no lock may be held. */
__attribute__((noinline)) struct sbi_result sbi_base(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_time(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_ipi(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_rfence(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_hsm(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_srst(struct vcpu *v, uint64_t fid);
__attribute__((noinline)) struct sbi_result sbi_dbcn(struct vcpu *v, uint64_t fid);
struct sbi_result sbi_bulkhead(struct vcpu *v, uint64_t fid);
/* v0.1, where each call is an extension of its own; those that are none are not supported. The value is a1 as it was. */
__attribute__((noinline)) struct sbi_result sbi_legacy(struct vcpu *v, uint64_t id);

/* True if the VM is offered this extension. Pure. */
bool sbi_available(const struct vm *vm, uint64_t extension);

/* All vCPUs of a VM as a set (bit n: vCPU n). */
uint32_t sbi_all_harts(const struct vm *vm);

/* The set that a hart mask and its base name (SBI 2.0 3.1). SBI_SUCCESS or SBI_ERR_INVALID_PARAM. Pure. */
int64_t sbi_harts(const struct vm *vm, uint64_t mask, uint64_t base, uint32_t *harts);

/* A fence at those harts of the set that are on; the range as arch_ops.isa.remote_fence has it. SBI_SUCCESS,
 * SBI_ERR_INVALID_ADDRESS or SBI_ERR_FAILED. Owner CPU. */
struct sbi_fence {
    enum riscv_fence what;
    uint64_t start;
    uint64_t size;
    uint64_t asid;
};
int64_t sbi_fence(struct vcpu *v, uint32_t harts, const struct sbi_fence *f);

/* True if [ipa, ipa + size) is not empty and RAM of the VM with all of these rights (S2_R, S2_W, S2_X), be it in one
 * region or in several that adjoin. Pure. */
bool sbi_is_ram(const struct vm *vm, uint64_t ipa, uint64_t size, uint32_t rights);

#endif
