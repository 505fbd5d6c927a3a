/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A physical interrupt as most are, from its arrival to its completion, in as few steps as there may be and without a call: nothing else
 * is pending as it arrives (`ready`), it is enabled for the context of the vCPU alone to whose CPU it came (`sole`, `routed`), and until it
 * is claimed nothing changes: whatever does clears `only`. So no other context has it, and no other vCPU's line is up. What is not so
 * is left to the others, which have the rules (vplic_regs.c); nothing has been done then.
 */
#include "vdev/vplic.h"
#include "vdev/vplic_state.h"

bool vplic_take_armed(const struct vcpu *v, uint32_t intid)
{
    struct vplic *p = vplic_of(v);
    uint64_t source = (uint64_t)intid - RISCV_WIRED; /* of an INTID below 32: out of range, as is that of IRQC_NONE */
    uint32_t at = intid % 32U;
    bool simple;

    if (source >= IRQC_NONE - RISCV_WIRED) {
        return false;
    }
    struct vplic_word *w = &p->word[source / 32U];
    const uint32_t *routed = &w->routed[0];

    spin_lock(&p->lock);
    simple = p->ready == 0U && (((w->sole & routed[v->index]) >> at) & 1U) != 0U;
    if (simple) {
        uint32_t prio = vplic_prio(w, at);
        uint32_t key = VPLIC_KEY(prio, (uint32_t)source);

        w->service |= (uint32_t)1 << at;
        w->pending = (uint32_t)1 << at;
        p->ready = (uint32_t)1 << (source / 32U);
        p->only = key;
        p->top[v->index] = key;
        if (prio > p->threshold[v->index]) {
            p->lines = (uint32_t)1 << v->index;
            arch_ops.virq.set(HVIP_VSEIP);
        }
    }
    spin_unlock(&p->lock);
    return simple;
}

static inline bool is_own(const struct vplic *p, const struct vcpu *v, uint64_t ipa)
{
    return ipa == p->claims + (uint64_t)v->index * VPLIC_CONTEXT_STRIDE;
}

bool vplic_claim_armed(const struct vcpu *v, uint64_t ipa, uint32_t *val)
{
    struct vplic *p = vplic_of(v);

    if (!is_own(p, v, ipa)) {
        return false;
    }
    spin_lock(&p->lock);
    uint32_t key = p->top[v->index];
    uint32_t source = key != 0U && key == p->only ? VPLIC_KEY_SOURCE(key) : 0U;

    if (source != 0U) {
        p->word[source / 32U].pending = 0;
        p->ready = 0;
        p->only = 0;
        p->top[v->index] = 0;
        p->lines = 0;
        arch_ops.virq.clear(HVIP_VSEIP);
    }
    spin_unlock(&p->lock);
    *val = source;
    return source != 0U;
}

/* Of a source that has been claimed and is enabled for this context. What was changed meanwhile comes into force elsewhere, and so do new
 * requests of a virtual one. */
__attribute__((flatten)) bool vplic_complete_armed(const struct vcpu *v, uint64_t ipa, uint32_t val)
{
    struct vplic *p = vplic_of(v);
    uint32_t bit = vplic_bit(val);
    bool simple;

    if (!is_own(p, v, ipa) || val >= VPLIC_SOURCES) {
        return false;
    }
    struct vplic_word *w = &p->word[val / 32U];

    spin_lock(&p->lock);
    simple = (w->enable[v->index] & w->service & ~(w->pending | w->late | w->virt) & bit) != 0U;
    if (simple) {
        w->service &= ~bit;
        arch_ops.irqc.deactivate(val + RISCV_WIRED);
    }
    spin_unlock(&p->lock);
    return simple;
}
