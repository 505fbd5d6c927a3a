/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the random guest know of each other. */
#ifndef TESTS_RANDOM_ACTS_H
#define TESTS_RANDOM_ACTS_H

#include "random_guest.h"
#include "trace.h"

static inline uint64_t below(uint64_t n)
{
    return sim_random() % n;
}

static inline bool one_in(uint64_t n)
{
    return below(n) == 0U;
}

/* ---- random_guest.c ---- */
uint64_t act_value(const struct random_vm *vm); /* with few bits, all, none, or any */
uint32_t act_spi(const struct random_vm *vm);   /* one of its SPIs, or its UART's */
void act_count_ack(struct random_vm *vm, uint32_t token);
void act_put(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t v);
uint64_t act_get(struct sim_guest *g, uint64_t ipa, unsigned size);
void act_access(struct sim_guest *g, const struct random_vm *vm, uint64_t ipa, unsigned size);

/* ---- random_gic.c: a GICv3 or GICv2, whichever the machine has ---- */
void act_distributor(struct sim_guest *g, struct random_vm *vm);
void act_private(struct sim_guest *g, struct random_vm *vm); /* redistributor, or the banked registers */
void act_sgi(struct sim_guest *g, struct random_vm *vm);
void act_interrupts(struct sim_guest *g, struct random_vm *vm);
void act_cpu_interface(struct sim_guest *g, struct random_vm *vm);
void act_wakeable(struct sim_guest *g, struct random_vm *vm); /* sees to it that a timer can wake it */
void act_set_up(struct sim_guest *g, struct random_vm *vm);   /* what a kernel does at start */

/* ---- random_uart.c ---- */
void act_print(struct sim_guest *g, struct random_vm *vm);
void act_uart(struct sim_guest *g, struct random_vm *vm);    /* any register, any width */
void act_receive(struct sim_guest *g, struct random_vm *vm); /* what has arrived, or until there is something */
void act_uart_handler(struct sim_guest *g, struct random_vm *vm);

#endif
