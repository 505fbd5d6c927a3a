/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fmt.h"

#include <stdbool.h>

struct out {
    char *buf;
    size_t size;
    size_t len;
};

static void put(struct out *o, char c)
{
    if (o->len + 1U < o->size) {
        o->buf[o->len] = c;
        o->len++;
    }
}

static void put_string(struct out *o, const char *s)
{
    for (size_t i = 0; s[i] != '\0'; i++) {
        put(o, s[i]);
    }
}

static void put_number(struct out *o, uint64_t v, unsigned base)
{
    char digits[20]; /* 2^64 - 1 has 20 decimal digits */
    unsigned n = 0;
    do {
        digits[n] = "0123456789abcdef"[v % base];
        v /= base;
        n++;
    } while (v != 0U && n < sizeof(digits));
    while (n > 0U) {
        n--;
        put(o, digits[n]);
    }
}

/* One conversion; returns how many characters of the format it took, 0 if it is none of ours. */
static size_t convert(struct out *o, const char *f, va_list *ap)
{
    bool wide = f[0] == 'l';
    size_t taken = wide ? 2U : 1U;
    char c = wide ? f[1] : f[0];
    if (c == 'u' || c == 'x') {
        uint64_t v = wide ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned);
        put_number(o, v, c == 'u' ? 10U : 16U);
    } else if (wide) {
        taken = 0;
    } else if (c == 's') {
        put_string(o, va_arg(*ap, const char *));
    } else if (c == 'c') {
        put(o, (char)va_arg(*ap, int));
    } else if (c == '%') {
        put(o, '%');
    } else {
        taken = 0;
    }
    return taken;
}

size_t fmt_string(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct out o = {.buf = buf, .size = size, .len = 0};
    va_list args;
    va_copy(args, ap);
    for (size_t i = 0; fmt[i] != '\0'; i++) {
        size_t taken = fmt[i] == '%' ? convert(&o, &fmt[i + 1U], &args) : 0U;
        if (taken == 0U) {
            put(&o, fmt[i]);
        }
        i += taken;
    }
    va_end(args);
    buf[o.len] = '\0';
    return o.len;
}

size_t fmt_count(char *buf, size_t size, const char *name, uint64_t count)
{
    struct out o = {.buf = buf, .size = size, .len = 0};
    put(&o, ' ');
    put_string(&o, name);
    put(&o, ' ');
    put_number(&o, count, 10U);
    if (o.len + 1U >= size) {
        o.len = 0; /* cut, or nearly */
    }
    buf[o.len] = '\0';
    return o.len;
}
