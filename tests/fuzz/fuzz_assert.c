/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests' fixtures assert ends here, in place of cmocka: at the first failure the fuzzer keeps the input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fuzz.h"

static void need(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        fuzz_fail(file, line, what);
    }
}

void print_error(const char *const format, ...)
{
    va_list ap;
    va_start(ap, format);
    (void)vfprintf(stderr, format, ap);
    va_end(ap);
}

void _fail(const char *const file, const int line)
{
    fuzz_fail(file, line, "what is said above");
}

void _assert_true(const LargestIntegralType result, const char *const expression, const char *const file, const int line)
{
    need(result != 0, expression, file, line);
}

void _assert_int_equal(const LargestIntegralType a, const LargestIntegralType b, const char *const file, const int line)
{
    need(a == b, "equal numbers", file, line);
}

void _assert_int_not_equal(const LargestIntegralType a, const LargestIntegralType b, const char *const file, const int line)
{
    need(a != b, "numbers that differ", file, line);
}

void _assert_in_range(const LargestIntegralType value, const LargestIntegralType minimum, const LargestIntegralType maximum,
                      const char *const file, const int line)
{
    need(value >= minimum && value <= maximum, "a number in a range", file, line);
}

void _assert_memory_equal(const void *const a, const void *const b, const size_t size, const char *const file, const int line)
{
    need(memcmp(a, b, size) == 0, "memory as it was", file, line);
}
