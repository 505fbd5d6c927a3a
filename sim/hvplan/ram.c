/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a VM: its `memory`, and its regions. */
#include "hvplan.h"

#include "hv/s2_format.h"

static uint32_t rights(bool ro, bool xn)
{
    return S2_R | (ro ? 0U : S2_W) | (xn ? 0U : S2_X);
}

void ram_collect(const struct run *r, struct vm *v)
{
    const struct sys_vm *s = v->sys;

    v->ram[0] = (struct ram){.ipa = s->has_ram ? s->ram : r->board.ram_base, .size = s->memory, .rights = rights(false, s->xn), .colours = s->colours};
    v->nr_ram = 1;
    for (unsigned i = 0; i < s->nr_regions; i++) {
        const struct sys_region *g = &s->region[i];

        v->ram[v->nr_ram++] = (struct ram){.region = g, .ipa = g->ipa, .size = g->size, .rights = rights(g->ro, g->xn),
                                          .colours = g->colours != 0U ? g->colours : s->colours};
    }
}

const struct ram *ram_at(const struct vm *v, uint64_t ipa)
{
    for (unsigned i = 0; i < v->nr_ram; i++) {
        if (ipa >= v->ram[i].ipa && ipa - v->ram[i].ipa < v->ram[i].size) {
            return &v->ram[i];
        }
    }
    return NULL;
}

struct extent ram_block(const struct run *r, const struct ram *m)
{
    return (struct extent){&r->llc, PA(m->block_pa), m->block_size, m->colours};
}

uint64_t ram_piece_offset(const struct vm *v, const struct piece *p)
{
    return p->ipa - v->ram[p->ram].ipa;
}

uint64_t ram_piece_pa(const struct run *r, const struct vm *v, const struct piece *p)
{
    struct extent e = ram_block(r, &v->ram[p->ram]);

    return extent_pa(&e, ram_piece_offset(v, p)).v;
}

struct extent ram_pristine(const struct run *r, const struct vm *v)
{
    return (struct extent){&r->llc, PA(v->pristine_pa), v->pristine_size, v->ram[0].colours};
}

uint64_t ram_pristine_offset(const struct vm *v, unsigned piece)
{
    uint64_t offset = 0;

    for (unsigned k = 0; k < piece; k++) {
        offset += align_up(v->piece[k].size, 8);
    }
    return offset;
}

uint64_t ram_bytes(const struct vm *v)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < v->nr_ram; i++) {
        bytes += v->ram[i].size;
    }
    return bytes;
}

const char *ram_name(struct arena *a, const struct ram *m)
{
    return m->region == NULL ? "RAM" : arena_printf(a, "region %s", m->region->name);
}

const char *ram_text(struct arena *a, const struct ram *m)
{
    return arena_printf(a, "%s%s%s", ram_name(a, m), (m->rights & S2_W) == 0U ? " ro" : "", (m->rights & S2_X) == 0U ? " xn" : "");
}

const char *ram_or_regions(const struct vm *v)
{
    return v->nr_ram > 1U ? ", or in one of its regions" : "";
}

const char *ram_path(const struct vm *v, const struct ram *m)
{
    return m->region == NULL ? v->sys->path : m->region->path;
}
