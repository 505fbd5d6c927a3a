/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

static char folder[] = "/tmp/hvplan-test.XXXXXX";
static struct arena arena;
static struct outcome last;

const char *scratch(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

void scratch_write(const char *name, const void *data, size_t size)
{
    FILE *f = fopen(scratch(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

uint8_t *scratch_read(const char *name, size_t *size)
{
    struct blob b = blob_read(&arena, scratch(name));

    if (size != NULL) {
        *size = b.size;
    }
    return b.data;
}

void scratch_dtb(const char *dts, const char *dtb)
{
    struct diag d = {stderr, 0};
    struct source s = {0};

    assert_true(source_read(&arena, &d, dts, &s));
    scratch_write(dtb, s.dtb.data, s.dtb.size);
}

static void write_image(const char *name, size_t size, uint64_t image_size, const char *magic)
{
    uint8_t *b = arena_alloc(&arena, size);

    for (size_t i = 0; i < size; i++) {
        b[i] = (uint8_t)(i * 7U + size);
    }
    memset(b + 8, 0, 56);
    memcpy(b + 16, &image_size, sizeof(image_size));
    memcpy(b + 56, magic, 4);
    scratch_write(name, b, size);
}

int hvplan_setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    scratch_dtb("tests/unit/boards/small.dts", "board.dtb");
    write_image("kernel", KERNEL_FILE_SIZE, KERNEL_IMAGE_SIZE, "ARM\x64");
    write_image("raw.bin", RAW_SIZE, 0, "none");
    write_image("initrd", INITRD_SIZE, 0, "none");
    write_image("hv.bin", HV_FILE_SIZE, HV_MEM_SIZE, "ARM\x64");
    return 0;
}

int hvplan_teardown(void **state)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    (void)state;
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.') {
            unlink(scratch(e->d_name));
        }
    }
    if (d != NULL) {
        closedir(d);
    }
    rmdir(folder);
    free(last.out);
    free(last.err);
    free(last.warnings);
    last = (struct outcome){0};
    arena_free(&arena);
    return 0;
}

/* Lines of `all` that are warnings, or those that are not. */
static char *lines_of(const char *all, bool warnings)
{
    char *out = NULL;
    size_t n;
    FILE *f = open_memstream(&out, &n);

    while (*all != '\0') {
        size_t len = strcspn(all, "\n");
        const char *word = strstr(all, ": warning: ");

        len += all[len] == '\n' ? 1U : 0U;
        if ((word != NULL && word < all + len) == warnings) {
            fwrite(all, 1, len, f);
        }
        all += len;
    }
    fclose(f);
    return out;
}

struct outcome hvplan(const char *const *args)
{
    char *all = NULL;
    char *argv[24] = {"hvplan"};
    int argc = 1;
    size_t n;

    while (*args != NULL) {
        argv[argc++] = (char *)*args++;
    }
    free(last.out);
    free(last.err);
    free(last.warnings);
    FILE *out = open_memstream(&last.out, &n);
    FILE *err = open_memstream(&all, &n);

    last.rc = hvplan_run(argc, argv, out, err);
    fclose(out);
    fclose(err);
    last.err = lines_of(all, false);
    last.warnings = lines_of(all, true);
    free(all);
    return last;
}

struct outcome hvplan_vms(const char *command, const char *body)
{
    return hvplan_text(command, arena_printf(&arena,
                                             "/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\nvms {\n%s\n};\n};\n",
                                             body));
}

struct outcome hvplan_text(const char *command, const char *text)
{
    bool build = strcmp(command, "build") == 0;

    scratch_write("system.dts", text, strlen(text));
    const char *args[] = {command,
                          "--board",
                          scratch("board.dtb"),
                          "--hv",
                          scratch("hv.bin"),
                          scratch("system.dts"),
                          build ? "-o" : NULL,
                          scratch("out.img"),
                          NULL};

    return hvplan(args);
}

const struct plan *hvplan_build(const char *body, uint8_t **file, size_t *size)
{
    struct outcome o = hvplan_vms("build", body);
    struct plan_report report;

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    *file = scratch_read("out.img", size);
    assert_non_null(*file);
    const struct plan *plan = (const struct plan *)(*file + HV_MEM_SIZE);

    assert_int_equal(plan_validate(plan, PLAN_MAX_BYTES, "virt-gicv3", PLAN_ISA_ARMV8, &report), HV_OK);
    return plan;
}

void assert_contains(const char *where, const char *text)
{
    if (strstr(where, text) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", text, where);
    }
}
