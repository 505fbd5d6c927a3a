/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#define LINE 64U

/* xorshift64: registers alone. */
uint64_t bench_cpu_bound(uint64_t turns)
{
    uint64_t x = 88172645463325252U;
    for (uint64_t n = 0; n < turns; n++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

/* As fast as general registers and aligned accesses go on either ISA without more unrolling: four words a turn. */
void bench_copy(void *to, const void *from, uint64_t bytes)
{
    const uint64_t *source = from;
    uint64_t *target = to;

    for (uint64_t n = 0; n < bytes / (4U * sizeof(uint64_t)); n++) {
        uint64_t a = source[0];
        uint64_t b = source[1];
        uint64_t c = source[2];
        uint64_t d = source[3];

        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
        source += 4;
        target += 4;
    }
}

/* Reads and writes a word of each line, `turns` times. */
uint64_t bench_memory_bound(uint64_t base, uint64_t size, uint64_t turns)
{
    uint64_t sum = 0;
    for (uint64_t turn = 0; turn < turns; turn++) {
        for (uint64_t at = base; at < base + size; at += LINE) {
            volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)at;
            sum += *word;
            *word = sum;
        }
    }
    return sum;
}
