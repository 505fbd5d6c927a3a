/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: no effect on the machine; compiled unchanged for the host. */
#include "hv/regs.h"

/* SPSR_EL2 (DDI 0487 C5.2.19): D, A, I and F masked, AArch64, EL1 with its own stack pointer. */
#define SPSR_DAIF (0xfULL << 6)
#define SPSR_EL1H 0x5ULL
#define SPSR_BTYPE (3ULL << 10)
#define SPSR_SS    (1ULL << 21)

void vcpu_regs_start(struct vcpu_regs *regs, unsigned vcpu, uint64_t pc, uint64_t arg)
{
    (void)vcpu; /* the virtual CPU number is in VMPIDR_EL2 on this ISA */
    *regs = (struct vcpu_regs){.pc = pc, .pstate = SPSR_DAIF | SPSR_EL1H};
    regs->x[0] = arg;
}

void vcpu_regs_skip(struct vcpu_regs *regs, unsigned len)
{
    if (len != 0U) { /* after an HVC the hardware has done all of it */
        regs->pc += len;
        regs->pstate &= ~(SPSR_BTYPE | SPSR_SS);
    }
}
