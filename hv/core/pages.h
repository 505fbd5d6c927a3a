/* SPDX-License-Identifier: Apache-2.0 */
/* The page-table pool: pages handed out in order at boot, never given back. Boot CPU only; no lock. */
#ifndef HV_CORE_PAGES_H
#define HV_CORE_PAGES_H

#include "hv/status.h"
#include "hv/types.h"

struct pages {
    paddr_t base;
    uint64_t total; /* pages */
    uint64_t used;
};

/* HV_ERR_ALIGN if base is not page-aligned; HV_ERR_RANGE if the pool is empty or wraps. */
enum hv_status pages_init(struct pages *p, paddr_t base, uint64_t count) MUST_CHECK;

/* One page with what it happens to hold: for whoever writes all of it. HV_ERR_NOMEM leaves the pool as it was. */
enum hv_status pages_take(struct pages *p, paddr_t *out) MUST_CHECK;

/* `count` contiguous zeroed pages, aligned to count pages (a power of two); padding is lost, not reused.
 * HV_ERR_NOMEM leaves the pool as it was. */
enum hv_status pages_alloc(struct pages *p, unsigned count, paddr_t *out) MUST_CHECK;

#endif
