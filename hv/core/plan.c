/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's tables and sums. */
#include "hv/plan.h"

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

struct plan_sum plan_sum_words(const void *p, uint64_t bytes, struct plan_sum start)
{
    const uint64_t *word = p;
    struct plan_sum s = start;

    for (uint64_t i = 0; i < bytes / sizeof(*word); i++) {
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
