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
    if (p->irqc_version != (uint32_t)PLAN_IRQC_AIA || n >= vm->nr_vcpus || n >= VM_MAX_VCPUS) {
        return false;
    }
    out->ipa += PAGE_SIZE * n;
    out->pa = plan_cpu(p, vm->cpus[n])->irqc_pa + PLAN_GUEST_FILE * PAGE_SIZE;
    out->size = PAGE_SIZE;
    return true;
}

/* Entry *n of the files of others that a VM has for a channel's direct doorbells; else *n is less by those there are. The page is made
 * of the table of CPUs alone: whatever else the plan says, it is the guest file of a vCPU of another endpoint. */
static bool peer_file(const struct plan *p, const struct plan_vm *vm, const struct plan_channel *ch, uint32_t *n, struct plan_region *out)
{
    uint32_t self = 0;

    while (self < ch->nr_ends && plan_vm(p, ch->end[self].vm) != vm) { /* at most PLAN_MAX_ENDS turns, as below */
        self++;
    }
    for (uint32_t k = 0; self < ch->nr_ends && ch->files_ipa[self] != 0U && k < ch->nr_ends; k++) {
        const struct plan_vm *peer = plan_vm(p, ch->end[k].vm);
        uint32_t files = k != self && ch->end[k].intid != 0U ? peer->nr_vcpus : 0U;

        if (*n < files) {
            *out = (struct plan_region){.ipa = ch->files_ipa[self] + plan_file_offset(k, *n),
                                        .pa = plan_cpu(p, peer->cpus[*n])->irqc_pa + PLAN_GUEST_FILE * PAGE_SIZE,
                                        .size = PAGE_SIZE,
                                        .kind = PLAN_REGION_DEVICE,
                                        .rights = S2_R | S2_W};
            return true;
        }
        *n -= files;
    }
    return false;
}

static bool direct_mapping(const struct plan *p, const struct plan_vm *vm, uint32_t i, struct plan_region *out)
{
    uint32_t n = i;

    for (uint32_t c = 0; c < p->channels.count; c++) { /* at most PLAN_MAX_CHANNELS turns */
        const struct plan_channel *ch = plan_channel(p, c);

        if ((ch->flags & PLAN_CHANNEL_DIRECT) != 0U && peer_file(p, vm, ch, &n, out)) {
            return true;
        }
    }
    return false;
}

uint32_t plan_mappings_max(const struct plan *p, const struct plan_vm *vm)
{
    return vm->nr_regions + HV_MAX_CPUS * (1U + p->channels.count); /* no CPU is in two VMs */
}

bool plan_mapping(const struct plan *p, const struct plan_vm *vm, uint32_t i, struct plan_region *out)
{
    if (i < vm->nr_regions) {
        *out = *plan_region(p, vm->first_region + i);
        return true;
    }
    uint32_t n = i - vm->nr_regions;

    if (irqc_mapping(p, vm, n, out)) {
        return true;
    }
    return p->irqc_version == (uint32_t)PLAN_IRQC_AIA && direct_mapping(p, vm, n - vm->nr_vcpus, out);
}
