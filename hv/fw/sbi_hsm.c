/* SPDX-License-Identifier: Apache-2.0 */
/* Hart State Management extension: SBI 2.0 chapter 9. */
#include "core/lifecycle.h"
#include "fw/sbi.h"
#include "hv/arch_ops.h"
#include "vdev/virqc.h"

#define INSN_ALIGN 2U /* a guest has the C extension, so the smallest instruction too is of this size */

#define SUSPEND_RETENTIVE     0U
#define SUSPEND_NON_RETENTIVE 0x80000000U

enum hsm_function { HART_START = 0, HART_STOP, HART_GET_STATUS, HART_SUSPEND };
enum hsm_state { STARTED = 0, STOPPED = 1, START_PENDING = 2 };

/* The vCPU of the caller's own VM with this hart id, or NULL. */
static struct vcpu *hart(struct vcpu *v, uint64_t id)
{
    return id < v->vm->nr_vcpus ? &v->vm->vcpus[id] : NULL;
}

static int64_t start(struct vcpu *v, uint64_t id, uint64_t pc, uint64_t opaque)
{
    struct vcpu *t = hart(v, id);
    enum vcpu_state was;
    if (t == NULL) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (!is_aligned(pc, INSN_ALIGN) || !sbi_is_ram(v->vm, pc, INSN_ALIGN, S2_X)) {
        return SBI_ERR_INVALID_ADDRESS;
    }
    if (vcpu_start(t, pc, opaque, &was) == HV_OK) {
        return SBI_SUCCESS;
    }
    return was == VCPU_OFF ? SBI_ERR_FAILED : SBI_ERR_ALREADY_AVAILABLE; /* off: the VM is ending */
}

static struct sbi_result get_status(struct vcpu *v, uint64_t id)
{
    const struct vcpu *t = hart(v, id);
    if (t == NULL) {
        return sbi_code(SBI_ERR_INVALID_PARAM);
    }
    switch (atomic32_load(&t->state)) {
    case VCPU_ON:
        return sbi_value(STARTED);
    case VCPU_ON_PENDING:
        return sbi_value(START_PENDING);
    case VCPU_OFF:
    default:
        return sbi_value(STOPPED);
    }
}

/* One wait, and any wake-up counts: what the hart does afterwards is look. A virtual interrupt that is already there
 * need not wake the CPU, hence the question first; one that comes between is also a physical one, or an IPI, and wakes
 * it although interrupts are masked (privileged architecture 1.13, 3.3.3). */
static int64_t suspend(struct vcpu *v, uint32_t type)
{
    if (type == SUSPEND_NON_RETENTIVE) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    if (type != SUSPEND_RETENTIVE) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (!virqc_pending(v)) {
        arch_ops.cpu.wait();
    }
    return SBI_SUCCESS;
}

struct sbi_result sbi_hsm(struct vcpu *v, uint64_t fid)
{
    switch (fid) {
    case HART_START:
        return sbi_code(start(v, sbi_arg(v, 0), sbi_arg(v, 1), sbi_arg(v, 2)));
    case HART_STOP:
        vcpu_stop_self(v);
        return sbi_code(SBI_NO_ANSWER);
    case HART_GET_STATUS:
        return get_status(v, sbi_arg(v, 0));
    case HART_SUSPEND:
        return sbi_code(suspend(v, (uint32_t)sbi_arg(v, 0)));
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}
