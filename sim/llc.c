/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A last-level cache that all CPUs share: set-associative, indexed by address bits of the PA, or by parities of such, tagged by all of
 * them, least recently used line out first. It holds no data; of each line it knows who had it last. It knows nothing of colours.
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
static uint64_t parity_of[64]; /* PA bits, by bit of the set's number; 0 in the first: the number is bits of the PA */
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
    memset(parity_of, 0, sizeof(parity_of));
    if (lines == NULL) {
        sim_fail("no memory for a model of %lu lines", nr_sets * nr_ways);
    }
}

void sim_llc_hash(unsigned pa_bit, uint64_t others)
{
    uint64_t period = nr_sets * line_size, bit = (uint64_t)1 << pa_bit;

    if (lines == NULL || (period & (period - 1U)) != 0U || (line_size & (line_size - 1U)) != 0U || bit < line_size ||
        bit >= period || others % period != 0U) {
        sim_fail("no set is chosen by bit %u and 0x%lx", pa_bit, others);
    }
    for (unsigned n = 0; line_size << n < period; n++) {
        uint64_t own = line_size << n;

        parity_of[n] = own == bit ? own | others : parity_of[n] | own;
    }
}

struct sim_llc_counts sim_llc_counts(unsigned owner)
{
    return counts[owner];
}

static struct line *set_of(uint64_t tag)
{
    uint64_t set = parity_of[0] == 0U ? tag % nr_sets : 0U;

    for (unsigned n = 0; parity_of[n] != 0U; n++) {
        set |= (uint64_t)__builtin_parityll(tag * line_size & parity_of[n]) << n;
    }
    return &lines[set * nr_ways];
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
    if (lines == NULL || size == 0U) {
        return;
    }
    for (uint64_t tag = pa / line_size; tag <= (pa + size - 1U) / line_size; tag++) {
        struct line *l = place(tag);
        if (l->tag == tag) {
            l->used = 0;
        }
    }
}
