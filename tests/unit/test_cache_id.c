/* SPDX-License-Identifier: Apache-2.0 */
/* CLIDR_EL1 and CCSIDR_EL1 (hv/arch/armv8/cache_id.c): values of real cores, and any others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/cache_id.h"

#define CCIDX (1ULL << 20)
#define LOC(n) ((uint64_t)(n) << 24)
#define CTYPE(level, type) ((uint64_t)(type) << (3U * ((level) - 1U)))

static void the_last_unified_level_up_to_coherency_is_taken(void **state)
{
    (void)state;
    assert_int_equal(cache_id_level(0x0a200023), 2); /* Cortex-A53: LoC 2, level 1 separate, level 2 unified */
    assert_int_equal(cache_id_level(LOC(3) | CTYPE(1, 3) | CTYPE(2, 4) | CTYPE(3, 4)), 3);
    assert_int_equal(cache_id_level(LOC(2) | CTYPE(1, 3) | CTYPE(2, 4) | CTYPE(3, 4)), 2); /* one beyond LoC */
    assert_int_equal(cache_id_level(LOC(3) | CTYPE(1, 3) | CTYPE(2, 4) | CTYPE(3, 2)), 2); /* data alone at the last */
    assert_int_equal(cache_id_level(LOC(7) | CTYPE(1, 4) | CTYPE(2, 4) | CTYPE(3, 4) | CTYPE(4, 4) | CTYPE(5, 4) | CTYPE(6, 4) | CTYPE(7, 4)), 7);
    assert_int_equal(cache_id_level(LOC(7) | CTYPE(7, 4)), 0); /* behind a level that has none */
    assert_int_equal(cache_id_level(LOC(3) | CTYPE(1, 4) | CTYPE(3, 4)), 1);
    assert_int_equal(cache_id_level(LOC(1) | CTYPE(1, 4)), 1);
    assert_int_equal(cache_id_level(LOC(1) | CTYPE(1, 3)), 0);
    assert_int_equal(cache_id_level(CTYPE(1, 4)), 0);
    assert_int_equal(cache_id_level(0), 0);
    assert_int_equal(cache_id_level(~0ULL), 0); /* reserved types */
    assert_int_equal(cache_id_select(1), 0);
    assert_int_equal(cache_id_select(7), 12);
}

static void expect(uint64_t ccsidr, uint64_t mmfr2, uint64_t size, uint32_t ways, uint32_t line)
{
    struct llc_report r = cache_id_report(2, ccsidr, mmfr2);
    assert_int_equal(r.level, 2);
    assert_int_equal(r.size, size);
    assert_int_equal(r.ways, ways);
    assert_int_equal(r.line, line);
}

static void both_formats_are_decoded(void **state)
{
    (void)state;
    expect(0x707fe07a, 0, 0x100000, 16, 64); /* Cortex-A53, 1 MiB */
    expect(0x70ffe07a, 0, 0x200000, 16, 64); /* Cortex-A57, 2 MiB */
    expect(0x000003ff0000007a, CCIDX, 0x100000, 16, 64);
    expect(0x000007ff0000003a, CCIDX, 0x100000, 8, 64);
    expect(0x0000ffff00004002, CCIDX, 65536ULL * 2049 * 64, 2049, 64); /* more ways and sets than the old format has */
    expect(0x707fe07a, ~CCIDX & ~(0xfULL << 20), 0x100000, 16, 64);  /* no other field matters */
}

static void any_bits_are_decoded_and_no_level_is_nothing(void **state)
{
    (void)state;
    expect(0, 0, 16, 1, 16);
    expect(0, CCIDX, 16, 1, 16);
    expect(~0ULL, 0, 2048ULL * 1024 * 32768, 1024, 2048);
    expect(~0ULL, CCIDX, 2048ULL << 45, 1U << 21, 2048);
    struct llc_report r = cache_id_report(0, 0x707fe07a, 0);
    assert_true(r.level == 0U && r.size == 0U && r.ways == 0U && r.line == 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_unified_level_up_to_coherency_is_taken),
        cmocka_unit_test(both_formats_are_decoded),
        cmocka_unit_test(any_bits_are_decoded_and_no_level_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
