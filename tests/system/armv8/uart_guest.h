/* SPDX-License-Identifier: Apache-2.0 */
/* What guests do with their PL011 (DDI 0183). */
#ifndef TESTS_UART_GUEST_H
#define TESTS_UART_GUEST_H

#define UART_DATA UART
#define UART_FR   (UART + 0x18U)
#define UART_CR   (UART + 0x30U)
#define UART_IMSC (UART + 0x38U)
#define UART_MIS  (UART + 0x40U)

static inline void uart_on(struct sim_guest *g)
{
    guest_put32(g, UART + 0x2cU, 0x70);
    guest_put32(g, UART_CR, 0x301);
}

/* Interrupts for what is received; for all there is. */
static inline void uart_listen(struct sim_guest *g)
{
    guest_put32(g, UART_IMSC, 0x50);
}

static inline void uart_all_interrupts(struct sim_guest *g)
{
    guest_put32(g, UART_IMSC, 0x7ff);
}

static inline bool uart_interrupts(struct sim_guest *g)
{
    return guest_get32(g, UART_MIS) != 0U;
}

static inline bool uart_received(struct sim_guest *g)
{
    return (guest_get32(g, UART_FR) & 0x10U) == 0U;
}

/* Registers as no reset leaves them; then looped back: what is written is received. */
static inline void uart_scribble(struct sim_guest *g)
{
    guest_put32(g, UART + 0x2cU, 0x70);
    guest_put32(g, UART + 0x24U, 0x1234);
    guest_put32(g, UART + 0x34U, 0x3f);
}

static inline void uart_loop_back(struct sim_guest *g)
{
    guest_put32(g, UART_CR, 0x381);
}

static inline bool uart_is_there(struct sim_guest *g)
{
    return (guest_get32(g, UART + 0xfe0U) & 0xffU) == 0x11U;
}

#endif
