/* SPDX-License-Identifier: Apache-2.0 */
/* What guests on a shared console do: print, listen, take the UART's interrupt; and the machine they run on. */
#ifndef TESTS_CONSOLE_GUEST_H
#define TESTS_CONSOLE_GUEST_H

#include <stdio.h>
#include <string.h>

#include "guest_irq.h"
#include "hv/board.h"
#include "system.h"

#define UART 0x09000000ULL
#define LINE 33U

#include "uart_guest.h" /* the ISA's */

static inline void print(struct sim_guest *g, const char *s)
{
    for (; *s != '\0'; s++) {
        guest_put32(g, UART_DATA, (uint8_t)*s);
    }
}

/* The plan, machine and CPU that serves the console. */
static inline void prepare(struct system *s, uint64_t seed, unsigned cpu)
{
    system_prepare(s, seed);
    plan_fixture_shared(&s->plan);
    system_plan(&s->plan);
    s->plan.p.console_cpu = cpu;
    s->machine.uart_rate = seed % 3U == 0U ? 0U : 40U * (unsigned)(seed % 5U);
    s->machine.max_steps = 200000000;
}

static inline void irq_on(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    guest_line_on(g, LINE, 0, false);
}

/* As a driver does: waits for the interrupt, takes what is there, ends the interrupt. */
static inline void read_keys(struct sim_guest *g, char *to, const char *until)
{
    size_t n = strlen(to);
    while (strstr(to, until) == NULL) {
        sim_expect(guest_irq_wait(g) == LINE);
        sim_expect(uart_interrupts(g));
        while (uart_received(g)) {
            to[n++] = (char)guest_get32(g, UART_DATA);
            to[n] = '\0';
            sim_expect(n < 60U);
        }
        guest_irq_end(g);
    }
}

#endif
