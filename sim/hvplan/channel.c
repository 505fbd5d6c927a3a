/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels: whose they are, and where they lie. Each is in pieces of which all bytes have the same rights: the discovery page, the common
 * memory, then an output of each endpoint that has one. Every endpoint has all of them, one behind the other, at addresses of its own; in
 * physical
 * memory they are in the file, so that they are zero at boot without anybody's having to do it.
 */
#include "tree.h"

#include "hv/s2_format.h"

#include <inttypes.h>
#include <string.h>

static const char *where(const struct run *r, const char *path)
{
    return source_where(&r->sys.src, path, NULL);
}

static struct vm *vm_named(struct run *r, const char *name)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        if (strcmp(r->vm[i].sys->name, name) == 0) {
            return &r->vm[i];
        }
    }
    return NULL;
}

static void resolve_end(struct run *r, struct channel *c, unsigned end)
{
    const struct sys_endpoint *e = &c->sys->end[end];
    const char *names[HV_MAX_VMS + 1U] = {NULL};

    for (unsigned i = 0; i < r->nr_vms; i++) {
        names[i] = r->vm[i].sys->name;
    }
    c->vm[end] = vm_named(r, e->name);
    if (c->vm[end] == NULL) {
        const char *near = nearest(e->name, names);

        diag_error(&r->diag, where(r, e->path), e->path, "there is no VM %s; %s%s", e->name,
                   near != NULL ? "did you mean " : "name an endpoint as one of /vms", near != NULL ? arena_printf(&r->arena, "%s?", near) : "");
    } else if (c->vm[end]->sys->trusted_dma && c->sys->colours != 0U) {
        diag_error(&r->diag, source_where(&r->sys.src, c->sys->path, "colours"), c->sys->path,
                   "VM %s has trusted-dma: its memory has its physical addresses, and coloured memory is none that follow each other; "
                   "remove colours", e->name);
    }
    c->ipa[end] = 0;
}

static void add_piece(struct channel *c, int kind, const struct sys_endpoint *writer, uint64_t size)
{
    if (size != 0U) {
        struct channel_piece *p = &c->piece[c->nr_pieces++];

        p->kind = kind;
        p->writer = writer;
        p->size = size;
    }
}

void channels_resolve(struct run *r)
{
    r->nr_channels = r->sys.nr_channels;
    for (unsigned i = 0; i < r->nr_channels; i++) {
        struct channel *c = &r->channel[i];

        c->sys = &r->sys.channel[i];
        for (unsigned k = 0; k < c->sys->nr_ends; k++) {
            resolve_end(r, c, k);
        }
        direct_check(r, c);
        add_piece(c, PIECE_INFO, NULL, PAGE_SIZE);
        add_piece(c, PIECE_COMMON, NULL, c->sys->memory);
        for (unsigned k = 0; k < c->sys->nr_ends; k++) {
            add_piece(c, PIECE_OUTPUT, &c->sys->end[k], c->sys->end[k].output);
        }
    }
}

int channel_end(const struct channel *c, const struct vm *v)
{
    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        if (c->vm[k] == v) {
            return (int)k;
        }
    }
    return -1;
}

uint64_t channel_size(const struct channel *c)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < c->nr_pieces; i++) {
        size += c->piece[i].size;
    }
    return size;
}

/* Guest addresses that it takes. */
static uint64_t channel_span(const struct channel *c)
{
    return channel_size(c) + direct_span(c);
}

/* Of what the VM has in [base, base + size), the end of one that is there; 0 if there is nothing. */
static uint64_t in_the_way(const struct run *r, const struct vm *v, uint64_t base, uint64_t size)
{
    const struct board_facts *b = &r->board;
    uint64_t end = 0;

    for (unsigned i = 0; i < v->nr_ram; i++) {
        end = ranges_overlap(base, size, v->ram[i].ipa, v->ram[i].size) ? v->ram[i].ipa + v->ram[i].size : end;
    }
    for (unsigned i = 0; i < 2U; i++) {
        end = b->irqc_size[i] != 0U && ranges_overlap(base, size, b->irqc_base[i], b->irqc_size[i]) ? b->irqc_base[i] + b->irqc_size[i] : end;
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        for (unsigned k = 0; k < v->dev[i].nr_regs; k++) {
            const struct reg_range *g = &v->dev[i].reg[k];

            end = ranges_overlap(base, size, g->base, g->size) ? g->base + g->size : end;
        }
    }
    return v->shared && ranges_overlap(base, size, b->console_base, PAGE_SIZE) ? b->console_base + PAGE_SIZE : end;
}

/* All of a VM's channels follow each other, from behind the addresses of the board's RAM on. */
static void address_vm(struct run *r, const struct vm *v)
{
    uint64_t base = align_up(r->board.ram_base + r->board.ram_size, SZ_2M);
    uint64_t size = 0;

    for (unsigned i = 0; i < r->nr_channels; i++) {
        size += channel_end(&r->channel[i], v) >= 0 ? channel_span(&r->channel[i]) : 0U;
    }
    for (uint64_t end; size != 0U && base < IPA_LIMIT && (end = in_the_way(r, v, base, size)) != 0U;) { /* each turn is behind one more */
        base = align_up(end, SZ_2M);
    }
    if (base >= IPA_LIMIT || size > IPA_LIMIT - base) {
        vm_error(r, v->sys, NULL, "its channels, %s, reach beyond 1 TiB of guest addresses; give them less", size_text(&r->arena, size));
        return;
    }
    for (unsigned i = 0; i < r->nr_channels; i++) {
        int end = channel_end(&r->channel[i], v);

        if (end >= 0) {
            r->channel[i].ipa[end] = base;
            base += channel_span(&r->channel[i]);
        }
    }
}

void channels_address(struct run *r)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        address_vm(r, &r->vm[i]);
    }
}

/* With trusted DMA the guest's addresses are the physical ones, which are known now. */
static void tell_addresses(struct channel *c)
{
    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        if (c->vm[k]->sys->trusted_dma) {
            c->ipa[k] = c->piece[0].pa;
        }
    }
}

void channels_place(struct run *r, uint64_t *next)
{
    for (unsigned i = 0; i < r->nr_channels; i++) {
        struct channel *c = &r->channel[i];

        for (unsigned k = 0; c->sys->colours == 0U && k < c->nr_pieces; k++) {
            c->piece[k].pa = *next;
            *next += c->piece[k].size;
        }
        tell_addresses(c);
    }
    *next = align_up(*next, SZ_2M);
}

void channels_place_coloured(struct zone *z)
{
    for (unsigned i = 0; i < z->r->nr_channels; i++) {
        struct channel *c = &z->r->channel[i];

        for (unsigned k = 0; c->sys->colours != 0U && k < c->nr_pieces; k++) {
            c->piece[k].pa = zone_take(z, c->sys->path, c->sys->colours, c->piece[k].size, channel_piece_text(z->r, &c->piece[k]));
        }
    }
}

static bool may_write(const struct channel *c, unsigned end, const struct channel_piece *p)
{
    return p->kind == PIECE_COMMON ? !c->sys->end[end].ro : p->writer == &c->sys->end[end];
}

uint32_t channel_regions(const struct run *r, const struct vm *v, struct plan_region *out)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < r->nr_channels; i++) {
        const struct channel *c = &r->channel[i];
        int end = channel_end(c, v);
        uint64_t ipa = end >= 0 ? c->ipa[end] : 0U;

        for (unsigned k = 0; end >= 0 && k < c->nr_pieces; k++) {
            const struct channel_piece *p = &c->piece[k];
            uint32_t rights = S2_R | (may_write(c, (unsigned)end, p) ? S2_W : 0U);

            out[n++] = (struct plan_region){ipa, p->pa, p->size, PLAN_REGION_CHANNEL, rights, c->sys->colours};
            ipa += p->size;
        }
    }
    return n;
}

const char *channel_piece_text(struct run *r, const struct channel_piece *p)
{
    static const char *const texts[] = {[PIECE_INFO] = "discovery page", [PIECE_COMMON] = "common memory"};

    return p->kind != PIECE_OUTPUT ? texts[p->kind] : arena_printf(&r->arena, "output of %s", p->writer->name);
}

const char *channel_piece_name(struct run *r, const struct channel_piece *p)
{
    static const char *const names[] = {[PIECE_INFO] = "info", [PIECE_COMMON] = "common"};

    return p->kind != PIECE_OUTPUT ? names[p->kind] : arena_printf(&r->arena, "from-%s", p->writer->name);
}

static const char *doorbells_text(struct run *r, const struct channel *c, const char *before)
{
    struct arena *a = &r->arena;
    const char *s = before;

    for (unsigned k = 0; c->sys->doorbells && k < c->sys->nr_ends; k++) {
        const struct sys_endpoint *e = &c->sys->end[k];

        s = arena_printf(a, "%s%s%s %s %" PRIu32 ", rings %" PRIu32 "/s", s, k == 0U ? "; doorbells " : ", ", e->name,
                         r->board.isa == PLAN_ISA_RISCV ? "source" : "irq", c->intid[k] - (r->board.isa == PLAN_ISA_RISCV ? 32U : 0U), e->rate);
    }
    return s;
}

static const char *channel_line(struct run *r, const struct channel *c)
{
    struct arena *a = &r->arena;
    const char *s = arena_printf(a, "channel %s:", c->sys->name);

    for (unsigned k = 0; k < c->sys->nr_ends; k++) {
        s = arena_printf(a, "%s%s %s%s at IPA 0x%" PRIx64, s, k == 0U ? "" : ",", c->sys->end[k].name, c->sys->end[k].ro ? " ro" : "", c->ipa[k]);
    }
    for (unsigned k = 1; k < c->nr_pieces; k++) { /* the discovery page goes without saying */
        s = arena_printf(a, "%s%s %s %s", s, k == 1U ? ";" : ",", channel_piece_text(r, &c->piece[k]), size_text(a, c->piece[k].size));
    }
    s = arena_printf(a, "%s%s", doorbells_text(r, c, s), direct_text(r, c));
    return c->sys->colours == 0U ? s : arena_printf(a, "%s; colours %s", s, colours_text(a, c->sys->colours));
}

const char *channels_text(struct run *r)
{
    const char *s = "";

    for (unsigned i = 0; i < r->nr_channels; i++) {
        s = arena_printf(&r->arena, "%s%s\n", s, channel_line(r, &r->channel[i]));
    }
    return s;
}

#define RISING_EDGE 1U /* bindings of the GICs and of the APLIC */

struct node_regs {
    unsigned n;
    struct reg_range reg[CHANNEL_PIECES + PLAN_MAX_ENDS];
    size_t name_bytes;
    char names[(CHANNEL_PIECES + PLAN_MAX_ENDS) * (PLAN_NAME_BYTES + sizeof("files-"))];
};

static void add_reg(struct node_regs *g, uint64_t base, uint64_t size, const char *name)
{
    g->reg[g->n++] = (struct reg_range){base, size};
    memcpy(&g->names[g->name_bytes], name, strlen(name) + 1U);
    g->name_bytes += strlen(name) + 1U;
}

/* The pieces, then the interrupt files of those whom it rings directly. */
static void collect_regs(struct run *r, const struct channel *c, unsigned end, struct node_regs *g)
{
    struct direct_range files[PLAN_MAX_ENDS];
    uint64_t ipa = c->ipa[end];
    unsigned n = direct_ranges(c, end, files);

    for (unsigned k = 0; k < c->nr_pieces; k++) {
        add_reg(g, ipa, c->piece[k].size, channel_piece_name(r, &c->piece[k]));
        ipa += c->piece[k].size;
    }
    for (unsigned k = 0; k < n; k++) {
        add_reg(g, files[k].base, files[k].size, arena_printf(&r->arena, "files-%s", files[k].of->name));
    }
}

static void add_node(struct tree *t, const struct channel *c, unsigned end)
{
    struct node_regs g = {0};

    collect_regs(t->r, c, end, &g);
    tree_begin(t, tree_named(t, "channel", c->ipa[end]));
    tree_string(t, "compatible", "bulkhead,channel-v1");
    tree_string(t, "label", c->sys->name);
    tree_reg(t, g.n, g.reg);
    tree_bytes(t, "reg-names", g.names, g.name_bytes);
    tree_string(t, "bulkhead,endpoint", c->sys->end[end].name);
    if (c->intid[end] != 0U) {
        uint32_t cells[3];

        guest_interrupts(t, device_irq_cells(&t->r->board, c->intid[end], RISING_EDGE, cells), cells);
    }
    tree_end(t);
}

void guest_channels_add(struct tree *t)
{
    for (unsigned i = 0; i < t->r->nr_channels; i++) {
        int end = channel_end(&t->r->channel[i], t->v);

        if (end >= 0) {
            add_node(t, &t->r->channel[i], (unsigned)end);
        }
    }
}
