/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

uint8_t bytes_u8(struct bytes *b)
{
    return (uint8_t)bytes_u64(b, 1);
}

uint64_t bytes_u64(struct bytes *b, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < n && b->left != 0U; i++) {
        v |= (uint64_t)*b->at++ << (8U * i);
        b->left--;
    }
    return v;
}

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "fuzz: FAILED: %s:%d: expected: %s\n", file, line, what);
    abort();
}

/* The linker sends calls of _exit() here: the simulator's way to fail would take the fuzzer along without its input. */
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__exit(int status)
{
    if (status == SIM_FAIL_STATUS) {
        abort();
    }
    __real__exit(status);
}

static const char *seed_folder;

static void write_seed(const void *data, size_t size)
{
    static unsigned n;
    char name[4096];
    snprintf(name, sizeof(name), "%s/%03u", seed_folder, n++);
    FILE *f = fopen(name, "wb");
    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0) {
        perror(name);
        exit(1);
    }
}

/* FUZZ_SEEDS=folder: writes the seeds there, and no more. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    seed_folder = getenv("FUZZ_SEEDS");
    if (seed_folder != NULL) {
        fuzz_seeds(write_seed);
        exit(0);
    }
    return 0;
}
