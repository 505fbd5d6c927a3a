/* SPDX-License-Identifier: Apache-2.0 */
/*
 * General registers of a vCPU. Both ISAs use the same frame: x[n] is Xn on Armv8 (n = 0..30) and xn on RISC-V (n = 1..31, x[0] is
 * kept 0). An exit saves no more than it needs: those that a call keeps (VCPU_REGS_KEPT) are in the frame, and so is what pstate
 * says on RISC-V, from hv_trap_all on alone; after another exit the frame has what it had, and the guest's are in the CPU or where
 * compiled code has put them (hv.h). After an IRQ that hv_irq answers pc and pstate are older, too. All are in it while the vCPU
 * starts. The layout is known to assembly through asm_offsets.c.
 */
#ifndef HV_REGS_H
#define HV_REGS_H

#include "hv/types.h"

struct vcpu_regs {
    uint64_t x[32];
    uint64_t pc;     /* ELR_EL2 / sepc */
    uint64_t pstate; /* SPSR_EL2 / sstatus; of an exit on RISC-V see above, and cpu.inject */
};

/*
 * General registers of a vCPU that starts: zero but for the PC, the argument where the boot protocol wants it (X0;
 * a0 = hart id and a1 on RISC-V), and a processor state with interrupts masked at the guest's highest level
 * (PSCI DEN 0022F 6.4.3.4; Linux arm64 booting protocol). Pure, per ISA.
 */
void vcpu_regs_start(struct vcpu_regs *regs, unsigned vcpu, uint64_t pc, uint64_t arg);

/*
 * The vCPU goes on behind an instruction that was carried out for it, as if it had executed: the PC moves on by len, and
 * what the architecture changes with each instruction is changed (Armv8: PSTATE.SS and BTYPE become 0, IT advances;
 * DDI 0487 D2.12, D8.4.3, J1.2). len may be 0. Pure, per ISA.
 */
static inline void vcpu_regs_skip(struct vcpu_regs *regs, unsigned len);

#include "hv/regs_skip.h" /* the ISA's */

#endif
