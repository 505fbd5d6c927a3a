/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's tables and sums. */
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

/* The whole hypervisor goes through here at boot: sixteen words at a time, by hand, since in link-time optimisation the compiler
 * forgets that it was told to. */
#define EIGHT   8U
#define SIXTEEN 16U

static inline void add_eight(struct plan_sum *s, const uint64_t *word)
{
    uint64_t a = s->s0 + word[0];
    uint64_t b = a + word[1];
    uint64_t c = b + word[2];
    uint64_t d = c + word[3];
    uint64_t e = d + word[4];
    uint64_t f = e + word[5];
    uint64_t g = f + word[6];

    s->s0 = g + word[7];
    s->s1 += a + b + c + d + e + f + g + s->s0;
}

struct plan_sum plan_sum_words(const void *p, uint64_t bytes, struct plan_sum start)
{
    const uint64_t *word = p;
    uint64_t n = bytes / sizeof(*word);
    struct plan_sum s = start;
    uint64_t i = 0;

    for (; i + SIXTEEN <= n; i += SIXTEEN) {
        add_eight(&s, &word[i]);
        add_eight(&s, &word[i + EIGHT]);
    }
    for (; i < n; i++) {
        s.s0 += word[i];
        s.s1 += s.s0;
    }
    return s;
}

struct plan_sum plan_sum_self(const struct plan *p)
{
    const uint64_t before = offsetof(struct plan, sum);
    const uint64_t after = before + sizeof(p->sum);
    struct plan_sum s = plan_sum_words(p, before, (struct plan_sum){0, 0});

    /* Two zero words stand where the sum is kept: s0 stays, s1 takes it twice. */
    s.s1 += 2U * s.s0;
    return plan_sum_words((const uint8_t *)p + after, p->length - after, s);
}
