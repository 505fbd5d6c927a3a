/* SPDX-License-Identifier: Apache-2.0 */
/* Where things lie at EL2. */
#ifndef ARMV8_LAYOUT_H
#define ARMV8_LAYOUT_H

#include "hv/arch/layout_common.h"

/* EL2 stage 1: bits of an address, from which the root's size and TCR_EL2.T0SZ come. With 37 the root is 1 KiB to clear at boot. The image
 * is linked in the upper half: a physical address below 64 GiB, which is all that the tests' boards have but for zcu102's programmable logic
 * and versal's upper RAM, is none of the hypervisor's. */
#define LAYOUT_VA_BITS 37
#define HV_VA_OFFSET   0x1000000000

#endif
