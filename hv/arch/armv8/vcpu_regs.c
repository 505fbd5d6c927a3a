/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: no effect on the machine; compiled unchanged for the host. */
#include "hv/regs.h"

/* SPSR_EL2 (DDI 0487 C5.2.19): D, A, I and F masked, AArch64, EL1 with its own stack pointer. */
#define SPSR_DAIF (0xfULL << 6)
#define SPSR_EL1H 0x5ULL
#define SPSR_IT      (0x3fULL << 10 | 3ULL << 25)

void vcpu_regs_start(struct vcpu_regs *regs, unsigned vcpu, uint64_t pc, uint64_t arg)
{
    (void)vcpu; /* the virtual CPU number is in VMPIDR_EL2 on this ISA */
    *regs = (struct vcpu_regs){.pc = pc, .pstate = SPSR_DAIF | SPSR_EL1H};
    regs->x[0] = arg;
}

/* ITAdvance() of an AArch32 state (DDI 0487 J1.2): IT[7:2] at SPSR 15:10, IT[1:0] at 26:25. */
uint64_t vcpu_pstate_it_advance(uint64_t pstate)
{
    uint64_t it = (pstate >> 8 & 0xfcU) | (pstate >> 25 & 0x3U);

    it = (it & 0x7U) == 0U ? 0U : (it & 0xe0U) | (it << 1 & 0x1fU);
    return (pstate & ~SPSR_IT) | (it & 0xfcU) << 8 | (it & 0x3U) << 25;
}
