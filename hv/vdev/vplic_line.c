/* SPDX-License-Identifier: Apache-2.0 */
/* Which source a context is to be told of, and the line to its vCPU (PLIC 1.0.0, Interrupt Notifications). */
#include "vdev/vplic.h"
#include "vdev/vplic_state.h"

#include "core/lifecycle.h"
#include "hv/arch_ops.h"

/* The highest priority among the sources of `set`, which is not empty; of those that have it the lowest is *bit. */
static uint32_t highest(const struct vplic_word *w, uint32_t set, uint32_t *bit)
{
    uint32_t left = set;
    uint32_t prio = 0;

#pragma GCC unroll 3
    for (uint32_t b = VPLIC_PRIO_BITS; b != 0U; b--) {
        uint32_t have = left & w->prio[b - 1U];

        prio = 2U * prio + (have != 0U ? 1U : 0U);
        left = have != 0U ? have : left;
    }
    *bit = vplic_lowest(left);
    return prio;
}

uint32_t vplic_best(const struct vplic *p, unsigned context, uint32_t *prio)
{
    uint32_t source = 0;

    *prio = 0;
    for (uint32_t words = p->ready; words != 0U; words &= words - 1U) { /* at most VPLIC_WORDS turns */
        uint32_t n = vplic_lowest(words);
        const struct vplic_word *w = &p->word[n];
        uint32_t set = w->pending & w->enable[context];
        uint32_t bit = 0;
        uint32_t here = set != 0U ? highest(w, set, &bit) : 0U;

        if (here > *prio) { /* an equal one in an earlier word has the lower number */
            *prio = here;
            source = 32U * n + bit;
        }
    }
    return source;
}

void vplic_drive(struct vplic *p, unsigned vcpu)
{
    struct vcpu *v = &p->vm->vcpus[vcpu];
    uint32_t self = (uint32_t)1 << vcpu;
    uint32_t prio;

    if ((p->on & self) == 0U) {
        return;
    }
    (void)vplic_best(p, vcpu, &prio);
    bool line = prio > p->threshold[vcpu];

    if (line == ((p->lines & self) != 0U)) {
        return; /* what it may have been asked for has passed: it finds nothing to do */
    }
    if (v->cpu != arch_ops.cpu.id()) {
        if ((p->asked & self) == 0U) {
            p->asked |= self;
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

void vplic_drive_word(struct vplic *p, uint32_t word, uint32_t mask)
{
    for (uint32_t i = 0; i < p->vm->nr_vcpus; i++) { /* at most HV_MAX_CPUS turns */
        if ((p->word[word].enable[i] & mask) != 0U) {
            vplic_drive(p, i);
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
    vplic_drive_word(p, word, sent);
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
