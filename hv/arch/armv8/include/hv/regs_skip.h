/* SPDX-License-Identifier: Apache-2.0 */
/* In line, since it is part of most exits. PURE; hv/regs.h says what it is. */
#ifndef HV_REGS_SKIP_H
#define HV_REGS_SKIP_H

#define SPSR_BTYPE   (3ULL << 10)
#define SPSR_SS      (1ULL << 21)
#define SPSR_AARCH32 (1ULL << 4)

/* That of an AArch32 state behind an instruction. */
uint64_t vcpu_pstate_it_advance(uint64_t pstate);

static inline void vcpu_regs_skip(struct vcpu_regs *regs, unsigned len)
{
    if (len != 0U) { /* after an HVC the hardware has done all of it */
        uint64_t pstate = regs->pstate & ~SPSR_SS;

        regs->pc += len;
        regs->pstate = (pstate & SPSR_AARCH32) != 0U ? vcpu_pstate_it_advance(pstate) : pstate & ~SPSR_BTYPE;
    }
}

#endif
