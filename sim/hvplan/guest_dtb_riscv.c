/* SPDX-License-Identifier: Apache-2.0 */
/* What the tree of a RISC-V guest has of its own: harts with their extensions and local interrupts, and a PLIC, or an
 * APLIC with one interrupt file per hart. The firmware, SBI, has no node. */
#include "tree.h"

#include <libfdt.h>

#define CAUSE_EXTERNAL_S 9U

void guest_riscv_cpus(struct tree *t)
{
    tree_cell(t, "timebase-frequency", t->r->board.timebase_hz);
}

static void add_extensions(struct tree *t, int board_cpu)
{
    const struct board_facts *b = &t->r->board;
    bool aia = b->irqc == PLAN_IRQC_AIA;
    int len = 0;
    const char *isa = riscv_isa_guest_string(&t->r->arena, b->fdt, board_cpu, aia);
    const char *list = riscv_isa_guest_list(&t->r->arena, b->fdt, board_cpu, aia, &len);

    if (isa != NULL) {
        tree_string(t, "riscv,isa", isa);
    }
    if (list != NULL) {
        tree_copy_prop(t, board_cpu, "riscv,isa-base");
        tree_note(t, fdt_property(t->fdt, "riscv,isa-extensions", list, len));
    }
}

void guest_riscv_cpu(struct tree *t, uint32_t i)
{
    int board_cpu = t->r->board.cpu[t->v->cpus[i]].node;

    tree_string(t, "compatible", "riscv");
    tree_string(t, "status", "okay");
    tree_copy_prop(t, board_cpu, "mmu-type");
    add_extensions(t, board_cpu);
    tree_copy_prop(t, board_cpu, "riscv,cbom-block-size");
    tree_copy_prop(t, board_cpu, "riscv,cbop-block-size");
    tree_copy_prop(t, board_cpu, "riscv,cboz-block-size");
    tree_begin(t, "interrupt-controller");
    tree_string(t, "compatible", "riscv,cpu-intc");
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 1);
    tree_cell(t, "phandle", INTC_PHANDLE + i);
    tree_end(t);
}

/* To the supervisor level of each vCPU, in their order: context n of a PLIC, and file n, is that of vCPU n. */
static void add_outputs(struct tree *t)
{
    uint32_t pair[2U * VM_MAX_VCPUS];

    for (uint32_t i = 0; i < t->v->sys->nr_vcpus; i++) {
        pair[2U * i] = INTC_PHANDLE + i;
        pair[2U * i + 1U] = CAUSE_EXTERNAL_S;
    }
    tree_cells(t, "interrupts-extended", 2U * t->v->sys->nr_vcpus, pair);
}

static void add_plic(struct tree *t, const struct reg_range *frame)
{
    tree_begin(t, tree_named(t, "plic", frame->base));
    tree_copy_prop(t, t->r->board.irqc_node, "compatible");
    tree_reg(t, 1, frame);
    tree_cell(t, "riscv,ndev", t->r->board.sources);
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 1);
    tree_cell(t, "#address-cells", 0);
    add_outputs(t);
    tree_cell(t, "phandle", IRQC_PHANDLE);
    tree_end(t);
}

/* Devicetree binding riscv,imsics. Without riscv,guest-index-bits the files are a page apart. */
static void add_imsics(struct tree *t, const struct reg_range *frame)
{
    tree_begin(t, tree_named(t, "imsics", frame->base));
    tree_string(t, "compatible", "riscv,imsics");
    tree_reg(t, 1, frame);
    tree_cell(t, "riscv,num-ids", t->r->board.irqc_ids);
    tree_flag(t, "msi-controller");
    tree_cell(t, "#msi-cells", 0);
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 0);
    add_outputs(t);
    tree_cell(t, "phandle", IMSIC_PHANDLE);
    tree_end(t);
}

static void add_aplic(struct tree *t, const struct reg_range *frame)
{
    tree_begin(t, tree_named(t, "aplic", frame->base));
    tree_string(t, "compatible", "riscv,aplic");
    tree_reg(t, 1, frame);
    tree_cell(t, "riscv,num-sources", t->r->board.sources);
    tree_cell(t, "msi-parent", IMSIC_PHANDLE);
    tree_flag(t, "interrupt-controller");
    tree_cell(t, "#interrupt-cells", 2);
    tree_cell(t, "#address-cells", 0);
    tree_cell(t, "phandle", IRQC_PHANDLE);
    tree_end(t);
}

void guest_riscv_add(struct tree *t)
{
    struct reg_range frame[2];

    guest_irqc_frames(t->r, t->v, frame);
    if (t->r->board.irqc == PLAN_IRQC_PLIC) {
        add_plic(t, &frame[0]);
        return;
    }
    add_imsics(t, &frame[1]);
    add_aplic(t, &frame[0]);
}
