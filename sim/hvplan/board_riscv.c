/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tree of a RISC-V board says about its harts, time and interrupt controller: a PLIC, or an APLIC whose messages
 * go to interrupt files (IMSICs). Of the levels of an AIA, which have nodes of their own, the supervisor's is ours.
 */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#define CAUSE_TIMER_S    5U
#define CAUSE_EXTERNAL_S 9U /* supervisor external interrupt: what a hart's controller knows the supervisor level by */

/* INTIDs end at 1020 (hv/core/plan_check_irqc.c), and source n is 32 + n. */
#define MAX_SOURCES (1020U - 33U)

static uint32_t cell_of(struct board_reader *c, int node, const char *prop, uint32_t absent)
{
    unsigned n = 0;
    const uint32_t *cells = node_cells(c->a, c->b->fdt, node, prop, &n);

    return cells != NULL && n == 1U ? cells[0] : absent;
}

static void node_error(struct board_reader *c, int node, const char *what)
{
    board_error(c, node_path(c->a, c->b->fdt, node), what);
}

/* Each hart's own controller, to which the others' interrupts-extended point, and that it can have guests at all. */
static void read_harts(struct board_reader *c)
{
    struct board_facts *b = c->b;

    for (uint32_t i = 0; i < b->nr_cpus; i++) {
        int node;

        fdt_for_each_subnode(node, b->fdt, b->cpu[i].node)
        {
            if (fdt_node_check_compatible(b->fdt, node, "riscv,cpu-intc") == 0) {
                b->cpu[i].intc = fdt_get_phandle(b->fdt, node);
            }
        }
        if (b->cpu[i].intc == 0U) {
            node_error(c, b->cpu[i].node, "CPU without an interrupt controller of its own (riscv,cpu-intc)");
        }
        if (!riscv_isa_has(c->a, b->fdt, b->cpu[i].node, "h")) {
            node_error(c, b->cpu[i].node, "CPU has no hypervisor extension (h in its riscv,isa); disable it in the "
                       "board's tree, or start QEMU with -cpu rv64 or max");
        }
    }
    b->timebase_hz = cell_of(c, fdt_path_offset(b->fdt, "/cpus"), "timebase-frequency", 0);
    if (b->timebase_hz == 0U) {
        board_error(c, "/cpus", "no timebase-frequency; the board's tree is damaged");
    }
}

/* What a node's interrupts-extended names: per entry a hart's own controller and a cause. */
struct outputs {
    unsigned n;
    const uint32_t *pair; /* 2 n cells */
};

static struct outputs outputs_of(struct board_reader *c, int node)
{
    struct outputs o = {0, NULL};
    unsigned n = 0;

    o.pair = node_cells(c->a, c->b->fdt, node, "interrupts-extended", &n);
    o.n = o.pair != NULL && n % 2U == 0U ? n / 2U : 0U;
    return o;
}

/* The entry by which a controller reaches a hart's supervisor level; UINT32_MAX if there is none. */
static uint32_t output_to(const struct outputs *o, uint32_t intc)
{
    for (unsigned i = 0; i < o->n; i++) {
        const uint32_t *pair = &o->pair[2UL * i];

        if (pair[0] == intc && pair[1] == CAUSE_EXTERNAL_S) {
            return i;
        }
    }
    return UINT32_MAX;
}

static void number_harts(struct board_reader *c, int node)
{
    struct outputs o = outputs_of(c, node);

    for (uint32_t i = 0; i < c->b->nr_cpus; i++) {
        c->b->cpu[i].irqc_index = output_to(&o, c->b->cpu[i].intc);
        if (c->b->cpu[i].irqc_index == UINT32_MAX) {
            node_error(c, c->b->cpu[i].node, "the interrupt controller does not reach this CPU's supervisor level");
        }
    }
}

/* What PLIC and APLIC have in common: registers, how their interrupts are named, and how many there are. */
static bool read_wired(struct board_reader *c, enum plan_irqc irqc, const char *sources, uint32_t cells)
{
    struct board_facts *b = c->b;
    struct reg_range reg[MAX_DEVICE_REGS];

    b->irqc = irqc;
    b->irqc_phandle = fdt_get_phandle(b->fdt, b->irqc_node);
    b->sources = cell_of(c, b->irqc_node, sources, 0);
    if (device_regs(b->fdt, b->irqc_node, reg, MAX_DEVICE_REGS) != 1 || b->sources == 0U ||
        cell_of(c, b->irqc_node, "#interrupt-cells", 0) != cells) {
        node_error(c, b->irqc_node,
                   arena_printf(c->a,
                                "interrupt controller without usable reg, %s or #interrupt-cells; the board's tree is damaged",
                                sources));
        return false;
    }
    b->irqc_cells = cells;
    b->sources = b->sources < MAX_SOURCES ? b->sources : MAX_SOURCES;
    b->irqc_base[0] = reg[0].base;
    b->irqc_size[0] = align_up(reg[0].size, PAGE_SIZE);
    return true;
}

/* Devicetree binding riscv,imsics: file i of the node is that of entry i of its interrupts-extended, 2^guest-index-bits
 * pages behind the one before it. */
static void read_files(struct board_reader *c, int imsics)
{
    struct board_facts *b = c->b;
    struct reg_range reg[MAX_DEVICE_REGS];
    uint32_t guest_bits = cell_of(c, imsics, "riscv,guest-index-bits", 0);

    b->irqc_ids = cell_of(c, imsics, "riscv,num-guest-ids", cell_of(c, imsics, "riscv,num-ids", 0));
    if (b->irqc_ids == 0U || b->irqc_ids > 2047U) {
        node_error(c, imsics, "interrupt files without usable riscv,num-ids, of guests riscv,num-guest-ids; the board's tree is damaged");
    }
    if (guest_bits == 0U || guest_bits > 6U) { /* AIA 1.0 3.1: at most 63 guest files */
        node_error(c, imsics, "no interrupt files for guests (riscv,guest-index-bits); start QEMU with aia-guests=1, "
                   "or without aia for its PLIC");
        return;
    }
    if (cell_of(c, imsics, "riscv,group-index-bits", 0) != 0U ||
        device_regs(b->fdt, imsics, reg, MAX_DEVICE_REGS) != 1) {
        node_error(c, imsics, "interrupt files in several groups or ranges, which this version does not know");
        return;
    }
    b->files_node = imsics;
    b->irqc_base[1] = reg[0].base;
    b->irqc_size[1] = align_up(reg[0].size, PAGE_SIZE);
    number_harts(c, imsics);
    for (uint32_t i = 0; i < b->nr_cpus; i++) {
        b->cpu[i].irqc_pa = reg[0].base + ((uint64_t)b->cpu[i].irqc_index << guest_bits) * PAGE_SIZE;
    }
}

/* Interrupt files of supervisor level, and nothing else. */
static bool is_supervisors(struct board_reader *c, int imsics)
{
    struct outputs o = outputs_of(c, imsics);

    if (imsics < 0 || fdt_node_check_compatible(c->b->fdt, imsics, "riscv,imsics") != 0) {
        return false;
    }
    for (unsigned i = 0; i < o.n; i++) {
        if (o.pair[2U * i + 1U] != CAUSE_EXTERNAL_S) {
            return false;
        }
    }
    return o.n != 0U;
}

/* The APLIC of supervisor level, and its interrupt files. False if the board has no APLIC. */
static bool read_aia(struct board_reader *c)
{
    struct board_facts *b = c->b;
    bool found = false;

    for (int node = fdt_node_offset_by_compatible(b->fdt, -1, "riscv,aplic"); node >= 0;
         node = fdt_node_offset_by_compatible(b->fdt, node, "riscv,aplic")) {
        uint32_t parent = cell_of(c, node, "msi-parent", 0);
        int imsics = parent != 0U ? fdt_node_offset_by_phandle(b->fdt, parent) : -1;

        found = true;
        if (node_enabled(b->fdt, node) && is_supervisors(c, imsics)) {
            b->irqc_node = node;
            if (read_wired(c, PLAN_IRQC_AIA, "riscv,num-sources", 2)) {
                read_files(c, imsics);
            }
            return true;
        }
    }
    if (found) {
        board_error(c, "/", "its APLIC sends no messages to interrupt files of supervisor level (riscv,imsics); start "
                    "QEMU with aia=aplic-imsic,aia-guests=1");
    }
    return found;
}

static void read_plic(struct board_reader *c)
{
    struct board_facts *b = c->b;
    int node = fdt_node_offset_by_compatible(b->fdt, -1, "riscv,plic0");

    b->irqc_node = node >= 0 ? node : fdt_node_offset_by_compatible(b->fdt, -1, "sifive,plic-1.0.0");
    if (b->irqc_node < 0) {
        board_error(c, "/", "no interrupt controller that Bulkhead knows (PLIC, or APLIC with IMSICs)");
    } else if (read_wired(c, PLAN_IRQC_PLIC, "riscv,ndev", 1)) {
        number_harts(c, b->irqc_node);
    }
}

void board_riscv(struct board_reader *c)
{
    c->b->htimer_irq = CAUSE_TIMER_S;
    read_harts(c);
    if (!read_aia(c)) {
        read_plic(c);
    }
}

const char *board_riscv_unshared(const struct board_facts *b)
{
    int len = 0;
    const fdt32_t *shift = fdt_getprop(b->fdt, b->console_node, "reg-shift", &len);
    bool apart = shift != NULL && (len != 4 || fdt32_ld(shift) != 0U);
    const fdt32_t *width = fdt_getprop(b->fdt, b->console_node, "reg-io-width", &len);

    if (fdt_node_check_compatible(b->fdt, b->console_node, "ns16550a") != 0) {
        return "is not an ns16550a";
    }
    if (apart || (width != NULL && (len != 4 || fdt32_ld(width) != 1U))) {
        return "does not have its registers byte by byte (reg-shift, reg-io-width)";
    }
    return NULL;
}
