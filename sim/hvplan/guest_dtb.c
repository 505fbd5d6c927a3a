/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree of a guest, generated: its memory, CPUs, interrupt controller, timer, firmware, its devices with
 * their clocks as fixed ones, aliases and chosen. Guest-physical addresses of devices are the board's.
 */
#include "tree.h"

#include "hv/s2_format.h"

#include <libfdt.h>
#include <string.h>

static void add_memory_node(struct tree *t, unsigned n, const struct reg_range *reg)
{
    tree_begin(t, tree_named(t, "memory", reg[0].base));
    tree_string(t, "device_type", "memory");
    tree_reg(t, n, reg);
    tree_end(t);
}

static bool is_plain(const struct ram *m)
{
    return m->rights == (S2_R | S2_W | S2_X);
}

/* Regions that a kernel must not take for RAM like any other, since it cannot write or execute there. */
static void add_reserved(struct tree *t)
{
    bool begun = false;

    for (unsigned i = 1; i < t->v->nr_ram; i++) {
        const struct ram *m = &t->v->ram[i];
        struct reg_range reg = {m->ipa, m->size};

        if (is_plain(m)) {
            continue;
        }
        if (!begun) { /* Devicetree Specification 3.5 */
            begun = true;
            tree_begin(t, "reserved-memory");
            tree_cell(t, "#address-cells", 2);
            tree_cell(t, "#size-cells", 2);
            tree_flag(t, "ranges");
        }
        tree_begin(t, tree_named(t, m->region->name, m->ipa));
        tree_reg(t, 1, &reg);
        tree_flag(t, "no-map");
        tree_end(t);
    }
    if (begun) {
        tree_end(t);
    }
}

static void add_memory(struct tree *t)
{
    const struct ram *m = &t->v->ram[0];
    struct reg_range ram[2] = {{m->ipa, m->size}};
    unsigned n = 1;

    if (t->v->sys->trusted_dma && (m->block_size == 0U || m->rest_size != 0U)) { /* not laid out yet: as if there were two */
        ram[0].size = m->block_size;
        ram[1] = (struct reg_range){m->rest_ipa, m->rest_size};
        n = 2;
    }
    add_memory_node(t, n, ram);
    for (unsigned i = 1; i < t->v->nr_ram; i++) {
        struct reg_range more = {t->v->ram[i].ipa, t->v->ram[i].size};

        if (is_plain(&t->v->ram[i])) {
            add_memory_node(t, 1, &more);
        }
    }
    add_reserved(t);
}

static void add_cpus(struct tree *t)
{
    bool riscv = t->r->board.isa == PLAN_ISA_RISCV;

    tree_begin(t, "cpus");
    tree_cell(t, "#address-cells", 1);
    tree_cell(t, "#size-cells", 0);
    if (riscv) {
        guest_riscv_cpus(t);
    }
    for (uint32_t i = 0; i < t->v->sys->nr_vcpus; i++) {
        tree_begin(t, tree_named(t, "cpu", i));
        tree_string(t, "device_type", "cpu");
        tree_cell(t, "reg", i); /* the vCPU's affinity or hart id */
        if (riscv) {
            guest_riscv_cpu(t, i);
        } else {
            guest_armv8_cpu(t, i);
        }
        tree_end(t);
    }
    tree_end(t);
}

void guest_irqc_frames(const struct run *r, const struct vm *v, struct reg_range frame[2])
{
    const struct board_facts *b = &r->board;
    bool v3 = b->irqc == PLAN_IRQC_GICV3;
    uint64_t vcpus = v->sys->nr_vcpus;

    if (b->irqc == PLAN_IRQC_PLIC || b->irqc == PLAN_IRQC_AIA) {
        frame[0] = (struct reg_range){b->irqc_base[0], b->irqc_size[0]};
        frame[1] = (struct reg_range){b->irqc_base[1], b->irqc == PLAN_IRQC_AIA ? PAGE_SIZE * vcpus : 0U};
        return;
    }
    frame[0] = (struct reg_range){b->irqc_base[0], v3 ? 0x10000 : 0x1000};
    frame[1] = (struct reg_range){b->irqc_base[1], v3 ? (uint64_t)0x20000 * vcpus : 0x2000};
}

static void address(struct tree *t, const char *prop, uint64_t value)
{
    uint32_t two[2] = {(uint32_t)(value >> 32), (uint32_t)value};

    tree_cells(t, prop, 2, two);
}

static void add_chosen(struct tree *t, const char *console)
{
    if (console != NULL) {
        tree_begin(t, "aliases");
        tree_string(t, "serial0", console);
        tree_end(t);
    }
    tree_begin(t, "chosen");
    if (t->v->sys->bootargs != NULL) {
        tree_string(t, "bootargs", t->v->sys->bootargs);
    }
    if (console != NULL) {
        tree_string(t, "stdout-path", console);
    }
    if (t->v->initrd.data != NULL) {
        address(t, "linux,initrd-start", t->v->initrd_ipa);
        address(t, "linux,initrd-end", t->v->initrd_ipa + t->v->initrd.size);
    }
    tree_end(t);
}

static void add_all(struct tree *t)
{
    struct vm *v = t->v;
    const char *console = NULL;

    if (v->shared) {
        console = arena_printf(&t->r->arena, "/%s", guest_vuart_name(t));
    } else if (v->console >= 0) {
        console = arena_printf(&t->r->arena, "/%s", guest_device_name(t, &v->dev[v->console]));
    }
    tree_note(t, fdt_finish_reservemap(t->fdt));
    tree_begin(t, "");
    tree_string(t, "compatible", "bulkhead,vm-v1");
    tree_string(t, "model", arena_printf(&t->r->arena, "Bulkhead VM %s", v->sys->name));
    tree_cell(t, "#address-cells", 2);
    tree_cell(t, "#size-cells", 2);
    if (t->r->board.isa == PLAN_ISA_ARMV8) {
        tree_cell(t, "interrupt-parent", IRQC_PHANDLE);
    }
    add_chosen(t, console);
    add_memory(t);
    add_cpus(t);
    if (t->r->board.isa == PLAN_ISA_RISCV) {
        guest_riscv_add(t);
    } else {
        guest_armv8_add(t);
    }
    if (v->shared) {
        guest_vuart_add(t);
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        guest_device_add(t, &v->dev[i]);
    }
    guest_channels_add(t);
    guest_clocks_add(t);
    tree_end(t);
    tree_note(t, fdt_finish(t->fdt));
}

void guest_dtb(struct run *r, struct vm *v)
{
    struct tree t = {.r = r, .v = v, .fdt = arena_alloc(&r->arena, TREE_BYTES)};

    tree_note(&t, fdt_create(t.fdt, TREE_BYTES));
    add_all(&t);
    if (t.err != 0) {
        vm_error(r, v->sys, NULL, "its device tree cannot be made: %s; give it fewer devices",
                 fdt_strerror(t.err));
        return;
    }
    v->dtb.data = t.fdt;
    v->dtb.size = fdt_totalsize(t.fdt);
    if (v->overlay.data != NULL) {
        overlay_apply(r, v);
    }
}
