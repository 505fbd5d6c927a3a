/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees are walked from the root for each leaf, without recursion: the walk is at most four loads, every loop advances
 * an address, and nothing about a tree is kept that could disagree with it.
 */
#include "core/s2.h"

#include "hv/arch_ops.h"
#include "hv/check.h"

#define INDEX_BITS 9U
#define ENTRIES    (1U << INDEX_BITS)

/* Where a walk ended. */
struct slot {
    uint64_t *pte;
    unsigned level;
};

static uint64_t span(unsigned level)
{
    return PAGE_SIZE << (INDEX_BITS * (s2_format.last_level - level));
}

static bool is_valid(uint64_t pte)
{
    return (pte & s2_format.valid_mask) == s2_format.valid_mask;
}

static bool is_table(uint64_t pte, unsigned level)
{
    return is_valid(pte) && level < s2_format.last_level && (pte & s2_format.leaf_mask) != s2_format.leaf_value;
}

static uint64_t encode(paddr_t pa)
{
    return (pa.v >> s2_format.addr_rshift) & s2_format.addr_mask;
}

static paddr_t decode(uint64_t pte)
{
    return PA((pte & s2_format.addr_mask) << s2_format.addr_rshift);
}

static uint64_t leaf(paddr_t pa, uint64_t attr, unsigned level)
{
    uint64_t type = level == s2_format.last_level ? s2_format.page_bits : s2_format.block_bits;
    return encode(pa) | attr | type;
}

/* What tells a leaf from a table may be an attribute (RISC-V: the right to read): not the type's, it stays. */
static uint64_t attr_of(uint64_t pte, unsigned level)
{
    uint64_t type = level == s2_format.last_level ? s2_format.page_bits : s2_format.block_bits;
    return pte & ~(s2_format.addr_mask | type);
}

/* Table pages lie in the hypervisor's own region, which is always mapped (arch_ops.h). */
static uint64_t *entries(paddr_t table, unsigned pages)
{
    uint64_t *p = arch_ops.mmu.map(table, pages * PAGE_SIZE, MAP_RW);
    CHECK(p != NULL);
    return p;
}

/* Root tables are concatenated, so their index is wider than 9 bits (DDI 0487 D8.2.2). */
static struct slot root_slot(const struct s2 *s, uint64_t ipa)
{
    uint64_t i = ipa / span(s->geo.start_level);
    return (struct slot){ &entries(s->root, s->geo.root_pages)[i], s->geo.start_level };
}

/* In a table that is not a root. */
static uint64_t index_in_table(uint64_t ipa, unsigned level)
{
    return (ipa / span(level)) % ENTRIES;
}

/* One level down; the slot must hold a table. */
static struct slot child(struct slot at, uint64_t ipa)
{
    unsigned level = at.level + 1U;
    return (struct slot){ &entries(decode(*at.pte), 1)[index_in_table(ipa, level)], level };
}

/* The next one, which decides about ipa; false if the table may end before. */
static bool next_slot(struct slot *at, uint64_t ipa)
{
    at->pte = &at->pte[1];
    return index_in_table(ipa, at->level) != 0U;
}

/* The slot that decides about ipa: an invalid entry or a leaf, or whatever stands at level `deepest`. */
static struct slot find(const struct s2 *s, uint64_t ipa, unsigned deepest)
{
    struct slot at = root_slot(s, ipa);
    while (at.level < deepest && is_table(*at.pte, at.level)) {
        at = child(at, ipa);
    }
    return at;
}

/* First address after the part of the IPA space that a slot covers. */
static uint64_t after(struct slot at, uint64_t ipa)
{
    return align_down(ipa, span(at.level)) + span(at.level);
}

enum hv_status s2_init(struct s2 *s, struct pages *pool, unsigned ipa_bits, unsigned pa_bits, vmid_t vmid)
{
    struct s2 new = { .pool = pool };
    enum hv_status st = s2_geometry(ipa_bits, pa_bits, &new.geo);
    if (st != HV_OK) {
        return st;
    }
    st = pages_alloc(pool, new.geo.root_pages, &new.root);
    if (st != HV_OK) {
        return st;
    }
    new.hw = s2_hw(&new.geo, new.root, vmid, pa_bits);
    *s = new;
    return HV_OK;
}

static enum hv_status check_range(const struct s2 *s, uint64_t ipa, uint64_t size)
{
    if (!is_aligned(ipa | size, PAGE_SIZE)) {
        return HV_ERR_ALIGN;
    }
    return range_within(ipa, size, 0, (uint64_t)1 << s->geo.ipa_bits) ? HV_OK : HV_ERR_RANGE;
}

/* All of [ipa, end) mapped (or, with want false, none of it)? */
static bool all_mapped(const struct s2 *s, uint64_t ipa, uint64_t end, bool want)
{
    while (ipa < end) {
        struct slot at = find(s, ipa, s2_format.last_level);
        do { /* and those that follow in its table */
            if (is_valid(*at.pte) != want) {
                return false;
            }
            ipa = after(at, ipa);
        } while (ipa < end && next_slot(&at, ipa) && !is_table(*at.pte, at.level));
    }
    return true;
}

/* The level of the largest leaf that may begin at ipa -> pa with `left` bytes to go. */
static unsigned best_level(const struct s2 *s, uint64_t ipa, uint64_t pa, uint64_t left)
{
    unsigned level = s->geo.start_level > s2_format.first_block_level ? s->geo.start_level
                                                                      : s2_format.first_block_level;
    while (level < s2_format.last_level && (!is_aligned(ipa | pa, span(level)) || left < span(level))) {
        level++;
    }
    return level;
}

/* Goes down to a slot for a leaf of level `want`, adding tables. Ends deeper where a table stands in the way. */
static enum hv_status descend(struct s2 *s, uint64_t ipa, unsigned want, struct slot *out)
{
    struct slot at = find(s, ipa, s2_format.last_level);
    while (at.level < want) {
        paddr_t table;
        enum hv_status st = pages_alloc(s->pool, 1, &table);
        if (st != HV_OK) {
            return st;
        }
        arch_ops.mmu.pte_write(at.pte, encode(table) | s2_format.table_bits);
        at = child(at, ipa);
    }
    *out = at;
    return HV_OK;
}

/* Takes back a map of [ipa, end) that ran out of pages: its leaves, and the tables it added, which are the pages of
 * the pool from `mark` on. */
static void undo_map(struct s2 *s, uint64_t ipa, uint64_t end, uint64_t mark)
{
    uint64_t first_new = s->pool->base.v + (mark * PAGE_SIZE);
    while (ipa < end) {
        struct slot at = root_slot(s, ipa);
        while (is_table(*at.pte, at.level) && decode(*at.pte).v < first_new) {
            at = child(at, ipa);
        }
        if (is_valid(*at.pte)) {
            arch_ops.mmu.pte_write(at.pte, 0);
        }
        ipa = after(at, ipa);
    }
    arch_ops.tlb.flush_vm(&s->hw);
    s->pool->used = mark;
}

static enum hv_status map_leaves(struct s2 *s, uint64_t ipa, uint64_t pa, uint64_t end, uint64_t attr)
{
    while (ipa < end) {
        struct slot at;
        enum hv_status st = descend(s, ipa, best_level(s, ipa, pa, end - ipa), &at);
        if (st != HV_OK) {
            return st;
        }
        /* And those that follow in its table: none may be larger before the table's end, where the address is aligned to more. */
        uint64_t step = span(at.level);
        do {
            arch_ops.mmu.pte_write(at.pte, leaf(PA(pa), attr, at.level));
            ipa += step;
            pa += step;
        } while (end - ipa >= step && next_slot(&at, ipa) && !is_valid(*at.pte));
    }
    return HV_OK;
}

enum hv_status s2_map(struct s2 *s, ipaddr_t ipa, paddr_t pa, uint64_t size, enum s2_mem mem, unsigned rights)
{
    enum hv_status st = check_range(s, ipa.v, size);
    if (st != HV_OK || !is_aligned(pa.v, PAGE_SIZE)) {
        return st != HV_OK ? st : HV_ERR_ALIGN;
    }
    if (!range_ok(pa.v, size) || decode(encode(PA(pa.v + size - PAGE_SIZE))).v != pa.v + size - PAGE_SIZE) {
        return HV_ERR_RANGE;
    }
    if ((unsigned)mem >= S2_MEMS || rights >= ARRAY_SIZE(s2_format.attr[0]) || s2_format.attr[mem][rights] == 0U) {
        return HV_ERR_INVAL;
    }
    if (!all_mapped(s, ipa.v, ipa.v + size, false)) {
        return HV_ERR_OVERLAP;
    }
    uint64_t mark = s->pool->used;
    st = map_leaves(s, ipa.v, pa.v, ipa.v + size, s2_format.attr[mem][rights]);
    if (st != HV_OK) {
        undo_map(s, ipa.v, ipa.v + size, mark);
    }
    return st;
}

/* Replaces a block by a table that says the same. Break-before-make (DDI 0487 D8.16.1): the table is complete first,
 * then the block goes, with its TLB entries, then the table comes. */
static enum hv_status split(struct s2 *s, struct slot at, uint64_t ipa)
{
    paddr_t table;
    enum hv_status st = pages_alloc(s->pool, 1, &table);
    if (st != HV_OK) {
        return st;
    }
    uint64_t *pte = entries(table, 1);
    for (unsigned i = 0; i < ENTRIES; i++) {
        paddr_t pa = PA(decode(*at.pte).v + (i * span(at.level + 1U)));
        arch_ops.mmu.pte_write(&pte[i], leaf(pa, attr_of(*at.pte, at.level), at.level + 1U));
    }
    arch_ops.mmu.pte_write(at.pte, 0);
    arch_ops.tlb.flush_ipa(&s->hw, IPA(ipa));
    arch_ops.mmu.pte_write(at.pte, encode(table) | s2_format.table_bits);
    return HV_OK;
}

/* Splits until no leaf reaches across `edge`. */
static enum hv_status split_at(struct s2 *s, uint64_t edge)
{
    for (unsigned i = 0; i < S2_MAX_LEVELS && edge < (uint64_t)1 << s->geo.ipa_bits; i++) {
        struct slot at = find(s, edge, s2_format.last_level);
        if (!is_valid(*at.pte) || is_aligned(edge, span(at.level))) {
            break;
        }
        enum hv_status st = split(s, at, edge);
        if (st != HV_OK) {
            return st;
        }
    }
    return HV_OK;
}

enum hv_status s2_unmap(struct s2 *s, ipaddr_t ipa, uint64_t size)
{
    enum hv_status st = check_range(s, ipa.v, size);
    if (st != HV_OK) {
        return st;
    }
    uint64_t end = ipa.v + size;
    if (!all_mapped(s, ipa.v, end, true)) {
        return HV_ERR_NOENT;
    }
    /* Everything that can fail comes first: a split block still says what it said. */
    st = split_at(s, ipa.v);
    if (st == HV_OK) {
        st = split_at(s, end);
    }
    if (st != HV_OK) {
        return st;
    }
    for (uint64_t at_ipa = ipa.v; at_ipa < end;) {
        struct slot at = find(s, at_ipa, s2_format.last_level);
        arch_ops.mmu.pte_write(at.pte, 0);
        at_ipa = after(at, at_ipa);
    }
    if (size == PAGE_SIZE) {
        arch_ops.tlb.flush_ipa(&s->hw, ipa);
    } else {
        arch_ops.tlb.flush_vm(&s->hw);
    }
    return HV_OK;
}

enum hv_status s2_walk(const struct s2 *s, ipaddr_t ipa, struct s2_mapping *out)
{
    if (ipa.v >= (uint64_t)1 << s->geo.ipa_bits) {
        return HV_ERR_NOENT;
    }
    struct slot at = find(s, ipa.v, s2_format.last_level);
    if (!is_valid(*at.pte)) {
        return HV_ERR_NOENT;
    }
    out->pa = PA(decode(*at.pte).v + (ipa.v & (span(at.level) - 1U)));
    out->attr = attr_of(*at.pte, at.level);
    out->level = at.level;
    return HV_OK;
}
