/* SPDX-License-Identifier: Apache-2.0 */
/* The boards Bulkhead knows: what a device tree does not say about them. */
#include "hvplan.h"

#include <libfdt.h>

static const struct board_kind kinds[] = {
    /* Behind the first 2 MiB of RAM: QEMU has its device tree there, U-Boot expects it there. */
    {"virt-gicv2", "linux,dummy-virt", PLAN_IRQC_GICV2, 0x200000, false},
    {"virt-gicv3", "linux,dummy-virt", PLAN_IRQC_GICV3, 0x200000, false},
    /* OpenSBI lives in the first 2 MiB, which no tree says before it has run: what VMs get of RAM begins behind. */
    {"virt-plic", "riscv-virtio", PLAN_IRQC_PLIC, 0x200000, true},
    {"virt-aia", "riscv-virtio", PLAN_IRQC_AIA, 0x200000, true},
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
