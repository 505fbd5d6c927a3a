/* SPDX-License-Identifier: Apache-2.0 */
/* One device of the board's tree: where its registers are, which interrupts it has, and whether a VM may have
 * it. */
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

#define MAX_DEPTH 16

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

int device_reg(const void *fdt, int node, unsigned i, struct reg_range *out)
{
    int len = 0;
    int at = fdt_parent_offset(fdt, node);
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

    if (reg == NULL || at < 0) {
        return -1;
    }
    int ac = fdt_address_cells(fdt, at);
    int sc = fdt_size_cells(fdt, at);

    if (ac < 1 || ac > 2 || sc < 1 || sc > 2 || len % ((ac + sc) * 4) != 0 || i >= (unsigned)(len / ((ac + sc) * 4))) {
        return -1;
    }
    reg += (size_t)i * (size_t)(ac + sc);
    *out = (struct reg_range){cells_value(reg, ac), cells_value(reg + ac, sc)};
    if (!range_ok(out->base, out->size)) {
        return 0;
    }
    for (int depth = 0; at > 0; depth++) {
        int parent = fdt_parent_offset(fdt, at);

        if (depth == MAX_DEPTH || parent < 0 || !translate_step(fdt, at, parent, out->size, &out->base)) {
            return 0;
        }
        at = parent;
    }
    return 1;
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
    for (int depth = 0; node >= 0 && depth < MAX_DEPTH; depth++) {
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

static bool compatible_in(const void *fdt, int node, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (fdt_node_check_compatible(fdt, node, *list) == 0) {
            return true;
        }
    }
    return false;
}

/* Why a kind of device is not watertight without an IOMMU. */
static const char *refuse_dma(const void *fdt, int node)
{
    static const char *const masters[] = {"virtio,mmio", "qemu,fw-cfg-mmio", NULL};
    /* Known to be slaves on the bus: what they cannot do is write to memory. */
    static const char *const slaves[] = {
        "arm,pl011",    "arm,sbsa-uart",   "arm,pl031", "arm,pl061",           "arm,sp804",
        "arm,sp805",    "arm,pl050",       "ns16550a",  "cdns,uart-r1p8",      "cdns,uart-r1p12",
        "xlnx,xuartps", "xlnx,zynqmp-rtc", "cdns,ttc",  "google,goldfish-rtc", "cfi-flash",
        NULL};

    if (compatible_in(fdt, node, masters) || fdt_getprop(fdt, node, "iommus", NULL) != NULL) {
        return "reads and writes memory by itself (DMA), which could reach other VMs; this version drives no "
               "IOMMU";
    }
    if (!compatible_in(fdt, node, slaves)) {
        return "is of a kind not known to be free of DMA; the list is in sim/hvplan/device.c";
    }
    return NULL;
}

/* Addresses that the device's buses pass on are the physical ones: no dma-ranges, or one to one (Devicetree Specification
 * 2.3.9). */
static bool dma_one_to_one(const void *fdt, int node)
{
    for (int bus = fdt_parent_offset(fdt, node), depth = 0; bus >= 0 && depth < MAX_DEPTH;
         bus = fdt_parent_offset(fdt, bus), depth++) {
        int len = 0;

        if (fdt_getprop(fdt, bus, "dma-ranges", &len) != NULL && len != 0) {
            return false;
        }
    }
    return true;
}

/* Why a kind of device stays with the hypervisor, whomever one trusts. */
static const char *refuse_kind(const struct board_facts *b, int node)
{
    static const char *const irqcs[] = {"riscv,aplic", "riscv,imsics", "riscv,plic0", "sifive,plic-1.0.0",
                                        "riscv,cpu-intc", NULL};
    static const char *const firmwares[] = {"arm,psci", "arm,psci-1.0", "arm,psci-0.2", NULL};
    static const char *const timers[] = {"arm,armv8-timer", "riscv,timer", NULL};
    const void *fdt = b->fdt;
    int parent = fdt_parent_offset(fdt, node);

    if (node == b->irqc_node || parent == b->irqc_node ||
        fdt_getprop(fdt, node, "msi-controller", NULL) != NULL || compatible_in(fdt, node, irqcs)) {
        return "is the interrupt controller, of which every VM gets a virtual one";
    }
    if (parent == fdt_path_offset(fdt, "/reserved-memory") && parent >= 0) {
        return "is memory that the board's tree reserves, which nobody has";
    }
    if (compatible_in(fdt, node, timers)) {
        return "is the CPUs' timer, which every VM has anyway";
    }
    const char *type = fdt_getprop(fdt, node, "device_type", NULL);

    if (type != NULL && (strcmp(type, "memory") == 0 || strcmp(type, "cpu") == 0)) {
        return "is memory or a CPU; use the properties memory and cpus";
    }
    if (compatible_in(fdt, node, firmwares)) {
        return "is the firmware interface, of which every VM gets a virtual one";
    }
    if (type != NULL && strcmp(type, "pci") == 0) {
        return "reads and writes memory by itself (DMA), and has a bus of its own (PCI), which this version cannot pass on";
    }
    return NULL;
}

const char *device_read(struct arena *a, const struct board_facts *b, int node, bool dma, struct device *dev)
{
    const char *why = node == 0 ? "is the whole board" : refuse_kind(b, node);
    int n;

    if (why == NULL && !dma) {
        why = refuse_dma(b->fdt, node);
    }
    if (why == NULL && dma && !dma_one_to_one(b->fdt, node)) {
        why = "is on a bus that gives memory other addresses than the CPUs' (dma-ranges)";
    }

    *dev = (struct device){.node = node, .path = node_path(a, b->fdt, node)};
    if (why != NULL) {
        return why;
    }
    if (!node_enabled(b->fdt, node)) {
        return "is disabled in the board's tree";
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
