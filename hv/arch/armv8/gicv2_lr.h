/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers of GICv2 (GICH_LR<n>, IHI 0048B 5.3.10) from and to the layout of GICv3 (ICH_LR<n>_EL2, IHI 0069H
 * 12.4.6), which the portable code has. PURE.
 *
 * The source of an SGI stands in bits [12:10] in both: GICv3 has it there for guests of the old interface. GICv2 has five
 * bits of priority, the upper ones, and ten of INTID.
 */
#ifndef ARMV8_GICV2_LR_H
#define ARMV8_GICV2_LR_H

#include "hv/types.h"

uint32_t gicv2_lr_pack(uint64_t lr);
uint64_t gicv2_lr_unpack(uint32_t gich_lr);

#endif
