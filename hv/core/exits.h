/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often each vCPU has left its guest, by reason. Always counted. An exit counts before it is answered, so a call that
 * asks is in the answer. The counts begin at 0 with each life of the VM; a vCPU that goes off and comes back keeps them.
 *
 * Guests ask by these numbers (fw/hypercall.h, fw/sbi.h), so they are fixed for good, whatever becomes of enum exit_kind: a
 * number never means another reason, and a new reason gets the next one. The names are those of the crash report.
 *
 * number  name       the guest left because
 * 0       irq        of a physical interrupt: the VM's, or the hypervisor's own
 * 1       hypercall  it made an HVC; RISC-V: an ECALL, which is what every SBI call is
 * 2       firmware   it made an SMC; RISC-V: never
 * 3       mmio       it read or wrote where nothing is mapped, by an instruction that can be emulated
 * 4       fault      of any other fault of stage 2: a fetch, a walk, rights, an access that cannot be emulated
 * 5       sysreg     it used a system register (RISC-V: a CSR) that traps
 * 6       wfx        it waited (WFI, WFE) where that traps
 * 7       undef      it did what it has to see as an undefined (illegal) instruction
 * 8       serror     of an asynchronous external abort; RISC-V: never
 */
#ifndef HV_CORE_EXITS_H
#define HV_CORE_EXITS_H

#include "core/vm.h"

#define EXITS_REASONS 9U

enum exits_answer { EXITS_OK = 0, EXITS_NO_VCPU, EXITS_NO_REASON };

/* Both out of line, since what they need of registers and stack would be saved at each exit. */

/* The count of one vCPU of this VM. *count is written with EXITS_OK alone; that there is no such vCPU comes first. Any CPU;
 * what a sibling counts in this moment may be in it or not. */
__attribute__((noinline)) enum exits_answer exits_of(const struct vm *vm, uint64_t vcpu, uint64_t reason, uint64_t *count);

/* One line in the log: the reasons of this vCPU's exits that have a count. Those for which the line has no room are left
 * out, and "..." says so. Owner CPU. */
__attribute__((noinline)) void exits_log(const struct vcpu *v);

#endif
