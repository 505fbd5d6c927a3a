/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who goes on, and when it is: random numbers, clocks and the choice of the next core. All cores are one domain, unless
 * a test parts them (sim_domains_begin); then each domain has a stream of random numbers and a clock of its own, so
 * that
 * what happens in it is the same whatever the others do, as long as they do nothing to it.
 */
#include <string.h>

#include "sim/internal.h"

#define NOBODY  UINT32_MAX
#define NEVER   UINT64_MAX
#define LOCKS   256U
#define SLOWNESS 64U

static struct domain {
    uint64_t random;
    uint64_t now;
    struct core *stalled; /* waits at a lock behind cores of other domains alone, or is aside */
    const void *stalled_at; /* NULL: aside */
    bool aside;
} domains[SIM_MAX_CPUS];
static unsigned nr_domains;
static unsigned domain_of[SIM_MAX_CPUS + 1U]; /* the host's is 0 */
static uint64_t between;
static uint64_t total;
static const void *shared[SIM_MAX_SHARED];
static const void *aside[SIM_MAX_SHARED];
static unsigned uart; /* the domain of the board's UART */
static uint32_t slow;

/* Who has a lock, and who waits for it, in the order of their tickets. */
static struct lock {
    const void *addr;
    unsigned holder;
    unsigned queue[SIM_MAX_CPUS];
    unsigned waiting;
} locks[LOCKS];
static const void *last_lock, *last_word;

void sim_domain_reset(void)
{
    memset(domains, 0, sizeof(domains));
    memset(domain_of, 0, sizeof(domain_of));
    memset(locks, 0, sizeof(locks));
    memset(aside, 0, sizeof(aside));
    uart = 0;
    slow = 0;
    nr_domains = 1;
    total = 0;
    domains[0].random = sim_cfg.seed;
}

void sim_domains_begin(const struct sim_domains *d)
{
    uint64_t now = sim_now();
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        domains[i] = (struct domain){ .random = d->seed[i], .now = now };
        domain_of[i] = d->of[i];
    }
    memcpy(shared, d->shared, sizeof(shared));
    memcpy(aside, d->aside, sizeof(aside));
    uart = d->uart;
    slow = d->slow;
    between = d->between;
    nr_domains = 2; /* at least: they are parted */
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        nr_domains = d->of[i] >= nr_domains ? d->of[i] + 1U : nr_domains;
    }
}

static struct domain *own(void)
{
    return &domains[domain_of[sim_actor()]];
}

static uint64_t draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t sim_random(void)
{
    return draw(own()->aside ? &between : &own()->random);
}

uint64_t sim_now(void)
{
    return own()->now;
}

uint64_t sim_core_now(const struct core *c)
{
    return domains[domain_of[c->index]].now;
}

uint64_t sim_uart_now(void)
{
    return domains[uart].now;
}

uint64_t sim_domain_tick(void)
{
    own()->now += own()->aside ? 0U : 1U;
    return ++total;
}

/* ---- What is left out of a domain's run ---- */

void sim_domain_aside(bool on)
{
    struct domain *d = own();
    if (nr_domains == 1U || d->aside == on) {
        return;
    }
    d->aside = on;
    d->stalled = on ? sim_self() : NULL;
    d->stalled_at = NULL;
}

bool sim_domain_access(const void *addr)
{
    last_word = addr;
    for (unsigned i = 0; i < SIM_MAX_SHARED; i++) {
        if (aside[i] == addr && addr != NULL && !own()->aside) {
            return true;
        }
    }
    return false;
}

const void *sim_last_word(void)
{
    return last_word;
}

/* ---- Locks ---- */

static struct lock *lock_of(const void *addr)
{
    for (unsigned i = 0; i < LOCKS; i++) {
        struct lock *l = &locks[(((uintptr_t)addr >> 3) + i) % LOCKS];
        if (l->addr == NULL) {
            *l = (struct lock){ .addr = addr, .holder = NOBODY };
        }
        if (l->addr == addr) {
            return l;
        }
    }
    sim_fail("more than %u locks", LOCKS);
}

static void leave_queue(struct lock *l, unsigned actor)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->waiting; i++) {
        if (l->queue[i] != actor) {
            l->queue[n++] = l->queue[i];
        }
    }
    l->waiting = n;
}

void sim_domain_locked(const void *addr)
{
    struct lock *l = lock_of(addr);
    l->holder = sim_actor();
    last_lock = addr;
    leave_queue(l, l->holder);
    own()->stalled = NULL;
}

void sim_domain_unlocked(const void *addr)
{
    lock_of(addr)->holder = NOBODY;
}

const void *sim_last_lock(void)
{
    return last_lock;
}

/* A core of the same domain has the lock or an earlier ticket. */
static bool sibling_ahead(const struct lock *l, unsigned me)
{
    if (l->holder != NOBODY && domain_of[l->holder] == domain_of[me]) {
        return true;
    }
    for (unsigned i = 0; i < l->waiting && l->queue[i] != me; i++) {
        if (domain_of[l->queue[i]] == domain_of[me]) {
            return true;
        }
    }
    return false;
}

void sim_domain_wait(const void *addr)
{
    unsigned me = sim_actor();
    struct lock *l = lock_of(addr);
    bool queued = false, may = false;
    for (unsigned i = 0; i < l->waiting; i++) {
        queued = queued || l->queue[i] == me;
    }
    if (!queued) {
        l->queue[l->waiting++] = me;
    }
    if (sibling_ahead(l, me)) {
        sim_yield_to_others();
        return;
    }
    for (unsigned i = 0; i < SIM_MAX_SHARED; i++) {
        may = may || shared[i] == addr;
    }
    if (!may) {
        sim_fail("CPU %u waits at a lock that its domain shares with nobody, for CPU %u of another", me,
                 l->holder != NOBODY ? l->holder : l->queue[0]);
    }
    own()->stalled = sim_self();
    own()->stalled_at = addr;
    sim_leave();
}

/* ---- Who goes on ---- */

static unsigned ready(unsigned domain, struct core **cores)
{
    unsigned n = 0;
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        struct core *c = &sim_cores[i];
        if (domain_of[i] != domain) {
            continue;
        }
        if (c->state == CORE_WAITING && c->wake(c)) {
            c->state = CORE_READY;
        }
        if (c->state == CORE_READY) {
            cores[n++] = c;
        }
    }
    return n;
}

/* When the next timer of a core in the domain fires, or its UART has room again. */
static uint64_t next_timer(unsigned domain)
{
    uint64_t now = domains[domain].now;
    uint64_t next = domain == uart && sim_uart_next() > now ? sim_uart_next() : NEVER;
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        const uint64_t times[] = { sim_cores[i].timer, sim_cores[i].alarm };
        for (unsigned k = 0; domain_of[i] == domain && k < ARRAY_SIZE(times); k++) {
            next = times[k] > now && times[k] < next ? times[k] : next;
        }
    }
    return next;
}

static bool can_go_on(unsigned domain)
{
    struct core *cores[SIM_MAX_CPUS];
    const struct domain *d = &domains[domain];
    if (d->aside) {
        return true;
    }
    if (d->stalled != NULL) {
        const struct lock *l = lock_of(d->stalled_at);
        return l->holder == NOBODY && l->queue[0] == d->stalled->index;
    }
    return ready(domain, cores) != 0U || next_timer(domain) != NEVER;
}

static struct core *pick_in(unsigned domain)
{
    struct core *cores[SIM_MAX_CPUS];
    struct domain *d = &domains[domain];
    if (d->stalled != NULL) {
        return d->stalled;
    }
    unsigned n = ready(domain, cores);
    return n == 0U ? NULL : cores[draw(&d->random) % n];
}

/* NOBODY: none can ever go on. */
static unsigned pick_domain(void)
{
    unsigned able[SIM_MAX_CPUS], n = 0;
    if (nr_domains == 1U) {
        return 0;
    }
    for (unsigned i = 0; i < nr_domains; i++) {
        if (can_go_on(i)) {
            able[n++] = i;
        }
    }
    unsigned d = n == 0U ? NOBODY : able[draw(&between) % n];
    while (n > 1U && ((slow >> d) & 1U) != 0U && draw(&between) % SLOWNESS != 0U) {
        d = able[draw(&between) % n];
    }
    return d;
}

struct core *sim_domain_pick(void)
{
    for (;;) { /* each turn runs a core or lets a timer fire */
        unsigned d = pick_domain();
        struct core *c = d == NOBODY ? NULL : pick_in(d);
        if (d == NOBODY || c != NULL) {
            return c;
        }
        if (next_timer(d) == NEVER) {
            return NULL;
        }
        domains[d].now = next_timer(d); /* everybody in it waits: its time passes */
    }
}
