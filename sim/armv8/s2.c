/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2 as an Armv8 CPU walks it: 4 KiB granule (DDI 0487 D8.2). */
#include "sim/internal.h"

#define FSC_TRANSLATION  0x04U
#define FSC_ACCESS_FLAG  0x08U
#define FSC_PERMISSION   0x0cU

/* The access flag and those reserved for software (D8.3.2). */
const uint64_t sim_s2_harmless = (1ULL << 10) | (0xfULL << 55);

bool sim_s2_on(const struct s2_hw *s2)
{
    return s2->ctrl != 0U;
}

uint16_t sim_s2_vmid(const struct s2_hw *s2)
{
    return (uint16_t)((s2->base >> 48) & 0xffU);
}

uint64_t sim_s2_root(const struct s2_hw *s2)
{
    return s2->base & 0x0000fffffffffffeULL;
}

unsigned sim_s2_level(const struct s2_hw *s2)
{
    return 2U - (unsigned)((s2->ctrl >> 6) & 3U);
}

/* A page's descriptor looks like a table's. */
uint64_t sim_s2_table(uint64_t desc)
{
    return (desc & 3U) == 3U ? desc & 0x0000fffffffff000ULL : 0U;
}

static struct sim_translation fault(unsigned fsc, unsigned level)
{
    return (struct sim_translation){ .fault = true, .fsc = fsc | level };
}

/* S2AP, XN and AF of a leaf (D8.4, D8.5). */
struct sim_translation sim_s2_check(const struct sim_leaf *e, uint64_t ipa, enum sim_access access)
{
    unsigned s2ap = (unsigned)(e->desc >> 6) & 3U;
    unsigned xn = (unsigned)(e->desc >> 53) & 3U;
    if (((e->desc >> 10) & 1U) == 0U) {
        return fault(FSC_ACCESS_FLAG, e->level);
    }
    bool ok = access == SIM_ACC_WRITE ? (s2ap & 2U) != 0U : (s2ap & 1U) != 0U;
    if (access == SIM_ACC_FETCH) {
        ok = ok && (xn == 0U || xn == 1U);
    }
    if (!ok) {
        return fault(FSC_PERMISSION, e->level);
    }
    uint64_t out = e->desc & 0x0000fffffffff000ULL & ~(e->size - 1U);
    return (struct sim_translation){ .pa = out | (ipa & (e->size - 1U)) };
}

bool sim_s2_walk(const struct s2_hw *s2, uint64_t ipa, struct sim_leaf *leaf, struct sim_translation *bad)
{
    unsigned bits = 64U - (unsigned)(s2->ctrl & 0x3fU);
    unsigned level = sim_s2_level(s2);
    uint64_t table = sim_s2_root(s2);
    uint64_t index_mask = ~0ULL;
    if (ipa >> bits != 0U) {
        *bad = fault(FSC_TRANSLATION, 0);
        return false;
    }
    for (;; level++) {
        unsigned shift = 12U + (9U * (3U - level));
        uint64_t slot = table + (((ipa >> shift) & index_mask) * 8U);
        if (!sim_is_ram(slot, 8)) {
            sim_fail("stage-2 walk of IPA 0x%lx reads a table at 0x%lx, which is not RAM", ipa, slot);
        }
        sim_llc_walk(sim_s2_vmid(s2), slot);
        uint64_t d = sim_ram_read(slot);
        bool is_leaf = level == 3U ? (d & 3U) == 3U : (level >= 1U && (d & 3U) == 1U);
        if (is_leaf) { /* an access-flag fault is never cached */
            *leaf = (struct sim_leaf){ ipa & ~((1ULL << shift) - 1U), 1ULL << shift, d, level, ((d >> 10) & 1U) != 0U };
            return true;
        }
        if (level == 3U || (d & 3U) != 3U) {
            *bad = fault(FSC_TRANSLATION, level);
            return false;
        }
        table = d & 0x0000fffffffff000ULL;
        index_mask = 0x1ffU;
    }
}
