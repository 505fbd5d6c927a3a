/* SPDX-License-Identifier: Apache-2.0 */
/* The last-level cache: what the plan says of it, or else the board's tree; and the colours that VMs ask for. */
#include "core/colour.h"
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>

#define MAX_LEVELS 8U

/* What a tree says of a cache (Devicetree Specification 3.8). */
struct found {
    const char *path; /* NULL: nothing, for the reason below */
    const char *why;
    uint64_t size, sets, line;
};

static uint32_t cell(const void *fdt, int node, const char *prop)
{
    int len = 0;
    const fdt32_t *value = fdt_getprop(fdt, node, prop, &len);

    return value != NULL && len == 4 ? fdt32_ld(value) : 0U;
}

/* The last of the caches that a CPU's node leads to, or the CPU's own. */
static int last_level(const void *fdt, int node)
{
    for (unsigned i = 0; i < MAX_LEVELS; i++) {
        uint32_t phandle = cell(fdt, node, "next-level-cache");
        int next = phandle != 0U ? fdt_node_offset_by_phandle(fdt, phandle) : -1;

        if (next < 0) {
            break;
        }
        node = next;
    }
    return node;
}

static struct found find(struct run *r)
{
    const struct board_facts *b = &r->board;
    struct found f = {.why = "the board's tree does not tell what its last-level cache is"};
    int node = last_level(b->fdt, b->cpu[0].node);

    for (uint32_t i = 0; node != b->cpu[0].node && i < b->nr_cpus; i++) {
        if (last_level(b->fdt, b->cpu[i].node) != node) {
            f.why = "the board's CPUs have no last-level cache in common";
            return f;
        }
    }
    if (node == b->cpu[0].node) {
        return f;
    }
    f.size = cell(b->fdt, node, "cache-size");
    f.sets = cell(b->fdt, node, "cache-sets");
    f.line = cell(b->fdt, node, "cache-line-size");
    f.line = f.line != 0U ? f.line : cell(b->fdt, node, "cache-block-size");
    if (f.size == 0U || f.sets == 0U || f.line == 0U || f.size % (f.sets * f.line) != 0U) {
        f.why = arena_printf(&r->arena, "the board's tree does not tell size, sets and lines of its last-level cache, %s",
                             node_path(&r->arena, b->fdt, node));
    } else {
        f.path = node_path(&r->arena, b->fdt, node);
    }
    return f;
}

/* As many colours as a way has pages; with more than there can be, a colour has several pages. */
static struct plan_llc of_plan(const struct sys_cache *c)
{
    struct plan_llc l = {.size = c->size, .ways = c->ways, .line = c->line};
    uint64_t pages = c->ways != 0U ? c->size / c->ways / PAGE_SIZE : 0U;

    l.colours = (uint32_t)(pages < LLC_MAX_COLOURS ? pages : LLC_MAX_COLOURS);
    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        l.hash[n] = c->hash[n];
    }
    return l;
}

static void cache_error(struct run *r, const char *prop, const char *what)
{
    diag_error(&r->diag, source_where(&r->sys.src, "/cache", prop), "/cache", "%s", what);
}

/* What keeps it from being coloured; false if it was told. */
static bool is_usable(struct run *r, const struct sys_cache *c)
{
    struct arena *a = &r->arena;
    uint64_t period = c->ways != 0U ? c->size / c->ways : 0U;
    struct plan_llc l = of_plan(c);

    if (c->size == 0U || c->ways == 0U || c->line == 0U) {
        return false; /* told already */
    }
    if (c->size % c->ways != 0U || (period & (period - 1U)) != 0U || (c->line & (c->line - 1U)) != 0U || c->line > PAGE_SIZE) {
        cache_error(r, "size", arena_printf(a, "%s in %" PRIu32 " ways with lines of %" PRIu32 " bytes are no cache whose sets are chosen by "
                                            "address bits; write size, ways and line as its manual does", size_text(a, c->size), c->ways, c->line));
        return false;
    }
    if (l.colours < 2U) {
        cache_error(r, "ways", arena_printf(a, "a way of %s is not above a page of 4 KiB: such a cache has no colours; remove it and all "
                                            "colours", size_text(a, period)));
        return false;
    }
    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        if ((c->hash[n] & (period - 1U)) != 0U) {
            cache_error(r, "hash", arena_printf(a, "mask %u, 0x%" PRIx64 ", has bits below a way's size, %s: those choose the set already; "
                                                "write what lies above", n, c->hash[n], size_text(a, period)));
            return false;
        }
        if (c->hash[n] != 0U && 1U << n >= l.colours) {
            cache_error(r, "hash", arena_printf(a, "mask %u is of a bit that no colour has: there are %" PRIu32 " colours; remove it", n, l.colours));
            return false;
        }
    }
    return true;
}

static void compare(struct run *r, const struct sys_cache *c, const struct found *f)
{
    if (f->path != NULL && (f->size != c->size || f->line != c->line || f->size / (f->sets * f->line) != c->ways)) {
        diag_warning(&r->diag, source_where(&r->sys.src, "/cache", NULL), "/cache",
                     "the board's tree says otherwise of %s: %s, %" PRIu64 " ways, lines of %" PRIu64 " bytes; the plan's word is taken", f->path,
                     size_text(&r->arena, f->size), f->size / (f->sets * f->line), f->line);
    }
}

/* Colours of the hypervisor, a VM or a region of it. */
static void check(struct run *r, const char *path, uint64_t colours, const struct plan_llc *l, const char *why)
{
    const char *where = source_where(&r->sys.src, path, "colours");

    if (colours == 0U) {
        return;
    }
    if (why != NULL) {
        diag_error(&r->diag, where, path, "colours of what cache? %s; write it into a node cache of /, like cache { size = \"1M\"; "
                   "ways = <16>; line = <64>; };", why);
    } else if (l->colours < LLC_MAX_COLOURS && colours >> l->colours != 0U) {
        diag_error(&r->diag, where, path, "the cache has %" PRIu32 " colours, 0-%" PRIu32 ", and not %s; name some of those", l->colours,
                   l->colours - 1U, colours_text(&r->arena, colours & ~((1ULL << l->colours) - 1U)));
    } else {
        r->llc = *l;
    }
}

void colours_resolve(struct run *r)
{
    struct sys_cache cache = r->sys.cache;
    struct found f = find(r);
    const char *why = NULL;

    if (cache.there) {
        if (!is_usable(r, &cache)) {
            return;
        }
        compare(r, &cache, &f);
    } else if (f.path == NULL) {
        why = f.why;
    } else {
        cache = (struct sys_cache){.size = f.size, .ways = (uint32_t)(f.size / (f.sets * f.line)), .line = (uint32_t)f.line};
    }
    struct plan_llc l = of_plan(&cache);

    if (why == NULL && !cache.there && !colour_llc_ok(&l)) {
        why = arena_printf(&r->arena, "%s of the board's tree has no colours", f.path);
    }
    check(r, "/hypervisor", r->sys.hv_colours, &l, why);
    for (unsigned i = 0; i < r->nr_vms; i++) {
        const struct sys_vm *s = r->vm[i].sys;

        check(r, s->path, s->colours, &l, why);
        for (unsigned k = 0; k < s->nr_regions; k++) {
            check(r, s->region[k].path, s->region[k].colours, &l, why);
        }
    }
    for (unsigned i = 0; i < r->nr_channels; i++) {
        check(r, r->channel[i].sys->path, r->channel[i].sys->colours, &l, why);
    }
}

const char *colours_text(struct arena *a, uint64_t colours)
{
    const char *s = "";

    for (unsigned c = 0; c < LLC_MAX_COLOURS; c++) {
        unsigned first = c;

        if ((colours >> c & 1U) == 0U) {
            continue;
        }
        while (c + 1U < LLC_MAX_COLOURS && (colours >> (c + 1U) & 1U) != 0U) {
            c++;
        }
        s = c == first ? arena_printf(a, "%s%s%u", s, s[0] != '\0' ? "," : "", first)
                       : arena_printf(a, "%s%s%u-%u", s, s[0] != '\0' ? "," : "", first, c);
    }
    return s;
}

uint64_t colours_of(const struct run *r, const struct vm *v)
{
    uint64_t all = r->llc.colours == LLC_MAX_COLOURS ? ~0ULL : (1ULL << r->llc.colours) - 1U;
    uint64_t own = r->sys.hv_colours != 0U ? r->sys.hv_colours : all;
    uint64_t mask = v == NULL ? own : 0U;

    for (unsigned k = 0; v != NULL && k < v->nr_ram; k++) {
        mask |= v->ram[k].colours != 0U ? v->ram[k].colours : all;
    }
    for (unsigned k = 0; v != NULL && k < r->nr_channels; k++) {
        uint64_t colours = r->channel[k].sys->colours;

        mask |= channel_end(&r->channel[k], v) < 0 ? 0U : colours != 0U ? colours : all;
    }
    return mask;
}

static const char *vm_colours(struct run *r, const struct vm *v)
{
    struct arena *a = &r->arena;
    uint64_t main = v->ram[0].colours;
    const char *s = main != 0U ? colours_text(a, main) : "not coloured";

    for (unsigned k = 1; k < v->nr_ram; k++) {
        if (v->ram[k].colours != main) {
            s = arena_printf(a, "%s, %s %s", s, ram_name(a, &v->ram[k]),
                             v->ram[k].colours != 0U ? colours_text(a, v->ram[k].colours) : "not coloured");
        }
    }
    for (unsigned k = 0; k < r->nr_channels; k++) {
        uint64_t colours = r->channel[k].sys->colours;

        if (channel_end(&r->channel[k], v) >= 0 && colours != main) {
            s = arena_printf(a, "%s, channel %s %s", s, r->channel[k].sys->name, colours != 0U ? colours_text(a, colours) : "not coloured");
        }
    }
    return s;
}

const char *colours_line(struct run *r)
{
    struct arena *a = &r->arena;

    if (r->llc.size == 0U) {
        return "";
    }
    const char *s = arena_printf(a, "cache %s, %" PRIu32 " ways, %" PRIu32 " B lines: %" PRIu32 " colours", size_text(a, r->llc.size),
                                 r->llc.ways, r->llc.line, r->llc.colours);

    for (unsigned i = 0; i < r->nr_vms; i++) {
        s = arena_printf(a, "%s; vm %s: %s", s, r->vm[i].sys->name, vm_colours(r, &r->vm[i]));
    }
    return arena_printf(a, "%s; hypervisor: %s\n", s, r->sys.hv_colours != 0U ? colours_text(a, r->sys.hv_colours) : "not coloured");
}
