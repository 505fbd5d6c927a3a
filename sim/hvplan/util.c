/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one run, whole files, sizes in words. */
#include "hvplan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

struct file_read {
    struct file_read *next;
    dev_t dev;
    ino_t ino;
};

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *b = size <= SIZE_MAX / 2U ? calloc(1, sizeof(*b) + size) : NULL;

    if (b == NULL) {
        fprintf(stderr, "hvplan: out of memory\n");
        exit(2);
    }
    b->next = a->blocks;
    a->blocks = b;
    return b->data;
}

void arena_free(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *b = a->blocks;

        a->blocks = b->next;
        free(b);
    }
    a->files = NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_list again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    char *s = arena_alloc(a, (size_t)n + 1U);

    vsnprintf(s, (size_t)n + 1U, fmt, again);
    va_end(again);
    return s;
}

static void spare(struct arena *a, const struct stat *st)
{
    struct file_read *r = arena_alloc(a, sizeof(*r));

    *r = (struct file_read){a->files, st->st_dev, st->st_ino};
    a->files = r;
}

void output_spare(struct arena *a, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0) {
        spare(a, &st);
    }
}

struct blob blob_read_stream(struct arena *a, FILE *f)
{
    struct blob b = {NULL, 0};
    struct stat st;

    if (fstat(fileno(f), &st) != 0) {
        return b;
    }
    spare(a, &st);
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return b;
    }
    b.data = arena_alloc(a, (size_t)st.st_size + 1U);
    b.size = fread(b.data, 1, (size_t)st.st_size, f);
    if (ferror(f)) {
        b.data = NULL;
    }
    return b;
}

struct blob blob_read(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        return (struct blob){NULL, 0};
    }
    struct blob b = blob_read_stream(a, f);
    int kept = errno;

    fclose(f);
    errno = kept;
    return b;
}

const char *output_refused(const struct arena *a, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        return "is there and is not a file; name another output";
    }
    for (const struct file_read *r = a->files; r != NULL; r = r->next) {
        if (r->dev == st.st_dev && r->ino == st.st_ino) {
            return "is an input of this run and would be lost; name another output";
        }
    }
    return NULL;
}

const char *size_text(struct arena *a, uint64_t bytes)
{
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB"};
    unsigned u = 0;

    while (u < 3U && bytes != 0U && bytes % 1024U == 0U) {
        bytes /= 1024U;
        u++;
    }
    return arena_printf(a, "%" PRIu64 " %s", bytes, unit[u]);
}
