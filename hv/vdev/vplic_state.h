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
 *
 * What a context would claim is known at all times (`top`), so that the exits of an interrupt look for nothing.
 */
#ifndef HV_VDEV_VPLIC_STATE_H
#define HV_VDEV_VPLIC_STATE_H

#include "core/vm.h"
#include "hv/arch_ops.h"
#include "lib/atomic.h"

#define VPLIC_WORDS     32U /* 1024 sources, of which 0 does not exist */
#define VPLIC_SOURCES   (32U * VPLIC_WORDS)
#define VPLIC_PRIO_BITS 3U

/* Registers of a context (PLIC 1.0.0, Memory Map). */
#define VPLIC_CONTEXT_BASE   0x200000U /* VPLIC_CONTEXT_STRIDE bytes for each */
#define VPLIC_CONTEXT_STRIDE 0x1000U
#define VPLIC_THRESHOLD      0U
#define VPLIC_CLAIM          4U

/* One word of 32 sources. Under vplic.lock, but the first three, which are constant and read without it. */
struct vplic_word {
    uint32_t owned;   /* sources that exist for the guest */
    uint32_t virt;    /* of those, the virtual ones */
    uint32_t bell;    /* of those, the doorbells */
    uint32_t line;    /* virtual ones: what vplic_set_line said last; doorbells: an edge that has not been forwarded yet */
    uint32_t pending; /* forwarded to the virtual PLIC's core, and not claimed since */
    uint32_t sole;    /* physical ones that are enabled for one context alone, with a priority above 0, and at the physical PLIC */
    uint32_t late;    /* of those in service, the ones whose enable or route may have to change when they are completed */
    uint32_t service; /* forwarded by the gateway (physical ones: claimed at the physical PLIC), not completed since */
    uint32_t phys_en; /* enabled at the physical PLIC */
    uint32_t prio[VPLIC_PRIO_BITS];  /* priorities, bit by bit */
    uint32_t enable[VM_MAX_VCPUS];    /* by context */
    uint32_t routed[VM_MAX_VCPUS];    /* physical ones, by the vCPU whose CPU they are routed to */
};

struct vplic {
    struct spinlock lock;
    struct vm *vm;    /* constant, as are the next four */
    uint64_t base;    /* of its frame: guest-physical address and size */
    uint64_t size;
    uint64_t claims;  /* address of context 0's claim and completion register */
    uint32_t contexts; /* as many as vCPUs */
    uint32_t words;   /* bit n: word n has sources; constant */
    uint32_t bells;   /* bit n: word n has doorbells; constant */
    uint32_t ready;   /* bit n: word n may have pending sources */
    uint32_t only;    /* VPLIC_KEY of the source that vplic_take_armed() took, if nothing has changed since; or 0 (vplic_armed.c) */
    bool live;        /* a vCPU has started since the VM last ended */
    uint32_t on;      /* vCPUs that are on */
    uint32_t lines;   /* vCPUs whose VSEIP is set */
    /* By context, VPLIC_KEY of the pending and enabled source that it would claim; 0: there is none with a priority above 0. Whatever
     * changes what it depends on brings it up to date before the lock is released. */
    _Alignas(8) uint32_t top[VM_MAX_VCPUS];
    uint32_t threshold[VM_MAX_VCPUS]; /* by context */
    atomic32_t asked; /* vCPUs that have been asked to look at it, and have not yet; written under the lock, or by the vCPU's own CPU */
    /* Doorbells, without the lock: what was rung, by whoever rings, taken by vplic_take_rings(); what is pending, and so need not be
     * rung: whoever claims it clears that first, and then reads what the other stored before it looked. */
    atomic32_t rung[VPLIC_WORDS];
    atomic32_t waiting[VPLIC_WORDS];
    struct vplic_word word[VPLIC_WORDS];
};

extern struct vplic *vplics; /* by VM, as many as the plan has; constant after boot */

static inline struct vplic *vplic_of(const struct vcpu *v)
{
    return v->vm->irqc;
}

static inline uint32_t vplic_bit(uint32_t source)
{
    return (uint32_t)1 << (source % 32U);
}

/* Of two sources the one with the larger key is claimed first: that of the higher priority, then of the lower number. */
#define VPLIC_KEY(prio, source) (((prio) << 10) | (VPLIC_SOURCES - 1U - (source)))
#define VPLIC_KEY_PRIO(key)     ((key) >> 10)
#define VPLIC_KEY_SOURCE(key)   (~(key) % VPLIC_SOURCES)

/* Number of the lowest bit; `set` is not 0. */
static inline uint32_t vplic_lowest(uint32_t set)
{
    return (uint32_t)__builtin_ctz(set);
}

/* Priority of a source of a word. Lock held. */
static inline uint32_t vplic_prio(const struct vplic_word *w, uint32_t source)
{
    uint32_t at = source % 32U;

    return ((w->prio[0] >> at) & 1U) | (((w->prio[1] >> at) & 1U) << 1) | (((w->prio[2] >> at) & 1U) << 2);
}

/* The core of the PLIC has the sources, or the one was claimed. Lock held. */
static inline void vplic_pend(struct vplic *p, uint32_t word, uint32_t mask)
{
    p->only = 0;
    p->word[word].pending |= mask;
    p->ready |= mask != 0U ? (uint32_t)1 << word : 0U;
}

static inline void vplic_claimed(struct vplic *p, uint32_t source)
{
    struct vplic_word *w = &p->word[source / 32U];

    p->only = 0;
    w->pending &= ~vplic_bit(source);
    if (w->pending == 0U) {
        p->ready &= ~((uint32_t)1 << (source / 32U));
    }
}

/* A source is claimed. If it is a doorbell, whoever rings it from now on has to say so; and with the fence of whoever rings: if it saw the
 * doorbell pending, the guest sees what it stored. */
static inline void vplic_silent(struct vplic *p, uint32_t source)
{
    if ((p->word[source / 32U].bell & vplic_bit(source)) != 0U) {
        (void)atomic32_and(&p->waiting[source / 32U], ~vplic_bit(source));
        arch_ops.cpu.fence();
    }
}

/* ---- vplic_line.c: lock held ---- */

/* Brings VSEIP of a vCPU in line with its context: at once if it is the calling CPU's, else it is asked to. */
__attribute__((noinline)) void vplic_drive(struct vplic *p, uint32_t vcpu);

/* What a context would claim has changed: it is looked for, and the line follows. */
void vplic_seek(struct vplic *p, uint32_t context);

/* The same for all contexts for which a source of `mask` is enabled. */
__attribute__((noinline)) void vplic_seek_word(struct vplic *p, uint32_t word, uint32_t mask);

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

/* Guest access to an aligned word at an offset of the frame. */
uint32_t vplic_read(struct vplic *p, uint32_t offset);
void vplic_write(struct vplic *p, uint32_t offset, uint32_t val);

#endif
