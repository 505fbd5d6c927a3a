/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan_order.h"

void plan_order_add(struct plan_order *o, uint32_t number, uint64_t base, uint64_t size)
{
    o->entry[o->n] = (uint8_t)number;
    o->n++;
    o->first[number] = base;
    o->last[number] = base + (size - 1U);
}

/* Two rows in order, one behind the other, become one. */
static void merge(const struct plan_order *o, uint8_t *at, uint32_t left, uint32_t right)
{
    uint8_t kept[PLAN_ORDER_MAX];
    uint32_t l = 0;
    uint32_t r = left;

    for (uint32_t i = 0; i < left; i++) {
        kept[i] = at[i];
    }
    for (uint32_t to = 0; l < left; to++) { /* what is left of the right row is in its place */
        if (r < left + right && o->first[at[r]] < o->first[kept[l]]) {
            at[to] = at[r++];
        } else {
            at[to] = kept[l++];
        }
    }
}

void plan_order_sort(struct plan_order *o)
{
    for (uint32_t width = 1; width < o->n; width *= 2U) { /* bound: 8 */
        for (uint32_t start = 0; start + width < o->n; start += 2U * width) {
            uint32_t right = o->n - start - width;
            uint8_t *at = &o->entry[start];

            if (o->first[at[width]] < o->first[at[width - 1U]]) { /* else they are in order: most are */
                merge(o, at, width, right < width ? right : width);
            }
        }
    }
}

void plan_open_keep(struct plan_open *open, const struct plan_order *o, uint32_t number)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < open->n; i++) {
        if (o->last[open->entry[i]] >= o->first[number]) {
            open->entry[n++] = open->entry[i];
        }
    }
    open->n = n;
}

void plan_open_add(struct plan_open *open, uint32_t number)
{
    open->entry[open->n] = (uint8_t)number;
    open->n++;
}
