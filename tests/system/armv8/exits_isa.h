/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of exits as guests of this ISA ask for them. */
#ifndef TESTS_EXITS_ISA_H
#define TESTS_EXITS_ISA_H

#include "sim/sim.h"

#define NO_SUCH_VCPU   (-3)
#define NO_SUCH_REASON (-1)

static inline int64_t guest_exits(struct sim_guest *g, uint64_t vcpu, uint64_t reason, uint64_t *count)
{
    int64_t r = (int64_t)sim_guest_hvc(g, 0xc6000003U, vcpu, reason, 0);
    *count = g->regs->x[1];
    return r;
}

static inline uint64_t guest_exit_reasons(struct sim_guest *g)
{
    return sim_guest_hvc(g, 0x86000002U, 0, 0, 0);
}

static inline void guest_null_call(struct sim_guest *g)
{
    sim_expect(sim_guest_hvc(g, 0x86000000U, 0, 0, 0) == 0U);
}

#endif
