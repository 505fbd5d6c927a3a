/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): the cache, and the colours of regions. */
#include "core/colour.h"
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

/* Without a size nothing is coloured, and nothing else is said. */
static bool llc_empty(const struct plan_llc *l)
{
    uint64_t any = l->size | l->ways | l->line | l->colours | l->reserved;

    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        any |= l->hash[n];
    }
    return any == 0U;
}

bool plan_check_llc(const struct plan_check *c)
{
    bool good = llc_empty(&c->p->llc) || colour_llc_ok(&c->p->llc);

    if (!good) {
        plan_check_issue(c, PLAN_E_LLC, NONE, NONE, NONE);
    }
    return good;
}

bool plan_check_colours(const struct plan_check *c, uint32_t vm, uint32_t i)
{
    const struct plan_region *r = plan_region(c->p, i);
    struct extent e = extent_of_region(c->p, r);

    if (r->colours == 0U) {
        return true;
    }
    if (!plan_region_is_memory(r) || e.llc->size == 0U || (r->colours & ~colour_all(e.llc)) != 0U) {
        plan_check_issue(c, PLAN_E_COLOURS, vm, i, NONE);
        return false;
    }
    if (vm != NONE && (plan_vm(c->p, vm)->flags & PLAN_VM_TRUSTED_DMA) != 0U) {
        plan_check_issue(c, PLAN_E_COLOUR_DMA, vm, i, NONE);
    }
    if (!extent_ok(&e)) {
        plan_check_issue(c, PLAN_E_COLOUR_ALIGN, vm, i, NONE);
    }
    return extent_ok(&e);
}
