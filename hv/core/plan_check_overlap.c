/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): regions against each other, in physical addresses all of them, in guest addresses those of a VM. */
#include "core/plan_check.h"
#include "core/plan_order.h"

void plan_check_owners(const struct plan *p, uint8_t owner[PLAN_MAX_REGIONS])
{
    for (uint32_t i = 0; i < p->regions.count; i++) {
        owner[i] = PLAN_NO_OWNER;
    }
    for (uint32_t vm = p->vms.count; vm-- != 0U;) {
        const struct plan_vm *v = plan_vm(p, vm);

        for (uint32_t i = 0; plan_check_has_regions(p, vm) && i < v->nr_regions; i++) {
            owner[v->first_region + i] = (uint8_t)vm;
        }
    }
}

/* True if the two may be of the same pages, of two VMs. */
static bool in_common(const struct plan_region *r, const struct plan_region *o)
{
    bool same = r->pa == o->pa && r->size == o->size && r->colours == o->colours;

    return r->kind == o->kind && (r->kind == PLAN_REGION_SHARED || (r->kind == PLAN_REGION_CHANNEL && same));
}

/* Entries of the table, b before i, that have addresses in common. */
static void check_pages(const struct plan_check *c, const uint8_t *owner, uint32_t i, uint32_t b)
{
    const struct plan_region *r = plan_region(c->p, i);
    const struct plan_region *o = plan_region(c->p, b);
    struct extent e = extent_of_region(c->p, r);
    struct extent f = extent_of_region(c->p, o);

    if (!(in_common(r, o) && owner[b] != owner[i]) && extents_meet(&e, &f)) {
        plan_check_issue(c, PLAN_E_REGION_OVERLAP, owner[i] == PLAN_NO_OWNER ? PLAN_NO_INDEX : owner[i], i, b);
    }
}

static void check_guest_addresses(const struct plan_check *c, const uint8_t *owner, uint32_t vm, uint32_t i, uint32_t b)
{
    if (owner[i] == vm) { /* else it is reported for the VM whose it is */
        plan_check_issue(c, PLAN_E_REGION_IPA_OVERLAP, vm, i, b);
    }
}

/* Every pair that meets, once. Of a VM: in its guest addresses; of none: in physical ones. */
static void check_all(const struct plan_check *c, struct plan_order *o, const uint8_t *owner, uint32_t vm)
{
    struct plan_open open;

    open.n = 0;
    plan_order_sort(o);
    for (uint32_t k = 0; k < o->n; k++) {
        uint32_t number = o->entry[k];

        plan_open_keep(&open, o, number);
        for (uint32_t j = 0; j < open.n; j++) {
            uint32_t other = open.entry[j];
            uint32_t i = number > other ? number : other;
            uint32_t b = number > other ? other : number;

            if (vm == PLAN_NO_INDEX) {
                check_pages(c, owner, i, b);
            } else {
                check_guest_addresses(c, owner, vm, i, b);
            }
        }
        plan_open_add(&open, number);
    }
}

void plan_check_overlaps(const struct plan_check *c, const uint8_t owner[PLAN_MAX_REGIONS])
{
    struct plan_order o;

    o.n = 0;
    for (uint32_t i = 0; i < c->p->regions.count; i++) {
        const struct plan_region *r = plan_region(c->p, i);
        struct extent e = extent_of_region(c->p, r);

        if (plan_check_formed(c->p, r)) {
            plan_order_add(&o, i, r->pa, extent_span(&e));
        }
    }
    check_all(c, &o, owner, PLAN_NO_INDEX);
    for (uint32_t vm = 0; vm < c->p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(c->p, vm);

        o.n = 0;
        for (uint32_t i = 0; plan_check_has_regions(c->p, vm) && i < v->nr_regions; i++) {
            const struct plan_region *r = plan_region(c->p, v->first_region + i);

            if (plan_check_formed(c->p, r)) {
                plan_order_add(&o, v->first_region + i, r->ipa, r->size);
            }
        }
        check_all(c, &o, owner, vm);
    }
}
