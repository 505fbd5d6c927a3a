/* SPDX-License-Identifier: Apache-2.0 */
/* How many table pages the VMs of a plan take: the sum that s2_map() comes to, without building anything. */
#include "core/pages.h"
#include "core/plan_check.h"
#include "hv/s2_format.h"

/* Indices of tables of one level that a region needs: at most two spans, [first, last] each. */
struct spans {
    unsigned count;
    uint64_t first[2];
    uint64_t last[2];
};

static unsigned level_shift(unsigned level)
{
    return PAGE_SHIFT + 9U * (s2_format.last_level - level);
}

/*
 * A table at `level` replaces one leaf of the level above. Where a region covers all that such a leaf would
 * and is aligned alike in both address spaces, s2_map() puts the leaf; tables stand only under its ragged
 * ends. Coloured memory is mapped by pages, all of it.
 */
static struct spans region_spans(const struct plan_region *r, unsigned level)
{
    unsigned shift = level_shift(level - 1U);
    uint64_t span = (uint64_t)1 << shift;
    uint64_t first = r->ipa >> shift;
    uint64_t last = (r->ipa + (r->size - 1U)) >> shift;
    bool ragged_head = !is_aligned(r->ipa, span);
    bool ragged_tail = !is_aligned(r->ipa + r->size, span);
    struct spans s = {0};

    if (level - 1U < s2_format.first_block_level || r->colours != 0U || !is_aligned(r->ipa ^ r->pa, span)) {
        return (struct spans){1, {first, 0}, {last, 0}};
    }
    if (ragged_head) {
        s.first[0] = s.last[0] = first;
        s.count = 1;
    }
    if (ragged_tail && !(ragged_head && first == last)) {
        s.first[s.count] = s.last[s.count] = last;
        s.count++;
    }
    return s;
}

/* The lowest index >= from that some region needs, and how far that region goes. False if there is none. */
static bool next_span(const struct plan *p, const struct plan_vm *vm, unsigned level, uint64_t from,
                      uint64_t *first, uint64_t *last)
{
    bool found = false;
    struct plan_region r;

    for (uint32_t i = 0; plan_mapping(p, vm, i, &r); i++) { /* bound: nr_regions + HV_MAX_CPUS */
        struct spans s = region_spans(&r, level);

        for (unsigned k = 0; k < s.count; k++) {
            uint64_t start = s.first[k] > from ? s.first[k] : from;

            if (s.last[k] >= from && (!found || start < *first)) {
                found = true;
                *first = start;
                *last = s.last[k];
            }
        }
    }
    return found;
}

/* Each step uses up at least one span, of which a mapping has at most two. */
static uint64_t tables_at(const struct plan *p, const struct plan_vm *vm, unsigned level)
{
    uint64_t from = 0;
    uint64_t count = 0;

    for (uint32_t step = 0; step < 2U * (vm->nr_regions + HV_MAX_CPUS); step++) {
        uint64_t first = 0;
        uint64_t last = 0;

        if (!next_span(p, vm, level, from, &first, &last)) {
            break;
        }
        count += last - first + 1U;
        from = last + 1U;
    }
    return count;
}

uint64_t plan_pages_from(const struct plan *p, uint32_t vm, uint64_t used)
{
    const struct plan_vm *v = plan_vm(p, vm);
    struct s2_geometry geo;
    uint64_t pages;

    if (s2_geometry(v->ipa_bits, p->pa_bits_min, &geo) != HV_OK) {
        return 0;
    }
    struct pages pool = pages_of_plan(p);
    uint64_t root;

    pool.used = used;
    if (!pages_find(&pool, geo.root_pages, &root) && p->hv_colours != 0U) {
        return p->pool_pages + 1U; /* nowhere: more than there are */
    }
    pages = root - used + geo.root_pages;
    for (unsigned level = geo.start_level + 1U; level <= s2_format.last_level; level++) {
        pages += tables_at(p, v, level);
    }
    return pages;
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
