/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rest of the hypervisor asks of a virtual interrupt controller, answered by the PLIC's or the APLIC's, as the
 * board has it (constant: the optimiser leaves one of them); and of a hart's own interrupts by vdev/vhart.h.
 */
#include "core/console.h"
#include "hv/arch_ops.h"
#include "hv/board.h"
#include "vdev/vaplic.h"
#include "vdev/vhart.h"
#include "vdev/virqc.h"
#include "vdev/vplic.h"

static bool aia(void)
{
    return board.irqc == PLAN_IRQC_AIA;
}

void virqc_init_all(const struct plan *plan)
{
    vhart_init_all();
    if (aia()) {
        vaplic_init_all(plan);
    } else {
        vplic_init_all(plan);
    }
}

void virqc_add_virtual(struct vm *vm, uint32_t intid)
{
    if (aia()) {
        vaplic_add_virtual(vm, intid);
    } else {
        vplic_add_virtual(vm, intid);
    }
}

void virqc_set_line(struct vm *vm, uint32_t intid, bool level)
{
    if (aia()) {
        vaplic_set_line(vm, intid, level);
    } else {
        vplic_set_line(vm, intid, level);
    }
}

/* Software makes sources of an APLIC pending (AIA 1.0 4.5.5), unless they are another domain's; of a PLIC not. */
bool virqc_add_doorbell(struct vm *vm, uint32_t intid)
{
    uint32_t bit = (uint32_t)1 << (intid % 32U);

    if (!aia()) {
        vplic_add_doorbell(vm, intid);
        return true;
    }
    arch_ops.virq.source_mode(intid, APLIC_DETACHED); /* disabled, and so sends nothing */
    arch_ops.irqc.set(IRQC_PENDING, 0, intid / 32U, bit);
    bool pends = (arch_ops.irqc.get(IRQC_PENDING, 0, intid / 32U) & bit) != 0U;
    arch_ops.irqc.clear(IRQC_PENDING, 0, intid / 32U, bit);
    arch_ops.virq.source_mode(intid, APLIC_INACTIVE);
    return pends;
}

void virqc_ring(struct vm *vm, uint32_t intid)
{
    if (aia()) {
        arch_ops.irqc.set(IRQC_PENDING, 0, intid / 32U, (uint32_t)1 << (intid % 32U));
    } else {
        vplic_ring(vm, intid);
    }
}

void virqc_vcpu_start(struct vcpu *v)
{
    vhart_reset(v);
    if (aia()) {
        vaplic_vcpu_start(v);
    } else {
        vplic_vcpu_start(v);
    }
}

void virqc_vcpu_stop(struct vcpu *v)
{
    if (aia()) {
        vaplic_vcpu_stop(v);
    } else {
        vplic_vcpu_stop(v);
    }
    vhart_reset(v);
}

void virqc_vm_stop(struct vm *vm)
{
    if (aia()) {
        vaplic_vm_stop(vm);
    } else {
        vplic_vm_stop(vm);
    }
}

/* An IPI that asks for no more than VCPU_REQ_VIRQ. The request is taken first, since who makes it says what for before; if it was for more,
 * it is made again. The console tells the CPU that serves it by an IPI without a request. */
static inline bool take_ipi(struct vcpu *v)
{
    uint32_t asked = atomic32_and(&v->request, ~VCPU_REQ_VIRQ);

    if (asked != VCPU_REQ_VIRQ || console_serves(v->cpu)) {
        (void)atomic32_or(&v->request, asked & VCPU_REQ_VIRQ);
        return false;
    }
    vhart_serve(v);
    if (!aia() && vplic_asked(v)) { /* else it is an IPI of the guest's alone */
        vplic_serve(v, true);
    }
    return true;
}

__attribute__((flatten)) bool virqc_take_armed(struct vcpu *v, uint32_t intid)
{
    if (intid == HV_IPI_INTID) {
        return take_ipi(v);
    }
    return !aia() && vplic_take_armed(v, intid);
}

bool virqc_take_again(const struct vcpu *v, uint32_t intid)
{
    (void)v;
    (void)intid;
    return false; /* what comes here is short already */
}

void virqc_take(struct vcpu *v, uint32_t intid, bool in_guest)
{
    if (intid == RISCV_INTID_GUEST_TIMER) {
        arch_ops.irqc.deactivate(intid);
        vhart_timer_came(v); /* behind it: it may arm the timer anew */
    } else if (aia()) {
        vaplic_take(v, intid, in_guest);
    } else {
        vplic_take(v, intid, in_guest);
    }
}

void virqc_serve(struct vcpu *v, bool in_guest)
{
    if (in_guest) {
        vhart_serve(v);
    }
    if (aia()) {
        vaplic_serve(v, in_guest);
    } else {
        vplic_serve(v, in_guest);
    }
}

/* exit_is_send() says so of no exit, and exit_is_word() neither. */
bool virqc_send(struct vcpu *v, uint64_t val)
{
    (void)v;
    (void)val;
    return false;
}

const struct mmio_reg *virqc_word(struct vcpu *v, uint64_t ipa, struct mmio_access *a)
{
    (void)v;
    (void)ipa;
    (void)a;
    return NULL;
}

bool virqc_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort)
{
    return aia() ? vaplic_mmio(v, a, val, abort) : vplic_mmio(v, a, val, abort);
}

bool virqc_read_armed(const struct vcpu *v, uint64_t ipa, uint32_t *val)
{
    return !aia() && vplic_claim_armed(v, ipa, val);
}

bool virqc_write_armed(const struct vcpu *v, uint64_t ipa, uint32_t val)
{
    return aia() ? vaplic_end_armed(v, ipa, val) : vplic_complete_armed(v, ipa, val);
}

bool virqc_pending(struct vcpu *v)
{
    vhart_serve(v);
    return aia() ? vaplic_pending(v) : vplic_pending(v);
}

unsigned virqc_capacity(const char **words)
{
    if (aia()) {
        *words = "guest interrupt files";
        return arch_ops.virq.guest_files();
    }
    *words = "wired interrupts";
    return vplic_capacity();
}
