/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fmt.h"

#include <stdbool.h>

struct out {
    char *at;
    char *end; /* where the string ends at the latest */
};

static void put(struct out *o, char c)
{
    if (o->at != o->end) {
        *o->at = c;
        o->at++;
    }
}

/* Up to a character or the end, whichever is first: where it stands. */
static const char *put_until(struct out *o, const char *s, char stop)
{
    const char *from = s;
    const char *end = o->end; /* once: for all that the compiler knows the characters may lie over it */
    char *at = o->at;

    for (; *from != '\0' && *from != stop; from++) {
        if (at != end) {
            *at = *from;
            at++;
        }
    }
    o->at = at;
    return from;
}

static void put_string(struct out *o, const char *s)
{
    (void)put_until(o, s, '\0');
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

static struct out into(char *buf, size_t size)
{
    return (struct out){.at = buf, .end = &buf[size - 1U]};
}

size_t fmt_string(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct out o = into(buf, size);
    va_list args;
    va_copy(args, ap);
    for (const char *f = put_until(&o, fmt, '%'); *f != '\0'; f = put_until(&o, f, '%')) {
        size_t taken = convert(&o, &f[1], &args);
        if (taken == 0U) {
            put(&o, '%');
        }
        f = &f[1U + taken];
    }
    va_end(args);
    *o.at = '\0';
    return (size_t)(o.at - buf);
}

size_t fmt_count(char *buf, size_t size, const char *name, uint64_t count)
{
    struct out o = into(buf, size);
    put(&o, ' ');
    put_string(&o, name);
    put(&o, ' ');
    put_number(&o, count, 10U);
    if (o.at == o.end) {
        o.at = buf; /* cut, or nearly */
    }
    *o.at = '\0';
    return (size_t)(o.at - buf);
}
