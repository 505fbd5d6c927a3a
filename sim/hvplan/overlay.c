/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's overlay on a VM's generated tree. It may add what it likes, and change what a device is said to be; what the plan
 * decides stays as hvplan wrote it: memory, CPUs, firmware, timer and interrupt controller with all in them, how addresses and
 * interrupts are written, where the initrd is, and the registers and interrupts of devices. The trees before and after are
 * compared, so it does not matter by which way an overlay reaches them.
 */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

#define ROOM 4096 /* for what libfdt moves about */

struct overlay {
    struct run *r;
    struct vm *v;
    const void *before;
    const void *after;
    const void *dtbo; /* as it was read: libfdt spoils the copy that it applies */
};

/* The line of the overlay's source that sets a property (NULL: that makes the node) of the guest's tree. */
static const char *where_in(const struct overlay *o, const char *path, const char *prop)
{
    const struct source *s = o->v->overlay_source;
    int fragment;

    if (s == NULL) {
        return o->v->overlay_where;
    }
    fdt_for_each_subnode(fragment, o->dtbo, 0)
    {
        const char *target = fdt_getprop(o->dtbo, fragment, "target-path", NULL);
        size_t n = target == NULL ? 0U : strcmp(target, "/") == 0 ? 0U : strlen(target);

        if (target == NULL || strncmp(path, target, n) != 0 || (path[n] != '/' && path[n] != '\0')) {
            continue;
        }
        const char *rest = strcmp(path + n, "/") == 0 ? "" : path + n;
        const char *in = arena_printf(&o->r->arena, "/%s/__overlay__%s", fdt_get_name(o->dtbo, fragment, NULL), rest);

        for (const struct source_line *l = s->lines; l != NULL; l = l->next) {
            if (strcmp(l->path, in) == 0 && (prop == NULL ? l->prop == NULL : l->prop != NULL && strcmp(l->prop, prop) == 0)) {
                return l->where;
            }
        }
    }
    return o->v->overlay_where;
}

static void overlay_error(const struct overlay *o, const char *path, const char *prop, const char *what)
{
    diag_error(&o->r->diag, where_in(o, path, prop), path, "overlay of %s: %s", o->v->sys->path, what);
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(name, *list) == 0) {
            return true;
        }
    }
    return false;
}

/* A node directly below the root whose name, without its address, is the hypervisor's. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {"memory", "cpus", "psci", "__symbols__", "__fixups__", "__local_fixups__", NULL};
    char base[16];
    size_t n = strcspn(name, "@");

    if (n >= sizeof(base)) {
        return false;
    }
    memcpy(base, name, n);
    base[n] = '\0';
    return is_one_of(base, names);
}

/* A node that stays as it is with all below it: what the plan or the instruction set decides. */
static bool is_closed(const void *fdt, int node)
{
    static const char *const paths[] = {"/timer", "/psci", "/cpus", NULL};
    char path[128];
    uint32_t phandle = fdt_get_phandle(fdt, node);

    if (fdt_get_path(fdt, node, path, sizeof(path)) != 0) {
        return false;
    }
    return is_one_of(path, paths) || strncmp(path, "/cpus/", 6) == 0 || strncmp(path, "/memory@", 8) == 0 ||
           strncmp(path, "/reserved-memory/", 17) == 0 ||
           phandle == IRQC_PHANDLE || phandle == IMSIC_PHANDLE;
}

static bool is_kept(const char *prop)
{
    static const char *const names[] = {"#address-cells",     "#size-cells", "reg", "interrupts", "interrupts-extended", "interrupt-parent",
                                        "linux,initrd-start", "linux,initrd-end", "phandle", "ranges", "no-map", NULL};

    return is_one_of(prop, names);
}

/* What a node is and reaches: an overlay cannot say it of a node that hvplan made, even where hvplan did not. */
static bool is_decided(const char *prop, const char *value, int len)
{
    static const char *const names[] = {"reg", "interrupts", "interrupts-extended", "interrupt-parent", "linux,initrd-start",
                                        "linux,initrd-end", NULL};
    bool type = strcmp(prop, "device_type") == 0 && len > 0 && value[len - 1] == '\0';

    return is_one_of(prop, names) || (type && (strcmp(value, "memory") == 0 || strcmp(value, "cpu") == 0));
}

/* Properties of a node that was there before: none of those that are kept is another now; if it is closed, none is new. */
static void compare_props(const struct overlay *o, int before, int after, const char *path)
{
    bool closed = is_closed(o->before, before);
    int prop;

    fdt_for_each_property_offset(prop, o->after, after)
    {
        const char *name = NULL;
        int len = 0;
        int old_len = 0;
        const void *value = fdt_getprop_by_offset(o->after, prop, &name, &len);
        const void *old = fdt_getprop(o->before, before, name, &old_len);
        bool same = old != NULL && old_len == len && memcmp(old, value, (size_t)len) == 0;

        if (!same && (closed || (old != NULL && is_kept(name)) || is_decided(name, value, len))) {
            overlay_error(o, path, name,
                          arena_printf(&o->r->arena, "%s is what the plan decides and hvplan writes; remove it from the overlay", name));
        }
    }
}

/* A node that the overlay made. */
static void check_new(const struct overlay *o, int node, int parent, const char *path)
{
    const char *type = fdt_getprop(o->after, node, "device_type", NULL);
    const char *name = fdt_get_name(o->after, node, NULL);

    if (parent == 0 && is_reserved(name)) {
        overlay_error(o, path, NULL, "this name is reserved for what hvplan writes; give the node another one");
    } else if (type != NULL && (strcmp(type, "memory") == 0 || strcmp(type, "cpu") == 0)) {
        overlay_error(o, path, NULL, arena_printf(&o->r->arena, "a node with device_type %s; only the plan gives memory and CPUs: write it there", type));
    }
}

static void compare_trees(const struct overlay *o)
{
    int depth = 0;

    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(o->after, node, &depth)) {
        const char *path = node_path(&o->r->arena, o->after, node);
        int before = fdt_path_offset(o->before, path);
        int parent = node > 0 ? fdt_parent_offset(o->after, node) : -1;

        /* libfdt takes "/timer" for "/timer@1" as well */
        bool there = before >= 0 && strcmp(fdt_get_name(o->before, before, NULL), fdt_get_name(o->after, node, NULL)) == 0;

        if (there) {
            compare_props(o, before, node, path);
            continue;
        }
        int above = parent >= 0 ? fdt_path_offset(o->before, node_path(&o->r->arena, o->after, parent)) : -1;

        if (above > 0 && is_closed(o->before, above)) {
            overlay_error(o, path, NULL, "a node below what the plan decides and hvplan writes; remove it from the overlay");
        } else {
            check_new(o, node, parent, path);
        }
    }
}

/* Why libfdt could not apply it. */
static void told_why(const struct overlay *o, int rc)
{
    struct arena *a = &o->r->arena;
    int fixups = fdt_path_offset(o->dtbo, "/__fixups__");
    int prop = fixups >= 0 ? fdt_first_property_offset(o->dtbo, fixups) : -1;
    const char *label = NULL;
    int fragment;

    if (prop >= 0) {
        fdt_getprop_by_offset(o->dtbo, prop, &label, NULL);
        overlay_error(o, "/", NULL,
                      arena_printf(a, "it refers to the label %s, and a guest's tree has no labels; name the node by its path, as in &{/%s}", label, label));
        return;
    }
    fdt_for_each_subnode(fragment, o->dtbo, 0)
    {
        const char *target = fdt_getprop(o->dtbo, fragment, "target-path", NULL);

        if (target != NULL && fdt_path_offset(o->before, target) < 0) {
            overlay_error(o, target, NULL, "the guest's tree has no such node to add to; name one that it has, or add to the one above it");
            return;
        }
    }
    overlay_error(o, "/", NULL, arena_printf(a, "it does not fit the guest's tree: %s; mend it", fdt_strerror(rc)));
}

static bool has_fragment(const void *dtbo)
{
    int node;

    fdt_for_each_subnode(node, dtbo, 0)
    {
        if (fdt_subnode_offset(dtbo, node, "__overlay__") >= 0) {
            return true;
        }
    }
    return false;
}

void overlay_check(struct run *r, struct vm *v)
{
    if (fdt_check_full(v->overlay.data, v->overlay.size) != 0) {
        vm_error(r, v->sys, "overlay", "%s is a damaged device tree blob; compile it again", v->sys->overlay);
        v->overlay.data = NULL;
    } else if (!has_fragment(v->overlay.data)) {
        vm_error(r, v->sys, "overlay", "%s is a device tree but no overlay; write it as /dts-v1/; /plugin/; &{/PATH} { ... };", v->sys->overlay);
        v->overlay.data = NULL;
    }
}

void overlay_apply(struct run *r, struct vm *v)
{
    struct overlay o = {.r = r, .v = v, .before = v->dtb.data, .dtbo = v->overlay.data};
    size_t room = v->dtb.size + v->overlay.size + ROOM;
    void *after = arena_alloc(&r->arena, room);
    void *spoilt = arena_alloc(&r->arena, v->overlay.size);

    memcpy(spoilt, v->overlay.data, v->overlay.size);
    int rc = fdt_open_into(v->dtb.data, after, (int)room);

    rc = rc == 0 ? fdt_overlay_apply(after, spoilt) : rc;
    if (rc != 0) {
        told_why(&o, rc);
        return;
    }
    o.after = after;
    compare_trees(&o);
    fdt_pack(after);
    v->dtb.data = after;
    v->dtb.size = fdt_totalsize(after);
}
