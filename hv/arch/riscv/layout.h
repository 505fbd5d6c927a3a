/* SPDX-License-Identifier: Apache-2.0 */
/* HS level, Sv39: the upper half of the address space (bits 63 to 38 equal, privileged architecture 1.13, 12.4.1). */
#ifndef RISCV_LAYOUT_H
#define RISCV_LAYOUT_H

#include "hv/arch/layout_common.h"

#define HV_VA_OFFSET 0xffffffc000000000

#endif
