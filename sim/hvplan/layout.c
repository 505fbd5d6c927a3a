/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything lies. In the file, and so in RAM, from the board's load address on: the hypervisor's 2
 * MiB, then per VM one block that is the start of its RAM, with image, initrd and device tree in their final
 * places, and one more for each of its regions that has any of these. The rest of a VM's RAM comes from what the
 * board has behind the file. Everything is in pieces of 2 MiB, so that stage 2 maps blocks. Behind the VMs' blocks, still in the
 * file, come the pristine copies of those that may restart: the hypervisor maps them block by block as well, so each VM's have
 * blocks of their own; and the channels.
 * What is coloured lies behind all that, VMs of different colours among each other; its pages in the file have the colours that
 * they are to have, so that it is used in place as well.
 */
#include "hvplan.h"

#include <inttypes.h>

static uint64_t piece_end(const struct piece *p)
{
    return p->ipa + p->mem_size;
}

/* The device tree where the plan wants it; the piece that is in its way is named. */
static bool dtb_fits(struct run *r, struct vm *v, uint64_t dtb)
{
    const struct sys_vm *s = v->sys;
    const struct ram *m = ram_at(v, dtb);
    bool fits = true;

    if (m == NULL || v->dtb.size > m->size - (dtb - m->ipa)) {
        vm_error(r, s, "dtb",
                 "the device tree, %zu bytes at 0x%" PRIx64 ", is not in the VM's RAM, which starts at 0x%" PRIx64
                 " and has %s%s; write an address in it",
                 v->dtb.size, dtb, v->ram[0].ipa, size_text(&r->arena, v->ram[0].size), ram_or_regions(v));
        return false;
    }
    for (unsigned i = 0; i < v->nr_pieces; i++) {
        const struct piece *p = &v->piece[i];

        if (ranges_overlap(dtb, v->dtb.size, p->ipa, p->mem_size)) {
            vm_error(r, s, "dtb",
                     "the device tree, %zu bytes at 0x%" PRIx64 ", overlaps the %s at 0x%" PRIx64 "-0x%" PRIx64
                     "; write another dtb, or another load",
                     v->dtb.size, dtb, p->what, p->ipa, piece_end(p) - 1U);
            fits = false;
        }
    }
    return fits;
}

/* The guest address of the device tree; `end` is that of the pieces below it. It lies in the VM's `memory`, wherever they do. */
static uint64_t dtb_address(struct run *r, struct vm *v, uint64_t end)
{
    bool alone = v->piece[0].ram != 0U;
    uint64_t next = align_up(alone ? v->ram[0].ipa : end, PAGE_SIZE);

    if (v->sys->has_dtb && dtb_fits(r, v, v->sys->dtb)) {
        return v->sys->dtb;
    }
    /* A raw image does not say how much memory it uses behind its end (.bss): stay as far from it as possible. */
    return v->linux_header && !alone ? next : align_up(next + v->dtb.size, SZ_2M) - align_up(v->dtb.size, PAGE_SIZE);
}

/* Adds initrd and device tree behind the image. */
static void place_pieces(struct run *r, struct vm *v)
{
    uint64_t end = piece_end(&v->piece[0]);

    if (v->initrd.data != NULL) {
        v->initrd_ipa = align_up(end, PAGE_SIZE);
        v->piece[v->nr_pieces++] =
            (struct piece){"initrd", v->initrd.data, v->initrd.size, v->initrd.size, v->initrd_ipa, v->piece[0].ram};
        end = piece_end(&v->piece[v->nr_pieces - 1U]);
    }
    if (!v->sys->no_dtb) {
        guest_dtb(r, v);
        v->dtb_ipa = dtb_address(r, v, end);
        const struct ram *m = v->sys->has_dtb ? ram_at(v, v->dtb_ipa) : NULL;

        v->piece[v->nr_pieces++] = (struct piece){"device tree", v->dtb.data, v->dtb.size, v->dtb.size, v->dtb_ipa,
                                                  m != NULL ? (unsigned)(m - v->ram) : 0U};
    }
}

/* With trusted DMA the guest's addresses are the physical ones: its RAM begins where its block does. */
static void move_to(struct vm *v, uint64_t pa)
{
    v->piece[0].ipa += pa - v->ram[0].ipa;
    v->entry += pa - v->ram[0].ipa;
    v->ram[0].ipa = pa;
}

/* Its tree was made, for its size, before it was known where the rest of its RAM lies. */
static void tell_final_ram(struct run *r, struct vm *v)
{
    size_t before = v->dtb.size;

    if (!v->sys->trusted_dma || v->sys->no_dtb) {
        return;
    }
    guest_dtb(r, v);
    if (v->dtb.size > before) {
        vm_error(r, v->sys, NULL, "its device tree grew while it was made; this is a defect of hvplan");
        return;
    }
    v->piece[v->nr_pieces - 1U].data = v->dtb.data;
    v->piece[v->nr_pieces - 1U].size = v->dtb.size;
    v->piece[v->nr_pieces - 1U].mem_size = v->dtb.size;
}

/* The part of it that is in the file: up to the last piece in it, in whole blocks; none without one. */
static void place_block(struct run *r, struct vm *v, unsigned ram, uint64_t *next)
{
    struct ram *m = &v->ram[ram];
    uint64_t end = m->ipa;

    for (unsigned i = 0; i < v->nr_pieces; i++) {
        if (v->piece[i].ram == ram && piece_end(&v->piece[i]) > end) {
            end = piece_end(&v->piece[i]);
        }
    }
    m->block_size = align_up(end, SZ_2M) - m->ipa;
    if (m->block_size > m->size) {
        ram_error(r, v, m, "memory", "%s is too little: image, initrd and device tree take %s; give at least that",
                  size_text(&r->arena, m->size), size_text(&r->arena, m->block_size));
    }
    if (m->colours == 0U) {
        m->block_pa = *next;
        *next += m->block_size;
    }
}

static void place_vm(struct run *r, struct vm *v, uint64_t *next)
{
    if (v->sys->trusted_dma) {
        move_to(v, *next);
    }
    place_pieces(r, v);
    for (unsigned i = 0; i < v->nr_ram; i++) {
        place_block(r, v, i, next);
    }
}

bool vm_restarts(const struct sys_vm *v)
{
    return v->on_reset == PLAN_POLICY_RESTART || v->on_fault == PLAN_POLICY_RESTART;
}

/* Copies of all pieces close together, in whole blocks that are nobody's RAM; coloured, in whole pages. */
static void place_pristine(struct vm *v, uint64_t *next)
{
    uint64_t bytes = ram_pristine_offset(v, v->nr_pieces);

    if (vm_restarts(v->sys)) {
        v->pristine_size = align_up(bytes, v->ram[0].colours == 0U ? PLAN_RESTART_BLOCK : PAGE_SIZE);
    }
    if (v->ram[0].colours == 0U && v->pristine_size != 0U) {
        v->pristine_pa = *next;
        *next += v->pristine_size;
    }
}

/* What of a VM's coloured memory is in the file. */
static void place_coloured(struct zone *z, struct vm *v, bool copies)
{
    for (unsigned k = 0; !copies && k < v->nr_ram; k++) {
        if (v->ram[k].colours != 0U && v->ram[k].block_size != 0U) {
            v->ram[k].block_pa = zone_take_ram(z, v, &v->ram[k], v->ram[k].block_size, "with its images");
        }
    }
    if (copies && v->ram[0].colours != 0U && v->pristine_size != 0U) {
        v->pristine_pa = zone_take_ram(z, v, &v->ram[0], v->pristine_size, "pristine copies (restart)");
    }
}

static void place_rest(struct zone *z, struct vm *v, struct ram *m, uint64_t *next)
{
    m->rest_size = m->size - m->block_size;
    if (m->colours == 0U) {
        m->rest_pa = *next;
        *next += m->rest_size;
    } else if (m->rest_size != 0U) {
        m->rest_pa = zone_take_ram(z, v, m, m->rest_size, "without its images");
    }
    m->rest_ipa = v->sys->trusted_dma ? m->rest_pa : m->ipa + m->block_size;
}

/* Of all that is coloured, or of all that is not. What is placed one behind the other ends at what it answers with. */
static uint64_t place_kind(struct run *r, struct zone *z, bool coloured)
{
    uint64_t next = align_up(z->end, SZ_2M);

    for (unsigned i = 0; i < r->nr_vms; i++) {
        struct vm *v = &r->vm[i];

        for (unsigned k = 0; k < v->nr_ram; k++) {
            if ((v->ram[k].colours != 0U) == coloured) {
                place_rest(z, v, &v->ram[k], &next);
            }
        }
    }
    return next;
}

/* The rest of each piece of memory, which is not in the file: first what goes between what is coloured already. */
static void place_rests(struct run *r, struct zone *z)
{
    (void)place_kind(r, z, true);
    uint64_t end = place_kind(r, z, false);

    if (r->diag.errors == 0U && end > z->limit) {
        diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms",
                   "behind what is coloured, up to 0x%" PRIx64 ", the other VMs ask for %s more than the board has; give them less, or "
                   "let coloured VMs have more colours",
                   z->end, size_text(&r->arena, end - z->limit));
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        tell_final_ram(r, &r->vm[i]);
    }
}

/* Of all VMs, what is not coloured. */
static uint64_t plain_bytes(const struct vm *v)
{
    uint64_t bytes = 0;

    for (unsigned k = 0; k < v->nr_ram; k++) {
        bytes += v->ram[k].colours == 0U ? v->ram[k].size : 0U;
    }
    return bytes;
}

void layout(struct run *r)
{
    uint64_t start = r->board.load_base + HV_REGION_SIZE;
    uint64_t end = align_down(r->board.ram_base + r->board.ram_size, SZ_2M);
    uint64_t next = start;
    uint64_t wanted = 0;
    uint64_t copies = 0;
    uint64_t channels;

    channels_address(r);
    for (unsigned i = 0; i < r->nr_vms; i++) {
        layout_check(r, &r->vm[i]);
        place_vm(r, &r->vm[i], &next);
        wanted += plain_bytes(&r->vm[i]);
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        place_pristine(&r->vm[i], &next);
        copies += r->vm[i].ram[0].colours == 0U ? r->vm[i].pristine_size : 0U;
    }
    channels = next;
    channels_place(r, &next);
    channels = next - channels;
    if (r->diag.errors != 0U) {
        return;
    }
    if (start > end || wanted + copies + channels > end - start) {
        diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms",
                   "the VMs ask for %s%s%s, the board has %s for them; give them less", size_text(&r->arena, wanted),
                   copies == 0U ? ""
                                : arena_printf(&r->arena, " and %s for pristine copies (restart)", size_text(&r->arena, copies)),
                   channels == 0U ? "" : arena_printf(&r->arena, " and %s for channels", size_text(&r->arena, channels)),
                   size_text(&r->arena, end > start ? end - start : 0U));
        return;
    }
    struct zone zone = {.r = r, .start = next, .limit = end, .end = next};

    for (unsigned copies_too = 0; copies_too < 2U; copies_too++) {
        for (unsigned i = 0; i < r->nr_vms; i++) {
            place_coloured(&zone, &r->vm[i], copies_too != 0U);
        }
    }
    channels_place_coloured(&zone);
    r->file_size = align_up(zone.end, SZ_2M) - r->board.load_base;
    r->hv_home = zone_take_hv(&zone);
    place_rests(r, &zone);
}
