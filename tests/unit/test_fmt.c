/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/fmt.h"

static char buf[64];

static size_t format(size_t size, const char *fmt, ...)
{
    va_list ap;
    memset(buf, '#', sizeof(buf));
    va_start(ap, fmt);
    size_t n = fmt_string(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

static void fmt_writes_each_conversion(void **state)
{
    (void)state;
    (void)format(sizeof(buf), "%s|%c|%u|%x|%lu|%lx|%%", "abc", 'z', 4294967295U, 0xbeefU,
                 (uint64_t)18446744073709551615ULL, (uint64_t)0x123456789abcdef0ULL);
    assert_string_equal(buf, "abc|z|4294967295|beef|18446744073709551615|123456789abcdef0|%");
}

static void fmt_writes_zero_as_one_digit(void **state)
{
    (void)state;
    assert_int_equal(format(sizeof(buf), "%u %x %lu", 0U, 0U, (uint64_t)0), 5);
    assert_string_equal(buf, "0 0 0");
}

static void fmt_cuts_at_every_size_and_always_ends_the_string(void **state)
{
    (void)state;
    for (size_t size = 1; size < 12; size++) {
        size_t n = format(size, "%s-%u", "abcdef", 123U);
        assert_int_equal(n, size - 1 < 10 ? size - 1 : 10);
        assert_int_equal(strlen(buf), n);
        assert_memory_equal(buf, "abcdef-123", n);
        assert_int_equal(buf[size], '#');
    }
}

static void fmt_copies_what_it_does_not_know(void **state)
{
    (void)state;
    (void)format(sizeof(buf), "%q %ls %", 0);
    assert_string_equal(buf, "%q %ls %");
}

static void fmt_count_is_whole_or_not_there(void **state)
{
    static const char whole[] = " irq 18446744073709551615";
    (void)state;
    for (size_t size = 1; size <= sizeof(buf); size++) {
        bool fits = size > sizeof(whole);
        memset(buf, '#', sizeof(buf));
        assert_int_equal(fmt_count(buf, size, "irq", UINT64_MAX), fits ? sizeof(whole) - 1U : 0U);
        assert_string_equal(buf, fits ? whole : "");
        for (size_t i = size; i < sizeof(buf); i++) {
            assert_int_equal(buf[i], '#');
        }
    }
    assert_int_equal(fmt_count(buf, sizeof(buf), "mmio", 0), 7);
    assert_string_equal(buf, " mmio 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fmt_writes_each_conversion),
        cmocka_unit_test(fmt_writes_zero_as_one_digit),
        cmocka_unit_test(fmt_cuts_at_every_size_and_always_ends_the_string),
        cmocka_unit_test(fmt_copies_what_it_does_not_know),
        cmocka_unit_test(fmt_count_is_whole_or_not_there),
    };
    return cmocka_run_group_tests_name("fmt", tests, NULL, NULL);
}
