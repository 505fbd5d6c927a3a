/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's tables. */
#include "hv/plan.h"

#include "hv/s2_format.h"

static const void *table(const struct plan *p, const struct plan_table *t)
{
    return (const uint8_t *)p + t->offset;
}

const struct plan_cpu *plan_cpu(const struct plan *p, uint32_t i)
{
    return (const struct plan_cpu *)table(p, &p->cpus) + i;
}

const struct plan_vm *plan_vm(const struct plan *p, uint32_t i)
{
    return (const struct plan_vm *)table(p, &p->vms) + i;
}

const struct plan_region *plan_region(const struct plan *p, uint32_t i)
{
    return (const struct plan_region *)table(p, &p->regions) + i;
}

const struct plan_irq *plan_irq(const struct plan *p, uint32_t i)
{
    return (const struct plan_irq *)table(p, &p->irqs) + i;
}

const struct plan_image *plan_image(const struct plan *p, uint32_t i)
{
    return (const struct plan_image *)table(p, &p->images) + i;
}

const struct plan_channel *plan_channel(const struct plan *p, uint32_t i)
{
    return &((const struct plan_channel *)table(p, &p->channels))[i];
}

#define GICC_BYTES    0x2000U  /* IHI 0048B 4.1.2 */
#define GICC_ALIASED  0x20000U /* each page 16 times */
#define GICC_BOUNDARY 0xf000U

paddr_t plan_gic_cpu_frame(const struct plan *p, unsigned frame)
{
    return PA(p->irqc_base[frame] + (p->irqc_size[frame] >= GICC_ALIASED ? GICC_BOUNDARY : 0U));
}

/* Entry n of what a controller has mapped for a VM besides its regions. */
static bool irqc_mapping(const struct plan *p, const struct plan_vm *vm, uint32_t n, struct plan_region *out)
{
    *out = (struct plan_region){.ipa = vm->irqc_ipa[1], .kind = PLAN_REGION_DEVICE, .rights = S2_R | S2_W};
    if (p->irqc_version == (uint32_t)PLAN_IRQC_GICV2) {
        out->pa = plan_gic_cpu_frame(p, PLAN_GICV).v;
        out->size = GICC_BYTES;
        return n == 0U;
    }
    if (p->irqc_version != (uint32_t)PLAN_IRQC_AIA || n >= vm->nr_vcpus || n >= HV_MAX_CPUS) {
        return false;
    }
    out->ipa += PAGE_SIZE * n;
    out->pa = plan_cpu(p, vm->cpus[n])->irqc_pa + PLAN_GUEST_FILE * PAGE_SIZE;
    out->size = PAGE_SIZE;
    return true;
}

bool plan_mapping(const struct plan *p, const struct plan_vm *vm, uint32_t i, struct plan_region *out)
{
    if (i < vm->nr_regions) {
        *out = *plan_region(p, vm->first_region + i);
        return true;
    }
    return irqc_mapping(p, vm, i - vm->nr_regions, out);
}
