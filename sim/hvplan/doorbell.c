/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts for doorbells: shared ones, or wired sources, that the controller has and the board's tree has nothing at. A GIC and an
 * APLIC make any of them pending when told to; that no device drives it keeps it the hypervisor's to ring.
 */
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

#define INTIDS    1020U
#define MAX_PARENT_ADDRESS 3U /* cells between phandle and specifier of an interrupt-map entry */

/* All interrupts that the board's tree tells of, in any way, enabled or not: true at their INTIDs. */
struct lines {
    const struct board_facts *b;
    bool used[INTIDS];
    uint32_t last; /* the highest of them */
};

static void mark(struct lines *l, const uint32_t *cells, unsigned n)
{
    uint32_t intid = n >= l->b->irqc_cells && n >= (l->b->isa == PLAN_ISA_RISCV ? 1U : 2U) ? device_intid(l->b, cells) : UINT32_MAX;

    if (intid < INTIDS) {
        l->used[intid] = true;
        l->last = intid > l->last ? intid : l->last;
    }
}

/* Behind each cell that can be the controller's phandle something can be a specifier: rather one too many. */
static void mark_behind_phandles(struct lines *l, const uint32_t *cells, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        for (unsigned skip = 1; cells[i] == l->b->irqc_phandle && skip <= 1U + MAX_PARENT_ADDRESS && i + skip < n; skip++) {
            mark(l, cells + i + skip, n - i - skip);
        }
    }
}

/* SPIs that a GICv2m makes of messages (binding arm,gic-v2m-frame). */
static void mark_messages(struct arena *a, struct lines *l, int node)
{
    unsigned n = 0;
    const uint32_t *base = node_cells(a, l->b->fdt, node, "arm,msi-base-spi", &n);
    const uint32_t *count = base != NULL && n == 1U ? node_cells(a, l->b->fdt, node, "arm,msi-num-spis", &n) : NULL;

    for (uint32_t i = 0; count != NULL && n == 1U && i < count[0] && i < INTIDS && base[0] < INTIDS - i; i++) {
        l->used[base[0] + i] = true; /* the property is an INTID */
    }
}

static void mark_node(struct arena *a, struct lines *l, int node)
{
    static const char *const with_phandles[] = {"interrupts-extended", "interrupt-map"};
    unsigned n = 0;
    const uint32_t *cells = node_cells(a, l->b->fdt, node, "interrupts", &n);

    mark_messages(a, l, node);
    for (unsigned i = 0; cells != NULL && i < n; i += l->b->irqc_cells) {
        mark(l, cells + i, n - i);
    }
    for (unsigned k = 0; k < ARRAY_SIZE(with_phandles); k++) {
        n = 0;
        cells = node_cells(a, l->b->fdt, node, with_phandles[k], &n);
        if (cells != NULL) {
            mark_behind_phandles(l, cells, n);
        }
    }
}

/* INTIDs there surely are: a GIC has them by 32s (GICD_TYPER.ITLinesNumber, IHI 0069H 12.9.38), a RISC-V controller says how many. */
static uint32_t count(const struct lines *l)
{
    return l->b->isa == PLAN_ISA_RISCV ? 33U + l->b->sources : (uint32_t)align_up(l->last + 1U, 32);
}

/* The highest that is free; then those that a GIC of the board's may have, or not: the hypervisor looks when it boots. 0: none. */
static uint32_t take(struct lines *l)
{
    uint32_t n = count(l);
    uint32_t intid = n - 1U;

    n = n < INTIDS ? n : INTIDS;
    while (intid > 32U && (intid >= n || l->used[intid])) {
        intid--;
    }
    for (uint32_t more = n; intid == 32U && l->b->isa == PLAN_ISA_ARMV8 && more < INTIDS; more++) {
        intid = l->used[more] ? intid : more;
        more = intid == more ? INTIDS : more;
    }
    if (intid != 32U) {
        l->used[intid] = true;
    }
    return intid == 32U ? 0U : intid;
}

void channels_doorbells(struct run *r)
{
    struct lines *l = arena_alloc(&r->arena, sizeof(*l));
    int depth = 0;

    l->b = &r->board;
    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(l->b->fdt, node, &depth)) {
        mark_node(&r->arena, l, node);
    }
    for (unsigned i = 0; i < r->nr_channels; i++) {
        struct channel *c = &r->channel[i];

        for (unsigned k = 0; c->sys->doorbells && k < c->sys->nr_ends; k++) {
            c->intid[k] = take(l);
            if (c->intid[k] == 0U) {
                diag_error(&r->diag, source_where(&r->sys.src, c->sys->path, "doorbells"), c->sys->path,
                           "the interrupt controller has no interrupt left for the doorbell of %s; give fewer channels doorbells",
                           c->sys->end[k].name);
            }
        }
    }
}
