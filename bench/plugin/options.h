/* SPDX-License-Identifier: Apache-2.0 */
/* What the plugin is told; count.c says what each word means. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    uint64_t base, size, vectors, load, firmware, firmware_size;
    uint64_t cpu; /* UINT64_MAX: all */
    bool guests, accesses, marks, profile;
    const char *log, *cache, *owners;
};

extern struct options option;

/* False, and said why, if they cannot be understood or are not enough; opens the cache, if there is to be one. */
bool options_read(int argc, char **argv);

#endif
