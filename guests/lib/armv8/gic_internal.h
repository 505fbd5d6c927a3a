/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers behind gic.c. */
#ifndef GUEST_GIC_INTERNAL_H
#define GUEST_GIC_INTERNAL_H

#include "guest.h"

struct gic_driver {
    /* Frames 0 and 1 of the tree's node. */
    bool (*init)(uint64_t first, uint64_t second, uint64_t second_size);
    bool (*init_cpu)(void);
    void (*enable)(uint32_t intid);
    void (*disable)(uint32_t intid);
    void (*sgi)(uint32_t intid, uint32_t target_list);
    uint32_t (*acknowledge)(void); /* what end() takes; the INTID is in its lower ten bits */
    void (*end)(uint32_t token);
};

extern const struct gic_driver gicv2_driver;
extern const struct gic_driver gicv3_driver;

uint64_t gicv3_redist_base(void);

#endif
