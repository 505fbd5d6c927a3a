/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual APLIC in MSI delivery mode (AIA 1.0 chapter 4), for boards whose harts have IMSICs with guest interrupt
 * files.
 *
 * Each vCPU has the guest interrupt file of its hart, mapped by stage 2 at irqc_ipa[1] + 4096 * vCPU: the guest's
 * timer and the IPIs between its harts need no hypervisor. The physical APLIC is the hypervisor's, in MSI mode and
 * with IE set for good; a source of the plan is configured so that its MSIs go straight to the guest file of one of
 * the VM's harts, under the identity that the guest chose. So the interrupt arrives without an exit; what exits is the
 * guest's access to these registers: for a level-sensitive source one write of setipnum_le at each end of interrupt
 * (4.9.2), which takes no lock.
 *
 * The guest sees a supervisor-level domain without children, little-endian: domaincfg.DM is one and BE zero, both
 * read-only; sourcecfg with D set makes the source inactive (4.5.2); the MSI address registers, setipnum_be and genmsi
 * are read-only zero, as is all that is reserved. Sources exist that the plan gives the VM, and those of emulated
 * devices (vaplic_add_virtual); all others are as if not implemented. Guest Index of target is read-only zero, as the
 * guest's harts have no guests (4.5.16).
 *
 * A source of the plan is backed by the physical source of the same number: mode, pending bit and input are the
 * physical ones. It is enabled there if the guest has enabled it, has set domaincfg.IE, and its target is a vCPU of
 * the VM and an identity its file has; else it is not forwarded and stays pending, also where a real APLIC would send
 * an MSI to nobody. A virtual source is modelled here and forwarded by virq.send_msi.
 *
 * Limits, all the guest's own loss: what came for a vCPU that is off is gone at its next start, since its file is
 * cleared then, and a level-sensitive source whose MSI that was says nothing until it is set pending or its line has
 * fallen. An MSI that was under way when a register was written may still arrive (4.9.3), and genmsi is not there to
 * wait for it.
 *
 * Functions are those of vdev/virqc.h. What takes a lock takes the VM's one of this controller, whose place in the
 * order is vgic.lock's. Nothing here waits for another CPU otherwise, asks one for anything, or writes to a word in a
 * way that concerns a source of another VM: the physical bits are set and cleared by mask.
 */
#ifndef HV_VDEV_VAPLIC_H
#define HV_VDEV_VAPLIC_H

#include "core/vm.h"

void vaplic_init_all(const struct plan *plan);

/* INTID RISCV_WIRED + n is source n, n >= 1. */
void vaplic_add_virtual(struct vm *vm, uint32_t intid);

/* The level is the wire's: which one asserts the interrupt is the guest's choice in sourcecfg. */
void vaplic_set_line(struct vm *vm, uint32_t intid, bool level);

/* Both leave the vCPU's guest file as after reset. After the stop that is so that nothing in it ends the CPU's wait. */
void vaplic_vcpu_start(struct vcpu *v);
void vaplic_vcpu_stop(struct vcpu *v);

/* On return the physical sources of the VM are disabled, inactive and not pending, and a register of the physical
 * APLIC was read since. The architecture sets no limit to how long an MSI travels (4.9.3); that the answer of a read
 * comes behind the MSIs sent before it is the practice. One that arrives later still is cleared with the file when the
 * vCPU starts, or is at worst one spurious identity in a file of the same VM. */
void vaplic_vm_stop(struct vm *vm);

/* None of a VM's wired interrupts comes to the hypervisor: what is no VM's is disabled; else there is nothing to be
 * ended. */
void vaplic_take(struct vcpu *v, uint32_t intid, bool in_guest);

/* There is nothing to serve: whoever changes something makes it effective himself. */
void vaplic_serve(struct vcpu *v, bool in_guest);

/* A write of setipnum_le, the end of a level-sensitive interrupt, of a source of the plan: true. False, and nothing done: another. */
bool vaplic_end_armed(const struct vcpu *v, uint64_t ipa, uint32_t val);
bool vaplic_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort);

/* An interrupt that the guest has enabled in vsie is pending, be it external, timer or software. Owner CPU. */
bool vaplic_pending(struct vcpu *v);

#endif
