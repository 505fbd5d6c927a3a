/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/sim.h"

#define MAX_ENTRIES (1U << 20)
#define SHOWN       6U

struct entry {
    const char *what; /* the same address in all children of one process */
    uint64_t cpu;
    uint64_t v[TRACE_VALUES];
};

struct trace {
    uint64_t entries;
    bool complete;
    struct entry entry[MAX_ENTRIES];
};

static struct trace *trace;
static uint32_t traced;
static uint64_t at;

struct trace *trace_new(void)
{
    void *p = mmap(NULL, sizeof(struct trace), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        sim_fail("no memory for a trace");
    }
    return p;
}

void trace_clear(struct trace *t)
{
    t->entries = 0;
    t->complete = false;
}

void trace_begin(struct trace *t, uint32_t cpus)
{
    trace = t;
    traced = cpus;
    at = 0;
}

bool trace_is_on(void)
{
    return ((traced >> sim_cpu()) & 1U) != 0U;
}

static size_t show(char *out, size_t size, const char *who, const struct entry *e)
{
    return (size_t)snprintf(out, size, "  %s cpu %lu: %s 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n", who, e->cpu, e->what,
                            e->v[0], e->v[1], e->v[2], e->v[3], e->v[4], e->v[5]);
}

static _Noreturn void differs(const struct entry *now)
{
    char text[2048];
    size_t n = 0;
    for (uint64_t i = at > SHOWN ? at - SHOWN : 0U; i < at; i++) {
        n += show(text + n, sizeof(text) - n, "both   ", &trace->entry[i]);
    }
    if (at < trace->entries) {
        n += show(text + n, sizeof(text) - n, "without", &trace->entry[at]);
    }
    (void)show(text + n, sizeof(text) - n, "with   ", now);
    sim_fail("interference: entry %lu of %lu differs\n%.1800s", at, trace->entries, text);
}

void trace_put(const char *what, const uint64_t v[TRACE_VALUES])
{
    if (trace_is_on()) {
        trace_put_last(what, v);
    }
}

void trace_put_last(const char *what, const uint64_t v[TRACE_VALUES])
{
    struct entry e = { .what = what, .cpu = sim_cpu() };
    memcpy(e.v, v, sizeof(e.v));
    if (trace->complete) {
        if (at >= trace->entries || memcmp(&e, &trace->entry[at], sizeof(e)) != 0) {
            differs(&e);
        }
    } else if (at == MAX_ENTRIES) {
        sim_fail("a trace of more than %u entries", MAX_ENTRIES);
    } else {
        trace->entry[at] = e;
    }
    at++;
}

uint64_t trace_end(void)
{
    if (trace->complete && at != trace->entries) {
        char text[256];
        (void)show(text, sizeof(text), "without", &trace->entry[at]);
        sim_fail("interference: ends after %lu of %lu entries\n%s", at, trace->entries, text);
    }
    trace->entries = at;
    trace->complete = true;
    traced = 0;
    return at;
}

uint64_t trace_sum(const void *p, uint64_t size)
{
    const uint8_t *b = p;
    uint64_t sum = size;
    for (uint64_t i = 0; i + 8U <= size; i += 8U) {
        uint64_t w;
        memcpy(&w, b + i, sizeof(w));
        sum = (sum ^ w) * 0x9e3779b97f4a7c15ULL;
        sum ^= sum >> 29;
    }
    for (uint64_t i = size & ~7ULL; i < size; i++) {
        sum = (sum ^ b[i]) * 0x9e3779b97f4a7c15ULL;
    }
    return sum ^ (sum >> 32);
}
