/* SPDX-License-Identifier: Apache-2.0 */
/* What an exception taken to VS mode changes (privileged architecture 1.13, 12.1.2, 12.1.7, 18.2.11 ff.). Pure. */
#ifndef RISCV_INJECT_H
#define RISCV_INJECT_H

#include "hv/arch_ops.h"

/* Registers of the guest that decide. */
struct inject_guest {
    uint64_t vsstatus;
    uint64_t vstvec;
    bool store; /* the access that faulted was a store or an atomic */
};

/* What becomes of its registers. */
struct inject_result {
    uint64_t vsstatus;
    uint64_t vsepc;
    uint64_t vscause;
    uint64_t vstval;
    uint64_t pc;
    uint64_t pstate; /* sstatus */
};

void inject_exception(const struct vcpu_regs *regs, enum inject_kind kind, uint64_t va, const struct inject_guest *guest,
                      struct inject_result *out);

#endif
