/* SPDX-License-Identifier: Apache-2.0 */
/* How many table pages the VMs of a plan take: the sum that s2_map() comes to, without building anything. */
#include "core/pages.h"
#include "core/plan_check.h"
#include "core/plan_order.h"
#include "hv/s2_format.h"

static unsigned level_shift(unsigned level)
{
    return PAGE_SHIFT + 9U * (s2_format.last_level - level);
}

/* Tables of each level, of mappings in the order of their guest addresses. */
struct count {
    unsigned top; /* the level below the root's */
    uint64_t from[S2_MAX_LEVELS]; /* by level: the lowest index that is not counted yet */
    uint64_t tables;
};

/* Indices of a level never fall from a mapping to the next, since mappings of one VM do not meet. */
static void add_tables(struct count *n, unsigned level, uint64_t first, uint64_t last)
{
    uint64_t from = first > n->from[level] ? first : n->from[level];

    if (last >= from) {
        n->tables += last - from + 1U;
        n->from[level] = last + 1U;
    }
}

/*
 * A table at `level` replaces one leaf of the level above. Where a region covers all that such a leaf would
 * and is aligned alike in both address spaces, s2_map() puts the leaf; tables stand only under its ragged
 * ends. Coloured memory is mapped by pages, all of it.
 */
static void add_level(struct count *n, const struct plan_region *r, unsigned level)
{
    unsigned shift = level_shift(level - 1U);
    uint64_t span = (uint64_t)1 << shift;
    uint64_t first = r->ipa >> shift;
    uint64_t last = (r->ipa + (r->size - 1U)) >> shift;

    if (level - 1U < s2_format.first_block_level || r->colours != 0U || !is_aligned(r->ipa ^ r->pa, span)) {
        add_tables(n, level, first, last);
        return;
    }
    if (!is_aligned(r->ipa, span)) {
        add_tables(n, level, first, first);
    }
    if (!is_aligned(r->ipa + r->size, span)) { /* the same one, perhaps: it is not counted again */
        add_tables(n, level, last, last);
    }
}

static void add_mapping(struct count *n, const struct plan_region *r)
{
    for (unsigned level = n->top; level <= s2_format.last_level; level++) {
        add_level(n, r, level);
    }
}

/* Each mapping is in a row of them that lie in the order of plan_mapping(), and nothing else of the VM's between them: a region is
 * alone in its own, then there is the interrupt controller's, and one of each channel with files of others. Below PLAN_ORDER_MAX. */
static uint32_t row_of(const struct plan *p, const struct plan_vm *v, uint32_t i, ipaddr_t at)
{
    if (i < v->nr_regions) {
        return i;
    }
    for (uint32_t n = 0; n < p->channels.count; n++) { /* at most PLAN_MAX_CHANNELS turns */
        const struct plan_channel *ch = plan_channel(p, n);

        for (uint32_t e = 0; e < ch->nr_ends; e++) { /* PLAN_MAX_ENDS */
            if (ch->files_ipa[e] != 0U && plan_vm(p, ch->end[e].vm) == v && at.v - ch->files_ipa[e] < plan_files_span(ch)) {
                return v->nr_regions + 1U + n;
            }
        }
    }
    return v->nr_regions;
}

/* Of all mappings: regions and, beside them, those of the interrupt controller and of other VMs' interrupt files. */
static uint64_t tables_below(const struct plan *p, const struct plan_vm *v, unsigned start_level)
{
    struct count n = {.top = start_level + 1U};
    uint16_t start[PLAN_ORDER_MAX] = {0}; /* by row: its first mapping */
    uint32_t before = PLAN_ORDER_MAX;
    struct plan_order o;
    struct plan_region r;

    o.n = 0;
    for (uint32_t i = 0; plan_mapping(p, v, i, &r); i++) { /* bound: plan_mappings_max() */
        uint32_t row = row_of(p, v, i, IPA(r.ipa));

        if (row != before) {
            plan_order_add(&o, row, r.ipa, r.size);
            start[row] = (uint16_t)i;
            before = row;
        }
    }
    plan_order_sort(&o);
    for (uint32_t k = 0; k < o.n; k++) {
        uint32_t row = o.entry[k];

        for (uint32_t i = start[row]; plan_mapping(p, v, i, &r) && row_of(p, v, i, IPA(r.ipa)) == row; i++) { /* bound: as above */
            add_mapping(&n, &r);
            if (row < v->nr_regions) {
                break;
            }
        }
    }
    return n.tables;
}

uint64_t plan_pages_from(const struct plan *p, uint32_t vm, uint64_t used)
{
    const struct plan_vm *v = plan_vm(p, vm);
    struct s2_geometry geo;

    if (s2_geometry(v->ipa_bits, p->pa_bits_min, &geo) != HV_OK) {
        return 0;
    }
    struct pages pool = pages_of_plan(p);
    uint64_t root;

    pool.used = used;
    if (!pages_find(&pool, geo.root_pages, &root) && p->hv_colours != 0U) {
        return p->pool_pages + 1U; /* nowhere: more than there are */
    }
    return root - used + geo.root_pages + tables_below(p, v, geo.start_level);
}

uint64_t plan_s2_pages(const struct plan *p, uint32_t vm)
{
    uint64_t used = 0;
    uint64_t pages = 0;

    for (uint32_t i = 0; i <= vm; i++) {
        pages = plan_pages_from(p, i, used);
        used += pages;
    }
    return pages;
}
