/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's emulated PL011: any register at any width. */
#include "random_acts.h"

#define DR    (RANDOM_UART + 0x00U)
#define FR    (RANDOM_UART + 0x18U)
#define LCR_H (RANDOM_UART + 0x2cU)
#define CR    (RANDOM_UART + 0x30U)
#define IMSC  (RANDOM_UART + 0x38U)
#define MIS   (RANDOM_UART + 0x40U)
#define ICR   (RANDOM_UART + 0x44U)
#define RXFE  0x10U
#define FIFO  16U

void act_uart_on(struct sim_guest *g)
{
    act_put(g, LCR_H, 4, 0x70);
    act_put(g, CR, 4, 0x301);
}

void act_uart(struct sim_guest *g, struct random_vm *vm)
{
    static const uint16_t regs[] = { 0x00, 0x00, 0x04, 0x18, 0x18, 0x20, 0x24, 0x28, 0x2c, 0x2c, 0x30, 0x30, 0x34,
                                     0x38, 0x38, 0x38, 0x3c, 0x3c, 0x40, 0x40, 0x44, 0x48, 0xfe0, 0xff0 };
    static const uint16_t usual[] = { 0x301, 0x301, 0x381, 0x380, 0x300, 0x101, 0x70, 0x60, 0x10, 0x50, 0x20, 0x7ff };
    uint64_t at = regs[below(sizeof(regs) / sizeof(regs[0]))];
    unsigned size = one_in(4) ? 1U << below(4) : 4U;
    if (one_in(8)) {
        at = below(0x1000) & ~(uint64_t)(size - 1U);
    }
    if (one_in(3)) {
        (void)act_get(g, RANDOM_UART + at, size);
    } else if (at == 0U && !vm->hostile) {
        act_put(g, DR, size, (act_value(vm) << 8) | (uint8_t)act_readable());
    } else {
        act_put(g, RANDOM_UART + at, size, one_in(2) ? act_value(vm) : usual[below(sizeof(usual) / sizeof(usual[0]))]);
    }
}

static void take(struct sim_guest *g)
{
    for (unsigned i = 0; i < FIFO + 4U && (act_get(g, FR, 4) & RXFE) == 0U; i++) {
        (void)act_get(g, DR, one_in(4) ? 1U : 4U);
    }
}

void act_receive(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    if (one_in(2)) {
        act_uart_on(g);
    }
    act_put(g, IMSC, 4, one_in(2) ? 0x50 : 0x7ff);
    if (one_in(2)) {
        take(g);
    }
}

/* As a driver's: what has come is taken, the rest acknowledged; or it masks the interrupt and looks later. */
void act_uart_handler(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    (void)act_get(g, MIS, 4);
    if (one_in(3)) {
        act_put(g, IMSC, 4, 0);
        return;
    }
    take(g);
    act_put(g, ICR, 4, 0x7ff);
}
