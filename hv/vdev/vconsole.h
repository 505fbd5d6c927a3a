/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What binds the shared console (core/console.h) to VMs: each VM that the plan gives one has an emulated UART
 * (vdev/vuart.h) at plan_vm.vuart_ipa, whose output goes into the VM's ring and whose line is the virtual interrupt
 * plan_vm.vuart_irq. The VM's own CPUs alone touch its UART, under a lock of the VM's own; the serving CPU touches rings
 * and the board's UART, and asks a VM's CPUs to take what was typed (VCPU_REQ_KEYS).
 *
 * Without a shared console in the plan every function does nothing.
 */
#ifndef HV_VDEV_VCONSOLE_H
#define HV_VDEV_VCONSOLE_H

#include "core/vm.h"

/* Boot CPU, after virqc_init_all: ports and emulated UARTs, on as a boot loader leaves them. */
void vconsole_init_all(const struct plan *plan);

/* Each CPU once, for itself, before it waits for its first guest: the serving one can be woken by its timer. */
void vconsole_init_cpu(const struct plan *plan, unsigned cpu);

/* Boot CPU, when all CPUs are up and before the first guest: the board's UART belongs to the serving CPU from now on. */
void vconsole_start(const struct plan *plan);

/* Guest access to an IPA inside the VM's emulated UART; false if the address does not belong to it. Takes the VM's
 * vconsole.lock. Out of line, being the least frequent of a guest's accesses. */
__attribute__((noinline)) bool vconsole_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val);

/* Owner CPU of a vCPU that is on: at VCPU_REQ_KEYS, and once when it has come on and taken its requests. */
void vconsole_take_keys(struct vcpu *v);

/* At each IPI on any CPU: serves the UART if this is the CPU for it. */
void vconsole_told(void);

/* An interrupt acknowledged on the calling CPU: true if it was the shared console's, which is served then; the caller
 * deactivates it. */
bool vconsole_interrupt(uint32_t intid);

/* After the last vCPU of the VM has stopped, with virqc_vm_stop: its emulated UART is as at first, what was typed
 * ahead is forgotten, and its last line ends. */
void vconsole_vm_stop(struct vm *vm);

/* After it, if the VM does not restart: what was ever dropped of its output is told in the log. */
void vconsole_vm_ended(const struct vm *vm);

/* All VMs have ended: what was printed goes out. */
void vconsole_flush(void);

/* As firmware calls have it (SBI's debug console), beside the emulated UART. vconsole_write and vconsole_read take the
 * VM's vconsole.lock. */

/* True if the VM has a shared console. Constant after boot. */
bool vconsole_shared(const struct vm *vm);

/* Owner CPU: prints n bytes. How many were taken: all, as with the UART, and what its full ring drops is counted and
 * reported there; 0 without a shared console. */
uint32_t vconsole_write(struct vcpu *v, const uint8_t *bytes, uint32_t n);

/* Owner CPU: takes what was typed to the VM, at most max bytes, and answers how many there were; never waits. The
 * receiver of the emulated UART has it no more. */
uint32_t vconsole_read(struct vcpu *v, uint8_t *bytes, uint32_t max);

#endif
