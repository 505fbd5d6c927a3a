/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "core/lifecycle.h"
#include "core/log.h"
#include "hv/arch_ops.h"
#include "vdev/vgic.h"

static atomic32_t vms_ended;

static void vm_ended(struct vm *vm, enum vm_end why)
{
    vgic_vm_stop(vm);
    if (why == VM_END_OFF) {
        log_line("vm %s: powered off", vm->name);
    } else if (why == VM_END_RESET) {
        log_line("vm %s: reset requested; ended (restart is not supported yet)", vm->name);
    } else {
        log_line("vm %s: ended after its fault", vm->name); /* the report stands in the log already */
    }
    if (atomic32_add(&vms_ended, 1U) + 1U == nr_vms) {
        log_line("all VMs ended; powering off");
        arch_ops.power.system_off();
        log_line("the firmware did not power the board off; it can be switched off now");
    }
}

static void reap(struct vm *vm)
{
    enum vm_end why;
    if (vm_reap(vm, &why)) {
        vm_ended(vm, why);
    }
}

void run_left(struct vcpu *v)
{
    vgic_vcpu_stop(v);
    vcpu_left(v);
    reap(v->vm);
}

void run_interrupt(struct vcpu *v, bool in_guest)
{
    uint32_t intid = arch_ops.irqc.ack();
    if (intid == IRQC_NONE) {
        return;
    }
    arch_ops.irqc.drop(intid);
    if (intid == HV_IPI_INTID) {
        arch_ops.irqc.deactivate(intid);
        if (v != NULL && (vcpu_take_requests(v) & VCPU_REQ_VIRQ) != 0U && in_guest) {
            vgic_serve(v);
        }
    } else if (v != NULL && intid == v->vm->binary->maint_irq) {
        arch_ops.irqc.deactivate(intid); /* the hypervisor's own: never disabled, also when it comes late */
        if (in_guest) {
            vgic_maintenance(v);
        }
    } else if (v != NULL) {
        vgic_take(v, intid); /* also while the CPU waits: what was in flight goes back to the controller, pending */
    } else {
        /* No VM has this CPU, so no interrupt is routed to it: left enabled by whoever ran before. */
        arch_ops.irqc.clear(IRQC_ENABLE, arch_ops.cpu.id(), intid / 32U, 1U << (intid % 32U));
        arch_ops.irqc.deactivate(intid);
    }
}

struct vcpu_regs *run_wait_start(struct vcpu *v)
{
    for (;;) { /* the idle loop: no bound, by intent; each turn is short and interrupts stay masked */
        if (v != NULL) {
            if (vcpu_take_start(v)) {
                break;
            }
            reap(v->vm);
        }
        arch_ops.cpu.wait();
        run_interrupt(v, false);
    }
    arch_ops.cpu.reset_guest(&(struct guest_reset){.vcpu = v->index, .s2 = v->vm->s2.hw});
    vgic_vcpu_start(v);
    return &v->regs;
}
