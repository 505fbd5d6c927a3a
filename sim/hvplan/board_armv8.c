/* SPDX-License-Identifier: Apache-2.0 */
/* What the tree of an Armv8 board says about its interrupt controller, timer and console. */
#include "hvplan.h"

#include <libfdt.h>

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

static void read_gic(struct board_reader *c)
{
    struct board_facts *b = c->b;
    struct reg_range reg[MAX_DEVICE_REGS];
    unsigned n = 0;

    b->irqc_node = find_gic(b->fdt);
    if (b->irqc_node < 0) {
        board_error(c, "/", "no interrupt controller that Bulkhead knows (GICv2 or GICv3)");
        return;
    }
    const char *path = node_path(c->a, b->fdt, b->irqc_node);
    const uint32_t *cells = node_cells(c->a, b->fdt, b->irqc_node, "#interrupt-cells", &n);

    b->irqc = fdt_node_check_compatible(b->fdt, b->irqc_node, "arm,gic-v3") == 0 ? PLAN_IRQC_GICV3 : PLAN_IRQC_GICV2;
    b->irqc_phandle = fdt_get_phandle(b->fdt, b->irqc_node);
    b->irqc_cells = cells != NULL && n == 1U ? cells[0] : 0U;
    /* Bindings arm,gic-v3: GICD, GICR; arm,gic: GICD, GICC and, for hypervisors, GICH and GICV. */
    unsigned frames = b->irqc == PLAN_IRQC_GICV3 ? 2U : PLAN_IRQC_FRAMES;

    if (b->irqc_cells < 3U || b->irqc_cells > 4U ||
        device_regs(b->fdt, b->irqc_node, reg, MAX_DEVICE_REGS) < (int)frames) {
        board_error(
            c, path,
            "interrupt controller without usable reg or #interrupt-cells; the board's tree is damaged");
        return;
    }
    for (unsigned i = 0; i < frames; i++) {
        b->irqc_base[i] = reg[i].base;
        b->irqc_size[i] = reg[i].size;
    }
    cells = node_cells(c->a, b->fdt, b->irqc_node, "interrupts", &n);
    b->maint_irq = cells != NULL && n >= 3U ? device_intid(b, cells) : UINT32_MAX;
    if (b->maint_irq < 16U || b->maint_irq > 31U) {
        board_error(c, path,
                    "no maintenance interrupt; start QEMU with virtualization=on when it dumps the tree");
    }
}

/* Devicetree binding arm,arch_timer: secure, non-secure, virtual, hypervisor. */
static void read_timer(struct board_reader *c)
{
    struct board_facts *b = c->b;
    unsigned n = 0;

    b->timer_node = fdt_node_offset_by_compatible(b->fdt, -1, "arm,armv8-timer");
    if (b->timer_node < 0) {
        board_error(c, "/", "no timer (arm,armv8-timer)");
        return;
    }
    const uint32_t *cells = node_cells(c->a, b->fdt, b->timer_node, "interrupts", &n);

    if (b->irqc_cells == 0U) {
        return; /* said already */
    }
    if (cells == NULL || n < 4U * b->irqc_cells) {
        board_error(c, node_path(c->a, b->fdt, b->timer_node), "timer without its four interrupts");
        return;
    }
    b->ptimer_irq = device_intid(b, cells + b->irqc_cells);
    b->vtimer_irq = device_intid(b, cells + 2U * b->irqc_cells);
    b->htimer_irq = device_intid(b, cells + 3U * b->irqc_cells);
}

void board_armv8(struct board_reader *c)
{
    read_gic(c);
    read_timer(c);
}

const char *board_armv8_unshared(const struct board_facts *b)
{
    return fdt_node_check_compatible(b->fdt, b->console_node, b->kind->uart) == 0
               ? NULL
               : "is not the kind of UART that the board's image drives";
}
