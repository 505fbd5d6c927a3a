/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): memory, devices and interrupts of all VMs against each other. */
#include "core/plan_check.h"
#include "hv/s2_format.h"

#define NONE PLAN_NO_INDEX

bool plan_check_formed(const struct plan *p, const struct plan_region *r)
{
    struct extent e = extent_of_region(p, r);

    return range_ok(r->ipa, r->size) && range_ok(r->pa, r->size) && extent_span(&e) != 0U &&
           (r->colours == 0U || plan_region_is_memory(r)) && is_aligned(r->ipa | r->pa | r->size, PAGE_SIZE);
}

static bool rights_ok(const struct plan_region *r)
{
    if ((r->rights & S2_R) == 0U || (r->rights & ~(S2_R | S2_W | S2_X)) != 0U) {
        return false;
    }
    return r->kind == PLAN_REGION_RAM || (r->rights & S2_X) == 0U;
}

/* True if [base, base + size) goes beyond 2^bits. */
static bool beyond(uint64_t base, uint64_t size, uint32_t bits)
{
    return bits < 64U && ((base + (size - 1U)) >> bits) != 0U;
}

/* The address field is contiguous from bit PAGE_SHIFT on: if the last page fits, all do. */
bool plan_check_reachable(uint64_t base, uint64_t size)
{
    uint64_t last = base + (size - PAGE_SIZE);

    return (((last >> s2_format.addr_rshift) & s2_format.addr_mask) << s2_format.addr_rshift) == last;
}

static void check_place(const struct plan_check *c, uint32_t vm, uint32_t i)
{
    const struct plan *p = c->p;
    const struct plan_region *r = plan_region(p, i);
    struct extent e = extent_of_region(p, r);
    uint64_t size = extent_span(&e); /* coloured: with all that lies between its pages */
    bool in_ram = range_within(r->pa, size, p->ram_base, p->ram_size);
    bool at_ram = range_ok(p->ram_base, p->ram_size) && ranges_overlap(r->pa, size, p->ram_base, p->ram_size);

    if (range_ok(p->hv_base, p->hv_size) && ranges_overlap(r->pa, size, p->hv_base, p->hv_size)) {
        plan_check_issue(c, PLAN_E_REGION_HV, vm, i, NONE);
    }
    if (plan_region_is_memory(r) ? !in_ram : at_ram) {
        plan_check_issue(c, PLAN_E_REGION_RAM, vm, i, NONE);
    }
    for (unsigned k = 0; k < PLAN_IRQC_FRAMES; k++) {
        if (range_ok(p->irqc_base[k], p->irqc_size[k]) &&
            ranges_overlap(r->pa, size, p->irqc_base[k], p->irqc_size[k])) {
            plan_check_issue(c, PLAN_E_REGION_IRQC, vm, i, NONE);
        }
    }
    if (beyond(r->pa, size, p->pa_bits_min) || !plan_check_reachable(r->pa, size)) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, i, NONE);
    }
}

/* What concerns the region and the VM that owns it. */
static void check_owner(const struct plan_check *c, uint32_t vm, uint32_t i)
{
    const struct plan_vm *v = plan_vm(c->p, vm);
    const struct plan_region *r = plan_region(c->p, i);

    if (beyond(r->ipa, r->size, v->ipa_bits)) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, i, NONE);
    }
    for (unsigned k = 0; k < 2U; k++) {
        uint64_t size = plan_check_frame_size(c->p, v, k);

        if (range_ok(v->irqc_ipa[k], size) && ranges_overlap(r->ipa, r->size, v->irqc_ipa[k], size)) {
            plan_check_issue(c, PLAN_E_REGION_IRQC, vm, i, NONE);
        }
    }
}

void plan_check_regions(const struct plan_check *c)
{
    uint8_t owner[PLAN_MAX_REGIONS];

    plan_check_owners(c->p, owner);
    for (uint32_t i = 0; i < c->p->regions.count; i++) {
        const struct plan_region *r = plan_region(c->p, i);
        uint32_t vm = owner[i] == PLAN_NO_OWNER ? NONE : owner[i];

        if (r->kind >= PLAN_REGION_KINDS) {
            plan_check_issue(c, PLAN_E_FIELD, vm, i, NONE);
        } else if (!rights_ok(r)) {
            plan_check_issue(c, PLAN_E_REGION_RIGHTS, vm, i, NONE);
        }
        bool coloured_well = plan_check_colours(c, vm, i);
        bool formed = plan_check_formed(c->p, r);

        if (coloured_well && !formed) {
            plan_check_issue(c, PLAN_E_REGION_ALIGN, vm, i, NONE);
        }
        if (!formed) {
            continue;
        }
        check_place(c, vm, i);
        if (vm != NONE) {
            check_owner(c, vm, i);
        }
    }
    plan_check_overlaps(c, owner);
}

static uint32_t irq_owner(const struct plan *p, uint32_t i)
{
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(p, vm);

        if (i >= v->first_irq && i - v->first_irq < v->nr_irqs) {
            return vm;
        }
    }
    return NONE;
}

#define INTID_WORDS 16U /* of 64: beyond them there are none, and those are compared with all */

/* True if an entry before this one may have the same INTID. */
static bool may_be_twice(uint64_t seen[INTID_WORDS], uint32_t intid)
{
    if (intid >= 64U * INTID_WORDS) {
        return true;
    }
    uint64_t bit = 1ULL << intid % 64U;
    bool twice = (seen[intid / 64U] & bit) != 0U;

    seen[intid / 64U] |= bit;
    return twice;
}

void plan_check_irqs(const struct plan_check *c)
{
    const struct plan *p = c->p;
    uint64_t seen[INTID_WORDS] = {0};

    for (uint32_t i = 0; i < p->irqs.count; i++) {
        const struct plan_irq *q = plan_irq(p, i);
        uint32_t vm = irq_owner(p, i);
        uint32_t before = may_be_twice(seen, q->intid) ? i : 0U;

        if (!plan_check_wired(p, q->intid)) {
            plan_check_issue(c, PLAN_E_IRQ_RANGE, vm, i, NONE);
        }
        if ((q->flags & ~PLAN_IRQ_EDGE) != 0U) {
            plan_check_issue(c, PLAN_E_FIELD, vm, i, NONE);
        }
        for (uint32_t b = 0; b < before; b++) {
            if (plan_irq(p, b)->intid == q->intid) {
                plan_check_issue(c, PLAN_E_IRQ_TWICE, vm, i, b);
            }
        }
    }
}
