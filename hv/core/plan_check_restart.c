/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): VMs that may restart, and the pristine copies they restart from. */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

static bool pristine_formed(const struct plan_vm *v)
{
    return range_ok(v->pristine_pa, v->pristine_size) &&
           is_aligned(v->pristine_pa | v->pristine_size, PLAN_RESTART_BLOCK);
}

/* Memory that nobody reaches: a VM, another VM's restart and the hypervisor itself would change what the next life of
 * this VM is made of. */
static void check_place(const struct plan_check *c, uint32_t vm)
{
    const struct plan *p = c->p;
    const struct plan_vm *v = plan_vm(p, vm);

    if (!range_within(v->pristine_pa, v->pristine_size, p->ram_base, p->ram_size) ||
        (range_ok(p->hv_base, p->hv_size) &&
         ranges_overlap(v->pristine_pa, v->pristine_size, p->hv_base, p->hv_size))) {
        plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
    }
    for (uint32_t i = 0; i < p->regions.count; i++) {
        const struct plan_region *r = plan_region(p, i);

        if (range_ok(r->pa, r->size) && ranges_overlap(v->pristine_pa, v->pristine_size, r->pa, r->size)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, i, NONE);
        }
    }
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        if (range_ok(p->irqc_base[i], p->irqc_size[i]) &&
            ranges_overlap(v->pristine_pa, v->pristine_size, p->irqc_base[i], p->irqc_size[i])) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
        }
    }
    for (uint32_t other = 0; other < vm; other++) {
        const struct plan_vm *o = plan_vm(p, other);

        if (pristine_formed(o) &&
            ranges_overlap(v->pristine_pa, v->pristine_size, o->pristine_pa, o->pristine_size)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, other, NONE);
        }
    }
}

static void check_images(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    for (uint32_t i = v->first_image; i < v->first_image + v->nr_images; i++) {
        const struct plan_image *m = plan_image(c->p, i);

        if (!is_aligned(m->pristine_pa, 8) ||
            !range_within(m->pristine_pa, m->size, v->pristine_pa, v->pristine_size)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, i, NONE);
            continue;
        }
        for (uint32_t k = v->first_image; k < i; k++) {
            const struct plan_image *o = plan_image(c->p, k);

            if (range_ok(o->pristine_pa, o->size) &&
                ranges_overlap(m->pristine_pa, m->size, o->pristine_pa, o->size)) {
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

        if (r->kind == (uint32_t)PLAN_REGION_RAM && !is_aligned(r->pa | r->size, PLAN_RESTART_BLOCK)) {
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

        if (!plan_check_has_regions(c->p, vm) || !plan_check_has_images(c->p, vm)) {
            continue; /* reported; what it holds is not known */
        }
        if (!plan_vm_restarts(v)) {
            check_none(c, vm);
        } else if (!pristine_formed(v)) {
            plan_check_issue(c, PLAN_E_PRISTINE, vm, NONE, NONE);
        } else {
            check_place(c, vm);
            check_images(c, vm);
            check_ram(c, vm);
        }
    }
}
