/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: GICH_LR<n> (IHI 0048B 5.3.10) and ICH_LR<n>_EL2 (IHI 0069H 12.4.6). */
#include "arch/armv8/gicv2_lr.h"

/* GICv2: HW, group, active and pending from bit 31 down; GICv3: active, pending, HW, group from bit 63 down. */
#define V3_STATE_SHIFT 62U
#define V3_HW          ((uint64_t)1 << 61)
#define V3_GROUP1      ((uint64_t)1 << 60)
#define V3_PRIO_SHIFT  51U /* of the upper five bits */
#define V3_EOI         ((uint64_t)1 << 41)
#define V3_PINTID_SHIFT 32U
#define V2_HW          ((uint32_t)1 << 31)
#define V2_GROUP1      ((uint32_t)1 << 30)
#define V2_STATE_SHIFT 28U
#define V2_PRIO_SHIFT  23U
#define V2_EOI         ((uint32_t)1 << 19)
#define V2_PINTID_SHIFT 10U
#define STATE          3U
#define PRIO           0x1fU
#define INTID          0x3ffU
#define SOURCE         ((uint32_t)7 << 10)

uint32_t gicv2_lr_pack(uint64_t lr)
{
    uint32_t v2 = (uint32_t)lr & INTID;

    v2 |= ((uint32_t)(lr >> V3_STATE_SHIFT) & STATE) << V2_STATE_SHIFT;
    v2 |= ((uint32_t)(lr >> V3_PRIO_SHIFT) & PRIO) << V2_PRIO_SHIFT;
    v2 |= (lr & V3_GROUP1) != 0U ? V2_GROUP1 : 0U;
    if ((lr & V3_HW) != 0U) {
        return v2 | V2_HW | ((uint32_t)(lr >> V3_PINTID_SHIFT) & INTID) << V2_PINTID_SHIFT;
    }
    return v2 | ((uint32_t)lr & SOURCE) | ((lr & V3_EOI) != 0U ? V2_EOI : 0U);
}

uint64_t gicv2_lr_unpack(uint32_t gich_lr)
{
    uint64_t lr = gich_lr & INTID;

    lr |= (uint64_t)(gich_lr >> V2_STATE_SHIFT & STATE) << V3_STATE_SHIFT;
    lr |= (uint64_t)(gich_lr >> V2_PRIO_SHIFT & PRIO) << V3_PRIO_SHIFT;
    lr |= (gich_lr & V2_GROUP1) != 0U ? V3_GROUP1 : 0U;
    if ((gich_lr & V2_HW) != 0U) {
        return lr | V3_HW | (uint64_t)(gich_lr >> V2_PINTID_SHIFT & INTID) << V3_PINTID_SHIFT;
    }
    return lr | (gich_lr & SOURCE) | ((gich_lr & V2_EOI) != 0U ? V3_EOI : 0U);
}
