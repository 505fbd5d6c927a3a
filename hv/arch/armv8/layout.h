/* SPDX-License-Identifier: Apache-2.0 */
/* EL2 stage 1, 39 bits: the upper half of them, so that no address is a physical one of a board. */
#ifndef ARMV8_LAYOUT_H
#define ARMV8_LAYOUT_H

#include "hv/arch/layout_common.h"

#define HV_VA_OFFSET 0x4000000000

#endif
