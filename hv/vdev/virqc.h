/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual interrupt controller of a VM, as the rest of the hypervisor knows it, whichever it is: a GIC (vdev/vgic.h) on
 * Armv8. An image has one implementation of it.
 *
 * INTIDs number the physical interrupts as arch_ops.irqc does: those below 32 belong to a CPU, of those above each belongs
 * to one VM at most, by its plan. virqc_vcpu_start, virqc_vcpu_stop, virqc_serve and virqc_mmio may wait for other CPUs of
 * the VM, bounded by their way out of the guest: no lock may be held when calling them. The others take the VM's lock of
 * its interrupt controller.
 */
#ifndef HV_VDEV_VIRQC_H
#define HV_VDEV_VIRQC_H

#include "core/vm.h"
#include "vdev/mmio.h"

/* Boot CPU, after vm_build_all: reset state for every VM; interrupts of the plan configured and routed, all disabled. */
void virqc_init_all(const struct plan *plan);

/* Boot CPU, between virqc_init_all and the first guest: the VM has one more interrupt (INTID 32 .. the plan's last), which no
 * physical interrupt stands behind, level-sensitive at first; virqc_set_line drives it. Another VM may have the physical one. */
void virqc_add_virtual(struct vm *vm, uint32_t intid);

/* Level of the line of such an interrupt. Any CPU; waits for nobody, so other locks may be held. A level that falls before
 * the guest acknowledged is not signalled (but may just have been); a PLIC's gateway has forwarded it then, and does not take
 * it back. Ignored for what is not virtual. */
void virqc_set_line(struct vm *vm, uint32_t intid, bool level);

/* Boot CPU, as virqc_add_virtual: an edge-triggered interrupt that the plan gives the VM, and that no device drives, is a doorbell. False:
 * the controller does not let it be made pending (firmware has kept it to itself, or it does not exist). */
bool virqc_add_doorbell(struct vm *vm, uint32_t intid);

/* Such a doorbell becomes pending, once more if it has been acknowledged since it did last. Any CPU; takes no lock, unlike the others,
 * so any may be held, and waits for nobody. One on its way as its VM ends may come after virqc_vm_stop(). */
void virqc_ring(struct vm *vm, uint32_t intid);

/* On the vCPU's own CPU, before it enters the guest / after it left for good. */
void virqc_vcpu_start(struct vcpu *v);
void virqc_vcpu_stop(struct vcpu *v);

/* After the last vCPU of the VM has stopped: its interrupts are disabled, inactive and not pending at the physical
 * controller, and the virtual one is as at reset. */
void virqc_vm_stop(struct vm *vm);

/* What virqc_take does, for an interrupt that can be the guest's at once, most of all one that this CPU had before: true. False, and
 * nothing done, if that is not so or cannot be told quickly. It may be the console's. Of the first the guest ran until the interrupt
 * came, which was acknowledged alone: it is dropped as well. A GIC's takes no lock, and knows only what the second has taken, or an IPI
 * that another vCPU sent; RISC-V's knows IPIs, too. */
bool virqc_take_armed(struct vcpu *v, uint32_t intid);
bool virqc_take_again(const struct vcpu *v, uint32_t intid);

/* An interrupt that is no IPI and not the console's was acknowledged and dropped on the vCPU's CPU, and nothing else was done
 * since; in_guest: it came while the guest ran, else while its CPU waits. It is the guest's, or the virtual controller's own,
 * or nobody's (it cannot be enabled): deactivated and disabled. */
void virqc_take(struct vcpu *v, uint32_t intid, bool in_guest);

/* IPI with VCPU_REQ_VIRQ on the vCPU's CPU: what others did to its interrupts comes into force. */
void virqc_serve(struct vcpu *v, bool in_guest);

/* Guest access to an IPA inside the virtual controller's frames; false if the address belongs to none. *val is what is
 * written, or on return what was read; *abort: the guest is to see an external abort. */
bool virqc_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort);

/* The register that answers a guest's access to the 32 bits at an IPA, and in *a what its handlers are to be told; NULL: virqc_mmio()
 * has to be asked, which answers as they do. Waits for nobody; the handlers as virqc_mmio(). */
const struct mmio_reg *virqc_word(struct vcpu *v, uint64_t ipa, struct mmio_access *a);

/* A guest writes what sends IPIs to vCPUs of its VM (exit_is_send(): ICC_SGI1R_EL1). False, and nothing done: vsysreg_access() answers
 * it, since it has no such register, or sends to itself, or to nobody. Waits for nobody, and takes no lock. */
bool virqc_send(struct vcpu *v, uint64_t val);

/* An access to an aligned word that is answered at once, as RISC-V's at each end of an interrupt mostly are: true. False, and nothing done:
 * virqc_mmio() has to be asked. What is read has bit 31 clear, so that it needs no extension. */
bool virqc_read_armed(const struct vcpu *v, uint64_t ipa, uint32_t *val);
bool virqc_write_armed(const struct vcpu *v, uint64_t ipa, uint32_t val);

/* True if an interrupt is pending for the vCPU (used by a standby). Owner CPU. */
bool virqc_pending(struct vcpu *v);

/* For the log: how many of what carries interrupts to a guest the calling CPU has, as "N words". Constant. */
unsigned virqc_capacity(const char **words);

#endif
