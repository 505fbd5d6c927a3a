/* SPDX-License-Identifier: Apache-2.0 */
/* The layout as a binary plan. */
#include "hvplan.h"

#include <inttypes.h>
#include <string.h>

struct maker {
    struct run *r;
    struct plan *p;
    uint32_t end; /* bytes used */
    bool full;
};

/* Room for a table of `count` entries. */
static void *table(struct maker *m, struct plan_table *t, uint32_t count, size_t entry)
{
    uint64_t bytes = align_up(count * entry, 8);

    if (m->full || bytes > PLAN_MAX_BYTES - m->end) {
        m->full = true;
        return NULL;
    }
    *t = (struct plan_table){m->end, count};
    m->end += (uint32_t)bytes;
    return (uint8_t *)m->p + t->offset;
}

/* The registers of a device as whole pages; those that share or touch a page become one. */
static unsigned device_pages(const struct device *dev, struct reg_range *out)
{
    unsigned n = 0;

    for (unsigned i = 0; i < dev->nr_regs; i++) {
        uint64_t first = align_down(dev->reg[i].base, PAGE_SIZE);
        uint64_t last = align_down(dev->reg[i].base + (dev->reg[i].size - 1U), PAGE_SIZE);

        for (unsigned k = 0; k < n;) {
            uint64_t k_last = out[k].base + out[k].size - PAGE_SIZE;

            if (first <= k_last + PAGE_SIZE && out[k].base <= last + PAGE_SIZE) {
                first = out[k].base < first ? out[k].base : first;
                last = k_last > last ? k_last : last;
                out[k] = out[--n];
                k = 0;
            } else {
                k++;
            }
        }
        out[n++] = (struct reg_range){first, last - first + PAGE_SIZE};
    }
    return n;
}

static uint32_t vm_regions(const struct vm *v, struct plan_region *out)
{
    uint32_t n = 0;

    out[n++] = (struct plan_region){v->ram_ipa, v->block_pa, v->block_size, PLAN_REGION_RAM, 7};
    if (v->rest_size != 0U) {
        out[n++] =
            (struct plan_region){v->ram_ipa + v->block_size, v->rest_pa, v->rest_size, PLAN_REGION_RAM, 7};
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        struct reg_range pages[MAX_DEVICE_REGS];
        unsigned count = device_pages(&v->dev[i], pages);

        for (unsigned k = 0; k < count; k++) {
            out[n++] =
                (struct plan_region){pages[k].base, pages[k].base, pages[k].size, PLAN_REGION_DEVICE, 3};
        }
    }
    return n;
}

#define VM_REGIONS_MAX (2U + MAX_DEVICES * MAX_DEVICE_REGS)

static void fill_regions(struct maker *m, struct plan_vm *pv)
{
    struct run *r = m->r;
    static struct plan_region all[HV_MAX_VMS * VM_REGIONS_MAX];
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        pv[i].first_region = n;
        pv[i].nr_regions = vm_regions(&r->vm[i], all + n);
        n += pv[i].nr_regions;
    }
    struct plan_region *out = table(m, &m->p->regions, n, sizeof(*out));

    if (out != NULL) {
        memcpy(out, all, n * sizeof(*out));
    }
}

static void fill_irqs(struct maker *m, struct plan_vm *pv)
{
    struct run *r = m->r;
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        pv[i].first_irq = n;
        for (unsigned k = 0; k < r->vm[i].nr_devices; k++) {
            n += r->vm[i].dev[k].nr_irqs;
        }
        pv[i].nr_irqs = n - pv[i].first_irq;
    }
    struct plan_irq *out = table(m, &m->p->irqs, n, sizeof(*out));

    for (unsigned i = 0; out != NULL && i < r->nr_vms; i++) {
        for (unsigned k = 0; k < r->vm[i].nr_devices; k++) {
            const struct device *d = &r->vm[i].dev[k];

            for (unsigned q = 0; q < d->nr_irqs; q++) {
                *out++ =
                    (struct plan_irq){d->irq[q].intid, (d->irq[q].flags & 3U) != 0U ? PLAN_IRQ_EDGE : 0U};
            }
        }
    }
}

static void fill_images(struct maker *m, struct plan_vm *pv)
{
    struct run *r = m->r;
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        pv[i].first_image = n;
        pv[i].nr_images = r->vm[i].nr_pieces;
        n += r->vm[i].nr_pieces;
    }
    struct plan_image *out = table(m, &m->p->images, n, sizeof(*out));

    for (unsigned i = 0; out != NULL && i < r->nr_vms; i++) {
        const struct vm *v = &r->vm[i];

        for (unsigned k = 0; k < v->nr_pieces; k++) {
            const struct piece *c = &v->piece[k];
            uint64_t size = align_up(c->size, 8);
            uint64_t *padded = arena_alloc(&r->arena, size);

            memcpy(padded, c->data, c->size);
            *out++ = (struct plan_image){
                .pa = v->block_pa + (c->ipa - v->ram_ipa),
                .size = size,
                .sum = plan_sum_words(padded, size, (struct plan_sum){0, 0}),
                .flags = v->sys->check_image ? PLAN_IMAGE_CHECK : 0U,
                .pristine_pa = v->pristine[k],
            };
        }
    }
}

/* Address bits that hold everything up to and including `last`. */
static uint32_t bits_of(uint64_t last)
{
    uint32_t n = 0;

    while (n < 64U && last >> n != 0U) {
        n++;
    }
    return n;
}

static uint32_t ipa_bits(const struct run *r, const struct vm *v)
{
    static struct plan_region mine[VM_REGIONS_MAX];
    struct reg_range frame[2];
    uint32_t n = vm_regions(v, mine);
    uint32_t bits = 0;

    guest_gic_frames(r, v, frame);
    for (uint32_t i = 0; i < 2U; i++) {
        uint32_t b = bits_of(frame[i].base + (frame[i].size - 1U));

        bits = b > bits ? b : bits;
    }
    if (v->shared && bits_of(r->board.console_base + (PAGE_SIZE - 1U)) > bits) {
        bits = bits_of(r->board.console_base + (PAGE_SIZE - 1U));
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = bits_of(mine[i].ipa + (mine[i].size - 1U));

        bits = b > bits ? b : bits;
    }
    return bits;
}

static void fill_vm(const struct run *r, const struct vm *v, struct plan_vm *pv)
{
    memcpy(pv->name, v->sys->name, strnlen(v->sys->name, sizeof(pv->name) - 1U));
    pv->nr_vcpus = v->sys->nr_vcpus;
    memcpy(pv->cpus, v->cpus, pv->nr_vcpus * sizeof(pv->cpus[0]));
    pv->ipa_bits = ipa_bits(r, v);
    pv->entry = v->entry;
    pv->dtb = v->dtb_ipa;
    pv->irqc_ipa[0] = r->board.irqc_base[0];
    pv->irqc_ipa[1] = r->board.irqc_base[1];
    pv->on_reset = (uint32_t)v->sys->on_reset;
    pv->on_fault = (uint32_t)v->sys->on_fault;
    pv->pristine_pa = v->pristine_pa;
    pv->pristine_size = v->pristine_size;
    if (v->shared) { /* in the place of the board's own, which no VM has */
        pv->vuart_ipa = r->board.console_base;
        pv->vuart_irq = r->board.console_irq;
    }
}

static void fill_board(const struct run *r, struct plan *p)
{
    const struct board_facts *b = &r->board;
    uint32_t bits = bits_of(b->ram_base + (b->ram_size - 1U));

    memcpy(p->board, b->kind->name, strnlen(b->kind->name, sizeof(p->board) - 1U));
    p->isa = PLAN_ISA_ARMV8;
    p->ram_base = b->ram_base;
    p->ram_size = b->ram_size;
    p->pa_bits_min = bits > 32U ? bits : 32U;
    p->nr_irqs = 64;
    memcpy(p->irqc_base, b->irqc_base, sizeof(p->irqc_base));
    memcpy(p->irqc_size, b->irqc_size, sizeof(p->irqc_size));
    p->maint_irq = b->maint_irq;
    p->vtimer_irq = b->vtimer_irq;
    p->ptimer_irq = b->ptimer_irq;
    p->irqc_version = b->gic_version;
    p->htimer_irq = b->htimer_irq;
    p->console_base = b->console_base;
    if (r->shared) {
        p->console_size = b->console_size;
        p->console_irq = b->console_irq;
        p->console_cpu = r->console_cpu;
    }
}

static void fill_hv(const struct run *r, struct plan *p)
{
    p->hv_base = r->board.load_base;
    p->hv_size = HV_REGION_SIZE;
    p->hv_image_size = r->hv.file_size;
    p->hv_mem_size = r->hv.mem_size;
    p->hv_sum = plan_sum_words(r->hv.data, r->hv.file_size, (struct plan_sum){0, 0});
    p->plan_pa = p->hv_base + p->hv_mem_size;
    p->pool_pa = p->plan_pa + PLAN_MAX_BYTES;
    p->pool_pages = (p->hv_base + p->hv_size - p->pool_pa) / PAGE_SIZE;
}

static void need_irq(struct plan *p, uint32_t intid)
{
    uint32_t words = intid / 32U + 1U;

    p->nr_irqs = words * 32U > p->nr_irqs ? words * 32U : p->nr_irqs;
}

/* The smallest controller and address width that the plan needs. */
static void fill_needs(struct plan *p)
{
    need_irq(p, p->console_irq);
    for (uint32_t i = 0; i < p->irqs.count; i++) {
        need_irq(p, plan_irq(p, i)->intid);
    }
    /* Special INTIDs start at 1020 (IHI 0069H 2.2.1). */
    p->nr_irqs = p->nr_irqs > 1020U ? 1020U : p->nr_irqs;
    for (uint32_t i = 0; i < p->regions.count; i++) {
        uint32_t bits = bits_of(plan_region(p, i)->pa + (plan_region(p, i)->size - 1U));

        p->pa_bits_min = bits > p->pa_bits_min ? bits : p->pa_bits_min;
    }
    if (p->irqc_version == 2U) {
        uint32_t bits = bits_of(p->irqc_base[PLAN_GICV] + (p->irqc_size[PLAN_GICV] - 1U));

        p->pa_bits_min = bits > p->pa_bits_min ? bits : p->pa_bits_min;
    }
    for (uint32_t i = 0; i < p->vms.count; i++) {
        p->pa_bits_min = plan_vm(p, i)->ipa_bits > p->pa_bits_min ? plan_vm(p, i)->ipa_bits : p->pa_bits_min;
    }
}

void make_plan(struct run *r)
{
    struct maker m = {r, arena_alloc(&r->arena, PLAN_MAX_BYTES), sizeof(struct plan), false};
    struct plan_cpu *cpus;
    struct plan_vm *pv;

    r->plan = m.p;
    m.p->magic = PLAN_MAGIC;
    m.p->major = PLAN_MAJOR;
    m.p->minor = PLAN_MINOR;
    fill_board(r, m.p);
    fill_hv(r, m.p);
    cpus = table(&m, &m.p->cpus, r->board.nr_cpus, sizeof(*cpus));
    for (uint32_t i = 0; cpus != NULL && i < r->board.nr_cpus; i++) {
        cpus[i].hw_id = r->board.cpu[i].hw_id;
    }
    pv = table(&m, &m.p->vms, r->nr_vms, sizeof(*pv));
    for (unsigned i = 0; pv != NULL && i < r->nr_vms; i++) {
        fill_vm(r, &r->vm[i], &pv[i]);
    }
    fill_regions(&m, pv);
    fill_irqs(&m, pv);
    fill_images(&m, pv);
    fill_needs(m.p);
    const char *log = log_text_render(r);
    char *text = table(&m, &m.p->log, (uint32_t)strlen(log), 1);

    if (text == NULL) {
        diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms",
                   "the plan does not fit into %" PRIu64 " KiB; use fewer devices", PLAN_MAX_BYTES / 1024U);
        return;
    }
    memcpy(text, log, strlen(log));
    m.p->length = m.end;
    m.p->sum = plan_sum_self(m.p);
    plan_issues(r);
}
