/* SPDX-License-Identifier: Apache-2.0 */
/* What the attacks at interrupt controllers share. */
#ifndef HOSTILE_GIC_ATTACKS_H
#define HOSTILE_GIC_ATTACKS_H

#include "attacks.h"

#define FRAME          0x10000U /* of a GICv3 */
#define GICD_V2_SIZE   0x1000U
#define GICC_V2_SIZE   0x2000U
#define GICD_CPENDSGIR 0xf10U
#define GICD_SPENDSGIR 0xf20U

/* The guest's interrupt controller is set up; if there is none it says so. Before anything else of these. */
bool gic_ready(const struct attack *self);
uint32_t gic_dist_size(void);
/* Quiet again: the guest's own interrupts, which it keeps masked. */
void gic_calm(void);
/* All ones into each word of [base, base + size), then what is not zero is told, and then how many attempts faulted. */
void gic_sweep(const struct attack *self, uint64_t base, uint32_t size);
/* Each size at each of eight places around some registers below `end`. Stage 1 is on with the frame as Normal memory, since
 * otherwise an unaligned access would not get past the CPU. */
void gic_widths(const struct attack *self, uint64_t base, uint32_t end);

#endif
