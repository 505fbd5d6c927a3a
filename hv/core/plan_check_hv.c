/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): the colours that the hypervisor moves to, and the memory in which they are its own. */
#include "core/colour.h"
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

static bool colours_ok(const struct plan *p)
{
    return colour_llc_ok(&p->llc) && (p->hv_colours & ~colour_all(&p->llc)) == 0U;
}

/* True if memory of these colours (0: all of it) in [pa, pa + size) may be the hypervisor's. */
static bool touches(const struct plan *p, uint64_t pa, uint64_t size, uint64_t colours)
{
    return (colours == 0U || (colours & p->hv_colours) != 0U) && range_ok(pa, size) &&
           ranges_overlap(pa, size, p->hv_home, plan_hv_span(p));
}

/* A region's size is that of its coloured memory; it reaches further. */
static bool region_touches(const struct plan *p, const struct plan_region *r)
{
    bool coloured = r->colours != 0U && (r->colours & ~colour_all(&p->llc)) == 0U && r->size <= p->ram_size;
    uint64_t span = coloured ? colour_span(&p->llc, r->colours, r->size) : r->size;

    return touches(p, r->pa, span, r->colours);
}

static void check_others(const struct plan_check *c)
{
    const struct plan *p = c->p;

    for (uint32_t i = 0; i < p->regions.count; i++) {
        if (region_touches(p, plan_region(p, i))) {
            plan_check_issue(c, PLAN_E_HV_HOME, NONE, i, NONE);
        }
    }
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        if (touches(p, plan_vm(p, vm)->pristine_pa, plan_vm(p, vm)->pristine_size, 0)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
        }
    }
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        if (touches(p, p->irqc_base[i], p->irqc_size[i], 0)) {
            plan_check_issue(c, PLAN_E_HV_HOME, NONE, NONE, NONE);
        }
    }
}

void plan_check_hv(const struct plan_check *c)
{
    const struct plan *p = c->p;

    if (p->hv_colours == 0U) {
        if (p->hv_home != 0U) {
            plan_check_issue(c, PLAN_E_HV_HOME, NONE, NONE, NONE);
        }
        return;
    }
    if (!colours_ok(p)) {
        plan_check_issue(c, PLAN_E_HV_COLOURS, NONE, NONE, NONE);
        return;
    }
    if (!is_aligned(p->hv_home, colour_period(&p->llc)) || !range_within(p->hv_home, plan_hv_span(p), p->ram_base, p->ram_size) ||
        touches(p, p->hv_base, HV_REGION_SIZE, 0)) {
        plan_check_issue(c, PLAN_E_HV_HOME, NONE, NONE, NONE);
        return;
    }
    check_others(c);
}
