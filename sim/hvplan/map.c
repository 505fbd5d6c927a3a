/* SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <inttypes.h>
#include <stdlib.h>

#define MAX_MEMORY  (10U + MAX_CHANNELS * CHANNEL_PIECES + HV_MAX_VMS * (2U * (1U + MAX_REGIONS) + 2U + MAX_PIECES))
#define MAX_MAPPED  (PLAN_IRQC_FRAMES + 1U + HV_MAX_VMS * MAX_DEVICES * MAX_DEVICE_REGS)
#define MAX_IRQ_ROWS (8U + HV_MAX_VMS * MAX_DEVICES * MAX_DEVICE_IRQS)

static void add_memory(struct map *m, uint64_t base, uint64_t size, int owner, const char *text)
{
    if (size != 0U) {
        m->memory[m->nr_memory++] = (struct map_range){base, size, owner, text[0] == ' ', text, ""};
    }
}

static int by_address(const void *x, const void *y)
{
    const struct map_range *a = x;
    const struct map_range *b = y;

    if (a->base != b->base) {
        return a->base < b->base ? -1 : 1;
    }
    return a->size > b->size ? -1 : a->size < b->size;
}

static const char *of_colours(struct arena *a, uint64_t colours)
{
    return colours == 0U ? "" : arena_printf(a, " in colours %s", colours_text(a, colours));
}

/* What is coloured is told as all among which it lies: other VMs' may be there as well. */
static uint64_t span(const struct run *r, uint64_t pa, uint64_t size, uint64_t colours)
{
    struct extent e = {&r->llc, PA(pa), size, colours};

    return extent_span(&e);
}

static void add_vm(struct run *r, struct map *m, unsigned i)
{
    struct arena *a = &r->arena;
    const struct vm *v = &r->vm[i];
    const char *name = v->sys->name;

    for (unsigned k = 0; k < v->nr_ram; k++) {
        const struct ram *g = &v->ram[k];
        const char *what = arena_printf(a, "%s%s", ram_text(a, g), of_colours(a, g->colours));

        add_memory(m, g->block_pa, span(r, g->block_pa, g->block_size, g->colours), (int)i, arena_printf(a, "%s: %s, in the file, IPA 0x%" PRIx64, name, what, g->ipa));
        add_memory(m, g->rest_pa, span(r, g->rest_pa, g->rest_size, g->colours), (int)i, arena_printf(a, "%s: %s, IPA 0x%" PRIx64, name, what, g->rest_ipa));
    }
    add_memory(m, v->pristine_pa, span(r, v->pristine_pa, v->pristine_size, v->ram[0].colours), (int)i,
               arena_printf(a, "%s: pristine copies to restart from%s, in the file, mapped for no VM", name,
                            of_colours(a, v->ram[0].colours)));
    for (unsigned k = 0; k < v->nr_pieces; k++) {
        const struct piece *c = &v->piece[k];
        struct extent e = ram_block(r, &v->ram[c->ram]);
        uint64_t first = ram_piece_pa(r, v, c);
        uint64_t last = extent_pa(&e, ram_piece_offset(v, c) + (c->mem_size - 1U)).v;

        add_memory(m, first, c->size != 0U && last > first ? last - first + 1U : c->mem_size, (int)i,
                   arena_printf(a, "  %s: %s", name, c->what));
    }
}

static void add_channels(struct run *r, struct map *m)
{
    struct arena *a = &r->arena;

    for (unsigned i = 0; i < r->nr_channels; i++) {
        const struct channel *c = &r->channel[i];

        for (unsigned k = 0; k < c->nr_pieces; k++) {
            const struct channel_piece *p = &c->piece[k];

            add_memory(m, p->pa, span(r, p->pa, p->size, c->sys->colours), OWNER_CHANNEL,
                       arena_printf(a, "channel %s: %s%s, in the file", c->sys->name, channel_piece_text(r, p), of_colours(a, c->sys->colours)));
        }
    }
}

/* What is between: the firmware's, or nobody's. */
static void add_gaps(struct run *r, struct map *m)
{
    const struct board_facts *b = &r->board;
    uint64_t at = b->ram_base;
    unsigned n = m->nr_memory;

    for (unsigned i = 0; i <= n; i++) {
        uint64_t next = i < n ? m->memory[i].base : b->ram_base + b->ram_size;

        if (i < n && m->memory[i].inside) {
            continue;
        }
        if (next > at && at == b->ram_base && at < b->load_base) {
            add_memory(m, at, next - at, b->kind->firmware_below ? OWNER_FIRMWARE : OWNER_NOBODY,
                       b->kind->firmware_below ? "firmware" : "nobody: below the load address nothing is placed");
        } else if (next > at) {
            add_memory(m, at, next - at, OWNER_NOBODY, "nobody");
            m->ram_left += next - at;
        }
        at = i < n && next + m->memory[i].size > at ? next + m->memory[i].size : at;
    }
    qsort(m->memory, m->nr_memory, sizeof(m->memory[0]), by_address);
}

static void map_memory(struct run *r, struct map *m)
{
    const struct plan *p = r->plan;

    m->memory = arena_alloc(&r->arena, sizeof(struct map_range) * 2U * MAX_MEMORY);
    add_memory(m, p->hv_base, p->hv_mem_size, OWNER_HV,
               r->hv.file == NULL ? "hypervisor (size assumed: no --hv)" : "hypervisor");
    add_memory(m, p->plan_pa, PLAN_MAX_BYTES, OWNER_HV, "plan");
    add_memory(m, p->pool_pa, p->pool_pages * PAGE_SIZE, OWNER_HV, "stage-2 page tables");
    add_memory(m, p->pool_pa + p->pool_pages * PAGE_SIZE, plan_own_pages(p) * PAGE_SIZE, OWNER_HV,
               "stacks of CPUs, state of VMs, rings of the console");
    add_memory(m, p->hv_home, plan_hv_span(p), OWNER_HV,
               arena_printf(&r->arena, "hypervisor, plan and page tables once it has moved: colours %s of these, nobody has the others",
                            colours_text(&r->arena, p->hv_colours)));
    for (unsigned i = 0; i < r->nr_vms; i++) {
        add_vm(r, m, i);
    }
    add_channels(r, m);
    qsort(m->memory, m->nr_memory, sizeof(m->memory[0]), by_address);
    add_gaps(r, m);
}

const char *map_irq_word(const struct run *r)
{
    return r->board.isa == PLAN_ISA_RISCV ? "source" : "irq";
}

static uint32_t irq_number(const struct run *r, uint32_t intid)
{
    return r->board.isa == PLAN_ISA_RISCV ? intid - 32U : intid;
}

static void add_irq(struct map *m, uint32_t number, int owner, const char *text)
{
    m->irqs[m->nr_irqs++] = (struct map_irq){number, text, owner};
}

static void add_device(struct run *r, struct map *m, int owner, const struct device *d)
{
    const char *irqs = "";

    for (unsigned q = 0; q < device_irqs(d); q++) {
        uint32_t n = irq_number(r, d->irq[q].intid);

        irqs = arena_printf(&r->arena, "%s%s%" PRIu32, irqs, q == 0U ? arena_printf(&r->arena, "%s ", map_irq_word(r)) : " ", n);
        add_irq(m, n, owner, d->path);
    }
    for (unsigned k = 0; k < d->nr_regs; k++) {
        m->devices[m->nr_devices++] = (struct map_range){d->reg[k].base, d->reg[k].size, owner, false, d->path, irqs};
    }
}

static int by_number(const void *x, const void *y)
{
    const struct map_irq *a = x;
    const struct map_irq *b = y;

    return a->number < b->number ? -1 : a->number > b->number;
}

/* What is the hypervisor's, of devices and interrupts: what it shares out, and its own timer. */
static void add_own(struct run *r, struct map *m)
{
    const struct board_facts *b = &r->board;
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        int node = b->irqc == PLAN_IRQC_AIA && i == 1U ? b->files_node : b->irqc_node;
        const char *irqc = node_path(&r->arena, b->fdt, node);

        if (b->irqc_size[i] != 0U) {
            m->devices[m->nr_devices++] = (struct map_range){b->irqc_base[i], b->irqc_size[i], OWNER_HV, false, irqc, ""};
        }
    }
    if (console_owner(r) == NULL) {
        struct device d = {.path = b->console_path, .nr_regs = 1, .nr_irqs = r->shared ? 1U : 0U};

        d.reg[0] = (struct reg_range){b->console_base, r->shared ? b->console_size : PAGE_SIZE};
        d.irq[0].intid = b->console_irq;
        add_device(r, m, OWNER_HV, &d);
    }
    if (b->isa == PLAN_ISA_ARMV8) {
        add_irq(m, b->vtimer_irq, OWNER_ALL, "virtual timer, of each CPU");
        add_irq(m, b->ptimer_irq, OWNER_ALL, "physical timer, of each CPU");
        add_irq(m, b->maint_irq, OWNER_HV, "maintenance of the interrupt controller, of each CPU");
        add_irq(m, b->htimer_irq, OWNER_HV, "hypervisor timer, of each CPU");
    }
}

void map_make(struct run *r, struct map *m)
{
    *m = (struct map){0};
    map_memory(r, m);
    m->devices = arena_alloc(&r->arena, MAX_MAPPED * sizeof(struct map_range));
    m->irqs = arena_alloc(&r->arena, MAX_IRQ_ROWS * sizeof(struct map_irq));
    add_own(r, m);
    for (uint32_t cpu = 0; cpu < r->board.nr_cpus; cpu++) {
        m->cpu[cpu] = (struct map_cpu){OWNER_NOBODY, 0, r->shared && cpu == r->console_cpu};
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        for (uint32_t k = 0; k < r->vm[i].sys->nr_vcpus; k++) {
            m->cpu[r->vm[i].cpus[k]].owner = (int)i;
            m->cpu[r->vm[i].cpus[k]].vcpu = k;
        }
        for (unsigned k = 0; k < r->vm[i].nr_devices; k++) {
            add_device(r, m, (int)i, &r->vm[i].dev[k]);
        }
    }
    qsort(m->devices, m->nr_devices, sizeof(m->devices[0]), by_address);
    qsort(m->irqs, m->nr_irqs, sizeof(m->irqs[0]), by_number);
}

const char *map_owner(const struct run *r, int owner)
{
    return owner >= 0                  ? r->vm[owner].sys->name
           : owner == OWNER_HV         ? "hypervisor"
           : owner == OWNER_FIRMWARE   ? "firmware"
           : owner == OWNER_ALL        ? "each VM"
           : owner == OWNER_CHANNEL    ? "channel"
                                       : "nobody";
}
