/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/extent.h"

#include "core/colour.h"

struct extent extent_of_region(const struct plan *p, const struct plan_region *r)
{
    return (struct extent){&p->llc, PA(r->pa), r->size, r->colours};
}

struct extent extent_of_pristine(const struct plan *p, const struct plan_vm *v)
{
    uint64_t colours = v->nr_regions != 0U ? plan_region(p, v->first_region)->colours : 0U;

    return (struct extent){&p->llc, PA(v->pristine_pa), v->pristine_size, colours};
}

bool extent_ok(const struct extent *e)
{
    return e->colours == 0U || (e->llc->size != 0U && (e->colours & ~colour_all(e->llc)) == 0U &&
                                is_aligned(e->base.v, colour_period(e->llc)));
}

/* Sizes from there on are none: what colour_span() makes of them would wrap. */
#define SIZE_LIMIT ((uint64_t)1 << 57)

uint64_t extent_span(const struct extent *e)
{
    uint64_t span = e->size;

    if (!extent_ok(e)) {
        return 0;
    }
    if (e->colours != 0U) {
        span = e->size < SIZE_LIMIT ? colour_span(e->llc, e->colours, e->size) : 0U;
    }
    return range_ok(e->base.v, span) ? span : 0U;
}

bool extents_meet(const struct extent *a, const struct extent *b)
{
    bool apart = a->colours != 0U && b->colours != 0U && (a->colours & b->colours) == 0U;

    return !apart && ranges_overlap(a->base.v, extent_span(a), b->base.v, extent_span(b));
}

paddr_t extent_pa(const struct extent *e, uint64_t offset)
{
    return e->colours == 0U ? PA(e->base.v + offset) : colour_pa(e->llc, e->base, e->colours, offset);
}

uint64_t extent_run(const struct extent *e, uint64_t offset)
{
    uint64_t left = e->size - offset;

    if (e->colours == 0U) {
        return left;
    }
    uint64_t unit = colour_unit(e->llc);
    uint64_t run = unit - offset % unit;

    return run < left ? run : left;
}

bool extent_offset(const struct extent *e, paddr_t pa, uint64_t *offset)
{
    if (pa.v < e->base.v) {
        return false;
    }
    *offset = pa.v - e->base.v;
    if (e->colours != 0U && !colour_offset(e->llc, e->base, e->colours, pa, offset)) {
        return false;
    }
    return *offset < e->size;
}

const struct plan_region *extent_of_image(const struct plan *p, const struct plan_vm *v, const struct plan_image *m,
                                          uint64_t *offset)
{
    for (uint32_t i = 0; i < v->nr_regions; i++) { /* at most PLAN_MAX_REGIONS turns */
        const struct plan_region *r = plan_region(p, v->first_region + i);
        struct extent e = extent_of_region(p, r);

        if (r->kind == (uint32_t)PLAN_REGION_RAM && extent_span(&e) != 0U && extent_offset(&e, PA(m->pa), offset) &&
            m->size != 0U && m->size <= e.size - *offset) {
            return r;
        }
    }
    return NULL;
}
