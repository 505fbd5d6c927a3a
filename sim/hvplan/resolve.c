/* SPDX-License-Identifier: Apache-2.0 */
/* Names -> things of the board: CPUs, devices and the console of every VM; nothing is given away twice. */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

/* Who owns each CPU; NULL = free. */
struct cpu_owners {
    const struct sys_vm *of[HV_MAX_CPUS];
};

static void named_cpus(struct run *r, struct vm *v, struct cpu_owners *own)
{
    for (uint32_t i = 0; i < v->sys->nr_cpus; i++) {
        uint32_t cpu = v->sys->cpus[i];

        if (cpu >= r->board.nr_cpus) {
            vm_error(r, v->sys, "cpus", "CPU %" PRIu32 " does not exist; the board has CPUs 0 to %" PRIu32,
                     cpu, r->board.nr_cpus - 1U);
        } else if (own->of[cpu] != NULL) {
            vm_error(r, v->sys, "cpus",
                     "CPU %" PRIu32 " already belongs to %s; give every CPU to one vCPU only", cpu,
                     own->of[cpu]->path);
        } else {
            own->of[cpu] = v->sys;
        }
        v->cpus[i] = cpu;
    }
}

static void choose_cpus(struct run *r, struct vm *v, struct cpu_owners *own)
{
    uint32_t got = 0;

    for (uint32_t cpu = 0; cpu < r->board.nr_cpus && got < v->sys->nr_vcpus; cpu++) {
        if (own->of[cpu] == NULL) {
            own->of[cpu] = v->sys;
            v->cpus[got++] = cpu;
        }
    }
    if (got < v->sys->nr_vcpus) {
        vm_error(r, v->sys, "vcpus",
                 "%" PRIu32 " vCPUs, but only %" PRIu32 " CPUs are left of the board's %" PRIu32 "; give %s fewer",
                 v->sys->nr_vcpus, got, r->board.nr_cpus, got == 0U ? "another VM" : "this VM or another one");
    }
}

struct device *device_of(struct vm *v, int node)
{
    for (unsigned i = 0; i < v->nr_devices; i++) {
        if (v->dev[i].node == node) {
            return &v->dev[i];
        }
    }
    return NULL;
}

struct device *device_owned(struct run *r, int node, struct vm **owner)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        struct device *d = device_of(&r->vm[i], node);

        if (d != NULL) {
            *owner = &r->vm[i];
            return d;
        }
    }
    return NULL;
}

bool device_taken(struct run *r, int node)
{
    struct vm *owner = NULL;

    return device_owned(r, node, &owner) != NULL || (node == r->board.console_node && console_owner(r) == NULL);
}

int resolve_name(struct run *r, const struct vm *v, const char *prop, const char *name)
{
    int node = find_node(r->board.fdt, name);

    if (node < 0) {
        vm_error(r, v->sys, prop, "the board has no device %s; %s", name, find_suggestion(&r->arena, r->board.fdt, name));
        return -1;
    }
    const char *two = find_ambiguity(&r->arena, r->board.fdt, name);

    if (two != NULL) {
        vm_error(r, v->sys, prop, "%s is both %s; write the path of the one that is meant", name, two);
        return -1;
    }
    return node;
}

/* What its driver will miss. Names that go with such a property go without saying. */
static void warn_of_lack(struct run *r, const struct vm *v, const struct device *dev)
{
    const char *lacks = "";
    int prop;

    fdt_for_each_property_offset(prop, r->board.fdt, dev->node)
    {
        const char *name = NULL;

        fdt_getprop_by_offset(r->board.fdt, prop, &name, NULL);
        if (guest_device_lacks(name) && strstr(name, "-names") == NULL) {
            lacks = arena_printf(&r->arena, "%s%s%s", lacks, lacks[0] != '\0' ? ", " : "", name);
        }
    }
    if (lacks[0] != '\0') {
        diag_warning(&r->diag, source_where(&r->sys.src, v->sys->path, "devices"), v->sys->path,
                     "%s goes to the VM without its %s: the VM has nothing that these name, and the device stays as the firmware set "
                     "it up",
                     dev->path, lacks);
    }
}

static void add_device(struct run *r, unsigned index, const char *name)
{
    struct vm *v = &r->vm[index];
    int node = resolve_name(r, v, "devices", name);
    struct device dev;

    if (node < 0) {
        return;
    }
    const char *why = device_read(&r->arena, &r->board, node, v->sys->trusted_dma, &dev);
    struct vm *other = NULL;

    (void)device_owned(r, node, &other);

    if (why != NULL) {
        bool dma = device_read(&r->arena, &r->board, node, true, &dev) == NULL;

        vm_error(r, v->sys, "devices", "%s cannot be given to a VM: it %s; remove it from devices%s", dev.path, why,
                 dma ? ", or give this VM trusted-dma, if you trust it with all memory" : "");
        return;
    }
    if (other != NULL) {
        vm_error(r, v->sys, "devices", "%s already belongs to %s; give every device to one VM only, once",
                 dev.path, other->sys->path);
        return;
    }
    v->dev[v->nr_devices++] = dev;
    warn_of_lack(r, v, &dev);
}

void resolve(struct run *r)
{
    struct cpu_owners own = {{NULL}};

    for (unsigned i = 0; i < r->nr_vms; i++) {
        ram_collect(r, &r->vm[i]);
        named_cpus(r, &r->vm[i], &own);
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        if (r->vm[i].sys->nr_cpus == 0U) {
            choose_cpus(r, &r->vm[i], &own);
        }
        for (unsigned k = 0; k < r->vm[i].sys->nr_devices; k++) {
            add_device(r, i, r->vm[i].sys->devices[k]);
        }
    }
    resolve_shared(r);
    resolve_console(r);
}
