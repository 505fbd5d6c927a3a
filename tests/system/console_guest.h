/* SPDX-License-Identifier: Apache-2.0 */
/* What guests on a shared console do: print, listen, take the UART's interrupt; and the machine they run on. */
#ifndef TESTS_CONSOLE_GUEST_H
#define TESTS_CONSOLE_GUEST_H

#include <stdio.h>
#include <string.h>

#include "hv/board.h"
#include "sim/gic.h"
#include "system.h"

#define UART   0x09000000ULL
#define DR     (UART + 0x00U)
#define FR     (UART + 0x18U)
#define CR     (UART + 0x30U)
#define IMSC   (UART + 0x38U)
#define MIS    (UART + 0x40U)
#define RXFE   0x10U
#define RX_RT  0x50U
#define LINE   33U
#define GICD   0x08000000ULL
#define GICV2  (board.irqc == PLAN_IRQC_GICV2)

static inline void put32(struct sim_guest *g, uint64_t ipa, uint32_t v)
{
    sim_expect(sim_guest_write(g, ipa, 4, v) == SIM_OK);
}

static inline uint32_t get32(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 4, &v) == SIM_OK);
    return (uint32_t)v;
}

static inline void print(struct sim_guest *g, const char *s)
{
    for (; *s != '\0'; s++) {
        put32(g, DR, (uint8_t)*s);
    }
}

static inline void uart_on(struct sim_guest *g)
{
    put32(g, UART + 0x2cU, 0x70);
    put32(g, CR, 0x301);
}

/* The plan, machine and CPU that serves the console. */
static inline void prepare(struct system *s, uint64_t seed, unsigned cpu)
{
    system_prepare(s, seed);
    plan_fixture_shared(&s->plan);
    strcpy(s->plan.p.board, board.name);
    if (GICV2) {
        plan_fixture_gicv2(&s->plan);
    }
    s->plan.p.pool_pages = (s->plan.p.hv_base + s->plan.p.hv_size - s->plan.p.pool_pa) / PAGE_SIZE;
    s->plan.p.console_cpu = cpu;
    s->machine.uart_rate = seed % 3U == 0U ? 0U : 40U * (unsigned)(seed % 5U);
    s->machine.max_steps = 200000000;
}

/* The UART's interrupt goes to that vCPU; on a GICv2 with what there is at reset, group 0. */
static inline void line_to(struct sim_guest *g, unsigned vcpu)
{
    if (GICV2) {
        put32(g, GICD, 1);
        sim_expect(sim_guest_write(g, GICD + 0x800U + LINE, 1, (uint64_t)1 << vcpu) == SIM_OK);
    } else {
        put32(g, GICD, 0x12);
        put32(g, GICD + 0x084U, 0xffffffff);
        sim_expect(sim_guest_write(g, GICD + 0x6000U + (8U * LINE), 8, vcpu) == SIM_OK);
    }
    put32(g, GICD + 0x104U, 1U << (LINE % 32U));
}

static inline void gic_on(struct sim_guest *g)
{
    line_to(g, 0);
    sim_guest_gic_enable(g);
}

/* As a driver does: waits for the interrupt, takes what is there, ends the interrupt. */
static inline void read_keys(struct sim_guest *g, char *to, const char *until)
{
    size_t n = strlen(to);
    while (strstr(to, until) == NULL) {
        sim_guest_wfi(g);
        sim_expect(sim_guest_ack(g) == LINE);
        sim_expect(get32(g, MIS) != 0U);
        while ((get32(g, FR) & RXFE) == 0U) {
            to[n++] = (char)get32(g, DR);
            to[n] = '\0';
            sim_expect(n < 60U);
        }
        sim_guest_eoi(g, LINE);
    }
}

#endif
