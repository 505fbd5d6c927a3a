/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a guest in its tree: as on the board, with clocks of a fixed rate. */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

/* The phandle of a fixed clock of that rate in the guest's tree; 0 if there is no room. */
static uint32_t clock_of_rate(struct tree *t, uint32_t rate)
{
    for (unsigned i = 0; i < t->nr_clocks; i++) {
        if (t->rate[i] == rate) {
            return CLOCK_PHANDLE + i;
        }
    }
    if (t->nr_clocks == MAX_CLOCKS) {
        return 0;
    }
    t->rate[t->nr_clocks] = rate;
    return CLOCK_PHANDLE + t->nr_clocks++;
}

/* The board's rate of the clock that `value`, of n cells, names; 0 if it is not known. *used: the cells that name it. */
static uint32_t clock_rate(const struct board_facts *b, const uint32_t *value, unsigned n, unsigned *used)
{
    int node = fdt_node_offset_by_phandle(b->fdt, value[0]);
    int len = 0;
    const fdt32_t *cells = node >= 0 ? fdt_getprop(b->fdt, node, "#clock-cells", &len) : NULL;

    if (cells == NULL || len != 4 || fdt32_ld(cells) > 8U || fdt32_ld(cells) >= n) {
        return 0;
    }
    *used = 1U + fdt32_ld(cells);
    return board_clock_rate(b, node, value + 1, *used - 1U);
}

static void device_clocks(struct tree *t, const struct device *dev)
{
    unsigned n = 0;
    unsigned out = 0;
    const uint32_t *value = node_cells(&t->r->arena, t->r->board.fdt, dev->node, "clocks", &n);
    uint32_t mine[MAX_CLOCKS];

    for (unsigned i = 0; value != NULL && i < n; out++) {
        unsigned used = 0;
        uint32_t rate = clock_rate(&t->r->board, value + i, n - i, &used);
        uint32_t phandle = rate != 0U ? clock_of_rate(t, rate) : 0U;

        if (phandle == 0U || out == MAX_CLOCKS) {
            vm_error(t->r, t->v->sys, "devices",
                     "the rate of clock %u of %s is not in the board's tree; give a "
                     "board tree in which it is a fixed-clock",
                     out, dev->path);
            return;
        }
        mine[out] = phandle;
        i += used;
    }
    if (out > 0U) {
        tree_cells(t, "clocks", out, mine);
    }
}

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s);
    size_t k = strlen(tail);

    return n >= k && strcmp(s + (n - k), tail) == 0;
}

static bool is_one_of(const char *prop, const char *const *names)
{
    while (*names != NULL && strcmp(prop, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

bool guest_device_lacks(const char *prop)
{
    static const char *const names[] = {"power-domains", "resets", "reset-names", "dmas", "dma-names", "gpios", NULL};

    return is_one_of(prop, names) || strncmp(prop, "pinctrl-", 8) == 0 || strncmp(prop, "assigned-clock", 14) == 0 ||
           ends_with(prop, "-supply") || ends_with(prop, "-gpios");
}

/* Properties that are written anew, or mean nothing in the guest's tree. */
static bool is_replaced(const char *prop)
{
    static const char *const names[] = {"reg",           "interrupts", "interrupts-extended", "interrupt-parent",
                                        "clocks",        "phandle",    "linux,phandle",       "status",
                                        "iommus",        "ranges",     "interrupt-affinity",  NULL};

    return is_one_of(prop, names);
}

const char *guest_device_name(struct tree *t, const struct device *dev)
{
    const char *full = fdt_get_name(t->r->board.fdt, dev->node, NULL);

    return tree_named(t, arena_printf(&t->r->arena, "%.*s", (int)strcspn(full, "@"), full), dev->reg[0].base);
}

/* On RISC-V the harts' own controllers stand under the root, and may have no parent: so the root names none, and each device
 * does. */
void guest_interrupts(struct tree *t, unsigned n, const uint32_t *cells)
{
    if (t->r->board.isa == PLAN_ISA_RISCV) {
        tree_cell(t, "interrupt-parent", IRQC_PHANDLE);
    }
    tree_cells(t, "interrupts", n, cells);
}

void guest_device_add(struct tree *t, const struct device *dev)
{
    const void *board = t->r->board.fdt;
    uint32_t spec[3U * MAX_DEVICE_IRQS];
    unsigned out = 0;
    int prop;

    tree_begin(t, guest_device_name(t, dev));
    fdt_for_each_property_offset(prop, board, dev->node)
    {
        const char *name = NULL;
        int len = 0;
        const void *value = fdt_getprop_by_offset(board, prop, &name, &len);

        if (!is_replaced(name) && !guest_device_lacks(name) && !(dev->line_taker != NULL && strcmp(name, "interrupt-names") == 0)) {
            tree_note(t, fdt_property(t->fdt, name, value, len));
        }
    }
    tree_reg(t, dev->nr_regs, dev->reg);
    for (unsigned i = 0; i < device_irqs(dev); i++) {
        uint32_t cells[3];
        unsigned n = device_irq_cells(&t->r->board, dev->irq[i].intid, dev->irq[i].flags, cells);

        memcpy(spec + out, cells, n * sizeof(cells[0]));
        out += n;
    }
    if (out > 0U) {
        guest_interrupts(t, out, spec);
    }
    device_clocks(t, dev);
    tree_end(t);
}

const char *guest_vuart_name(struct tree *t)
{
    return tree_named(t, t->r->board.isa == PLAN_ISA_RISCV ? "serial" : "pl011", t->r->board.console_base);
}

/* Devicetree bindings arm,pl011 and arm,primecell. What its clock is said to run at matters to nobody: the speed of an
 * emulated line has no effect. */
static void add_pl011(struct tree *t)
{
    static const char compatible[] = "arm,pl011\0arm,primecell";
    static const char clock_names[] = "uartclk\0apb_pclk";
    uint32_t clock = clock_of_rate(t, 24000000);
    uint32_t clocks[2] = {clock, clock};

    tree_note(t, fdt_property(t->fdt, "compatible", compatible, sizeof(compatible)));
    tree_cells(t, "clocks", 2, clocks);
    tree_note(t, fdt_property(t->fdt, "clock-names", clock_names, sizeof(clock_names)));
}

/* Devicetree binding 8250: the board's rate, from which a driver computes its divisor. */
static void add_16550(struct tree *t)
{
    int board = t->r->board.console_node;

    tree_string(t, "compatible", "ns16550a");
    if (fdt_getprop(t->r->board.fdt, board, "clock-frequency", NULL) != NULL) {
        tree_copy_prop(t, board, "clock-frequency");
    } else {
        tree_cell(t, "clock-frequency", 1843200);
    }
}

void guest_vuart_add(struct tree *t)
{
    const struct board_facts *b = &t->r->board;
    struct reg_range reg = {b->console_base, PAGE_SIZE};
    uint32_t irq[3];
    unsigned n = device_irq_cells(b, b->console_irq, 4, irq);

    tree_begin(t, guest_vuart_name(t));
    if (b->isa == PLAN_ISA_RISCV) {
        add_16550(t);
    } else {
        add_pl011(t);
    }
    tree_reg(t, 1, &reg);
    guest_interrupts(t, n, irq);
    tree_end(t);
}

void guest_clocks_add(struct tree *t)
{
    for (unsigned i = 0; i < t->nr_clocks; i++) {
        tree_begin(t, arena_printf(&t->r->arena, "clock-%u", i));
        tree_string(t, "compatible", "fixed-clock");
        tree_cell(t, "#clock-cells", 0);
        tree_cell(t, "clock-frequency", t->rate[i]);
        tree_cell(t, "phandle", CLOCK_PHANDLE + i);
        tree_end(t);
    }
}
