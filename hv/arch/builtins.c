/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions GCC calls on its own even in freestanding code (GCC manual, "Standards": memcpy, memmove, memcmp, and
 * memset, which each ISA has as memset.S), and where the CPU has no instruction for it (RISC-V without Zbb) that which counts
 * trailing zeros. Code of ours uses lib/string.h. Built without LTO and without loop pattern recognition (hv/hv.mk), which would turn
 * each into a call of itself. Byte by byte: the alignment rules of -mstrict-align hold for what they get, and but for the last of
 * them they are not on any hot path.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int __ctzdi2(uint64_t v);

/* Word-wise where it may be: images are copied so when a VM restarts, and the hypervisor when it moves. */
static void copy_up(uint8_t *d, const uint8_t *s, size_t n)
{
    size_t i = 0;
    if ((((uintptr_t)d | (uintptr_t)s) & 7U) == 0U) {
        for (; i + 64U <= n; i += 64U) {
            uint64_t *to = (uint64_t *)(void *)&d[i];
            const uint64_t *from = (const uint64_t *)(const void *)&s[i];
            const uint64_t w[8] = {from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7]};

#pragma GCC unroll 8
            for (unsigned k = 0; k < 8U; k++) {
                to[k] = w[k];
            }
        }
        for (; i + 8U <= n; i += 8U) {
            *(uint64_t *)(void *)&d[i] = *(const uint64_t *)(const void *)&s[i];
        }
    }
    for (; i < n; i++) {
        d[i] = s[i];
    }
}

__attribute__((used)) void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
    copy_up(dst, src, n);
    return dst;
}

__attribute__((used)) void *memmove(void *dst, const void *src, size_t n)
{
    uint8_t *d = dst;
    const uint8_t *s = src;
    if ((uintptr_t)d <= (uintptr_t)s) {
        copy_up(d, s, n);
    } else {
        for (size_t i = n; i > 0U; i--) {
            d[i - 1U] = s[i - 1U];
        }
    }
    return dst;
}

__attribute__((used)) int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (size_t i = 0; i < n; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

/* v is not 0. The lowest bit alone, times a number in which each six bits in a row are others (a de Bruijn sequence), has
 * six bits at the top that tell where it was: the PLIC's paths count zeros several times in each interrupt. */
__attribute__((used)) int __ctzdi2(uint64_t v)
{
    static const uint8_t place[64] = {
        0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4,
        62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
        63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
        46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
    };
    return place[((v & (0U - v)) * 0x03f79d71b4cb0a89ULL) >> 58];
}
