/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a VM in plan binding v1, by a table of names and readers. What stands in nodes below it: front_region.c. */
#include "front.h"

#include <libfdt.h>
#include <string.h>

static unsigned wants_of(const char *name);

static void value_error(struct front *c, const struct value *v, const char *mend)
{
    front_value_error(c, v, wants_of(v->name), mend);
}

static void p_vcpus(struct front *c, const struct value *v)
{
    uint64_t n = 0;

    if (v->len != 4 || !value_number(v, &n) || n == 0U || n > VM_MAX_VCPUS) {
        value_error(c, v, arena_printf(c->a, "write one cell from 1 to %u", VM_MAX_VCPUS));
        return;
    }
    c->vm->nr_vcpus = (uint32_t)n;
}

static void p_cpus(struct front *c, const struct value *v)
{
    if (!front_is(v, VALUE_CELLS) || v->len == 0 || v->len % 4 != 0 || v->len / 4 > (int)VM_MAX_VCPUS) {
        value_error(c, v, arena_printf(c->a, "write 1 to %u cells, each the number of a CPU", VM_MAX_VCPUS));
        return;
    }
    c->vm->nr_cpus = (uint32_t)v->len / 4U;
    for (uint32_t i = 0; i < c->vm->nr_cpus; i++) {
        c->vm->cpus[i] = fdt32_ld((const fdt32_t *)v->data + i);
    }
}

static void p_memory(struct front *c, const struct value *v)
{
    value_memory(c, v, &c->vm->memory);
}

static void p_colours(struct front *c, const struct value *v)
{
    value_colours(c, v, &c->vm->colours);
}

static void p_image(struct front *c, const struct value *v)
{
    c->vm->image = value_string(c, v);
}

static void p_initrd(struct front *c, const struct value *v)
{
    c->vm->initrd = value_string(c, v);
}

static void p_bootargs(struct front *c, const struct value *v)
{
    c->vm->bootargs = value_string(c, v);
}

static void p_overlay(struct front *c, const struct value *v)
{
    c->vm->overlay = value_string(c, v);
}

static void p_console(struct front *c, const struct value *v)
{
    c->vm->console = value_string(c, v);
}

static void device_list(struct front *c, const struct value *v, const char *list[MAX_DEVICES], unsigned *n)
{
    if (!value_is_strings(v)) {
        value_error(c, v, "write paths, aliases or labels of the board's tree, like \"/pl011@9000000\", \"serial1\"");
        return;
    }
    for (int i = 0; i < v->len; i += (int)strlen(v->data + i) + 1) {
        if (*n == MAX_DEVICES) {
            value_error(c, v, arena_printf(c->a, "name at most %u devices", (unsigned)MAX_DEVICES));
            return;
        }
        list[(*n)++] = v->data + i;
    }
}

static void p_devices(struct front *c, const struct value *v)
{
    device_list(c, v, c->vm->devices, &c->vm->nr_devices);
}

static void p_shared(struct front *c, const struct value *v)
{
    device_list(c, v, c->vm->shared, &c->vm->nr_shared);
}

static void p_load(struct front *c, const struct value *v)
{
    c->vm->has_load = value_address(c, v, wants_of(v->name), PAGE_SIZE, "4 KiB", &c->vm->load);
}

static void p_entry(struct front *c, const struct value *v)
{
    c->vm->has_entry = value_address(c, v, wants_of(v->name), 4, "4, the size of an instruction", &c->vm->entry);
}

static void p_memory_address(struct front *c, const struct value *v)
{
    c->vm->has_ram = value_address(c, v, wants_of(v->name), SZ_2M, "2 MiB", &c->vm->ram);
}

/* Address 0 is how the binary plan says that no tree is wanted. */
static void p_dtb(struct front *c, const struct value *v)
{
    if (value_is_strings(v) && strcmp(v->data, "none") == 0 && v->len == 5) {
        c->vm->no_dtb = true;
        return;
    }
    c->vm->has_dtb = value_address(c, v, wants_of(v->name), 8, "8", &c->vm->dtb);
    if (c->vm->has_dtb && c->vm->dtb == 0U) {
        value_error(c, v, "address 0 cannot be told from no device tree: write another one, or \"none\"");
    }
}

static enum plan_policy policy(struct front *c, const struct value *v)
{
    const char *word = value_string(c, v);

    if (word == NULL || strcmp(word, "halt") == 0) {
        return PLAN_POLICY_HALT;
    }
    if (strcmp(word, "restart") == 0) {
        return PLAN_POLICY_RESTART;
    }
    value_error(c, v, "write \"halt\" or \"restart\"");
    return PLAN_POLICY_HALT;
}

static void p_on_reset(struct front *c, const struct value *v)
{
    c->vm->on_reset = policy(c, v);
}

static void p_on_fault(struct front *c, const struct value *v)
{
    if (value_is_strings(v) && strcmp(v->data, "notify") == 0) {
        front_error(c, v->name,
                    "on-fault = \"notify\" is not supported by this version; write \"halt\" or \"restart\"");
        return;
    }
    c->vm->on_fault = policy(c, v);
}

static void p_check_image(struct front *c, const struct value *v)
{
    c->vm->check_image = value_flag(c, v);
}

static void p_trusted_dma(struct front *c, const struct value *v)
{
    c->vm->trusted_dma = value_flag(c, v);
}

static void p_xn(struct front *c, const struct value *v)
{
    c->vm->xn = value_flag(c, v);
}

static const struct {
    const char *name;
    void (*read)(struct front *c, const struct value *v);
    unsigned wants;
} vm_props[] = {
    {"vcpus", p_vcpus, WANTS(VALUE_CELLS)},
    {"cpus", p_cpus, WANTS(VALUE_CELLS)},
    {"memory", p_memory, WANTS(VALUE_STRINGS) | WANTS(VALUE_CELLS)},
    {"colours", p_colours, WANTS(VALUE_STRINGS)},
    {"image", p_image, WANTS(VALUE_STRINGS)},
    {"initrd", p_initrd, WANTS(VALUE_STRINGS)},
    {"bootargs", p_bootargs, WANTS(VALUE_STRINGS)},
    {"overlay", p_overlay, WANTS(VALUE_STRINGS)},
    {"devices", p_devices, WANTS(VALUE_STRINGS)},
    {"shared", p_shared, WANTS(VALUE_STRINGS)},
    {"load", p_load, WANTS(VALUE_CELLS)},
    {"entry", p_entry, WANTS(VALUE_CELLS)},
    {"memory-address", p_memory_address, WANTS(VALUE_CELLS)},
    {"dtb", p_dtb, WANTS(VALUE_STRINGS) | WANTS(VALUE_CELLS)},
    {"console", p_console, WANTS(VALUE_STRINGS)},
    {"on-reset", p_on_reset, WANTS(VALUE_STRINGS)},
    {"on-fault", p_on_fault, WANTS(VALUE_STRINGS)},
    {"check-image", p_check_image, WANTS(VALUE_NONE)},
    {"trusted-dma", p_trusted_dma, WANTS(VALUE_NONE)},
    {"xn", p_xn, WANTS(VALUE_NONE)},
};

static unsigned wants_of(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vm_props); i++) {
        if (strcmp(name, vm_props[i].name) == 0) {
            return vm_props[i].wants;
        }
    }
    return 0;
}

const char *front_vm_known(const char *name, bool near)
{
    const char *known[ARRAY_SIZE(vm_props) + 1U] = {NULL};

    for (unsigned i = 0; i < ARRAY_SIZE(vm_props); i++) {
        if (strcmp(name, vm_props[i].name) == 0) {
            return vm_props[i].name;
        }
        known[i] = vm_props[i].name;
    }
    return near ? nearest(name, known) : NULL;
}

void front_vm_prop(struct front *c, const struct value *v)
{
    const char *known[ARRAY_SIZE(vm_props) + 1U] = {NULL};

    for (unsigned i = 0; i < ARRAY_SIZE(vm_props); i++) {
        if (strcmp(v->name, vm_props[i].name) == 0) {
            vm_props[i].read(c, v);
            return;
        }
        known[i] = vm_props[i].name;
    }
    if (strcmp(v->name, "console-cpu") == 0) {
        front_error(c, v->name, "property console-cpu is the whole system's; move it into the node /");
        return;
    }
    if (strcmp(v->name, "regions") == 0) {
        front_error(c, v->name, "regions is a node of the VM, not a property; write regions { NAME { ... }; };");
        return;
    }
    if (strcmp(v->name, "ro") == 0) {
        front_error(c, v->name, "property ro is a region's; write it into one of the VM's regions");
        return;
    }
    front_unknown(c, v->name, "property", v->name, known);
}
