/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage-2 walker written from the Arm Architecture Reference Manual alone (DDI 0487: D8.2 translation process, D8.3
 * descriptor formats, D8.4 memory access control, D8.6 memory types). It includes no header of the hypervisor and
 * shares no code with it, so that an error has to be made twice to go unseen.
 */
#ifndef TESTS_WALKER_H
#define TESTS_WALKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum walker_type { WALKER_NORMAL_WB = 0, WALKER_DEVICE };

/* What a VM was given: nothing else may be reachable, and this with exactly these rights. */
struct walker_grant {
    uint64_t ipa, pa, size;
    bool read, write, execute;
    enum walker_type type;
};

/* Reads the 64-bit word at a physical address; false if there is no memory there. */
typedef bool (*walker_read)(void *ctx, uint64_t pa, uint64_t *word);

struct walker {
    walker_read read;
    void *ctx;
    uint64_t vtcr, vttbr;
    unsigned ipa_bits, vmid;           /* what these must say */
    uint64_t tables_base, tables_size; /* where tables may lie */
    /* Results. */
    uint64_t tables;                   /* pages of tables reached, the root's included */
    char error[256];
};

/* True if the tree grants exactly `grants`; else w->error says what is wrong. Grants must not overlap. */
bool walker_audit(struct walker *w, const struct walker_grant *grants, unsigned n);

#endif
