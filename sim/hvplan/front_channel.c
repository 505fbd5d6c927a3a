/* SPDX-License-Identifier: Apache-2.0 */
/* The node /channels: a node each, with its endpoints by the names of their VMs. */
#include "front.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

/* In whole pages, since stage 2 gives rights by pages. */
static void value_pages(struct front *c, const struct value *v, uint64_t *out)
{
    uint64_t n = 0;

    value_size(c, v, &n);
    if (!is_aligned(n, PAGE_SIZE)) {
        front_error(c, v->name, arena_printf(c->a, "%s is not in whole pages of 4 KiB: %" PRIu64 " bytes; write a multiple, like \"64K\"",
                                             v->name, n));
        return;
    }
    if (n > IPA_LIMIT) { /* and so no sum of them wraps */
        front_error(c, v->name, arena_printf(c->a, "%s, %s, is more than any board has; write less", v->name, size_text(c->a, n)));
        return;
    }
    *out = n;
}

static void value_count(struct front *c, const struct value *v, uint32_t least, uint32_t most, uint32_t *out)
{
    uint64_t n = 0;

    if (!value_number(v, &n) || n < least || n > most) {
        front_value_error(c, v, WANTS(VALUE_CELLS), arena_printf(c->a, "write one cell, <%" PRIu32 "> to <%" PRIu32 ">", least, most));
        return;
    }
    *out = (uint32_t)n;
}

static void end_prop(struct front *c, const struct value *v, struct sys_endpoint *e)
{
    static const char *const known[] = {"output", "ro", "rate", "burst", NULL};

    if (strcmp(v->name, "output") == 0) {
        value_pages(c, v, &e->output);
    } else if (strcmp(v->name, "ro") == 0) {
        e->ro = value_flag(c, v);
    } else if (strcmp(v->name, "rate") == 0) {
        value_count(c, v, 0, PLAN_MAX_RATE, &e->rate);
    } else if (strcmp(v->name, "burst") == 0) {
        value_count(c, v, 1, PLAN_MAX_BURST, &e->burst);
    } else if (strcmp(v->name, "phandle") != 0) {
        front_unknown(c, v->name, "property", v->name, known);
    }
}

static void read_end(struct front *c, int node, struct sys_channel *ch)
{
    struct sys_endpoint *e = &ch->end[ch->nr_ends];
    int at;

    if (ch->nr_ends == PLAN_MAX_ENDS) {
        front_error(c, NULL, arena_printf(c->a, "too many endpoints; a channel has at most %u", PLAN_MAX_ENDS));
        return;
    }
    ch->nr_ends++;
    e->name = fdt_get_name(c->fdt, node, NULL);
    e->path = c->path;
    e->rate = DEFAULT_RATE;
    e->burst = DEFAULT_BURST;
    fdt_for_each_property_offset(at, c->fdt, node)
    {
        struct value v = front_value_at(c, at);

        end_prop(c, &v, e);
    }
    fdt_for_each_subnode(at, c->fdt, node)
    {
        front_error(c, NULL, arena_printf(c->a, "node %s in an endpoint; remove it", fdt_get_name(c->fdt, at, NULL)));
    }
}

static void read_ends(struct front *c, int node, struct sys_channel *ch)
{
    const char *ends = c->path;
    int at;

    front_no_props(c, node, "endpoints holds one node per VM");
    fdt_for_each_subnode(at, c->fdt, node)
    {
        c->path = arena_printf(c->a, "%s/%s", ends, fdt_get_name(c->fdt, at, NULL));
        read_end(c, at, ch);
    }
    c->path = ends;
}

static void read_doorbells(struct front *c, const struct value *v, struct sys_channel *ch)
{
    ch->doorbells = true;
    ch->direct = value_is_strings(v) && strcmp(v->data, "direct") == 0 && v->len == sizeof("direct");
    if (!ch->direct && v->len != 0) {
        front_value_error(c, v, WANTS(VALUE_NONE) | WANTS(VALUE_STRINGS),
                          "write doorbells; or, among VMs that trust each other, doorbells = \"direct\";");
    }
}

static void channel_prop(struct front *c, const struct value *v, struct sys_channel *ch)
{
    static const char *const known[] = {"memory", "colours", "doorbells", NULL};

    if (strcmp(v->name, "memory") == 0) {
        value_pages(c, v, &ch->memory);
    } else if (strcmp(v->name, "colours") == 0) {
        value_colours(c, v, &ch->colours);
    } else if (strcmp(v->name, "doorbells") == 0) {
        read_doorbells(c, v, ch);
    } else if (strcmp(v->name, "phandle") != 0) {
        front_unknown(c, v->name, "property", v->name, known);
    }
}

static void channel_node(struct front *c, int node, struct sys_channel *ch)
{
    static const char *const known[] = {"endpoints", NULL};
    const char *channel = c->path;
    const char *name = fdt_get_name(c->fdt, node, NULL);

    c->path = arena_printf(c->a, "%s/%s", channel, name);
    if (strcmp(name, known[0]) == 0) {
        read_ends(c, node, ch);
    } else {
        front_unknown(c, NULL, "node", name, known);
    }
    c->path = channel;
}

/* Rates without doorbells are of nothing; who may not ring has no burst. */
static void settle_rates(struct front *c, int node, struct sys_channel *ch)
{
    static const char *const props[] = {"rate", "burst"};
    int ends = fdt_subnode_offset(c->fdt, node, "endpoints");
    unsigned i = 0;
    int at;

    fdt_for_each_subnode(at, c->fdt, ends)
    {
        for (unsigned k = 0; k < ARRAY_SIZE(props) && i < ch->nr_ends && !ch->doorbells; k++) {
            if (fdt_getprop(c->fdt, at, props[k], NULL) != NULL) {
                const char *channel = c->path;

                c->path = ch->end[i].path;
                front_error(c, props[k], arena_printf(c->a, "the channel has no doorbells, of which %s would be; write doorbells; in it, or remove %s",
                                                      props[k], props[k]));
                c->path = channel;
            }
        }
        i++;
    }
    for (i = 0; i < ch->nr_ends; i++) {
        struct sys_endpoint *e = &ch->end[i];

        e->rate = ch->doorbells ? e->rate : 0U;
        e->burst = e->rate != 0U ? e->burst : 0U;
    }
}

/* That all of it is of use to somebody. What could not be read has its own error. */
static void check_channel(struct front *c, int node, const struct sys_channel *ch)
{
    bool there = fdt_getprop(c->fdt, node, "memory", NULL) != NULL;
    bool outputs = false;
    unsigned writers = 0;

    for (unsigned i = 0; i < ch->nr_ends; i++) {
        outputs = outputs || ch->end[i].output != 0U;
        writers += ch->end[i].ro ? 0U : 1U;
    }
    if (ch->nr_ends < 2U) {
        front_error(c, NULL, "a channel has two endpoints or more; write them as endpoints { NAME { }; NAME { }; }; with the names of VMs");
    } else if (!there && writers != ch->nr_ends) {
        front_error(c, NULL, "an endpoint is ro, and there is no common memory; remove ro, or write memory = \"4K\";");
    } else if (!there && !outputs && !ch->doorbells) {
        front_error(c, NULL, "a channel without memory or doorbells; write memory = \"4K\"; that all endpoints may write, output = \"4K\"; "
                    "in one of them, or doorbells;");
    } else if (there && writers == 0U) {
        front_error(c, "memory", "all endpoints are ro: nobody can write the common memory; remove it, or one ro");
    }
}

static void read_channel(struct front *c, int node)
{
    struct sys_channel *ch = &c->s->channel[c->s->nr_channels];
    int at;

    if (c->s->nr_channels == MAX_CHANNELS) {
        front_error(c, NULL, arena_printf(c->a, "too many channels; this version has room for %u", MAX_CHANNELS));
        return;
    }
    c->s->nr_channels++;
    ch->name = fdt_get_name(c->fdt, node, NULL);
    ch->path = c->path;
    if (!plan_name_ok(ch->name)) {
        front_error(c, NULL, "name of a channel is too long or has other characters than it may; use at most 15 letters, digits and "
                    ", . _ + -, the first one a letter");
    }
    fdt_for_each_property_offset(at, c->fdt, node)
    {
        struct value v = front_value_at(c, at);

        channel_prop(c, &v, ch);
    }
    fdt_for_each_subnode(at, c->fdt, node)
    {
        channel_node(c, at, ch);
    }
    settle_rates(c, node, ch);
    check_channel(c, node, ch);
}

void front_channels(struct front *c, int node)
{
    int at;

    c->path = "/channels";
    front_no_props(c, node, "/channels holds one node per channel");
    fdt_for_each_subnode(at, c->fdt, node)
    {
        c->path = arena_printf(c->a, "/channels/%s", fdt_get_name(c->fdt, at, NULL));
        read_channel(c, at);
    }
    c->path = "/";
}
