/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes and NUL-terminated strings; the hypervisor links no libc. */
#ifndef HV_LIB_STRING_H
#define HV_LIB_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void mem_copy(void *dst, const void *src, size_t n)
{
    uint8_t *d = dst;
    const uint8_t *s = src;
    for (size_t i = 0; i < n; i++) {
        d[i] = s[i];
    }
}

static inline void mem_zero(void *dst, size_t n)
{
    (void)__builtin_memset(dst, 0, n); /* arch/<isa>/memset.S, where it is no store or two */
}

static inline bool mem_equal(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (size_t i = 0; i < n; i++) {
        if (x[i] != y[i]) {
            return false;
        }
    }
    return true;
}

static inline size_t str_len(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0') {
        n++;
    }
    return n;
}

static inline bool str_equal(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i]) {
        i++;
    }
    return a[i] == b[i];
}

#endif
