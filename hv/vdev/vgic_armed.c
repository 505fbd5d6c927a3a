/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shortest way of a hardware interrupt that comes again and again: a CPU remembers what it wrote into which list register
 * and, if nothing was changed since, writes it once more, without the lock. The books need not change: the interrupt is in this
 * CPU's hand already, since a list register that the guest has ended stays its interrupt's until it is noticed.
 *
 * Whoever changes something clears the keys first (vgic_disarm), and only then reads what is physically active. The CPU
 * acknowledges first, which makes the interrupt active, and only then reads the key. So one of them sees the other: either the CPU
 * goes the long way and waits for the lock, or the interrupt is seen to be in its hand and is recalled from there, as ever. (Of an SPI
 * that takes a distributor that tells what a redistributor has been told; where it does so late, the guest may get the interrupt once
 * more as it was configured before.)
 */
#include "vdev/virqc.h"

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"

void vgic_disarm_all(struct vgic *g)
{
    for (uint32_t set = g->armed; set != 0U; set &= set - 1U) { /* at most HV_MAX_CPUS turns */
        struct vgic_cpu *c = &vgic_cpus[g->vm->vcpus[vgic_lowest(set)].cpu];

        for (unsigned i = 0; i < VGIC_ARMED; i++) {
            atomic32_store(&c->armed[i].key, 0);
        }
    }
    g->armed = 0;
    arch_ops.cpu.fence();
}

void vgic_arm(struct vgic *g, const struct vcpu *v, uint32_t intid, uint32_t lr, uint64_t value)
{
    struct vgic_armed *a = &vgic_cpus[v->cpu].armed[intid % VGIC_ARMED];

    a->lr = lr;
    a->value = value;
    atomic32_store(&a->key, intid + 1U);
    g->armed |= (uint32_t)1 << v->index;
}

bool virqc_take_armed(const struct vcpu *v, uint32_t intid)
{
    const struct vgic_cpu *c = &vgic_cpus[v->cpu];
    const struct vgic_armed *a = &c->armed[intid % VGIC_ARMED];

    if (atomic32_load(&a->key) != intid + 1U || (arch_ops.virq.empty() >> a->lr & 1U) == 0U) {
        return false;
    }
    arch_ops.virq.write_lr(a->lr, a->value);
    return true;
}
