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

/* <isa>/victim_irqc.c: sums over its virtual interrupt controller, and over its interrupts and CPUs at the physical
 * one. */
uint64_t victim_virtual_sum(void);
uint64_t victim_physical_sum(void);
/* A lock of the interrupt controller's that all VMs share; NULL: there is none. */
const void *victim_shared_lock(void);

/* Characters it has printed. */
uint32_t victim_printed(void);

#endif
