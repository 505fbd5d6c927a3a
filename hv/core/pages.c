/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pages.h"

#include "hv/arch_ops.h"
#include "lib/string.h"

enum hv_status pages_init(struct pages *p, paddr_t base, uint64_t count)
{
    if (!is_aligned(base.v, PAGE_SIZE)) {
        return HV_ERR_ALIGN;
    }
    if (count > UINT64_MAX / PAGE_SIZE || !range_ok(base.v, count * PAGE_SIZE)) {
        return HV_ERR_RANGE;
    }
    *p = (struct pages){ .base = base, .total = count, .used = 0 };
    return HV_OK;
}

enum hv_status pages_take(struct pages *p, paddr_t *out)
{
    if (p->used == p->total) {
        return HV_ERR_NOMEM;
    }
    *out = pages_pa(p, p->used);
    p->used++;
    return HV_OK;
}

enum hv_status pages_alloc(struct pages *p, unsigned count, paddr_t *out)
{
    if (count == 0U || (count & (count - 1U)) != 0U) {
        return HV_ERR_INVAL;
    }
    uint64_t size = count * PAGE_SIZE;
    uint64_t at;
    if (!pages_find(p, count, &at)) {
        return HV_ERR_NOMEM;
    }
    paddr_t pa = pages_pa(p, at);
    void *page = arch_ops.mmu.map(pa, size, MAP_RW);
    if (page == NULL) {
        return HV_ERR_NOMEM;
    }
    mem_zero(page, size);
    p->used = at + count;
    *out = pa;
    return HV_OK;
}
