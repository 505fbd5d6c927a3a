/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_model.h"

#include <string.h>

#define PRIO_BITS 0xf8 /* five implemented */

void model_init(struct model *m, unsigned vcpus, unsigned irqs)
{
    memset(m, 0, sizeof(*m));
    m->vcpus = vcpus;
    m->irqs = irqs;
    for (unsigned v = 0; v < MODEL_VCPUS; v++) {
        m->sleep[v] = true;
        for (unsigned i = 0; i < 16; i++) {
            m->priv[v][i].exists = true;
            m->priv[v][i].edge = true; /* SGIs, fixed: 12.11.6 */
        }
    }
}

struct model_irq *model_irq(struct model *m, unsigned vcpu, uint32_t intid)
{
    return intid < 32 ? &m->priv[vcpu][intid] : &m->spi[intid];
}

bool model_pending(const struct model_irq *q)
{
    return q->latch || (!q->edge && q->line);
}

void model_line(struct model *m, unsigned vcpu, uint32_t intid, bool level)
{
    struct model_irq *q = model_irq(m, vcpu, intid);
    if (q->edge && level && !q->line) {
        q->latch = true;
    }
    q->line = level;
}

/* What one interrupt shows in a register family: value of its field. */
enum family { IGROUP, ISENABLE, ICENABLE, ISPEND, ICPEND, ISACTIVE, ICACTIVE, PRIORITY, CONFIG, NONE };

static unsigned get(const struct model_irq *q, enum family f)
{
    if (!q->exists) {
        return 0;
    }
    switch (f) {
    case IGROUP:
        return q->group1;
    case ISENABLE:
    case ICENABLE:
        return q->enabled;
    case ISPEND:
    case ICPEND:
        return model_pending(q);
    case ISACTIVE:
    case ICACTIVE:
        return q->active;
    case PRIORITY:
        return q->prio;
    case CONFIG:
        return q->edge ? 2 : 0;
    default:
        return 0;
    }
}

static void put(struct model_irq *q, enum family f, unsigned v, bool private)
{
    if (!q->exists) {
        return;
    }
    switch (f) {
    case IGROUP:
        q->group1 = v != 0;
        break;
    case PRIORITY:
        q->prio = v & PRIO_BITS;
        break;
    case CONFIG:
        if (!private) {
            q->edge = (v & 2) != 0;
        }
        break;
    case ISENABLE:
        q->enabled = q->enabled || v;
        break;
    case ICENABLE:
        q->enabled = q->enabled && !v;
        break;
    case ISPEND:
        q->latch = q->latch || v;
        break;
    case ICPEND:
        q->latch = q->latch && !v;
        break;
    case ISACTIVE:
        q->active = q->active || v;
        break;
    case ICACTIVE:
        q->active = q->active && !v;
        break;
    default:
        break;
    }
}

/* Register family at an offset that both frames share (GICR's SGI_base = GICD's layout for word 0), with its bits per
 * interrupt and the first interrupt of the byte at `off`. */
static enum family family_of(uint32_t off, unsigned *bits, unsigned *first)
{
    static const struct {
        uint32_t base, end;
        unsigned bits;
        enum family f;
    } map[] = {
        { 0x080, 0x100, 1, IGROUP },   { 0x100, 0x180, 1, ISENABLE }, { 0x180, 0x200, 1, ICENABLE },
        { 0x200, 0x280, 1, ISPEND },   { 0x280, 0x300, 1, ICPEND },   { 0x300, 0x380, 1, ISACTIVE },
        { 0x380, 0x400, 1, ICACTIVE }, { 0x400, 0x7fc, 8, PRIORITY }, { 0xc00, 0xd00, 2, CONFIG },
    };
    for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
        if (off >= map[i].base && off < map[i].end) {
            *bits = map[i].bits;
            *first = (off - map[i].base) * 8 / map[i].bits;
            return map[i].f;
        }
    }
    return NONE;
}

static bool width_ok(enum family f, uint32_t off, unsigned size)
{
    return off % size == 0 && (size == 4 || (size == 1 && f == PRIORITY));
}

static bool in_frame(struct model *m, int target, unsigned intid)
{
    return target >= 0 ? intid < 32 : intid >= 32 && intid < m->irqs && intid < 1020;
}

static uint64_t family_read(struct model *m, int target, uint32_t off, unsigned size)
{
    unsigned bits = 0, first = 0;
    enum family f = family_of(off, &bits, &first);
    uint64_t v = 0;
    if (f == NONE || !width_ok(f, off, size)) {
        return 0;
    }
    for (unsigned i = 0; i < size * 8 / bits; i++) {
        if (in_frame(m, target, first + i)) {
            v |= (uint64_t)get(model_irq(m, target < 0 ? 0 : (unsigned)target, first + i), f) << (i * bits);
        }
    }
    return v;
}

static void family_write(struct model *m, int target, uint32_t off, unsigned size, uint64_t val)
{
    unsigned bits = 0, first = 0;
    enum family f = family_of(off, &bits, &first);
    if (f == NONE || !width_ok(f, off, size)) {
        return;
    }
    for (unsigned i = 0; i < size * 8 / bits; i++) {
        if (in_frame(m, target, first + i)) {
            unsigned field = (unsigned)(val >> (i * bits)) & ((1U << bits) - 1);
            put(model_irq(m, target < 0 ? 0 : (unsigned)target, first + i), f, field, target >= 0);
        }
    }
}

static bool router(struct model *m, uint32_t off, unsigned size, uint32_t *intid)
{
    *intid = (off - 0x6000) / 8;
    return off >= 0x6100 && off < 0x7fe0 && off % size == 0 && (size == 4 || size == 8) && *intid < m->irqs &&
           m->spi[*intid].exists;
}

uint64_t model_gicd_read(struct model *m, uint32_t off, unsigned size)
{
    uint32_t intid;
    if (router(m, off, size, &intid)) {
        uint64_t r = ((uint64_t)(m->spi[intid].aff >> 24) << 32) | (m->spi[intid].aff & 0xffffff);
        r = off % 8 == 4 ? r >> 32 : r;
        return size == 4 ? r & 0xffffffff : r;
    }
    if (size == 4) {
        switch (off) {
        case 0x0: /* DS, ARE, EnableGrp1, EnableGrp0 */
            return (1 << 6) | (1 << 4) | m->groups;
        case 0x4: /* No1N, A3V, IDbits = 10 - 1, ITLinesNumber */
            return (1 << 25) | (1 << 24) | (9 << 19) | (m->irqs / 32 - 1);
        case 0x8:
            return 0x42000000;
        case 0xffe8: /* ArchRev 3 */
            return 0x30;
        default:
            break;
        }
    }
    return family_read(m, -1, off, size);
}

void model_gicd_write(struct model *m, uint32_t off, unsigned size, uint64_t val)
{
    uint32_t intid;
    if (router(m, off, size, &intid)) {
        uint32_t *aff = &m->spi[intid].aff;
        if (off % 8 == 4) {
            *aff = (*aff & 0xffffff) | (uint32_t)(val & 0xff) << 24;
        } else {
            *aff = (*aff & 0xff000000) | (val & 0xffffff);
            if (size == 8) {
                *aff = (*aff & 0xffffff) | (uint32_t)((val >> 32) & 0xff) << 24;
            }
        }
    } else if (off == 0 && size == 4) {
        m->groups = val & 3;
    } else {
        family_write(m, -1, off, size, val);
    }
}

uint64_t model_gicr_read(struct model *m, unsigned target, uint32_t off, unsigned size)
{
    uint64_t typer = ((uint64_t)target << 32) | (target << 8) | (target + 1 == m->vcpus ? 1 << 4 : 0);
    if (off == 8 && size == 8) {
        return typer;
    }
    if (size == 4 && off < 0x10000) {
        switch (off) {
        case 0x4:
            return 0x42000000;
        case 0x8:
            return typer & 0xffffffff;
        case 0xc:
            return typer >> 32;
        case 0x14:
            return m->sleep[target] ? 6 : 0;
        case 0xffe8:
            return 0x30;
        default:
            break;
        }
    }
    uint32_t sgi = off - 0x10000;
    bool word0 = (sgi >= 0x80 && sgi < 0x400 && (sgi & 0x7f) < 4) || (sgi >= 0x400 && sgi < 0x420) ||
                 (sgi >= 0xc00 && sgi < 0xc08);
    return off >= 0x10000 && word0 ? family_read(m, (int)target, sgi, size) : 0;
}

void model_gicr_write(struct model *m, unsigned target, uint32_t off, unsigned size, uint64_t val)
{
    if (off == 0x14 && size == 4) {
        m->sleep[target] = (val & 2) != 0;
    } else if (off >= 0x10000) {
        family_write(m, (int)target, off - 0x10000, size, val);
    }
}

bool model_forwarded(struct model *m, unsigned vcpu, uint32_t intid)
{
    const struct model_irq *q = model_irq(m, vcpu, intid);
    return m->on[vcpu] && q->exists && q->enabled && model_pending(q) && !q->active &&
           ((m->groups >> q->group1) & 1) != 0 &&
           (intid < 32 || (m->v2 ? q->aff != 0 && (unsigned)__builtin_ctz(q->aff) == vcpu : q->aff == vcpu));
}

unsigned model_best(struct model *m, unsigned vcpu)
{
    unsigned best = 256;
    unsigned running = m->depth[vcpu] != 0 ? m->stack_prio[vcpu][m->depth[vcpu] - 1] : 256;
    for (uint32_t i = 0; i < m->irqs; i++) {
        unsigned p = model_irq(m, vcpu, i)->prio;
        if (p < best && p < running && model_forwarded(m, vcpu, i)) {
            best = p;
        }
    }
    return best;
}

bool model_may_ack(struct model *m, unsigned vcpu, uint32_t intid)
{
    if (m->v2 && (intid & 0x3ff) < 16 && intid < 0x2000) {
        if (((m->priv[vcpu][intid & 15].from >> (intid >> 10)) & 1) == 0) {
            return false;
        }
        intid &= 0x3ff;
    }
    return intid < m->irqs && model_forwarded(m, vcpu, intid) && model_irq(m, vcpu, intid)->prio == model_best(m, vcpu);
}

void model_ack(struct model *m, unsigned vcpu, uint32_t intid)
{
    struct model_irq *q = model_irq(m, vcpu, m->v2 ? intid & 0x3ff : intid);
    if (m->v2) {
        q->from &= ~(1U << (intid >> 10));
    }
    q->latch = q->from != 0;
    q->active = true;
    m->stack_prio[vcpu][m->depth[vcpu]] = q->prio;
    m->stack_intid[vcpu][m->depth[vcpu]++] = intid;
}

uint32_t model_eoi(struct model *m, unsigned vcpu)
{
    uint32_t intid = m->stack_intid[vcpu][--m->depth[vcpu]];
    model_irq(m, vcpu, m->v2 ? intid & 0x3ff : intid)->active = false;
    return intid;
}

bool model_on_a_stack(struct model *m, unsigned vcpu, uint32_t intid)
{
    for (unsigned v = 0; v < m->vcpus; v++) {
        for (unsigned i = 0; i < m->depth[v]; i++) {
            uint32_t on_it = m->v2 ? m->stack_intid[v][i] & 0x3ff : m->stack_intid[v][i];
            if (on_it == intid && (intid >= 32 || v == vcpu)) {
                return true;
            }
        }
    }
    return false;
}

unsigned model_active_here(struct model *m, unsigned vcpu)
{
    unsigned n = m->depth[vcpu];
    for (uint32_t i = 0; i < m->irqs; i++) {
        const struct model_irq *q = model_irq(m, vcpu, i);
        n += q->active && !model_on_a_stack(m, vcpu, i);
    }
    return n;
}

void model_sgi(struct model *m, unsigned from, uint64_t sgir, unsigned group)
{
    unsigned intid = (sgir >> 24) & 15;
    bool irm = (sgir >> 40) & 1;
    unsigned aff1 = (sgir >> 16) & 255, aff2 = (sgir >> 32) & 255, aff3 = (sgir >> 48) & 255, rs = (sgir >> 44) & 15;
    for (unsigned v = 0; v < m->vcpus; v++) {
        bool named = aff1 == 0 && aff2 == 0 && aff3 == 0 && v / 16 == rs && ((sgir >> (v % 16)) & 1);
        struct model_irq *q = &m->priv[v][intid];
        if ((irm ? v != from : named) && (group == 1 || !q->group1)) {
            q->latch = true;
        }
    }
}

void model_vcpu_off(struct model *m, unsigned vcpu)
{
    m->on[vcpu] = false;
    m->depth[vcpu] = 0;
}
