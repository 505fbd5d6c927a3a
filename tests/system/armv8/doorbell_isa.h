/* SPDX-License-Identifier: Apache-2.0 */
/* A doorbell as guests of this ISA ring it. */
#ifndef TESTS_DOORBELL_ISA_H
#define TESTS_DOORBELL_ISA_H

#include "sim/sim.h"

static inline int64_t guest_ring(struct sim_guest *g, uint64_t channel, uint64_t end)
{
    return (int64_t)sim_guest_hvc(g, 0x86000004U, channel, end, 0);
}

#endif
