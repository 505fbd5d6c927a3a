/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/colour.h"

#define BASE 0x41000000ULL

/* Geometries: plain, with units of more than a page, with a hash, and with the most colours. */
static const struct plan_llc llc[] = {
    {.size = 1U << 20, .ways = 16, .line = 64, .colours = 16},
    {.size = 8U << 20, .ways = 16, .line = 64, .colours = 64},
    {.size = 3U << 20, .ways = 12, .line = 128, .colours = 64},
    {.size = 512U << 10, .ways = 16, .line = 64, .colours = 8, .hash = {0x5 << 20, 0x18000, 0x8000 | 1ULL << 40}},
    {.size = 64U << 10, .ways = 8, .line = 32, .colours = 2, .hash = {0xffffffffffffe000}},
};

static uint64_t masks(const struct plan_llc *l, unsigned i)
{
    static const uint64_t of[] = {1, 2, 3, 0xa5, 0x8001000000000001ULL, ~0ULL};
    return of[i] & colour_all(l);
}
#define MASKS 6U

/* By definition: walk all units from the base on and count those that have a colour of the mask. */
static void colour_pa_visits_each_unit_of_the_mask_once_and_no_other(void **state)
{
    (void)state;
    for (unsigned g = 0; g < ARRAY_SIZE(llc); g++) {
        const struct plan_llc *l = &llc[g];
        uint64_t unit = colour_unit(l);
        for (unsigned m = 0; m < MASKS; m++) {
            uint64_t mask = masks(l, m);
            uint64_t units = 3U * l->colours;
            uint64_t mine = 0;
            bool seen[3U * LLC_MAX_COLOURS] = {false};
            for (uint64_t u = 0; mask != 0U && u < units; u++) {
                mine += mask >> colour_of(l, PA(BASE + u * unit)) & 1U;
            }
            for (uint64_t k = 0; k < mine; k++) {
                paddr_t pa = colour_pa(l, PA(BASE), mask, k * unit + 20U);
                uint64_t u = (pa.v - BASE) / unit;
                uint64_t back = 0;
                assert_true(u < units && !seen[u]);
                seen[u] = true;
                assert_int_equal(pa.v % unit, 20);
                assert_true(mask >> colour_of(l, pa) & 1U);
                assert_true(colour_offset(l, PA(BASE), mask, pa, &back));
                assert_int_equal(back, k * unit + 20U);
            }
            assert_true(mine == 0U || colour_span(l, mask, mine * unit) == units * unit);
            assert_true(mine == 0U || colour_span(l, mask, mine * unit - unit * __builtin_popcountll(mask)) == 2U * l->colours * unit);
        }
    }
}

static void colour_offset_tells_what_is_of_another_colour(void **state)
{
    uint64_t offset = 0;
    (void)state;
    assert_false(colour_offset(&llc[0], PA(BASE), 0xfffe, PA(BASE), &offset));
    assert_true(colour_offset(&llc[0], PA(BASE), 0xfffe, PA(BASE + 0x1000), &offset));
    assert_int_equal(offset, 0);
}

/* Cortex-A53 TRM style: set = PA[15:6] of a 1 MiB, 16-way cache with lines of 64 bytes: the colour is PA[15:12]. */
static void colour_of_is_what_the_set_index_has_above_the_page(void **state)
{
    (void)state;
    assert_int_equal(colour_unit(&llc[0]), 0x1000);
    assert_int_equal(colour_of(&llc[0], PA(0x4000a040)), 0xa);
    assert_int_equal(colour_unit(&llc[1]), 0x2000);
    assert_int_equal(colour_of(&llc[1], PA(0x40003fff)), 1);
    assert_int_equal(colour_of(&llc[3], PA(0x40108000)), 1U ^ 2U ^ 4U);
    assert_int_equal(colour_of(&llc[3], PA(0x40508000)), 0U ^ 2U ^ 4U);
}

static void colour_llc_ok_refuses_what_no_cache_is(void **state)
{
    static const struct plan_llc bad[] = {
        {0},
        {.size = 1U << 20, .ways = 0, .line = 64, .colours = 16},
        {.size = 1U << 20, .ways = 15, .line = 64, .colours = 16},
        {.size = 3U << 18, .ways = 4, .line = 64, .colours = 16},
        {.size = 1U << 20, .ways = 16, .line = 48, .colours = 16},
        {.size = 1U << 20, .ways = 16, .line = 8192, .colours = 16},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 1},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 12},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 32}, /* half a page each */
        {.size = 1U << 24, .ways = 1, .line = 64, .colours = 128},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 16, .reserved = 1},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 16, .hash = {0x8000}},
        {.size = 1U << 20, .ways = 16, .line = 64, .colours = 16, .hash = {0, 0, 0, 0, 0x10000}},
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_false(colour_llc_ok(&bad[i]));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(llc); i++) {
        assert_true(colour_llc_ok(&llc[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_pa_visits_each_unit_of_the_mask_once_and_no_other),
        cmocka_unit_test(colour_offset_tells_what_is_of_another_colour),
        cmocka_unit_test(colour_of_is_what_the_set_index_has_above_the_page),
        cmocka_unit_test(colour_llc_ok_refuses_what_no_cache_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
