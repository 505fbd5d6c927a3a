/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): one VM after the other. */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

static bool slice_ok(uint32_t first, uint32_t count, uint32_t table)
{
    return first <= table && count <= table - first;
}

bool plan_check_has_regions(const struct plan *p, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(p, vm);

    return slice_ok(v->first_region, v->nr_regions, p->regions.count);
}

bool plan_check_has_images(const struct plan *p, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(p, vm);

    return slice_ok(v->first_image, v->nr_images, p->images.count);
}

static bool is_letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_name_char(char ch)
{
    return is_letter(ch) || (ch >= '0' && ch <= '9') || ch == ',' || ch == '.' || ch == '_' || ch == '+' || ch == '-';
}

bool plan_name_ok(const char *name)
{
    size_t n = 0;

    while (n < PLAN_NAME_BYTES && is_name_char(name[n])) {
        n++;
    }
    if (n == PLAN_NAME_BYTES || name[n] != '\0' || !is_letter(name[0])) {
        return false;
    }
    return n != 2U || name[0] != 'h' || name[1] != 'v';
}

static bool same_name(const struct plan_vm *a, const struct plan_vm *b)
{
    for (size_t i = 0; i < sizeof(a->name); i++) {
        if (a->name[i] != b->name[i]) {
            return false;
        }
        if (a->name[i] == '\0') {
            break;
        }
    }
    return true;
}

static void check_names(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if (!plan_name_ok(v->name)) {
        plan_check_issue(c, PLAN_E_VM_NAME, vm, NONE, NONE);
    }
    for (uint32_t other = 0; other < vm; other++) {
        if (same_name(v, plan_vm(c->p, other))) {
            plan_check_issue(c, PLAN_E_VM_NAME, vm, other, NONE);
        }
    }
}

/* vCPUs of a VM that may be looked at: a count that is too large is an issue of its own. */
static uint32_t vcpus_of(const struct plan_vm *v)
{
    return v->nr_vcpus <= VM_MAX_VCPUS ? v->nr_vcpus : 0U;
}

/* The CPU among vCPUs 0..n-1 of v. */
static bool uses_cpu(const struct plan_vm *v, uint32_t n, uint32_t cpu)
{
    for (uint32_t i = 0; i < n; i++) {
        if (v->cpus[i] == cpu) {
            return true;
        }
    }
    return false;
}

static void check_cpus(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if (v->nr_vcpus == 0U || v->nr_vcpus > VM_MAX_VCPUS) {
        plan_check_issue(c, PLAN_E_COUNT, vm, NONE, NONE);
    }
    for (uint32_t i = 0; i < vcpus_of(v); i++) {
        if (v->cpus[i] >= c->p->cpus.count) {
            plan_check_issue(c, PLAN_E_CPU_RANGE, vm, v->cpus[i], NONE);
        }
        if (uses_cpu(v, i, v->cpus[i])) {
            plan_check_issue(c, PLAN_E_CPU_TWICE, vm, v->cpus[i], vm);
        }
        for (uint32_t other = 0; other < vm; other++) {
            const struct plan_vm *o = plan_vm(c->p, other);

            if (uses_cpu(o, vcpus_of(o), v->cpus[i])) {
                plan_check_issue(c, PLAN_E_CPU_TWICE, vm, v->cpus[i], other);
            }
        }
    }
    for (uint32_t i = vcpus_of(v); i < VM_MAX_VCPUS; i++) {
        if (v->cpus[i] != 0U) {
            plan_check_issue(c, PLAN_E_FIELD, vm, i, NONE);
            break;
        }
    }
}

static void check_fields(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if ((v->flags & ~PLAN_VM_TRUSTED_DMA) != 0U || v->on_reset > PLAN_POLICY_RESTART || v->on_fault > PLAN_POLICY_RESTART) {
        plan_check_issue(c, PLAN_E_FIELD, vm, NONE, NONE);
    }
    if (v->ipa_bits < 12U || v->ipa_bits > c->p->pa_bits_min) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, NONE, NONE);
    }
}

static void check_trusted_dma(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if ((v->flags & PLAN_VM_TRUSTED_DMA) == 0U) {
        return;
    }
    if (plan_vm_restarts(v)) {
        plan_check_issue(c, PLAN_E_TRUSTED_DMA, vm, NONE, NONE);
    }
    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(c->p, v->first_region + i);

        if (plan_region_is_memory(r) && r->ipa != r->pa) {
            plan_check_issue(c, PLAN_E_TRUSTED_DMA, vm, v->first_region + i, NONE);
        }
    }
}

/* One frame of the virtual controller: there if the kind has it, aligned, inside the IPA size. False ends the search. */
static bool check_frame(const struct plan_check *c, uint32_t vm, unsigned i)
{
    const struct plan_vm *v = plan_vm(c->p, vm);
    uint64_t base = v->irqc_ipa[i];
    uint64_t size = plan_check_frame_size(c->p, v, i);

    if (v->nr_vcpus != 0U && size == 0U && base == 0U) {
        return true;
    }
    if (v->nr_vcpus == 0U || !range_ok(base, size) || !is_aligned(base, plan_check_frame_align(c->p, v, i))) {
        plan_check_issue(c, PLAN_E_REGION_IRQC, vm, NONE, NONE);
        return false;
    }
    if (v->ipa_bits < 64U && ((base + (size - 1U)) >> v->ipa_bits) != 0U) {
        plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, NONE, NONE);
    }
    return true;
}

static void check_frames(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);
    uint64_t first = plan_check_frame_size(c->p, v, 0);
    uint64_t second = plan_check_frame_size(c->p, v, 1);

    if (check_frame(c, vm, 0) && check_frame(c, vm, 1) && second != 0U &&
        ranges_overlap(v->irqc_ipa[0], first, v->irqc_ipa[1], second)) {
        plan_check_issue(c, PLAN_E_REGION_IRQC, vm, NONE, NONE);
    }
}

/* The RAM region of the VM that holds all of [base, base + size), guest addresses, or NULL. */
static const struct plan_region *ram_around(const struct plan *p, const struct plan_vm *v, uint64_t base, uint64_t size)
{
    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(p, v->first_region + i);

        if (r->kind == PLAN_REGION_RAM && range_within(base, size, r->ipa, r->size)) {
            return r;
        }
    }
    return NULL;
}

static void check_entry(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);
    const struct plan_region *r = ram_around(c->p, v, v->entry, 4);

    if (r == NULL || (r->rights & 4U) == 0U || !is_aligned(v->entry, 4)) {
        plan_check_issue(c, PLAN_E_ENTRY, vm, NONE, NONE);
    }
    /* A device tree starts with a header of 40 bytes (Devicetree Specification 5.2). */
    if (v->dtb != 0U && (!is_aligned(v->dtb, 8) || ram_around(c->p, v, v->dtb, 40) == NULL)) {
        plan_check_issue(c, PLAN_E_ENTRY, vm, NONE, NONE);
    }
}

static void check_images(const struct plan_check *c, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(c->p, vm);

    if (v->nr_images > VM_MAX_IMAGES) {
        plan_check_issue(c, PLAN_E_COUNT, vm, NONE, NONE);
    }
    for (uint32_t i = v->first_image; i < v->first_image + v->nr_images; i++) {
        const struct plan_image *m = plan_image(c->p, i);

        if (m->reserved != 0U || (m->flags & ~PLAN_IMAGE_CHECK) != 0U) {
            plan_check_issue(c, PLAN_E_FIELD, vm, i, NONE);
        }
        uint64_t offset;

        if (!is_aligned(m->pa | m->size, 8) || extent_of_image(c->p, v, m, &offset) == NULL) {
            plan_check_issue(c, PLAN_E_IMAGE, vm, i, NONE);
        }
    }
}

/* Slices follow each other without gaps, so that every entry has exactly one owner. */
static void check_order(const struct plan_check *c)
{
    const struct plan *p = c->p;
    uint32_t regions = 0;
    uint32_t irqs = 0;
    uint32_t images = 0;

    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(p, vm);

        if (v->first_region != regions || v->first_irq != irqs || v->first_image != images) {
            plan_check_issue(c, PLAN_E_TABLE_ORDER, vm, NONE, NONE);
        }
        /* May wrap in a wrong plan; the slices were or will be compared with the tables. */
        regions = v->first_region + v->nr_regions;
        irqs = v->first_irq + v->nr_irqs;
        images = v->first_image + v->nr_images;
    }
    if (regions != p->regions.count || irqs != p->irqs.count || images != p->images.count) {
        plan_check_issue(c, PLAN_E_TABLE_ORDER, NONE, NONE, NONE);
    }
}

void plan_check_vms(const struct plan_check *c)
{
    const struct plan *p = c->p;

    check_order(c);
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(p, vm);

        check_names(c, vm);
        check_cpus(c, vm);
        check_fields(c, vm);
        check_frames(c, vm);
        if (!plan_check_has_regions(p, vm) || !slice_ok(v->first_irq, v->nr_irqs, p->irqs.count) ||
            !plan_check_has_images(p, vm)) {
            plan_check_issue(c, PLAN_E_TABLE_ORDER, vm, NONE, NONE);
            continue;
        }
        check_trusted_dma(c, vm);
        check_entry(c, vm);
        check_images(c, vm);
    }
}
