/* SPDX-License-Identifier: Apache-2.0 */
/* One device of the board's tree: where its registers are, which interrupts it has, and whether a VM may have
 * it. */
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

const char *node_path(struct arena *a, const void *fdt, int node)
{
    char buf[512];

    return fdt_get_path(fdt, node, buf, sizeof(buf)) == 0 ? arena_printf(a, "%s", buf) : "?";
}

bool node_enabled(const void *fdt, int node)
{
    const char *s = fdt_getprop(fdt, node, "status", NULL);

    return s == NULL || strcmp(s, "okay") == 0 || strcmp(s, "ok") == 0;
}

const uint32_t *node_cells(struct arena *a, const void *fdt, int node, const char *prop, unsigned *count)
{
    int len = 0;
    const fdt32_t *raw = fdt_getprop(fdt, node, prop, &len);

    if (raw == NULL || len % 4 != 0) {
        return NULL;
    }
    uint32_t *cells = arena_alloc(a, (size_t)len + 1U);

    *count = (unsigned)len / 4U;
    for (unsigned i = 0; i < *count; i++) {
        cells[i] = fdt32_ld(raw + i);
    }
    return cells;
}

static uint64_t cells_value(const fdt32_t *c, int n)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++) {
        v = v << 32 | fdt32_ld(c + i);
    }
    return v;
}

/* Through the `ranges` of one bus; false if the bus does not pass the address on. */
static bool translate_step(const void *fdt, int bus, int parent, uint64_t size, uint64_t *addr)
{
    int len = 0;
    const fdt32_t *ranges = fdt_getprop(fdt, bus, "ranges", &len);
    int ca = fdt_address_cells(fdt, bus);
    int pa = fdt_address_cells(fdt, parent);
    int sc = fdt_size_cells(fdt, bus);
    int row = ca + pa + sc;

    if (ranges == NULL || ca < 1 || ca > 2 || pa < 1 || pa > 2 || sc < 1 || sc > 2) {
        return false;
    }
    if (len == 0) {
        return true; /* one to one */
    }
    for (int i = 0; (i + row) * 4 <= len; i += row) {
        uint64_t child = cells_value(ranges + i, ca);
        uint64_t up = cells_value(ranges + i + ca, pa);
        uint64_t span = cells_value(ranges + i + ca + pa, sc);

        if (range_within(*addr, size, child, span)) {
            *addr = up + (*addr - child);
            return true;
        }
    }
    return false;
}

static int read_reg(const void *fdt, int node, unsigned i, bool start, struct reg_range *out)
{
    int len = 0;
    int at = fdt_parent_offset(fdt, node);
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

    if (reg == NULL || at < 0) {
        return -1;
    }
    int ac = fdt_address_cells(fdt, at);
    int sc = fdt_size_cells(fdt, at);

    if (ac < 1 || ac > 2 || sc < 1 || sc > 2 || (!start && len % ((ac + sc) * 4) != 0) ||
        i >= (unsigned)(len / ((ac + sc) * 4))) {
        return -1;
    }
    reg += (size_t)i * (size_t)(ac + sc);
    *out = (struct reg_range){cells_value(reg, ac), cells_value(reg + ac, sc)};
    if (start && (out->size == 0U || !range_ok(out->base, out->size))) {
        out->size = 1;
    }
    if (!range_ok(out->base, out->size)) {
        return 0;
    }
    for (int depth = 0; at > 0; depth++) {
        int parent = fdt_parent_offset(fdt, at);

        if (depth == MAX_BUS_DEPTH || parent < 0 || !translate_step(fdt, at, parent, start ? 1U : out->size, &out->base)) {
            return 0;
        }
        at = parent;
    }
    return 1;
}

int device_reg(const void *fdt, int node, unsigned i, struct reg_range *out)
{
    return read_reg(fdt, node, i, false, out);
}

int device_reg_start(const void *fdt, int node, unsigned i, struct reg_range *out)
{
    int there = read_reg(fdt, node, i, true, out);

    if (there > 0 && !range_ok(out->base, out->size)) { /* as translated */
        out->size = 1;
    }
    return there;
}

int device_regs(const void *fdt, int node, struct reg_range *out, unsigned max)
{
    struct reg_range reg;
    unsigned n = 0;
    int there = device_reg(fdt, node, 0, &reg);

    for (; there > 0 && n < max; there = device_reg(fdt, node, n, &reg)) {
        out[n++] = reg;
    }
    return there < 0 && n != 0U ? (int)n : -1;
}

/* Devicetree bindings: arm,gic-v3: type 0 is an SPI counted from 32, type 1 a PPI counted from 16; riscv,aplic and
 * sifive,plic: the number of the source, of which there is no 0. */
uint32_t device_intid(const struct board_facts *b, const uint32_t *cells)
{
    if (b->isa == PLAN_ISA_RISCV) {
        return cells[0] >= 1U && cells[0] <= b->sources ? 32U + cells[0] : UINT32_MAX;
    }
    if (cells[0] == 0U && cells[1] < 988U) {
        return 32U + cells[1];
    }
    return cells[0] == 1U && cells[1] < 16U ? 16U + cells[1] : UINT32_MAX;
}

/* What the tree says of its trigger: a PLIC's specifier says nothing, and its sources may be levels. */
static uint32_t irq_flags(const struct board_facts *b, const uint32_t *cells)
{
    return b->irqc == PLAN_IRQC_PLIC ? 4U : cells[b->irqc == PLAN_IRQC_AIA ? 1 : 2] & 0xfU;
}

unsigned device_irq_cells(const struct board_facts *b, uint32_t intid, uint32_t flags, uint32_t cells[3])
{
    bool riscv = b->isa == PLAN_ISA_RISCV;

    cells[0] = riscv ? intid - 32U : 0U;
    cells[1] = riscv ? flags : intid - 32U;
    cells[2] = flags;
    return b->irqc == PLAN_IRQC_PLIC ? 1U : b->irqc == PLAN_IRQC_AIA ? 2U : 3U;
}

/* The phandle a node's `interrupts` go to. */
static uint32_t interrupt_parent(const void *fdt, int node)
{
    for (int depth = 0; node >= 0 && depth < MAX_BUS_DEPTH; depth++) {
        int len = 0;
        const fdt32_t *p = fdt_getprop(fdt, node, "interrupt-parent", &len);

        if (p != NULL && len == 4) {
            return fdt32_ld(p);
        }
        node = fdt_parent_offset(fdt, node);
    }
    return 0;
}

static const char *add_irq(const struct board_facts *b, struct device *dev, const uint32_t *cells)
{
    uint32_t intid = device_intid(b, cells);

    if (intid < 32U) {
        return "has an interrupt private to each CPU, which cannot be given away";
    }
    if (intid == UINT32_MAX) {
        return b->isa == PLAN_ISA_RISCV ? "has an interrupt that the interrupt controller does not have"
                                        : "has an interrupt that is not a plain shared one (SPI)";
    }
    for (unsigned i = 0; i < dev->nr_irqs; i++) {
        if (dev->irq[i].intid == intid) {
            return "has one interrupt twice in the board's tree";
        }
    }
    if (dev->nr_irqs == MAX_DEVICE_IRQS) {
        return "has too many interrupts for this version";
    }
    dev->irq[dev->nr_irqs].intid = intid;
    dev->irq[dev->nr_irqs++].flags = irq_flags(b, cells);
    return NULL;
}

static const char *read_irqs(struct arena *a, const struct board_facts *b, int node, struct device *dev)
{
    unsigned n = 0;
    const uint32_t *ext = node_cells(a, b->fdt, node, "interrupts-extended", &n);
    unsigned skip = ext != NULL ? 1U : 0U;
    const uint32_t *cells = ext != NULL ? ext : node_cells(a, b->fdt, node, "interrupts", &n);
    const char *why = NULL;

    if (cells == NULL) {
        return NULL; /* no interrupts */
    }
    if (ext == NULL && interrupt_parent(b->fdt, node) != b->irqc_phandle) {
        return "has interrupts that do not go to the interrupt controller directly";
    }
    if (n % (b->irqc_cells + skip) != 0U) {
        return "has malformed interrupts in the board's tree";
    }
    for (unsigned i = 0; i < n && why == NULL; i += b->irqc_cells + skip) {
        if (skip != 0U && cells[i] != b->irqc_phandle) {
            return "has interrupts that do not go to the interrupt controller directly";
        }
        why = add_irq(b, dev, cells + i + skip);
    }
    return why;
}

const char *device_read(struct arena *a, const struct board_facts *b, int node, bool dma, struct device *dev)
{
    const char *why = device_refused(b, node, dma);
    int n;

    *dev = (struct device){.node = node, .path = node_path(a, b->fdt, node)};
    if (why != NULL) {
        return why;
    }
    for (int at = node; at > 0; at = fdt_parent_offset(b->fdt, at)) {
        if (!node_enabled(b->fdt, at)) {
            return at == node ? "is disabled in the board's tree" : "is on a bus that is disabled in the board's tree";
        }
    }
    if (fdt_first_subnode(b->fdt, node) >= 0) {
        return "has devices of its own below it, which this version cannot pass on";
    }
    n = device_regs(b->fdt, node, dev->reg, MAX_DEVICE_REGS);
    if (n < 1) {
        return "has no registers that the CPUs can reach";
    }
    dev->nr_regs = (unsigned)n;
    return read_irqs(a, b, node, dev);
}
