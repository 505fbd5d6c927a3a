/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A last-level cache that all CPUs share: set-associative, indexed and tagged by address bits of the PA alone, least recently used
 * line out first. It holds no data; of each line it knows who had it last. It knows nothing of colours.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/internal.h"

struct line {
    uint64_t tag;  /* PA / line */
    uint64_t used; /* when it was last; 0: not valid */
    unsigned owner;
};

static struct line *lines; /* of each set its ways in a row; NULL: no cache is modelled */
static uint64_t nr_sets, line_size, now;
static unsigned nr_ways;
static struct sim_llc_counts counts[SIM_LLC_OWNERS];

void sim_llc_reset(void)
{
    free(lines);
    lines = NULL;
}

void sim_llc_begin(uint64_t size, unsigned ways, unsigned line)
{
    sim_llc_reset();
    if (ways == 0U || line == 0U || size % ((uint64_t)ways * line) != 0U || size == 0U) {
        sim_fail("no cache has %lu bytes in %u ways with lines of %u", size, ways, line);
    }
    nr_sets = size / ways / line;
    nr_ways = ways;
    line_size = line;
    now = 0;
    lines = calloc(nr_sets * nr_ways, sizeof(*lines));
    memset(counts, 0, sizeof(counts));
    if (lines == NULL) {
        sim_fail("no memory for a model of %lu lines", nr_sets * nr_ways);
    }
}

struct sim_llc_counts sim_llc_counts(unsigned owner)
{
    return counts[owner];
}

static struct line *set_of(uint64_t tag)
{
    return &lines[tag % nr_sets * nr_ways];
}

/* The line that is to go, or has the tag. */
static struct line *place(uint64_t tag)
{
    struct line *set = set_of(tag), *oldest = &set[0];

    for (unsigned w = 0; w < nr_ways; w++) {
        if (set[w].used != 0U && set[w].tag == tag) {
            return &set[w];
        }
        oldest = set[w].used < oldest->used ? &set[w] : oldest;
    }
    return oldest;
}

static void touch(unsigned owner, uint64_t tag)
{
    struct line *l = place(tag);

    counts[owner].accesses++;
    if (l->used == 0U || l->tag != tag) {
        counts[owner].misses++;
        if (l->used != 0U && l->owner != owner) {
            counts[l->owner].lost++;
        }
    }
    *l = (struct line){tag, ++now, owner};
}

void sim_llc_access(unsigned owner, uint64_t pa, uint64_t size)
{
    if (lines == NULL || size == 0U) {
        return;
    }
    if (owner >= SIM_LLC_OWNERS) {
        sim_fail("an access of owner %u to the modelled cache", owner);
    }
    for (uint64_t tag = pa / line_size; tag <= (pa + size - 1U) / line_size; tag++) {
        touch(owner, tag);
    }
}

void sim_llc_walk(unsigned owner, uint64_t slot)
{
    if (lines != NULL) {
        sim_llc_access(owner, slot, sizeof(uint64_t));
        counts[owner].walks++;
    }
}

void sim_llc_invalidate(uint64_t pa, uint64_t size)
{
    for (uint64_t at = align_down(pa, line_size); lines != NULL && at < pa + size; at += line_size) {
        struct line *l = place(at / line_size);
        if (l->tag == at / line_size) {
            l->used = 0;
        }
    }
}
