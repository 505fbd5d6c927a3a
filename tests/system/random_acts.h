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

uint64_t act_ipa(const struct random_vm *vm);   /* own and others' */

/* ---- <isa>/: the interrupt controller, whichever the machine has ---- */
void act_distributor(struct sim_guest *g, struct random_vm *vm); /* shared registers */
void act_private(struct sim_guest *g, struct random_vm *vm);     /* a vCPU's */
void act_sgi(struct sim_guest *g, struct random_vm *vm);         /* IPIs */
void act_interrupts(struct sim_guest *g, struct random_vm *vm);
void act_cpu_interface(struct sim_guest *g, struct random_vm *vm);
void act_wakeable(struct sim_guest *g, struct random_vm *vm); /* sees to it that a timer can wake it */
void act_set_up(struct sim_guest *g, struct random_vm *vm);   /* what a kernel does at start */

/* ---- <isa>/random_isa.c: registers, firmware, exceptions ---- */
void act_register(struct sim_guest *g, struct random_vm *vm);
void act_firmware(struct sim_guest *g, struct random_vm *vm);                       /* calls that end nothing */
void act_cpu_on(struct sim_guest *g, uint64_t vcpu, uint64_t pc);
void act_suspend(struct sim_guest *g, struct random_vm *vm);
/* any syndrome but those of calls */
void act_trap(struct sim_guest *g, struct random_vm *vm);
/* an asynchronous abort, or the like */
void act_serror(struct sim_guest *g);

/* ---- random_uart.c ---- */
void act_print(struct sim_guest *g, struct random_vm *vm);

/* What a guest that means well prints is shown as it is (core/console_filter.h): the test looks for it on the
 * console. */
static inline char act_readable(void)
{
    return (char)(' ' + (int)below(95));
}

/* ---- <isa>/random_uart_isa.c ---- */
void act_uart_on(struct sim_guest *g);
void act_uart(struct sim_guest *g, struct random_vm *vm);    /* any register, any width */
void act_receive(struct sim_guest *g, struct random_vm *vm); /* what has arrived, or until there is something */
void act_uart_handler(struct sim_guest *g, struct random_vm *vm);

#endif
