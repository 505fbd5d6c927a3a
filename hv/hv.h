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

/*
 * A guest left by other than an IRQ: its registers are in *regs, the frame hv_main_* returned, but for those that a call keeps
 * (VCPU_REGS_KEPT), since most exits need none of them. It says how the guest goes on, which the vectors do:
 */
enum hv_resume {
    HV_RESUME = 0,      /* what is not kept is loaded from the frame; PC and processor state may be left as they are */
    HV_RESUME_PC = 1,   /* those too are loaded */
    HV_RESUME_ALL = -1, /* all is: the vCPU was started anew */
    HV_SAVE_ALL = -2,   /* nothing was done yet: a synchronous exit that needs a register which is kept. hv_trap_all is called with all
                         * registers in the frame, and all are loaded from it */
};
enum hv_resume hv_trap(struct vcpu_regs *regs, enum exit_source source);
void hv_trap_all(struct vcpu_regs *regs);

/*
 * The same for an IRQ, in two steps: the first neither looks at the guest's registers nor changes them. HV_IRQ_DONE: the guest goes on.
 * Else what was acknowledged, for hv_irq_taken, for which PC and processor state are in the frame as well: HV_RESUME or HV_RESUME_ALL.
 */
#define HV_IRQ_DONE 0xffffffffU
uint32_t hv_irq(struct vcpu_regs *regs);
enum hv_resume hv_irq_taken(struct vcpu_regs *regs, uint32_t intid);

/* The hypervisor itself faulted: one line that names CPU and cause, then this CPU halts for good; the others run on, but
 * wait for ever for a lock that it holds. The last three are ESR_EL2, ELR_EL2 and FAR_EL2 on Armv8. */
_Noreturn void hv_own_fault(const char *cause, uint64_t syndrome, uint64_t pc, uint64_t address);

#endif
