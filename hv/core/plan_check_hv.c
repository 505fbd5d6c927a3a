/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): the colours that the hypervisor moves to, and the memory in which they are its own. */
#include "core/colour.h"
#include "core/plan_check.h"
#include "hv/extent.h"

#define NONE PLAN_NO_INDEX

/* There is a cache (plan_check_llc has said that it is one), which has them. */
static bool colours_ok(const struct plan *p)
{
    return p->llc.size != 0U && (p->hv_colours & ~colour_all(&p->llc)) == 0U;
}

/* All blocks that it has pages in: while a VM restarts, blocks of its memory are mapped to be written, and none of those may show
 * the hypervisor itself. So what has other colours does not lie there either. */
static struct extent home(const struct plan *p)
{
    uint64_t start = align_down(p->hv_home, PLAN_RESTART_BLOCK);
    uint64_t end = align_up(p->hv_home + plan_hv_span(p), PLAN_RESTART_BLOCK);

    return (struct extent){&p->llc, PA(start), end - start, 0};
}

/* True if it lies where the hypervisor does. What has no span is reported elsewhere. */
static bool touches(const struct plan *p, const struct extent *e)
{
    struct extent own = home(p);

    return extent_span(e) != 0U && extents_meet(&own, e);
}

/* Whole blocks of it are mapped as it moves. */
static bool blocks_are_ram(const struct plan *p)
{
    struct extent own = home(p);

    return range_within(p->hv_home, plan_hv_span(p), p->ram_base, p->ram_size) &&
           range_within(own.base.v, own.size, p->ram_base, p->ram_size);
}

static bool range_touches(const struct plan *p, uint64_t pa, uint64_t size)
{
    struct extent e = {&p->llc, PA(pa), size, 0};

    return touches(p, &e);
}

static void check_others(const struct plan_check *c)
{
    const struct plan *p = c->p;

    for (uint32_t i = 0; i < p->regions.count; i++) {
        struct extent e = extent_of_region(p, plan_region(p, i));

        if (touches(p, &e)) {
            plan_check_issue(c, PLAN_E_HV_HOME, NONE, i, NONE);
        }
    }
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        if (plan_check_has_regions(p, vm)) { /* else it has no first one, whose colours the copies have */
            struct extent e = extent_of_pristine(p, plan_vm(p, vm));

            if (touches(p, &e)) {
                plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
            }
        }
    }
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        if (range_touches(p, p->irqc_base[i], p->irqc_size[i])) {
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
    if (!is_aligned(p->hv_home, colour_period(&p->llc)) || !blocks_are_ram(p) ||
        range_touches(p, p->hv_base, HV_REGION_SIZE)) {
        plan_check_issue(c, PLAN_E_HV_HOME, NONE, NONE, NONE);
        return;
    }
    check_others(c);
}
