/* SPDX-License-Identifier: Apache-2.0 */
/* Guest images: reading them, and what the header of a Linux Image says (header.c). */
#include "hvplan.h"

#include "hv/s2_format.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static uint64_t le64(const uint8_t *p)
{
    uint64_t v = 0;

    for (unsigned i = 8; i > 0U; i--) {
        v = v << 8 | p[i - 1U];
    }
    return v;
}

/* A file named in system.dts: as written if absolute, else beside system.dts, else in --images. */
static struct blob read_named(struct run *r, const struct sys_vm *vm, const char *prop, const char *name, const char **found)
{
    const char *slash = strrchr(r->sys.src.file, '/');
    int dir = slash != NULL ? (int)(slash - r->sys.src.file) + 1 : 0;
    bool absolute = name[0] == '/';
    const char *path = absolute ? name : arena_printf(&r->arena, "%.*s%s", dir, r->sys.src.file, name);
    struct blob b = blob_read(&r->arena, path);
    const char *tried = b.data == NULL ? arena_printf(&r->arena, "%s (%s)", path, strerror(errno)) : NULL;

    if (b.data == NULL && !absolute && r->opt.images != NULL) {
        path = arena_printf(&r->arena, "%s/%s", r->opt.images, name);
        b = blob_read(&r->arena, path);
        tried = arena_printf(&r->arena, "%s, then %s (%s)", tried, path, strerror(errno));
    }
    if (b.data == NULL) {
        vm_error(r, vm, prop, "%s %s cannot be read; looked for %s; build it, or write a path relative to system.dts%s", prop,
                 name, tried, r->opt.images != NULL ? " or to --images" : ", or give --images DIR");
    } else if (b.size == 0U) {
        vm_error(r, vm, prop, "%s is empty; build it first", path);
        b.data = NULL;
    }
    *found = path;
    return b;
}

/* Why the file is not something that can be put into memory and started; NULL if it may be. */
static const char *refuse(const struct blob *b)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *why;
    } kinds[] = {
        {"\x1f\x8b", 2, "is compressed with gzip; unpack it (gunzip) and name the result"},
        {"\xfd"
         "7zXZ",
         5, "is compressed with xz; unpack it (unxz) and name the result"},
        {"\x28\xb5\x2f\xfd", 4, "is compressed with zstd; unpack it (unzstd) and name the result"},
        {"\x7f"
         "ELF",
         4, "is an ELF file; turn it into a raw image (objcopy -O binary) and name the result"},
        {"\x27\x05\x19\x56", 4, "is a U-Boot uImage; name the raw Image in it"},
        {"\xd0\x0d\xfe\xed", 4, "is a device tree or FIT image; name the raw Image"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (b->size >= kinds[i].size && memcmp(b->data, kinds[i].magic, kinds[i].size) == 0) {
            return kinds[i].why;
        }
    }
    return NULL;
}

/* `load` and `entry` as the plan says them, against the memory that the image is in and the image. */
static void check_addresses(struct run *r, const struct vm *v, const struct ram *m, uint64_t load)
{
    const struct sys_vm *s = v->sys;

    if (s->has_load && m == NULL) {
        vm_error(r, s, "load",
                 "0x%" PRIx64 " is not in the VM's RAM, which starts at 0x%" PRIx64
                 " and has %s%s; write an address in it",
                 load, v->ram[0].ipa, size_text(&r->arena, s->memory), ram_or_regions(v));
    } else if (s->has_load && v->image_mem_size > m->ipa + m->size - load) { /* layout_check.c says it if this wraps */
        vm_error(r, s, "load",
                 "the image takes %" PRIu64 " bytes from 0x%" PRIx64 ", and %s ends at 0x%" PRIx64
                 "; load it lower, or give more memory",
                 v->image_mem_size, load, ram_name(&r->arena, m), m->ipa + m->size);
    }
    if (s->has_entry && (s->entry < load || s->entry - load >= v->image.size)) {
        vm_error(r, s, "entry",
                 "0x%" PRIx64 " is not in the image, whose %zu bytes are loaded at 0x%" PRIx64
                 "; write an address in it",
                 s->entry, v->image.size, load);
    }
    if (m != NULL && v->linux_header && (m->rights & S2_W) == 0U) {
        ram_error(r, v, m, "ro", "the image is loaded there, at 0x%" PRIx64 ", and ro forbids to write: a Linux Image has its data in it; "
                  "remove ro, or write a load elsewhere", load);
    }
    if (v->linux_header && s->xn && m != &v->ram[0]) {
        vm_error(r, s, "xn", "a Linux Image takes all memory that its tree tells for executable; remove xn");
    }
    if (m != NULL && (m->rights & S2_X) == 0U && !s->trusted_dma) { /* else that is told already */
        ram_error(r, v, m, "xn", "the image is loaded there, at 0x%" PRIx64 ", and xn forbids to execute it; remove xn, or write "
                  "a load elsewhere", load);
    }
}

/* What the header of a Linux Image asks for; its distance from the base of RAM. */
static uint64_t read_header(struct run *r, struct vm *v)
{
    bool riscv = r->board.isa == PLAN_ISA_RISCV;
    uint64_t text_offset = le64(v->image.data + HEADER_TEXT_OFFSET);
    uint64_t size = le64(v->image.data + HEADER_IMAGE_SIZE);
    const struct ram *m = v->sys->has_load ? ram_at(v, v->sys->load) : &v->ram[0];

    v->image_mem_size = size > v->image.size ? size : v->image.size;
    if (riscv) { /* it reserves what it maps, in large pages */
        v->image_mem_size = align_up(v->image_mem_size, SZ_2M);
    }
    if (m != NULL && (text_offset > (riscv ? m->size : SZ_2M - 1U) || size > m->size)) {
        vm_error(r, v->sys, "image",
                 "its %s header asks for %" PRIu64 " bytes at offset 0x%" PRIx64
                 ", %s is %s; give it more memory, or the right image",
                 header_name(r->board.isa), size, text_offset,
                 m->region == NULL ? "the VM's memory" : ram_name(&r->arena, m), size_text(&r->arena, m->size));
    }
    /* arm64: kernels before 3.17 leave image_size 0 and want 0x80000. */
    return size == 0U && !riscv ? 0x80000U : text_offset;
}

/* Where the image starts: by `load`, by its header, or at the base of RAM. */
static void place(struct run *r, struct vm *v)
{
    const struct sys_vm *s = v->sys;
    uint64_t load = v->ram[0].ipa;

    v->image_mem_size = v->image.size;
    if (v->linux_header) {
        load += read_header(r, v);
    }
    load = s->has_load ? s->load : load;
    const struct ram *m = s->has_load ? ram_at(v, load) : &v->ram[0];

    check_addresses(r, v, m, load);
    v->entry = s->has_entry ? s->entry : load;
    v->piece[v->nr_pieces++] =
        (struct piece){"image", v->image.data, v->image.size, v->image_mem_size, load, m != NULL ? (unsigned)(m - v->ram) : 0U};
}

/* An overlay as source is compiled here, in which its own lines are told. */
static void load_overlay(struct run *r, struct vm *v)
{
    const char *path = NULL;

    v->overlay = read_named(r, v->sys, "overlay", v->sys->overlay, &path);
    if (v->overlay.data == NULL) {
        return;
    }
    v->overlay_where = source_where(&r->sys.src, v->sys->path, "overlay");
    if (v->overlay.size < 4U || memcmp(v->overlay.data, "\xd0\x0d\xfe\xed", 4) != 0) {
        struct source *s = arena_alloc(&r->arena, sizeof(*s));

        v->overlay.data = NULL;
        if (!source_read(&r->arena, &r->diag, path, s)) {
            return;
        }
        v->overlay_source = s;
        v->overlay_where = arena_printf(&r->arena, "%s:1", path);
        v->overlay = s->dtb;
    }
    overlay_check(r, v);
}

static bool ram_known(const struct vm *v)
{
    for (unsigned i = 0; i < v->nr_ram; i++) {
        if (v->ram[i].size == 0U) {
            return false;
        }
    }
    return true;
}

static void load_one(struct run *r, struct vm *v)
{
    const char *path = NULL;

    if (v->sys->image != NULL) {
        v->image = read_named(r, v->sys, "image", v->sys->image, &path);
    }
    if (v->image.data != NULL) {
        const char *why = refuse(&v->image);

        bool riscv = r->board.isa == PLAN_ISA_RISCV;
        enum plan_isa other = riscv ? PLAN_ISA_ARMV8 : PLAN_ISA_RISCV;

        v->image_path = path;
        if (why != NULL) {
            vm_error(r, v->sys, "image", "%s %s", v->sys->image, why);
        } else if (r->board_good && header_there(other, v->image.data, v->image.size)) {
            vm_error(r, v->sys, "image", "%s is an image for %s, and the board is %s; name one for the board (a file beside system.dts "
                     "comes before one in --images)", path, riscv ? "arm64" : "RISC-V", riscv ? "RISC-V" : "Armv8");
        } else {
            v->linux_header = header_there(r->board.isa, v->image.data, v->image.size);
            if (ram_known(v) && r->board_good) { /* else what is wrong is told already */
                place(r, v);
            }
        }
    }
    if (v->sys->initrd != NULL) {
        v->initrd = read_named(r, v->sys, "initrd", v->sys->initrd, &v->initrd_path);
    }
    if (v->sys->overlay != NULL) {
        load_overlay(r, v);
    }
}

void image_load_all(struct run *r)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        load_one(r, &r->vm[i]);
    }
}
