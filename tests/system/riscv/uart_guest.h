/* SPDX-License-Identifier: Apache-2.0 */
/* What guests do with their 16550A. */
#ifndef TESTS_UART_GUEST_H
#define TESTS_UART_GUEST_H

#define UART_DATA UART
#define UART_IER  (UART + 1U)
#define UART_IIR  (UART + 2U) /* FCR, written */
#define UART_LCR  (UART + 3U)
#define UART_MCR  (UART + 4U)
#define UART_LSR  (UART + 5U)
#define UART_SCR  (UART + 7U)

static inline void uart_put8(struct sim_guest *g, uint64_t ipa, uint8_t v)
{
    sim_expect(sim_guest_write(g, ipa, 1, v) == SIM_OK);
}

static inline uint8_t uart_get8(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 1, &v) == SIM_OK);
    return (uint8_t)v;
}

static inline void uart_on(struct sim_guest *g)
{
    uart_put8(g, UART_LCR, 3);
    uart_put8(g, UART_IIR, 1); /* FIFOs on; what was typed ahead stays in them */
    uart_put8(g, UART_MCR, 0xb);
}

/* Interrupts for what is received; for all there is. */
static inline void uart_listen(struct sim_guest *g)
{
    uart_put8(g, UART_IER, 1);
}

static inline void uart_all_interrupts(struct sim_guest *g)
{
    uart_put8(g, UART_IER, 0xf);
}

static inline bool uart_interrupts(struct sim_guest *g)
{
    return (uart_get8(g, UART_IIR) & 1U) == 0U;
}

static inline bool uart_received(struct sim_guest *g)
{
    return (uart_get8(g, UART_LSR) & 1U) != 0U;
}

/* Registers as no reset leaves them; then looped back: what is written is received. */
static inline void uart_scribble(struct sim_guest *g)
{
    uart_put8(g, UART_LCR, 0x83);
    uart_put8(g, UART, 0x34);
    uart_put8(g, UART_IER, 0x12);
    uart_put8(g, UART_LCR, 0x1b);
    uart_put8(g, UART_SCR, 0x5a);
}

static inline void uart_loop_back(struct sim_guest *g)
{
    uart_put8(g, UART_MCR, 0x1f);
}

static inline bool uart_is_there(struct sim_guest *g)
{
    return uart_get8(g, UART_LSR) != 0U;
}

#endif
