/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's `virt` machine with virtualization=on and gic-version=3: RAM from 1 GiB, PL011 as the first UART.
 * QEMU puts an arm64 image whose text_offset is 0 at RAM base + 2 MiB (hv.lds holds the same address for the
 * linker). */
#include "hv/board.h"

const struct board board = {
    .name = "virt-gicv3",
    .isa = PLAN_ISA_ARMV8,
    .console_base = 0x09000000,
    .load_base = 0x40200000,
};
