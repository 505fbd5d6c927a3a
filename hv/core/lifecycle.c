/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lifecycle.h"

#include "hv/arch_ops.h"
#include "hv/check.h"

static enum vcpu_state state_of(const struct vcpu *v)
{
    return (enum vcpu_state)atomic32_load(&v->state);
}

/* vm->lock held. */
static void went_off(struct vcpu *v)
{
    CHECK(v->vm->online > 0U);
    v->vm->online--;
    atomic32_store(&v->state, VCPU_OFF);
}

void vcpu_request(struct vcpu *v, uint32_t bits)
{
    (void)atomic32_or(&v->request, bits);
    arch_ops.irqc.send_ipi(v->cpu);
}

uint32_t vcpu_take_requests(struct vcpu *v)
{
    return atomic32_and(&v->request, VCPU_REQ_STOP) & ~VCPU_REQ_STOP;
}

enum hv_status vcpu_start(struct vcpu *v, uint64_t pc, uint64_t arg, enum vcpu_state *was)
{
    struct vm *vm = v->vm;
    enum hv_status st = HV_ERR_STATE;
    spin_lock(&vm->lock);
    *was = state_of(v);
    if (*was == VCPU_OFF && atomic32_load(&vm->state) <= VM_RUNNING) {
        atomic32_store(&vm->state, VM_RUNNING);
        v->start_pc = pc;
        v->start_arg = arg;
        vm->online++;
        atomic32_store(&v->state, VCPU_ON_PENDING);
        st = HV_OK;
    }
    spin_unlock(&vm->lock);
    if (st == HV_OK) {
        arch_ops.irqc.send_ipi(v->cpu);
    }
    return st;
}

void vcpu_stop_self(struct vcpu *v)
{
    spin_lock(&v->vm->lock);
    if (state_of(v) == VCPU_ON) {
        went_off(v);
    }
    spin_unlock(&v->vm->lock);
}

void vm_stop(struct vm *vm, enum vm_end why)
{
    spin_lock(&vm->lock);
    if (vm->end == VM_END_NONE) {
        vm->end = why;
    }
    if (atomic32_load(&vm->state) == VM_RUNNING) {
        atomic32_store(&vm->state, VM_STOPPING);
    }
    spin_unlock(&vm->lock);
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        vcpu_request(&vm->vcpus[i], VCPU_REQ_STOP);
    }
}

bool vcpu_leaves(struct vcpu *v)
{
    if ((atomic32_load(&v->request) & VCPU_REQ_STOP) != 0U) {
        (void)atomic32_and(&v->request, ~VCPU_REQ_STOP);
        vcpu_stop_self(v);
    }
    return state_of(v) != VCPU_ON;
}

bool vcpu_take_start(struct vcpu *v)
{
    bool go = false;
    if (state_of(v) != VCPU_ON_PENDING) {
        return false; /* the common case while waiting, without the lock */
    }
    spin_lock(&v->vm->lock);
    if (state_of(v) == VCPU_ON_PENDING) {
        if (atomic32_load(&v->vm->state) == VM_RUNNING) {
            vcpu_regs_start(&v->regs, v->index, v->start_pc, v->start_arg);
            v->isa = (struct vcpu_isa){0}; /* as after a cold reset, which a start is to the vCPU */
            v->fault.handler_pc = 0;
            v->vm->inside++;
            atomic32_store(&v->state, VCPU_ON);
            go = true;
        } else {
            went_off(v); /* the VM ended between CPU_ON and the first instruction */
        }
    }
    spin_unlock(&v->vm->lock);
    return go;
}

void vcpu_left(struct vcpu *v)
{
    spin_lock(&v->vm->lock);
    v->vm->inside--;
    spin_unlock(&v->vm->lock);
}

void vm_reset(struct vm *vm)
{
    /* All its vCPUs are off and outside. A request that is lost here is what the end asked of their CPUs (virqc_vm_stop, on a
     * GICv2): they do it as they start, or at the next end. */
    spin_lock(&vm->lock);
    vm_first_state(vm);
    spin_unlock(&vm->lock);
}

bool vm_reap(struct vm *vm, enum vm_end *why)
{
    bool last = false;
    spin_lock(&vm->lock);
    uint32_t state = atomic32_load(&vm->state);
    if (vm->online == 0U && vm->inside == 0U && (state == VM_RUNNING || state == VM_STOPPING)) {
        atomic32_store(&vm->state, VM_STOPPED);
        *why = vm->end == VM_END_NONE ? VM_END_OFF : (enum vm_end)vm->end;
        last = true;
    }
    spin_unlock(&vm->lock);
    return last;
}
