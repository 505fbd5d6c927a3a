/* SPDX-License-Identifier: Apache-2.0 */
/* The ISA's walker (tests/walker/), as system_audit() uses it. */
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

/* What a VM reaches of the physical interrupt controller: HV_MAX_CPUS grants at the most; how many there are. */
unsigned system_irqc_grants(const struct plan *p, const struct plan_vm *v, struct walker_grant *grants);

#endif
