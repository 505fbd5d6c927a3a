/* SPDX-License-Identifier: Apache-2.0 */
/* The sum of images and plans: that it is the one hv/plan.h describes, and what it finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hv/plan.h"
#include "tests/unit/plan_fixture.h"

#define WORDS 150U

static uint64_t words[WORDS];

static int fill(void **state)
{
    uint64_t x = 0x2545f4914f6cdd1dULL;

    (void)state;
    for (unsigned i = 0; i < WORDS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        words[i] = x;
    }
    return 0;
}

static bool same(struct plan_sum a, struct plan_sum b)
{
    return a.s0 == b.s0 && a.s1 == b.s1;
}

/* As hv/plan.h says it, from the last word on: what word n is worth is K to the number of words of its lane behind it. */
static struct plan_sum model(const uint64_t *word, unsigned n)
{
    const uint64_t k = 0x9e3779b97f4a7c15ULL;
    struct plan_sum s = {n, ~(uint64_t)n};

    for (unsigned lane = 0; lane < 8U; lane++) {
        uint64_t weight = 1;
        uint64_t h = 0;
        uint64_t *half = lane % 2U == 0U ? &s.s0 : &s.s1;

        for (unsigned i = n; i-- != 0U;) {
            if (i % 8U == lane) {
                h += weight * word[i];
                weight *= k;
            }
        }
        h += weight * (lane + 1U);
        *half = (*half ^ h) * k;
        *half ^= *half >> 32;
    }
    return s;
}

static void it_is_the_one_described_whatever_the_number_of_words(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= WORDS; n++) {
        assert_true(same(plan_sum_words(words, 8U * n), model(words, n)));
    }
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    for (unsigned first = 0; first <= WORDS; first++) {
        for (unsigned second = 0; first + second <= WORDS; second += 1U + second / 5U) {
            struct plan_summing s;

            plan_sum_start(&s);
            plan_sum_more(&s, words, 8U * first);
            plan_sum_more(&s, words + first, 8U * second);
            plan_sum_more(&s, words + first + second, 8U * (WORDS - first - second));
            assert_true(same(plan_sum_end(&s), model(words, WORDS)));
        }
    }
}

/* The format's own number, so that hvplan and an image of other versions are not taken for a pair by a change of both. */
static void the_sum_of_some_words_is_a_known_number(void **state)
{
    const uint64_t some[3] = {1, 2, UINT64_MAX};
    struct plan_sum s = plan_sum_words(some, sizeof(some));

    (void)state;
    assert_int_equal(s.s0, 0x1ac9ae26f84f2772ULL);
    assert_int_equal(s.s1, 0x30250274a51d918dULL);
}

static void every_flipped_bit_is_found(void **state)
{
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    for (unsigned bit = 0; bit < 64U * WORDS; bit++) {
        words[bit / 64U] ^= 1ULL << bit % 64U;
        assert_false(same(plan_sum_words(words, sizeof(words)), good));
        words[bit / 64U] ^= 1ULL << bit % 64U;
    }
}

static void every_two_words_that_change_places_are_found(void **state)
{
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    for (unsigned a = 0; a < WORDS; a++) {
        for (unsigned b = a + 1U; b < WORDS; b++) {
            uint64_t kept[2] = {words[a], words[b]};

            words[a] = kept[1];
            words[b] = kept[0];
            assert_false(same(plan_sum_words(words, sizeof(words)), good));
            words[a] = kept[0];
            words[b] = kept[1];
        }
    }
}

/* The same bit of two words, whichever way each flips: below the highest 2 + log2(150 / 8) bits. */
static void every_two_flipped_bits_in_one_column_are_found(void **state)
{
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    for (unsigned bit = 0; bit < 58U; bit++) {
        for (unsigned a = 0; a < WORDS; a += 7U) {
            for (unsigned b = a + 1U; b < WORDS; b++) {
                words[a] ^= 1ULL << bit;
                words[b] ^= 1ULL << bit;
                assert_false(same(plan_sum_words(words, sizeof(words)), good));
                words[a] ^= 1ULL << bit;
                words[b] ^= 1ULL << bit;
            }
        }
    }
}

/* A line of memory that does not change, of all words: each lane of them sees it. */
static void a_stuck_bit_is_found(void **state)
{
    uint64_t kept[WORDS];
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    memcpy(kept, words, sizeof(kept));
    for (unsigned bit = 0; bit < 64U; bit++) {
        for (unsigned i = 0; i < WORDS; i++) {
            words[i] |= 1ULL << bit;
        }
        assert_false(same(plan_sum_words(words, sizeof(words)), good));
        memcpy(words, kept, sizeof(kept));
    }
}

static void zeros_or_the_words_before_in_the_place_of_words_are_found(void **state)
{
    uint64_t kept[WORDS];
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    memcpy(kept, words, sizeof(kept));
    for (unsigned from = 0; from < WORDS; from++) {
        for (unsigned n = 1; from + n <= WORDS; n++) {
            memset(words + from, 0, 8U * n);
            assert_false(same(plan_sum_words(words, sizeof(words)), good));
            memcpy(words, kept, sizeof(kept));
            if (n <= from) {
                memmove(words + from, kept + from - n, 8U * n);
                assert_false(same(plan_sum_words(words, sizeof(words)), good));
                memcpy(words, kept, sizeof(kept));
            }
        }
    }
}

/* What is not claimed (hv/plan.h): 2^63 times an even number is none modulo 2^64. */
static void the_highest_bit_counts_once_in_a_lane(void **state)
{
    uint64_t kept[WORDS];
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    (void)state;
    memcpy(kept, words, sizeof(kept));
    for (unsigned n = 1; n * PLAN_SUM_LANES <= WORDS; n++) {
        words[(n - 1U) * PLAN_SUM_LANES] ^= 1ULL << 63;
        assert_true(same(plan_sum_words(words, sizeof(words)), good) == (n % 2U == 0U));
    }
    memcpy(words, kept, sizeof(kept));
}

/* Zeros are words as any other, at either end. */
static void every_length_of_zeros_has_its_own_sum(void **state)
{
    struct plan_sum sums[WORDS];

    (void)state;
    memset(words, 0, sizeof(words));
    for (unsigned n = 0; n < WORDS; n++) {
        sums[n] = plan_sum_words(words, 8U * n);
        for (unsigned o = 0; o < n; o++) {
            assert_false(same(sums[n], sums[o]));
        }
    }
}

static void a_word_more_or_less_is_found_even_if_it_is_zero(void **state)
{
    struct plan_sum whole = plan_sum_words(words, sizeof(words));

    (void)state;
    words[0] = 0;
    words[WORDS - 1U] = 0;
    struct plan_sum good = plan_sum_words(words, sizeof(words));

    assert_false(same(plan_sum_words(words + 1, sizeof(words) - 8U), good));
    assert_false(same(plan_sum_words(words, sizeof(words) - 8U), good));
    assert_false(same(whole, good));
}

static void that_of_a_plan_reads_its_own_field_as_zero(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    struct plan_sum kept = f.p.sum;

    f.p.sum = (struct plan_sum){0, 0};
    assert_true(same(plan_sum_words(&f, sizeof(f)), kept));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_the_one_described_whatever_the_number_of_words, fill),
        cmocka_unit_test_setup(pieces_make_no_difference, fill),
        cmocka_unit_test(the_sum_of_some_words_is_a_known_number),
        cmocka_unit_test_setup(every_flipped_bit_is_found, fill),
        cmocka_unit_test_setup(every_two_words_that_change_places_are_found, fill),
        cmocka_unit_test_setup(every_two_flipped_bits_in_one_column_are_found, fill),
        cmocka_unit_test_setup(a_stuck_bit_is_found, fill),
        cmocka_unit_test_setup(the_highest_bit_counts_once_in_a_lane, fill),
        cmocka_unit_test_setup(zeros_or_the_words_before_in_the_place_of_words_are_found, fill),
        cmocka_unit_test(every_length_of_zeros_has_its_own_sum),
        cmocka_unit_test_setup(a_word_more_or_less_is_found_even_if_it_is_zero, fill),
        cmocka_unit_test(that_of_a_plan_reads_its_own_field_as_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
