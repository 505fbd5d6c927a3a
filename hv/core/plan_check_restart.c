/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): VMs that may restart, and the pristine copies they restart from. */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

/* Slices that leave their table were reported, and their first region is not looked at. */
static bool pristine_formed(const struct plan *p, uint32_t vm, struct extent *e)
{
    if (!plan_check_has_regions(p, vm)) {
        return false;
    }
    *e = extent_of_pristine(p, plan_vm(p, vm));
    uint64_t align = e->colours == 0U ? PLAN_RESTART_BLOCK : PAGE_SIZE;

    return extent_span(e) != 0U && is_aligned(e->base.v | e->size, align);
}

/* It is mapped in blocks, with what they have around it: none of that may be what is no RAM, or the hypervisor's own. */
static bool blocks_are_ram(const struct plan *p, const struct extent *e)
{
    uint64_t base = align_down(e->base.v, PLAN_RESTART_BLOCK);
    uint64_t size = extent_span(e) + (e->base.v - base);

    size = size <= p->ram_size ? align_up(size, PLAN_RESTART_BLOCK) : size;
    return range_within(base, size, p->ram_base, p->ram_size) &&
           !(range_ok(p->hv_base, p->hv_size) && ranges_overlap(base, size, p->hv_base, p->hv_size));
}

/* Memory that nobody reaches: a VM, another VM's restart and the hypervisor itself would change what the next life of
 * this VM is made of. */
static void check_place(const struct plan_check *c, uint32_t vm, const struct extent *e)
{
    const struct plan *p = c->p;

    if (!blocks_are_ram(p, e)) {
        plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
    }
    for (uint32_t i = 0; i < p->regions.count; i++) {
        struct extent r = extent_of_region(p, plan_region(p, i));

        if (extent_span(&r) != 0U && extents_meet(e, &r)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, i, NONE);
        }
    }
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        if (range_ok(p->irqc_base[i], p->irqc_size[i]) &&
            ranges_overlap(e->base.v, extent_span(e), p->irqc_base[i], p->irqc_size[i])) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
        }
    }
    for (uint32_t other = 0; other < vm; other++) {
        struct extent o;

        if (pristine_formed(p, other, &o) && extents_meet(e, &o)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, other, NONE);
        }
    }
}

/* True, and where it begins among the pristine copies, if the copy of an image is there. */
static bool copy_offset(const struct extent *e, const struct plan_image *m, uint64_t *offset)
{
    return is_aligned(m->pristine_pa, 8) && m->size != 0U && extent_offset(e, PA(m->pristine_pa), offset) &&
           m->size <= e->size - *offset;
}

static void check_images(const struct plan_check *c, uint32_t vm, const struct extent *e)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    for (uint32_t i = v->first_image; i < v->first_image + v->nr_images; i++) {
        const struct plan_image *m = plan_image(c->p, i);
        uint64_t at;
        uint64_t at_other;

        if (!copy_offset(e, m, &at)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, i, NONE);
            continue;
        }
        for (uint32_t k = v->first_image; k < i; k++) {
            const struct plan_image *o = plan_image(c->p, k);

            if (copy_offset(e, o, &at_other) && ranges_overlap(at, m->size, at_other, o->size)) {
                plan_check_issue(c, PLAN_E_PRISTINE, vm, i, k);
            }
        }
    }
}

static void check_ram(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    for (uint32_t i = v->first_region; i < v->first_region + v->nr_regions; i++) {
        const struct plan_region *r = plan_region(c->p, i);

        struct extent e = extent_of_region(c->p, r);
        bool whole = r->colours == 0U ? is_aligned(r->pa | r->size, PLAN_RESTART_BLOCK)
                                      : extent_span(&e) == 0U || blocks_are_ram(c->p, &e);

        if (r->kind == (uint32_t)PLAN_REGION_RAM && !whole) {
            plan_check_issue(c, PLAN_E_RESTART_RAM, vm, i, NONE);
        }
    }
}

static void check_none(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if (v->pristine_pa != 0U || v->pristine_size != 0U) {
        plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
    }
    for (uint32_t i = v->first_image; i < v->first_image + v->nr_images; i++) {
        if (plan_image(c->p, i)->pristine_pa != 0U) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, i, NONE);
        }
    }
}

void plan_check_restart(const struct plan_check *c)
{
    for (uint32_t vm = 0; vm < c->p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(c->p, vm);
        struct extent e;

        if (!plan_check_has_regions(c->p, vm) || !plan_check_has_images(c->p, vm)) {
            continue; /* reported; what it holds is not known */
        }
        if (!plan_vm_restarts(v)) {
            check_none(c, vm);
        } else if (!pristine_formed(c->p, vm, &e)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
        } else {
            check_place(c, vm, &e);
            check_images(c, vm, &e);
            check_ram(c, vm);
        }
    }
}
