/* SPDX-License-Identifier: Apache-2.0 */
/* What of the victim (three_vms.h) is held against the trace of another run. */
#ifndef TESTS_VICTIM_H
#define TESTS_VICTIM_H

#include "sim/sim.h"

/* Bits of a word of the interrupt controller that are the victim's. */
uint32_t victim_bits(unsigned word);

/* At each exit and entry of a guest (sim_guest_watch). */
void victim_watch(const struct sim_guest *g, bool entering);

/* When the machine has stopped: state, and its text on the shared console. */
void victim_at_the_end(void);

/* Characters it has printed. */
uint32_t victim_printed(void);

#endif
