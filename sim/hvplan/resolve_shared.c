/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several devices have in common: registers in one page of 4 KiB, so that whoever has one reaches all, and the line of an
 * interrupt. One VM may have all of them. Devices of several VMs are an error, unless each of these VMs names its own in
 * `shared`; then each reaches the others' registers, and the interrupt goes to the first of the VMs.
 */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

static bool pages_touch(const struct reg_range *a, const struct reg_range *b)
{
    uint64_t a_first = a->base / PAGE_SIZE;
    uint64_t a_last = (a->base + (a->size - 1U)) / PAGE_SIZE;
    uint64_t b_first = b->base / PAGE_SIZE;
    uint64_t b_last = (b->base + (b->size - 1U)) / PAGE_SIZE;

    return a_first <= b_last && b_first <= a_last;
}

static bool pages_touch_any(const struct reg_range *reg, const struct device *dev)
{
    for (unsigned k = 0; k < dev->nr_regs; k++) {
        if (pages_touch(reg, &dev->reg[k])) {
            return true;
        }
    }
    return false;
}

static bool devices_touch(const struct device *a, const struct device *b)
{
    for (unsigned k = 0; k < a->nr_regs; k++) {
        if (pages_touch_any(&a->reg[k], b)) {
            return true;
        }
    }
    return false;
}

/* A node with registers in a page of the device, of those behind `node` in the tree; negative if there is none. */
static int next_neighbour(const void *fdt, const struct device *dev, int node)
{
    for (node = fdt_next_node(fdt, node, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL)) {
        struct reg_range reg;
        int there = device_reg_start(fdt, node, 0, &reg);

        for (unsigned i = 1; there >= 0; i++) { /* as many as there are, of which some may be out of reach */
            if (there > 0 && pages_touch_any(&reg, dev)) {
                return node;
            }
            there = device_reg_start(fdt, node, i, &reg);
        }
    }
    return -1;
}

/* Why a VM may not have what is at `node` even by the page of another device; NULL if it may. */
static const char *kept(struct run *r, const struct vm *v, int node)
{
    struct device there;

    if (node == r->board.console_node && console_owner(r) == NULL) {
        return "is the hypervisor's console";
    }
    return device_read(&r->arena, &r->board, node, v->sys->trusted_dma, &there);
}

/* How else it could be had; `why` it could not be shared, or NULL. */
static const char *page_hint(const char *why, bool owned)
{
    if (why != NULL) {
        return "";
    }
    return owned ? ", or write each into the property shared of its VM, if the VMs may reach each other's"
                 : ", or write it into the property shared, if the VM may reach both";
}

/* True, and told, if the device must not be the VM's because of what is at `node` in its page. A VM that has that has its own say. */
static bool page_refused(struct run *r, const struct vm *v, const struct device *dev, int node)
{
    struct vm *owner = NULL;
    bool owned = device_owned(r, node, &owner) != NULL;
    const char *why = kept(r, v, node);
    const char *name = node_path(&r->arena, r->board.fdt, node);

    if (dev->may_share && why != NULL) {
        vm_error(r, v->sys, "shared", "%s shares a page of 4 KiB with %s, which cannot be shared: it %s; remove it from devices",
                 dev->path, name, why);
    } else if (!dev->may_share) {
        vm_error(r, v->sys, "devices",
                 "%s shares a page of 4 KiB with %s, so that whoever has one has both; give this VM both, or remove it from "
                 "devices%s",
                 dev->path, name, page_hint(why, owned));
    }
    return !dev->may_share || why != NULL;
}

/* The first neighbour of a device that is in the way is told. */
static void check_pages(struct run *r, struct vm *v, struct device *dev)
{
    for (int node = next_neighbour(r->board.fdt, dev, 0); node >= 0; node = next_neighbour(r->board.fdt, dev, node)) {
        if (device_of(v, node) == NULL) {
            dev->in_shared_page = true;
            if (page_refused(r, v, dev, node)) {
                return;
            }
        }
    }
}

/* The trigger of a line, if the device has it. */
static bool has_line(const struct device *d, uint32_t intid, uint32_t *flags)
{
    for (unsigned q = 0; q < d->nr_irqs; q++) {
        if (d->irq[q].intid == intid) {
            *flags = d->irq[q].flags;
            return true;
        }
    }
    return false;
}

static bool same_line(const struct device *a, const struct device *b, bool *one_trigger)
{
    uint32_t flags = 0;
    bool found = false;

    for (unsigned q = 0; q < a->nr_irqs; q++) {
        if (has_line(b, a->irq[q].intid, &flags)) {
            *one_trigger = *one_trigger && flags == a->irq[q].flags;
            found = true;
        }
    }
    return found;
}

/* Two devices with a line in common; the owner of the other comes first in the plan. False after an error. */
static bool check_line(struct run *r, const struct vm *v, struct device *dev, const struct device *other, const struct vm *owner)
{
    bool one_trigger = true;

    if (!same_line(dev, other, &one_trigger)) {
        return true;
    }
    if (!one_trigger) {
        vm_error(r, v->sys, "devices", "%s has the same interrupt as %s, which is triggered in another way there; remove one of them "
                 "from devices", dev->path, other->path);
        return false;
    }
    if (owner != v && !(dev->may_share && other->may_share)) {
        vm_error(r, v->sys, "devices",
                 "%s has the same interrupt as %s, which belongs to %s; give one VM both, or remove one of them from devices, or write "
                 "each into the property shared of its VM: then %s gets the interrupt, and this VM none of its device's",
                 dev->path, other->path, owner->sys->path, owner->sys->path);
        return false;
    }
    if (owner != v && other->line_taker == NULL && dev->line_taker == NULL) {
        dev->line_taker = other;
        dev->line_vm = owner->sys->name;
    }
    return true;
}

/* Against the devices before it, in the order of the plan. */
static void check_lines(struct run *r, const struct vm *v, struct device *dev)
{
    bool good = true;

    for (unsigned i = 0; i < r->nr_vms && &r->vm[i] <= v && good; i++) {
        for (unsigned k = 0; k < r->vm[i].nr_devices && &r->vm[i].dev[k] != dev && good; k++) {
            good = check_line(r, v, dev, &r->vm[i].dev[k], &r->vm[i]);
        }
    }
    if (dev->line_taker != NULL) {
        diag_warning(&r->diag, source_where(&r->sys.src, v->sys->path, "shared"), v->sys->path,
                     "%s goes to the VM without interrupts: vm %s gets the one that it has in common with %s", dev->path, dev->line_vm,
                     dev->line_taker->path);
    }
}

/* Its devices that are in a page with one of its own that is in a shared page have regions of the same kind. */
static bool spread(struct vm *v)
{
    bool more = false;

    for (unsigned i = 0; i < v->nr_devices; i++) {
        for (unsigned k = 0; k < v->nr_devices; k++) {
            if (!v->dev[i].in_shared_page && v->dev[k].in_shared_page && devices_touch(&v->dev[i], &v->dev[k])) {
                v->dev[i].in_shared_page = true;
                more = true;
            }
        }
    }
    return more;
}

static bool is_named(const struct run *r, const struct sys_vm *s, int node)
{
    for (unsigned i = 0; i < s->nr_devices; i++) {
        if (find_node(r->board.fdt, s->devices[i]) == node) {
            return true;
        }
    }
    return false;
}

static void mark(struct run *r, struct vm *v)
{
    for (unsigned i = 0; i < v->sys->nr_shared; i++) {
        int node = resolve_name(r, v, "shared", v->sys->shared[i]);
        struct device *d = device_of(v, node);

        if (d != NULL) {
            d->may_share = true;
        } else if (node >= 0 && !is_named(r, v->sys, node)) { /* else what is wrong with it is told already */
            vm_error(r, v->sys, "shared", "%s is not one of the VM's devices; write it into devices, too, or remove it",
                     v->sys->shared[i]);
        }
    }
}

static void check_vm(struct run *r, struct vm *v)
{
    for (unsigned k = 0; k < v->nr_devices; k++) {
        check_pages(r, v, &v->dev[k]);
        check_lines(r, v, &v->dev[k]);
    }
    while (spread(v)) { /* each turn is one device more at least */
    }
}

void resolve_shared(struct run *r)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        mark(r, &r->vm[i]);
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        check_vm(r, &r->vm[i]);
    }
}

static const char *pages_text(struct run *r, struct vm *v, const struct device *dev)
{
    const char *s = "";

    for (int node = next_neighbour(r->board.fdt, dev, 0); node >= 0; node = next_neighbour(r->board.fdt, dev, node)) {
        struct vm *owner = NULL;
        const char *name = node_path(&r->arena, r->board.fdt, node);

        if (device_of(v, node) == NULL) {
            s = device_owned(r, node, &owner) == NULL ? arena_printf(&r->arena, "%s, %s of nobody's", s, name)
                                                      : arena_printf(&r->arena, "%s, %s of vm %s", s, name, owner->sys->name);
        }
    }
    return s[0] == '\0' ? "" : arena_printf(&r->arena, "vm %s: SHARED PAGE: by %s it reaches%s\n", v->sys->name, dev->path, s + 1);
}

const char *shared_text(struct run *r)
{
    const char *s = "";

    for (unsigned i = 0; i < r->nr_vms; i++) {
        struct vm *v = &r->vm[i];

        for (unsigned k = 0; k < v->nr_devices; k++) {
            const struct device *d = &v->dev[k];

            s = arena_printf(&r->arena, "%s%s", s, d->in_shared_page ? pages_text(r, v, d) : "");
            if (d->line_taker != NULL) {
                s = arena_printf(&r->arena, "%svm %s: SHARED INTERRUPT: vm %s gets that of %s, for its %s\n", s, v->sys->name, d->line_vm,
                                 d->path, d->line_taker->path);
            }
        }
    }
    return s;
}
