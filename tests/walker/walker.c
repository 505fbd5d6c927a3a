/* SPDX-License-Identifier: Apache-2.0 */
#include "walker.h"

#define wrong(w, ...) walker_wrong((w)->error, __VA_ARGS__)
#define field         walker_field

struct audit {
    struct walker *w;
    struct walker_cover cover;
    unsigned ipa_bits;
};

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
    return walker_cover_leaf(&a->cover, ipa, d & ((1ULL << 48) - (1ULL << shift)), 1ULL << shift, &have);
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
    struct audit a = { .w = w, .cover = { .grants = grants, .n = n, .error = w->error } };
    unsigned level = 0, entries = 0;
    w->tables = 0;
    w->error[0] = '\0';
    if (n > WALKER_MAX_GRANTS) {
        return wrong(w, "more than %u grants", WALKER_MAX_GRANTS);
    }
    if (!control(&a, &level, &entries) || !table(&a, w->vttbr & 0xfffffffff000ULL, entries, level, 0)) {
        return false;
    }
    return walker_cover_all(&a.cover);
}
