/* SPDX-License-Identifier: Apache-2.0 */
/* Registers with a bit or a byte per interrupt: the same in the distributor and in a redistributor (IHI
 * 0069H 12.9, 12.11). */
#include "vdev/mmio.h"
#include "vdev/vgic_state.h"

struct vgic_bank vgic_frame_bank(const struct mmio_access *a, uint32_t intid)
{
    const struct vgic_frame *f = vgic_frame_of(a);
    unsigned word = intid / 32U;

    if (f->r != NULL && word == 0U) {
        return vgic_bank(f->g, f->vcpu, 0);
    }
    return (struct vgic_bank){.g = f->g, .w = &f->g->spi[word], .word = word};
}

/* Of an access to a register with a bit per interrupt. */
static struct vgic_bank bits_bank(const struct mmio_access *a)
{
    return vgic_frame_bank(a, 8U * a->offset);
}

/* That bank's word alone. */
static struct vgic_word *word_of(const struct mmio_access *a)
{
    const struct vgic_frame *f = vgic_frame_of(a);
    unsigned word = a->offset / 4U;

    return f->r != NULL && word == 0U ? &f->r->w : &f->g->spi[word];
}

uint64_t vgic_bits_read_group(const struct mmio_access *a)
{
    return atomic32_load(&word_of(a)->group);
}

void vgic_bits_write_group(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = bits_bank(a);

    vgic_word_group(a->v, &b, (uint32_t)val);
}

uint64_t vgic_bits_read_enable(const struct mmio_access *a)
{
    return atomic32_load(&word_of(a)->enabled);
}

void vgic_bits_set_enable(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = bits_bank(a);

    vgic_word_enable(a->v, &b, (uint32_t)val);
}

void vgic_bits_clear_enable(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = bits_bank(a);

    vgic_word_disable(a->v, &b, (uint32_t)val);
}

static uint32_t state(const struct mmio_access *a, enum vgic_op op, uint64_t mask)
{
    struct vgic_bank b = bits_bank(a);

    return vgic_word_state(a->v, &b, op, (uint32_t)mask);
}

uint64_t vgic_bits_read_pending(const struct mmio_access *a)
{
    return state(a, VGIC_RD_PEND, 0xffffffffU);
}

void vgic_bits_set_pending(const struct mmio_access *a, uint64_t val)
{
    (void)state(a, VGIC_SET_PEND, val);
}

void vgic_bits_clear_pending(const struct mmio_access *a, uint64_t val)
{
    (void)state(a, VGIC_CLR_PEND, val);
}

uint64_t vgic_bits_read_active(const struct mmio_access *a)
{
    return state(a, VGIC_RD_ACT, 0xffffffffU);
}

void vgic_bits_set_active(const struct mmio_access *a, uint64_t val)
{
    (void)state(a, VGIC_SET_ACT, val);
}

void vgic_bits_clear_active(const struct mmio_access *a, uint64_t val)
{
    (void)state(a, VGIC_CLR_ACT, val);
}

static uint8_t *priorities(const struct vgic_bank *b)
{
    return b->r != NULL ? b->r->prio : b->g->prio;
}

uint64_t vgic_bits_read_priority(const struct mmio_access *a)
{
    struct vgic_bank b = vgic_frame_bank(a, a->offset);
    const uint8_t *prio = priorities(&b);
    uint32_t val = 0;

    spin_lock(&b.g->lock);
    for (uint32_t i = 0; i < a->size; i++) { /* 1 or 4 turns */
        if ((b.w->owned & vgic_bit(a->offset + i)) != 0U) {
            val |= (uint32_t)prio[a->offset + i] << (8U * i);
        }
    }
    spin_unlock(&b.g->lock);
    return val;
}

void vgic_bits_write_priority(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = vgic_frame_bank(a, a->offset);
    uint8_t *prio = priorities(&b);
    uint32_t change = 0;

    vgic_lock(b.g);
    for (uint32_t i = 0; i < a->size; i++) { /* 1 or 4 turns */
        uint8_t p = (uint8_t)((val & b.g->prio_mask) >> (8U * i));

        if ((b.w->owned & vgic_bit(a->offset + i)) != 0U && prio[a->offset + i] != p) {
            prio[a->offset + i] = p;
            change |= vgic_bit(a->offset + i);
        }
    }
    vgic_word_resettle(a->v, &b, change); /* unlocks */
}
