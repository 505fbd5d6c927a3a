/* SPDX-License-Identifier: Apache-2.0 */
/* AMD's (Xilinx') Versal as QEMU's xlnx-versal-virt has it: RAM from 0, PL011, GICv3. */
#include "hv/board.h"

#include "board/versal.h"

const struct board board = {
    .name = "versal",
    .isa = PLAN_ISA_ARMV8,
    .irqc = PLAN_IRQC_GICV3,
    .console_base = 0xff000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
