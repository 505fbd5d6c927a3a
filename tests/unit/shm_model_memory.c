/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of shm_model.h. */
#include "shm_model_internal.h"

#include <string.h>

#define VALUES 32U
#define PLAINS 32U

struct value {
    uint64_t v;
    struct view view; /* that it hands on */
};

struct loc {
    const void *addr;
    unsigned n;
    struct value value[VALUES];
};

/* Plain data: the steps of the last write and of each thread's last read. */
struct plain {
    const void *addr;
    unsigned writer;
    uint16_t written, read[MODEL_THREADS];
};

static struct loc locs[LOCS];
static unsigned nr_locs;
static struct plain plains[PLAINS];
static unsigned nr_plains;

void model_memory_begin(void)
{
    nr_locs = 0;
    nr_plains = 0;
}

static void join(struct view *into, const struct view *from)
{
    for (unsigned i = 0; i < LOCS; i++) {
        into->at[i] = into->at[i] > from->at[i] ? into->at[i] : from->at[i];
    }
    for (unsigned i = 0; i < MODEL_THREADS; i++) {
        into->step[i] = into->step[i] > from->step[i] ? into->step[i] : from->step[i];
    }
}

static unsigned loc_of(const void *addr)
{
    unsigned i = 0;

    while (i < nr_locs && locs[i].addr != addr) {
        i++;
    }
    if (i == LOCS) {
        model_fail("model: too many words");
        return 0;
    }
    if (i == nr_locs) {
        nr_locs++;
        locs[i].addr = addr;
        locs[i].n = 1; /* zero at boot */
        memset(&locs[i].value[0], 0, sizeof(locs[i].value[0]));
    }
    return i;
}

static bool is_plain(const void *addr)
{
    return (uintptr_t)addr - (uintptr_t)model.plain < model.plain_bytes;
}

uint64_t model_load(const shm_word *w, enum model_order o)
{
    struct thread *me = &threads[current];
    unsigned l = 0;
    unsigned i = 0;

    if (is_plain(w)) {
        return model_plain_read(w);
    }
    model_step(w, false);
    l = loc_of(w);
    i = locs[l].n - 1U - model_choose(locs[l].n - me->seen.at[l]);
    me->seen.at[l] = (uint8_t)i;
    join(&me->taken, &locs[l].value[i].view);
    if (o == MODEL_ORDERED && w != model.weak_load) {
        join(&me->seen, &locs[l].value[i].view);
    }
    return locs[l].value[i].v;
}

void model_store(shm_word *w, uint64_t v, enum model_order o)
{
    struct thread *me = &threads[current];
    unsigned l = 0;
    unsigned i = 0;

    if (is_plain(w)) {
        model_plain_write(w, v);
        return;
    }
    model_step(w, true);
    l = loc_of(w);
    if (locs[l].n == VALUES) {
        model_fail("model: too many values");
        return;
    }
    i = locs[l].n++;
    me->seen.at[l] = (uint8_t)i;
    locs[l].value[i].v = v;
    locs[l].value[i].view = o == MODEL_ORDERED && w != model.weak_store ? me->seen : me->handed;
    locs[l].value[i].view.at[l] = (uint8_t)i;
    me->seen.step[current]++; /* what follows is not handed on with it */
}

void model_fence_release(void)
{
    if (!model.no_release_fence) {
        threads[current].handed = threads[current].seen;
        threads[current].seen.step[current]++;
    }
}

void model_fence_acquire(void)
{
    if (!model.no_acquire_fence) {
        join(&threads[current].seen, &threads[current].taken);
    }
}

static struct plain *plain_of(const void *addr)
{
    unsigned i = 0;

    while (i < nr_plains && plains[i].addr != addr) {
        i++;
    }
    if (i == PLAINS) {
        model_fail("model: too much plain data");
        return &plains[0];
    }
    if (i == nr_plains) {
        nr_plains++;
        memset(&plains[i], 0, sizeof(plains[i]));
        plains[i].addr = addr;
    }
    return &plains[i];
}

static void no_race(const struct plain *p, bool write)
{
    const struct view *seen = &threads[current].seen;
    bool race = p->writer != current && p->written > seen->step[p->writer];

    for (unsigned t = 0; write && t < MODEL_THREADS; t++) {
        race = race || (t != current && p->read[t] > seen->step[t]);
    }
    model_expect(!race, write ? "data race: written while another uses it" : "data race: read while another writes it");
}

void model_plain_write(void *at, uint64_t v)
{
    struct plain *p = plain_of(at);

    no_race(p, true);
    p->writer = current;
    p->written = threads[current].seen.step[current];
    *(uint64_t *)at = v;
}

uint64_t model_plain_read(const void *at)
{
    struct plain *p = plain_of(at);

    no_race(p, false);
    p->read[current] = threads[current].seen.step[current];
    return *(const uint64_t *)at;
}
