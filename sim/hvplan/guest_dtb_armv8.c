/* SPDX-License-Identifier: Apache-2.0 */
/* What the tree of an Armv8 guest has of its own: PSCI by HVC, the timer, a GIC. */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

void guest_armv8_cpu(struct tree *t, uint32_t i)
{
    tree_copy_prop(t, t->r->board.cpu[t->v->cpus[i]].node, "compatible");
    tree_string(t, "enable-method", "psci");
}

static void add_psci(struct tree *t)
{
    static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

    tree_begin(t, "psci");
    tree_note(t, fdt_property(t->fdt, "compatible", compatible, sizeof(compatible)));
    tree_string(t, "method", "hvc");
    tree_end(t);
}

/* The interrupts without what only a hypervisor could use of them; the specifiers without a fourth cell. */
static void irq_cells(struct tree *t, int node)
{
    unsigned n = 0;
    unsigned out = 0;
    uint32_t spec = t->r->board.irqc_cells;
    const uint32_t *value = node_cells(&t->r->arena, t->r->board.fdt, node, "interrupts", &n);
    uint32_t three[60];

    for (unsigned i = 0; value != NULL && i + spec <= n && out + 3U <= ARRAY_SIZE(three); i += spec) {
        memcpy(three + out, value + i, 3U * sizeof(three[0]));
        out += 3U;
    }
    tree_cells(t, "interrupts", out, three);
}

static void add_timer(struct tree *t)
{
    int node = t->r->board.timer_node;

    tree_begin(t, "timer");
    tree_string(t, "compatible", "arm,armv8-timer");
    irq_cells(t, node);
    tree_copy_prop(t, node, "interrupt-names");
    tree_copy_prop(t, node, "always-on");
    tree_copy_prop(t, node, "clock-frequency");
    tree_end(t);
}

static void add_gic(struct tree *t)
{
    struct reg_range frame[2];

    guest_irqc_frames(t->r, t->v, frame);
    tree_begin(t, tree_named(t, "intc", frame[0].base));
    tree_string(t, "compatible", t->r->board.irqc == PLAN_IRQC_GICV3 ? "arm,gic-v3" : "arm,gic-400");
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 3);
    tree_cell(t, "#address-cells", 2);
    tree_cell(t, "#size-cells", 2);
    tree_reg(t, 2, frame);
    tree_cell(t, "phandle", IRQC_PHANDLE);
    tree_end(t);
}

void guest_armv8_add(struct tree *t)
{
    add_psci(t);
    add_timer(t);
    add_gic(t);
}
