/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "core/lifecycle.h"
#include "core/log.h"
#include "core/restart.h"
#include "hv/arch_ops.h"
#include "vdev/doorbell.h"
#include "vdev/vconsole.h"
#include "vdev/virqc.h"

static atomic32_t vms_ended;

static void end(const struct vm *vm, enum vm_end why, bool given_up)
{
    if (why == VM_END_OFF) {
        log_line("vm %s: powered off", vm->name);
    } else if (why == VM_END_RESET) {
        log_line("vm %s: reset requested; ended", vm->name);
    } else if (given_up) {
        log_line("vm %s: ended after its fault: it faults within %u s of each start", vm->name, RESTART_QUICK_SECONDS);
    } else {
        log_line("vm %s: ended after its fault", vm->name); /* the report stands in the log already */
    }
    vconsole_vm_ended(vm);
    if (atomic32_add(&vms_ended, 1U) + 1U == nr_vms) {
        log_line("all VMs ended; powering off");
        vconsole_flush();
        arch_ops.power.system_off();
        log_line("the firmware did not power the board off; it can be switched off now");
    }
}

void run_start(struct vm *vm)
{
    enum vcpu_state was;
    restart_note_start(vm);
    doorbell_vm_runs(vm);
    if (vcpu_start(&vm->vcpus[0], vm->plan->entry, vm->plan->dtb, &was) != HV_OK) {
        log_line("vm %s: could not be started", vm->name);
    }
}

/* On the CPU of the vCPU that left last, v. The VM's interrupts are silent; those of the hypervisor are served between
 * blocks, since memory may take long. */
static void restart(struct vcpu *v)
{
    struct vm *vm = v->vm;
    struct restart r = restart_begin(vm);
    while (restart_step(&r)) { /* as many turns as the VM has blocks of RAM */
        run_interrupt(v, false);
    }
    if (restart_count(vm)) {
        log_line("vm %s: restarted (%u)", vm->name, vm->lives.restarts);
    }
    vm_reset(vm);
    run_start(vm);
}

static __attribute__((cold)) void reap(struct vcpu *v)
{
    enum vm_end why;
    if (vm_reap(v->vm, &why)) {
        doorbell_vm_stopped(v->vm); /* first: who rings it from now on is refused; what is on its way may come late (virqc_ring) */
        virqc_vm_stop(v->vm);
        vconsole_vm_stop(v->vm);
        enum restart_verdict verdict = restart_decide(v->vm, why);
        if (verdict == RESTART_GO) {
            restart(v);
        } else {
            end(v->vm, why, verdict == RESTART_GIVEN_UP);
        }
    }
}

void run_left(struct vcpu *v)
{
    arch_ops.timer.stop_guest();
    arch_ops.cpu.leave_guest(); /* before vcpu_left: whoever comes to scrub its RAM must find it still */
    virqc_vcpu_stop(v);
    vcpu_left(v);
    reap(v);
}

/* Apart from run_interrupt, so that what it needs is not saved for each interrupt of a guest. */
static __attribute__((noinline)) void serve_requests(struct vcpu *v, bool in_guest)
{
    uint32_t requests = v != NULL ? vcpu_take_requests(v) : 0U;
    if ((requests & VCPU_REQ_VIRQ) != 0U) {
        virqc_serve(v, in_guest);
    }
    if (in_guest && (requests & VCPU_REQ_KEYS) != 0U) {
        vconsole_take_keys(v);
    }
    vconsole_told();
}

/* Apart, as serve_requests. */
static __attribute__((noinline)) void take(struct vcpu *v, uint32_t intid, bool in_guest)
{
    if (vconsole_interrupt(intid)) {
        arch_ops.irqc.deactivate(intid);
    } else if (v != NULL) {
        virqc_take(v, intid, in_guest);
    } else {
        /* No VM has this CPU, so no interrupt is routed to it: left enabled by whoever ran before. */
        arch_ops.irqc.deactivate(intid); /* first: a PLIC drops it for what is disabled */
        arch_ops.irqc.clear(IRQC_ENABLE, arch_ops.cpu.id(), intid / 32U, 1U << (intid % 32U));
    }
}

void run_interrupt(struct vcpu *v, bool in_guest)
{
    run_acknowledged(v, arch_ops.irqc.ack(), in_guest);
}

void run_acknowledged(struct vcpu *v, uint32_t intid, bool in_guest)
{
    if (intid == IRQC_NONE) {
        return;
    }
    arch_ops.irqc.drop(intid);
    if (intid == HV_IPI_INTID) {
        arch_ops.irqc.deactivate(intid);
        serve_requests(v, in_guest);
    } else if (v == NULL || !virqc_take_again(v, intid)) {
        take(v, intid, in_guest);
    } else {
        /* the guest has it */
    }
}

struct vcpu_regs *run_wait_start(struct vcpu *v)
{
    for (;;) { /* the idle loop: no bound, by intent; each turn is short and interrupts stay masked */
        if (v != NULL) {
            if (vcpu_take_start(v)) {
                break;
            }
            reap(v);
        }
        arch_ops.cpu.wait();
        run_interrupt(v, false);
    }
    (void)vcpu_take_requests(v); /* what was asked of it while it was off is done by the start */
    arch_ops.cpu.reset_guest(&(struct guest_reset){.vcpu = v->index, .s2 = v->vm->s2.hw});
    virqc_vcpu_start(v);
    vconsole_take_keys(v);
    return &v->regs;
}
