/* SPDX-License-Identifier: Apache-2.0 */
/* print() and the few string functions; memcpy and friends are here since the compiler may call them. */
#include "guest.h"

void *memcpy(void *restrict d, const void *restrict s, size_t n);
void *memset(void *d, int c, size_t n);

void *memcpy(void *restrict d, const void *restrict s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((volatile uint8_t *)d)[i] = ((const uint8_t *)s)[i];
    }
    return d;
}

void *memset(void *d, int c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((volatile uint8_t *)d)[i] = (uint8_t)c;
    }
    return d;
}

bool str_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

size_t str_len(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0') {
        n++;
    }
    return n;
}

static void put(char c)
{
    if (c == '\n') {
        uart_putc('\r');
    }
    uart_putc(c);
}

static void put_number(uint64_t v, unsigned base, bool negative, unsigned width, char pad)
{
    char digits[24];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v != 0U);
    if (negative) {
        digits[n++] = '-';
    }
    for (unsigned i = n; i < width; i++) {
        put(pad);
    }
    while (n > 0U) {
        put(digits[--n]);
    }
}

static void put_signed(int64_t v, unsigned width, char pad)
{
    put_number(v < 0 ? 0U - (uint64_t)v : (uint64_t)v, 10, v < 0, width, pad);
}

/* Prints one conversion; returns the character behind it. */
static const char *convert(const char *f, va_list *ap)
{
    char pad = *f == '0' ? '0' : ' ';
    unsigned width = 0;
    bool wide = false;
    while (*f >= '0' && *f <= '9') {
        width = width * 10U + (unsigned)(*f++ - '0');
    }
    while (*f == 'l') {
        wide = true;
        f++;
    }
    switch (*f) {
    case 's': {
        const char *s = va_arg(*ap, const char *);
        while (*s != '\0') {
            put(*s++);
        }
        break;
    }
    case 'c':
        put((char)va_arg(*ap, int));
        break;
    case 'd':
        put_signed(wide ? va_arg(*ap, int64_t) : va_arg(*ap, int), width, pad);
        break;
    case 'u':
    case 'x':
        put_number(wide ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned), *f == 'u' ? 10 : 16, false, width,
                   pad);
        break;
    case 'p':
        put_number((uint64_t)(uintptr_t)va_arg(*ap, void *), 16, false, 16, '0');
        break;
    default:
        put(*f);
        break;
    }
    return f + 1;
}

void print(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    while (*fmt != '\0') {
        if (*fmt == '%' && fmt[1] != '\0') {
            fmt = convert(fmt + 1, &ap);
        } else {
            put(*fmt++);
        }
    }
    va_end(ap);
}
