/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation as a CPU does it: a TLB per core that keeps whatever it once saw until the right invalidation, and the
 * ISA's
 * stage-2 walk behind it.
 */
#include <string.h>

#include "sim/internal.h"

#define TLB_ENTRIES 256U

struct entry {
    bool used;
    uint16_t vmid;
    struct sim_leaf leaf;
};

static struct entry tlb[SIM_MAX_CPUS][TLB_ENTRIES];
static unsigned next_entry[SIM_MAX_CPUS];

void sim_tlb_reset(void)
{
    for (unsigned c = 0; c < SIM_MAX_CPUS; c++) {
        if (next_entry[c] != 0U) {
            memset(tlb[c], 0, sizeof(tlb[c]));
            next_entry[c] = 0;
        }
    }
}

struct sim_translation sim_translate(struct core *c, uint64_t ipa, enum sim_access access)
{
    if (!sim_s2_on(&c->s2)) {
        sim_fail("CPU %u: guest access without stage 2", c->index);
    }
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        const struct entry *e = &tlb[c->index][i];
        if (e->used && e->vmid == sim_s2_vmid(&c->s2) && ipa - e->leaf.ipa < e->leaf.size) {
            return sim_s2_check(&e->leaf, ipa, access);
        }
    }
    struct entry e = { .used = true, .vmid = sim_s2_vmid(&c->s2) };
    struct sim_translation bad;
    if (!sim_s2_walk(&c->s2, ipa, &e.leaf, &bad)) {
        return bad;
    }
    if (e.leaf.cached) {
        tlb[c->index][next_entry[c->index]++ % TLB_ENTRIES] = e;
    }
    return sim_s2_check(&e.leaf, ipa, access);
}

static void flush(uint16_t vmid, bool all, uint64_t ipa)
{
    for (unsigned c = 0; c < sim_cfg.nr_cpus; c++) {
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct entry *e = &tlb[c][i];
            if (e->used && e->vmid == vmid && (all || ipa - e->leaf.ipa < e->leaf.size)) {
                e->used = false;
            }
        }
    }
}

void sim_tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    flush(sim_s2_vmid(s2), false, ipa.v);
    sim_bbm_flushed(s2, false, ipa.v);
}

void sim_tlb_flush_vm(const struct s2_hw *s2)
{
    flush(sim_s2_vmid(s2), true, 0);
    sim_bbm_flushed(s2, true, 0);
}
