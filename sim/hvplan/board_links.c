/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The links of the board's tree: phandles, and where interrupts and clocks lead by them. Everything that follows them later may
 * trust that each names one node, and that no way of interrupt parents, or of clocks with one output, leads back to where it
 * came from. Clocks with several outputs are no loop by their nodes alone: two controllers of a chip may feed each other.
 */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TREE_DEPTH 64U

struct link {
    int node;
    uint32_t phandle;    /* its own; 0: it has none */
    uint32_t irq_parent; /* its own or inherited; 0: none */
    bool irq_end;        /* says nothing of where its own interrupts go: a root of the interrupt tree */
    bool enabled;
    enum { CLOCK_NEW, CLOCK_OPEN, CLOCK_DONE } clock;
};

struct links {
    struct board_reader *c;
    const void *fdt;
    unsigned n;
    struct link *all;        /* in tree order */
    struct link **by_phandle; /* sorted; those without one come first */
};

static void link_error(struct links *l, const struct link *from, const char *what)
{
    diag_error(l->c->d, l->c->b->where, node_path(l->c->a, l->fdt, from->node),
               "%s; the board's tree is damaged: write it again", what);
}

static bool has(const struct links *l, int node, const char *prop)
{
    return fdt_getprop(l->fdt, node, prop, NULL) != NULL;
}

static uint32_t cell(const struct links *l, int node, const char *prop, uint32_t absent)
{
    int len = 0;
    const fdt32_t *value = fdt_getprop(l->fdt, node, prop, &len);

    return value != NULL && len == 4 ? fdt32_ld(value) : absent;
}

static void collect(struct links *l)
{
    uint32_t inherited[MAX_TREE_DEPTH] = {0};
    int depth = 0;

    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(l->fdt, node, &depth)) {
        l->n++;
    }
    l->all = arena_alloc(l->c->a, l->n * sizeof(*l->all));
    l->by_phandle = arena_alloc(l->c->a, l->n * sizeof(struct link *));
    l->n = 0;
    depth = 0;
    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(l->fdt, node, &depth)) {
        struct link *k = &l->all[l->n];
        unsigned at = (unsigned)depth < MAX_TREE_DEPTH ? (unsigned)depth : MAX_TREE_DEPTH - 1U;

        inherited[at] = cell(l, node, "interrupt-parent", at > 0U ? inherited[at - 1U] : 0U);
        k->node = node;
        k->phandle = fdt_get_phandle(l->fdt, node);
        k->irq_parent = inherited[at];
        k->irq_end = !has(l, node, "interrupt-parent") && !has(l, node, "interrupts");
        k->enabled = node_enabled(l->fdt, node);
        l->by_phandle[l->n++] = k;
    }
}

static int by_phandle(const void *x, const void *y)
{
    const struct link *a = *(struct link *const *)x;
    const struct link *b = *(struct link *const *)y;

    if (a->phandle != b->phandle) {
        return a->phandle < b->phandle ? -1 : 1;
    }
    return a->node < b->node ? -1 : a->node > b->node;
}

static struct link *find(const struct links *l, uint32_t phandle)
{
    unsigned low = 0;
    unsigned high = l->n;

    while (low < high) {
        unsigned mid = low + (high - low) / 2U;

        if (l->by_phandle[mid]->phandle < phandle) {
            low = mid + 1U;
        } else {
            high = mid;
        }
    }
    return phandle != 0U && low < l->n && l->by_phandle[low]->phandle == phandle ? l->by_phandle[low] : NULL;
}

static void check_phandles(struct links *l)
{
    for (unsigned i = 1; i < l->n; i++) {
        const struct link *k = l->by_phandle[i];
        const struct link *before = l->by_phandle[i - 1U];

        if (k->phandle != 0U && k->phandle == before->phandle) {
            link_error(l, k, arena_printf(l->c->a, "its phandle 0x%" PRIx32 " is also that of %s", k->phandle,
                                          node_path(l->c->a, l->fdt, before->node)));
        }
    }
}

static void dangling(struct links *l, const struct link *k, const char *prop, uint32_t phandle)
{
    link_error(l, k, arena_printf(l->c->a, "%s names phandle 0x%" PRIx32 ", which no node has", prop, phandle));
}

/* Each way of interrupt parents ends, at a node that is its own parent or names none. No way is longer than the tree. */
static void check_interrupts(struct links *l, const struct link *k)
{
    const struct link *at = k;

    if (k->irq_end || k->irq_parent == 0U) {
        return;
    }
    for (unsigned steps = 0; steps <= l->n; steps++) {
        const struct link *up = at->irq_parent != 0U ? find(l, at->irq_parent) : NULL;

        if (up == NULL && at == k) {
            dangling(l, k, "interrupt-parent", k->irq_parent);
        }
        if (up == k && at != k) {
            link_error(l, k, arena_printf(l->c->a, "its interrupt-parent leads back to it, by way of %s",
                                          node_path(l->c->a, l->fdt, at->node)));
        }
        if (up == NULL || up == at || up == k || up->irq_end) {
            return; /* what is wrong further up is told there */
        }
        at = up;
    }
}

/* A list of phandles, each with as many cells behind it as its node says. */
static void check_list(struct links *l, const struct link *k, const char *prop, const char *cells)
{
    unsigned n = 0;
    const uint32_t *value = node_cells(l->c->a, l->fdt, k->node, prop, &n);

    for (unsigned i = 0; value != NULL && i < n;) {
        const struct link *to = find(l, value[i]);

        if (to == NULL && value[i] != 0U) { /* 0: an entry that is left out */
            dangling(l, k, prop, value[i]);
            return;
        }
        uint32_t behind = to != NULL ? cell(l, to->node, cells, 0) : 0U;

        if (behind > n) {
            return;
        }
        i += 1U + behind;
    }
}

/* Follows the inputs of a clock with one output. True if they lead back to a clock that is on the way. */
static bool clock_loops(struct links *l, struct link *k, unsigned depth)
{
    unsigned n = 0;
    bool loop = false;

    if (k->clock == CLOCK_DONE || cell(l, k->node, "#clock-cells", 1) != 0U) {
        return false;
    }
    if (k->clock == CLOCK_OPEN || depth == MAX_TREE_DEPTH) {
        return true;
    }
    const uint32_t *value = node_cells(l->c->a, l->fdt, k->node, "clocks", &n);

    k->clock = CLOCK_OPEN;
    for (unsigned i = 0; value != NULL && i < n && !loop;) {
        struct link *to = find(l, value[i]);
        uint32_t behind = to != NULL ? cell(l, to->node, "#clock-cells", 0) : 0U;

        loop = to != NULL && clock_loops(l, to, depth + 1U);
        i += behind > n ? n : 1U + behind;
    }
    k->clock = CLOCK_DONE;
    return loop;
}

/* Its properties are names that somebody chose, "clocks" perhaps, with paths as values. */
static bool holds_names(const void *fdt, int node)
{
    static const char *const paths[] = {"/aliases", "/__symbols__", "/__fixups__", "/__local_fixups__"};

    for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
        if (fdt_path_offset(fdt, paths[i]) == node) {
            return true;
        }
    }
    return false;
}

void board_links(struct board_reader *c)
{
    struct links l = {.c = c, .fdt = c->b->fdt};

    collect(&l);
    qsort(l.by_phandle, l.n, sizeof(struct link *), by_phandle);
    check_phandles(&l);
    for (unsigned i = 0; i < l.n; i++) {
        struct link *k = &l.all[i];

        if (!k->enabled || holds_names(l.fdt, k->node)) {
            continue;
        }
        check_interrupts(&l, k);
        check_list(&l, k, "interrupts-extended", "#interrupt-cells");
        check_list(&l, k, "clocks", "#clock-cells");
        if (clock_loops(&l, k, 0)) {
            link_error(&l, k, arena_printf(c->a, "its clocks lead into a loop, or through more than %u others", MAX_TREE_DEPTH));
        }
    }
}
