/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual GICv3 distributor, redistributors and SGIs (IHI 0069H), or on a board with a GICv2 its distributor (IHI 0048B 4.3).
 * State is bit-sliced: one word per 32 interrupts.
 *
 * The guest sees a GICv3 with affinity routing always on, one security state, priorities as wide as its CPU interface's,
 * and no LPIs, message-based or extended SPIs, NMIs or 1-of-N routing. The interrupts that exist are the SGIs, the
 * PPIs of its timers (level-sensitive), the SPIs the plan gives its VM, and those of emulated devices; everything else
 * is RAZ/WI in every register.
 *
 * A GICv2 has no Security Extensions but both groups, SGIs that are pending by source, and as many targets as the VM has
 * vCPUs; an SPI with several targets goes to the lowest of them, with none to nobody (4.3.12). With one vCPU the target
 * registers are RAZ/WI, as on a uniprocessor.
 *
 * An SPI or PPI of the plan is backed by the physical interrupt of the same INTID: its enable, and its pending and
 * active bits while it is in no list register, are the physical controller's. In a list register it carries HW = 1, so
 * that the guest's end of interrupt deactivates it without an exit. SGIs are virtual only, and so are the SPIs of
 * emulated devices. While more is pending than there are list registers, ends of interrupt trap (LR.EOI); nothing uses
 * the underflow interrupt.
 *
 * A word that concerns an interrupt which sits in another CPU's list register is stale; operations that need the
 * truth recall it first: the other CPUs of the VM fold their list registers back, and wait until the operation is done.
 * The lock of vdev/virqc.h is the VM's vgic.lock.
 *
 * Limits, all of them the guest's own loss: a level-sensitive line that falls while its interrupt is listed is still
 * signalled once, a second edge before the first was acknowledged is signalled again; when active interrupts fill all
 * list registers nothing else is signalled until one ends; an interrupt that ISACTIVER made active can be ended by
 * ICC_DIR only on the vCPU it is routed to, and once a list register was free for it; and what was acknowledged on a
 * vCPU that went off is ended by ICACTIVER. An access of a width or alignment that a register does not have, and one to
 * a reserved register, is RAZ/WI, one of the answers IHI 0069H 12.1.3 allows; none is answered by an abort.
 */
#ifndef HV_VDEV_VGIC_H
#define HV_VDEV_VGIC_H

#include "vdev/virqc.h"

/* A physical interrupt was acknowledged and dropped on the vCPU's CPU, and nothing else was done since: list it, or
 * hold it until there is room.
 * An INTID the VM does not own (it cannot be enabled) is deactivated and disabled. */
void vgic_take(struct vcpu *v, uint32_t intid);

/* Maintenance interrupt: refill list registers. */
void vgic_maintenance(struct vcpu *v);

/* IPI with VCPU_REQ_VIRQ, or VIRQ_TOLD_INTID: list what others posted, serve a recall. May wait, as virqc_serve. */
void vgic_serve(struct vcpu *v);
/* The same while it is outside its guest: what it left of its own interrupts when its VM ended is silenced. */
void vgic_serve_idle(struct vcpu *v);

/* Write by the guest of a GICv2's GICD_SGIR (IHI 0048B 4.3.15): pending at the vCPUs it names, from this one. */
void vgic_send_sgir(struct vcpu *v, uint32_t sgir);

/* Write by the guest of ICC_SGI1R_EL1 (group 1: reaches SGIs of either group, as there is one security state), or of
 * ICC_SGI0R_EL1 or ICC_ASGI1R_EL1 (group 0: only those the target has in group 0). Names vCPUs of the VM alone; those
 * that are off keep it pending. */
void vgic_send_sgi(struct vcpu *v, uint64_t sgir, unsigned group);

#endif
