/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of virtual SPIs, and telling vCPUs of virtual interrupts. */
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

void vgic_kick_virtual(const struct vcpu *v, const struct vgic_bank *b, uint32_t mask)
{
    struct vgic *g = b->g;

    if (b->r != NULL) {
        if (mask != 0U && (v == NULL || b->vcpu != v->index)) {
            vgic_kick(&g->vm->vcpus[b->vcpu]);
        }
        return;
    }
    mask &= b->w->virt;
    for (uint32_t i = 0; mask != 0U && i < g->vm->nr_vcpus; i++) {
        bool on = (g->on & ((uint32_t)1 << i)) != 0U;

        if (on && (g->routed[i][b->word] & mask) != 0U && (v == NULL || i != v->index)) {
            vgic_kick(&g->vm->vcpus[i]);
        }
    }
}

void vgic_kick_ended(const struct vcpu *v, const struct vgic_bank *b, uint32_t intid)
{
    if (b->r == NULL) {
        vgic_kick_virtual(v, b, vgic_virt_pending(b->w) & vgic_bit(intid));
    }
}

void virqc_set_line(struct vm *vm, uint32_t intid, bool level)
{
    struct vgic *g = &vgics[vm->index];
    struct vcpu *here = vcpu_of_cpu(arch_ops.cpu.id());
    uint32_t bit = vgic_bit(intid);

    if (intid < 32U || intid / 32U >= g->nr_words) {
        return;
    }
    struct vgic_bank b = vgic_bank(g, 0, intid / 32U);

    spin_lock(&g->lock);
    uint32_t old = b.w->line;

    b.w->line = level ? old | (bit & b.w->virt) : old & ~bit;
    if (b.w->line != old) {
        if (level && (b.w->edge & bit) != 0U) {
            (void)atomic32_or(&b.w->pend, bit);
        }
        here = here != NULL && here->vm == vm ? here : NULL;
        if (here != NULL) {
            vgic_disarm(g);
            vgic_lr_fill(here);
        }
        vgic_kick_virtual(here, &b, bit);
    }
    spin_unlock(&g->lock);
}
