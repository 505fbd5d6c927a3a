/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RISC-V: a virtual hart's own interrupts, which SBI calls drive: software and timer (privileged architecture 1.13, 18.2.3). Its external
 * interrupt is the interrupt controller's (vdev/virqc.h).
 */
#ifndef HV_VDEV_VHART_H
#define HV_VDEV_VHART_H

#include "core/vm.h"

/* Boot CPU, after vm_build_all: no interrupt is on its way. */
void vhart_init_all(void);

/* By a vCPU of the VM: the software interrupt becomes pending at each vCPU of the set (bit n: vCPU n; others are ignored) that
 * is on, the caller's own included. Lock-free; waits for nobody. */
void vhart_send_ipi(struct vcpu *from, uint32_t vcpus);

/* Owner CPU: the timer interrupt is pending from `when` on and not before (SBI 2.0 6.1); UINT64_MAX: never. */
void vhart_set_timer(struct vcpu *v, uint64_t when);

/* Owner CPU, as the vCPU starts (it is on) or has left for good (it is not): no software or timer interrupt pends, and no
 * timer runs. But what is sent to it from the moment on in which it is on pends when this returns. */
void vhart_reset(struct vcpu *v);

/* Owner CPU, at VCPU_REQ_VIRQ while in the guest: what siblings sent comes into force. */
void vhart_serve(struct vcpu *v);

/* Owner CPU: the software interrupt does not pend any more. True if it did (SBI 2.0 5.4). */
bool vhart_clear_ipi(struct vcpu *v);

/* Owner CPU: RISCV_INTID_GUEST_TIMER arrived. */
void vhart_timer_came(struct vcpu *v);

#endif
