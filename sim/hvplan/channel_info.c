/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor is told of a channel, in the plan, and what its endpoints read of it, in the discovery page. */
#include "hvplan.h"

#include "hv/channel_info.h"

#include <string.h>

void channel_plan(const struct run *r, const struct channel *c, struct plan_channel *out)
{
    struct extent page = {&r->llc, PA(c->piece[0].pa), c->piece[0].size, c->sys->colours};

    *out = (struct plan_channel){.info_pa = extent_pa(&page, 0).v,
                                 .nr_ends = c->sys->nr_ends,
                                 .flags = c->sys->direct ? PLAN_CHANNEL_DIRECT : 0U};
    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        out->end[k] = (struct plan_endpoint){(uint32_t)(c->vm[k] - r->vm), c->intid[k], c->sys->end[k].rate, c->sys->end[k].burst};
        out->files_ipa[k] = direct_files(c, k);
    }
}

static uint32_t writer_of(const struct channel *c, const struct channel_piece *p)
{
    return p->kind == PIECE_OUTPUT ? (uint32_t)(p->writer - c->sys->end) : CHANNEL_INFO_ALL;
}

static void copy_name(char out[CHANNEL_INFO_NAME], const char *name)
{
    memcpy(out, name, strnlen(name, CHANNEL_INFO_NAME - 1U));
}

void channel_page(const struct run *r, const struct channel *c, struct channel_info *out)
{
    uint64_t at = c->piece[0].size;

    *out = (struct channel_info){
        .magic = CHANNEL_INFO_MAGIC,
        .major = CHANNEL_INFO_MAJOR,
        .minor = CHANNEL_INFO_MINOR,
        .length = sizeof(*out),
        .number = (uint32_t)(c - r->channel),
        .nr_ends = c->sys->nr_ends,
        .nr_sections = c->nr_pieces - 1U,
    };
    copy_name(out->name, c->sys->name);
    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        const struct sys_endpoint *e = &c->sys->end[k];
        struct channel_info_end *o = &out->end[k];

        copy_name(o->name, e->name);
        o->state = CHANNEL_STATE_ABSENT;
        o->flags = (e->ro ? CHANNEL_END_RO : 0U) | (c->intid[k] != 0U ? CHANNEL_END_DOORBELL : 0U);
        o->rate = e->rate;
        o->burst = e->burst;
        if (c->sys->direct) {
            out->direct[k] = (struct channel_info_direct){channel_size(c) + plan_file_offset(k, 0), c->vm[k]->sys->nr_vcpus, 0};
        }
    }
    for (unsigned k = 1; k < c->nr_pieces; k++) { /* behind the page itself */
        out->section[k - 1U] = (struct channel_info_section){at, c->piece[k].size, writer_of(c, &c->piece[k]), 0};
        at += c->piece[k].size;
    }
}

uint32_t channel_irqs(const struct run *r, const struct vm *v, struct plan_irq *out)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_channels; i++) {
        int end = channel_end(&r->channel[i], v);

        if (end >= 0 && r->channel[i].intid[end] != 0U) {
            out[n++] = (struct plan_irq){r->channel[i].intid[end], PLAN_IRQ_EDGE};
        }
    }
    return n;
}
