/* SPDX-License-Identifier: Apache-2.0 */
/* What the rest of the hypervisor asks of a virtual interrupt controller, answered by the GIC's. */
#include "hv/arch_ops.h"
#include "vdev/vgic.h"

void virqc_take(struct vcpu *v, uint32_t intid, bool in_guest)
{
    bool told = intid == VIRQ_TOLD_INTID;

    if (!told && intid != v->vm->binary->maint_irq) {
        vgic_take(v, intid); /* also while the CPU waits: what was in flight goes back to the controller, pending */
        return;
    }
    arch_ops.irqc.deactivate(intid); /* the hypervisor's own: never disabled, also when it comes late */
    if (in_guest && told) {
        vgic_serve(v);
    } else if (in_guest) {
        vgic_maintenance(v);
    } else {
        /* what was sent to a vCPU that is off is found when it starts */
    }
}

/* An SPI like any other, which software makes pending (GICD_ISPENDR<n>: IHI 0069H 12.9, IHI 0048B 4.3.7); but one of Group 0, or
 * Secure, is RAZ/WI here. It is disabled still. QEMU's GICv2 (10.0) keeps what pends by target, so it needs one: other CPUs' interfaces are
 * not known yet. */
bool virqc_add_doorbell(struct vm *vm, uint32_t intid)
{
    uint32_t bit = (uint32_t)1 << (intid % 32U);

    arch_ops.irqc.route(intid, arch_ops.cpu.id());
    arch_ops.irqc.set(IRQC_PENDING, 0, intid / 32U, bit);
    bool pends = (arch_ops.irqc.get(IRQC_PENDING, 0, intid / 32U) & bit) != 0U;
    arch_ops.irqc.clear(IRQC_PENDING, 0, intid / 32U, bit);
    arch_ops.irqc.route(intid, vm->vcpus[0].cpu); /* as virqc_init_all has it */
    return pends;
}

bool virqc_read_armed(const struct vcpu *v, uint64_t ipa, uint32_t *val)
{
    (void)v;
    (void)ipa;
    *val = 0;
    return false;
}

bool virqc_write_armed(const struct vcpu *v, uint64_t ipa, uint32_t val)
{
    (void)v;
    (void)ipa;
    (void)val;
    return false;
}

void virqc_ring(struct vm *vm, uint32_t intid)
{
    (void)vm;
    arch_ops.irqc.set(IRQC_PENDING, 0, intid / 32U, (uint32_t)1 << (intid % 32U));
}

void virqc_serve(struct vcpu *v, bool in_guest)
{
    if (in_guest) {
        vgic_serve(v);
    } else {
        vgic_serve_idle(v);
    }
}

unsigned virqc_capacity(const char **words)
{
    *words = "list registers";
    return arch_ops.virq.nr_lrs();
}
