/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_steps.h"

#include <stdio.h>

#include "steps.h"

static struct bytes in;

static uint32_t draw(uint32_t n)
{
    if (in.left == 0U) {
        steps_seed(1);
        return steps_draw(n);
    }
    if (n == 0U) {
        return (uint32_t)bytes_u64(&in, 4);
    }
    return (uint32_t)bytes_u64(&in, n <= 0x100U ? 1U : n <= 0x10000U ? 2U : 4U) % n;
}

void fuzz_draw_from(const uint8_t *data, size_t size)
{
    in = (struct bytes){ data, size };
    steps_draw = draw;
    (void)snprintf(steps_where, sizeof(steps_where), "input of %zu bytes", size);
}

bool fuzz_more(void)
{
    return in.left != 0U;
}

void fuzz_random_seeds(void (*emit)(const void *data, size_t size), unsigned count, size_t longest)
{
    uint64_t x = 1;
    for (unsigned i = 0; i < count; i++) {
        uint8_t seed[2048];
        size_t size = longest * (i + 1U) / count;
        size = size < sizeof(seed) ? size : sizeof(seed);
        for (size_t k = 0; k < size; k++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            seed[k] = (uint8_t)(x >> 56);
        }
        emit(seed, size);
    }
}
