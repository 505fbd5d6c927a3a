/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SGIs of a GICv2: pending at each target by source (IHI 0048B 3.2.4, 4.3.16), and acknowledged with it. A list register
 * holds one source; what the same SGI is pending from otherwise waits for its end, as the architecture has it of an
 * interrupt that is active and pending. vgic.lock held.
 */
#include "vdev/vgic_state.h"

static void update(const struct vgic_bank *b, uint32_t intid, uint32_t sources)
{
    b->r->source[intid] = (uint8_t)sources;
    if (sources != 0U) {
        (void)atomic32_or(&b->w->pend, vgic_bit(intid));
    } else {
        (void)atomic32_and(&b->w->pend, ~vgic_bit(intid));
    }
}

void vgic_source_set(const struct vgic_bank *b, uint32_t intid, uint32_t sources)
{
    if (b->g->v2) {
        update(b, intid, b->r->source[intid] | sources);
    } else {
        (void)atomic32_or(&b->w->pend, vgic_bit(intid)); /* GICv3 does not tell who sent it */
    }
}

void vgic_source_clear(const struct vgic_bank *b, uint32_t intid, uint32_t sources)
{
    update(b, intid, b->r->source[intid] & ~sources);
}

uint64_t vgic_source_take(const struct vgic_bank *b, uint32_t intid)
{
    uint32_t lowest = vgic_lowest(b->r->source[intid]);

    vgic_source_clear(b, intid, (uint32_t)1 << lowest);
    return (uint64_t)lowest << LR_SOURCE_SHIFT;
}

bool vgic_source_waits(const struct vgic_bank *b, uint32_t intid, uint64_t lr)
{
    if ((lr & LR_ACTIVE) == 0U) {
        vgic_source_clear(b, intid, (uint32_t)1 << LR_SOURCE(lr));
    }
    return b->r->source[intid] != 0U;
}
