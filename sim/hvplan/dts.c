/* SPDX-License-Identifier: Apache-2.0 */
/* dtc as a child process: the compiled tree, and which line every node and property came from. */
#define _GNU_SOURCE
#include "hvplan.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* Runs dtc with the given output format; its output and its messages go to files. The exit status, or -1. */
static int run_dtc(const char *file, const char *format, bool annotate, FILE *out, FILE *err)
{
    /* "--" keeps a file name that starts with a dash from being an option. */
    const char *plain[] = {"dtc", "-q", "-I", "dts", "-O", format, "--", file, NULL};
    const char *lines[] = {"dtc", "-q", "-T", "-I", "dts", "-O", format, "--", file, NULL};
    posix_spawn_file_actions_t fa;
    pid_t pid;
    int status;

    if (posix_spawn_file_actions_init(&fa) != 0) {
        return -1;
    }
    posix_spawn_file_actions_adddup2(&fa, fileno(out), 1);
    posix_spawn_file_actions_adddup2(&fa, fileno(err), 2);
    int rc = posix_spawnp(&pid, "dtc", &fa, NULL, (char *const *)(annotate ? lines : plain), environ);

    posix_spawn_file_actions_destroy(&fa);
    if (rc != 0) {
        errno = rc;
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Splits "FILE:LINE.COL-COL rest" at the colon before LINE; NULL if the line does not look like that. */
static char *location_end(char *line)
{
    for (char *c = strchr(line, ':'); c != NULL; c = strchr(c + 1, ':')) {
        size_t digits = strspn(c + 1, "0123456789");

        if (digits > 0U && c[1U + digits] == '.') {
            return c;
        }
    }
    return NULL;
}

/*
 * dtc says "Error: FILE:LINE.COL-COL TEXT" of the syntax, and "FILE:LINE.COL-COL: ERROR (CHECK): /NODE: TEXT"
 * of what it finds later. Ours are "FILE:LINE: error: /NODE: TEXT; how to mend it".
 */
static void report_line(struct arena *a, struct diag *d, const char *file, char *line)
{
    static const char mend[] = "see Devicetree Specification chapter 6 for how to write it";
    char *at = strncmp(line, "Error: ", 7) == 0 ? line + 7 : line;
    char *colon = location_end(at);
    char *text = colon != NULL ? strchr(colon, ' ') : NULL;
    const char *node = "/";

    if (text == NULL) {
        if (strncmp(line, "FATAL", 5) != 0 && strncmp(line, "ERROR: Input tree", 17) != 0) {
            diag_error(d, arena_printf(a, "%s:1", file), "/", "%s; %s", line, mend);
        }
        return;
    }
    unsigned long n = strtoul(colon + 1, NULL, 10);
    char *path = strstr(text, "): /");
    char *rest = path != NULL ? strstr(path + 3, ": ") : NULL;

    *colon = '\0';
    text++;
    if (rest != NULL) {
        *rest = '\0';
        node = path + 3;
        text = rest + 2;
    }
    diag_error(d, arena_printf(a, "%s:%lu", at, n > 0U ? n : 1U), node, "%s; %s", text, mend);
}

static void report_dtc(struct arena *a, struct diag *d, const char *file, char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        report_line(a, d, file, line);
    }
}

static bool compile(struct arena *a, struct diag *d, const char *file, bool annotate, struct blob *out)
{
    FILE *to = tmpfile();
    FILE *err = tmpfile();
    bool ok = false;

    if (to != NULL && err != NULL) {
        int rc = run_dtc(file, annotate ? "dts" : "dtb", annotate, to, err);

        rewind(to);
        rewind(err);
        *out = blob_read_stream(a, to);
        struct blob text = blob_read_stream(a, err);

        ok = rc == 0 && out->data != NULL;
        if (rc < 0 || rc == 127) {
            diag_error(d, arena_printf(a, "%s:1", file), "/",
                       "dtc cannot be run; install the package device-tree-compiler");
        } else if (!ok) {
            unsigned before = d->errors;

            report_dtc(a, d, file, (char *)text.data);
            if (d->errors == before) {
                diag_error(d, arena_printf(a, "%s:1", file), "/",
                           "dtc failed (exit status %d); run it by hand", rc);
            }
        }
    } else {
        diag_error(d, arena_printf(a, "%s:1", file), "/", "no temporary file: %s", strerror(errno));
    }
    if (to != NULL) {
        fclose(to);
    }
    if (err != NULL) {
        fclose(err);
    }
    return ok;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The comment that dtc -T puts at the end of a line: the file and line; NULL if there is none. */
static const char *annotation(struct arena *a, const char *file, char *line)
{
    char *open = NULL;

    for (char *p = strstr(line, "/* "); p != NULL; p = strstr(p + 1, "/* ")) {
        open = p;
    }
    if (open == NULL) {
        return NULL;
    }
    char *where = open + 3;
    size_t n = strcspn(where, ", ");

    *open = '\0';
    where[n] = '\0';
    char *colon = strrchr(where, ':');

    if (colon != NULL && (size_t)(colon - where) == strlen(base_name(file)) &&
        strncmp(where, base_name(file), strlen(base_name(file))) == 0) {
        return arena_printf(a, "%s%s", file, colon); /* dtc shortens the path it was given */
    }
    return arena_printf(a, "%s", where);
}

static void add_line(struct arena *a, struct source *s, const char *path, const char *prop, const char *where)
{
    struct source_line *l = arena_alloc(a, sizeof(*l));

    *l = (struct source_line){path, prop, where, s->lines};
    s->lines = l;
}

/* The name that a line of dtc's output defines: after labels, before " {", " =" or ";". */
static char *defined_name(char *line)
{
    char *p = line + strspn(line, "\t ");

    for (;;) {
        size_t n = strcspn(p, " ;");

        if (n < 2U || p[n - 1U] != ':' || p[n] != ' ') {
            p[n] = '\0';
            return p;
        }
        p += n + 1U;
    }
}

static void scan_lines(struct arena *a, struct source *s, char *text)
{
    const char *stack[64] = {""};
    unsigned depth = 0;

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *where = annotation(a, s->file, line);
        char *end = line + strlen(line);

        while (end > line && (end[-1] == ' ' || end[-1] == '\t')) {
            *--end = '\0';
        }
        if (where == NULL || end == line) {
            continue;
        }
        if (end[-1] == '{' && depth + 1U < ARRAY_SIZE(stack)) {
            const char *name = defined_name(line);

            depth++;
            stack[depth] =
                depth == 1U ? "/" : arena_printf(a, "%s/%s", depth == 2U ? "" : stack[depth - 1U], name);
            add_line(a, s, stack[depth], NULL, where);
        } else if (strstr(line, "};") != NULL && strspn(line, "\t ") + 2U == strlen(line)) {
            depth -= depth > 0U;
        } else if (end[-1] == ';') {
            add_line(a, s, stack[depth], arena_printf(a, "%s", defined_name(line)), where);
        }
    }
}

bool source_read(struct arena *a, struct diag *d, const char *file, struct source *out)
{
    struct blob text;
    FILE *f = fopen(file, "rb");

    out->file = file;
    if (f == NULL) {
        diag_error(d, arena_printf(a, "%s:1", file), "/", "cannot be read: %s", strerror(errno));
        return false;
    }
    fclose(f);
    if (!compile(a, d, file, false, &out->dtb) || !compile(a, d, file, true, &text)) {
        return false;
    }
    scan_lines(a, out, (char *)text.data);
    return true;
}

const char *source_where(const struct source *s, const char *path, const char *prop)
{
    const char *node = s->file;

    for (const struct source_line *l = s->lines; l != NULL; l = l->next) {
        if (strcmp(l->path, path) != 0) {
            continue;
        }
        if (l->prop == NULL) {
            node = l->where;
        } else if (prop != NULL && strcmp(l->prop, prop) == 0) {
            return l->where;
        }
    }
    return node;
}
