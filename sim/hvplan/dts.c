/* SPDX-License-Identifier: Apache-2.0 */
/* dtc as a child process: the compiled tree, and the same as source with a line at every node and property. */
#define _GNU_SOURCE
#include "dts.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum dtc_mode {
    DTC_TREE,
    DTC_LINES,  /* source with annotations */
    DTC_FORCED, /* the same, although there are errors */
};

/* Runs dtc; its output and its messages go to files. The exit status, or -1. */
static int run_dtc(const char *file, enum dtc_mode mode, FILE *out, FILE *err)
{
    /* "--" keeps a file name that starts with a dash from being an option. */
    const char *tree[] = {"dtc", "-q", "-I", "dts", "-O", "dtb", "--", file, NULL};
    const char *lines[] = {"dtc", "-q", "-T", "-I", "dts", "-O", "dts", "--", file, NULL};
    const char *forced[] = {"dtc", "-q", "-f", "-T", "-I", "dts", "-O", "dts", "--", file, NULL};
    const char **argv = mode == DTC_TREE ? tree : mode == DTC_LINES ? lines : forced;
    posix_spawn_file_actions_t fa;
    pid_t pid;
    int status;

    if (posix_spawn_file_actions_init(&fa) != 0) {
        return -1;
    }
    posix_spawn_file_actions_adddup2(&fa, fileno(out), 1);
    posix_spawn_file_actions_adddup2(&fa, fileno(err), 2);
    int rc = posix_spawnp(&pid, "dtc", &fa, NULL, (char *const *)argv, environ);

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

/* What dtc finds wrong is told, but what is written twice: *twice is set if there is such. */
static bool compile(struct arena *a, struct diag *d, const char *file, enum dtc_mode mode, struct blob *out, bool *twice)
{
    FILE *to = tmpfile();
    FILE *err = tmpfile();
    bool ok = false;

    if (to != NULL && err != NULL) {
        int rc = run_dtc(file, mode, to, err);

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

            *twice = text.data != NULL && dts_report(a, d, file, (char *)text.data);
            if (d->errors == before && !*twice) {
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

bool source_read(struct arena *a, struct diag *d, const char *file, struct source *out)
{
    struct blob text = {NULL, 0};
    bool twice = false;
    FILE *f = fopen(file, "rb");

    out->file = file;
    if (f == NULL) {
        diag_error(d, arena_printf(a, "%s:1", file), "/", "cannot be read: %s", strerror(errno));
        return false;
    }
    fclose(f);
    bool ok = compile(a, d, file, DTC_TREE, &out->dtb, &twice);
    struct diag silent = {NULL, 0};

    if (!ok && !twice) {
        return false;
    }
    if (!compile(a, ok ? d : &silent, file, ok ? DTC_LINES : DTC_FORCED, &text, &twice)) {
        return false;
    }
    dts_lines(a, out, (char *)text.data);
    if (!ok) {
        dts_twice(a, d, out);
    }
    return ok;
}
