/* SPDX-License-Identifier: Apache-2.0 */
/* The physical side of the virtual PLIC: enables, routes, sources that arrive and are completed. */
#include "vdev/vplic.h"
#include "vdev/vplic_state.h"

#include "hv/arch_ops.h"

/* Word of arch_ops.irqc and INTID, from word and source of the PLIC. */
#define IRQC_WORD(word)    ((word) + RISCV_WIRED / 32U)
#define IRQC_INTID(source) ((source) + RISCV_WIRED)

/* The sources are not enabled at the physical PLIC, or arrive in this moment. */
static void route(struct vplic *p, uint32_t word, uint32_t mask, unsigned vcpu)
{
    struct vplic_word *w = &p->word[word];

    for (uint32_t left = mask; left != 0U; left &= left - 1U) { /* at most 32 turns */
        arch_ops.irqc.route(IRQC_INTID(32U * word + vplic_lowest(left)), p->vm->vcpus[vcpu].cpu);
    }
    for (uint32_t i = 0; i < p->vm->nr_vcpus; i++) { /* at most VM_MAX_VCPUS turns */
        w->routed[i] &= ~mask;
    }
    w->routed[vcpu] |= mask;
}

static void enable(struct vplic_word *w, uint32_t word, uint32_t mask)
{
    if (mask != 0U) {
        arch_ops.irqc.set(IRQC_ENABLE, 0, IRQC_WORD(word), mask);
        w->phys_en |= mask;
    }
}

static void disable(struct vplic_word *w, uint32_t word, uint32_t mask)
{
    if (mask != 0U) {
        arch_ops.irqc.clear(IRQC_ENABLE, 0, IRQC_WORD(word), mask);
        w->phys_en &= ~mask;
    }
}

void vplic_sync(struct vplic *p, uint32_t word, uint32_t mask)
{
    struct vplic_word *w = &p->word[word];
    uint32_t may = mask & w->owned & ~w->virt & ~w->service;
    uint32_t armed = may & (w->prio[0] | w->prio[1] | w->prio[2]);
    uint32_t move[VM_MAX_VCPUS] = {0};
    uint32_t moved = 0;
    uint32_t want = 0;
    uint32_t once = 0;
    uint32_t twice = 0;

    w->late |= mask & w->service;
    for (uint32_t i = 0; i < p->contexts; i++) { /* at most VM_MAX_VCPUS turns */
        twice |= once & w->enable[i];
        once |= w->enable[i];
        if ((p->on & ((uint32_t)1 << i)) != 0U) {
            uint32_t mine = w->enable[i] & armed & ~want; /* the lowest vCPU has it */

            want |= mine;
            move[i] = mine & ~w->routed[i];
            moved |= move[i];
        }
    }
    disable(w, word, w->phys_en & may & (moved | ~want));
    for (uint32_t i = 0; moved != 0U && i < p->vm->nr_vcpus; i++) { /* at most VM_MAX_VCPUS turns */
        if (move[i] != 0U) {
            route(p, word, move[i], i);
        }
    }
    enable(w, word, want & ~w->phys_en);
    w->sole = w->phys_en & once & ~twice & (w->prio[0] | w->prio[1] | w->prio[2]);
}

void vplic_complete(struct vplic *p, uint32_t source)
{
    struct vplic_word *w = &p->word[source / 32U];
    uint32_t bit = vplic_bit(source);

    arch_ops.irqc.deactivate(IRQC_INTID(source)); /* before anything disables it */
    w->service &= ~bit;
    if ((w->late & bit) != 0U) {
        w->late &= ~bit;
        vplic_sync(p, source / 32U, bit);
    }
}

/* A source that the vCPU's CPU has claimed is enabled and routed there until it is completed. It may not be so yet:
 * another CPU of the VM may have disabled or routed it elsewhere since the claim. Nobody else can have claimed it. */
static void hold(struct vplic *p, const struct vcpu *v, uint32_t source)
{
    uint32_t word = source / 32U;
    struct vplic_word *w = &p->word[word];
    uint32_t bit = vplic_bit(source);

    w->service |= bit;
    if ((w->routed[v->index] & w->phys_en & bit) == 0U) {
        w->late |= bit;
        if ((w->routed[v->index] & bit) == 0U) {
            disable(w, word, w->phys_en & bit);
            route(p, word, bit, v->index);
        }
        enable(w, word, bit & ~w->phys_en);
    }
}

void vplic_take(struct vcpu *v, uint32_t intid, bool in_guest)
{
    struct vplic *p = vplic_of(v);
    uint32_t source = intid - RISCV_WIRED; /* of an INTID below 32: out of range */
    uint32_t word = source / 32U;
    uint32_t bit = vplic_bit(source);

    (void)in_guest; /* a PLIC keeps it pending for whoever claims, so it is the same */
    if (word >= VPLIC_WORDS || (p->word[word].owned & ~p->word[word].virt & bit) == 0U) {
        arch_ops.irqc.deactivate(intid);
        arch_ops.irqc.clear(IRQC_ENABLE, v->cpu, intid / 32U, bit);
        return;
    }
    spin_lock(&p->lock); /* the VM may just be ending, on another CPU */
    hold(p, v, source);
    if (p->live) {
        vplic_pend(p, word, bit);
        vplic_seek_word(p, word, bit);
    } else {
        vplic_complete(p, source); /* claimed just before the VM ended: all is as reset left it */
        p->word[word].routed[v->index] &= ~bit;
    }
    spin_unlock(&p->lock);
}

void vplic_silence(struct vplic *p)
{
    for (uint32_t words = p->words; words != 0U; words &= words - 1U) { /* at most VPLIC_WORDS turns */
        uint32_t n = vplic_lowest(words);
        struct vplic_word *w = &p->word[n];
        uint32_t physical = w->owned & ~w->virt;

        for (uint32_t left = w->service & physical; left != 0U; left &= left - 1U) { /* at most 32 turns */
            arch_ops.irqc.deactivate(IRQC_INTID(32U * n + vplic_lowest(left)));
        }
        disable(w, n, w->phys_en);
        if (physical != 0U) {
            arch_ops.irqc.clear(IRQC_PENDING, 0, IRQC_WORD(n), physical);
        }
    }
}
