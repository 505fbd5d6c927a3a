/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of the virtual APLIC: their modes, targets, enables and pending bits, and what of that the physical APLIC is
 * told. */
#include "vdev/vaplic_state.h"

#include "core/channel.h"
#include "hv/arch_ops.h"
#include "lib/string.h"

static uint32_t backed(const struct vaplic_word *w)
{
    return w->owned & ~w->virt;
}

static void put(uint32_t *word, uint32_t bit, bool on)
{
    *word = on ? *word | bit : *word & ~bit;
}

/* Inputs of the virtual sources after inversion; zero for what is inactive or detached (AIA 1.0 4.5.2). */
static uint32_t rectified(const struct vaplic_word *w)
{
    return (w->line ^ w->invert) & w->wired & w->virt;
}

/* The physical enables follow what they depend on: a source may send MSIs only to where its target says, and only
 * while the guest wants them. */
static void sync(struct vaplic *g, unsigned k)
{
    struct vaplic_word *w = &g->w[k];
    uint32_t want = g->ie ? w->enable & w->valid & backed(w) : 0U;
    uint32_t gone = w->phys & ~want;
    uint32_t come = want & ~w->phys;

    if (gone != 0U) {
        arch_ops.irqc.clear(IRQC_ENABLE, 0, vaplic_phys_word(k), gone);
    }
    if (come != 0U) {
        arch_ops.irqc.set(IRQC_ENABLE, 0, vaplic_phys_word(k), come);
    }
    w->phys = want;
}

/* MSIs of the virtual sources that are pending and may send; sending ends the pending state (4.9). */
static void forward(struct vaplic *g, unsigned k)
{
    struct vaplic_word *w = &g->w[k];
    uint32_t go = g->ie ? w->pend & w->enable & w->valid : 0U;

    w->pend &= ~go;
    for (uint32_t n = 32U * k; go != 0U; n++) { /* at most 32 turns */
        if ((go & 1U) != 0U) {
            uint32_t vcpu = g->target[n] >> VAPLIC_TARGET_HART_SHIFT;

            arch_ops.virq.send_msi(g->vm->vcpus[vcpu].cpu, g->target[n] & VAPLIC_TARGET_EIID);
        }
        go >>= 1;
    }
}

static void silence(uint32_t sources, unsigned k)
{
    uint32_t mask = sources;

    arch_ops.irqc.clear(IRQC_ENABLE, 0, vaplic_phys_word(k), mask);
    arch_ops.irqc.clear(IRQC_PENDING, 0, vaplic_phys_word(k), mask);
    for (uint32_t intid = RISCV_WIRED + 32U * k; mask != 0U; intid++) { /* at most 32 turns */
        if ((mask & 1U) != 0U) {
            arch_ops.virq.source_mode(intid, APLIC_INACTIVE);
        }
        mask >>= 1;
    }
    /* Comes back behind the writes, and in practice behind MSIs sent before them. */
    (void)arch_ops.irqc.get(IRQC_ENABLE, 0, vaplic_phys_word(k));
}

void vaplic_silence(const struct vaplic *g)
{
    for (unsigned k = 0; k < VAPLIC_WORDS; k++) {
        uint32_t mask = backed(&g->w[k]);

        if (mask != 0U) {
            silence(mask, k);
        }
    }
}

/* Not owned and virt, which others read without the lock. */
static void clear_word(struct vaplic_word *w)
{
    w->active = 0;
    w->wired = 0;
    w->level = 0;
    w->invert = 0;
    w->enable = 0;
    w->valid = 0;
    w->phys = 0;
    w->line = 0;
    w->pend = 0;
}

void vaplic_reset(struct vaplic *g)
{
    g->ie = false;
    vaplic_silence(g);
    for (unsigned k = 0; k < VAPLIC_WORDS; k++) {
        clear_word(&g->w[k]);
    }
    mem_zero(g->mode, sizeof(g->mode));
    mem_zero(g->target, sizeof(g->target));
}

void vaplic_set_mode(struct vaplic *g, uint32_t source, enum aplic_mode mode)
{
    unsigned k = source / 32U;
    struct vaplic_word *w = &g->w[k];
    uint32_t bit = vaplic_bit(source);

    if (mode == APLIC_INACTIVE) { /* target and both bits are zero (4.5.2); the physical target is stale from now on */
        w->enable &= ~bit;
        w->valid &= ~bit;
        w->pend &= ~bit;
        g->target[source] = 0;
        sync(g, k);
        channel_moved(g->vm, RISCV_WIRED + source, 0, 0);
    }
    g->mode[source] = (uint8_t)mode;
    put(&w->active, bit, mode != APLIC_INACTIVE);
    put(&w->wired, bit, mode >= APLIC_EDGE_RISE);
    put(&w->level, bit, mode >= APLIC_LEVEL_HIGH);
    put(&w->invert, bit, mode == APLIC_EDGE_FALL || mode == APLIC_LEVEL_LOW);
    if ((w->virt & bit) == 0U) {
        arch_ops.virq.source_mode(RISCV_WIRED + source, mode);
    } else if ((w->level & bit) != 0U) { /* the level that is there counts, a low one is never pending (4.5.2, 4.7) */
        put(&w->pend, bit, (rectified(w) & bit) != 0U);
        forward(g, k);
    } else {
        /* An edge is what comes from now on. */
    }
}

void vaplic_set_target(struct vaplic *g, uint32_t source, uint32_t target)
{
    unsigned k = source / 32U;
    struct vaplic_word *w = &g->w[k];
    uint32_t bit = vaplic_bit(source);
    uint32_t vcpu = target >> VAPLIC_TARGET_HART_SHIFT;
    uint32_t identity = target & VAPLIC_TARGET_EIID;
    bool valid = vcpu < g->vm->nr_vcpus && identity != 0U && identity <= g->ids;

    if ((w->active & bit) == 0U) {
        return;
    }
    g->target[source] = (vcpu << VAPLIC_TARGET_HART_SHIFT) | identity;
    put(&w->valid, bit, valid);
    if (valid && (w->virt & bit) == 0U) {
        arch_ops.virq.target(RISCV_WIRED + source, g->vm->vcpus[vcpu].cpu, identity); /* before it may be enabled */
    }
    sync(g, k);
    forward(g, k);
    channel_moved(g->vm, RISCV_WIRED + source, vcpu, valid ? identity : 0U); /* where its doorbell is told to those who ring it directly */
}

void vaplic_set_enable(struct vaplic *g, unsigned k, uint32_t mask)
{
    g->w[k].enable |= mask & g->w[k].active;
    sync(g, k);
    forward(g, k);
}

void vaplic_clear_enable(struct vaplic *g, unsigned k, uint32_t mask)
{
    g->w[k].enable &= ~mask;
    sync(g, k);
}

void vaplic_set_ie(struct vaplic *g, bool ie)
{
    g->ie = ie;
    for (unsigned k = 0; k < VAPLIC_WORDS; k++) {
        sync(g, k);
        forward(g, k);
    }
}

void vaplic_set_pending(struct vaplic *g, unsigned k, uint32_t mask)
{
    struct vaplic_word *w = &g->w[k];
    uint32_t physical = mask & backed(w);
    uint32_t virtual = mask & w->virt;

    if (physical != 0U) { /* has the guest's mode, so decides by itself whether that is possible (4.7) */
        arch_ops.irqc.set(IRQC_PENDING, 0, vaplic_phys_word(k), physical);
    }
    if (virtual != 0U) {
        spin_lock(&g->lock);
        w->pend |= virtual & w->active & (~w->level | rectified(w));
        forward(g, k);
        spin_unlock(&g->lock);
    }
}

void vaplic_clear_pending(struct vaplic *g, unsigned k, uint32_t mask)
{
    struct vaplic_word *w = &g->w[k];
    uint32_t physical = mask & backed(w);
    uint32_t virtual = mask & w->virt;

    if (physical != 0U) {
        arch_ops.irqc.clear(IRQC_PENDING, 0, vaplic_phys_word(k), physical);
    }
    if (virtual != 0U) {
        spin_lock(&g->lock);
        w->pend &= ~virtual;
        spin_unlock(&g->lock);
    }
}

void vaplic_wire(struct vaplic *g, uint32_t source, bool level)
{
    struct vaplic_word *w = &g->w[source / 32U];
    uint32_t bit = vaplic_bit(source) & w->virt;

    if (bit == 0U) {
        return;
    }
    spin_lock(&g->lock);
    uint32_t before = rectified(w);

    put(&w->line, bit, level);
    w->pend |= rectified(w) & ~before;
    w->pend &= ~(w->level & ~rectified(w));
    forward(g, source / 32U);
    spin_unlock(&g->lock);
}

uint32_t vaplic_read_pending(const struct vaplic *g, unsigned k)
{
    const struct vaplic_word *w = &g->w[k];
    uint32_t mask = backed(w) & w->active;

    return w->pend | (mask != 0U ? arch_ops.irqc.get(IRQC_PENDING, 0, vaplic_phys_word(k)) & mask : 0U);
}

uint32_t vaplic_read_inputs(const struct vaplic *g, unsigned k)
{
    const struct vaplic_word *w = &g->w[k];
    uint32_t mask = backed(w) & w->wired;

    return rectified(w) | (mask != 0U ? arch_ops.virq.inputs(vaplic_phys_word(k)) & mask : 0U);
}
