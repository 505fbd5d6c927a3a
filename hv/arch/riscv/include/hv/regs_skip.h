/* SPDX-License-Identifier: Apache-2.0 */
/* In line, since it is part of most exits. PURE; hv/regs.h says what it is. */
#ifndef HV_REGS_SKIP_H
#define HV_REGS_SKIP_H

static inline void vcpu_regs_skip(struct vcpu_regs *regs, unsigned len)
{
    regs->pc += len;
}

#endif
