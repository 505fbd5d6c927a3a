/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of doorbells begin with: VM one on CPU 0 and VM two on CPU 1 with a channel, and one that is rung. */
#ifndef DOORBELL_PAIR_H
#define DOORBELL_PAIR_H

#include "core/vm.h"
#include "guest_irq.h"
#include "hv/channel_info.h"

/* plan_fixture_doorbells(), plan_fixture_direct() */
#define PAGE_ONE 0x4ffff000ULL
#define PAGE_TWO 0x5ffff000ULL
#define DATA_ONE 0x50000000ULL
#define DATA_TWO 0x60000000ULL
#define BELL_TWO 40U
#define TIMES    40U

static unsigned interrupts;
static bool done; /* VM two has its interrupt on */

static inline uint32_t state_of(struct sim_guest *g, uint64_t page, unsigned end)
{
    return guest_get32(g, page + offsetof(struct channel_info, end[end].state));
}

/* Behind plan_fixture_doorbells() or plan_fixture_direct(). */
static inline void one_vcpu_each(struct system *s)
{
    s->plan.vms[0].nr_vcpus = 1;
    s->plan.vms[0].cpus[1] = 0;
    interrupts = 0;
    done = false;
}

/* VM two: until it has read the last of TIMES numbers. */
static inline void reads_when_rung(struct sim_guest *g)
{
    uint64_t seen = 0;

    guest_irq_on(g, 0);
    guest_line_on(g, BELL_TWO, 0, true);
    done = true;
    while (seen != TIMES) { /* guest_irq_wait fails if there is no interrupt any more */
        sim_expect(guest_irq_wait(g) == BELL_TWO);
        interrupts++;
        sim_expect(sim_guest_read(g, DATA_TWO, 8, &seen) == SIM_OK);
        guest_irq_end(g);
    }
    guest_power_off(g);
}

#endif
