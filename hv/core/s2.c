/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees are walked from the root for each leaf, without recursion: the walk is at most four loads, every loop advances
 * an address, and nothing about a tree is kept that could disagree with it.
 */
#include "core/s2_slot.h"

enum hv_status s2_init(struct s2 *s, struct pages *pool, unsigned ipa_bits, unsigned pa_bits, vmid_t vmid)
{
    struct s2 new = { .pool = pool, .low = UINT64_MAX };
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

/* Slots of `level`, from ipa's on in its table, that end at or before `end`. */
static uint64_t slots_before(unsigned level, uint64_t ipa, uint64_t end)
{
    uint64_t in_table = ENTRIES - index_in_table(ipa, level);
    uint64_t whole = (end - ipa) / span(level);

    return whole < in_table ? whole : in_table;
}

static bool all_mapped(const struct s2 *s, uint64_t ipa, uint64_t end)
{
    for (uint64_t next = ipa; next < end;) {
        struct slot at = find(s, next, s2_format.last_level);

        if (!is_valid(*at.pte)) {
            return false;
        }
        next = after(at, next);
    }
    return true;
}

/* Memory that may be mapped already is looked at entry by entry: eight at a time. */
#define EIGHT 8U

static uint64_t any_of_eight(const uint64_t *pte)
{
    return pte[0] | pte[1] | pte[2] | pte[3] | pte[4] | pte[5] | pte[6] | pte[7];
}

/* Of n entries those before the first that is valid. */
static __attribute__((noinline)) uint64_t free_before(const uint64_t *pte, uint64_t n)
{
    uint64_t k = 0;

    while (n - k >= EIGHT && !is_valid(any_of_eight(&pte[k]))) {
        k += EIGHT;
    }
    while (k < n && !is_valid(pte[k])) {
        k++;
    }
    return k;
}

static bool none_mapped(const struct s2 *s, uint64_t ipa, uint64_t end)
{
    for (uint64_t next = ipa; next < end;) {
        struct slot at = find(s, next, s2_format.last_level);
        uint64_t step = span(at.level);
        uint64_t start = align_down(next, step);
        uint64_t n = free_before(at.pte, slots_before(at.level, start, end + (step - 1U)));

        if (n == 0U) {
            return false;
        }
        next = start + n * step; /* where a table may stand, which need not have anything in it */
    }
    return true;
}

/* A VM's memory comes in order, most of it: then no entry has to be looked at. */
static bool is_apart(const struct s2 *s, uint64_t ipa, uint64_t end)
{
    return ipa >= s->high || end <= s->low;
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

enum hv_status s2_descend(struct s2 *s, uint64_t ipa, unsigned want, struct slot *out)
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

__attribute__((cold)) void s2_undo_map(struct s2 *s, uint64_t ipa, uint64_t end, uint64_t mark)
{
    while (ipa < end) {
        struct slot at = root_slot(s, ipa);
        while (is_table(*at.pte, at.level) && pages_before(s->pool, decode(*at.pte), mark)) {
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

/* `empty`: is_apart() of it. */
static enum hv_status map_leaves(struct s2 *s, uint64_t ipa, uint64_t pa, uint64_t end, uint64_t attr, bool empty)
{
    while (ipa < end) {
        struct slot at;
        enum hv_status st = s2_descend(s, ipa, best_level(s, ipa, pa, end - ipa), &at);
        if (st != HV_OK) {
            return st;
        }
        /* And those that follow in its table: none may be larger before the table's end, where the address is aligned to more. */
        uint64_t step = span(at.level);
        uint64_t n = slots_before(at.level, ipa, end);
        if (!empty) {
            n = 1U + free_before(&at.pte[1], n - 1U);
        }
        arch_ops.mmu.pte_fill(at.pte, leaf(PA(pa), attr, at.level), encode(PA(step)), n);
        ipa += n * step;
        pa += n * step;
    }
    return HV_OK;
}

enum hv_status s2_may_map(const struct s2 *s, uint64_t ipa, uint64_t size, enum s2_mem mem, unsigned rights)
{
    enum hv_status st = check_range(s, ipa, size);
    if (st != HV_OK) {
        return st;
    }
    if ((unsigned)mem >= S2_MEMS || rights >= ARRAY_SIZE(s2_format.attr[0]) || s2_format.attr[mem][rights] == 0U) {
        return HV_ERR_INVAL;
    }
    return is_apart(s, ipa, ipa + size) || none_mapped(s, ipa, ipa + size) ? HV_OK : HV_ERR_OVERLAP;
}

void s2_widen(struct s2 *s, uint64_t ipa, uint64_t end)
{
    s->low = ipa < s->low ? ipa : s->low;
    s->high = end > s->high ? end : s->high;
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
    st = s2_may_map(s, ipa.v, size, mem, rights);
    if (st != HV_OK) {
        return st;
    }
    uint64_t mark = s->pool->used;
    bool empty = is_apart(s, ipa.v, ipa.v + size);
    s2_widen(s, ipa.v, ipa.v + size);
    st = map_leaves(s, ipa.v, pa.v, ipa.v + size, s2_format.attr[mem][rights], empty);
    if (st != HV_OK) {
        s2_undo_map(s, ipa.v, ipa.v + size, mark);
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
    if (!all_mapped(s, ipa.v, end)) {
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
