/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Break-before-make (DDI 0487 D8.16.1): a valid descriptor may become another valid one only by way of an invalid one,
 * with the TLB invalidated in between. Holds every stage-2 store to that. RISC-V does not ask for it; the core's
 * tables are made
 * in the same way there.
 */
#include <string.h>

#include "sim/internal.h"

#define VALID      1ULL /* on each ISA */
#define MAX_BROKEN 65536U

/* Slots that were valid, are not, and may still be in a TLB. */
static struct broken {
    uint64_t slot, old;
} broken[MAX_BROKEN];
static unsigned nr_broken;

/* Which slot refers to a table page: 0 for none known (a root, or no table). Indexed by page of RAM. */
#define MAX_PAGES (1U << 18)
static uint64_t parent[MAX_PAGES];

void sim_bbm_reset(void)
{
    nr_broken = 0;
    memset(parent, 0, sizeof(parent));
}

static uint64_t *parent_of(uint64_t pa)
{
    uint64_t page = (pa - sim_cfg.ram_base) >> PAGE_SHIFT;
    return sim_is_ram(pa & ~(PAGE_SIZE - 1U), PAGE_SIZE) && page < MAX_PAGES ? &parent[page] : NULL;
}

static void note_broken(uint64_t slot, uint64_t old)
{
    if (nr_broken == MAX_BROKEN) {
        sim_fail("more than %u descriptors broken and not yet flushed", MAX_BROKEN);
    }
    broken[nr_broken++] = (struct broken){ slot, old };
}

static void check_make(uint64_t slot, uint64_t pte)
{
    for (unsigned i = 0; i < nr_broken; i++) {
        if (broken[i].slot == slot && ((broken[i].old ^ pte) & ~sim_s2_harmless) != 0U) {
            sim_fail("break-before-make: 0x%lx: 0x%lx -> 0 -> 0x%lx without TLB invalidation in between", slot,
                     broken[i].old, pte);
        }
    }
}

void sim_pte_write(uint64_t *slot, uint64_t pte)
{
    uint64_t pa;
    if (!sim_arena_pa((uintptr_t)slot, &pa) || (pa & 7U) != 0U) {
        sim_fail("pte_write to %p, which is not memory for tables", (void *)slot);
    }
    sim_llc_access(SIM_LLC_HV, pa, sizeof(*slot));
    uint64_t old = *slot;
    if ((old & VALID) != 0U && (pte & VALID) != 0U && ((old ^ pte) & ~sim_s2_harmless) != 0U) {
        sim_fail("break-before-make: 0x%lx: 0x%lx -> 0x%lx in one step", pa, old, pte);
    }
    if ((old & VALID) != 0U && (pte & VALID) == 0U) {
        note_broken(pa, old);
    }
    if ((pte & VALID) != 0U) {
        check_make(pa, pte);
    }
    if (sim_s2_table(pte) != 0U) {
        uint64_t *up = parent_of(sim_s2_table(pte));
        if (up != NULL) {
            *up = pa;
        }
    }
    __atomic_store_n(slot, pte, __ATOMIC_SEQ_CST);
}

/* True if the slot lies in the tree of s2 and (unless all) decides about ipa. */
static bool concerns(const struct s2_hw *s2, uint64_t slot, bool all, uint64_t ipa)
{
    uint64_t chain[4] = {slot};
    unsigned depth = 0;
    for (uint64_t at = slot; at != 0U && depth < 4U;) {
        chain[depth++] = at;
        uint64_t *up = parent_of(at);
        at = up != NULL ? *up : 0U;
    }
    uint64_t root = sim_s2_root(s2);
    uint64_t top = depth != 0U ? chain[depth - 1U] : 0U;
    unsigned start = sim_s2_level(s2);
    if (top < root || top >= root + (16U * PAGE_SIZE)) {
        return false;
    }
    uint64_t base = 0;
    unsigned shift = 0;
    for (unsigned i = 0; i < depth; i++) {
        uint64_t at = chain[depth - 1U - i];
        shift = 12U + (9U * (3U - (start + i)));
        uint64_t index = i == 0U ? (at - root) / 8U : (at & (PAGE_SIZE - 1U)) / 8U;
        base |= index << shift;
    }
    return all || ipa >> shift == base >> shift;
}

void sim_bbm_flushed(const struct s2_hw *s2, bool all, uint64_t ipa)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < nr_broken; i++) {
        if (!concerns(s2, broken[i].slot, all, ipa)) {
            broken[kept++] = broken[i];
        }
    }
    nr_broken = kept;
}
