/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of addresses in their order, so that what is checked against all others needs to be compared with a few: plan_validate()
 * takes n log n steps for n regions, and as many more as there are pairs that meet. Pure.
 */
#ifndef HV_CORE_PLAN_ORDER_H
#define HV_CORE_PLAN_ORDER_H

#include "hv/plan.h"

/* What one VM has of mappings beside its regions is one range more, and one of each channel with direct doorbells. */
#define PLAN_ORDER_MAX (PLAN_MAX_REGIONS + 1U + PLAN_MAX_CHANNELS)

struct plan_order {
    uint32_t n;
    uint8_t entry[PLAN_ORDER_MAX]; /* numbers of ranges, below PLAN_ORDER_MAX; n of them */
    uint64_t first[PLAN_ORDER_MAX]; /* by number: its first and its last address, first <= last */
    uint64_t last[PLAN_ORDER_MAX];
};

/* One range more, of size bytes, not 0, that do not wrap. It has no number that is there already. */
void plan_order_add(struct plan_order *o, uint32_t number, uint64_t base, uint64_t size);

/* By the first address; those with the same one as they were added. */
void plan_order_sort(struct plan_order *o);

/* Ranges that have begun and not ended as one goes through them in their order. */
struct plan_open {
    uint32_t n;
    uint8_t entry[PLAN_ORDER_MAX];
};

/* Of those open only what reaches to where range `number` begins: all that meet it of those before it. */
void plan_open_keep(struct plan_open *open, const struct plan_order *o, uint32_t number);

/* Range `number` is open from here on. */
void plan_open_add(struct plan_open *open, uint32_t number);

#endif
