/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds data that two CPUs touch, one of them writing, with nothing that orders the two: a happens-before check with
 * vector clocks. The race build compiles hv/ with -fsanitize=thread and links no run-time of the compiler's: its hooks
 * end here. Locks and atomics (hv/lib/atomic.h) and cpu_on give order; nothing else does. In every build the locks and
 * atomics yield.
 */

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/internal.h"

#define ACTORS   (SIM_MAX_CPUS + 1U) /* the last one is the host */
#define GRANULES (1U << 17)
#define SYNCS    4096U

static uint32_t clocks[ACTORS][ACTORS]; /* clocks[a][b]: how much of b's doing a knows to be over */

static struct sync {
    uintptr_t addr;
    uint32_t clock[ACTORS];
} syncs[SYNCS];
static bool synced; /* since the reset */

struct access {
    uint32_t clock; /* 0: none */
    uint8_t mask;   /* bytes of the granule */
    uintptr_t pc;
};

static struct granule {
    uintptr_t addr; /* >> 3; 0: free */
    struct access read[ACTORS], write[ACTORS];
} *granules; /* GRANULES of them; made when the first access is seen, so only in the race build */

void sim_race_reset(void)
{
    memset(clocks, 0, sizeof(clocks));
    if (synced) {
        memset(syncs, 0, sizeof(syncs));
        synced = false;
    }
    if (granules != NULL) {
        (void)madvise(granules, GRANULES * sizeof(*granules), MADV_DONTNEED); /* zero again */
    }
    for (unsigned i = 0; i < ACTORS; i++) {
        clocks[i][i] = 1;
    }
}

/* The host's own part is read by nobody: what it touches is not looked at. */
static void join(uint32_t *into, const uint32_t *from)
{
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        into[i] = into[i] > from[i] ? into[i] : from[i];
    }
}

void sim_race_edge(unsigned from, unsigned to)
{
    if (from != to) {
        join(clocks[to], clocks[from]);
        clocks[from][from]++;
    }
}

static struct sync *sync_of(const void *addr)
{
    uintptr_t a = (uintptr_t)addr;
    for (unsigned i = 0; i < SYNCS; i++) {
        struct sync *s = &syncs[((a >> 2) + i) % SYNCS];
        if (s->addr == a) {
            return s;
        }
        if (s->addr == 0U) {
            s->addr = a;
            synced = true;
            return s;
        }
    }
    sim_fail("race: more than %u locks and atomics", SYNCS);
}

void sim_sync_before(const void *addr, enum sim_sync what)
{
    bool out = sim_domain_access(addr);
    (void)what;
    if (out) {
        sim_domain_aside(true);
    }
    sim_yield();
    if (out) {
        sim_domain_aside(false);
    }
}

void sim_sync_after(const void *addr, enum sim_sync what)
{
    unsigned me = sim_actor();
    struct sync *s = sync_of(addr);
    if (what != SIM_SYNC_STORE && what != SIM_SYNC_UNLOCK) {
        join(clocks[me], s->clock); /* acquire */
    }
    if (what != SIM_SYNC_LOAD && what != SIM_SYNC_LOCK) {
        join(s->clock, clocks[me]); /* release */
        clocks[me][me]++;
    }
    if (what == SIM_SYNC_LOCK) {
        sim_domain_locked(addr);
    } else if (what == SIM_SYNC_UNLOCK) {
        sim_domain_unlocked(addr);
    }
}

void sim_spin_wait(const void *addr)
{
    if (sim_actor() == SIM_HOST) {
        sim_fail("deadlock: a lock is taken twice");
    }
    sim_domain_wait(addr);
}

static struct granule *granule_of(uintptr_t g)
{
    if (granules == NULL) {
        granules = mmap(NULL, GRANULES * sizeof(*granules), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (granules == MAP_FAILED) {
            sim_fail("race: no memory");
        }
    }
    for (unsigned i = 0; i < GRANULES; i++) {
        struct granule *p = &granules[((g * 0x9e3779b1U) + i) % GRANULES];
        if (p->addr == g || p->addr == 0U) {
            p->addr = g;
            return p;
        }
    }
    sim_fail("race: more than %u words of shared data", GRANULES);
}

extern char __executable_start[] __attribute__((weak));

/* file:line of a code address, as addr2line has it. */
static void locate(uintptr_t pc, char *out, size_t size)
{
    char command[256];
    snprintf(command, sizeof(command), "addr2line -s -f -e /proc/%d/exe 0x%lx 2>/dev/null | tr '\\n' ' '", getpid(),
             pc - (uintptr_t)__executable_start - 1U);
    FILE *p = popen(command, "r");
    out[0] = '\0';
    if (p != NULL) {
        if (fgets(out, (int)size, p) == NULL) {
            out[0] = '\0';
        }
        pclose(p);
    }
}

/* `other` has made the access `its`, a write or not. */
static _Noreturn void report(uintptr_t addr, bool write, uintptr_t pc, unsigned other, const struct access *its, bool other_wrote)
{
    char here[160], there[160];
    locate(pc, here, sizeof(here));
    locate(its->pc, there, sizeof(there));
    sim_fail("race on %p: cpu %u %s at 0x%lx %s, unordered with cpu %u, which %s at 0x%lx %s", (void *)addr, sim_actor(),
             write ? "writes" : "reads", pc, here, other, other_wrote ? "wrote" : "read", its->pc, there);
}

static void remember(struct access *a, uint32_t now, uint8_t mask, uintptr_t pc)
{
    a->mask = a->clock == now ? (uint8_t)(a->mask | mask) : mask;
    a->clock = now;
    a->pc = pc;
}

static void touch_granule(uintptr_t g, uint8_t mask, bool write, uintptr_t pc)
{
    unsigned me = sim_actor();
    struct granule *p = granule_of(g);
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        if (i == me) {
            continue;
        }
        if ((p->write[i].mask & mask) != 0U && p->write[i].clock > clocks[me][i]) {
            report(g << 3, write, pc, i, &p->write[i], true);
        }
        if (write && (p->read[i].mask & mask) != 0U && p->read[i].clock > clocks[me][i]) {
            report(g << 3, write, pc, i, &p->read[i], false);
        }
    }
    remember(write ? &p->write[me] : &p->read[me], clocks[me][me], mask, pc);
}

/* Not looked at: the host, before and after a run; stacks; guests' memory behind a temporary mapping. */
static bool is_shared(uintptr_t addr)
{
    uint64_t pa;
    return sim_actor() != SIM_HOST && !sim_on_stack(addr) && !(sim_arena_pa(addr, &pa) && !sim_own(pa, 1));
}

/* Page by page: what follows each other here may not in memory. */
static void through_cache(uintptr_t addr, size_t size)
{
    uint64_t pa, n;
    for (uintptr_t at = addr; sim_actor() != SIM_HOST && at < addr + size && sim_arena_pa(at, &pa); at += n) {
        n = PAGE_SIZE - pa % PAGE_SIZE < addr + size - at ? PAGE_SIZE - pa % PAGE_SIZE : addr + size - at;
        sim_llc_access(SIM_LLC_HV, pa, n);
    }
}

void sim_race_touch(uintptr_t addr, size_t size, bool write, uintptr_t pc)
{
    through_cache(addr, size);
    if (!is_shared(addr)) {
        return;
    }
    for (uintptr_t at = addr; at < addr + size;) {
        unsigned first = (unsigned)(at & 7U);
        unsigned n = 8U - first < addr + size - at ? 8U - first : (unsigned)(addr + size - at);
        touch_granule(at >> 3, (uint8_t)(((1U << n) - 1U) << first), write, pc);
        at += n;
    }
}
