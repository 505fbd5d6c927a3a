/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power states of vCPUs and VMs, free of any firmware interface: fw/psci.c and fw/sbi_hsm.c translate to these.
 * All take vm->lock and none waits for another CPU.
 */
#ifndef HV_CORE_LIFECYCLE_H
#define HV_CORE_LIFECYCLE_H

#include "core/vm.h"

/* Any CPU: OFF -> ON_PENDING, and wakes the target's CPU. HV_ERR_STATE, with *was telling the state, if it is not OFF;
 * HV_ERR_STATE with *was = VCPU_OFF if the VM is ending. */
enum hv_status vcpu_start(struct vcpu *v, uint64_t pc, uint64_t arg, enum vcpu_state *was) MUST_CHECK;

/* The calling vCPU -> OFF; it leaves the guest when its exit ends. */
void vcpu_stop_self(struct vcpu *v);

/* By a vCPU of the VM: the VM ends. All its vCPUs, the caller too, are asked to stop; the first reason stands. */
void vm_stop(struct vm *vm, enum vm_end why);

/* Owner CPU, at the end of an exit: carries out a stop request. True if the vCPU must leave the guest (whether it was
 * asked to stop or stopped itself). */
bool vcpu_leaves(struct vcpu *v);
static inline bool vcpu_must_leave(struct vcpu *v)
{
    bool asked = (atomic32_load(&v->request) & VCPU_REQ_STOP) != 0U;

    return (asked || atomic32_load(&v->state) != (uint32_t)VCPU_ON) && vcpu_leaves(v);
}

/* Owner CPU, outside the guest: true once the vCPU was started; it is ON then, its registers are zero but for pc and
 * the first argument. */
bool vcpu_take_start(struct vcpu *v);

/* Owner CPU: its vCPU, which is OFF, has left the guest and its virtual interrupts are cleared. */
void vcpu_left(struct vcpu *v);

/* Any CPU of the VM, outside its guest: true for exactly one caller, once no vCPU of the VM is on any more and all have
 * been cleared up (vcpu_left); the VM is VM_STOPPED then and *why tells the reason (all vCPUs switched off by themselves counts as VM_END_OFF). */
bool vm_reap(struct vm *vm, enum vm_end *why);

/* The CPU for which vm_reap() was true: the VM may be started again, and nothing of its last life is left in its power
 * states and vCPUs. */
void vm_reset(struct vm *vm);

/* Bits of VCPU_REQ_* other than STOP that were set since the last call. Owner CPU. */
uint32_t vcpu_take_requests(struct vcpu *v);

/* Any CPU: sets request bits of a vCPU and wakes its CPU (an IPI, also to the caller's own). */
void vcpu_request(struct vcpu *v, uint32_t bits);

#endif
