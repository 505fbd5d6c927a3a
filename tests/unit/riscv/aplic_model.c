/* SPDX-License-Identifier: Apache-2.0 */
#include "aplic_model.h"

static bool edge(const struct model_source *s) { return s->mode == 4 || s->mode == 5; }
static bool level(const struct model_source *s) { return s->mode == 6 || s->mode == 7; }

bool aplic_model_input(const struct model_source *s)
{
    return (edge(s) || level(s)) && s->wire != (s->mode == 5 || s->mode == 7);
}

/* 4.9 */
static void send(struct aplic_model *m, unsigned i)
{
    struct model_source *s = &m->s[i];
    if (m->ie && s->pending && s->enabled && m->reaches(m, s->target)) {
        s->pending = false;
        m->msi(m, i, s->target);
    }
}

static bool active(const struct aplic_model *m, uint32_t i)
{
    return i != 0 && i < MODEL_SOURCES && m->s[i].exists && m->s[i].mode != 0;
}

/* 4.7: a write to setip and its like, or to in_clrip and clripnum. */
static void pend(struct aplic_model *m, uint32_t i, bool set)
{
    if (!active(m, i)) {
        return;
    }
    if (!set) {
        m->s[i].pending = false;
    } else if (!level(&m->s[i]) || aplic_model_input(&m->s[i])) {
        m->s[i].pending = true;
    }
}

static void enable(struct aplic_model *m, uint32_t i, bool on)
{
    if (active(m, i)) {
        m->s[i].enabled = on;
    }
}

static void configure(struct model_source *s, uint32_t val)
{
    static const unsigned legal[8] = {0, 1, 0, 0, 4, 5, 6, 7};
    if (!s->exists) {
        return;
    }
    s->mode = (val & 0x400) != 0 ? 0 : legal[val & 7];
    if (s->mode == 0) {
        s->pending = false;
        s->enabled = false;
        s->target = 0;
    }
    if (level(s)) {
        s->pending = aplic_model_input(s);
    }
}

/* Number of the first source that an access to a block of bits concerns, or -1. */
static int bits_of(uint64_t offset, unsigned base)
{
    return offset >= base && offset < base + 128U ? (int)((offset - base) * 8U) : -1;
}

static uint32_t gather(const struct aplic_model *m, unsigned first, uint64_t base)
{
    uint32_t val = 0;
    for (unsigned b = 0; b < 32; b++) {
        const struct model_source *s = &m->s[first + b];
        bool on = base == 0x1c00 ? s->pending : base == 0x1d00 ? aplic_model_input(s) : s->enabled;
        val |= s->exists && on ? 1U << b : 0;
    }
    return val;
}

uint32_t aplic_model_read(const struct aplic_model *m, uint64_t offset, unsigned size)
{
    if (size != 4 || offset % 4 != 0) {
        return 0;
    }
    if (offset == 0) {
        return 0x80000004U | (m->ie ? 0x100U : 0);
    }
    if (offset < 0x1000) {
        return m->s[offset / 4].mode;
    }
    if (offset > 0x3000 && offset < 0x4000) {
        return m->s[(offset - 0x3000) / 4].target;
    }
    for (unsigned base = 0x1c00; base <= 0x1e00; base += 0x100) {
        if (bits_of(offset, base) >= 0) {
            return gather(m, (unsigned)bits_of(offset, base), base);
        }
    }
    return 0;
}

static void write_bits(struct aplic_model *m, uint64_t offset, uint32_t val)
{
    for (unsigned b = 0; b < 32; b++) {
        if ((val >> b & 1U) != 0) {
            uint32_t i = (uint32_t)(offset % 0x100U) * 8U + b;
            if (offset < 0x1e00) {
                pend(m, i, offset < 0x1d00);
            } else {
                enable(m, i, offset < 0x1f00);
            }
        }
    }
}

void aplic_model_write(struct aplic_model *m, uint64_t offset, unsigned size, uint32_t val)
{
    if (size != 4 || offset % 4 != 0) {
        return;
    }
    if (offset == 0) {
        m->ie = (val & 0x100) != 0;
    } else if (offset < 0x1000) {
        configure(&m->s[offset / 4], val);
    } else if (offset > 0x3000 && offset < 0x4000) {
        unsigned i = (unsigned)(offset - 0x3000) / 4;
        if (active(m, i)) {
            m->s[i].target = val & (0xfffc07ffU | m->guest_field);
        }
    } else if (offset == 0x1cdc || offset == 0x2000) {
        pend(m, val, true);
    } else if (offset == 0x1ddc) {
        pend(m, val, false);
    } else if (offset == 0x1edc) {
        enable(m, val, true);
    } else if (offset == 0x1fdc) {
        enable(m, val, false);
    } else if (offset >= 0x1c00 && offset < 0x2000 && offset % 0x100 < 0x80) {
        write_bits(m, offset, val);
    }
    for (unsigned i = 1; i < MODEL_SOURCES; i++) {
        send(m, i);
    }
}

void aplic_model_wire(struct aplic_model *m, unsigned source, bool high)
{
    struct model_source *s = &m->s[source];
    bool before = aplic_model_input(s);
    s->wire = high;
    if (aplic_model_input(s) && !before) {
        s->pending = true;
    }
    if (level(s) && !aplic_model_input(s)) {
        s->pending = false;
    }
    send(m, source);
}

void aplic_model_reset(struct aplic_model *m)
{
    m->ie = false;
    for (unsigned i = 0; i < MODEL_SOURCES; i++) {
        m->s[i] = (struct model_source){ .exists = m->s[i].exists, .wire = m->s[i].wire };
    }
}
