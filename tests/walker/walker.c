/* SPDX-License-Identifier: Apache-2.0 */
#include "walker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_GRANTS 128U

struct audit {
    struct walker *w;
    const struct walker_grant *grants;
    unsigned n;
    uint64_t covered[MAX_GRANTS];
    unsigned ipa_bits;
};

static bool wrong(struct walker *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(w->error, sizeof(w->error), fmt, ap);
    va_end(ap);
    return false;
}

static uint64_t field(uint64_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2ULL << (high - low)) - 1U);
}

/* One leaf against the grants: every byte of it must lie in one, at the right place, with the right rights. */
static bool leaf_ok(struct audit *a, uint64_t ipa, uint64_t pa, uint64_t size, const struct walker_grant *have)
{
    while (size != 0U) {
        unsigned i = 0;
        while (i < a->n && !(ipa >= a->grants[i].ipa && ipa - a->grants[i].ipa < a->grants[i].size)) {
            i++;
        }
        if (i == a->n) {
            return wrong(a->w, "IPA 0x%lx reaches PA 0x%lx, which is not granted", ipa, pa);
        }
        const struct walker_grant *g = &a->grants[i];
        if (pa - g->pa != ipa - g->ipa) {
            return wrong(a->w, "IPA 0x%lx reaches PA 0x%lx instead of 0x%lx", ipa, pa, g->pa + (ipa - g->ipa));
        }
        if (have->read != g->read || have->write != g->write || have->execute != g->execute) {
            return wrong(a->w, "IPA 0x%lx: rights r%d w%d x%d instead of r%d w%d x%d", ipa, have->read, have->write,
                         have->execute, g->read, g->write, g->execute);
        }
        if (have->type != g->type) {
            return wrong(a->w, "IPA 0x%lx: memory type %d instead of %d", ipa, have->type, g->type);
        }
        uint64_t left = g->size - (ipa - g->ipa);
        uint64_t piece = left < size ? left : size;
        a->covered[i] += piece;
        ipa += piece;
        pa += piece;
        size -= piece;
    }
    return true;
}

/*
 * Block or page descriptor, D8.3.2. MemAttr [5:2], S2AP [7:6], SH [9:8], AF [10], [11] RES0 or FnXS, output address
 * up to 47, [51:48] RES0, Contiguous [52], XN [54:53], [58:55] for software, [63:59] ignored with VTCR_EL2.HWU* = 0.
 */
static bool leaf(struct audit *a, uint64_t d, uint64_t ipa, unsigned shift)
{
    struct walker_grant have = { 0 };
    uint64_t low = shift > 12U ? field(d, shift - 1U, 12) : 0U;
    if (low != 0U || field(d, 51, 48) != 0U || field(d, 11, 11) != 0U || field(d, 53, 53) != 0U) {
        return wrong(a->w, "leaf 0x%lx for IPA 0x%lx: a bit that has to be 0 is set", d, ipa);
    }
    if (field(d, 52, 52) != 0U) {
        return wrong(a->w, "leaf 0x%lx for IPA 0x%lx: says contiguous", d, ipa);
    }
    if (field(d, 10, 10) == 0U) {
        return wrong(a->w, "leaf 0x%lx for IPA 0x%lx: access flag clear, so it faults", d, ipa);
    }
    have.read = field(d, 6, 6) != 0U;
    have.write = field(d, 7, 7) != 0U;
    have.execute = field(d, 54, 54) == 0U;
    switch (field(d, 5, 2)) {
    case 0xf: /* normal, inner and outer write-back */
        have.type = WALKER_NORMAL_WB;
        if (field(d, 9, 8) != 3U) {
            return wrong(a->w, "leaf 0x%lx for IPA 0x%lx: not inner shareable", d, ipa);
        }
        break;
    case 0x1: /* Device-nGnRE; shareability is the architecture's then (D8.6) */
        have.type = WALKER_DEVICE;
        break;
    default:
        return wrong(a->w, "leaf 0x%lx for IPA 0x%lx: memory attributes 0x%lx", d, ipa, field(d, 5, 2));
    }
    return leaf_ok(a, ipa, d & ((1ULL << 48) - (1ULL << shift)), 1ULL << shift, &have);
}

static bool table(struct audit *a, uint64_t pa, unsigned entries, unsigned level, uint64_t ipa);

/* Table descriptor, D8.3.1: [63:59] and [50:48] RES0 at stage 2, [58:51] and [11:2] ignored. */
static bool next_table(struct audit *a, uint64_t d, unsigned level, uint64_t ipa)
{
    if (field(d, 63, 59) != 0U || field(d, 50, 48) != 0U) {
        return wrong(a->w, "table descriptor 0x%lx for IPA 0x%lx: a bit that has to be 0 is set", d, ipa);
    }
    return table(a, d & 0xfffffffff000ULL, 512, level + 1U, ipa);
}

static bool table(struct audit *a, uint64_t pa, unsigned entries, unsigned level, uint64_t ipa)
{
    unsigned shift = 39U - (9U * level);
    uint64_t bytes = entries * 8ULL;
    uint64_t pages = (bytes + 4095U) / 4096U;
    a->w->tables += pages;
    if (pa < a->w->tables_base || pa - a->w->tables_base + (pages * 4096U) > a->w->tables_size) {
        return wrong(a->w, "table for IPA 0x%lx at 0x%lx, where no table may be", ipa, pa);
    }
    for (unsigned i = 0; i < entries; i++, ipa += 1ULL << shift) {
        uint64_t d;
        if (!a->w->read(a->w->ctx, pa + (i * 8U), &d)) {
            return wrong(a->w, "table for IPA 0x%lx at 0x%lx: no memory", ipa, pa);
        }
        if ((d & 1U) == 0U) {
            continue; /* invalid: everything else in it is ignored */
        }
        bool ok;
        if ((d & 2U) != 0U) {
            ok = level == 3U ? leaf(a, d, ipa, shift) : next_table(a, d, level, ipa);
        } else if (level == 1U || level == 2U) {
            ok = leaf(a, d, ipa, shift);
        } else {
            ok = wrong(a->w, "descriptor 0x%lx for IPA 0x%lx: reserved encoding at level %u", d, ipa, level);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* VTCR_EL2 for the 4 KiB granule: what a CPU without any extension makes of it. */
static bool control(struct audit *a, unsigned *level, unsigned *entries)
{
    struct walker *w = a->w;
    uint64_t sl0 = field(w->vtcr, 7, 6);
    unsigned t0sz = (unsigned)field(w->vtcr, 5, 0);
    if (field(w->vtcr, 15, 14) != 0U || sl0 == 3U || t0sz < 16U || t0sz > 39U) {
        return wrong(w, "VTCR 0x%lx: granule, start level or size", w->vtcr);
    }
    if (field(w->vtcr, 9, 8) != 1U || field(w->vtcr, 11, 10) != 1U || field(w->vtcr, 13, 12) != 3U) {
        return wrong(w, "VTCR 0x%lx: walks are not write-back, inner shareable", w->vtcr);
    }
    if (field(w->vtcr, 63, 19) != 1ULL << 12) {
        return wrong(w, "VTCR 0x%lx: bit 31 is RES1, the other upper bits are unused", w->vtcr);
    }
    static const unsigned sizes[] = { 32, 36, 40, 42, 44, 48 };
    uint64_t ps = field(w->vtcr, 18, 16);
    a->ipa_bits = 64U - t0sz;
    if (ps > 5U || a->ipa_bits > sizes[ps] || a->ipa_bits != w->ipa_bits) {
        return wrong(w, "VTCR 0x%lx: IPA size above the PA size, or not %u bits", w->vtcr, w->ipa_bits);
    }
    if (sl0 == 2U && sizes[ps] < 44U) {
        return wrong(w, "VTCR 0x%lx: level 0 with less than 44 PA bits (D8.2)", w->vtcr);
    }
    *level = 2U - (unsigned)sl0;
    unsigned shift = 39U - (9U * *level);
    if (a->ipa_bits <= shift || a->ipa_bits - shift > 13U) {
        return wrong(w, "VTCR 0x%lx: size and start level do not fit", w->vtcr);
    }
    *entries = 1U << (a->ipa_bits - shift);
    uint64_t root = w->vttbr & 0xfffffffffffeULL;
    uint64_t align = *entries * 8ULL > 4096U ? *entries * 8ULL : 4096U;
    if ((w->vttbr & 1U) != 0U || (root & (align - 1U)) != 0U || w->vttbr >> 56 != 0U ||
        field(w->vttbr, 55, 48) != w->vmid) {
        return wrong(w, "VTTBR 0x%lx: alignment, or VMID", w->vttbr);
    }
    return true;
}

bool walker_audit(struct walker *w, const struct walker_grant *grants, unsigned n)
{
    struct audit a = { .w = w, .grants = grants, .n = n };
    unsigned level = 0, entries = 0;
    w->tables = 0;
    w->error[0] = '\0';
    if (n > MAX_GRANTS) {
        return wrong(w, "more than %u grants", MAX_GRANTS);
    }
    if (!control(&a, &level, &entries) || !table(&a, w->vttbr & 0xfffffffff000ULL, entries, level, 0)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (a.covered[i] != grants[i].size) {
            return wrong(w, "grant at IPA 0x%lx: 0x%lx of 0x%lx bytes reachable", grants[i].ipa, a.covered[i],
                         grants[i].size);
        }
    }
    return true;
}
