/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Direct doorbells: where the plan says so, endpoints of a channel ring each other by a store to the receiver's guest interrupt file, which
 * stage 2 maps to them behind the channel's memory. The calls stay, for who does not know of it, and while a doorbell goes nowhere.
 */
#include "hvplan.h"

#include <inttypes.h>

static const char *at(const struct run *r, const struct channel *c)
{
    return source_where(&r->sys.src, c->sys->path, "doorbells");
}

static bool somebody_rings(const struct channel *c)
{
    bool rings = false;

    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        rings = rings || c->sys->end[k].rate != 0U;
    }
    return rings;
}

void direct_check(struct run *r, const struct channel *c)
{
    if (c->sys->direct && !somebody_rings(c)) {
        diag_error(&r->diag, at(r, c), c->sys->path,
                   "doorbells are \"direct\", and no endpoint rings, as each has rate = <0>: none would have another's interrupt files");
    }
    if (c->sys->direct && r->board.irqc != PLAN_IRQC_AIA) {
        diag_error(&r->diag, at(r, c), c->sys->path,
                   "doorbells are \"direct\", and the board's interrupt controller, a %s, has no interrupt files that guests could have "
                   "(those of an AIA); write doorbells;", plan_irqc_text((uint32_t)r->board.irqc));
    }
    for (unsigned k = 0; c->sys->direct && k < c->sys->nr_ends; k++) {
        if (c->vm[k] != NULL && c->vm[k]->sys->trusted_dma) {
            diag_error(&r->diag, at(r, c), c->sys->path,
                       "doorbells are \"direct\", and VM %s has trusted-dma: behind its channel are physical addresses, and no room for "
                       "interrupt files; write doorbells;", c->sys->end[k].name);
        }
    }
}

uint64_t direct_span(const struct channel *c)
{
    return c->sys->direct ? plan_file_offset(c->sys->nr_ends, 0) : 0U;
}

uint64_t direct_files(const struct channel *c, unsigned end)
{
    return c->sys->direct && c->sys->end[end].rate != 0U ? c->ipa[end] + channel_size(c) : 0U;
}

uint64_t direct_end(const struct run *r, const struct vm *v)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < r->nr_channels; i++) {
        const struct channel *c = &r->channel[i];
        int end = channel_end(c, v);
        uint64_t base = end >= 0 ? direct_files(c, (unsigned)end) : 0U;

        last = base != 0U && base + direct_span(c) > last ? base + direct_span(c) : last;
    }
    return last;
}

unsigned direct_ranges(const struct channel *c, unsigned end, struct direct_range out[PLAN_MAX_ENDS])
{
    uint64_t base = direct_files(c, end);
    unsigned n = 0;

    for (unsigned k = 0; base != 0U && k < c->sys->nr_ends; k++) {
        if (k != end) {
            out[n++] = (struct direct_range){base + plan_file_offset(k, 0), c->vm[k]->sys->nr_vcpus * PAGE_SIZE, &c->sys->end[k]};
        }
    }
    return n;
}

/* In capitals, as all in the log by which one VM can do something to another. */
const char *direct_text(struct run *r, const struct channel *c)
{
    const char *names = "";
    unsigned n = 0;

    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        if (direct_files(c, k) != 0U) {
            names = arena_printf(&r->arena, "%s%s%s", names, n == 0U ? "" : ", ", c->sys->end[k].name);
            n++;
        }
    }
    return n == 0U ? "" : arena_printf(&r->arena, "; DIRECT DOORBELLS: %s can raise any interrupt of its peers", names);
}
