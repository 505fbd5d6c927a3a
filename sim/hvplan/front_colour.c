/* SPDX-License-Identifier: Apache-2.0 */
/* Colours: the node /cache, and the property that VMs and their regions have. */
#include "front.h"

#include <libfdt.h>
#include <string.h>

#define HOW "write numbers from 0 on, in ascending order and each once, like \"0-7,12\""

/* Decimal digits, at most two, since there are 64 colours at most. */
static bool number(const char **at, unsigned *n)
{
    const char *s = *at;

    *n = 0;
    while (*s >= '0' && *s <= '9' && s - *at < 2) {
        *n = *n * 10U + (unsigned)(*s++ - '0');
    }
    bool ok = s != *at && *n < LLC_MAX_COLOURS && (**at != '0' || s - *at == 1);

    *at = s;
    return ok;
}

/* "0-7,12"; each number is above the one before. 0 if it is something else. */
static uint64_t parse(const char *s)
{
    uint64_t mask = 0;
    unsigned next = 0;

    for (;; s++) {
        unsigned first;
        unsigned last;

        if (!number(&s, &first) || first < next) {
            return 0;
        }
        last = first;
        if (*s == '-') {
            s++;
            if (!number(&s, &last) || last <= first) {
                return 0;
            }
        }
        for (unsigned c = first; c <= last; c++) {
            mask |= 1ULL << c;
        }
        next = last + 1U;
        if (*s != ',') {
            return *s == '\0' ? mask : 0U;
        }
    }
}

void value_colours(struct front *c, const struct value *v, uint64_t *out)
{
    if (!value_is_strings(v) || strlen(v->data) + 1U != (size_t)v->len || parse(v->data) == 0U) {
        front_value_error(c, v, WANTS(VALUE_STRINGS), HOW);
        return;
    }
    *out = parse(v->data);
}

static void cell(struct front *c, const struct value *v, uint32_t *out)
{
    uint64_t n = 0;

    if (v->len != 4 || !value_number(v, &n) || n == 0U) {
        front_value_error(c, v, WANTS(VALUE_CELLS), "write one cell that is not 0");
        return;
    }
    *out = (uint32_t)n;
}

/* Two cells each, one for each bit of a colour. */
static void read_hash(struct front *c, const struct value *v)
{
    struct sys_cache *cache = &c->s->cache;

    if (!front_is(v, VALUE_CELLS) || v->len == 0 || v->len % 8 != 0 || v->len / 8 > (int)LLC_COLOUR_BITS) {
        front_value_error(c, v, WANTS(VALUE_CELLS), "write a mask of two cells for each bit of a colour, the lowest first");
        return;
    }
    for (int i = 0; i < v->len / 8; i++) {
        cache->hash[i] = fdt64_ld((const fdt64_t *)v->data + i);
    }
}

static void cache_prop(struct front *c, const struct value *v)
{
    static const char *const known[] = {"size", "ways", "line", "hash", NULL};
    struct sys_cache *cache = &c->s->cache;

    if (strcmp(v->name, "size") == 0) {
        value_size(c, v, &cache->size);
    } else if (strcmp(v->name, "ways") == 0) {
        cell(c, v, &cache->ways);
    } else if (strcmp(v->name, "line") == 0) {
        cell(c, v, &cache->line);
    } else if (strcmp(v->name, "hash") == 0) {
        read_hash(c, v);
    } else if (strcmp(v->name, "phandle") != 0) {
        front_unknown(c, v->name, "property", v->name, known);
    }
}

void front_cache(struct front *c, int node)
{
    static const struct {
        const char *prop;
        const char *mend;
    } wanted[] = {{"size", "all of its bytes, like size = \"1M\";"},
                  {"ways", "how many lines a set has, like ways = <16>;"},
                  {"line", "the bytes of a line, like line = <64>;"}};
    int prop;
    int child;

    c->path = "/cache";
    c->s->cache.there = true;
    fdt_for_each_property_offset(prop, c->fdt, node)
    {
        struct value v = front_value_at(c, prop);

        cache_prop(c, &v);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(wanted); i++) {
        if (fdt_getprop(c->fdt, node, wanted[i].prop, NULL) == NULL) {
            front_error(c, NULL, arena_printf(c->a, "%s is missing; write %s", wanted[i].prop, wanted[i].mend));
        }
    }
    fdt_for_each_subnode(child, c->fdt, node)
    {
        front_error(c, NULL, arena_printf(c->a, "node %s in the cache; remove it", fdt_get_name(c->fdt, child, NULL)));
    }
    c->path = "/";
}
