/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers of the calling CPU. All functions: own CPU, vgic.lock held.
 *
 * When more is pending than there are list registers, the rest waits: hardware interrupts in `held`, virtual ones
 * where they were pending; and every list register in use becomes "soft": HW = 0 with EOI = 1, so that each
 * deactivation by the guest traps and makes room. The underflow interrupt would not do: with one list register, or with
 * active interrupts that stay for long, it is either always or never asserted (IHI 0069H 12.4.3, ICH_HCR_EL2.UIE).
 */
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

#define NO_INTID 0xffffffffU

static uint32_t all_lrs(void)
{
    return ((uint32_t)1 << arch_ops.virq.nr_lrs()) - 1U;
}

static bool is_virtual(struct vgic *g, const struct vcpu *v, uint32_t intid)
{
    return (vgic_bank(g, v->index, intid / 32U).w->virt & vgic_bit(intid)) != 0U;
}

static uint8_t prio_of(struct vgic *g, const struct vcpu *v, uint32_t intid)
{
    return intid < 32U ? g->vcpu[v->index].prio[intid] : g->prio[intid];
}

/* Value of a list register but for HW and the physical INTID. */
static uint64_t lr_of(struct vgic *g, const struct vcpu *v, const struct vgic_bank *b, uint32_t intid, uint64_t state)
{
    uint64_t group = (atomic32_locked(&b->w->group) & vgic_bit(intid)) != 0U ? LR_GROUP1 : 0U;

    return state | group | ((uint64_t)prio_of(g, v, intid) << LR_PRIO_SHIFT) | intid;
}

static void write_lr(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, uint32_t n, uint32_t intid,
                     uint64_t state)
{
    struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);
    uint64_t lr = lr_of(g, v, &b, intid, state);

    c->mine[intid / 32U] |= vgic_bit(intid);
    bool virt = (b.w->virt & vgic_bit(intid)) != 0U;

    b.w->listed |= virt ? vgic_bit(intid) : 0U;
    if (!virt && !g->ends_trap) {
        lr |= LR_HW | ((uint64_t)intid << LR_PINTID_SHIFT);
    } else if (!virt || b.r == NULL) { /* its end traps: of a virtual SPI the line may still be high */
        lr |= LR_EOI;
        c->soft |= (uint32_t)1 << n;
    } else {
        /* An SGI: nothing is to be done at its end. */
    }
    c->used |= (uint32_t)1 << n;
    c->intid[n] = (uint16_t)intid;
    arch_ops.virq.write_lr(n, lr);
}

void vgic_lr_release(const struct vcpu *v, uint32_t n)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    uint32_t intid = c->intid[n];

    c->used &= ~((uint32_t)1 << n);
    c->soft &= ~((uint32_t)1 << n);
    c->folded &= ~((uint32_t)1 << n);
    c->mine[intid / 32U] &= ~vgic_bit(intid);
    if (is_virtual(g, v, intid)) {
        vgic_bank(g, v->index, intid / 32U).w->listed &= ~vgic_bit(intid);
    }
}

/* Soft ones that the guest has ended: they count as used in ICH_ELRSR_EL2 until they are written. */
static uint32_t ended_soft(const struct vgic_cpu *c)
{
    uint32_t set = c->soft;
    uint32_t ended = 0;

    while (set != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(set);

        set &= set - 1U;
        ended |= (arch_ops.virq.read_lr(n) & LR_STATE) == 0U ? (uint32_t)1 << n : 0U;
    }
    return ended;
}

bool vgic_lr_reap(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];
    uint32_t soft = ended_soft(c) & ~c->folded;
    uint32_t ended = (arch_ops.virq.empty() & c->used & ~c->folded) | soft;

    while (ended != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(ended);
        uint32_t intid = c->intid[n];

        ended &= ended - 1U;
        if ((c->soft & ((uint32_t)1 << n)) != 0U) {
            arch_ops.virq.write_lr(n, 0); /* takes back the maintenance interrupt */
            if (!is_virtual(g, v, intid)) {
                arch_ops.irqc.deactivate(intid);
            }
        }
        struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);

        if (b.r != NULL || ((b.w->virt | g->routed[v->index][b.word]) & vgic_bit(intid)) != 0U) {
            b.w->taken &= ~vgic_bit(intid); /* of one that goes elsewhere now another may have it in hand */
        }
        vgic_lr_release(v, n);
        vgic_kick_ended(v, &b, intid);
    }
    return soft != 0U;
}

static void hold(struct vgic_cpu *c, uint32_t intid)
{
    uint32_t word = intid / 32U;

    c->held[word] |= vgic_bit(intid);
    c->held_words |= (uint32_t)1 << word;
    c->mine[word] |= vgic_bit(intid);
}

void vgic_lr_unhold(const struct vcpu *v, uint32_t word, uint32_t mask)
{
    struct vgic_cpu *c = &vgic_cpus[v->cpu];

    c->held[word] &= ~mask;
    if (c->held[word] == 0U) {
        c->held_words &= ~((uint32_t)1 << word);
    }
}

/* Virtual ones of a word that wait and may be in a list register of this vCPU. */
static uint32_t listable(struct vgic *g, const struct vcpu *v, unsigned word)
{
    struct vgic_bank b = vgic_bank(g, v->index, word);
    uint32_t pend = vgic_virt_pending(b.w);

    if (b.r == NULL) { /* not while another vCPU has it */
        pend &= g->routed[v->index][word] & ~(b.w->listed & ~vgic_cpus[v->cpu].mine[word]);
    }
    return pend == 0U ? 0U : pend & atomic32_locked(&b.w->enabled) & vgic_forwarded(g, b.w) & ~b.w->orphan;
}

static uint32_t better(struct vgic *g, const struct vcpu *v, uint32_t set, uint32_t base, uint32_t best)
{
    while (set != 0U) { /* at most 32 turns */
        uint32_t intid = base + vgic_lowest(set);

        set &= set - 1U;
        if (best == NO_INTID || prio_of(g, v, intid) < prio_of(g, v, best)) {
            best = intid;
        }
    }
    return best;
}

/* List register n has this virtual interrupt, which is pending beside: it becomes pending there (again), with the priority
 * and group it has now, unless it is active in a soft list register: then it waits for its end, which traps. */
static void merge_lr(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, const struct vgic_bank *b, uint32_t n)
{
    uint32_t intid = c->intid[n];
    uint32_t bit = vgic_bit(intid);
    uint64_t lr = arch_ops.virq.read_lr(n);

    if (g->v2 && intid < 16U) {
        if (vgic_source_waits(b, intid, lr)) {
            c->soft |= (uint32_t)1 << n;
            arch_ops.virq.write_lr(n, lr | LR_EOI);
        }
        return;
    }
    if ((lr & LR_ACTIVE) == 0U || (c->soft & ((uint32_t)1 << n)) == 0U) {
        b->w->taken |= intid < 32U ? 0U : atomic32_load(&b->w->pend) & bit;
        (void)atomic32_and(&b->w->pend, ~bit);
        arch_ops.virq.write_lr(n, lr_of(g, v, b, intid, (lr & (LR_STATE | LR_EOI)) | LR_PENDING));
    }
}

/* Virtual ones of a word that wait, but for those that are in a list register already. */
static uint32_t merge(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, unsigned word)
{
    struct vgic_bank b = vgic_bank(g, v->index, word);
    uint32_t set = listable(g, v, word);
    uint32_t used = (set & b.w->listed) != 0U ? c->used : 0U;

    while (used != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(used);
        uint32_t intid = c->intid[n];

        used &= used - 1U;
        if (intid / 32U == word && (set & vgic_bit(intid)) != 0U) {
            set &= ~vgic_bit(intid);
            merge_lr(c, g, v, &b, n);
        }
    }
    return set;
}

/* The interrupt of highest priority that waits, SGIs and then the lowest INTID first among equals; NO_INTID if none. */
static uint32_t best_waiting(struct vgic *g, const struct vcpu *v, struct vgic_cpu *c)
{
    uint32_t words = c->held_words;
    uint32_t virt = g->virt_words;
    uint32_t best = better(g, v, merge(c, g, v, 0), 0, NO_INTID);

    while (virt != 0U) { /* at most 31 turns */
        uint32_t word = vgic_lowest(virt);

        virt &= virt - 1U;
        best = better(g, v, merge(c, g, v, word), 32U * word, best);
    }
    while (words != 0U) { /* at most 32 turns */
        uint32_t word = vgic_lowest(words);

        words &= words - 1U;
        best = better(g, v, c->held[word], 32U * word, best);
    }
    return best;
}

/* The list register in use whose interrupt is pending only and of lowest priority; NO_INTID if all are active. */
static uint32_t worst_listed(const struct vgic_cpu *c, uint8_t *prio)
{
    uint32_t used = c->used;
    uint32_t worst = NO_INTID;

    *prio = 0;
    while (used != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(used);
        uint64_t lr = arch_ops.virq.read_lr(n);
        uint8_t p = (uint8_t)(lr >> LR_PRIO_SHIFT);

        used &= used - 1U;
        if ((lr & LR_STATE) == LR_PENDING && p >= *prio) {
            worst = n;
            *prio = p;
        }
    }
    return worst;
}

static void evict(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, uint32_t n)
{
    uint32_t intid = c->intid[n];
    uint64_t lr = arch_ops.virq.read_lr(n);

    arch_ops.virq.write_lr(n, 0);
    vgic_lr_release(v, n);
    if (is_virtual(g, v, intid)) {
        struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);

        vgic_virt_give_back(&b, intid, lr);
    } else {
        hold(c, intid);
    }
}

/* Every deactivation has to trap while something waits; that of one that is pending as well would not, so its pending
 * state waits outside. */
static void soften(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v)
{
    uint32_t hard = c->used & ~c->soft;

    while (hard != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(hard);
        uint64_t lr = arch_ops.virq.read_lr(n);

        hard &= hard - 1U;
        if (!is_virtual(g, v, c->intid[n])) {
            lr &= ~(LR_HW | ((uint64_t)0x1fff << LR_PINTID_SHIFT));
        } else if ((lr & LR_STATE) == LR_STATE) {
            lr &= ~LR_PENDING;
            (void)atomic32_or(&g->vcpu[v->index].w.pend, vgic_bit(c->intid[n]));
        }
        arch_ops.virq.write_lr(n, lr | LR_EOI);
    }
    c->soft = c->used;
}

/* Virtual SPIs whose line fell before the guest acknowledged them are no longer pending. */
static void withdraw(const struct vgic_cpu *c, struct vgic *g, const struct vcpu *v)
{
    uint32_t used = g->virt_words != 0U ? c->used : 0U;

    while (used != 0U) { /* at most 16 turns */
        uint32_t n = vgic_lowest(used);
        uint32_t intid = c->intid[n];
        const struct vgic_word *w = vgic_bank(g, v->index, intid / 32U).w;

        used &= used - 1U;
        if (intid >= 32U && (w->virt & ~w->taken & ~(w->line & ~w->edge) & vgic_bit(intid)) != 0U &&
            (arch_ops.virq.read_lr(n) & LR_STATE) == LR_PENDING) {
            arch_ops.virq.write_lr(n, 0);
            vgic_lr_release(v, n);
        }
    }
}

/* What is active in nobody's hand and belongs to this vCPU gets a list register, so that the guest can end it. */
static void adopt_word(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, unsigned word)
{
    struct vgic_bank b = vgic_bank(g, v->index, word);
    uint32_t set = b.w->orphan & (b.r != NULL ? ~(uint32_t)0 : g->routed[v->index][word]);

    set &= ~b.w->listed;
    while (set != 0U && c->used != all_lrs()) { /* at most 16 turns */
        uint32_t i = vgic_lowest(set);

        set &= set - 1U;
        b.w->orphan &= ~((uint32_t)1 << i);
        write_lr(c, g, v, vgic_lowest(~c->used), 32U * word + i, LR_ACTIVE);
    }
}

static void adopt(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v)
{
    uint32_t words = g->orphan_words;

    if (g->vcpu[v->index].w.orphan != 0U) {
        adopt_word(c, g, v, 0);
    }
    while (words != 0U) { /* at most 31 turns */
        unsigned word = vgic_lowest(words);

        words &= words - 1U;
        adopt_word(c, g, v, word);
        if (g->spi[word].orphan == 0U) {
            g->orphan_words &= ~((uint32_t)1 << word);
        }
    }
}

static void list(struct vgic_cpu *c, struct vgic *g, const struct vcpu *v, uint32_t intid)
{
    struct vgic_bank b = vgic_bank(g, v->index, intid / 32U);
    uint32_t bit = vgic_bit(intid);
    uint64_t source = 0;

    if ((b.w->virt & bit) == 0U) {
        vgic_lr_unhold(v, intid / 32U, bit);
    } else if (g->v2 && intid < 16U) {
        source = vgic_source_take(&b, intid);
    } else {
        uint32_t latched = atomic32_and(&b.w->pend, ~bit) & bit;

        b.w->taken |= b.r == NULL ? latched : 0U;
    }
    write_lr(c, g, v, vgic_lowest(~c->used), intid, LR_PENDING | source);
}

void vgic_lr_fill(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];

    if ((g->on & ((uint32_t)1 << v->index)) == 0U) {
        return;
    }
    (void)vgic_lr_reap(v);
    withdraw(c, g, v);
    adopt(c, g, v);
    /* Each turn lists one interrupt, in order of priority, into a free list register or in the place of one of lower
     * priority: at most as many turns as twice the list registers. */
    for (uint32_t turn = 0; turn < 2U * VGIC_MAX_LRS; turn++) {
        uint8_t prio;
        uint32_t waiting = best_waiting(g, v, c);

        if (waiting == NO_INTID) {
            return;
        }
        if (c->used == all_lrs()) {
            uint32_t n = worst_listed(c, &prio);

            if (n == NO_INTID || prio <= prio_of(g, v, waiting)) {
                break;
            }
            evict(c, g, v, n);
        }
        list(c, g, v, waiting);
    }
    soften(c, g, v);
}

void vgic_lr_add(struct vcpu *v, uint32_t intid)
{
    struct vgic *g = vgic_of(v);
    struct vgic_cpu *c = &vgic_cpus[v->cpu];

    if (c->held_words == 0U && c->used != all_lrs()) {
        write_lr(c, g, v, vgic_lowest(~c->used), intid, LR_PENDING);
        return;
    }
    hold(c, intid);
    vgic_lr_fill(v);
}
