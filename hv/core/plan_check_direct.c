/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_validate(): direct doorbells. Which pages they are follows from the CPU table (plan_mapping()), so that a plan can name no others;
 * here it is whether there are such pages, and whether the guest addresses are free.
 */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

struct window {
    uint64_t base; /* guest addresses */
    uint64_t size;
};

static bool formed(const struct window *w)
{
    return range_ok(w->base, w->size) && is_aligned(w->base, PAGE_SIZE);
}

static bool meets(const struct window *w, uint64_t base, uint64_t size)
{
    return range_ok(base, size) && ranges_overlap(w->base, w->size, base, size);
}

static bool meets_region(const struct plan *p, uint32_t vm, const struct window *w)
{
    const struct plan_vm *v = plan_vm(p, vm);
    bool found = false;

    for (uint32_t i = 0; plan_check_has_regions(p, vm) && i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(p, v->first_region + i);

        found = found || meets(w, r->ipa, r->size);
    }
    return found;
}

/* Registers that the hypervisor answers for, and the VM's own files. */
static bool meets_registers(const struct plan *p, const struct plan_vm *v, const struct window *w)
{
    return meets(w, v->irqc_ipa[0], plan_check_frame_size(p, v, 0)) || meets(w, v->irqc_ipa[1], plan_check_frame_size(p, v, 1)) ||
           (v->vuart_irq != 0U && meets(w, v->vuart_ipa, PAGE_SIZE));
}

/* The files that it has by another channel, before this one. */
static bool meets_files(const struct plan *p, uint32_t channel, uint32_t vm, const struct window *w)
{
    bool found = false;

    for (uint32_t n = 0; n < channel; n++) {
        const struct plan_channel *o = plan_channel(p, n);

        for (uint32_t k = 0; k < PLAN_MAX_ENDS && k < o->nr_ends; k++) {
            found = found || (o->end[k].vm == vm && o->files_ipa[k] != 0U && meets(w, o->files_ipa[k], plan_files_span(o)));
        }
    }
    return found;
}

static void check_window(const struct plan_check *c, uint32_t channel, uint32_t end)
{
    const struct plan *p = c->p;
    const struct plan_channel *ch = plan_channel(p, channel);
    uint32_t vm = ch->end[end].vm;
    const struct plan_vm *v = plan_vm(p, vm);
    const struct window w = {ch->files_ipa[end], plan_files_span(ch)};

    if (!formed(&w) || ch->end[end].rate == 0U || meets_region(p, vm, &w) || meets_registers(p, v, &w) || meets_files(p, channel, vm, &w)) {
        plan_check_issue(c, PLAN_E_DIRECT, vm, channel, end);
    } else if (v->ipa_bits < 64U && ((w.base + (w.size - 1U)) >> v->ipa_bits) != 0U) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, NONE, NONE);
    } else {
        /* well */
    }
}

void plan_check_direct(const struct plan_check *c, uint32_t channel)
{
    const struct plan_channel *ch = plan_channel(c->p, channel);
    bool direct = (ch->flags & PLAN_CHANNEL_DIRECT) != 0U;

    if (direct && c->p->irqc_version != (uint32_t)PLAN_IRQC_AIA) {
        plan_check_issue(c, PLAN_E_DIRECT, NONE, channel, NONE);
        return;
    }
    for (uint32_t i = 0; i < PLAN_MAX_ENDS; i++) {
        bool there = direct && i < ch->nr_ends && ch->end[i].vm < c->p->vms.count;

        if (ch->files_ipa[i] != 0U && there) {
            check_window(c, channel, i);
        } else if (ch->files_ipa[i] != 0U) {
            plan_check_issue(c, PLAN_E_FIELD, NONE, channel, i);
        } else {
            /* none */
        }
    }
}
