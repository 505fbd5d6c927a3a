/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors between assembly and C. Assembly calls them, __attribute__((used)); the last through cpu.c.
 */
#ifndef HV_H
#define HV_H

#include "hv/regs.h"
#include "hv/exit.h"

/* Boot CPU, MMU on, own stack: checks plan and machine, builds the VMs, starts the other CPUs, and waits for this
 * CPU's vCPU to be started. Returns the frame of the guest to enter. `plan` is the plan's slot, `load_pa` where the
 * image really lies. */
struct vcpu_regs *hv_main_boot(const void *plan, uint64_t load_pa);

/* Every other CPU, likewise. */
struct vcpu_regs *hv_main_secondary(unsigned cpu);

/* A guest left: its registers are in *regs, the frame hv_main_* returned; on return it is resumed from the same frame. */
void hv_trap(struct vcpu_regs *regs, enum exit_source source);

/*
 * The same for an interrupt, in two steps, since most are done by the first: it neither looks at the guest's registers nor changes
 * them, so that vectors may save no more than a call needs. HV_IRQ_DONE: the guest goes on. Else what was acknowledged, for hv_irq_taken,
 * which is called with all registers in the frame.
 */
#define HV_IRQ_DONE 0xffffffffU
uint32_t hv_irq(struct vcpu_regs *regs);
void hv_irq_taken(struct vcpu_regs *regs, uint32_t intid);

/* The hypervisor itself faulted: one line that names CPU and cause, then this CPU halts for good; the others run on, but
 * wait for ever for a lock that it holds. The last three are ESR_EL2, ELR_EL2 and FAR_EL2 on Armv8. */
_Noreturn void hv_own_fault(const char *cause, uint64_t syndrome, uint64_t pc, uint64_t address);

#endif
