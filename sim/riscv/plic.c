/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's PLIC (RISC-V PLIC specification 1.0.0), all of whose priorities are 1 and thresholds 0, as the
 * hypervisor sets
 * them. Gateways are those of level-sensitive lines: one request is forwarded, and no other until it was completed.
 */
#include <string.h>

#include "sim/riscv/hart.h"

#define NOWHERE SIM_MAX_CPUS

static struct source {
    bool line, pending;
    bool enable;       /* at the context of the CPU it is routed to */
    unsigned route;
    bool service;      /* claimed, not completed */
    unsigned claimed;  /* by this CPU */
} sources[MAX_SOURCES];

void sim_plic_reset(void)
{
    memset(sources, 0, sizeof(sources));
    for (unsigned i = 0; i < MAX_SOURCES; i++) {
        sources[i].route = NOWHERE;
    }
}

static void gateway(struct source *s)
{
    s->pending = s->pending || (s->line && !s->service);
}

void sim_plic_line(uint32_t source, bool level)
{
    sim_check_source("line", source);
    sources[source].line = level;
    gateway(&sources[source]);
}

static uint32_t best(unsigned cpu)
{
    for (uint32_t n = 1; n < sim_cfg.nr_irqs - RISCV_WIRED; n++) {
        if (sources[n].pending && sources[n].enable && sources[n].route == cpu) {
            return n;
        }
    }
    return 0;
}

bool sim_plic_seip(unsigned cpu)
{
    return best(cpu) != 0U;
}

uint32_t sim_plic_claim(unsigned cpu)
{
    uint32_t n = best(cpu);
    if (n != 0U) {
        sources[n].pending = false;
        sources[n].service = true;
        sources[n].claimed = cpu;
    }
    return n;
}

void sim_plic_complete(uint32_t source)
{
    sim_check_source("completion", source);
    struct source *s = &sources[source];
    if (!s->service) {
        sim_fail("plic: source %u is completed, which nobody has claimed", source);
    }
    if (!s->enable || s->route != s->claimed) {
        sim_fail("plic: source %u is completed, but is not enabled at the context of CPU %u, which claimed it: the PLIC drops "
                 "that", source, s->claimed);
    }
    s->service = false;
    gateway(s);
}

void sim_plic_route(uint32_t source, unsigned cpu)
{
    sim_check_source("route", source);
    sources[source].route = cpu;
}

void sim_plic_enable(uint32_t source, bool on)
{
    sim_check_source("enable", source);
    if (on && sources[source].route == NOWHERE) {
        sim_fail("plic: source %u is enabled, but routed nowhere", source);
    }
    sources[source].enable = on;
}

uint32_t sim_plic_get(enum irqc_bit what, unsigned word)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 32U; i++) {
        const struct source *s = &sources[32U * word + i];
        bool on = what == IRQC_ENABLE ? s->enable : what == IRQC_PENDING ? s->pending : s->service;
        bits |= on ? 1U << i : 0U;
    }
    return bits;
}

unsigned sim_plic_route_of(uint32_t source)
{
    return sources[source].route;
}
