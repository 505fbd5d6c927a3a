/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shortest way of an interrupt that comes again and again, a hardware interrupt or an SGI of a GICv3: a CPU remembers what it wrote
 * into which list register and, if nothing was changed since, writes it once more, without the lock. The books need not change: the
 * interrupt is in this CPU's hand already, since a list register that the guest has ended stays its interrupt's until it is noticed.
 *
 * Whoever changes something clears the keys first (vgic_disarm), and only then reads what is physically active. The CPU
 * acknowledges first, which makes the interrupt active, and only then reads the key. So one of them sees the other: either the CPU
 * goes the long way and waits for the lock, or the interrupt is seen to be in its hand and is recalled from there, as ever. (Of an SPI
 * that takes a distributor that tells what a redistributor has been told; where it does so late, the guest may get the interrupt once
 * more as it was configured before.) Of an SGI it is the book, vgic_word.listed, that says so, and it says so as long as it is armed.
 */
#include "vdev/virqc.h"

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"

static unsigned entry(uint32_t intid)
{
    return intid < 16U ? VGIC_ARMED + intid % VGIC_ARMED : intid % VGIC_ARMED;
}

void vgic_disarm_all(struct vgic *g)
{
    for (uint32_t set = g->armed; set != 0U; set &= set - 1U) { /* at most VM_MAX_VCPUS turns */
        struct vgic_cpu *c = &vgic_cpus[g->vm->vcpus[vgic_lowest(set)].cpu];

        for (unsigned i = 0; i < 2U * VGIC_ARMED; i++) {
            atomic32_store(&c->armed[i].key, 0);
        }
    }
    g->armed = 0;
    arch_ops.cpu.fence();
}

void vgic_arm(struct vgic *g, const struct vcpu *v, uint32_t intid, uint32_t lr, uint64_t value)
{
    struct vgic_armed *a = &vgic_cpus[v->cpu].armed[entry(intid)];

    a->lr = lr;
    a->value = value;
    atomic32_store(&a->key, intid + 1U);
    g->armed |= (uint32_t)1 << v->index;
}

static inline __attribute__((always_inline)) bool is_ready(const struct vgic_armed *a, uint32_t intid)
{
    return atomic32_load(&a->key) == intid + 1U && (arch_ops.virq.empty() >> a->lr & 1U) != 0U;
}

/* Others have sent this vCPU SGIs. Each is taken by itself: what is left is somebody else's to take. */
static bool take_told(const struct vgic_view *view)
{
    atomic32_t *pend = &view->own->w.pend;

    for (uint32_t set = atomic32_load(pend); set != 0U; set &= set - 1U) { /* at most 16 turns */
        uint32_t sgi = vgic_lowest(set);
        const struct vgic_armed *a = &view->cpu->armed[VGIC_ARMED + sgi % VGIC_ARMED];

        if (!is_ready(a, sgi)) {
            return false;
        }
        (void)atomic32_and(pend, ~vgic_bit(sgi));
        arch_ops.virq.write_lr(a->lr, a->value);
    }
    arch_ops.irqc.drop(VIRQ_TOLD_INTID);
    arch_ops.irqc.deactivate(VIRQ_TOLD_INTID);
    return true;
}

bool virqc_take_armed(struct vcpu *v, uint32_t intid)
{
    const struct vgic_view *view = vgic_view_of(v);

    if (intid == VIRQ_TOLD_INTID) {
        return take_told(view);
    }
    const struct vgic_armed *a = &view->cpu->armed[intid % VGIC_ARMED];

    if (!is_ready(a, intid)) {
        return false;
    }
    arch_ops.virq.write_lr(a->lr, a->value);
    arch_ops.irqc.drop(intid);
    return true;
}
