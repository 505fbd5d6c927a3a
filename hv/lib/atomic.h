/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomics and spin locks: the only door to data that two CPUs share. On the target they are plain C11; in the host
 * build every operation is also a possible context switch and an event for the race detector (sim/race.c).
 *
 * Ordering: loads acquire, stores release, read-modify-writes are acq_rel. Nothing weaker is offered, since the
 * simulator could not show that it is right; counter64_t orders nothing, and the race detector takes no order from it.
 *
 * Lock order (take downwards, never upwards): vm.lock, vconsole.lock, the lock of the VM's interrupt controller (vgic.lock,
 * vplic.lock, vaplic.lock), what its ops need (trigger_lock of vdev/vgic_conf.c; enables[].lock of arch/riscv/plic.c),
 * log.lock. drain_lock (core/console_serve.c) is taken alone.
 */
#ifndef HV_LIB_ATOMIC_H
#define HV_LIB_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t v;
} atomic32_t;

typedef struct {
    uint64_t v;
} atomic64_t;

/* Counted up by one CPU alone, read by any: what is read is a value that it had. */
typedef struct {
    uint64_t v;
} counter64_t;

/* A ticket lock: first come, first served, so no CPU waits longer than HV_MAX_CPUS - 1 critical sections. */
struct spinlock {
    atomic32_t next;
    atomic32_t owner;
};

#ifdef HV_SIM
/* sim/race.c: called before (yield) and after (event) each operation on `addr`. */
enum sim_sync { SIM_SYNC_LOAD, SIM_SYNC_STORE, SIM_SYNC_RMW, SIM_SYNC_LOCK, SIM_SYNC_UNLOCK };
void sim_sync_before(const void *addr, enum sim_sync what);
void sim_sync_after(const void *addr, enum sim_sync what);
void sim_spin_wait(const void *addr);
#define SYNC_BEFORE(a, w) sim_sync_before((a), (w))
#define SYNC_AFTER(a, w)  sim_sync_after((a), (w))
#define SPIN_WAIT(a)      sim_spin_wait(a)
#else
#define SYNC_BEFORE(a, w) ((void)0)
#define SYNC_AFTER(a, w)  ((void)0)
#define SPIN_WAIT(a)      ((void)(a))
#endif

/* One instruction on the target (RISC-V: and a fence), which a call would not be. */
#define ATOMIC_INLINE static inline __attribute__((always_inline))

#define HV_ATOMIC_DEFINE(bits)                                                                               \
    ATOMIC_INLINE uint##bits##_t atomic##bits##_load(const atomic##bits##_t *a)                              \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_LOAD);                                                                       \
        uint##bits##_t v = __atomic_load_n(&a->v, __ATOMIC_ACQUIRE);                                         \
        SYNC_AFTER(a, SIM_SYNC_LOAD);                                                                        \
        return v;                                                                                            \
    }                                                                                                        \
    ATOMIC_INLINE void atomic##bits##_store(atomic##bits##_t *a, uint##bits##_t v)                           \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_STORE);                                                                      \
        __atomic_store_n(&a->v, v, __ATOMIC_RELEASE);                                                        \
        SYNC_AFTER(a, SIM_SYNC_STORE);                                                                       \
    }                                                                                                        \
    static inline uint##bits##_t atomic##bits##_or(atomic##bits##_t *a, uint##bits##_t v)                    \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_RMW);                                                                        \
        uint##bits##_t old = __atomic_fetch_or(&a->v, v, __ATOMIC_ACQ_REL);                                  \
        SYNC_AFTER(a, SIM_SYNC_RMW);                                                                         \
        return old;                                                                                          \
    }                                                                                                        \
    static inline uint##bits##_t atomic##bits##_and(atomic##bits##_t *a, uint##bits##_t v)                   \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_RMW);                                                                        \
        uint##bits##_t old = __atomic_fetch_and(&a->v, v, __ATOMIC_ACQ_REL);                                 \
        SYNC_AFTER(a, SIM_SYNC_RMW);                                                                         \
        return old;                                                                                          \
    }                                                                                                        \
    static inline uint##bits##_t atomic##bits##_add(atomic##bits##_t *a, uint##bits##_t v)                   \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_RMW);                                                                        \
        uint##bits##_t old = __atomic_fetch_add(&a->v, v, __ATOMIC_ACQ_REL);                                 \
        SYNC_AFTER(a, SIM_SYNC_RMW);                                                                         \
        return old;                                                                                          \
    }                                                                                                        \
    static inline uint##bits##_t atomic##bits##_xchg(atomic##bits##_t *a, uint##bits##_t v)                  \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_RMW);                                                                        \
        uint##bits##_t old = __atomic_exchange_n(&a->v, v, __ATOMIC_ACQ_REL);                                \
        SYNC_AFTER(a, SIM_SYNC_RMW);                                                                         \
        return old;                                                                                          \
    }                                                                                                        \
    /* True if *a was `expect` and is now `v`. */                                                            \
    static inline bool atomic##bits##_cas(atomic##bits##_t *a, uint##bits##_t expect, uint##bits##_t v)      \
    {                                                                                                        \
        SYNC_BEFORE(a, SIM_SYNC_RMW);                                                                        \
        bool ok = __atomic_compare_exchange_n(&a->v, &expect, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); \
        SYNC_AFTER(a, SIM_SYNC_RMW);                                                                         \
        return ok;                                                                                           \
    }

HV_ATOMIC_DEFINE(32)
HV_ATOMIC_DEFINE(64)

/* Read by who holds the lock that all hold who write it: in order by the lock alone. */
static inline uint32_t atomic32_locked(const atomic32_t *a)
{
    return a->v;
}

static inline uint64_t counter64_read(const counter64_t *c)
{
    SYNC_BEFORE(c, SIM_SYNC_LOAD);
    return __atomic_load_n(&c->v, __ATOMIC_RELAXED);
}

/* By the one CPU that counts: a load, an add and a store, since nobody can come between them. */
static inline void counter64_step(counter64_t *c)
{
#ifdef HV_SIM
    __atomic_store_n(&c->v, __atomic_load_n(&c->v, __ATOMIC_RELAXED) + 1U, __ATOMIC_RELAXED);
#else
    volatile uint64_t *v = &c->v; /* aligned, so single-copy atomic: the compiler makes an exchange of the above on RISC-V */

    *v = *v + 1U;
#endif
}

static inline void spin_lock(struct spinlock *l)
{
    SYNC_BEFORE(l, SIM_SYNC_LOCK);
    uint32_t ticket = __atomic_fetch_add(&l->next.v, 1U, __ATOMIC_RELAXED);
    while (__atomic_load_n(&l->owner.v, __ATOMIC_ACQUIRE) != ticket) {
        SPIN_WAIT(l);
    }
    SYNC_AFTER(l, SIM_SYNC_LOCK);
}

static inline void spin_unlock(struct spinlock *l)
{
    SYNC_BEFORE(l, SIM_SYNC_UNLOCK);
    __atomic_store_n(&l->owner.v, l->owner.v + 1U, __ATOMIC_RELEASE);
    SYNC_AFTER(l, SIM_SYNC_UNLOCK);
}

/* Takes the lock if nobody holds or waits for it. */
static inline bool spin_trylock(struct spinlock *l)
{
    SYNC_BEFORE(l, SIM_SYNC_LOCK);
    uint32_t owner = __atomic_load_n(&l->owner.v, __ATOMIC_ACQUIRE);
    uint32_t expect = owner;
    bool ok = __atomic_compare_exchange_n(&l->next.v, &expect, owner + 1U, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED);
    if (ok) {
        SYNC_AFTER(l, SIM_SYNC_LOCK);
    }
    return ok;
}

#undef SYNC_BEFORE
#undef SYNC_AFTER
#undef SPIN_WAIT

#endif
