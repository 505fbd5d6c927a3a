/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors between assembly and C. Assembly calls these four and nothing else; all are __attribute__((used)).
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

/* The hypervisor itself faulted: names CPU and cause, never returns. */
_Noreturn void hv_own_fault(uint64_t vector, uint64_t esr, uint64_t pc, uint64_t far);

#endif
