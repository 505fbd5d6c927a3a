/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of make_plan(), which calls them in this order. */
#ifndef SIM_HVPLAN_PLAN_BOARD_H
#define SIM_HVPLAN_PLAN_BOARD_H

#include "hvplan.h"

/* Address bits that hold everything up to and including `last`. */
uint32_t plan_bits(uint64_t last);

void plan_fill_board(const struct run *r, struct plan *p);
/* PLAN_NEEDS_* of a CPU, by its place in the board's list: of what guests are told. */
uint32_t plan_cpu_needs(struct run *r, uint32_t cpu);
void plan_fill_hv(const struct run *r, struct plan *p);
/* Wants all tables filled. */
void plan_fill_needs(struct plan *p);

#endif
