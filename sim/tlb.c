/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation as a CPU does it: a TLB per core that keeps whatever it once saw until the right invalidation, and the
 * stage-2 walk of DDI 0487 D8.2 behind it.
 */
#include <string.h>

#include "sim/internal.h"

#define TLB_ENTRIES 256U

struct entry {
    bool used;
    uint16_t vmid;
    uint64_t ipa, size;
    uint64_t desc; /* the leaf descriptor as it was */
    unsigned level;
};

static struct entry tlb[SIM_MAX_CPUS][TLB_ENTRIES];
static unsigned next_entry[SIM_MAX_CPUS];

#define FSC_ADDRESS_SIZE 0x00U
#define FSC_TRANSLATION  0x04U
#define FSC_ACCESS_FLAG  0x08U
#define FSC_PERMISSION   0x0cU

void sim_tlb_reset(void)
{
    memset(tlb, 0, sizeof(tlb));
    memset(next_entry, 0, sizeof(next_entry));
}

static uint16_t vmid_of(const struct s2_hw *s2)
{
    return (uint16_t)((s2->base >> 48) & 0xffU);
}

static struct sim_translation fault(unsigned fsc, unsigned level)
{
    return (struct sim_translation){ .fault = true, .fsc = fsc | level };
}

/* S2AP, XN and AF of a leaf (D8.4, D8.5). */
static struct sim_translation check(const struct entry *e, uint64_t ipa, enum sim_access access)
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

/* The walk; on success *e is what a TLB may keep. */
static bool walk(const struct s2_hw *s2, uint64_t ipa, struct entry *e, struct sim_translation *bad)
{
    unsigned bits = 64U - (unsigned)(s2->ctrl & 0x3fU);
    unsigned level = 2U - (unsigned)((s2->ctrl >> 6) & 3U);
    uint64_t table = s2->base & 0x0000fffffffffffeULL;
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
        uint64_t d = sim_ram_read(slot);
        bool leaf = level == 3U ? (d & 3U) == 3U : (level >= 1U && (d & 3U) == 1U);
        if (leaf) {
            *e = (struct entry){ true, vmid_of(s2), ipa & ~((1ULL << shift) - 1U), 1ULL << shift, d, level };
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

struct sim_translation sim_translate(struct core *c, uint64_t ipa, enum sim_access access)
{
    if (c->s2.ctrl == 0U) {
        sim_fail("CPU %u: guest access without stage 2", c->index);
    }
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        const struct entry *e = &tlb[c->index][i];
        if (e->used && e->vmid == vmid_of(&c->s2) && ipa - e->ipa < e->size) {
            return check(e, ipa, access);
        }
    }
    struct entry e;
    struct sim_translation bad;
    if (!walk(&c->s2, ipa, &e, &bad)) {
        return bad;
    }
    if (((e.desc >> 10) & 1U) != 0U) { /* an access-flag fault is never cached */
        tlb[c->index][next_entry[c->index]++ % TLB_ENTRIES] = e;
    }
    return check(&e, ipa, access);
}

static void flush(uint16_t vmid, bool all, uint64_t ipa)
{
    for (unsigned c = 0; c < SIM_MAX_CPUS; c++) {
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct entry *e = &tlb[c][i];
            if (e->used && e->vmid == vmid && (all || ipa - e->ipa < e->size)) {
                e->used = false;
            }
        }
    }
}

void sim_tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    flush(vmid_of(s2), false, ipa.v);
    sim_bbm_flushed(s2, false, ipa.v);
}

void sim_tlb_flush_vm(const struct s2_hw *s2)
{
    flush(vmid_of(s2), true, 0);
    sim_bbm_flushed(s2, true, 0);
}
