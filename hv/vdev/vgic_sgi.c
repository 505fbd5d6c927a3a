/* SPDX-License-Identifier: Apache-2.0 */
/* Software generated interrupts: ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 (IHI 0069H 12.2.21 ff.), and
 * GICD_SGIR of a GICv2. */
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

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

/* Makes an SGI pending at the vCPUs of `named`, if `group` reaches it there, and has them look. */
static void post(struct vcpu *v, uint32_t named, uint32_t intid, unsigned group)
{
    struct vgic *g = vgic_of(v);
    uint32_t set = named;
    uint32_t kick = 0;

    spin_lock(&g->lock);
    for (; set != 0U; set &= set - 1U) { /* at most HV_MAX_CPUS turns */
        uint32_t i = vgic_lowest(set);
        struct vgic_word *w = &g->vcpu[i].w;

        /* ICC_SGI0R_EL1 reaches only what the target has in group 0; with GICD_CTLR.DS = 1 ICC_SGI1R_EL1 both. */
        if (group == 0U && (atomic32_locked(&w->group) & vgic_bit(intid)) != 0U) {
            continue;
        }
        if (g->v2) {
            struct vgic_bank b = vgic_bank(g, i, 0);

            vgic_source_set(&b, intid, (uint32_t)1 << v->index);
        } else {
            (void)atomic32_or(&w->pend, vgic_bit(intid)); /* GICv3 does not tell who sent it */
        }
        if (i != v->index) {
            kick |= (uint32_t)1 << i;
        } else {
            vgic_disarm(g);
            vgic_lr_fill(v);
        }
    }
    spin_unlock(&g->lock);
    for (; kick != 0U; kick &= kick - 1U) { /* at most HV_MAX_CPUS turns */
        vgic_kick(&v->vm->vcpus[vgic_lowest(kick)]);
    }
}

void vgic_send_sgi(struct vcpu *v, uint64_t sgir, unsigned group)
{
    post(v, targets(v, sgir), SGIR_INTID(sgir), group);
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
