/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor of the reference model's GICv2, from IHI 0048B 4.3: without Security Extensions, with both groups. */
#include "vgic_model.h"

#define PRIO_BITS 0xf8 /* five implemented */

void model_make_v2(struct model *m)
{
    m->v2 = true;
    for (uint32_t i = 32; i < m->irqs; i++) {
        m->spi[i].aff = 1; /* reset: the first CPU */
    }
}

static unsigned all_cpus(const struct model *m)
{
    return (1U << m->vcpus) - 1;
}

static bool is_there(struct model *m, unsigned vcpu, uint32_t intid)
{
    return intid < m->irqs && intid < 1020 && model_irq(m, vcpu, intid)->exists;
}

/* One bit of the families that have one bit per interrupt, by the offset of the family. */
static bool bit_of(const struct model_irq *q, uint32_t family)
{
    switch (family) {
    case 0x080:
        return q->group1;
    case 0x100:
    case 0x180:
        return q->enabled;
    case 0x200:
    case 0x280:
        return model_pending(q);
    default:
        return q->active;
    }
}

static void set_bit(struct model_irq *q, uint32_t family, bool sgi, bool one)
{
    switch (family) {
    case 0x080:
        q->group1 = one;
        break;
    case 0x100:
        q->enabled = q->enabled || one;
        break;
    case 0x180:
        q->enabled = q->enabled && !one;
        break;
    case 0x200:
        q->latch = sgi ? q->latch : q->latch || one;
        break;
    case 0x280:
        q->latch = sgi ? q->latch : q->latch && !one;
        break;
    case 0x300:
        q->active = q->active || one;
        break;
    default:
        q->active = q->active && !one;
        break;
    }
}

/* Byte per interrupt: priority, targets, and for SGIs what they are pending from. */
static unsigned byte_at(struct model *m, unsigned vcpu, uint32_t off)
{
    bool one_cpu = m->vcpus == 1;
    if (off >= 0x400 && off < 0x7fc) {
        return is_there(m, vcpu, off - 0x400) ? model_irq(m, vcpu, off - 0x400)->prio : 0;
    }
    if (off >= 0x800 && off < 0xbfc) {
        uint32_t intid = off - 0x800;
        unsigned targets = intid < 32 ? 1U << vcpu : m->spi[intid].aff;
        return is_there(m, vcpu, intid) && !one_cpu ? targets : 0;
    }
    return off >= 0xf10 && off < 0xf30 ? m->priv[vcpu][off & 15].from : 0;
}

static void put_byte(struct model *m, unsigned vcpu, uint32_t off, unsigned val)
{
    if (off >= 0x400 && off < 0x7fc && is_there(m, vcpu, off - 0x400)) {
        model_irq(m, vcpu, off - 0x400)->prio = val & PRIO_BITS;
    } else if (off >= 0x820 && off < 0xbfc && is_there(m, vcpu, off - 0x800) && m->vcpus > 1) {
        m->spi[off - 0x800].aff = val & all_cpus(m);
    } else if (off >= 0xf10 && off < 0xf30) {
        struct model_irq *q = &m->priv[vcpu][off & 15];
        q->from = off < 0xf20 ? q->from & ~val : q->from | (val & all_cpus(m));
        q->latch = q->from != 0;
    }
}

static bool in_bytes(uint32_t off)
{
    return (off >= 0x400 && off < 0x7fc) || (off >= 0x800 && off < 0xbfc) || (off >= 0xf10 && off < 0xf30);
}

uint64_t model_dist2_read(struct model *m, unsigned vcpu, uint32_t off, unsigned size)
{
    uint32_t v = 0;
    if (off % size != 0 || (size != 4 && !(size == 1 && in_bytes(off)))) {
        return 0;
    }
    if (in_bytes(off)) {
        for (unsigned i = 0; i < size; i++) {
            v |= byte_at(m, vcpu, off + i) << (8 * i);
        }
        return v;
    }
    for (uint32_t i = 0; off >= 0x80 && off < 0x400 && i < 32; i++) {
        uint32_t intid = (off & 0x7f) * 8 + i;
        v |= is_there(m, vcpu, intid) && bit_of(model_irq(m, vcpu, intid), off & ~0x7fU) ? 1U << i : 0;
    }
    for (uint32_t i = 0; off >= 0xc00 && off < 0xd00 && i < 16; i++) {
        uint32_t intid = (off - 0xc00) * 4 + i;
        v |= is_there(m, vcpu, intid) && model_irq(m, vcpu, intid)->edge ? 2U << (2 * i) : 0;
    }
    v |= off == 0 ? m->groups : 0;
    v |= off == 4 ? (m->vcpus - 1) << 5 | (m->irqs / 32 - 1) : 0;
    v |= off == 8 ? 0x42000000 : 0;
    return v | (off == 0xfe8 ? 0x20 : 0); /* ArchRev 2 */
}

static void sgir(struct model *m, unsigned from, uint64_t val)
{
    unsigned filter = (val >> 24) & 3;
    for (unsigned v = 0; v < m->vcpus; v++) {
        struct model_irq *q = &m->priv[v][val & 15];
        bool named = filter == 0 ? (val >> (16 + v)) & 1 : filter == 1 ? v != from : filter == 2 && v == from;
        q->from |= named ? 1U << from : 0;
        q->latch = q->from != 0;
    }
}

void model_dist2_write(struct model *m, unsigned vcpu, uint32_t off, unsigned size, uint64_t val)
{
    if (off % size != 0 || (size != 4 && !(size == 1 && in_bytes(off)))) {
        return;
    }
    if (in_bytes(off)) {
        for (unsigned i = 0; i < size; i++) {
            put_byte(m, vcpu, off + i, (val >> (8 * i)) & 0xff);
        }
    } else if (off >= 0x80 && off < 0x400) {
        for (uint32_t i = 0; i < 32; i++) {
            uint32_t intid = (off & 0x7f) * 8 + i;
            if (is_there(m, vcpu, intid)) {
                set_bit(model_irq(m, vcpu, intid), off & ~0x7fU, intid < 16, (val >> i) & 1);
            }
        }
    } else if (off >= 0xc08 && off < 0xd00) {
        for (uint32_t i = 0; i < 16; i++) {
            uint32_t intid = (off - 0xc00) * 4 + i;
            if (is_there(m, vcpu, intid)) {
                m->spi[intid].edge = (val >> (2 * i + 1)) & 1;
            }
        }
    } else if (off == 0) {
        m->groups = val & 3;
    } else if (off == 0xf00) {
        sgir(m, vcpu, val);
    }
}
