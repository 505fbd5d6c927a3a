/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual PLIC (RISC-V Platform-Level Interrupt Controller Specification 1.0.0), at plan_vm.irqc_ipa[0], as large as
 * the board's (plan.irqc_size[0]). State is bit-sliced: one word per 32 sources.
 *
 * Context n is supervisor mode of vCPU n; further contexts are RAZ/WI. The sources that exist are those of the plan and
 * those of emulated devices; all others are RAZ/WI in every register. Priorities and thresholds have three bits, 0 to
 * 7; pending bits are read-only. As the specification has it, a claim does not look at the threshold, a request once
 * forwarded is not taken back when the line falls (what virqc.h says of that is the GIC's), and a completion is ignored
 * if the source is not enabled for that context. So is one before any context has claimed. Contexts are any vCPU's to
 * use; vCPUs that stop leave them as they are. An access of another width than 32 bits, or not aligned, or to a
 * reserved register is RAZ/WI; none is answered by an abort.
 *
 * A source of the plan is backed by the physical source of the same number. It is claimed there once, when it arrives
 * (vplic_take), and pending here from then on, whatever the guest does to its enables; the guest's completion, on
 * whichever context, completes it there, on the context that claimed. It is enabled at the physical PLIC if a vCPU that
 * is on has it enabled with a priority above 0, or it is in service; and routed to the lowest such vCPU, but in service
 * to the one that took it. So a physical completion is never made for a source that is not enabled.
 *
 * A PLIC has no register by which software makes a source pending. So a doorbell is a virtual source here, whose gateway takes an edge:
 * whoever rings leaves a mark, without the lock, and an IPI to the CPU of vCPU 0, which is there for it also when that vCPU is off; nothing
 * while the doorbell is pending already. So one that is masked costs that CPU a single exit.
 *
 * Limits, the guest's own loss: a context of a vCPU that is off claims nothing that has not been taken for another.
 * A physical request that is pending as the VM ends stays, if irqc.clear(IRQC_PENDING) cannot drop it (a PLIC has no
 * register for that): the VM's next life finds it pending.
 *
 * Functions: as those of vdev/virqc.h of the same name; none waits for another CPU. The lock taken is the VM's
 * vplic.lock, in the lock order (lib/atomic.h) where vgic.lock stands.
 */
#ifndef HV_VDEV_VPLIC_H
#define HV_VDEV_VPLIC_H

#include "core/vm.h"

void vplic_init_all(const struct plan *plan);
void vplic_add_virtual(struct vm *vm, uint32_t intid);
void vplic_set_line(struct vm *vm, uint32_t intid, bool level);
void vplic_add_doorbell(struct vm *vm, uint32_t intid);
void vplic_ring(struct vm *vm, uint32_t intid);
void vplic_vcpu_start(struct vcpu *v);
void vplic_vcpu_stop(struct vcpu *v);
void vplic_vm_stop(struct vm *vm);
void vplic_take(struct vcpu *v, uint32_t intid, bool in_guest);
__attribute__((noinline)) void vplic_serve(struct vcpu *v, bool in_guest);
bool vplic_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort);
bool vplic_pending(struct vcpu *v);

/* vplic_take() and vplic_mmio() of an interrupt that is simple: true. False, and nothing done: it is not, or the word is no register of the
 * vCPU's own context for claims and completions. */
bool vplic_take_armed(const struct vcpu *v, uint32_t intid);
bool vplic_claim_armed(const struct vcpu *v, uint64_t ipa, uint32_t *val);
bool vplic_complete_armed(const struct vcpu *v, uint64_t ipa, uint32_t val);

/* vplic_serve() may have something to do for a vCPU in its guest. No lock: whoever gives it something says so, then sends the request. */
bool vplic_asked(const struct vcpu *v);

/* Sources of the board's PLIC. Constant after vplic_init_all. */
unsigned vplic_capacity(void);

#endif
