/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walker of RISC-V's guest-stage tables, Sv39x4 and Sv48x4, written from the privileged architecture 1.13 alone
 * (12.3.2 the translation process, 12.4 and 12.5 the formats, 18.2.10 hgatp, 18.5.1 what differs for a guest's
 * physical addresses). It includes no header of the hypervisor and shares no code with it.
 */
#ifndef TESTS_WALKER_RISCV_H
#define TESTS_WALKER_RISCV_H

#include "grants.h"

struct walker_riscv {
    walker_read read;
    void *ctx;
    uint64_t hgatp;
    unsigned ipa_bits, vmid;           /* what it must say */
    uint64_t tables_base, tables_size; /* where tables may lie */
    /* Results. */
    uint64_t tables;                   /* pages of tables reached, the root's included */
    char error[WALKER_ERROR];
};

/* True if the tree grants exactly `grants`; else w->error says what is wrong. The type of a grant does not count:
 * platforms say by address what is memory and what a device (3.6). */
bool walker_riscv_audit(struct walker_riscv *w, const struct walker_grant *grants, unsigned n);

/* What a hart that has cached nothing makes of one address. False: a guest page fault. */
struct walker_riscv_leaf {
    uint64_t ipa, pa, size; /* of the whole leaf */
    bool read, write, execute;
};
bool walker_riscv_translate(struct walker_riscv *w, uint64_t ipa, struct walker_riscv_leaf *out);

#endif
