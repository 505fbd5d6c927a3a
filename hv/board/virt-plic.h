/* SPDX-License-Identifier: Apache-2.0 */
/* What the linker script has to know of the board, too. OpenSBI lives in the 2 MiB below, and QEMU and it start what is here. */
#ifndef HV_BOARD_VIRT_PLIC_H
#define HV_BOARD_VIRT_PLIC_H

#define BOARD_LOAD_ADDRESS 0x80200000

#endif
