/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's RISC-V `virt` machine, which has a PLIC: RAM from 2 GiB, a 16550 as UART. */
#include "hv/board.h"

#include "board/virt-plic.h"

const struct board board = {
    .name = "virt-plic",
    .isa = PLAN_ISA_RISCV,
    .irqc = PLAN_IRQC_PLIC,
    .console_base = 0x10000000,
    .timebase_hz = 10000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
