/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <stddef.h>

uint32_t (*steps_draw)(uint32_t n);
char steps_where[128];

static uint64_t state64;

static uint32_t seeded(uint32_t n)
{
    state64 += 0x9e3779b97f4a7c15ULL;
    uint64_t z = (state64 ^ (state64 >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return n == 0U ? (uint32_t)(z >> 32) : (uint32_t)((z >> 32) % n);
}

void steps_seed(uint64_t seed)
{
    state64 = seed * 0x2545f4914f6cdd1dULL;
    steps_draw = seeded;
}
