/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything lies. In the file, and so in RAM, from the board's load address on: the hypervisor's 2
 * MiB, then per VM one block that is the start of its RAM, with image, initrd and device tree in their final
 * places. The rest of a VM's RAM comes from what the board has behind the file. Everything is in pieces of 2
 * MiB, so that stage 2 maps blocks.
 */
#include "hvplan.h"

#include <inttypes.h>

static uint64_t piece_end(const struct piece *p)
{
    return p->ipa + p->mem_size;
}

/* Adds initrd and device tree behind the image; the end of the highest piece. */
static uint64_t place_pieces(struct run *r, struct vm *v)
{
    uint64_t end = piece_end(&v->piece[0]);

    if (v->initrd.data != NULL) {
        v->initrd_ipa = align_up(end, PAGE_SIZE);
        v->piece[v->nr_pieces++] =
            (struct piece){"initrd", v->initrd.data, v->initrd.size, v->initrd.size, v->initrd_ipa};
        end = piece_end(&v->piece[v->nr_pieces - 1U]);
    }
    guest_dtb(r, v);
    v->dtb_ipa = align_up(end, PAGE_SIZE);
    end = align_up(v->dtb_ipa + v->dtb.size, SZ_2M);
    if (!v->linux_header) {
        /* A raw image does not say how much memory it uses behind its end (.bss): stay as far from it as
         * possible. */
        v->dtb_ipa = end - align_up(v->dtb.size, PAGE_SIZE);
    }
    v->piece[v->nr_pieces++] =
        (struct piece){"device tree", v->dtb.data, v->dtb.size, v->dtb.size, v->dtb_ipa};
    return end;
}

static void place_block(struct run *r, struct vm *v, uint64_t *next)
{
    uint64_t end = place_pieces(r, v);

    v->block_size = end - v->ram_ipa;
    if (v->block_size > v->sys->memory) {
        vm_error(r, v->sys, "memory",
                 "%s is too little: image, initrd and device tree take %s; give at least that",
                 size_text(&r->arena, v->sys->memory), size_text(&r->arena, v->block_size));
    }
    v->block_pa = *next;
    *next += v->block_size;
}

/* Also keeps the sum over all VMs from wrapping. */
static void check_space(struct run *r, const struct vm *v)
{
    uint64_t limit = (uint64_t)1 << 40; /* what every CPU this version knows has */

    if (v->sys->memory > limit - v->ram_ipa) {
        vm_error(r, v->sys, "memory", "%s reaches beyond 1 TiB of guest addresses; give less",
                 size_text(&r->arena, v->sys->memory));
    }
}

void layout(struct run *r)
{
    uint64_t next = r->board.load_base + HV_REGION_SIZE;
    uint64_t end = align_down(r->board.ram_base + r->board.ram_size, SZ_2M);
    uint64_t wanted = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        r->vm[i].ram_ipa = r->board.ram_base;
        check_space(r, &r->vm[i]);
        place_block(r, &r->vm[i], &next);
        wanted += r->vm[i].sys->memory;
    }
    r->file_size = next - r->board.load_base;
    uint64_t start = r->board.load_base + HV_REGION_SIZE;

    if (start > end || r->diag.errors != 0U || wanted > end - start) {
        if (r->diag.errors == 0U) {
            diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms",
                       "the VMs ask for %s, the board has %s for them; give them less",
                       size_text(&r->arena, wanted), size_text(&r->arena, end > start ? end - start : 0U));
        }
        return;
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        r->vm[i].rest_size = r->vm[i].sys->memory - r->vm[i].block_size;
        r->vm[i].rest_pa = next;
        next += r->vm[i].rest_size;
    }
}
