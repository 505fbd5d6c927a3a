/* SPDX-License-Identifier: Apache-2.0 */
/* A doorbell as guests of this ISA ring it. */
#ifndef TESTS_DOORBELL_ISA_H
#define TESTS_DOORBELL_ISA_H

#include "sbi_calls.h"
#include "sim/sim.h"

static inline int64_t guest_ring(struct sim_guest *g, uint64_t channel, uint64_t end)
{
    return sim_guest_sbi3(g, SBI_BULKHEAD, 4, channel, end, 0).error;
}

#endif
