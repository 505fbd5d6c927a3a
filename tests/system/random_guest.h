/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does all that a guest can do, at random (sim_random()): memory, its interrupt controller, system
 * registers,
 * firmware, exceptions of any syndrome, timers, its emulated UART, and its own end. What it does and gets goes to the
 * trace, if that is on.
 */
#ifndef TESTS_RANDOM_GUEST_H
#define TESTS_RANDOM_GUEST_H

#include "sim/sim.h"

#define RANDOM_RAM    0x40000000ULL /* its RAM begins here */
#define RANDOM_HIGH   0x40200000ULL /* and goes on here */
#define RANDOM_UART   0x09000000ULL /* emulated, if it has one */
#define RANDOM_DEVICE 0x09010000ULL /* a page, mapped */

struct random_vm {
    bool hostile;              /* also does what ends it, more often */
    unsigned nr_vcpus;
    uint32_t cpus[SIM_MAX_CPUS]; /* of its vCPUs */
    uint64_t ram_size, high_size;
    uint32_t spis[4];
    uint32_t uart_irq;         /* of its emulated UART; 0: it has none */
    unsigned actions;          /* per vCPU */
    unsigned floods;           /* times it prints more than its ring holds */
    unsigned done[SIM_MAX_CPUS];
    uint32_t *count;           /* per kind of action, of all runs */
};

/* The script of all its vCPUs; sim_guest.user is the struct random_vm. Waits for ever when it has done its actions. */
void random_guest(struct sim_guest *g);

/* One of its devices may do something: to be called now and then. */
void random_device(const struct random_vm *vm);

/* Kinds of actions there are, and what they are called; the last ones are an interrupt acknowledged and, on a board
 * with a
 * GICv2, an SGI of another vCPU than the first. */
unsigned random_kinds(void);
const char *random_kind(unsigned n);

#endif
