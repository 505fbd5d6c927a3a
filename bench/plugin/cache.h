/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of a cache that all CPUs share, of data accesses alone: set-associative, indexed by physical address, least recently used
 * first out, allocating on reads and writes. No prefetch, no other levels, and of one access the line that it begins in: what it
 * shows is who takes whose lines, not what a CPU would measure. A line belongs to whom the RAM belongs to that it holds.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stdint.h>

#define CACHE_OWNERS 16U /* ranges that are named, in their order, and behind them all other memory */

struct cache_counts {
    uint64_t accesses, misses;
    uint64_t lost; /* lines that another owner's access pushed out */
};

/* "SIZE:WAYS:LINE" in bytes, powers of two; false if it is not that, or there is no memory for it. */
bool cache_open(const char *geometry);
/* "BASE:SIZE+BASE:SIZE...": the ranges, by owner; "BASE:SIZE/BASE:SIZE" are of one. "BASE:SIZE:MASK" is what it has of
 * these colours: pages by their number in a way. */
bool cache_owners(const char *ranges);
/* Owners that have a number, the rest of memory counted. */
unsigned cache_nr_owners(void);
void cache_access(uint64_t pa);
struct cache_counts cache_of(unsigned owner);
void cache_close(void);

#endif
