/* SPDX-License-Identifier: Apache-2.0 */
/* EL2 stage 1, 37 bits, which is a root of 1 KiB to clear at boot: the upper half of them, so that no address is a physical one of a
 * board, whose RAM ends below 64 GiB. */
#ifndef ARMV8_LAYOUT_H
#define ARMV8_LAYOUT_H

#include "hv/arch/layout_common.h"

#define HV_VA_OFFSET 0x1000000000

#endif
