/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/mmio.h"

const struct mmio_reg *mmio_find(const struct mmio_table *t, uint32_t offset)
{
    uint32_t in_frame = (offset & 0xffffU) >> MMIO_GRANULE_SHIFT;
    uint32_t granule = (offset >> 16) * MMIO_GRANULES + in_frame;
    const struct mmio_reg *r;

    if (in_frame < MMIO_GRANULES && granule < t->granules) {
        r = &t->regs[t->start[granule]];
        while (r[1].offset <= offset) { /* as many turns as the granule has registers */
            r++;
        }
    } else {
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
        r = &t->regs[low - 1U];
    }
    return offset - r->offset < r->length ? r : NULL;
}

const struct mmio_reg *mmio_word(const struct mmio_table *t, struct vcpu *v, void *dev, uint64_t offset, struct mmio_access *a)
{
    if ((offset & ~(uint64_t)(MMIO_GRANULES * MMIO_GRANULE - 4U)) != 0U) {
        return NULL;
    }
    /* The mask for a CPU that goes on before it has compared. */
    const struct mmio_reg *r = &t->regs[t->start[offset / MMIO_GRANULE % MMIO_GRANULES]];
    uint32_t at = (uint32_t)offset - r->offset;

    if (at >= r->length) {
        return NULL;
    }
    a->v = v;
    a->dev = dev;
    a->offset = at;
    a->size = 4;
    return r;
}

void mmio_access(const struct mmio_reg *r, struct vcpu *v, void *dev, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    uint64_t mask = ~(uint64_t)0 >> (64U - 8U * size);

    if (r == NULL || (r->widths & size) == 0U || (offset & (size - 1U)) != 0U) {
        if (!write) {
            *val = 0;
        }
        return;
    }
    uint32_t at = offset - r->offset;
    struct mmio_access a = {.v = v, .dev = dev, .offset = at, .first = r->bits == 0U ? 0U : at * 8U / r->bits, .size = size};

    if (write) {
        if (r->write != NULL) {
            r->write(&a, *val & mask);
        }
    } else {
        *val = r->read != NULL ? r->read(&a) & mask : 0U;
    }
}
