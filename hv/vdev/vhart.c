/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/vhart.h"

#include "core/lifecycle.h"
#include "hv/arch_ops.h"
#include "lib/string.h"

/*
 * Software interrupts on their way to a vCPU. A bit of `sent` is one that hvip does not show yet: set by siblings,
 * taken by the owner alone, so that none is lost while the guest itself clears sip.SSIP without an exit. Which bit it
 * is tells for which life of the vCPU, so that what a sibling is late with does not get into the next one. The
 * words of one VM fill a cache line: no VM waits for another's.
 */
struct ipis {
    _Alignas(64) atomic32_t sent[VM_MAX_VCPUS];
    atomic32_t lives[VM_MAX_VCPUS]; /* how often it has stopped */
};
static __attribute__((section(".noinit.ipis"))) struct ipis ipis[HV_MAX_VMS];

void vhart_init_all(void)
{
    mem_zero(ipis, nr_vms * sizeof(ipis[0]));
}

static uint32_t bit_of(const struct ipis *q, uint64_t vcpu)
{
    return (uint32_t)1 << (atomic32_load(&q->lives[vcpu]) % 32U);
}

static bool take(const struct vcpu *v)
{
    struct ipis *q = &ipis[v->vm->index];
    uint64_t vcpu = v->index;

    return (atomic32_xchg(&q->sent[vcpu], 0) & bit_of(q, vcpu)) != 0U;
}

static bool is_on(const struct vcpu *v)
{
    return atomic32_load(&v->state) == (uint32_t)VCPU_ON;
}

/* The bit is known before it is found to be on: at worst it was off, or another life, in this moment. One that was set already announces
 * this IPI, too: whoever set it sends the request behind it. */
static inline void send(const struct vcpu *from, struct vcpu *to, struct ipis *q, uint64_t vcpu)
{
    uint32_t bit = bit_of(q, vcpu);

    if (to == from) {
        arch_ops.virq.set(HVIP_VSSIP);
    } else if (is_on(to)) {
        if ((atomic32_or(&q->sent[vcpu], bit) & bit) == 0U) { /* else it is on its way */
            vcpu_request(to, VCPU_REQ_VIRQ); /* behind the word: who takes the request sees it */
        }
    } else {
        /* a hart that is not started takes no interrupt, and begins with none */
    }
}

void vhart_send_ipi(struct vcpu *from, uint32_t vcpus)
{
    struct vm *vm = from->vm;
    struct ipis *q = &ipis[vm->index];
    uint64_t set = vcpus & (((uint64_t)1 << vm->nr_vcpus) - 1U);

    for (uint64_t i = 0; set != 0U; i++) { /* at most VM_MAX_VCPUS turns */
        if ((set & 1U) != 0U) {
            send(from, &vm->vcpus[i], q, i);
        }
        set >>= 1;
    }
}

void vhart_serve(struct vcpu *v)
{
    if (take(v)) {
        arch_ops.virq.set(HVIP_VSSIP);
    }
}

bool vhart_clear_ipi(struct vcpu *v)
{
    bool was = (arch_ops.virq.pending() & HVIP_VSSIP) != 0U;
    was = take(v) || was;
    arch_ops.virq.clear(HVIP_VSSIP);
    return was;
}

void vhart_set_timer(struct vcpu *v, uint64_t when)
{
    if (arch_ops.virq.has_sstc()) {
        arch_ops.virq.timer(when);
        return;
    }
    v->isa.timer = when;
    if (when > arch_ops.timer.now()) {
        arch_ops.virq.clear(HVIP_VSTIP);
        arch_ops.virq.timer(when);
    } else {
        arch_ops.virq.timer(UINT64_MAX); /* it has come: no interrupt is needed to find that out */
        arch_ops.virq.set(HVIP_VSTIP);
    }
}

void vhart_timer_came(struct vcpu *v)
{
    if (arch_ops.virq.has_sstc()) {
        return; /* the guest has the comparator itself */
    }
    if (arch_ops.timer.now() >= v->isa.timer) {
        arch_ops.virq.set(HVIP_VSTIP);
    } else {
        arch_ops.virq.timer(v->isa.timer); /* it was under way for a time that has been replaced since */
    }
}

void vhart_reset(struct vcpu *v)
{
    v->isa.timer = UINT64_MAX;
    arch_ops.virq.timer(UINT64_MAX);
    arch_ops.virq.clear(HVIP_VSSIP | HVIP_VSTIP);
    if (is_on(v)) {
        /* It starts. What is there was sent to a hart that was seen to be started, maybe in this very moment, and the
         * request with it may have been dropped already (run_wait_start). */
        vhart_serve(v);
    } else {
        (void)atomic32_add(&ipis[v->vm->index].lives[v->index], 1); /* what is under way is for nobody now; the next start takes it away */
    }
}
