/* SPDX-License-Identifier: Apache-2.0 */
/* What the linker script has to know of the board, too. QEMU puts an arm64 image whose text_offset is 0 at RAM base + 2 MiB. */
#ifndef HV_BOARD_VIRT_GICV2_H
#define HV_BOARD_VIRT_GICV2_H

#define BOARD_LOAD_ADDRESS 0x40200000

#endif
