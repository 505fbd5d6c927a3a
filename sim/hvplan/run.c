/* SPDX-License-Identifier: Apache-2.0 */
/* hvplan's options, and its steps in their order. */
#include "map.h"

#include <errno.h>
#include <libfdt.h>
#include <string.h>

/* The option whose argument comes next, or NULL. */
static const char **option(struct options *o, const char *arg)
{
    const struct {
        const char *name;
        const char **to;
    } all[] = {{"--board", &o->board}, {"--hv", &o->hv}, {"--images", &o->images}, {"--svg", &o->svg}, {"-o", &o->out}};

    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        if (strcmp(arg, all[i].name) == 0) {
            return all[i].to;
        }
    }
    return NULL;
}

static const char *parse(struct arena *a, int argc, char *const *argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char **to = option(o, argv[i]);

        if (to != NULL) {
            if (i + 1 == argc) {
                return arena_printf(a, "%s needs an argument", argv[i]);
            }
            if (*to != NULL) {
                return arena_printf(a, "%s is given twice", argv[i]);
            }
            *to = argv[++i];
        } else if (argv[i][0] == '-') {
            return arena_printf(a, "unknown option %s", argv[i]);
        } else if (o->command == NULL) {
            o->command = argv[i];
        } else if (o->system == NULL) {
            o->system = argv[i];
        } else {
            return arena_printf(a, "one argument too many: %s", argv[i]);
        }
    }
    return NULL;
}

/* What is wrong with how hvplan was called, or NULL. */
static const char *misuse(const struct options *o)
{
    if (o->command == NULL) {
        return "no command";
    }
    if (strcmp(o->command, "build") != 0 && strcmp(o->command, "check") != 0 &&
        strcmp(o->command, "show") != 0) {
        return "the command is not one of build, check, show";
    }
    if (o->board == NULL) {
        return "--board is missing";
    }
    if (o->system == NULL) {
        return "system.dts is missing";
    }
    if (strcmp(o->command, "build") == 0 && (o->hv == NULL || o->out == NULL)) {
        return o->hv == NULL ? "build needs --hv" : "build needs -o";
    }
    if (strcmp(o->command, "check") == 0 && o->out != NULL) {
        return "check writes nothing: no -o";
    }
    if (strcmp(o->command, "show") != 0 && o->svg != NULL) {
        return "only show has --svg";
    }
    return NULL;
}

/* The header that makes a loader take the packed file for a Linux image (header.c): image_size is the whole file. With
 * text_offset the distance of the load address from the base of RAM, and on arm64 flag bit 3 clear, U-Boot's booti moves
 * the file there from wherever it was loaded, and QEMU's -kernel loads it there. */
static void patch_header(struct run *r)
{
    uint64_t flags;
    uint64_t offset = r->board.load_base - r->board.ram_base;

    if (r->hv.file == NULL) {
        return;
    }
    memcpy(&flags, r->hv.data + HEADER_FLAGS, sizeof(flags));
    flags &= r->board.isa == PLAN_ISA_ARMV8 ? ~(uint64_t)8U : UINT64_MAX;
    memcpy(r->hv.data + HEADER_TEXT_OFFSET, &offset, sizeof(offset));
    memcpy(r->hv.data + HEADER_IMAGE_SIZE, &r->file_size, sizeof(r->file_size));
    memcpy(r->hv.data + HEADER_FLAGS, &flags, sizeof(flags));
}

/* What stands in the plan against the board and the files: each of them says what is wrong, whatever else is. */
static void compare(struct run *r)
{
    r->nr_vms = r->sys.nr_vms;
    for (unsigned i = 0; i < r->nr_vms; i++) {
        r->vm[i].sys = &r->sys.vm[i];
    }
    if (r->board_good) {
        resolve(r);
        channels_resolve(r);
        channels_doorbells(r);
        colours_resolve(r);
        hv_image_load(r);
    }
    image_load_all(r);
}

void run_board(struct run *r)
{
    board_read(&r->arena, &r->diag, r->opt.board, &r->board);
    r->board_good = r->diag.errors == 0U;
}

void run_source(struct run *r)
{
    front_read(&r->arena, &r->diag, &r->sys);
    compare(r);
    if (r->diag.errors != 0U) { /* what is laid out needs that all before it is right */
        return;
    }
    layout(r);
    if (r->diag.errors != 0U) {
        return;
    }
    patch_header(r);
    make_plan(r);
}

static void write_error(struct run *r, const char *path, const char *why)
{
    diag_error(&r->diag, arena_printf(&r->arena, "%s:0", path), "/", "%s", why);
}

static bool ends_in_svg(const char *path)
{
    size_t n = strlen(path);

    return n > 4U && strcmp(path + n - 4U, ".svg") == 0;
}

/* The map into a file, as a picture or as text. */
static void show_into(struct run *r, const char *path, bool picture)
{
    FILE *f = fopen(path, "w");

    if (f == NULL) {
        write_error(r, path, arena_printf(&r->arena, "cannot be written: %s", strerror(errno)));
        return;
    }
    (picture ? svg : show)(r, f);
    bool failed = ferror(f) != 0;

    if (fclose(f) != 0 || failed) {
        write_error(r, path, arena_printf(&r->arena, "cannot be written: %s", strerror(errno)));
    }
}

/* True if the file may be written, or none is asked for. */
static bool may_write(struct run *r, const char *path)
{
    const char *refused = path != NULL ? output_refused(&r->arena, path) : NULL;

    if (refused != NULL) {
        write_error(r, path, refused);
    }
    return refused == NULL;
}

static void output(struct run *r)
{
    bool good = may_write(r, r->opt.out);

    if (!may_write(r, r->opt.svg) || !good) {
        return;
    }
    if (strcmp(r->opt.command, "build") == 0) {
        pack(r);
    } else if (strcmp(r->opt.command, "show") == 0) {
        if (r->opt.svg != NULL) {
            show_into(r, r->opt.svg, true);
        }
        if (r->opt.out != NULL) {
            show_into(r, r->opt.out, ends_in_svg(r->opt.out));
        } else {
            show(r, r->out);
        }
    }
}

enum plan_isa hvplan_isa(int argc, char *const *argv)
{
    struct arena a = {0};
    struct options o = {0};
    enum plan_isa isa = PLAN_ISA_ARMV8;
    struct blob blob = {0};

    (void)parse(&a, argc, argv, &o);
    if (o.board != NULL) {
        blob = blob_read(&a, o.board);
    }
    if (blob.data != NULL && fdt_check_full(blob.data, blob.size) == 0) {
        isa = board_isa(blob.data);
    }
    arena_free(&a);
    return isa;
}

int hvplan_run(int argc, char *const *argv, FILE *out, FILE *err)
{
    static struct run r; /* large */

    if (help(argc, argv, out)) {
        return 0;
    }
    r = (struct run){.diag = {err, 0}, .out = out};
    const char *wrong = parse(&r.arena, argc, argv, &r.opt);

    wrong = wrong != NULL ? wrong : misuse(&r.opt);
    if (wrong != NULL) {
        fprintf(err, "hvplan: %s\n", wrong);
        help_usage(err);
        arena_free(&r.arena);
        return 2;
    }
    output_spare(&r.arena, r.opt.system);
    run_board(&r);
    if (source_read(&r.arena, &r.diag, r.opt.system, &r.sys.src)) {
        run_source(&r);
    }
    if (r.diag.errors == 0U) {
        output(&r);
    }
    int rc = r.diag.errors == 0U ? 0 : 1;

    arena_free(&r.arena);
    return rc;
}
