/* SPDX-License-Identifier: Apache-2.0 */
/* What the linker script has to know of the board, too. QEMU puts an arm64 image whose text_offset is 2 MiB there, RAM begins at 0. */
#ifndef HV_BOARD_VERSAL_H
#define HV_BOARD_VERSAL_H

#define BOARD_LOAD_ADDRESS 0x200000

#endif
