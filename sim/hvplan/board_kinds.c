/* SPDX-License-Identifier: Apache-2.0 */
/* The boards Bulkhead knows: what a device tree does not say about them. */
#define _GNU_SOURCE
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

/* By the numbers of include/dt-bindings/clock/xlnx-zynqmp-clk.h: LPD_LSBUS, UART0_REF, UART1_REF, as the board's boot loader
 * sets them up (Linux before it asked the firmware: arch/arm64/boot/dts/xilinx/zynqmp-clk.dtsi, clk100). */
static const struct board_clock zcu102_clocks[] = {
    {"xlnx,zynqmp-clk", 31, 100000000},
    {"xlnx,zynqmp-clk", 56, 100000000},
    {"xlnx,zynqmp-clk", 57, 100000000},
    {0},
};

static const struct board_kind kinds[] = {
    /* Behind the first 2 MiB of RAM: QEMU has its device tree there, U-Boot expects it there. */
    {"virt-gicv2", "linux,dummy-virt", PLAN_IRQC_GICV2, "arm,pl011", 0x200000, false, NULL},
    {"virt-gicv3", "linux,dummy-virt", PLAN_IRQC_GICV3, "arm,pl011", 0x200000, false, NULL},
    {"zcu102", "xlnx,zynqmp-zcu102", PLAN_IRQC_GICV2, "cdns,uart-r1p12", 0x200000, false, zcu102_clocks},
    {"versal", "xlnx-versal-virt", PLAN_IRQC_GICV3, "arm,pl011", 0x200000, false, NULL},
    /* OpenSBI lives in the first 2 MiB, which no tree says before it has run: what VMs get of RAM begins behind. */
    {"virt-plic", "riscv-virtio", PLAN_IRQC_PLIC, "ns16550a", 0x200000, true, NULL},
    {"virt-aia", "riscv-virtio", PLAN_IRQC_AIA, "ns16550a", 0x200000, true, NULL},
};

const struct board_kind *board_kind_of(const void *fdt, enum plan_irqc irqc)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (fdt_node_check_compatible(fdt, 0, kinds[i].compatible) == 0 &&
            kinds[i].irqc == irqc) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool has_name(const struct board_kind *k, const uint8_t *image, size_t size)
{
    return memmem(image, size, k->name, strlen(k->name) + 1U) != NULL;
}

const char *board_other_than(const struct board_kind *mine, const uint8_t *image, size_t size)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds) && !has_name(mine, image, size); i++) {
        if (has_name(&kinds[i], image, size)) {
            return kinds[i].name;
        }
    }
    return NULL;
}

/* Only fixed clocks have their rate in the tree; the others' is in the table above, if Bulkhead knows it. */
uint32_t board_clock_rate(const struct board_facts *b, int node, const uint32_t *spec, unsigned cells)
{
    int len = 0;
    const fdt32_t *rate = fdt_getprop(b->fdt, node, "clock-frequency", &len);

    if (fdt_node_check_compatible(b->fdt, node, "fixed-clock") == 0) {
        return rate != NULL && len == 4 ? fdt32_ld(rate) : 0U;
    }
    for (const struct board_clock *c = b->kind->clocks; cells == 1U && c != NULL && c->compatible != NULL; c++) {
        if (c->number == spec[0] && fdt_node_check_compatible(b->fdt, node, c->compatible) == 0) {
            return c->rate;
        }
    }
    return 0;
}
