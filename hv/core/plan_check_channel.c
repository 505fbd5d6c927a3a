/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): channels, as far as the hypervisor takes part in them. */
#include "core/plan_check.h"
#include "hv/s2_format.h"

#define NONE PLAN_NO_INDEX

/* Endpoints that may be looked at: a count that is too large is an issue of its own. */
static uint32_t ends_of(const struct plan_channel *ch)
{
    return ch->nr_ends <= PLAN_MAX_ENDS ? ch->nr_ends : 0U;
}

static bool is_end(const struct plan_channel *ch, uint32_t ends, uint32_t vm)
{
    for (uint32_t i = 0; i < ends; i++) {
        if (ch->end[i].vm == vm) {
            return true;
        }
    }
    return false;
}

static bool is_empty(const struct plan_endpoint *e)
{
    return e->vm == 0U && e->intid == 0U && e->rate == 0U && e->burst == 0U;
}

static bool end_ok(const struct plan_check *c, const struct plan_channel *ch, uint32_t i)
{
    const struct plan_endpoint *e = &ch->end[i];
    bool rate = e->rate == 0U ? e->burst == 0U : e->rate <= PLAN_MAX_RATE && e->burst >= 1U && e->burst <= PLAN_MAX_BURST;

    return e->vm < c->p->vms.count && !is_end(ch, i, e->vm) && rate;
}

static bool is_edge_of(const struct plan *p, uint32_t vm, uint32_t intid)
{
    const struct plan_vm *v = plan_vm(p, vm);

    for (uint32_t i = 0; v->first_irq <= p->irqs.count && v->nr_irqs <= p->irqs.count - v->first_irq && i < v->nr_irqs; i++) {
        const struct plan_irq *q = plan_irq(p, v->first_irq + i);

        if (q->intid == intid) {
            return (q->flags & PLAN_IRQ_EDGE) != 0U;
        }
    }
    return false;
}

/* True if another channel before this one has the doorbell. */
static bool is_taken(const struct plan *p, uint32_t channel, uint32_t intid)
{
    for (uint32_t n = 0; n < channel; n++) {
        const struct plan_channel *o = plan_channel(p, n);

        for (uint32_t i = 0; i < ends_of(o); i++) {
            if (o->end[i].intid == intid) {
                return true;
            }
        }
    }
    return false;
}

static void check_end(const struct plan_check *c, uint32_t channel, uint32_t i)
{
    const struct plan_channel *ch = plan_channel(c->p, channel);
    const struct plan_endpoint *e = &ch->end[i];

    if (i >= ends_of(ch)) {
        if (!is_empty(e)) {
            plan_check_issue(c, PLAN_E_FIELD, NONE, channel, i);
        }
    } else if (!end_ok(c, ch, i)) {
        plan_check_issue(c, PLAN_E_CHANNEL, NONE, channel, i);
    } else if (e->intid != 0U && (!is_edge_of(c->p, e->vm, e->intid) || is_taken(c->p, channel, e->intid))) {
        plan_check_issue(c, PLAN_E_DOORBELL, e->vm, channel, i);
    } else {
        /* well */
    }
}

/* The discovery pages that are pages, in the order of their addresses; by channel, a bit by VM that has it as an endpoint should. */
struct infos {
    uint32_t n;
    uint32_t channel[PLAN_MAX_CHANNELS];
    uint32_t found[PLAN_MAX_CHANNELS];
};

static void add_info(const struct plan_check *c, struct infos *in, uint32_t channel)
{
    const struct plan_channel *ch = plan_channel(c->p, channel);
    uint32_t at = in->n;

    for (uint32_t n = 0; n < channel; n++) {
        if (plan_channel(c->p, n)->info_pa == ch->info_pa) {
            plan_check_issue(c, PLAN_E_CHANNEL_INFO, NONE, channel, NONE);
        }
    }
    in->found[channel] = 0;
    if (!range_ok(ch->info_pa, PAGE_SIZE) || !is_aligned(ch->info_pa, PAGE_SIZE)) {
        plan_check_issue(c, PLAN_E_CHANNEL_INFO, NONE, channel, NONE);
        return;
    }
    for (; at != 0U && plan_channel(c->p, in->channel[at - 1U])->info_pa > ch->info_pa; at--) {
        in->channel[at] = in->channel[at - 1U];
    }
    in->channel[at] = channel;
    in->n++;
}

/* A region among whose addresses the page is: the endpoint's, or one that nobody may have, or of other colours. */
static void check_region(const struct plan_check *c, struct infos *in, uint32_t channel, uint32_t vm, uint32_t i)
{
    const struct plan_channel *ch = plan_channel(c->p, channel);
    const struct plan_region *r = plan_region(c->p, i);
    struct extent e = extent_of_region(c->p, r);
    uint64_t offset = 0;
    bool there = extent_offset(&e, PA(ch->info_pa), &offset);
    bool whole = there && r->size == PAGE_SIZE;

    if (whole && r->kind == (uint32_t)PLAN_REGION_CHANNEL && r->rights == S2_R && is_end(ch, ends_of(ch), vm)) {
        in->found[channel] |= 1U << vm;
    } else if (there) {
        plan_check_issue(c, PLAN_E_CHANNEL_INFO, vm, channel, i);
    } else {
        /* elsewhere */
    }
}

static void check_regions(const struct plan_check *c, struct infos *in, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    for (uint32_t i = v->first_region; plan_check_has_regions(c->p, vm) && i < v->first_region + v->nr_regions; i++) {
        struct extent e = extent_of_region(c->p, plan_region(c->p, i));
        uint64_t span = extent_span(&e);

        for (uint32_t k = 0; k < in->n; k++) {
            uint64_t pa = plan_channel(c->p, in->channel[k])->info_pa;

            if (pa >= e.base.v && pa - e.base.v < span) {
                check_region(c, in, in->channel[k], vm, i);
            } else if (pa > e.base.v) {
                break; /* and so are all others */
            } else {
                /* one behind it may be in the region */
            }
        }
    }
}

/* Whoever is an endpoint has the discovery page, and nobody else. */
static void check_infos(const struct plan_check *c)
{
    struct infos in = {.n = 0};

    for (uint32_t n = 0; n < c->p->channels.count; n++) {
        add_info(c, &in, n);
    }
    for (uint32_t vm = 0; in.n != 0U && vm < c->p->vms.count; vm++) {
        check_regions(c, &in, vm);
    }
    for (uint32_t k = 0; k < in.n; k++) {
        const struct plan_channel *ch = plan_channel(c->p, in.channel[k]);

        for (uint32_t vm = 0; vm < c->p->vms.count; vm++) {
            if ((in.found[in.channel[k]] >> vm & 1U) == 0U && is_end(ch, ends_of(ch), vm)) {
                plan_check_issue(c, PLAN_E_CHANNEL_INFO, vm, in.channel[k], NONE);
            }
        }
    }
}

void plan_check_channels(const struct plan_check *c)
{
    for (uint32_t n = 0; n < c->p->channels.count; n++) {
        const struct plan_channel *ch = plan_channel(c->p, n);

        if (ch->nr_ends < 2U || ch->nr_ends > PLAN_MAX_ENDS) {
            plan_check_issue(c, PLAN_E_CHANNEL, NONE, n, NONE);
        }
        if ((ch->flags & ~PLAN_CHANNEL_DIRECT) != 0U) {
            plan_check_issue(c, PLAN_E_FIELD, NONE, n, NONE);
        }
        for (uint32_t i = 0; i < PLAN_MAX_ENDS; i++) {
            check_end(c, n, i);
        }
        plan_check_direct(c, n);
    }
    check_infos(c);
}
