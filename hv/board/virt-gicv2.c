/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's `virt` machine with virtualization=on and gic-version=2: RAM from 1 GiB, PL011 as the first UART. */
#include "hv/board.h"

#include "board/virt-gicv2.h"

const struct board board = {
    .name = "virt-gicv2",
    .isa = PLAN_ISA_ARMV8,
    .irqc = PLAN_IRQC_GICV2,
    /* QEMU's GICv2 (10.0.2): a line that rose while its interrupt was active is not signalled after the guest's end of it
     * (IHI 0048B 3.2.4 has it pending then) until another line changes; a write of GICC_DIR signals it. */
    .ends_trap = true,
    .console_base = 0x09000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
