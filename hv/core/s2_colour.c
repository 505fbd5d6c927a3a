/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of a VM's memory goes through here page by page at boot, so what a page costs is what boot costs. Where colours follow
 * each other, so do addresses: what a period has of the mask is worked out once, as runs, and a table is filled run by run;
 * most tables are the one before, further on. A table that nothing points to yet is plain memory: its entries need no barrier
 * each, but one before the table is put in its place.
 */
#include "core/s2_colour.h"

#include "core/colour.h"
#include "core/s2_slot.h"
#include "lib/pte_run.h"

#define EIGHT ((uint64_t)8)

/* Pages that follow each other, from `first` into a period on. With a hash each run is of one colour, and first is where it would
 * be in a period that the hash leaves alone. Here and below addresses are shifted as in a descriptor. */
struct run {
    uint64_t first;
    uint64_t pages;
};

struct cursor {
    const struct plan_llc *llc;
    struct run run[LLC_MAX_COLOURS];
    unsigned nr_runs;
    bool hashed;
    bool eights;     /* every run is of whole EIGHTs */
    uint64_t stride; /* from one period to the next */
    uint64_t period; /* a leaf's attributes, and the address of the period at hand */
    uint64_t twist;  /* what the hash does to offsets in this one */
    unsigned at;     /* the run at hand */
    uint64_t done;   /* pages of it */
    uint64_t left;   /* pages of all */
};

/* Where a table was begun: one begun like it is the same, but for its periods. */
struct phase {
    const uint64_t *table; /* NULL: there was none that is full */
    unsigned at;
    uint64_t done;
    uint64_t period;
};

static void twist(struct cursor *c, uint64_t period)
{
    if (c->hashed) {
        c->twist = encode(PA(colour_twist(c->llc, decode(period)) * colour_unit(c->llc)));
    }
}

static void begin(struct cursor *c, const struct extent *e, uint64_t attr)
{
    uint64_t unit = colour_unit(e->llc);

    *c = (struct cursor){.llc = e->llc,
                         .hashed = colour_hashed(e->llc),
                         .stride = encode(PA(colour_period(e->llc))),
                         .period = encode(e->base) | attr,
                         .left = e->size / PAGE_SIZE};
    for (uint64_t m = e->colours; m != 0U; m &= m - 1U) { /* at most LLC_MAX_COLOURS turns */
        uint64_t first = encode(PA((uint64_t)__builtin_ctzll(m) * unit));
        struct run *last = c->nr_runs != 0U ? &c->run[c->nr_runs - 1U] : NULL;

        if (last != NULL && !c->hashed && last->first + encode(PA(last->pages * PAGE_SIZE)) == first) {
            last->pages += unit / PAGE_SIZE;
        } else {
            c->run[c->nr_runs++] = (struct run){first, unit / PAGE_SIZE};
        }
    }
    c->eights = true;
    for (unsigned i = 0; i < c->nr_runs; i++) {
        c->eights = c->eights && c->run[i].pages % EIGHT == 0U;
    }
    twist(c, c->period);
}

/* Pages that follow each other. By hand: in link-time optimisation the compiler forgets that it was told to unroll. */
static inline void fill_eight(uint64_t *to, uint64_t pte)
{
    const uint64_t step = encode(PA(PAGE_SIZE));

    to[0] = pte;
    to[1] = pte + step;
    to[2] = pte + 2U * step;
    to[3] = pte + 3U * step;
    to[4] = pte + 4U * step;
    to[5] = pte + 5U * step;
    to[6] = pte + 6U * step;
    to[7] = pte + 7U * step;
}

/* The next `n` pages, of which there are as many, into a table. These are plain stores, which might be to the cursor for all that
 * the compiler knows: what it is at is held apart. */
static void fill_table(struct cursor *c, uint64_t *to, uint64_t n)
{
    uint64_t done = c->done;
    uint64_t period = c->period;
    unsigned at = c->at;
    uint64_t pages;

    for (uint64_t filled = 0; filled < n; filled += pages) { /* each turn is a page further at least */
        const struct run *r = &c->run[at];
        uint64_t first = period + (r->first ^ c->twist) + done * encode(PA(PAGE_SIZE));

        pages = r->pages - done;
        if (pages > n - filled) {
            pages = n - filled;
            done += pages;
        } else {
            done = 0;
            at++;
        }
        pte_run(&to[filled], first, encode(PA(PAGE_SIZE)), pages);
        if (at == c->nr_runs) {
            at = 0;
            period += c->stride;
            twist(c, period);
        }
    }
    c->left -= n;
    c->at = at;
    c->done = done;
    c->period = period;
}

_Static_assert(ENTRIES % (4U * EIGHT) == 0U, "a table is whole eights");

static void fill_by_eights(uint64_t *to, const uint64_t *from, uint64_t further)
{
    for (uint64_t i = 0; i < ENTRIES; i += 4U * EIGHT) {
        const uint64_t *f = &from[i];
        uint64_t *t = &to[i];

        fill_eight(t, f[0] + further);
        fill_eight(&t[EIGHT], f[EIGHT] + further);
        fill_eight(&t[2U * EIGHT], f[2U * EIGHT] + further);
        fill_eight(&t[3U * EIGHT], f[3U * EIGHT] + further);
    }
}

static void fill_one_by_one(uint64_t *to, const uint64_t *from, uint64_t further)
{
    for (uint64_t i = 0; i < ENTRIES; i += EIGHT) {
        const uint64_t *f = &from[i];
        uint64_t *t = &to[i];

        t[0] = f[0] + further;
        t[1] = f[1] + further;
        t[2] = f[2] + further;
        t[3] = f[3] + further;
        t[4] = f[4] + further;
        t[5] = f[5] + further;
        t[6] = f[6] + further;
        t[7] = f[7] + further;
    }
}

/* A whole table that begins as that before it did: of what follows each other the first is enough to know. */
static void fill_alike(struct cursor *c, uint64_t *to, const uint64_t *from, uint64_t further)
{
    if (c->eights && c->done % EIGHT == 0U) {
        fill_by_eights(to, from, further);
    } else {
        fill_one_by_one(to, from, further);
    }
    c->left -= ENTRIES;
    c->period += further;
}

/* A table of its own for the 2 MiB around ipa, from ipa on. All of it is written, or it is zeroed before. */
static enum hv_status new_table(struct s2 *s, uint64_t ipa, struct cursor *c, struct phase *last, struct slot at)
{
    uint64_t first = index_in_table(ipa, s2_format.last_level);
    uint64_t n = c->left < ENTRIES - first ? c->left : ENTRIES - first;
    paddr_t table;
    enum hv_status st = n == ENTRIES ? pages_take(s->pool, &table) : pages_alloc(s->pool, 1, &table);

    if (st != HV_OK) {
        return st;
    }
    uint64_t *pte = entries(table, 1);
    struct phase now = {n == ENTRIES ? pte : NULL, c->at, c->done, c->period};

    if (n == ENTRIES && last->table != NULL && last->at == c->at && last->done == c->done && !c->hashed) {
        fill_alike(c, pte, last->table, c->period - last->period);
    } else {
        fill_table(c, &pte[first], n);
    }
    *last = now;
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
    struct phase last = {NULL, 0, 0, 0};
    struct slot at = {NULL, 0};
    bool found = false; /* beside the one before */

    for (uint64_t next = ipa; next < end;) {
        enum hv_status st = found ? HV_OK : s2_descend(s, next, s2_format.last_level - 1U, &at);

        if (st == HV_OK && at.level != s2_format.last_level) {
            st = new_table(s, next, c, &last, at);
        } else if (st == HV_OK) {
            add_to_table(next, c, at);
            last = (struct phase){NULL, 0, 0, 0}; /* what comes is no longer so many whole tables behind it */
        } else {
            /* no table: nothing to fill */
        }
        if (st != HV_OK) {
            return st;
        }
        next = align_down(next, span(s2_format.last_level - 1U)) + span(s2_format.last_level - 1U);
        found = at.level == s2_format.last_level - 1U && next_slot(&at, next) && !is_valid(*at.pte);
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

    s2_widen(s, ipa.v, ipa.v + e->size);
    begin(&c, e, s2_format.attr[S2_MEM_NORMAL][rights] | s2_format.page_bits);
    st = map_tables(s, ipa.v, ipa.v + e->size, &c);
    if (st != HV_OK) {
        s2_undo_map(s, ipa.v, ipa.v + e->size, mark);
    }
    return st;
}
