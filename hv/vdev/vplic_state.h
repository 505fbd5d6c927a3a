/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of the virtual PLIC, shared by vplic*.c alone.
 *
 * Where the truth is. A source's gateway forwards a request to the PLIC core, and no other until that one is completed.
 * For a physical source the gateway is the physical one: `service` says that its request was claimed there. Until then
 * the request is pending at the physical PLIC, and a guest that reads its pending bits sees it there. A virtual source
 * (vplic_add_virtual) has its gateway here: `line` and `service`.
 *
 * The physical PLIC drops a completion that comes for a source which is not enabled on the context that claimed. So,
 * while a physical source is in service, phys_en and its route do not change; what the guest asked for meanwhile comes
 * into force at the completion (vplic_sync).
 */
#ifndef HV_VDEV_VPLIC_STATE_H
#define HV_VDEV_VPLIC_STATE_H

#include "core/vm.h"
#include "hv/isa.h"
#include "lib/atomic.h"
#include "vdev/mmio.h"

#define VPLIC_WORDS     32U /* 1024 sources, of which 0 does not exist */
#define VPLIC_SOURCES   (32U * VPLIC_WORDS)
#define VPLIC_PRIO_BITS 3U

/* One word of 32 sources. Under vplic.lock, but `owned`, `virt` and `bell`, constant. */
struct vplic_word {
    uint32_t owned;   /* sources that exist for the guest */
    uint32_t virt;    /* of those, the virtual ones */
    uint32_t bell;    /* of those, the doorbells */
    uint32_t line;    /* virtual ones: what vplic_set_line said last; doorbells: an edge that has not been forwarded yet */
    uint32_t pending; /* forwarded to the virtual PLIC's core, and not claimed since */
    uint32_t late;    /* of those in service, the ones whose enable or route may have to change when they are completed */
    uint32_t service; /* forwarded by the gateway (physical ones: claimed at the physical PLIC), not completed since */
    uint32_t phys_en; /* enabled at the physical PLIC */
    uint32_t prio[VPLIC_PRIO_BITS];  /* priorities, bit by bit */
    uint32_t enable[HV_MAX_CPUS];    /* by context */
    uint32_t routed[HV_MAX_CPUS];    /* physical ones, by the vCPU whose CPU they are routed to */
};

struct vplic {
    struct spinlock lock;
    struct vm *vm;    /* constant */
    uint32_t words;   /* bit n: word n has sources; constant */
    uint32_t bells;   /* bit n: word n has doorbells; constant */
    uint32_t ready;   /* bit n: word n may have pending sources */
    bool live;        /* a vCPU has started since the VM last ended */
    uint32_t on;      /* vCPUs that are on */
    uint32_t lines;   /* vCPUs whose VSEIP is set */
    uint32_t asked;   /* vCPUs that have been asked to look at it, and have not yet */
    uint32_t threshold[HV_MAX_CPUS]; /* by context */
    /* Doorbells, without the lock: what was rung, by whoever rings, taken by vplic_take_rings(); what is pending, and so need not be
     * rung: whoever claims it clears that first, and then reads what the other stored before it looked. */
    atomic32_t rung[VPLIC_WORDS];
    atomic32_t waiting[VPLIC_WORDS];
    struct vplic_word word[VPLIC_WORDS];
};

extern struct vplic vplics[HV_MAX_VMS];

static inline struct vplic *vplic_of(const struct vcpu *v)
{
    return v->vm->irqc;
}

static inline uint32_t vplic_bit(uint32_t source)
{
    return (uint32_t)1 << (source % 32U);
}

/* Number of the lowest bit; `set` is not 0. */
static inline uint32_t vplic_lowest(uint32_t set)
{
    return (uint32_t)__builtin_ctz(set);
}

/* The core of the PLIC has the sources, or the one was claimed. Lock held. */
static inline void vplic_pend(struct vplic *p, uint32_t word, uint32_t mask)
{
    p->word[word].pending |= mask;
    p->ready |= mask != 0U ? (uint32_t)1 << word : 0U;
}

static inline void vplic_claimed(struct vplic *p, uint32_t source)
{
    struct vplic_word *w = &p->word[source / 32U];

    w->pending &= ~vplic_bit(source);
    if (w->pending == 0U) {
        p->ready &= ~((uint32_t)1 << (source / 32U));
    }
}

/* ---- vplic_line.c: lock held ---- */

/* The pending and enabled source that a context would claim: of the highest priority the lowest number; 0 if there is
 * none with a priority above 0. *prio is its priority, or 0. */
uint32_t vplic_best(const struct vplic *p, unsigned context, uint32_t *prio);

/* Brings VSEIP of a vCPU in line with its context: at once if it is the calling CPU's, else it is asked to. */
void vplic_drive(struct vplic *p, unsigned vcpu);

/* The same for all vCPUs for which a source of `mask` is enabled. */
void vplic_drive_word(struct vplic *p, uint32_t word, uint32_t mask);

/* The gateways of the doorbells take what was rung since the last call. */
void vplic_take_rings(struct vplic *p);

/* The gateways of the virtual sources of `mask` whose line is high forward a request, unless the last is not completed;
 * the lines of the vCPUs follow. */
void vplic_forward(struct vplic *p, uint32_t word, uint32_t mask);

/* ---- vplic_phys.c: lock held ---- */

/* Brings enables and routes of the physical sources of `mask` in line with the guest's, but of those in service. */
void vplic_sync(struct vplic *p, uint32_t word, uint32_t mask);

/* A physical source in service is completed; how it is to be enabled and routed from now on comes into force. */
void vplic_complete(struct vplic *p, uint32_t source);

/* All physical sources of the VM: completed, disabled and not pending. */
void vplic_silence(struct vplic *p);

/* ---- vplic_regs.c: takes the lock ---- */

/* Guest access at an offset of the frame. */
void vplic_access(struct vcpu *v, uint32_t offset, const struct exit_mmio *a, uint64_t *val);

#endif
