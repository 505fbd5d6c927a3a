/* SPDX-License-Identifier: Apache-2.0 */
/* What the binary plan says of the board, the hypervisor itself, and what both have to have at least. */
#include "plan_board.h"

#include <string.h>

#include "hv/s2_format.h"

uint32_t plan_bits(uint64_t last)
{
    uint32_t n = 0;

    while (n < 64U && last >> n != 0U) {
        n++;
    }
    return n;
}

void plan_fill_board(const struct run *r, struct plan *p)
{
    const struct board_facts *b = &r->board;
    uint32_t bits = plan_bits(b->ram_base + (b->ram_size - 1U));
    uint64_t kept = b->kind->firmware_below ? b->kind->load_offset : 0U;

    memcpy(p->board, b->kind->name, strnlen(b->kind->name, sizeof(p->board) - 1U));
    p->isa = (uint32_t)b->isa;
    /* The firmware's memory is none that a plan may give away. */
    p->ram_base = b->ram_base + kept;
    p->ram_size = b->ram_size - kept;
    p->pa_bits_min = bits > 32U ? bits : 32U;
    p->nr_irqs = b->isa == PLAN_ISA_RISCV ? 33U + b->sources : 64U;
    memcpy(p->irqc_base, b->irqc_base, sizeof(p->irqc_base));
    memcpy(p->irqc_size, b->irqc_size, sizeof(p->irqc_size));
    p->maint_irq = b->maint_irq;
    p->vtimer_irq = b->vtimer_irq;
    p->ptimer_irq = b->ptimer_irq;
    p->irqc_version = (uint32_t)b->irqc;
    p->htimer_irq = b->htimer_irq;
    p->timebase_hz = b->timebase_hz;
    p->irqc_ids = b->irqc_ids;
    p->console_base = b->console_base;
    if (r->shared) {
        p->console_size = b->console_size;
        p->console_irq = b->console_irq;
        p->console_cpu = r->console_cpu;
    }
}

void plan_fill_hv(const struct run *r, struct plan *p)
{
    p->hv_base = r->board.load_base;
    p->hv_size = HV_REGION_SIZE;
    p->hv_image_size = r->hv.file_size;
    p->hv_mem_size = r->hv.mem_size;
    p->hv_sum = plan_sum_words(r->hv.data, r->hv.file_size);
    p->plan_pa = p->hv_base + p->hv_mem_size;
    p->pool_pa = p->plan_pa + PLAN_MAX_BYTES;
    p->hv_colours = r->sys.hv_colours;
    p->hv_home = r->hv_home;
}

static void need_irq(struct plan *p, uint32_t intid)
{
    uint32_t words = intid / 32U + 1U;

    p->nr_irqs = words * 32U > p->nr_irqs ? words * 32U : p->nr_irqs;
}

static void need_irqs(struct plan *p)
{
    need_irq(p, p->console_irq);
    for (uint32_t i = 0; i < p->irqs.count; i++) {
        need_irq(p, plan_irq(p, i)->intid);
    }
    /* Special INTIDs start at 1020 (IHI 0069H 2.2.1). */
    p->nr_irqs = p->nr_irqs > 1020U ? 1020U : p->nr_irqs;
}

static bool has_vm(const struct run *r, uint32_t cpu)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        for (uint32_t k = 0; k < r->vm[i].sys->nr_vcpus; k++) {
            if (r->vm[i].cpus[k] == cpu) {
                return true;
            }
        }
    }
    return false;
}

uint32_t plan_cpu_needs(struct run *r, uint32_t cpu)
{
    static const char *const vectors[] = {"v", "zve32x", "zve32f", "zve64x", "zve64f", "zve64d"};
    const struct board_facts *b = &r->board;
    int node = b->cpu[cpu].node;
    uint32_t needs = 0;

    if (b->isa != PLAN_ISA_RISCV || !has_vm(r, cpu)) {
        return 0;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
        needs |= riscv_isa_has(&r->arena, b->fdt, node, vectors[i]) ? PLAN_NEEDS_V : 0U;
    }
    return needs | (riscv_isa_has(&r->arena, b->fdt, node, "sstc") ? PLAN_NEEDS_SSTC : 0U);
}

static void need_bits(struct plan *p, uint32_t bits)
{
    p->pa_bits_min = bits > p->pa_bits_min ? bits : p->pa_bits_min;
}

/* The pool has what is left of the hypervisor's region. It has at least a page: if that is too much, plan_validate() says so. */
static void fill_pool(struct plan *p)
{
    uint64_t pages = (p->hv_base + p->hv_size - p->pool_pa) / PAGE_SIZE;
    uint64_t own = plan_own_pages(p);

    p->pool_pages = pages > own ? pages - own : 1U;
}

/* The pool, and the smallest controller and address width that the plan needs. On RISC-V it is the board's controller, whose number of
 * sources the guests are told. */
void plan_fill_needs(struct plan *p)
{
    fill_pool(p);
    if (p->isa == (uint32_t)PLAN_ISA_ARMV8) {
        need_irqs(p);
    }
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        struct plan_region r;
        struct s2_geometry geo;

        for (uint32_t i = 0; plan_mapping(p, plan_vm(p, vm), i, &r); i++) {
            need_bits(p, plan_bits(r.pa + (r.size - 1U)));
        }
        /* What guest addresses the table format translates at least: the CPU has to have as many. */
        if (s2_geometry(plan_vm(p, vm)->ipa_bits, 64, &geo) == HV_OK) {
            need_bits(p, geo.ipa_bits);
        }
    }
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        if (p->irqc_size[i] != 0U) {
            need_bits(p, plan_bits(p->irqc_base[i] + (p->irqc_size[i] - 1U)));
        }
    }
}
