/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the registers of one word of interrupts mean, distributor and redistributor alike. An operation first tries
 * with what the calling CPU has in hand; if another CPU has one of the interrupts in hand, it recalls.
 */
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

static uint32_t hw_bits(const struct vgic_bank *b)
{
    return b->w->owned & ~b->w->virt;
}

struct vgic_bank vgic_bank(struct vgic *g, unsigned vcpu, unsigned word)
{
    struct vgic_bank b = {.g = g, .w = &g->spi[word], .word = word};

    if (word == 0U) {
        b.r = &g->vcpu[vcpu];
        b.w = &b.r->w;
        b.vcpu = vcpu;
        b.cpu = g->vm->vcpus[vcpu].cpu;
    }
    return b;
}

uint32_t vgic_forwarded(const struct vgic *g, const struct vgic_word *w)
{
    uint32_t ctlr = atomic32_locked(&g->ctlr);
    uint32_t group = atomic32_locked(&w->group);
    uint32_t grp0 = (ctlr & 1U) != 0U ? ~group : 0U;
    uint32_t grp1 = (ctlr & 2U) != 0U ? group : 0U;

    return grp0 | grp1;
}

void vgic_sync_enable(const struct vgic_bank *b)
{
    struct vgic *g = b->g;

    if (g->v2 && b->r != NULL && b->cpu != arch_ops.cpu.id()) {
        return;
    }
    uint32_t want = atomic32_locked(&b->w->enabled) & hw_bits(b) & vgic_forwarded(g, b->w);

    if (b->r != NULL) {
        want = (g->on & ((uint32_t)1 << b->vcpu)) != 0U ? want : 0U;
    } else if (want != 0U) {
        uint32_t reach = 0;

        for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
            reach |= (g->on & ((uint32_t)1 << i)) != 0U ? g->routed[i][b->word] : 0U;
        }
        want &= reach;
    }

    uint32_t set = want & ~b->w->phys_en;
    uint32_t clear = b->w->phys_en & ~want;

    b->w->phys_en = want;
    if (clear != 0U) {
        arch_ops.irqc.clear(IRQC_ENABLE, b->cpu, b->word, clear);
    }
    if (set != 0U) {
        arch_ops.irqc.set(IRQC_ENABLE, b->cpu, b->word, set);
    }
}

/* Interrupts of the word that some CPU has in hand. */
static uint32_t in_hand(const struct vgic_bank *b)
{
    uint32_t set = 0;

    if (hw_bits(b) != 0U) {
        set = arch_ops.irqc.get(IRQC_ACTIVE, b->cpu, b->word) & hw_bits(b) & ~b->w->orphan;
    }
    return set | b->w->listed;
}

/* Of those, the ones the calling CPU has. List registers must have been reaped. */
static uint32_t in_own_hand(const struct vcpu *v, const struct vgic_bank *b)
{
    if (b->r != NULL) {
        return b->vcpu == v->index ? ~(uint32_t)0 : 0U;
    }
    return vgic_cpus[v->cpu].mine[b->word];
}

static void set_pending(const struct vgic_bank *b, uint32_t hw, uint32_t virt)
{
    b->w->latch |= hw & ~b->w->edge;
    if (hw != 0U) {
        arch_ops.irqc.set(IRQC_PENDING, b->cpu, b->word, hw);
    }
    if (virt != 0U) {
        (void)atomic32_or(&b->w->pend, virt);
    }
}

static void clear_pending(const struct vgic_bank *b, uint32_t hw, uint32_t virt)
{
    b->w->latch &= ~hw;
    if (hw != 0U) {
        arch_ops.irqc.clear(IRQC_PENDING, b->cpu, b->word, hw);
    }
    if (virt != 0U) {
        (void)atomic32_and(&b->w->pend, ~virt);
    }
}

static void set_active(const struct vgic_bank *b, uint32_t hw, uint32_t virt)
{
    uint32_t add = hw == 0U ? 0U : hw & ~arch_ops.irqc.get(IRQC_ACTIVE, b->cpu, b->word);

    if (add != 0U) {
        arch_ops.irqc.set(IRQC_ACTIVE, b->cpu, b->word, add);
    }
    add |= virt & ~b->w->vactive;
    b->w->orphan |= add;
    if (b->r == NULL && add != 0U) {
        b->g->orphan_words |= (uint32_t)1 << b->word;
    }
}

static void clear_active(const struct vgic_bank *b, uint32_t hw, uint32_t virt, uint32_t folded)
{
    b->w->orphan &= ~(hw | virt);
    if (hw != 0U) {
        arch_ops.irqc.clear(IRQC_ACTIVE, b->cpu, b->word, hw);
    }
    b->w->vactive &= ~virt;
    for (unsigned i = 0; i < b->g->vm->nr_vcpus; i++) {
        if ((folded & ((uint32_t)1 << i)) != 0U && (b->r == NULL || b->vcpu == i)) {
            b->g->vcpu[i].drop_word = b->word;
            b->g->vcpu[i].drop_mask = hw | virt;
        }
    }
}

/* On folded state, lock held. `known` are the interrupts whose activity is settled: an interrupt that another CPU
 * acknowledges in this moment must not be deactivated under its hands. `folded` are the vCPUs that have folded. */
static uint32_t apply(const struct vgic_bank *b, enum vgic_op op, uint32_t mask, uint32_t known, uint32_t folded)
{
    uint32_t hw = mask & hw_bits(b);
    uint32_t virt = mask & b->w->virt;
    uint32_t val = 0;

    switch (op) {
    case VGIC_RD_PEND:
        val = hw == 0U ? 0U : arch_ops.irqc.get(IRQC_PENDING, b->cpu, b->word) & hw;
        val |= virt == 0U ? 0U : vgic_virt_pending(b->w) & virt;
        break;
    case VGIC_RD_ACT:
        val = hw == 0U ? 0U : arch_ops.irqc.get(IRQC_ACTIVE, b->cpu, b->word) & hw;
        val |= (b->w->vactive | b->w->orphan) & virt;
        break;
    case VGIC_SET_PEND:
        set_pending(b, hw, virt);
        break;
    case VGIC_CLR_PEND:
        clear_pending(b, hw, virt);
        break;
    case VGIC_SET_ACT:
        set_active(b, hw, virt);
        break;
    case VGIC_CLR_ACT:
    default:
        clear_active(b, hw & known, virt, folded);
        break;
    }
    return val;
}

/* Whom to ask about a word: a private one is in nobody's hand but its vCPU's. */
static uint32_t whom(const struct vgic_bank *b)
{
    return b->r != NULL ? (uint32_t)1 << b->vcpu : ~(uint32_t)0;
}

/* True if the operation is done; false if another CPU has one of the interrupts in hand. Lock held. */
static bool try_alone(struct vcpu *v, const struct vgic_bank *b, enum vgic_op op, uint32_t mask, uint32_t *val)
{
    (void)vgic_lr_reap(v);

    uint32_t hands = in_hand(b) & mask;
    uint32_t known = hands | b->w->orphan;

    if (op == VGIC_SET_ACT || (hands & ~in_own_hand(v, b)) != 0U) {
        return false;
    }
    if (hands != 0U) {
        vgic_fold_word(v, b->word, mask);
    }
    *val = apply(b, op, mask, known, (uint32_t)1 << v->index);
    /* A second set would be a second interrupt, if the first has been taken meanwhile; one pending is one pending. */
    bool alone = op == VGIC_SET_PEND || (in_hand(b) & mask & ~in_own_hand(v, b)) == 0U;

    vgic_fold_end(v);
    return alone;
}

uint32_t vgic_word_state(struct vcpu *v, const struct vgic_bank *b, enum vgic_op op, uint32_t mask)
{
    struct vgic *g = b->g;
    uint32_t val = 0;

    mask &= b->w->owned;
    if (mask == 0U) {
        return 0;
    }
    vgic_lock(g);
    bool done = try_alone(v, b, op, mask, &val);

    if (!done) {
        spin_unlock(&g->lock);
        vgic_recall_enter(v);
        vgic_recall(v, whom(b));
        vgic_lock(g);
        val = apply(b, op, mask, ~(uint32_t)0, whom(b) & g->on);
        vgic_fold_end(v);
        spin_unlock(&g->lock);
        vgic_recall_leave(v);
        vgic_lock(g);
    }
    vgic_lr_fill(v);
    /* What is active in nobody's hand no more waits no more, and who sends an SGI that pends already tells nobody (vgic_sgi.c). */
    bool freed = op == VGIC_CLR_ACT && (b->r == NULL || (vgic_virt_pending(b->w) & mask) != 0U);

    if (op == VGIC_SET_PEND || op == VGIC_SET_ACT || freed) {
        vgic_kick_virtual(v, b, mask);
    }
    spin_unlock(&g->lock);
    return val;
}

void vgic_word_resettle(struct vcpu *v, const struct vgic_bank *b, uint32_t mask)
{
    struct vgic *g = b->g;

    if (mask == 0U) {
        spin_unlock(&g->lock);
        return;
    }
    (void)vgic_lr_reap(v);
    uint32_t hands = in_hand(b) & mask;
    uint32_t own = in_own_hand(v, b);

    if ((hands & own) != 0U) {
        vgic_fold_word(v, b->word, hands & own);
        vgic_fold_end(v);
    }
    spin_unlock(&g->lock);
    if ((hands & ~own) != 0U) {
        vgic_recall_enter(v);
        vgic_recall(v, whom(b));
        vgic_lock(g);
        vgic_fold_end(v);
        spin_unlock(&g->lock);
        vgic_recall_leave(v);
    }
    vgic_lock(g);
    vgic_lr_fill(v);
    vgic_kick_virtual(v, b, vgic_virt_pending(b->w) & mask); /* those that wait may have to be listed now */
    spin_unlock(&g->lock);
}

void vgic_word_enable(struct vcpu *v, const struct vgic_bank *b, uint32_t mask)
{
    struct vgic *g = b->g;

    vgic_lock(g);
    uint32_t old = atomic32_locked(&b->w->enabled);
    uint32_t add = mask & b->w->owned & ~old;

    atomic32_store(&b->w->enabled, old | add);
    vgic_sync_enable(b);
    uint32_t waiting = vgic_virt_pending(b->w) & add;

    if (waiting != 0U) {
        vgic_lr_fill(v);
        vgic_kick_virtual(v, b, waiting);
    }
    spin_unlock(&g->lock);
}

void vgic_word_disable(struct vcpu *v, const struct vgic_bank *b, uint32_t mask)
{
    vgic_lock(b->g);
    uint32_t old = atomic32_locked(&b->w->enabled);
    uint32_t gone = mask & old;

    if (gone == 0U) {
        spin_unlock(&b->g->lock);
        return;
    }
    atomic32_store(&b->w->enabled, old & ~gone);
    vgic_sync_enable(b);
    vgic_word_resettle(v, b, gone);
}

void vgic_word_group(struct vcpu *v, const struct vgic_bank *b, uint32_t val)
{
    vgic_lock(b->g);
    uint32_t old = atomic32_locked(&b->w->group);
    uint32_t change = (old ^ val) & b->w->owned;

    atomic32_store(&b->w->group, old ^ change);
    vgic_sync_enable(b);
    vgic_word_resettle(v, b, change);
}
