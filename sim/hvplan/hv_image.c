/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own program: from its ELF file, or raw with the memory size in its header (header.c). */
#include "hvplan.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Without --hv, check and show work with a size of this order. */
#define ASSUMED_SIZE ((uint64_t)512 * 1024)

static bool hv_error(struct run *r, const char *what)
{
    diag_error(&r->diag, arena_printf(&r->arena, "%s:0", r->hv.file), "/", "%s", what);
    return false;
}

/* The loadable segments, if the file holds all that its headers promise. */
static const Elf64_Phdr *segments(struct run *r, const struct blob *f, unsigned *count)
{
    const Elf64_Ehdr *e = (const Elf64_Ehdr *)f->data;
    bool riscv = r->board.isa == PLAN_ISA_RISCV;

    if (f->size < sizeof(*e) || e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_ident[EI_DATA] != ELFDATA2LSB ||
        e->e_machine != (riscv ? EM_RISCV : EM_AARCH64) || e->e_phentsize != sizeof(Elf64_Phdr) ||
        e->e_phoff % 8U != 0U || e->e_phoff > f->size || e->e_phnum * sizeof(Elf64_Phdr) > f->size - e->e_phoff) {
        hv_error(r, arena_printf(&r->arena, "not a 64-bit %s ELF file, or damaged; give the hypervisor's .elf",
                                 riscv ? "RISC-V" : "Arm"));
        return NULL;
    }
    *count = e->e_phnum;
    return (const Elf64_Phdr *)(f->data + e->e_phoff);
}

/* One segment into the image, at its distance from the lowest one. */
static bool copy_segment(struct run *r, const struct blob *f, const Elf64_Phdr *ph, uint64_t base)
{
    uint64_t at = ph->p_vaddr - base;

    if (at > HV_REGION_SIZE || ph->p_memsz > HV_REGION_SIZE - at || ph->p_filesz > ph->p_memsz ||
        ph->p_offset > f->size || ph->p_filesz > f->size - ph->p_offset) {
        return hv_error(r, "a segment does not fit into the hypervisor's 2 MiB, or the file is cut short");
    }
    memcpy(r->hv.data + at, f->data + ph->p_offset, ph->p_filesz);
    if (ph->p_filesz != 0U && at + ph->p_filesz > r->hv.file_size) {
        r->hv.file_size = at + ph->p_filesz;
    }
    if (at + ph->p_memsz > r->hv.mem_size) {
        r->hv.mem_size = at + ph->p_memsz;
    }
    return true;
}

static bool is_loaded(const Elf64_Phdr *ph)
{
    return ph->p_type == PT_LOAD && ph->p_memsz != 0U;
}

static bool from_elf(struct run *r, const struct blob *f)
{
    unsigned n = 0;
    const Elf64_Phdr *ph = segments(r, f, &n);
    uint64_t base = UINT64_MAX;

    if (ph == NULL) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        base = is_loaded(&ph[i]) && ph[i].p_vaddr < base ? ph[i].p_vaddr : base;
    }
    r->hv.data = arena_alloc(&r->arena, HV_REGION_SIZE);
    for (unsigned i = 0; i < n; i++) {
        if (is_loaded(&ph[i]) && !copy_segment(r, f, &ph[i], base)) {
            return false;
        }
    }
    /* The distance between link and load addresses is the hypervisor's own, a multiple of 4 GiB. */
    if (((const Elf64_Ehdr *)f->data)->e_entry != base || (uint32_t)base != (uint32_t)r->board.load_base) {
        return hv_error(r, arena_printf(&r->arena,
                                        "linked for 0x%" PRIx32 ", but %s is loaded at 0x%" PRIx64
                                        "; give the hypervisor built for this board",
                                        (uint32_t)base, r->board.kind->name, r->board.load_base));
    }
    return true;
}

static bool from_raw(struct run *r, const struct blob *f)
{
    uint64_t size = 0;

    if (f->size >= HEADER_SIZE) {
        memcpy(&size, f->data + HEADER_IMAGE_SIZE, sizeof(size));
    }
    if (size < f->size || size > HV_REGION_SIZE) {
        return hv_error(r, "a raw image whose header does not say how much memory it takes; give the .elf");
    }
    r->hv.data = arena_alloc(&r->arena, HV_REGION_SIZE);
    memcpy(r->hv.data, f->data, f->size);
    r->hv.file_size = f->size;
    r->hv.mem_size = size;
    return true;
}

void hv_image_load(struct run *r)
{
    r->hv.file = r->opt.hv;
    if (r->hv.file == NULL) {
        r->hv.data = arena_alloc(&r->arena, HV_REGION_SIZE);
        r->hv.file_size = r->hv.mem_size = ASSUMED_SIZE;
        return;
    }
    struct blob f = blob_read(&r->arena, r->hv.file);

    if (f.data == NULL) {
        hv_error(r, arena_printf(&r->arena, "cannot be read: %s", strerror(errno)));
        return;
    }
    bool elf = f.size >= 4U && memcmp(f.data, ELFMAG, 4) == 0;

    if (!(elf ? from_elf(r, &f) : from_raw(r, &f))) {
        return;
    }
    r->hv.file_size = align_up(r->hv.file_size, 8);
    r->hv.mem_size = align_up(r->hv.mem_size, PAGE_SIZE);
    if (!header_there(r->board.isa, r->hv.data, r->hv.mem_size)) {
        hv_error(r, arena_printf(&r->arena, "no %s image header at its start; is this the hypervisor?",
                                 header_name(r->board.isa)));
        return;
    }
    const char *other = board_other_than(r->board.kind, r->hv.data, r->hv.file_size);

    if (other != NULL) {
        hv_error(r, arena_printf(&r->arena, "built for the board %s, and this is %s; give the hypervisor built for this board", other,
                                 r->board.kind->name));
    } else if (r->hv.mem_size >= HV_REGION_SIZE - PLAN_MAX_BYTES) {
        hv_error(r, "too large: image, plan and page tables have to fit into 2 MiB");
    }
}
