/* SPDX-License-Identifier: Apache-2.0 */
/* The page-table pool: pages handed out in order at boot, never given back. Boot CPU only; no lock. */
#ifndef HV_CORE_PAGES_H
#define HV_CORE_PAGES_H

#include "hv/status.h"
#include "hv/types.h"

struct plan;

struct pages {
    paddr_t base;   /* of page 0, if they lie one behind the other */
    uint64_t total; /* pages */
    uint64_t used;
    const struct plan *coloured; /* NULL if they do; else page i is at offset first + i pages of the hypervisor's region */
    uint64_t first;
};

/* The plan's pool, of which nothing is used. */
struct pages pages_of_plan(const struct plan *p);

/* Where page i lies. */
paddr_t pages_pa(const struct pages *p, uint64_t i);

/* True if the page of the pool at pa comes before page i. */
bool pages_before(const struct pages *p, paddr_t pa, uint64_t i);

/* The page with which `count` contiguous ones (a power of two), aligned to count pages, begin that have not been used: what
 * pages_alloc() answers with. False if the pool has none. */
bool pages_find(const struct pages *p, unsigned count, uint64_t *at) MUST_CHECK;

/* A pool that is no plan's. HV_ERR_ALIGN if base is not page-aligned; HV_ERR_RANGE if the pool is empty or wraps. */
enum hv_status pages_init(struct pages *p, paddr_t base, uint64_t count) MUST_CHECK;

/* One page with what it happens to hold: for whoever writes all of it. HV_ERR_NOMEM leaves the pool as it was. */
enum hv_status pages_take(struct pages *p, paddr_t *out) MUST_CHECK;

/* `count` contiguous zeroed pages, aligned to count pages (a power of two); padding is lost, not reused.
 * HV_ERR_NOMEM leaves the pool as it was. */
enum hv_status pages_alloc(struct pages *p, unsigned count, paddr_t *out) MUST_CHECK;

#endif
