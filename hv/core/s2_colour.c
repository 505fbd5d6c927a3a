/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of a VM's memory goes through here page by page at boot, so what a page costs is what boot costs. Where colours follow
 * each other, so do addresses: what a period has of the mask is worked out once, as runs, and a table is filled run by run.
 * A table that nothing points to yet is plain memory: its entries need no barrier each, but one before the table is put
 * in its place.
 */
#include "core/s2_colour.h"

#include "core/colour.h"
#include "core/s2_slot.h"

/* Pages that follow each other, from `first` bytes into a period on. With a hash each is of one colour, and first is what it
 * would be in a period that the hash leaves alone. */
struct run {
    uint64_t first;
    uint64_t pages;
};

struct cursor {
    const struct plan_llc *llc;
    struct run run[LLC_MAX_COLOURS];
    unsigned nr_runs;
    bool hashed;
    uint64_t period;   /* physical address */
    uint64_t twist;    /* what the hash does to offsets in this one */
    unsigned at;       /* the run at hand */
    uint64_t done;     /* pages of it */
    uint64_t left;     /* pages of all */
    uint64_t attr;     /* of a leaf, with its type */
};

static void new_period(struct cursor *c, uint64_t pa)
{
    c->period = pa;
    c->twist = c->hashed ? colour_twist(c->llc, PA(pa)) * colour_unit(c->llc) : 0U;
}

static void begin(struct cursor *c, const struct extent *e, uint64_t attr)
{
    uint64_t unit = colour_unit(e->llc);

    *c = (struct cursor){.llc = e->llc, .hashed = colour_hashed(e->llc), .left = e->size >> PAGE_SHIFT, .attr = attr};
    for (uint64_t m = e->colours; m != 0U; m &= m - 1U) { /* at most LLC_MAX_COLOURS turns */
        uint64_t first = (uint64_t)__builtin_ctzll(m) * unit;
        struct run *last = c->nr_runs != 0U ? &c->run[c->nr_runs - 1U] : NULL;

        if (last != NULL && !c->hashed && last->first + (last->pages << PAGE_SHIFT) == first) {
            last->pages += unit >> PAGE_SHIFT;
        } else {
            c->run[c->nr_runs++] = (struct run){first, unit >> PAGE_SHIFT};
        }
    }
    new_period(c, e->base.v);
}

#define UNROLLED 8U

/* n leaves in a row. They are plain stores. */
static void fill(uint64_t *to, uint64_t pte, uint64_t n)
{
    const uint64_t step = PAGE_SIZE >> s2_format.addr_rshift;

    for (; n >= UNROLLED; n -= UNROLLED) {
#pragma GCC unroll 8
        for (unsigned i = 0; i < UNROLLED; i++) {
            to[i] = pte;
            pte += step;
        }
        to += UNROLLED;
    }
    for (; n != 0U; n--) {
        *to++ = pte;
        pte += step;
    }
}

/* The next `n` pages, of which there are as many, into a table. */
static void fill_table(struct cursor *c, uint64_t *to, uint64_t n)
{
    c->left -= n;
    while (n != 0U) { /* each turn is a page further at least */
        const struct run *r = &c->run[c->at];
        uint64_t pages = r->pages - c->done < n ? r->pages - c->done : n;

        fill(to, encode(PA(c->period + (r->first ^ c->twist) + (c->done << PAGE_SHIFT))) | c->attr, pages);
        to += pages;
        n -= pages;
        c->done += pages;
        if (c->done == r->pages) {
            c->done = 0;
            c->at++;
        }
        if (c->at == c->nr_runs) {
            c->at = 0;
            new_period(c, c->period + colour_period(c->llc));
        }
    }
}

/* A table of its own for the 2 MiB around ipa, from ipa on. All of it is written, or it is zeroed before. */
static enum hv_status new_table(struct s2 *s, uint64_t ipa, struct cursor *c, struct slot at)
{
    uint64_t first = index_in_table(ipa, s2_format.last_level);
    uint64_t n = c->left < ENTRIES - first ? c->left : ENTRIES - first;
    paddr_t table;
    enum hv_status st = n == ENTRIES ? pages_take(s->pool, &table) : pages_alloc(s->pool, 1, &table);

    if (st != HV_OK) {
        return st;
    }
    uint64_t *pte = entries(table, 1);

    fill_table(c, &pte[first], n);
    /* The last once more: this makes all of them visible to walks before the table is. */
    arch_ops.mmu.pte_write(&pte[first + n - 1U], pte[first + n - 1U]);
    arch_ops.mmu.pte_write(at.pte, encode(table) | s2_format.table_bits);
    return HV_OK;
}

/* Into a table that is there already, and perhaps used. */
static void add_to_table(uint64_t ipa, struct cursor *c, struct slot at)
{
    uint64_t first = index_in_table(ipa, s2_format.last_level);
    uint64_t n = c->left < ENTRIES - first ? c->left : ENTRIES - first;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t pte;

        fill_table(c, &pte, 1);
        arch_ops.mmu.pte_write(&at.pte[i], pte);
    }
}

static enum hv_status map_tables(struct s2 *s, uint64_t ipa, uint64_t end, struct cursor *c)
{
    while (ipa < end) {
        struct slot at;
        enum hv_status st = s2_descend(s, ipa, s2_format.last_level - 1U, &at);

        if (st == HV_OK && at.level == s2_format.last_level) {
            add_to_table(ipa, c, at);
        } else if (st == HV_OK) {
            st = new_table(s, ipa, c, at);
        }
        if (st != HV_OK) {
            return st;
        }
        ipa = align_down(ipa, span(s2_format.last_level - 1U)) + span(s2_format.last_level - 1U);
    }
    return HV_OK;
}

enum hv_status s2_map_coloured(struct s2 *s, ipaddr_t ipa, const struct extent *e, unsigned rights)
{
    enum hv_status st = s2_may_map(s, ipa.v, e->size, S2_MEM_NORMAL, rights);
    uint64_t last = e->base.v + extent_span(e) - PAGE_SIZE;

    if (st == HV_OK && decode(encode(PA(last))).v != last) {
        st = HV_ERR_RANGE;
    }
    if (st != HV_OK) {
        return st;
    }
    uint64_t mark = s->pool->used;
    struct cursor c;

    begin(&c, e, s2_format.attr[S2_MEM_NORMAL][rights] | s2_format.page_bits);
    st = map_tables(s, ipa.v, ipa.v + e->size, &c);
    if (st != HV_OK) {
        s2_undo_map(s, ipa.v, ipa.v + e->size, mark);
    }
    return st;
}
