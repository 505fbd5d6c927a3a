/* SPDX-License-Identifier: Apache-2.0 */
/* Where the hypervisor's own region lies once it has booted. Pure; the plan has been validated. */
#include "core/colour.h"
#include "hv/plan.h"

paddr_t plan_hv_pa(const struct plan *p, uint64_t n)
{
    return p->hv_colours == 0U ? PA(p->hv_base + n) : colour_pa(&p->llc, PA(p->hv_home), p->hv_colours, n);
}

uint64_t plan_hv_span(const struct plan *p)
{
    return p->hv_colours == 0U ? 0U : colour_span(&p->llc, p->hv_colours, HV_REGION_SIZE);
}

/* One page, which has one colour. */
static bool page_offset(const struct plan *p, uint64_t pa, uint64_t *n)
{
    return range_within(pa, 1, p->hv_home, plan_hv_span(p)) &&
           colour_offset(&p->llc, PA(p->hv_home), p->hv_colours, PA(pa), n) && *n < HV_REGION_SIZE;
}

bool plan_hv_offset(const struct plan *p, paddr_t pa, uint64_t size, uint64_t *n)
{
    uint64_t at;

    if (p->hv_colours == 0U) {
        *n = pa.v - p->hv_base;
        return range_within(pa.v, size, p->hv_base, HV_REGION_SIZE);
    }
    if (!range_ok(pa.v, size) || !page_offset(p, pa.v, n)) {
        return false;
    }
    /* Page by page: the ends of a range do not tell what is between them. */
    for (uint64_t next = PAGE_SIZE - pa.v % PAGE_SIZE; next < size; next += PAGE_SIZE) { /* bound: the region, by its last page */
        if (!page_offset(p, pa.v + next, &at) || at != *n + next) {
            return false;
        }
    }
    return true;
}
