/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's kernel does with its interrupt controller, whichever the machine has: the plan fixture's, at its
 * addresses. */
#ifndef TESTS_GUEST_IRQ_H
#define TESTS_GUEST_IRQ_H

#include "system.h"

/* What guest_irq_ack answers beside INTIDs of wired interrupts. */
extern const uint32_t guest_timer_irq; /* its timer */
extern const uint32_t guest_ipi;       /* from another vCPU, or itself */
#define GUEST_NO_IRQ 1023U

/* At the start of each vCPU, which it is: its timer and IPIs can come, and so can wired interrupts once they are
 * enabled. */
void guest_irq_on(struct sim_guest *g, unsigned vcpu);
/* A wired interrupt is enabled and goes to a vCPU. */
void guest_line_on(struct sim_guest *g, uint32_t intid, unsigned vcpu, bool edge);
/* Takes the next interrupt; its end. One at a time. */
uint32_t guest_irq_ack(struct sim_guest *g);
void guest_irq_end(struct sim_guest *g);
/* Waits for it; there has to be one. */
uint32_t guest_irq_wait(struct sim_guest *g);
void guest_send_ipi(struct sim_guest *g, unsigned vcpu);

static inline void guest_put32(struct sim_guest *g, uint64_t ipa, uint64_t v)
{
    sim_expect(sim_guest_write(g, ipa, 4, (uint32_t)v) == SIM_OK);
}

static inline uint32_t guest_get32(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 4, &v) == SIM_OK);
    return (uint32_t)v;
}

#endif
