/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual APLIC's life: reset, start and stop of vCPUs and VMs, and the way of an access to its registers. */
#include "vdev/vaplic.h"
#include "vdev/vaplic_state.h"

#include "core/own.h"
#include "hv/arch_ops.h"
#include "lib/string.h"

struct vaplic *vaplics;
_Static_assert(sizeof(struct vaplic) <= OWN_VM_BYTES_IRQC, "plan_own_bytes() counts with it");

/* Source number of a wired INTID; 0, which no source has, for what is none. */
static uint32_t source_of(uint32_t intid)
{
    return intid >= RISCV_WIRED && intid - RISCV_WIRED < VAPLIC_SOURCES ? intid - RISCV_WIRED : 0U;
}

static void add(struct vaplic *g, uint32_t intid, bool virtual)
{
    uint32_t source = source_of(intid);

    if (source != 0U) {
        g->w[source / 32U].owned |= vaplic_bit(source);
        g->w[source / 32U].virt |= virtual ? vaplic_bit(source) : 0U;
    }
}

/* As vaplic_reset() leaves it. */
static void init_vm(struct vm *vm, const struct plan *plan)
{
    struct vaplic *g = &vaplics[vm->index];

    mem_zero(g, sizeof(*g));
    g->vm = vm;
    g->setipnum_le = vm->plan->irqc_ipa[0] + VAPLIC_SETIPNUM_LE;
    vm->irqc = g;
    g->ids = plan->irqc_ids;
    for (uint32_t i = 0; i < vm->plan->nr_irqs; i++) { /* at most PLAN_MAX_IRQS turns */
        add(g, plan_irq(plan, vm->plan->first_irq + i)->intid, false);
    }
    vaplic_silence(g);
}

void vaplic_init_all(const struct plan *plan)
{
    vaplics = own_take(nr_vms * sizeof(vaplics[0]));
    for (uint32_t i = 0; i < nr_vms; i++) {
        init_vm(&vms[i], plan);
    }
}

void vaplic_add_virtual(struct vm *vm, uint32_t intid)
{
    add(&vaplics[vm->index], intid, true);
}

void vaplic_set_line(struct vm *vm, uint32_t intid, bool level)
{
    vaplic_wire(&vaplics[vm->index], source_of(intid), level);
}

void vaplic_vcpu_start(struct vcpu *v)
{
    (void)v;
    arch_ops.virq.file_reset();
}

void vaplic_vcpu_stop(struct vcpu *v)
{
    (void)v;
    arch_ops.virq.file_reset();
}

void vaplic_vm_stop(struct vm *vm)
{
    struct vaplic *g = &vaplics[vm->index];

    spin_lock(&g->lock);
    vaplic_reset(g);
    spin_unlock(&g->lock);
}

static bool has_owner(uint32_t intid)
{
    uint32_t source = source_of(intid);
    bool yes = false;

    for (uint32_t i = 0; i < nr_vms; i++) {
        const struct vaplic_word *w = &vaplics[i].w[source / 32U];

        yes = yes || (w->owned & ~w->virt & vaplic_bit(source)) != 0U;
    }
    return yes;
}

void vaplic_take(struct vcpu *v, uint32_t intid, bool in_guest)
{
    (void)in_guest;
    if (!has_owner(intid)) {
        arch_ops.irqc.clear(IRQC_ENABLE, v->cpu, intid / 32U, vaplic_bit(intid));
        arch_ops.irqc.deactivate(intid);
    }
}

void vaplic_serve(struct vcpu *v, bool in_guest)
{
    (void)v;
    (void)in_guest;
}

bool vaplic_end_armed(const struct vcpu *v, uint64_t ipa, uint32_t val)
{
    const struct vaplic *g = v->vm->irqc;
    uint32_t bit = vaplic_bit(val);

    if (ipa != g->setipnum_le || val >= VAPLIC_SOURCES || (g->w[val / 32U].owned & ~g->w[val / 32U].virt & bit) == 0U) {
        return false;
    }
    arch_ops.irqc.set(IRQC_PENDING, 0, vaplic_phys_word(val / 32U), bit); /* as vaplic_set_pending() */
    return true;
}

bool vaplic_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort)
{
    struct vaplic *g = &vaplics[v->vm->index];
    uint64_t offset = a->ipa - v->vm->plan->irqc_ipa[0];

    *abort = false;
    if (a->write && a->size == 4U && offset == VAPLIC_SETIPNUM_LE) { /* what vaplic_end_armed() leaves */
        uint32_t source = (uint32_t)*val;

        if (source < VAPLIC_SOURCES) {
            vaplic_set_pending(g, source / 32U, vaplic_bit(source));
        }
        return true;
    }
    if (a->ipa < v->vm->plan->irqc_ipa[0] || offset >= v->vm->binary->irqc_size[0]) {
        return false;
    }
    mmio_access(mmio_find(&vaplic_table, (uint32_t)offset), v, g, (uint32_t)offset, a->size, a->write, val);
    return true;
}

bool vaplic_pending(struct vcpu *v)
{
    (void)v;
    return (arch_ops.virq.pending() & arch_ops.virq.enabled()) != 0U;
}
