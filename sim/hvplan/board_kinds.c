/* SPDX-License-Identifier: Apache-2.0 */
/* The boards Bulkhead knows: what a device tree does not say about them. */
#include "hvplan.h"

#include <libfdt.h>

static const struct board_kind kinds[] = {
    /* Behind the first 2 MiB of RAM: QEMU has its device tree there, U-Boot expects it there. */
    {"virt-gicv2", "linux,dummy-virt", 2, 0x200000},
    {"virt-gicv3", "linux,dummy-virt", 3, 0x200000},
};

const struct board_kind *board_kind_of(const void *fdt, uint32_t gic_version)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (fdt_node_check_compatible(fdt, 0, kinds[i].compatible) == 0 &&
            kinds[i].gic_version == gic_version) {
            return &kinds[i];
        }
    }
    return NULL;
}
