/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: see inject.h. */
#include "arch/riscv/inject.h"

#define STATUS_SIE  (1ULL << 1)
#define STATUS_SPIE (1ULL << 5)
#define STATUS_SPP  (1ULL << 8)

#define CAUSE_FETCH_ACCESS 1U
#define CAUSE_ILLEGAL      2U
#define CAUSE_LOAD_ACCESS  5U
#define CAUSE_STORE_ACCESS 7U
#define TVEC_MODE          3ULL

static uint64_t cause_of(enum inject_kind kind, bool store)
{
    if (kind == INJECT_INSN_ABORT) {
        return CAUSE_FETCH_ACCESS;
    }
    if (kind == INJECT_DATA_ABORT) {
        return store ? CAUSE_STORE_ACCESS : CAUSE_LOAD_ACCESS;
    }
    return CAUSE_ILLEGAL;
}

/* SPP of the guest tells whether it was in VS or VU mode, as SPP of sstatus told the hypervisor; exceptions always go
 * to the base of the vector. stval of an illegal instruction may be 0 (12.1.9). */
void inject_exception(const struct vcpu_regs *regs, enum inject_kind kind, uint64_t va,
                      const struct inject_guest *guest, struct inject_result *out)
{
    uint64_t status = guest->vsstatus & ~(STATUS_SIE | STATUS_SPIE | STATUS_SPP);
    uint64_t cause = cause_of(kind, guest->store);

    status |= (guest->vsstatus & STATUS_SIE) != 0U ? STATUS_SPIE : 0U;
    status |= regs->pstate & STATUS_SPP;
    *out = (struct inject_result){
        .vsstatus = status,
        .vsepc = regs->pc,
        .vscause = cause,
        .vstval = cause == CAUSE_ILLEGAL ? 0U : va,
        .pc = guest->vstvec & ~TVEC_MODE,
        .pstate = regs->pstate | STATUS_SPP,
    };
}
