/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree of a guest, generated: its memory, CPUs, interrupt controller, timer, PSCI, its devices
 * with their clocks as fixed ones, aliases and chosen. Guest-physical addresses of devices are the board's.
 */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

static void add_memory(struct tree *t)
{
    struct reg_range ram = {t->v->ram_ipa, t->v->sys->memory};

    tree_begin(t, tree_named(t, "memory", ram.base));
    tree_string(t, "device_type", "memory");
    tree_reg(t, 1, &ram);
    tree_end(t);
}

static void add_cpus(struct tree *t)
{
    tree_begin(t, "cpus");
    tree_cell(t, "#address-cells", 1);
    tree_cell(t, "#size-cells", 0);
    for (uint32_t i = 0; i < t->v->sys->nr_vcpus; i++) {
        tree_begin(t, tree_named(t, "cpu", i));
        tree_string(t, "device_type", "cpu");
        tree_copy_prop(t, t->r->board.cpu[t->v->cpus[i]].node, "compatible");
        tree_cell(t, "reg", i); /* the vCPU's affinity */
        tree_string(t, "enable-method", "psci");
        tree_end(t);
    }
    tree_end(t);
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
    uint32_t spec = t->r->board.gic_cells;
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

void guest_gic_frames(const struct run *r, const struct vm *v, struct reg_range frame[2])
{
    bool v3 = r->board.gic_version == 3U;

    frame[0] = (struct reg_range){r->board.irqc_base[0], v3 ? 0x10000 : 0x1000};
    frame[1] = (struct reg_range){r->board.irqc_base[1], v3 ? (uint64_t)0x20000 * v->sys->nr_vcpus : 0x2000};
}

static void add_gic(struct tree *t)
{
    struct reg_range frame[2];

    guest_gic_frames(t->r, t->v, frame);
    tree_begin(t, tree_named(t, "intc", frame[0].base));
    tree_string(t, "compatible", t->r->board.gic_version == 3U ? "arm,gic-v3" : "arm,gic-400");
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 3);
    tree_cell(t, "#address-cells", 2);
    tree_cell(t, "#size-cells", 2);
    tree_reg(t, 2, frame);
    tree_cell(t, "phandle", GIC_PHANDLE);
    tree_end(t);
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
    tree_cell(t, "interrupt-parent", GIC_PHANDLE);
    add_chosen(t, console);
    add_memory(t);
    add_cpus(t);
    add_psci(t);
    add_timer(t);
    add_gic(t);
    if (v->shared) {
        guest_vuart_add(t);
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        guest_device_add(t, &v->dev[i]);
    }
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
}
