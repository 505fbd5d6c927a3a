/* SPDX-License-Identifier: Apache-2.0 */
/* What the board's device tree says about the machine itself: CPUs, RAM, interrupt controller, timer,
 * console. */
#include "hvplan.h"

#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

struct ctx {
    struct arena *a;
    struct diag *d;
    struct board_facts *b;
};

static void board_error(struct ctx *c, const char *node, const char *what)
{
    diag_error(c->d, c->b->where, node, "%s", what);
}

static bool is_type(const void *fdt, int node, const char *type)
{
    const char *t = fdt_getprop(fdt, node, "device_type", NULL);

    return t != NULL && strcmp(t, type) == 0;
}

static void read_cpus(struct ctx *c)
{
    struct board_facts *b = c->b;
    int cpus = fdt_path_offset(b->fdt, "/cpus");
    int node;

    fdt_for_each_subnode(node, b->fdt, cpus)
    {
        unsigned n = 0;
        const uint32_t *reg = node_cells(c->a, b->fdt, node, "reg", &n);

        if (!is_type(b->fdt, node, "cpu") || !node_enabled(b->fdt, node)) {
            continue;
        }
        if (reg == NULL || n < 1U || n > 2U) {
            board_error(c, node_path(c->a, b->fdt, node),
                        "CPU has no usable reg; the board's tree is damaged");
        } else if (b->nr_cpus == HV_MAX_CPUS) {
            board_error(
                c, "/cpus",
                arena_printf(c->a, "board has more than %u CPUs; disable the others in its tree", HV_MAX_CPUS));
            return;
        } else {
            b->cpu[b->nr_cpus].hw_id = n == 1U ? reg[0] : (uint64_t)reg[0] << 32 | reg[1];
            b->cpu[b->nr_cpus++].node = node;
        }
    }
    if (b->nr_cpus == 0U) {
        board_error(c, "/cpus", "no CPU; is this a board's device tree?");
    }
}

static int by_base(const void *x, const void *y)
{
    const struct reg_range *a = x;
    const struct reg_range *b = y;

    return a->base < b->base ? -1 : a->base > b->base;
}

/* The lowest bank, with those that follow it without a gap. */
static void read_memory(struct ctx *c)
{
    struct board_facts *b = c->b;
    struct reg_range bank[64];
    unsigned n = 0;
    int node;

    fdt_for_each_subnode(node, b->fdt, 0)
    {
        if (is_type(b->fdt, node, "memory") && node_enabled(b->fdt, node) && n + MAX_DEVICE_REGS <= 64U) {
            int got = device_regs(b->fdt, node, bank + n, MAX_DEVICE_REGS);

            n += got > 0 ? (unsigned)got : 0U;
        }
    }
    if (n == 0U) {
        board_error(c, "/memory", "no memory; is this a board's device tree?");
        return;
    }
    qsort(bank, n, sizeof(bank[0]), by_base);
    b->ram_base = bank[0].base;
    for (unsigned i = 0; i < n; i++) {
        if (bank[i].base == b->ram_base + b->ram_size) {
            b->ram_size += bank[i].size;
        } else {
            b->ram_unused += bank[i].size;
        }
    }
    if (!is_aligned(b->ram_base | b->ram_size, PAGE_SIZE) || !range_ok(b->ram_base, b->ram_size)) {
        board_error(c, "/memory", "memory is not in whole pages; the board's tree is damaged");
    }
}

static int find_gic(const void *fdt)
{
    static const char *const compat[] = {"arm,gic-v3", "arm,gic-400", "arm,cortex-a15-gic"};

    for (unsigned i = 0; i < ARRAY_SIZE(compat); i++) {
        int node = fdt_node_offset_by_compatible(fdt, -1, compat[i]);

        if (node >= 0) {
            return node;
        }
    }
    return -1;
}

static void read_gic(struct ctx *c)
{
    struct board_facts *b = c->b;
    struct reg_range reg[MAX_DEVICE_REGS];
    unsigned n = 0;

    b->gic_node = find_gic(b->fdt);
    if (b->gic_node < 0) {
        board_error(c, "/", "no interrupt controller that Bulkhead knows (GICv2 or GICv3)");
        return;
    }
    const char *path = node_path(c->a, b->fdt, b->gic_node);
    const uint32_t *cells = node_cells(c->a, b->fdt, b->gic_node, "#interrupt-cells", &n);

    b->gic_version = fdt_node_check_compatible(b->fdt, b->gic_node, "arm,gic-v3") == 0 ? 3U : 2U;
    b->gic_phandle = fdt_get_phandle(b->fdt, b->gic_node);
    b->gic_cells = cells != NULL && n == 1U ? cells[0] : 0U;
    /* Bindings arm,gic-v3: GICD, GICR; arm,gic: GICD, GICC and, for hypervisors, GICH and GICV. */
    unsigned frames = b->gic_version == 3U ? 2U : PLAN_IRQC_FRAMES;

    if (b->gic_cells < 3U || b->gic_cells > 4U ||
        device_regs(b->fdt, b->gic_node, reg, MAX_DEVICE_REGS) < (int)frames) {
        board_error(
            c, path,
            "interrupt controller without usable reg or #interrupt-cells; the board's tree is damaged");
        return;
    }
    for (unsigned i = 0; i < frames; i++) {
        b->irqc_base[i] = reg[i].base;
        b->irqc_size[i] = reg[i].size;
    }
    cells = node_cells(c->a, b->fdt, b->gic_node, "interrupts", &n);
    b->maint_irq = cells != NULL && n >= 3U ? device_intid(cells) : UINT32_MAX;
    if (b->maint_irq < 16U || b->maint_irq > 31U) {
        board_error(c, path,
                    "no maintenance interrupt; start QEMU with virtualization=on when it dumps the tree");
    }
}

/* Devicetree binding arm,arch_timer: secure, non-secure, virtual, hypervisor. */
static void read_timer(struct ctx *c)
{
    struct board_facts *b = c->b;
    unsigned n = 0;

    b->timer_node = fdt_node_offset_by_compatible(b->fdt, -1, "arm,armv8-timer");
    if (b->timer_node < 0) {
        board_error(c, "/", "no timer (arm,armv8-timer)");
        return;
    }
    const uint32_t *cells = node_cells(c->a, b->fdt, b->timer_node, "interrupts", &n);

    if (b->gic_cells == 0U) {
        return; /* said already */
    }
    if (cells == NULL || n < 4U * b->gic_cells) {
        board_error(c, node_path(c->a, b->fdt, b->timer_node), "timer without its four interrupts");
        return;
    }
    b->ptimer_irq = device_intid(cells + b->gic_cells);
    b->vtimer_irq = device_intid(cells + 2U * b->gic_cells);
    b->htimer_irq = device_intid(cells + 3U * b->gic_cells);
}

/* What it takes to drive the console for several VMs (hv/arch/armv8/console.c). */
static void read_shared_console(struct ctx *c)
{
    struct board_facts *b = c->b;
    struct device dev = {0};

    if (b->gic_cells == 0U) {
        return; /* said already */
    }
    b->console_unshared = device_read(c->a, b, b->console_node, &dev);
    if (b->console_unshared == NULL && fdt_node_check_compatible(b->fdt, b->console_node, "arm,pl011") != 0) {
        b->console_unshared = "is not a PL011";
    }
    if (b->console_unshared == NULL && (dev.nr_irqs != 1U || dev.nr_regs != 1U)) {
        b->console_unshared = "does not have one range of registers and one interrupt";
    }
    if (b->console_unshared == NULL && !is_aligned(b->console_base, PAGE_SIZE)) {
        b->console_unshared = "does not begin at a page";
    }
    if (b->console_unshared == NULL) {
        b->console_size = align_up(dev.reg[0].size, PAGE_SIZE);
        b->console_irq = dev.irq[0].intid;
    }
}

static void read_console(struct ctx *c)
{
    struct board_facts *b = c->b;
    int chosen = fdt_path_offset(b->fdt, "/chosen");
    const char *path = chosen >= 0 ? fdt_getprop(b->fdt, chosen, "stdout-path", NULL) : NULL;
    struct reg_range reg[MAX_DEVICE_REGS];

    b->console_node = -1;
    if (path != NULL) {
        b->console_node = fdt_path_offset_namelen(b->fdt, path, (int)strcspn(path, ":"));
    }
    if (b->console_node < 0 || device_regs(b->fdt, b->console_node, reg, MAX_DEVICE_REGS) < 1) {
        board_error(c, "/chosen", "stdout-path names no device; the hypervisor needs a console");
        return;
    }
    b->console_base = reg[0].base;
    b->console_path = node_path(c->a, b->fdt, b->console_node);
    read_shared_console(c);
}

void board_read(struct arena *a, struct diag *d, const char *file, struct board_facts *b)
{
    struct ctx c = {a, d, b};
    struct blob blob = blob_read(a, file);

    b->file = file;
    b->where = arena_printf(a, "%s:0", file);
    if (blob.data == NULL) {
        board_error(&c, "/", arena_printf(a, "cannot be read: %s", strerror(errno)));
        return;
    }
    if (fdt_check_full(blob.data, blob.size) != 0) {
        board_error(&c, "/", "not a device tree blob, or damaged; give what QEMU's dumpdtb or dtc wrote");
        return;
    }
    b->fdt = blob.data;
    read_cpus(&c);
    read_memory(&c);
    read_gic(&c);
    read_timer(&c);
    read_console(&c);
    b->kind = board_kind_of(b->fdt, b->gic_version);
    if (b->kind == NULL && b->gic_version != 0U) {
        board_error(&c, "/", "not a board that Bulkhead knows (by its compatible and interrupt controller)");
        return;
    }
    b->load_base = b->kind != NULL ? b->ram_base + b->kind->load_offset : 0U;
}
