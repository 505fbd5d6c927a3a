/* SPDX-License-Identifier: Apache-2.0 */
/* AMD's (Xilinx') ZCU102, a Zynq UltraScale+ MPSoC: RAM from 0, Cadence UART, GIC-400; so far as QEMU's xlnx-zcu102 with
 * virtualization=on has it. */
#include "hv/board.h"

#include "board/zcu102.h"

const struct board board = {
    .name = "zcu102",
    .isa = PLAN_ISA_ARMV8,
    .irqc = PLAN_IRQC_GICV2,
    .ends_trap = true, /* QEMU's GICv2, see virt-gicv2.c; a GIC-400 does not need it */
    .console_base = 0xff000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
