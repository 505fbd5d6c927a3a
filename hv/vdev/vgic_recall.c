/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recall: one CPU makes the others of its VM fold their list registers and wait while it works on folded state.
 *
 * Only the holder of the VM's ticket asks. Who waits for the ticket serves meanwhile, so two who want it cannot
 * deadlock; who has folded waits for the end of that one recall. A CPU asked is in its guest and leaves it at the IPI,
 * or is in the hypervisor on the way back to it, where nothing waits for longer than another such step: so every wait
 * is bounded by VM_MAX_VCPUS operations of other CPUs of the same VM. vCPUs that are off are not asked; a vCPU comes
 * and goes with the ticket held, so none appears halfway. No other lock may be held by who calls.
 */
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

void vgic_kick(struct vcpu *v)
{
    (void)atomic32_or(&v->request, VCPU_REQ_VIRQ);
    arch_ops.irqc.send_ipi(v->cpu);
}

void vgic_recall_serve(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    uint32_t self = (uint32_t)1 << v->index;

    if ((atomic32_load(&g->asked) & self) == 0U) {
        return;
    }
    vgic_lock(g);
    vgic_fold_all(v);
    spin_unlock(&g->lock);

    uint32_t epoch = atomic32_load(&g->epoch);

    (void)atomic32_and(&g->asked, ~self);
    while (atomic32_load(&g->epoch) == epoch) { /* until the requester leaves: one operation on one word */
        arch_ops.cpu.relax();
    }
    vgic_lock(g);
    vgic_fold_end(v);
    spin_unlock(&g->lock);
}

void vgic_recall_enter(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    while (!atomic32_cas(&g->ticket, 0, v->index + 1U)) { /* each holder does one operation */
        vgic_recall_serve(v);
        arch_ops.cpu.relax();
    }
    /* Asked by the last holder before it left: it has not left without our answer, so nobody asks now. */
}

void vgic_recall(struct vcpu *v, uint32_t who)
{
    struct vgic *g = vgic_of(v);
    uint32_t self = (uint32_t)1 << v->index;

    vgic_lock(g);
    uint32_t others = who & g->on & ~self;

    vgic_fold_all(v);
    spin_unlock(&g->lock);
    (void)atomic32_or(&g->asked, others);
    for (uint32_t i = 0; i < v->vm->nr_vcpus; i++) {
        if ((others & ((uint32_t)1 << i)) != 0U) {
            vgic_kick(&v->vm->vcpus[i]);
        }
    }
    while (atomic32_load(&g->asked) != 0U) { /* until the slowest of them has left its guest */
        arch_ops.cpu.relax();
    }
}

void vgic_recall_leave(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    (void)atomic32_add(&g->epoch, 1U);
    atomic32_store(&g->ticket, 0);
}
