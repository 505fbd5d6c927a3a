/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU between guests: waiting for its vCPU to be started, entering it, and clearing up after it left. */
#ifndef HV_RUN_H
#define HV_RUN_H

#include "core/vm.h"

/* Calling CPU, outside any guest: waits until its vCPU v was started and makes the CPU ready to enter it. v may be
 * NULL: the CPU then waits for ever. */
struct vcpu_regs *run_wait_start(struct vcpu *v);

/* Starts the first vCPU of a VM that is built, or reset, at the plan's entry point. */
void run_start(struct vm *vm);

/* The vCPU left its guest (it is OFF): its timers are off, its virtual interrupts are cleared; when it was the VM's last
 * one, the VM is restarted, here and now, or has ended, as the plan says; when that was the last VM, the board is powered
 * off. */
void run_left(struct vcpu *v);

/* One acknowledged physical interrupt, while the vCPU's guest runs or the CPU waits (v may be NULL). Serves the
 * hypervisor's own ones and hands the rest to the virtual controller. At most one is taken per call. */
void run_interrupt(struct vcpu *v, bool in_guest);

/* The same for one that is acknowledged already; intid may be IRQC_NONE. */
void run_acknowledged(struct vcpu *v, uint32_t intid, bool in_guest);

#endif
