/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the virtual PLIC (PLIC 1.0.0, Memory Map). They are arrays: of each block the offset tells source and
 * context. The sources of a word that are not the VM's are in no word of the state, so that masking by `owned` on the
 * way in is enough.
 */
#include "vdev/vplic_state.h"

#include "hv/arch_ops.h"

#define PRIO_MASK ((1U << VPLIC_PRIO_BITS) - 1U)

/* Where blocks begin; the first has the priorities, and behind the enables are the contexts. */
#define PENDING_BASE 0x1000U
#define ENABLE_BASE  0x2000U /* VPLIC_WORDS words for each context */

static bool exists(const struct vplic *p, uint32_t source)
{
    return source < VPLIC_SOURCES && (p->word[source / 32U].owned & vplic_bit(source)) != 0U;
}

static void write_priority(struct vplic *p, uint32_t source, uint32_t val)
{
    uint32_t word = source / 32U;
    uint32_t bit = vplic_bit(source);

    if (!exists(p, source)) {
        return;
    }
    for (uint32_t b = 0; b < VPLIC_PRIO_BITS; b++) {
        uint32_t *plane = &p->word[word].prio[b];

        *plane = (val & (1U << b)) != 0U ? *plane | bit : *plane & ~bit;
    }
    vplic_sync(p, word, bit);
    vplic_seek_word(p, word, bit);
}

/* What has not been claimed at the physical PLIC is pending there. While it is in service its gateway forwards nothing:
 * what a PLIC that is less strict shows then is not told. */
static uint32_t read_pending(const struct vplic *p, uint32_t word)
{
    const struct vplic_word *w = &p->word[word];
    uint32_t physical = w->owned & ~w->virt;
    uint32_t val = w->pending;

    if (physical != 0U) {
        val |= arch_ops.irqc.get(IRQC_PENDING, 0, word + RISCV_WIRED / 32U) & physical & ~w->service;
    }
    return val;
}

static void write_enable(struct vplic *p, uint32_t context, uint32_t word, uint32_t val)
{
    struct vplic_word *w = &p->word[word];
    uint32_t change = w->enable[context] ^ (val & w->owned);

    w->enable[context] ^= change;
    vplic_sync(p, word, change);
    vplic_seek(p, context);
}

/* Highest priority, then lowest number; the threshold does not count (Interrupt Claim Process). Lock held. */
static uint32_t claim(struct vplic *p, uint32_t context)
{
    uint32_t key = p->top[context];
    uint32_t source = key != 0U ? VPLIC_KEY_SOURCE(key) : 0U;

    if (source != 0U) {
        vplic_claimed(p, source);
        vplic_silent(p, source);
        vplic_seek_word(p, source / 32U, vplic_bit(source));
    }
    return source;
}

/* It need not be what this context claimed last, or claimed at all (Interrupt Completion). But somebody must have: of a
 * request that is still pending no handler can have completed the service. Lock held. */
static void complete(struct vplic *p, uint32_t context, uint32_t source)
{
    struct vplic_word *w = &p->word[source / 32U];
    uint32_t bit = vplic_bit(source);

    if ((w->enable[context] & w->service & ~w->pending & bit) == 0U) {
        return;
    }
    if ((w->virt & bit) != 0U) {
        w->service &= ~bit;
        vplic_forward(p, source / 32U, bit);
    } else {
        vplic_complete(p, source);
    }
}

/* Both of a context that is there. Lock held. */
static uint32_t read_context(struct vplic *p, uint32_t context, uint32_t reg)
{
    uint32_t val = 0;

    if (reg == VPLIC_THRESHOLD) {
        val = p->threshold[context];
    } else if (reg == VPLIC_CLAIM) {
        val = claim(p, context);
    } else {
        /* reserved */
    }
    return val;
}

static void write_context(struct vplic *p, uint32_t context, uint32_t reg, uint32_t val)
{
    if (reg == VPLIC_THRESHOLD) {
        p->threshold[context] = val & PRIO_MASK;
        vplic_drive(p, context);
    } else if (reg == VPLIC_CLAIM && exists(p, val)) {
        complete(p, context, val);
    } else {
        /* reserved, or no source */
    }
}

/* Of an aligned word at an offset, the number of the context or word that is accessed, in its block. */
static uint32_t context_at(uint32_t offset)
{
    return (offset - VPLIC_CONTEXT_BASE) / VPLIC_CONTEXT_STRIDE;
}

static uint32_t word_at(uint32_t offset)
{
    return offset % ENABLE_BASE / 4U % VPLIC_WORDS;
}

uint32_t vplic_read(struct vplic *p, uint32_t offset)
{
    uint32_t enables = (offset - ENABLE_BASE) / (4U * VPLIC_WORDS); /* whose */
    uint32_t val = 0;

    spin_lock(&p->lock);
    if (offset < PENDING_BASE) {
        val = vplic_prio(&p->word[offset / 4U / 32U], offset / 4U);
    } else if (offset < ENABLE_BASE) {
        val = offset - PENDING_BASE < 4U * VPLIC_WORDS ? read_pending(p, word_at(offset)) : 0U;
    } else if (offset < VPLIC_CONTEXT_BASE) {
        val = enables < p->contexts ? p->word[word_at(offset)].enable[enables] : 0U;
    } else if (context_at(offset) < p->contexts) {
        val = read_context(p, context_at(offset), offset % VPLIC_CONTEXT_STRIDE);
    } else {
        /* a context that is none of the VM's */
    }
    spin_unlock(&p->lock);
    return val;
}

void vplic_write(struct vplic *p, uint32_t offset, uint32_t val)
{
    uint32_t enables = (offset - ENABLE_BASE) / (4U * VPLIC_WORDS); /* whose */

    spin_lock(&p->lock);
    if (offset < PENDING_BASE) {
        write_priority(p, offset / 4U, val);
    } else if (offset >= ENABLE_BASE && offset < VPLIC_CONTEXT_BASE && enables < p->contexts) {
        write_enable(p, enables, word_at(offset), val);
    } else if (offset >= VPLIC_CONTEXT_BASE && context_at(offset) < p->contexts) {
        write_context(p, context_at(offset), offset % VPLIC_CONTEXT_STRIDE, val);
    } else {
        /* pending bits are read-only; or a context that is none of the VM's */
    }
    spin_unlock(&p->lock);
}
