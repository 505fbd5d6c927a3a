/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's emulated 16550A: any register at any width. */
#include "random_acts.h"

#define THR  (RANDOM_UART + 0U)
#define IER  (RANDOM_UART + 1U)
#define IIR  (RANDOM_UART + 2U)
#define LCR  (RANDOM_UART + 3U)
#define MCR  (RANDOM_UART + 4U)
#define LSR  (RANDOM_UART + 5U)
#define FIFO 16U

void act_uart_on(struct sim_guest *g)
{
    act_put(g, LCR, 1, 3);
    act_put(g, IIR, 1, 7);
    act_put(g, MCR, 1, 0xb);
}

void act_uart(struct sim_guest *g, struct random_vm *vm)
{
    static const uint8_t regs[] = { 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8 };
    static const uint8_t usual[] = { 0, 1, 3, 7, 0xb, 0xf, 0x1b, 0x83, 0x80, 0x1f, 0xc7, 0x40, 0xff };
    uint64_t at = regs[below(sizeof(regs))];
    unsigned size = one_in(4) ? 1U << below(4) : 1U;
    if (one_in(8)) {
        at = below(0x1000) & ~(uint64_t)(size - 1U);
    }
    if (one_in(3)) {
        (void)act_get(g, RANDOM_UART + at, size);
    } else if (at == 0U && !vm->hostile) {
        act_put(g, THR, size, (act_value(vm) << 8) | (uint8_t)act_readable());
    } else {
        act_put(g, RANDOM_UART + at, size, one_in(2) ? act_value(vm) : usual[below(sizeof(usual))]);
    }
}

static void take(struct sim_guest *g)
{
    for (unsigned i = 0; i < FIFO + 4U && (act_get(g, LSR, 1) & 1U) != 0U; i++) {
        (void)act_get(g, THR, 1);
    }
}

void act_receive(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    if (one_in(2)) {
        act_uart_on(g);
    }
    act_put(g, IER, 1, one_in(2) ? 1 : 0xf);
    if (one_in(2)) {
        take(g);
    }
}

/* As a driver's: what has come is taken; or it masks the interrupt and looks later. */
void act_uart_handler(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    (void)act_get(g, IIR, 1);
    if (one_in(3)) {
        act_put(g, IER, 1, 0);
        return;
    }
    take(g);
    (void)act_get(g, RANDOM_UART + 6U, 1);
}
