/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the virtual PLIC (PLIC 1.0.0, Memory Map). They are arrays: of each block the offset tells source and
 * context. The sources of a word that are not the VM's are in no word of the state, so that masking by `owned` on the
 * way in is enough.
 */
#include "vdev/vplic_state.h"

#include "hv/arch_ops.h"

#define PRIO_MASK ((1U << VPLIC_PRIO_BITS) - 1U)

#define PRIORITY_BASE   0x0U
#define PRIORITY_SIZE   (4U * VPLIC_SOURCES)
#define PENDING_BASE    0x1000U
#define PENDING_SIZE    (4U * VPLIC_WORDS)
#define ENABLE_BASE     0x2000U
#define ENABLE_SIZE     0x1f0000U /* PENDING_SIZE bytes for each of 15872 contexts */
#define CONTEXT_BASE    0x200000U
#define CONTEXT_SIZE    0x3e00000U /* CONTEXT_STRIDE bytes for each of 15872 contexts */
#define CONTEXT_STRIDE  0x1000U
#define THRESHOLD       0U
#define CLAIM           4U

static bool exists(const struct vplic *p, uint32_t source)
{
    return source < VPLIC_SOURCES && (p->word[source / 32U].owned & vplic_bit(source)) != 0U;
}

static uint64_t read_priority(const struct mmio_access *a)
{
    struct vplic *p = a->dev;
    const struct vplic_word *w = &p->word[a->first / 32U];
    uint32_t prio = 0;

    spin_lock(&p->lock);
    for (uint32_t b = 0; b < VPLIC_PRIO_BITS; b++) {
        prio |= (w->prio[b] & vplic_bit(a->first)) != 0U ? 1U << b : 0U;
    }
    spin_unlock(&p->lock);
    return prio;
}

static void write_priority(const struct mmio_access *a, uint64_t val)
{
    struct vplic *p = a->dev;
    uint32_t word = a->first / 32U;
    uint32_t bit = vplic_bit(a->first);

    if (!exists(p, a->first)) {
        return;
    }
    spin_lock(&p->lock);
    for (uint32_t b = 0; b < VPLIC_PRIO_BITS; b++) {
        uint32_t *plane = &p->word[word].prio[b];

        *plane = (val & (1U << b)) != 0U ? *plane | bit : *plane & ~bit;
    }
    vplic_sync(p, word, bit);
    vplic_drive_word(p, word, bit);
    spin_unlock(&p->lock);
}

/* What has not been claimed at the physical PLIC is pending there. While it is in service its gateway forwards nothing:
 * what a PLIC that is less strict shows then is not told. */
static uint64_t read_pending(const struct mmio_access *a)
{
    struct vplic *p = a->dev;
    uint32_t word = a->first / 32U;
    const struct vplic_word *w = &p->word[word];
    uint32_t physical = w->owned & ~w->virt;

    spin_lock(&p->lock);
    uint32_t val = w->pending;

    if (physical != 0U) {
        val |= arch_ops.irqc.get(IRQC_PENDING, 0, word + RISCV_WIRED / 32U) & physical & ~w->service;
    }
    spin_unlock(&p->lock);
    return val;
}

static uint64_t read_enable(const struct mmio_access *a)
{
    struct vplic *p = a->dev;
    uint32_t context = a->first / VPLIC_SOURCES;
    uint64_t val = 0;

    if (context < p->vm->nr_vcpus) {
        spin_lock(&p->lock);
        val = p->word[a->first % VPLIC_SOURCES / 32U].enable[context];
        spin_unlock(&p->lock);
    }
    return val;
}

static void write_enable(const struct mmio_access *a, uint64_t val)
{
    struct vplic *p = a->dev;
    uint32_t context = a->first / VPLIC_SOURCES;
    uint32_t word = a->first % VPLIC_SOURCES / 32U;
    struct vplic_word *w = &p->word[word];

    if (context >= p->vm->nr_vcpus) {
        return;
    }
    spin_lock(&p->lock);
    uint32_t change = w->enable[context] ^ ((uint32_t)val & w->owned);

    w->enable[context] ^= change;
    vplic_sync(p, word, change);
    vplic_drive(p, context);
    spin_unlock(&p->lock);
}

/* Highest priority, then lowest number; the threshold does not count (Interrupt Claim Process). Lock held. */
static uint32_t claim(struct vplic *p, uint32_t context)
{
    uint32_t prio;
    uint32_t source = vplic_best(p, context, &prio);

    if (source != 0U) {
        vplic_claimed(p, source);
        if ((p->word[source / 32U].bell & vplic_bit(source)) != 0U) {
            (void)atomic32_and(&p->waiting[source / 32U], ~vplic_bit(source));
            arch_ops.cpu.fence(); /* with that of whoever rings: if it saw the doorbell pending, the guest sees what it stored */
        }
        vplic_drive_word(p, source / 32U, vplic_bit(source));
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

static uint64_t read_context(const struct mmio_access *a)
{
    struct vplic *p = a->dev;
    uint32_t context = a->offset / CONTEXT_STRIDE;
    uint32_t reg = a->offset % CONTEXT_STRIDE;
    uint64_t val = 0;

    if (context >= p->vm->nr_vcpus) {
        return 0;
    }
    spin_lock(&p->lock);
    if (reg == THRESHOLD) {
        val = p->threshold[context];
    } else if (reg == CLAIM) {
        val = claim(p, context);
    } else {
        /* reserved */
    }
    spin_unlock(&p->lock);
    return val;
}

static void write_context(const struct mmio_access *a, uint64_t val)
{
    struct vplic *p = a->dev;
    uint32_t context = a->offset / CONTEXT_STRIDE;
    uint32_t reg = a->offset % CONTEXT_STRIDE;

    if (context >= p->vm->nr_vcpus) {
        return;
    }
    spin_lock(&p->lock);
    if (reg == THRESHOLD) {
        p->threshold[context] = (uint32_t)val & PRIO_MASK;
        vplic_drive(p, context);
    } else if (reg == CLAIM && exists(p, (uint32_t)val)) {
        complete(p, context, (uint32_t)val);
    } else {
        /* reserved, or no source */
    }
    spin_unlock(&p->lock);
}

/* Of four blocks that fill the frame but for its end three comparisons find the right one. */
enum { PRIORITY = 0, PENDING, ENABLE, CONTEXT, BLOCKS };
static const struct mmio_reg regs[BLOCKS] = {
    [PRIORITY] = {"priority", PRIORITY_BASE, PRIORITY_SIZE, MMIO_W32, 32, read_priority, write_priority},
    [PENDING] = {"pending", PENDING_BASE, PENDING_SIZE, MMIO_W32, 1, read_pending, NULL},
    [ENABLE] = {"enable", ENABLE_BASE, ENABLE_SIZE, MMIO_W32, 1, read_enable, write_enable},
    [CONTEXT] = {"context", CONTEXT_BASE, CONTEXT_SIZE, MMIO_W32, 0, read_context, write_context},
};

static const struct mmio_reg *block(uint32_t offset)
{
    uint32_t low = offset >= PENDING_BASE ? (uint32_t)PENDING : (uint32_t)PRIORITY;
    uint32_t high = offset >= CONTEXT_BASE ? (uint32_t)CONTEXT : (uint32_t)ENABLE;
    const struct mmio_reg *r = &regs[offset >= ENABLE_BASE ? high : low];

    return offset - r->offset < r->length ? r : NULL;
}

void vplic_access(struct vcpu *v, uint32_t offset, const struct exit_mmio *a, uint64_t *val)
{
    mmio_access(block(offset), v, vplic_of(v), offset, a->size, a->write, val);
}
