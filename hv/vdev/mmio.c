/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/mmio.h"

const struct mmio_reg *mmio_find(const struct mmio_table *t, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = t->count;

    /* Binary search for the last register at or below the offset: at most log2(count) + 1 turns. */
    while (low < high) {
        uint32_t mid = (low + high) / 2U;

        if (t->regs[mid].offset <= offset) {
            low = mid + 1U;
        } else {
            high = mid;
        }
    }
    if (low == 0U) {
        return NULL;
    }

    const struct mmio_reg *r = &t->regs[low - 1U];

    return offset - r->offset < r->length ? r : NULL;
}

void mmio_access(const struct mmio_table *t, struct vcpu *v, void *dev, uint32_t offset, uint32_t size, bool write,
                 uint64_t *val)
{
    const struct mmio_reg *r = mmio_find(t, offset);
    uint64_t mask = size >= 8U ? ~(uint64_t)0 : ((uint64_t)1 << (8U * size)) - 1U;
    struct mmio_access a = {.v = v, .dev = dev, .size = size};

    if (r == NULL || (r->widths & size) == 0U || (offset & (size - 1U)) != 0U) {
        if (!write) {
            *val = 0;
        }
        return;
    }
    a.offset = offset - r->offset;
    a.first = r->bits == 0U ? 0U : a.offset * 8U / r->bits;
    if (write) {
        if (r->write != NULL) {
            r->write(&a, *val & mask);
        }
    } else {
        *val = r->read != NULL ? r->read(&a) & mask : 0U;
    }
}
