/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded formatting: %s %c %u %x (unsigned) %lu %lx (uint64_t) %%. Anything else is copied as it stands. */
#ifndef HV_LIB_FMT_H
#define HV_LIB_FMT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Writes at most size - 1 characters and a NUL (size > 0). Returns the length written; longer output is cut. */
size_t fmt_string(char *buf, size_t size, const char *fmt, va_list ap);

/* " NAME COUNT", in decimal, if that leaves room for a character more: its length. Else 0, and an empty string. */
size_t fmt_count(char *buf, size_t size, const char *name, uint64_t count);

#endif
