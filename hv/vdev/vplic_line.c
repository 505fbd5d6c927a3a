/* SPDX-License-Identifier: Apache-2.0 */
/* Which source a context is to be told of, and the line to its vCPU (PLIC 1.0.0, Interrupt Notifications). */
#include "vdev/vplic.h"
#include "vdev/vplic_state.h"

#include "core/lifecycle.h"
#include "hv/arch_ops.h"

/* Of the sources of `set`, some of word n, the key of the one that is claimed first; 0 if none has a priority above 0. */
static uint32_t highest(const struct vplic_word *w, uint32_t n, uint32_t set)
{
    uint32_t left = set;
    uint32_t prio = 0;

#pragma GCC unroll 3
    for (uint32_t b = VPLIC_PRIO_BITS; b != 0U; b--) {
        uint32_t have = left & w->prio[b - 1U];

        prio = 2U * prio + (have != 0U ? 1U : 0U);
        left = have != 0U ? have : left;
    }
    return prio != 0U ? VPLIC_KEY(prio, 32U * n + vplic_lowest(left)) : 0U;
}

void vplic_drive(struct vplic *p, uint32_t vcpu)
{
    uint32_t self = (uint32_t)1 << vcpu;
    bool line = VPLIC_KEY_PRIO(p->top[vcpu]) > p->threshold[vcpu];

    p->only = 0;
    if ((p->on & self) == 0U || line == ((p->lines & self) != 0U)) {
        return; /* what it may have been asked for has passed: it finds nothing to do */
    }
    struct vcpu *v = &p->vm->vcpus[vcpu];

    if (v->cpu != arch_ops.cpu.id()) {
        if ((atomic32_or(&p->asked, self) & self) == 0U) {
            vcpu_request(v, VCPU_REQ_VIRQ);
        }
    } else if (line) {
        p->lines |= self;
        arch_ops.virq.set(HVIP_VSEIP);
    } else {
        p->lines &= ~self;
        arch_ops.virq.clear(HVIP_VSEIP);
    }
}

void vplic_seek(struct vplic *p, uint32_t context)
{
    uint32_t top = 0;

    for (uint32_t words = p->ready; words != 0U; words &= words - 1U) { /* at most VPLIC_WORDS turns */
        uint32_t n = vplic_lowest(words);
        const struct vplic_word *w = &p->word[n];
        uint32_t set = w->pending & w->enable[context];
        uint32_t key = set != 0U ? highest(w, n, set) : 0U;

        top = key > top ? key : top;
    }
    p->top[context] = top;
    vplic_drive(p, context);
}

void vplic_seek_word(struct vplic *p, uint32_t word, uint32_t mask)
{
    for (uint32_t i = 0; i < p->vm->nr_vcpus; i++) { /* at most VM_MAX_VCPUS turns */
        if ((p->word[word].enable[i] & mask) != 0U) {
            vplic_seek(p, i);
        }
    }
}

void vplic_forward(struct vplic *p, uint32_t word, uint32_t mask)
{
    struct vplic_word *w = &p->word[word];
    uint32_t sent = w->line & mask & ~w->service;

    w->service |= sent;
    vplic_pend(p, word, sent);
    if ((sent & w->bell) != 0U) {
        w->line &= ~(sent & w->bell); /* an edge is forwarded once */
        (void)atomic32_or(&p->waiting[word], sent & w->bell);
    }
    vplic_seek_word(p, word, sent);
}

void vplic_take_rings(struct vplic *p)
{
    for (uint32_t bells = p->bells; bells != 0U; bells &= bells - 1U) { /* at most VPLIC_WORDS turns */
        uint32_t n = vplic_lowest(bells);
        struct vplic_word *w = &p->word[n];

        if (atomic32_load(&p->rung[n]) != 0U) {
            uint32_t rung = atomic32_xchg(&p->rung[n], 0);

            w->line |= rung & w->bell & ~w->pending; /* whoever claims what is pending sees it then */
            vplic_forward(p, n, rung);
        }
    }
}

void vplic_ring(struct vm *vm, uint32_t intid)
{
    struct vplic *p = &vplics[vm->index];
    uint32_t word = intid / 32U - 1U; /* of an INTID below 32: out of range */

    uint32_t bit = vplic_bit(intid);

    if (word < VPLIC_WORDS && (atomic32_load(&p->waiting[word]) & bit) == 0U && (atomic32_or(&p->rung[word], bit) & bit) == 0U) {
        vcpu_request(&vm->vcpus[0], VCPU_REQ_VIRQ);
    }
}

void vplic_set_line(struct vm *vm, uint32_t intid, bool level)
{
    struct vplic *p = &vplics[vm->index];
    uint32_t word = intid / 32U - 1U; /* of an INTID below 32: out of range */

    if (word >= VPLIC_WORDS) {
        return;
    }
    struct vplic_word *w = &p->word[word];
    uint32_t bit = vplic_bit(intid) & w->virt;

    spin_lock(&p->lock);
    w->line = level ? w->line | bit : w->line & ~bit;
    vplic_forward(p, word, bit);
    spin_unlock(&p->lock);
}
