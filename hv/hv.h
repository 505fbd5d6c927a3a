/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors between assembly and C. Assembly calls the first three, __attribute__((used)), and the vectors the last, through cpu.c.
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

/* The hypervisor itself faulted: one line that names CPU and cause, then this CPU halts for good; the others run on, but
 * wait for ever for a lock that it holds. The last three are ESR_EL2, ELR_EL2 and FAR_EL2 on Armv8. */
_Noreturn void hv_own_fault(const char *cause, uint64_t syndrome, uint64_t pc, uint64_t address);

#endif
