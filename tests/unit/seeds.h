/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which seeds a random test runs: 1 .. otherwise; with NAME_SEED=n in the environment n alone; with NAME_RUNS=m as many
 * as that, from NAME_SEED on (or 1). `make nightly` uses both.
 */
#ifndef TESTS_SEEDS_H
#define TESTS_SEEDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct seeds {
    uint64_t first, count;
};

static inline const char *seeds_variable(const char *name, const char *what)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%s_%s", name, what);
    return getenv(text);
}

static inline struct seeds seeds_of(const char *name, uint64_t otherwise)
{
    const char *only = seeds_variable(name, "SEED");
    const char *many = seeds_variable(name, "RUNS");
    return (struct seeds){ .first = only != NULL ? strtoull(only, NULL, 0) : 1U,
                           .count = many != NULL ? strtoull(many, NULL, 0) : only != NULL ? 1U : otherwise };
}

#endif
