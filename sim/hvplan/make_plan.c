/* SPDX-License-Identifier: Apache-2.0 */
/* The layout as a binary plan. */
#include "plan_board.h"

#include "hv/s2_format.h"

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

#define VM_PAGES_MAX   (MAX_DEVICES * MAX_DEVICE_REGS)

/* Adds registers as whole pages to ranges of which none share or touch a page. */
static unsigned add_pages(const struct reg_range *reg, struct reg_range *out, unsigned n)
{
    uint64_t first = align_down(reg->base, PAGE_SIZE);
    uint64_t last = align_down(reg->base + (reg->size - 1U), PAGE_SIZE);

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
    return n;
}

/* Devices of a VM may share a page. What is in a page with others of another VM is apart. */
static uint32_t device_regions(const struct vm *v, bool shared, struct plan_region *out)
{
    struct reg_range pages[VM_PAGES_MAX];
    unsigned count = 0;

    for (unsigned i = 0; i < v->nr_devices; i++) {
        const struct device *d = &v->dev[i];

        if (d->in_shared_page != shared) {
            continue;
        }
        for (unsigned k = 0; k < d->nr_regs; k++) {
            count = add_pages(&d->reg[k], pages, count);
        }
    }
    for (unsigned k = 0; k < count; k++) {
        out[k] = (struct plan_region){pages[k].base, pages[k].base, pages[k].size,
                                      shared ? PLAN_REGION_SHARED : PLAN_REGION_DEVICE, S2_R | S2_W, 0};
    }
    return count;
}

/* True if the two parts of coloured memory are one: the second goes on where the first ends. */
static bool is_one(const struct run *r, const struct ram *m)
{
    struct extent all = {&r->llc, PA(m->block_pa), m->size, m->colours};
    struct extent rest = {&r->llc, PA(m->rest_pa), m->rest_size, m->colours};

    return m->colours != 0U && m->block_size != 0U && m->rest_size != 0U && m->rest_pa > m->block_pa &&
           extent_pa(&all, m->block_size).v == extent_pa(&rest, 0).v;
}

static uint32_t vm_regions(const struct run *r, const struct vm *v, struct plan_region *out)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < v->nr_ram; i++) {
        const struct ram *m = &v->ram[i];

        if (is_one(r, m)) {
            out[n++] = (struct plan_region){m->ipa, m->block_pa, m->size, PLAN_REGION_RAM, m->rights, m->colours};
            continue;
        }
        if (m->block_size != 0U) {
            out[n++] = (struct plan_region){m->ipa, m->block_pa, m->block_size, PLAN_REGION_RAM, m->rights, m->colours};
        }
        if (m->rest_size != 0U) {
            out[n++] = (struct plan_region){m->rest_ipa, m->rest_pa, m->rest_size, PLAN_REGION_RAM, m->rights, m->colours};
        }
    }
    n += device_regions(v, false, out + n);
    n += device_regions(v, true, out + n);
    return n + channel_regions(r, v, out + n);
}

#define VM_REGIONS_MAX (2U * (1U + MAX_REGIONS) + VM_PAGES_MAX + VM_CHANNEL_REGIONS)

static void fill_regions(struct maker *m, struct plan_vm *pv)
{
    struct run *r = m->r;
    static struct plan_region all[HV_MAX_VMS * VM_REGIONS_MAX];
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        pv[i].first_region = n;
        pv[i].nr_regions = vm_regions(r, &r->vm[i], all + n);
        n += pv[i].nr_regions;
    }
    struct plan_region *out = table(m, &m->p->regions, n, sizeof(*out));

    if (out != NULL) {
        memcpy(out, all, n * sizeof(*out));
    }
}

/* Its interrupts, each once: devices of a VM may have a line in common. */
static uint32_t vm_irqs(const struct vm *v, struct plan_irq *out)
{
    uint32_t n = 0;

    for (unsigned k = 0; k < v->nr_devices; k++) {
        for (unsigned q = 0; q < device_irqs(&v->dev[k]); q++) {
            uint32_t intid = v->dev[k].irq[q].intid;
            uint32_t at = 0;

            while (at < n && out[at].intid != intid) {
                at++;
            }
            out[at] = (struct plan_irq){intid, (v->dev[k].irq[q].flags & 3U) != 0U ? PLAN_IRQ_EDGE : 0U};
            n += at == n ? 1U : 0U;
        }
    }
    return n;
}

static void fill_irqs(struct maker *m, struct plan_vm *pv)
{
    static struct plan_irq all[HV_MAX_VMS * (MAX_DEVICES * MAX_DEVICE_IRQS + MAX_CHANNELS)];
    uint32_t n = 0;

    for (unsigned i = 0; i < m->r->nr_vms; i++) {
        pv[i].first_irq = n;
        pv[i].nr_irqs = vm_irqs(&m->r->vm[i], all + n);
        pv[i].nr_irqs += channel_irqs(m->r, &m->r->vm[i], all + n + pv[i].nr_irqs);
        n += pv[i].nr_irqs;
    }
    struct plan_irq *out = table(m, &m->p->irqs, n, sizeof(*out));

    if (out != NULL) {
        memcpy(out, all, n * sizeof(*out));
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
            struct extent copies = ram_pristine(r, v);
            uint64_t size = align_up(c->size, 8);
            uint64_t *padded = arena_alloc(&r->arena, size);

            memcpy(padded, c->data, c->size);
            *out++ = (struct plan_image){
                .pa = ram_piece_pa(r, v, c),
                .size = size,
                .sum = plan_sum_words(padded, size),
                .flags = v->sys->check_image ? PLAN_IMAGE_CHECK : 0U,
                .pristine_pa = v->pristine_size != 0U ? extent_pa(&copies, ram_pristine_offset(v, k)).v : 0U,
            };
        }
    }
}

static void fill_channels(struct maker *m)
{
    struct plan_channel *out = table(m, &m->p->channels, m->r->nr_channels, sizeof(*out));

    for (unsigned i = 0; out != NULL && i < m->r->nr_channels; i++) {
        channel_plan(m->r, &m->r->channel[i], &out[i]);
    }
}

static uint32_t ipa_bits(const struct run *r, const struct vm *v)
{
    static struct plan_region mine[VM_REGIONS_MAX];
    struct reg_range frame[2];
    uint32_t n = vm_regions(r, v, mine);
    uint64_t files = direct_end(r, v);
    uint32_t bits = files != 0U ? plan_bits(files - 1U) : 0U;

    guest_irqc_frames(r, v, frame);
    for (uint32_t i = 0; i < 2U; i++) {
        uint32_t b = frame[i].size != 0U ? plan_bits(frame[i].base + (frame[i].size - 1U)) : 0U;

        bits = b > bits ? b : bits;
    }
    if (v->shared && plan_bits(r->board.console_base + (PAGE_SIZE - 1U)) > bits) {
        bits = plan_bits(r->board.console_base + (PAGE_SIZE - 1U));
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = plan_bits(mine[i].ipa + (mine[i].size - 1U));

        bits = b > bits ? b : bits;
    }
    return bits;
}

static void fill_vm(const struct run *r, const struct vm *v, struct plan_vm *pv)
{
    struct reg_range frame[2];

    memcpy(pv->name, v->sys->name, strnlen(v->sys->name, sizeof(pv->name) - 1U));
    pv->nr_vcpus = v->sys->nr_vcpus;
    memcpy(pv->cpus, v->cpus, pv->nr_vcpus * sizeof(pv->cpus[0]));
    pv->ipa_bits = ipa_bits(r, v);
    pv->entry = v->entry;
    pv->dtb = v->dtb_ipa;
    guest_irqc_frames(r, v, frame);
    pv->irqc_ipa[0] = frame[0].base;
    pv->irqc_ipa[1] = frame[1].base;
    pv->on_reset = (uint32_t)v->sys->on_reset;
    pv->on_fault = (uint32_t)v->sys->on_fault;
    pv->flags = v->sys->trusted_dma ? PLAN_VM_TRUSTED_DMA : 0U;
    pv->pristine_pa = v->pristine_pa;
    pv->pristine_size = v->pristine_size;
    if (v->shared) { /* in the place of the board's own, which no VM has */
        pv->vuart_ipa = r->board.console_base;
        pv->vuart_irq = r->board.console_irq;
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
    plan_fill_board(r, m.p);
    plan_fill_hv(r, m.p);
    m.p->llc = r->llc;
    cpus = table(&m, &m.p->cpus, r->board.nr_cpus, sizeof(*cpus));
    for (uint32_t i = 0; cpus != NULL && i < r->board.nr_cpus; i++) {
        cpus[i] = (struct plan_cpu){.hw_id = r->board.cpu[i].hw_id,
                                    .needs = plan_cpu_needs(r, i),
                                    .irqc_pa = r->board.cpu[i].irqc_pa,
                                    .irqc_index = r->board.cpu[i].irqc_index};
    }
    pv = table(&m, &m.p->vms, r->nr_vms, sizeof(*pv));
    if (pv != NULL) {
        for (unsigned i = 0; i < r->nr_vms; i++) {
            fill_vm(r, &r->vm[i], &pv[i]);
        }
        fill_regions(&m, pv);
        fill_irqs(&m, pv);
        fill_images(&m, pv);
        fill_channels(&m);
    }
    if (!m.full) {
        plan_fill_needs(m.p);
    }
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
