/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage-2 walker written from the Arm Architecture Reference Manual alone (DDI 0487: D8.2 translation process, D8.3
 * descriptor formats, D8.4 memory access control, D8.6 memory types). It includes no header of the hypervisor and
 * shares no code with it, so that an error has to be made twice to go unseen.
 */
#ifndef TESTS_WALKER_H
#define TESTS_WALKER_H

#include "grants.h"

struct walker {
    walker_read read;
    void *ctx;
    uint64_t vtcr, vttbr;
    unsigned ipa_bits, vmid;           /* what these must say */
    uint64_t tables_base, tables_size; /* where tables may lie */
    /* Results. */
    uint64_t tables;                   /* pages of tables reached, the root's included */
    char error[WALKER_ERROR];
};

/* True if the tree grants exactly `grants`; else w->error says what is wrong. Grants must not overlap. */
bool walker_audit(struct walker *w, const struct walker_grant *grants, unsigned n);

#endif
