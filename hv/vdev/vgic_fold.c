/* SPDX-License-Identifier: Apache-2.0 */
/* Folding: giving back what the calling CPU has in hand, and taking it up again. Own CPU, vgic.lock held. */
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

/* What goes back into the list registers of vgic_cpu.folded; that CPU only. Written before it is read. */
static __attribute__((section(".noinit.aside"))) uint64_t aside[HV_MAX_CPUS][VGIC_MAX_LRS];

void vgic_fold_give_back(const struct vgic_bank *b, uint32_t intid)
{
    uint32_t bit = vgic_bit(intid);

    /* A level-sensitive one is pending again by its line alone, unless software made it pending. */
    if (((b->w->edge | b->w->taken) & bit) != 0U) {
        b->w->latch |= bit & ~b->w->edge;
        arch_ops.irqc.set(IRQC_PENDING, b->cpu, b->word, bit);
    }
    b->w->taken &= ~bit;
    arch_ops.irqc.deactivate(intid);
}

void vgic_virt_give_back(const struct vgic_bank *b, uint32_t intid, uint64_t lr)
{
    uint32_t bit = vgic_bit(intid);

    if (b->g->v2 && intid < 16U) {
        vgic_source_set(b, intid, (uint32_t)1 << LR_SOURCE(lr));
        return;
    }
    /* A virtual SPI that is pending by its line alone has not lost it. */
    if (intid < 16U || (b->w->taken & bit) != 0U) {
        (void)atomic32_or(&b->w->pend, bit);
    }
    b->w->taken &= ~bit;
}

/* An active one keeps its list register, but that is empty until the operation is done: by then the interrupt may no
 * longer be active, and even be in another CPU's hand. */
static void set_aside(const struct vcpu *v, struct vgic_cpu *c, uint32_t n, uint64_t lr)
{
    c->folded |= (uint32_t)1 << n;
    aside[v->cpu][n] = lr;
    arch_ops.virq.write_lr(n, 0);
}

static void fold_lr(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, uint32_t n)
{
    uint32_t intid = c->intid[n];
    uint64_t lr = arch_ops.virq.read_lr(n);
    struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);

    if ((b.w->virt & vgic_bit(intid)) != 0U) {
        if ((lr & LR_PENDING) != 0U) {
            vgic_virt_give_back(&b, intid, lr);
        }
        if ((lr & LR_ACTIVE) != 0U) {
            b.w->taken &= ~vgic_bit(intid); /* acknowledged since */
            b.w->vactive |= vgic_bit(intid);
            set_aside(v, c, n, lr & ~LR_PENDING);
            return;
        }
    } else if ((lr & LR_ACTIVE) != 0U) {
        b.w->taken &= ~vgic_bit(intid); /* acknowledged since */
        set_aside(v, c, n, lr);
        return;
    } else {
        vgic_fold_give_back(&b, intid);
    }
    arch_ops.virq.write_lr(n, 0);
    vgic_lr_release(v, n);
}

void vgic_fold_word(struct vcpu *v, unsigned word, uint32_t mask)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    uint32_t used = c->used & ~c->folded;
    uint32_t held = c->held[word] & mask;

    while (used != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(used);

        used &= used - 1U;
        if (c->intid[n] / 32U == word && (vgic_bit(c->intid[n]) & mask) != 0U) {
            fold_lr(c, g, v, n);
        }
    }
    if (held != 0U) {
        struct vgic_bank b = vgic_bank(g, v->index, word);

        vgic_lr_unhold(v, word, held);
        c->mine[word] &= ~held;
        while (held != 0U) { /* at most 32 turns */
            vgic_fold_give_back(&b, 32U * word + vgic_lowest(held));
            held &= held - 1U;
        }
    }
}

void vgic_fold_all(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    uint32_t used;
    uint32_t words;

    (void)vgic_lr_reap(v);
    used = c->used;
    words = c->held_words;
    while (used != 0U) { /* at most 16 turns */
        fold_lr(c, g, v, vgic_lowest(used));
        used &= used - 1U;
    }
    while (words != 0U) { /* at most 32 turns */
        vgic_fold_word(v, vgic_lowest(words), ~(uint32_t)0);
        words &= words - 1U;
    }
}

void vgic_fold_end(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    struct vgic_vcpu *r = &g->vcpu[v->index];
    uint32_t folded = c->folded;

    c->folded = 0;
    while (folded != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(folded);
        uint32_t intid = c->intid[n];

        folded &= folded - 1U;
        struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);

        b.w->vactive &= ~vgic_bit(intid);
        if (intid / 32U == r->drop_word && (r->drop_mask & vgic_bit(intid)) != 0U) {
            vgic_lr_release(v, n);
            vgic_kick_ended(v, &b, intid);
        } else {
            arch_ops.virq.write_lr(n, aside[v->cpu][n]);
        }
    }
    r->drop_mask = 0;
}

void vgic_fold_orphan(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];

    while (c->used != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(c->used);
        uint32_t intid = c->intid[n];

        struct vgic_word *w = vgic_bank(g, v->index, intid / 32U).w;

        w->orphan |= vgic_bit(intid);
        w->vactive &= ~vgic_bit(intid);
        if (intid >= 32U) {
            g->orphan_words |= (uint32_t)1 << (intid / 32U);
        }
        vgic_lr_release(v, n);
    }
}
