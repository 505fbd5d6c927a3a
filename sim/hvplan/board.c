/* SPDX-License-Identifier: Apache-2.0 */
/* What the board's device tree says about the machine itself: CPUs, RAM and console; board_<isa>.c reads interrupt controller
 * and timer. */
#include "hvplan.h"

#include "hv/s2_format.h"

#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

void board_error(struct board_reader *c, const char *node, const char *what)
{
    diag_error(c->d, c->b->where, node, "%s", what);
}

static bool is_type(const void *fdt, int node, const char *type)
{
    const char *t = fdt_getprop(fdt, node, "device_type", NULL);

    return t != NULL && strcmp(t, type) == 0;
}

static void read_cpus(struct board_reader *c)
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
static void read_memory(struct board_reader *c)
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

/* What it takes to drive the console for several VMs. */
static void read_shared_console(struct board_reader *c)
{
    struct board_facts *b = c->b;
    struct device dev = {0};

    if (b->irqc_cells == 0U) {
        return; /* said already */
    }
    b->console_unshared = device_read(c->a, b, b->console_node, false, &dev);
    if (b->console_unshared == NULL) {
        b->console_unshared = b->isa == PLAN_ISA_RISCV ? board_riscv_unshared(b) : board_armv8_unshared(b);
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

static void read_console(struct board_reader *c)
{
    struct board_facts *b = c->b;
    struct reg_range reg[MAX_DEVICE_REGS];

    b->console_node = find_stdout(b->fdt);
    if (b->console_node < 0 || device_regs(b->fdt, b->console_node, reg, MAX_DEVICE_REGS) < 1) {
        board_error(c, "/chosen", "stdout-path names no device; the hypervisor needs a console");
        return;
    }
    b->console_base = reg[0].base;
    b->console_path = node_path(c->a, b->fdt, b->console_node);
    read_shared_console(c);
}

/* The instruction set whose stage-2 format, and so whose plans, this program knows. */
static enum plan_isa rules_isa(void)
{
    return s2_format.addr_rshift == 0U ? PLAN_ISA_ARMV8 : PLAN_ISA_RISCV;
}

enum plan_isa board_isa(const void *fdt)
{
    return fdt_node_offset_by_compatible(fdt, -1, "riscv") >= 0 ? PLAN_ISA_RISCV : PLAN_ISA_ARMV8;
}

void board_read(struct arena *a, struct diag *d, const char *file, struct board_facts *b)
{
    struct board_reader c = {a, d, b};
    struct blob blob = blob_read(a, file);

    b->file = file;
    b->where = arena_printf(a, "%s:0", file);
    if (blob.data == NULL) {
        board_error(&c, "/", arena_printf(a, "cannot be read: %s; name the board's tree (QEMU writes its own with -M ...,dumpdtb=FILE)", strerror(errno)));
        return;
    }
    if (fdt_check_full(blob.data, blob.size) != 0) {
        board_error(&c, "/", "not a device tree blob, or damaged; give what QEMU's dumpdtb or dtc wrote");
        return;
    }
    b->fdt = blob.data;
    b->isa = board_isa(b->fdt);
    if (b->isa != rules_isa()) {
        board_error(&c, "/cpus", "a board of another instruction set than this program's; use the command hvplan, which knows "
                    "both");
        return;
    }
    board_links(&c);
    read_cpus(&c);
    read_memory(&c);
    if (b->isa == PLAN_ISA_RISCV) {
        board_riscv(&c);
    } else {
        board_armv8(&c);
    }
    if (b->irqc == PLAN_IRQC_GICV2 && b->nr_cpus > PLAN_GICV2_CPUS) {
        board_error(&c, "/cpus", arena_printf(a, "board has more than %u CPUs, and a GICv2; disable the others in its tree", PLAN_GICV2_CPUS));
    }
    b->kind = board_kind_of(b->fdt, b->irqc);
    if (b->kind == NULL && b->irqc != (enum plan_irqc)0) {
        board_error(&c, "/", "not a board that Bulkhead knows (by its compatible and interrupt controller)");
    }
    if (b->kind == NULL) {
        return;
    }
    b->load_base = b->ram_base + b->kind->load_offset;
    board_reserved(&c);
    read_console(&c);
}
