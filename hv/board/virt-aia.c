/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's RISC-V `virt` machine with aia=aplic-imsic and aia-guests=1: RAM from 2 GiB, a 16550 as UART. */
#include "hv/board.h"

#include "board/virt-aia.h"

const struct board board = {
    .name = "virt-aia",
    .isa = PLAN_ISA_RISCV,
    .irqc = PLAN_IRQC_AIA,
    .console_base = 0x10000000,
    .timebase_hz = 10000000,
    .load_base = BOARD_LOAD_ADDRESS,
};
