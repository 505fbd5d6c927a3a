/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): the console that VMs share. */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

#define VUART_BYTES PAGE_SIZE /* hv/vdev/vuart.h: VUART_SIZE */

static bool shared(const struct plan *p)
{
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        if (plan_vm(p, vm)->vuart_irq != 0U) {
            return true;
        }
    }
    return false;
}

/* The board's UART is the hypervisor's alone. */
static void check_kept(const struct plan_check *c)
{
    const struct plan *p = c->p;

    for (uint32_t i = 0; i < p->regions.count; i++) {
        const struct plan_region *r = plan_region(p, i);

        if (range_ok(r->pa, r->size) && ranges_overlap(r->pa, r->size, p->console_base, p->console_size)) {
            plan_check_issue(c, PLAN_E_CONSOLE_GIVEN, NONE, i, NONE);
        }
    }
    for (uint32_t i = 0; i < p->irqs.count; i++) {
        if (plan_irq(p, i)->intid == p->console_irq) {
            plan_check_issue(c, PLAN_E_CONSOLE_GIVEN, NONE, NONE, i);
        }
    }
}

static void check_board_uart(const struct plan_check *c)
{
    const struct plan *p = c->p;
    bool place = range_ok(p->console_base, p->console_size) && is_aligned(p->console_base | p->console_size, PAGE_SIZE);

    if (!place || !plan_check_wired(p, p->console_irq) || p->console_cpu >= p->cpus.count) {
        plan_check_issue(c, PLAN_E_CONSOLE, NONE, NONE, NONE);
    }
    if (place) {
        check_kept(c);
    }
}

/* Regions and interrupts of the VM's own, if its slices are good. */
static void check_own(const struct plan_check *c, uint32_t vm)
{
    const struct plan *p = c->p;
    const struct plan_vm *v = plan_vm(p, vm);

    for (uint32_t i = 0; plan_check_has_regions(p, vm) && i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(p, v->first_region + i);

        if (range_ok(r->ipa, r->size) && ranges_overlap(r->ipa, r->size, v->vuart_ipa, VUART_BYTES)) {
            plan_check_issue(c, PLAN_E_VUART, vm, v->first_region + i, NONE);
        }
    }
    for (uint32_t i = 0; i < p->irqs.count; i++) {
        if (i >= v->first_irq && i - v->first_irq < v->nr_irqs && plan_irq(p, i)->intid == v->vuart_irq) {
            plan_check_issue(c, PLAN_E_VUART, vm, NONE, i);
        }
    }
}

static void check_vuart(const struct plan_check *c, uint32_t vm)
{
    const struct plan *p = c->p;
    const struct plan_vm *v = plan_vm(p, vm);
    uint64_t base = v->vuart_ipa;

    if (!is_aligned(base, VUART_BYTES) || !range_ok(base, VUART_BYTES) ||
        (v->ipa_bits < 64U && ((base + (VUART_BYTES - 1U)) >> v->ipa_bits) != 0U)) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, NONE, NONE);
        return;
    }
    if (!plan_check_wired(p, v->vuart_irq)) {
        plan_check_issue(c, PLAN_E_VUART, vm, NONE, NONE);
    }
    for (unsigned k = 0; k < 2U; k++) {
        uint64_t size = plan_check_frame_size(p, v, k);

        if (range_ok(v->irqc_ipa[k], size) && ranges_overlap(base, VUART_BYTES, v->irqc_ipa[k], size)) {
            plan_check_issue(c, PLAN_E_VUART, vm, NONE, NONE);
        }
    }
    check_own(c, vm);
}

void plan_check_console(const struct plan_check *c)
{
    const struct plan *p = c->p;

    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(p, vm);

        if (v->reserved_vuart != 0U || (v->vuart_irq == 0U && v->vuart_ipa != 0U)) {
            plan_check_issue(c, PLAN_E_FIELD, vm, NONE, NONE);
        }
        if (v->vuart_irq != 0U) {
            check_vuart(c, vm);
        }
    }
    if (shared(p)) {
        check_board_uart(c);
        return;
    }
    if (p->console_size != 0U || p->console_irq != 0U || p->console_cpu != 0U) {
        plan_check_issue(c, PLAN_E_FIELD, NONE, NONE, NONE);
    }
}
