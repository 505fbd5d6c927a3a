/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short way of an interrupt that comes again and again: a hardware interrupt, or an SGI. Its list register was ended by the
 * guest, and in the books is still its own: it takes the same one. So it costs no search for a list register, and no clearing
 * up behind the last one. What has none takes one that nobody had, as long as there is one: so several do not drive each other
 * out. Whatever is not so simple goes the long way (virqc_take, vgic_lr_fill).
 */
#include "vdev/virqc.h"

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"

/* A bit per list register: the one that has the interrupt, or none. */
static uint32_t lr_with(const struct vgic_cpu *c, uint32_t intid)
{
    uint32_t set = c->used;

    while (set != 0U && c->intid[vgic_lowest(set)] != intid) { /* at most 16 turns */
        set &= set - 1U;
    }
    return set & (0U - set);
}

/* No list register is waited for, and all that ended needs no more than to be forgotten. */
static bool is_plain(const struct vgic_cpu *c)
{
    return (c->soft | c->folded | c->held_words) == 0U;
}

/* The list register that the interrupt, which is in this CPU's hand or not, may be written into now, as a bit; 0 if there is none. */
static uint32_t lr_for(struct vgic_cpu *c, uint32_t intid)
{
    uint32_t word = intid / 32U;

    if ((c->mine[word] & vgic_bit(intid)) != 0U) {
        return lr_with(c, intid) & arch_ops.virq.empty();
    }
    uint32_t n = vgic_lowest(~c->used);

    if (n >= arch_ops.virq.nr_lrs()) {
        return 0;
    }
    c->used |= (uint32_t)1 << n;
    c->intid[n] = (uint16_t)intid;
    c->mine[word] |= vgic_bit(intid);
    return (uint32_t)1 << n;
}

/* Lock held. */
static bool again(struct vgic *g, const struct vcpu *v, uint32_t intid)
{
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    uint32_t word = intid / 32U;
    uint32_t bit = vgic_bit(intid);
    struct vgic_word *w = word == 0U ? &g->vcpu[v->index].w : &g->spi[word];
    uint32_t here = word == 0U ? bit : g->routed[v->index][word] & bit;

    /* Enabled at the physical controller: so it is the VM's, and a hardware interrupt. Nothing waits for room. */
    if ((w->phys_en & here) == 0U || !is_plain(c)) {
        return false;
    }
    uint32_t lr = lr_for(c, intid);

    if (lr == 0U) {
        return false;
    }
    uint64_t prio = word == 0U ? g->vcpu[v->index].prio[intid] : g->prio[intid];
    uint64_t group = (atomic32_locked(&w->group) & bit) != 0U ? LR_GROUP1 : 0U;

    uint64_t value = LR_PENDING | LR_HW | group | prio << LR_PRIO_SHIFT | (uint64_t)intid << LR_PINTID_SHIFT | intid;

    if ((w->latch & bit) == 0U) { /* nothing to be noted of it */
        vgic_arm(g, v, intid, vgic_lowest(lr), value);
    }
    w->taken = (w->taken & ~bit) | (w->latch & bit); /* the one before has ended */
    w->latch &= ~bit;
    arch_ops.virq.write_lr(vgic_lowest(lr), value);
    return true;
}

bool virqc_take_again(const struct vcpu *v, uint32_t intid)
{
    struct vgic *g = vgic_of(v);

    if (g->ends_trap) { /* constant: not even the lock, for which CPUs queue */
        return false;
    }
    spin_lock(&g->lock);
    bool done = again(g, v, intid);

    spin_unlock(&g->lock);
    return done;
}

/* A virtual SPI that may have to be listed. Lock held. */
static bool spi_waits(const struct vgic *g)
{
    uint32_t words = g->virt_words;

    while (words != 0U && vgic_virt_pending(&g->spi[vgic_lowest(words)]) == 0U) { /* at most 31 turns */
        words &= words - 1U;
    }
    return words != 0U;
}

bool vgic_fill_again(const struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    struct vgic_word *w = &g->vcpu[v->index].w;
    uint32_t waiting = atomic32_load(&w->pend) & atomic32_locked(&w->enabled) & vgic_forwarded(g, w);

    if (g->v2 || !is_plain(c) || (g->orphan_words | w->orphan) != 0U || spi_waits(g) || (waiting & (waiting - 1U)) != 0U) {
        return false;
    }
    if (waiting == 0U) {
        return true;
    }
    uint32_t sgi = vgic_lowest(waiting);
    uint32_t lr = lr_for(c, sgi);

    if (lr == 0U) {
        return false;
    }
    uint64_t value = LR_PENDING | ((atomic32_locked(&w->group) & waiting) != 0U ? LR_GROUP1 : 0U) |
                     (uint64_t)g->vcpu[v->index].prio[sgi] << LR_PRIO_SHIFT | sgi;

    w->listed |= waiting;
    vgic_arm(g, v, sgi, vgic_lowest(lr), value);
    (void)atomic32_and(&w->pend, ~waiting);
    arch_ops.virq.write_lr(vgic_lowest(lr), value);
    return true;
}
