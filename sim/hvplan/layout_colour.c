/* SPDX-License-Identifier: Apache-2.0 */
/* Coloured memory: each at the lowest place where its colours are free, so that what has other colours lies in the gaps. */
#include "hvplan.h"

#include <inttypes.h>

/* True, and where to look on, if something has one of its colours there. */
static bool is_taken(const struct zone *z, const struct extent *e, uint64_t *further)
{
    for (unsigned i = 0; i < z->n; i++) {
        if (extents_meet(&z->taken[i], e)) {
            *further = z->taken[i].base.v + extent_span(&z->taken[i]);
            return true;
        }
    }
    return false;
}

/* Colours whose property says so: a region's own, or the VM's. */
static const char *colours_path(const struct vm *v, const struct ram *m)
{
    return m->region != NULL && m->region->colours != 0U ? m->region->path : v->sys->path;
}

static unsigned ones(uint64_t colours)
{
    return (unsigned)__builtin_popcountll(colours);
}

/* The lowest place of that where its colours are free. */
static struct extent lowest(const struct zone *z, uint64_t colours, uint64_t size)
{
    const struct plan_llc *l = &z->r->llc;
    struct extent e = {l, PA(align_up(z->start, l->size / l->ways)), size, colours};

    /* Spans are of whole periods: each turn is behind another of those that are there. */
    for (uint64_t further; is_taken(z, &e, &further);) {
        e.base = PA(further);
    }
    return e;
}

/* 0 if it goes beyond what there is; that is told where its colours stand. */
static uint64_t take(struct zone *z, const struct extent *e, const char *path, const char *what)
{
    struct run *r = z->r;
    uint64_t end = e->base.v + extent_span(e);

    if (end > z->limit) {
        diag_error(&r->diag, source_where(&r->sys.src, path, "colours"), path,
                   "%s of it, %s, are in colours %s, %u of %" PRIu32 ", among %s of memory; from 0x%" PRIx64 " on, where these colours are "
                   "free, the board has %s; give it more colours, or less memory",
                   size_text(&r->arena, e->size), what, colours_text(&r->arena, e->colours), ones(e->colours), r->llc.colours,
                   size_text(&r->arena, extent_span(e)), e->base.v,
                   size_text(&r->arena, z->limit > e->base.v ? z->limit - e->base.v : 0U));
        return 0;
    }
    z->taken[z->n++] = *e;
    z->end = end > z->end ? end : z->end;
    return e->base.v;
}

uint64_t zone_take(struct zone *z, const char *path, uint64_t colours, uint64_t size, const char *what)
{
    struct extent e = lowest(z, colours, size);

    return take(z, &e, path, what);
}

uint64_t zone_take_ram(struct zone *z, const struct vm *v, const struct ram *m, uint64_t size, const char *what)
{
    return zone_take(z, colours_path(v, m), m->colours, size, what);
}

uint64_t zone_take_hv(struct zone *z)
{
    if (z->r->sys.hv_colours == 0U) {
        return 0;
    }
    const struct plan_llc *l = &z->r->llc;
    uint64_t period = l->size / l->ways;
    struct extent e = {l, PA(align_up(z->end, period > SZ_2M ? period : SZ_2M)), HV_REGION_SIZE, z->r->sys.hv_colours};
    uint64_t base = take(z, &e, "/hypervisor", "the hypervisor's memory");

    if (base != 0U) { /* and all colours of its blocks */
        z->taken[z->n - 1U] = (struct extent){l, e.base, align_up(extent_span(&e), SZ_2M), 0};
        z->end = e.base.v + z->taken[z->n - 1U].size;
    }
    return base;
}
