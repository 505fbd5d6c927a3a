/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages of the pool come next, and where they lie: plan_validate() counts by this what pages_alloc() takes. Pure. */
#include "core/pages.h"

#include "hv/plan.h"

struct pages pages_of_plan(const struct plan *p)
{
    return (struct pages){.base = PA(p->pool_pa),
                          .total = p->pool_pages,
                          .coloured = p->hv_colours != 0U ? p : NULL,
                          .first = p->pool_pa - p->hv_base};
}

paddr_t pages_pa(const struct pages *p, uint64_t i)
{
    return p->coloured == NULL ? PA(p->base.v + i * PAGE_SIZE) : plan_hv_pa(p->coloured, p->first + i * PAGE_SIZE);
}

bool pages_before(const struct pages *p, paddr_t pa, uint64_t i)
{
    uint64_t n;

    if (p->coloured == NULL) {
        return pa.v < p->base.v + i * PAGE_SIZE;
    }
    return plan_hv_offset(p->coloured, pa, PAGE_SIZE, &n) && n < p->first + i * PAGE_SIZE;
}

/* Pages from i on that lie one behind the other, `count` of them, and begin as they have to. */
static bool fits(const struct pages *p, uint64_t i, unsigned count)
{
    uint64_t pa = pages_pa(p, i).v;
    uint64_t n;

    return is_aligned(pa, count * PAGE_SIZE) && (count == 1U || plan_hv_offset(p->coloured, PA(pa), count * PAGE_SIZE, &n));
}

static bool room(const struct pages *p, uint64_t i, unsigned count)
{
    return i <= p->total && count <= p->total - i;
}

static __attribute__((noinline)) bool find_coloured(const struct pages *p, unsigned count, uint64_t *at)
{
    uint64_t i = p->used;

    while (i + count <= p->total && !fits(p, i, count)) { /* bound: the pool */
        i++;
    }
    *at = i;
    return room(p, i, count);
}

bool pages_find(const struct pages *p, unsigned count, uint64_t *at)
{
    if (p->coloured != NULL) {
        return find_coloured(p, count, at);
    }
    uint64_t first = p->base.v / PAGE_SIZE;

    *at = align_up(first + p->used, count) - first;
    return room(p, *at, count);
}
