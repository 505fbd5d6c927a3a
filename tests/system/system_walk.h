/* SPDX-License-Identifier: Apache-2.0 */
/* The ISA's walker (tests/walker/), as system_audit_plan() uses it. */
#ifndef TESTS_SYSTEM_WALK_H
#define TESTS_SYSTEM_WALK_H

#include "hv/plan.h"
#include "hv/s2_format.h"
#include "walker/grants.h"

struct system_tree {
    walker_read read;
    void *ctx;
    struct s2_hw hw;
    unsigned ipa_bits, vmid;
    uint64_t tables_base, tables_size;
    /* Results. */
    uint64_t tables;
    char error[WALKER_ERROR];
};
bool system_walk(struct system_tree *t, const struct walker_grant *grants, unsigned n);

/* The cache of a plan, as the walker takes it. */
static inline struct walker_cache system_cache(const struct plan *p)
{
    struct walker_cache c = { .colours = p->llc.colours };
    c.unit = p->llc.size == 0U ? 0U : p->llc.size / p->llc.ways / p->llc.colours;
    for (unsigned n = 0; n < 6U; n++) {
        c.hash[n] = p->llc.hash[n];
    }
    return c;
}

/* What a VM reaches of the physical interrupt controller: HV_MAX_CPUS grants at the most, and as many for each channel; how many there
 * are. */
unsigned system_irqc_grants(const struct plan *p, const struct plan_vm *v, struct walker_grant *grants);

#endif
