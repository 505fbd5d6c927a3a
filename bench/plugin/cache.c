/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

#define MAX_RANGES 64U
#define PAGE       4096U

struct line {
    uint64_t tag; /* the line's number in memory, from 1; 0: holds nothing */
    uint64_t used;
    unsigned owner;
};

static struct line *lines;
static uint64_t sets, ways, line_bytes, now;
static struct cache_counts counts[CACHE_OWNERS + 1U];
static struct {
    uint64_t base, size;
    uint64_t colours; /* only these */
    unsigned owner;
} ranges[MAX_RANGES];
static unsigned nr_ranges, nr_owners;

static bool power_of_two(uint64_t n)
{
    return n != 0U && (n & (n - 1U)) == 0U;
}

bool cache_open(const char *geometry)
{
    char *end = NULL;
    uint64_t size = strtoull(geometry, &end, 0);
    ways = *end == ':' ? strtoull(end + 1, &end, 0) : 0U;
    line_bytes = *end == ':' ? strtoull(end + 1, &end, 0) : 0U;
    if (*end != '\0' || !power_of_two(size) || !power_of_two(ways) || !power_of_two(line_bytes) || size / ways < line_bytes) {
        return false;
    }
    sets = size / ways / line_bytes;
    lines = calloc(sets * ways, sizeof(*lines));
    memset(counts, 0, sizeof(counts));
    nr_ranges = 0;
    nr_owners = 0;
    now = 0;
    return lines != NULL;
}

bool cache_owners(const char *text)
{
    const char *p = text;
    for (;;) {
        char *end = NULL;
        uint64_t base = strtoull(p, &end, 0);
        if (end == p || *end != ':' || nr_ranges == MAX_RANGES || nr_owners == CACHE_OWNERS) {
            return false;
        }
        p = end + 1;
        ranges[nr_ranges].base = base;
        ranges[nr_ranges].size = strtoull(p, &end, 0);
        ranges[nr_ranges].colours = end != p && *end == ':' ? strtoull(end + 1, &end, 0) : UINT64_MAX;
        ranges[nr_ranges].owner = nr_owners;
        nr_ranges++;
        if (end == p || (*end != '/' && *end != '+' && *end != '\0')) {
            return false;
        }
        nr_owners += *end != '/' ? 1U : 0U;
        if (*end == '\0') {
            return true;
        }
        p = end + 1;
    }
}

unsigned cache_nr_owners(void)
{
    return nr_owners + 1U;
}

static unsigned owner_of(uint64_t pa)
{
    uint64_t colours = sets * line_bytes / PAGE;
    uint64_t colour = colours > 1U ? pa / PAGE % colours % 64U : 0U;
    for (unsigned i = 0; i < nr_ranges; i++) {
        if (pa - ranges[i].base < ranges[i].size && (ranges[i].colours >> colour & 1U) != 0U) {
            return ranges[i].owner;
        }
    }
    return nr_owners;
}

void cache_access(uint64_t pa)
{
    uint64_t number = pa / line_bytes;
    struct line *set = &lines[number % sets * ways];
    struct line *oldest = set;
    unsigned owner = owner_of(pa);
    now++;
    counts[owner].accesses++;
    for (uint64_t w = 0; w < ways; w++) {
        if (set[w].tag == number + 1U) {
            set[w].used = now;
            return;
        }
        oldest = set[w].used < oldest->used ? &set[w] : oldest;
    }
    counts[owner].misses++;
    if (oldest->tag != 0U && oldest->owner != owner) {
        counts[oldest->owner].lost++;
    }
    *oldest = (struct line){.tag = number + 1U, .used = now, .owner = owner};
}

struct cache_counts cache_of(unsigned owner)
{
    return counts[owner];
}

void cache_close(void)
{
    free(lines);
    lines = NULL;
}
