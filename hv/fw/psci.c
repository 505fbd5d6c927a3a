/* SPDX-License-Identifier: Apache-2.0 */
#include "fw/psci.h"

#include "core/lifecycle.h"
#include "fw/hypercall.h"
#include "hv/arch_ops.h"
#include "vdev/virqc.h"

#define FID_SMC64     (1U << 30)
#define NO_TRUSTED_OS 2
#define POWER_STANDBY 0U /* original format: power level 0, standby, state id 0 (DEN 0022F 5.4.2) */

enum affinity_state { AFFINITY_ON = 0, AFFINITY_OFF = 1, AFFINITY_ON_PENDING = 2 };

/* What PSCI_FEATURES admits to: PSCI_VERSION (smccc.c), and the cases of answer() and psci_call(). */
static const uint32_t offered[] = {
    PSCI_VERSION,           PSCI_CPU_SUSPEND32, PSCI_CPU_SUSPEND64,   PSCI_CPU_OFF,
    PSCI_CPU_ON32,          PSCI_CPU_ON64,      PSCI_AFFINITY_INFO32, PSCI_AFFINITY_INFO64,
    PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF,    PSCI_SYSTEM_RESET,    PSCI_FEATURES,
};

static bool is_offered(uint32_t fid)
{
    for (unsigned i = 0; i < ARRAY_SIZE(offered); i++) {
        if (offered[i] == fid) {
            return true;
        }
    }
    return false;
}

static uint64_t argument(const struct vcpu *v, uint32_t fid, unsigned n)
{
    return (fid & FID_SMC64) != 0U ? v->regs.x[n] : v->regs.x[n] & 0xffffffffU;
}

/* The vCPU of the caller's own VM with this affinity, or NULL. */
static struct vcpu *target(const struct vcpu *v, uint64_t affinity)
{
    return affinity < v->vm->nr_vcpus ? &v->vm->vcpus[affinity] : NULL;
}

static bool is_entry(const struct vm *vm, uint64_t ipa)
{
    if (!is_aligned(ipa, 4)) {
        return false;
    }
    for (uint32_t i = 0; i < vm->plan->nr_regions; i++) {
        const struct plan_region *r = plan_region(vm->binary, vm->plan->first_region + i);
        if (r->kind == (uint32_t)PLAN_REGION_RAM && (r->rights & S2_X) != 0U &&
            range_within(ipa, 4, r->ipa, r->size)) {
            return true;
        }
    }
    return false;
}

static int64_t cpu_on(struct vcpu *v, uint64_t affinity, uint64_t entry, uint64_t context)
{
    struct vcpu *t = target(v, affinity);
    enum vcpu_state was;
    if (t == NULL) {
        return PSCI_INVALID_PARAMETERS;
    }
    if (!is_entry(v->vm, entry)) {
        return PSCI_INVALID_ADDRESS;
    }
    if (vcpu_start(t, entry, context, &was) == HV_OK) {
        return PSCI_SUCCESS;
    }
    switch (was) {
    case VCPU_ON:
        return PSCI_ALREADY_ON;
    case VCPU_ON_PENDING:
        return PSCI_ON_PENDING;
    case VCPU_OFF:
    default:
        return PSCI_DENIED; /* the VM is ending */
    }
}

static int64_t affinity_info(const struct vcpu *v, uint64_t affinity, uint64_t level)
{
    const struct vcpu *t = target(v, affinity);
    if (t == NULL || level != 0U) {
        return PSCI_INVALID_PARAMETERS;
    }
    switch (atomic32_load(&t->state)) {
    case VCPU_ON:
        return AFFINITY_ON;
    case VCPU_ON_PENDING:
        return AFFINITY_ON_PENDING;
    case VCPU_OFF:
    default:
        return AFFINITY_OFF;
    }
}

/* One wait, and any wake-up counts, as the specification allows (DEN 0022F 5.4.6). A virtual interrupt that
 * is already there does not wake EL2, hence the question first; one that comes between is also a physical
 * one, or an IPI. */
static int64_t cpu_suspend(struct vcpu *v, uint64_t power_state)
{
    if ((uint32_t)power_state != POWER_STANDBY) {
        return PSCI_INVALID_PARAMETERS;
    }
    if (!virqc_pending(v)) {
        arch_ops.cpu.wait();
    }
    return PSCI_SUCCESS;
}

static int64_t features(uint32_t fid)
{
    /* CPU_SUSPEND's flags are 0: original power state format, platform-coordinated. */
    return is_offered(fid) || fid == SMCCC_VERSION ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED;
}

/* The calls that end in an answer. */
static int64_t answer(struct vcpu *v, uint32_t fid)
{
    uint64_t a1 = argument(v, fid, 1);
    uint64_t a2 = argument(v, fid, 2);
    switch (fid) {
    case PSCI_CPU_SUSPEND32:
    case PSCI_CPU_SUSPEND64:
        return cpu_suspend(v, a1);
    case PSCI_CPU_ON32:
    case PSCI_CPU_ON64:
        return cpu_on(v, a1, a2, argument(v, fid, 3));
    case PSCI_AFFINITY_INFO32:
    case PSCI_AFFINITY_INFO64:
        return affinity_info(v, a1, a2);
    case PSCI_MIGRATE_INFO_TYPE:
        return NO_TRUSTED_OS;
    case PSCI_FEATURES:
        return features((uint32_t)a1);
    default:
        return PSCI_NOT_SUPPORTED;
    }
}

bool psci_call(struct vcpu *v, uint32_t fid, int64_t *code)
{
    switch (fid) {
    case PSCI_CPU_OFF:
        vcpu_stop_self(v);
        return false;
    case PSCI_SYSTEM_OFF:
        vm_stop(v->vm, VM_END_OFF);
        return false;
    case PSCI_SYSTEM_RESET:
        vm_stop(v->vm, VM_END_RESET);
        return false;
    default:
        *code = answer(v, fid);
        return true;
    }
}
