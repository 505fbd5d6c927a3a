/* SPDX-License-Identifier: Apache-2.0 */
/* The door for HVC and SMC (DEN 0028F). Identifiers are matched whole, so that a bit the specification
 * reserves, a yielding call or the 64-bit form of a 32-bit call is unknown rather than nearly right. */
#include "fw/fw.h"

#include "core/exits.h"
#include "fw/hypercall.h"
#include "fw/psci.h"
#include "hv/version.h"
#include "vdev/doorbell.h"

static int64_t arch_features(uint32_t fid)
{
    return fid == SMCCC_VERSION || fid == SMCCC_ARCH_FEATURES ? 0 : SMCCC_NOT_SUPPORTED;
}

static int64_t uid(uint64_t *x)
{
    x[1] = HYPERCALL_UID_W1;
    x[2] = HYPERCALL_UID_W2;
    x[3] = HYPERCALL_UID_W3;
    return HYPERCALL_UID_W0;
}

static int64_t revision(uint64_t *x)
{
    x[1] = HYPERCALL_MINOR;
    return HYPERCALL_MAJOR;
}

static int64_t exits(const struct vm *vm, uint64_t *x)
{
    switch (exits_of(vm, x[1], x[2], &x[1])) {
    case EXITS_OK:
        return 0;
    case EXITS_NO_VCPU:
        return SMCCC_INVALID_PARAMETER;
    case EXITS_NO_REASON:
    default:
        return SMCCC_NOT_SUPPORTED;
    }
}

_Static_assert(CHANNEL_NONE == RING_INVALID && CHANNEL_DENIED == RING_DENIED, "what a ring is answered with");
_Static_assert(CHANNEL_STOPPED == RING_STOPPED && CHANNEL_BUSY == RING_BUSY, "the same");

/* Out of line, as slow_call. */
static __attribute__((noinline)) void ring(struct vcpu *v)
{
    v->regs.x[0] = (uint64_t)(int64_t)doorbell_ring(v->vm, (uint32_t)v->regs.x[1], (uint32_t)v->regs.x[2]);
}

/* The range of the hypervisor itself. Out of line, for what is called more often. */
static __attribute__((noinline)) int64_t own_call(const struct vcpu *v, uint32_t fid, uint64_t *x)
{
    switch (fid) {
    case HYPERCALL_VERSION:
        return (int64_t)((HV_VERSION_MAJOR << 16) | HV_VERSION_MINOR);
    case HYPERCALL_REASONS:
        return EXITS_REASONS;
    case HYPERCALL_EXITS:
        return exits(v->vm, x);
    case HYPERCALL_UID:
        return uid(x);
    case HYPERCALL_REVISION:
    default:
        return revision(x);
    }
}

/* What does not end in a constant. Out of line, since what it needs of registers and stack would be saved at each call. */
static __attribute__((noinline)) enum exit_action slow_call(struct vcpu *v, uint32_t fid)
{
    int64_t code;

    switch (fid) {
    case HYPERCALL_VERSION:
    case HYPERCALL_REASONS:
    case HYPERCALL_EXITS:
    case HYPERCALL_UID:
    case HYPERCALL_REVISION:
        code = own_call(v, fid, v->regs.x);
        break;
    default:
        if (!psci_call(v, fid, &code)) {
            return EXIT_RESUME;
        }
        break;
    }
    v->regs.x[0] = (uint64_t)code;
    return EXIT_ADVANCE_PC;
}

enum exit_action fw_call(struct vcpu *v, uint16_t imm)
{
    uint64_t *x = v->regs.x;
    uint32_t fid = (uint32_t)x[0];
    int64_t code = SMCCC_NOT_SUPPORTED;

    if (imm == 0U) { /* other immediates belong to nobody */
        switch (fid) {
        case SMCCC_VERSION:
            code = SMCCC_VERSION_1_1;
            break;
        case SMCCC_ARCH_FEATURES:
            code = arch_features((uint32_t)x[1]);
            break;
        case PSCI_VERSION:
            code = PSCI_VERSION_1_1;
            break;
        case HYPERCALL_NULL:
            code = 0;
            break;
        case HYPERCALL_RING:
            ring(v);
            return EXIT_ADVANCE_PC;
        default:
            return slow_call(v, fid);
        }
    }
    x[0] = (uint64_t)code; /* negative codes are sign-extended (DEN 0028F 5.2.3) */
    return EXIT_ADVANCE_PC;
}

/* fw_call() has them. */
bool fw_constant(struct vcpu *v, uint16_t imm)
{
    (void)v;
    (void)imm;
    return false;
}
