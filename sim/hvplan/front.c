/* SPDX-License-Identifier: Apache-2.0 */
/* system.dts -> struct system: plan binding v1 (guests/systems/README.md). */
#include "front.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

void front_error(struct front *c, const char *prop, const char *what)
{
    diag_error(c->d, source_where(&c->s->src, c->path, prop), c->path, "%s", what);
}

void front_unknown(struct front *c, const char *prop, const char *kind, const char *name,
                   const char *const *known)
{
    const char *near = nearest(name, known);

    if (near != NULL) {
        front_error(c, prop, arena_printf(c->a, "unknown %s %s; did you mean %s?", kind, name, near));
    } else {
        front_error(c, prop,
                    arena_printf(c->a, "unknown %s %s; remove it, or see hvplan --help for what there is",
                                 kind, name));
    }
}

/* A property of a VM that stands where none is. */
static bool belongs_to_vm(struct front *c, const char *name)
{
    if (front_vm_known(name, false) == NULL) {
        return false;
    }
    front_error(c, name, arena_printf(c->a, "property %s stands outside of a VM; move it into a node of /vms", name));
    return true;
}

struct value front_value_at(struct front *c, int prop)
{
    struct value v = {NULL, NULL, 0, VALUE_UNKNOWN};

    v.data = fdt_getprop_by_offset(c->fdt, prop, &v.name, &v.len);
    v.kind = source_kind(&c->s->src, c->path, v.name);
    return v;
}

void front_no_props(struct front *c, int node, const char *holds)
{
    int prop;

    fdt_for_each_property_offset(prop, c->fdt, node)
    {
        struct value v = front_value_at(c, prop);

        front_error(c, v.name, arena_printf(c->a, "unknown property %s; %s and nothing else", v.name, holds));
    }
}

static bool has(struct front *c, int node, const char *prop)
{
    return fdt_getprop(c->fdt, node, prop, NULL) != NULL;
}

/* A device knows physical addresses only: RAM has those, and lies where hvplan puts it. */
static void check_trusted_dma(struct front *c, int node)
{
    static const char *const fixed[] = {"memory-address", "load", "entry"};
    const struct sys_vm *vm = c->vm;

    for (unsigned i = 0; vm->trusted_dma && i < ARRAY_SIZE(fixed); i++) {
        if (has(c, node, fixed[i])) {
            front_error(c, fixed[i],
                        arena_printf(c->a, "with trusted-dma RAM has its physical addresses, where hvplan puts it; remove %s",
                                     fixed[i]));
        }
    }
    if (vm->trusted_dma && vm->colours != 0U) {
        front_error(c, "colours", "with trusted-dma RAM has its physical addresses, and coloured memory is none that follow each other; "
                    "remove colours");
    }
    if (vm->trusted_dma && vm->has_dtb) {
        front_error(c, "dtb", "with trusted-dma RAM has its physical addresses, where hvplan puts it; remove dtb");
    }
    if (vm->trusted_dma && vm->xn) {
        front_error(c, "xn", "with trusted-dma the image cannot be loaded elsewhere; remove xn");
    }
    if (vm->trusted_dma && vm->nr_regions != 0U) {
        front_error(c, NULL, "with trusted-dma RAM has its physical addresses, where hvplan puts it; remove regions");
    }
    if (vm->trusted_dma && vm_restarts(vm)) {
        front_error(c, vm->on_reset == PLAN_POLICY_RESTART ? "on-reset" : "on-fault",
                    "devices that do DMA go on when the VM ends, and would write into its next life; with trusted-dma write "
                    "\"halt\"");
    }
}

/* What must be there, and what must agree. */
static void check_vm(struct front *c, int node)
{
    struct sys_vm *vm = c->vm;

    if (!has(c, node, "vcpus") && !has(c, node, "cpus")) {
        front_error(c, NULL, "vcpus is missing; write how many the VM has, like vcpus = <1>;");
    } else if (!has(c, node, "vcpus")) {
        vm->nr_vcpus = vm->nr_cpus;
    } else if (vm->nr_vcpus != 0U && vm->nr_cpus != 0U && vm->nr_vcpus != vm->nr_cpus) {
        front_error(c, "cpus",
                    arena_printf(c->a, "%" PRIu32 " CPUs for %" PRIu32 " vCPUs; name one CPU per vCPU",
                                 vm->nr_cpus, vm->nr_vcpus));
    }
    if (!has(c, node, "memory")) {
        front_error(c, NULL, "memory is missing; write its size, like memory = \"256M\";");
    }
    if (!has(c, node, "image")) {
        front_error(c, NULL, "image is missing; write the file to boot, like image = \"Image\";");
    }
    if (vm->no_dtb && vm->bootargs != NULL) {
        front_error(c, "bootargs", "bootargs are told in the device tree, and dtb = \"none\"; remove one of them");
    }
    if (vm->no_dtb && vm->overlay != NULL) {
        front_error(c, "overlay", "an overlay is laid on the device tree, and dtb = \"none\"; remove one of them");
    }
    check_trusted_dma(c, node);
}

static void check_name(struct front *c)
{
    const char *name = c->vm->name;

    if (strcmp(name, "hv") == 0) {
        front_error(c, NULL, "the name hv marks the hypervisor's own lines; give the VM another");
    } else if (!plan_name_ok(name)) {
        front_error(c, NULL,
                    "name of a VM is too long or has other characters than it may; use at most 15 letters, digits and "
                    ", . _ + -, the first one a letter");
    }
}

/* A VM has one node below it. */
static void read_child(struct front *c, int child)
{
    static const char *const nodes[] = {"regions", NULL};
    const char *name = fdt_get_name(c->fdt, child, NULL);
    const char *vm = c->path;
    const char *known = front_vm_known(name, true);

    c->path = arena_printf(c->a, "%s/%s", vm, name);
    if (strcmp(name, nodes[0]) == 0) {
        front_regions(c, child);
    } else if (known != NULL) {
        front_error(c, NULL, arena_printf(c->a, "unknown node %s in a VM; did you mean the property %s = ...;?", name, known));
    } else if (nearest(name, nodes) != NULL) {
        front_unknown(c, NULL, "node", name, nodes);
    } else {
        front_error(c, NULL, arena_printf(c->a, "unknown node %s in a VM; remove it", name));
    }
    c->path = vm;
}

static void read_vm(struct front *c, int node)
{
    int prop;
    int child;

    if (c->s->nr_vms == HV_MAX_VMS) {
        front_error(c, NULL, arena_printf(c->a, "too many VMs; this version has room for %u", HV_MAX_VMS));
        return;
    }
    c->vm = &c->s->vm[c->s->nr_vms++];
    c->vm->name = fdt_get_name(c->fdt, node, NULL);
    c->vm->path = c->path;
    check_name(c);
    fdt_for_each_property_offset(prop, c->fdt, node)
    {
        struct value v = front_value_at(c, prop);

        if (strcmp(v.name, "phandle") != 0) {
            front_vm_prop(c, &v);
        }
    }
    fdt_for_each_subnode(child, c->fdt, node)
    {
        read_child(c, child);
    }
    check_vm(c, node);
}

static void read_vms(struct front *c, int vms)
{
    int prop;
    int node;

    c->path = "/vms";
    fdt_for_each_property_offset(prop, c->fdt, vms)
    {
        const char *name = NULL;

        fdt_getprop_by_offset(c->fdt, prop, &name, NULL);
        if (!belongs_to_vm(c, name)) {
            front_error(c, name,
                        arena_printf(c->a, "unknown property %s; /vms holds one node per VM and nothing else", name));
        }
    }
    fdt_for_each_subnode(node, c->fdt, vms)
    {
        c->path = arena_printf(c->a, "/vms/%s", fdt_get_name(c->fdt, node, NULL));
        read_vm(c, node);
    }
    c->path = "/vms";
    if (c->s->nr_vms == 0U) {
        front_error(c, NULL, "there is no VM; write one node per VM in it");
    }
}

static void read_console_cpu(struct front *c, const struct value *v)
{
    c->s->has_console_cpu = v->len == 4 && front_is(v, VALUE_CELLS);
    if (c->s->has_console_cpu) {
        c->s->console_cpu = fdt32_ld((const fdt32_t *)v->data);
    } else {
        front_value_error(c, v, WANTS(VALUE_CELLS), "write one cell, the number of a CPU");
    }
}

static void read_root_prop(struct front *c, const struct value *v)
{
    static const char *const known[] = {"compatible", "model", "console-cpu", NULL};

    if (strcmp(v->name, "console-cpu") == 0) {
        read_console_cpu(c, v);
    } else if (strcmp(v->name, "compatible") != 0 && strcmp(v->name, "model") != 0 && !belongs_to_vm(c, v->name)) {
        front_unknown(c, v->name, "property", v->name, known);
    }
}

/* A node that is none of those there are: perhaps a VM that is not in /vms. */
static void wrong_root_node(struct front *c, int node)
{
    static const char *const known[] = {"vms", "channels", "hypervisor", "cache", NULL};
    const char *name = fdt_get_name(c->fdt, node, NULL);

    c->path = arena_printf(c->a, "/%s", name);
    if (has(c, node, "vcpus") || has(c, node, "image")) {
        front_error(c, NULL, arena_printf(c->a, "node %s is outside of /vms; VMs stand in it: move it there", name));
    } else {
        front_unknown(c, NULL, "node", name, known);
    }
    c->path = "/";
}

static void read_root_node(struct front *c, int node)
{
    const char *name = fdt_get_name(c->fdt, node, NULL);

    if (strcmp(name, "hypervisor") == 0) {
        front_hypervisor(c, node);
    } else if (strcmp(name, "cache") == 0) {
        front_cache(c, node);
    } else if (strcmp(name, "channels") == 0) {
        front_channels(c, node);
    } else if (strcmp(name, "vms") != 0) {
        wrong_root_node(c, node);
    }
}

static void read_root(struct front *c)
{
    int prop;
    int node;

    if (fdt_node_check_compatible(c->fdt, 0, "bulkhead,system-v1") != 0) {
        front_error(c, "compatible",
                    "not a system of binding v1; write compatible = \"bulkhead,system-v1\";");
    }
    fdt_for_each_property_offset(prop, c->fdt, 0)
    {
        struct value v = front_value_at(c, prop);

        read_root_prop(c, &v);
    }
    fdt_for_each_subnode(node, c->fdt, 0)
    {
        read_root_node(c, node);
    }
}

void front_read(struct arena *a, struct diag *d, struct system *s)
{
    struct front c = {a, d, s, s->src.dtb.data, NULL, "/"};
    int vms;

    read_root(&c);
    vms = fdt_subnode_offset(c.fdt, 0, "vms");
    if (vms < 0) {
        front_error(&c, NULL, "there is no node /vms; write the VMs into it");
        return;
    }
    read_vms(&c, vms);
}
