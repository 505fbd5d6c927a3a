/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's `virt` machine with virtualization=on and gic-version=3: RAM from 1 GiB, PL011 as the first UART. */
#include "hv/board.h"

#include "board/virt-gicv3.h"

const struct board board = {
    .name = "virt-gicv3",
    .isa = PLAN_ISA_ARMV8,
    .irqc = PLAN_IRQC_GICV3,
    .console_base = 0x09000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
