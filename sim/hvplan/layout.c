/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything lies. In the file, and so in RAM, from the board's load address on: the hypervisor's 2
 * MiB, then per VM one block that is the start of its RAM, with image, initrd and device tree in their final
 * places. The rest of a VM's RAM comes from what the board has behind the file. Everything is in pieces of 2
 * MiB, so that stage 2 maps blocks. Behind the VMs' blocks, still in the file, come the pristine copies of those
 * that may restart: the hypervisor maps them block by block as well, so each VM's have blocks of their own.
 */
#include "hvplan.h"

#include <inttypes.h>

static uint64_t piece_end(const struct piece *p)
{
    return p->ipa + p->mem_size;
}

/* The device tree where the plan wants it; the piece that is in its way is named. */
static bool dtb_fits(struct run *r, const struct vm *v, uint64_t dtb)
{
    const struct sys_vm *s = v->sys;
    bool fits = true;

    if (dtb < v->ram_ipa || dtb - v->ram_ipa >= s->memory || v->dtb.size > s->memory - (dtb - v->ram_ipa)) {
        vm_error(r, s, "dtb",
                 "the device tree, %zu bytes at 0x%" PRIx64 ", is not in the VM's RAM, which starts at 0x%" PRIx64
                 " and has %s; write an address in it",
                 v->dtb.size, dtb, v->ram_ipa, size_text(&r->arena, s->memory));
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

/* The guest address of the device tree; `end` is that of the pieces below it. */
static uint64_t dtb_address(struct run *r, const struct vm *v, uint64_t end)
{
    uint64_t next = align_up(end, PAGE_SIZE);

    if (v->sys->has_dtb && dtb_fits(r, v, v->sys->dtb)) {
        return v->sys->dtb;
    }
    /* A raw image does not say how much memory it uses behind its end (.bss): stay as far from it as possible. */
    return v->linux_header ? next : align_up(next + v->dtb.size, SZ_2M) - align_up(v->dtb.size, PAGE_SIZE);
}

/* Adds initrd and device tree behind the image; the end of the block that holds them all. */
static uint64_t place_pieces(struct run *r, struct vm *v)
{
    uint64_t end = piece_end(&v->piece[0]);

    if (v->initrd.data != NULL) {
        v->initrd_ipa = align_up(end, PAGE_SIZE);
        v->piece[v->nr_pieces++] =
            (struct piece){"initrd", v->initrd.data, v->initrd.size, v->initrd.size, v->initrd_ipa};
        end = piece_end(&v->piece[v->nr_pieces - 1U]);
    }
    if (!v->sys->no_dtb) {
        guest_dtb(r, v);
        v->dtb_ipa = dtb_address(r, v, end);
        v->piece[v->nr_pieces++] =
            (struct piece){"device tree", v->dtb.data, v->dtb.size, v->dtb.size, v->dtb_ipa};
        end = v->dtb_ipa + v->dtb.size > end ? v->dtb_ipa + v->dtb.size : end;
    }
    return align_up(end, SZ_2M);
}

/* With trusted DMA the guest's addresses are the physical ones: its RAM begins where its block does. */
static void move_to(struct vm *v, uint64_t pa)
{
    v->piece[0].ipa += pa - v->ram_ipa;
    v->entry += pa - v->ram_ipa;
    v->ram_ipa = pa;
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

static void place_block(struct run *r, struct vm *v, uint64_t *next)
{
    if (v->sys->trusted_dma) {
        move_to(v, *next);
    }
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

/* True, and said, if RAM covers a byte of [base, base + size) of the guest's addresses. */
static bool covers(struct run *r, const struct vm *v, const char *what, uint64_t base, uint64_t size)
{
    if (!ranges_overlap(v->ram_ipa, v->sys->memory, base, size)) {
        return false;
    }
    vm_error(r, v->sys, v->sys->has_ram ? "memory-address" : "memory",
             "RAM, %s from 0x%" PRIx64 ", overlaps %s at 0x%" PRIx64
             "; write another memory-address, or less memory",
             size_text(&r->arena, v->sys->memory), v->ram_ipa, what, base);
    return true;
}

/* What else has guest addresses: RAM must leave it alone. The first clash is told. */
static void check_devices(struct run *r, const struct vm *v)
{
    const struct board_facts *b = &r->board;
    bool told = v->shared && covers(r, v, "the VM's emulated console", b->console_base, PAGE_SIZE);

    for (unsigned i = 0; i < 2U && !told; i++) {
        told = b->irqc_size[i] != 0U &&
               covers(r, v, "the VM's interrupt controller", b->irqc_base[i], b->irqc_size[i]);
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        for (unsigned k = 0; k < v->dev[i].nr_regs && !told; k++) {
            told = covers(r, v, v->dev[i].path, v->dev[i].reg[k].base, v->dev[i].reg[k].size);
        }
    }
}

bool vm_restarts(const struct sys_vm *v)
{
    return v->on_reset == PLAN_POLICY_RESTART || v->on_fault == PLAN_POLICY_RESTART;
}

/* Copies of all pieces close together, in whole blocks that are nobody's RAM. */
static void place_pristine(struct vm *v, uint64_t *next)
{
    uint64_t end = *next;

    if (!vm_restarts(v->sys)) {
        return;
    }
    for (unsigned k = 0; k < v->nr_pieces; k++) {
        v->pristine[k] = end;
        end += align_up(v->piece[k].size, 8);
    }
    v->pristine_pa = *next;
    v->pristine_size = align_up(end - *next, PLAN_RESTART_BLOCK);
    *next += v->pristine_size;
}

/* Also keeps the sum over all VMs from wrapping. */
static void check_space(struct run *r, const struct vm *v)
{
    uint64_t limit = (uint64_t)1 << 40; /* what every CPU this version knows has */

    if (v->ram_ipa >= limit || v->sys->memory > limit - v->ram_ipa) {
        vm_error(r, v->sys, v->ram_ipa >= limit ? "memory-address" : "memory",
                 "%s at 0x%" PRIx64 " reaches beyond 1 TiB of guest addresses; give less, or start lower",
                 size_text(&r->arena, v->sys->memory), v->ram_ipa);
        return;
    }
    if (!v->sys->trusted_dma) { /* else it is the board's RAM, where nothing else is */
        check_devices(r, v);
    }
}

void layout(struct run *r)
{
    uint64_t next = r->board.load_base + HV_REGION_SIZE;
    uint64_t end = align_down(r->board.ram_base + r->board.ram_size, SZ_2M);
    uint64_t wanted = 0;
    uint64_t copies = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        check_space(r, &r->vm[i]);
        place_block(r, &r->vm[i], &next);
        wanted += r->vm[i].sys->memory;
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        place_pristine(&r->vm[i], &next);
        copies += r->vm[i].pristine_size;
    }
    r->file_size = next - r->board.load_base;
    uint64_t start = r->board.load_base + HV_REGION_SIZE;

    if (start > end || r->diag.errors != 0U || wanted + copies > end - start) {
        if (r->diag.errors == 0U) {
            diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms",
                       "the VMs ask for %s%s, the board has %s for them; give them less",
                       size_text(&r->arena, wanted),
                       copies == 0U ? ""
                                    : arena_printf(&r->arena, " and %s for pristine copies (restart)",
                                                   size_text(&r->arena, copies)),
                       size_text(&r->arena, end > start ? end - start : 0U));
        }
        return;
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        r->vm[i].rest_size = r->vm[i].sys->memory - r->vm[i].block_size;
        r->vm[i].rest_pa = next;
        r->vm[i].rest_ipa =
            r->vm[i].sys->trusted_dma ? r->vm[i].rest_pa : r->vm[i].ram_ipa + r->vm[i].block_size;
        next += r->vm[i].rest_size;
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        tell_final_ram(r, &r->vm[i]);
    }
}
