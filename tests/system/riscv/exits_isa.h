/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of exits as guests of this ISA ask for them. */
#ifndef TESTS_EXITS_ISA_H
#define TESTS_EXITS_ISA_H

#include "sbi_calls.h"
#include "sim/sim.h"

#define NO_SUCH_VCPU   SBI_ERR_INVALID_PARAM
#define NO_SUCH_REASON SBI_ERR_NOT_SUPPORTED

static inline int64_t guest_exits(struct sim_guest *g, uint64_t vcpu, uint64_t reason, uint64_t *count)
{
    struct sim_sbi r = sim_guest_sbi3(g, SBI_BULKHEAD, 3, vcpu, reason, 0);
    *count = r.value;
    return r.error;
}

static inline uint64_t guest_exit_reasons(struct sim_guest *g)
{
    return sim_guest_sbi3(g, SBI_BULKHEAD, 2, 0, 0, 0).value;
}

static inline void guest_null_call(struct sim_guest *g)
{
    sim_expect(sim_guest_sbi3(g, SBI_BULKHEAD, 0, 0, 0, 0).error == 0);
}

#endif
