/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: no effect on the machine; compiled unchanged for the host. */
#include "hv/regs.h"

/* sstatus (privileged architecture 1.13, 12.1.1), by which a guest is entered: from supervisor level, interrupts of
 * the hypervisor off while it runs itself; UXL is 64 bits. Floating point and vector state are on, and the guest's:
 * whether it may use them is said by its own vsstatus. */
#define SSTATUS_SPP    (1ULL << 8)
#define SSTATUS_VS     (1ULL << 9)  /* Initial */
#define SSTATUS_FS     (1ULL << 13) /* Initial */
#define SSTATUS_UXL_64 (2ULL << 32)

#define X_A0 10U
#define X_A1 11U

/* SBI 2.0 9.1, hart_start: a0 is the hart id, a1 the opaque argument; so does Linux' boot protocol have it of the
 * first. */
void vcpu_regs_start(struct vcpu_regs *regs, unsigned vcpu, uint64_t pc, uint64_t arg)
{
    *regs = (struct vcpu_regs){.pc = pc, .pstate = SSTATUS_SPP | SSTATUS_VS | SSTATUS_FS | SSTATUS_UXL_64};
    regs->x[X_A0] = vcpu;
    regs->x[X_A1] = arg;
}
