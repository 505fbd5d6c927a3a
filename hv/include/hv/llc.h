/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last-level cache as the plan describes it. A set is chosen by address bits (below `size / ways`, a period), so memory
 * one period apart meets in the same sets; the period's sets are divided among colours. Each page has one colour, and what
 * has disjoint colours never evicts each other's lines.
 */
#ifndef HV_LLC_H
#define HV_LLC_H

#include "hv/types.h"

/* Colours are bits of a 64-bit mask. */
#define LLC_COLOUR_BITS 6U
#define LLC_MAX_COLOURS (1U << LLC_COLOUR_BITS)

struct plan_llc {
    uint64_t size;     /* bytes; 0 = the plan colours nothing, and all other fields are 0 */
    uint32_t ways;     /* size / ways, the period, is a power of two */
    uint32_t line;     /* bytes, a power of two */
    uint32_t colours;  /* a power of two, 2 .. LLC_MAX_COLOURS; period / colours, the unit, is a multiple of PAGE_SIZE */
    uint32_t reserved;
    /* Bit n of the colour is bit n of (PA / unit) XOR the parity of (PA & hash[n]): all of whose bits are above the period's,
     * and which are 0 in a cache that is indexed by address bits alone and from colour bit log2(colours) on. */
    uint64_t hash[LLC_COLOUR_BITS];
};

/* What the hardware says of its last-level cache, to be told beside the plan's description: these numbers are for maintenance by
 * set and way, and need not be the cache's real shape. */
struct llc_report {
    uint64_t size;  /* bytes */
    uint32_t ways;
    uint32_t line;  /* bytes */
    unsigned level; /* 1..7; 0: it names no unified cache, and all is 0 */
};

#endif
