/* SPDX-License-Identifier: Apache-2.0 */
/* Software generated interrupts: ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 (IHI 0069H 12.2.21 ff.), and
 * GICD_SGIR of a GICv2. */
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

#define SGIR_TARGETS   0xffffULL
#define SGIR_INTID(r)  ((uint32_t)((r) >> 24) & 0xfU)
#define SGIR_IRM       ((uint64_t)1 << 40)
#define SGIR_RS(r)     ((uint32_t)((r) >> 44) & 0xfU)
/* Aff3, Aff2, Aff1: all vCPUs have 0 there. */
#define SGIR_AFF       (((uint64_t)0xff << 48) | ((uint64_t)0xff << 32) | ((uint64_t)0xff << 16))

#define V2_FILTER(r) (((r) >> 24) & 3U)
#define V2_LIST(r)   (((r) >> 16) & 0xffU)
#define V2_INTID(r)  ((r) & 0xfU)

/* vCPUs of this VM that a write names. Pure. */
static uint32_t targets(const struct vcpu *v, uint64_t sgir)
{
    uint32_t all = ((uint32_t)1 << v->vm->nr_vcpus) - 1U;

    if ((sgir & SGIR_IRM) != 0U) {
        return all & ~((uint32_t)1 << v->index);
    }
    if ((sgir & SGIR_AFF) != 0U || SGIR_RS(sgir) != 0U) {
        return 0;
    }
    return (uint32_t)(sgir & SGIR_TARGETS) & all;
}

/* An SGI of a GICv3, which does not tell who sent it, to another vCPU: one bit, set without the lock. Who takes it away in this moment
 * takes this one with it, since pending twice is pending once. Who sets it has the target look; it looks at the bit after that, and
 * whoever changes what keeps it waiting looks himself, under the lock, or has the target look: so nobody need for a bit that is set. */
static inline void tell(struct vgic_vcpu *r, uint32_t bit)
{
    if ((atomic32_or(&r->w.pend, bit) & bit) == 0U) {
        arch_ops.virq.tell(r->cpu);
    }
}

/* What needs the lock: from which vCPUs an SGI of a GICv2 is pending, and list registers, which are the sender's own. */
static void post_locked(struct vcpu *v, uint32_t target, uint32_t intid)
{
    struct vgic *g = vgic_of(v);
    struct vgic_bank b = vgic_bank(g, target, 0);

    spin_lock(&g->lock);
    vgic_source_set(&b, intid, (uint32_t)1 << v->index);
    if (target == v->index) {
        vgic_disarm(g);
        vgic_lr_fill(v);
    }
    spin_unlock(&g->lock);
    if (target != v->index) {
        vgic_kick(&v->vm->vcpus[target]);
    }
}

/* Makes an SGI pending at the vCPUs of `named`, if `group` reaches it there, and has them look. */
static void post(struct vcpu *v, uint32_t named, uint32_t intid, unsigned group)
{
    struct vgic *g = vgic_of(v);
    uint32_t set = named;

    for (; set != 0U; set &= set - 1U) { /* at most VM_MAX_VCPUS turns */
        uint32_t i = vgic_lowest(set);
        struct vgic_vcpu *r = &g->vcpu[i];

        /* ICC_SGI0R_EL1 reaches only what the target has in group 0; with GICD_CTLR.DS = 1 ICC_SGI1R_EL1 both. */
        if (group == 0U && (atomic32_load(&r->w.group) & vgic_bit(intid)) != 0U) {
            continue;
        }
        if (g->v2 || i == v->index) {
            post_locked(v, i, intid);
        } else {
            tell(r, vgic_bit(intid));
        }
    }
}

void vgic_send_sgi(struct vcpu *v, uint64_t sgir, unsigned group)
{
    post(v, targets(v, sgir), SGIR_INTID(sgir), group);
}

/* What others a vCPU of a GICv3 may name by their bits alone, and the INTID; nothing of a GICv2, which has no such register. */
uint64_t vgic_plain_sgir(const struct vcpu *v)
{
    uint32_t others = (((uint32_t)1 << v->vm->nr_vcpus) - 1U) & ~((uint32_t)1 << v->index);

    return vgic_of(v)->v2 ? 0U : others | (uint64_t)0xf << 24;
}

bool virqc_send(struct vcpu *v, uint64_t val)
{
    const struct vgic_view *view = vgic_view_of(v);
    struct vgic_vcpu *r = view->frame.g->vcpu;
    uint32_t set = (uint32_t)(val & view->plain_sgir & SGIR_TARGETS); /* masked also for a CPU that goes on before it has compared */

    if (set == 0U || (val & ~view->plain_sgir) != 0U) {
        return false;
    }
    for (; set != 0U; set &= set - 1U) { /* at most VM_MAX_VCPUS turns */
        tell(&r[vgic_lowest(set)], (uint32_t)1 << SGIR_INTID(val));
    }
    return true;
}

/* GICD_SGIR (IHI 0048B 4.3.15): TargetListFilter, CPUTargetList, SGIINTID. NSATT says nothing without the Security
 * Extensions: an SGI of either group goes out. */
void vgic_send_sgir(struct vcpu *v, uint32_t sgir)
{
    uint32_t all = ((uint32_t)1 << v->vm->nr_vcpus) - 1U;
    uint32_t self = (uint32_t)1 << v->index;
    uint32_t set = 0; /* filter 3 is reserved */

    switch (V2_FILTER(sgir)) {
    case 0:
        set = V2_LIST(sgir) & all;
        break;
    case 1:
        set = all & ~self;
        break;
    case 2:
        set = self;
        break;
    default:
        break;
    }
    post(v, set, V2_INTID(sgir), 1);
}
