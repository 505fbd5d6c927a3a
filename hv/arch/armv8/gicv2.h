/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the GICv2 ops know of each other. */
#ifndef ARMV8_GICV2_H
#define ARMV8_GICV2_H

#include "hv/plan.h"

/* gicv2_virq.c: maps the virtual interface control registers (GICH). Boot CPU, once. */
enum hv_status gicv2_virq_map(const struct plan *plan);

/* Registers of 32 bits, by offset in bytes. */
static inline uint32_t gicv2_read(const volatile uint32_t *frame, uint32_t offset)
{
    return frame[offset / sizeof(*frame)];
}

static inline void gicv2_write(volatile uint32_t *frame, uint32_t offset, uint32_t value)
{
    frame[offset / sizeof(*frame)] = value;
}

#endif
