/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's last-level cache: who has a line, which one goes, and whose loss it is; and that it meets by its own words in the
 * same sets what the hypervisor says is of one colour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/colour.h"
#include "sim/internal.h"

/* Two sets of two ways. */
#define SIZE 256U
#define LINE 64U
#define SET  128U /* bytes from one line of a set to the next */

static void expect(unsigned owner, uint64_t accesses, uint64_t misses, uint64_t lost)
{
    struct sim_llc_counts c = sim_llc_counts(owner);
    assert_int_equal(c.accesses, accesses);
    assert_int_equal(c.misses, misses);
    assert_int_equal(c.lost, lost);
}

static void the_line_used_least_recently_goes_and_is_its_owners_loss(void **state)
{
    (void)state;
    sim_llc_begin(SIZE, 2, LINE);
    sim_llc_access(1, 0, 8);
    sim_llc_access(1, SET, 8);
    sim_llc_access(1, 0x38, 8); /* the first line again: the second is older now */
    expect(1, 3, 2, 0);
    sim_llc_access(2, 2U * SET, 8);
    expect(1, 3, 2, 1);
    expect(2, 1, 1, 0);
    sim_llc_access(1, 0, 8); /* still there */
    expect(1, 4, 2, 1);
    sim_llc_access(1, SET, 8); /* puts out 2's line */
    expect(1, 5, 3, 1);
    expect(2, 1, 1, 1);
}

static void other_sets_are_left_alone_and_own_lines_are_no_loss(void **state)
{
    (void)state;
    sim_llc_begin(SIZE, 2, LINE);
    sim_llc_access(1, LINE, 8);
    for (unsigned i = 0; i < 8U; i++) {
        sim_llc_access(2, i * SET, 8);
    }
    expect(2, 8, 8, 0);
    sim_llc_access(1, LINE, 8);
    expect(1, 2, 1, 0);
}

static void who_touches_a_line_has_it_and_an_invalid_one_is_nobodys(void **state)
{
    (void)state;
    sim_llc_begin(SIZE, 2, LINE);
    sim_llc_access(SIM_LLC_HV, 0, 8);
    sim_llc_walk(1, 0);
    assert_int_equal(sim_llc_counts(1).walks, 1);
    expect(1, 1, 0, 0); /* the hypervisor had brought it in */
    sim_llc_access(2, SET, 8);
    sim_llc_access(2, 2U * SET, 8);
    expect(1, 1, 0, 1);
    expect(SIM_LLC_HV, 1, 1, 0);
    sim_llc_invalidate(SET, SET + LINE); /* the lines of SET, of the other set, and of 2 * SET */
    sim_llc_access(1, 0, 8);
    sim_llc_access(1, 3U * SET, 8);
    expect(1, 3, 2, 1);
    expect(2, 2, 2, 0);
}

/* Each line that has a byte of the range, and no other. */
static void a_range_that_begins_and_ends_within_lines_takes_them_whole(void **state)
{
    (void)state;
    sim_llc_begin(4U * SIZE, 2, LINE); /* eight sets */
    for (unsigned i = 0; i < 8U; i++) {
        sim_llc_access(1, i * LINE, 8);
    }
    sim_llc_invalidate(2U * LINE + 0x3fU, LINE + 2U); /* the last byte of line 2, line 3, the first of line 4 */
    for (unsigned i = 0; i < 8U; i++) {
        uint64_t before = sim_llc_counts(1).misses;
        sim_llc_access(1, i * LINE, 8);
        assert_int_equal(sim_llc_counts(1).misses - before, i >= 2U && i <= 4U ? 1 : 0);
    }
    uint64_t before = sim_llc_counts(1).misses;
    sim_llc_invalidate(5U * LINE + 1U, 1);
    sim_llc_invalidate(6U * LINE + 1U, 0x3fU); /* up to its end */
    sim_llc_invalidate(7U * LINE + 1U, 0);
    sim_llc_invalidate(0x1000U, LINE); /* not in it */
    sim_llc_access(1, 0, 8U * LINE);
    assert_int_equal(sim_llc_counts(1).misses - before, 2);
}

/* Four sets of one way: bits 7 and 6. */
static void a_hashed_set_is_chosen_by_the_parity_of_the_bits_that_are_told(void **state)
{
    (void)state;
    sim_llc_begin(SIZE, 1, LINE);
    sim_llc_hash(7, 0x1100);
    sim_llc_access(1, 0, 8);
    sim_llc_access(2, 0x100, 8); /* set 2, by bit 8 */
    sim_llc_access(2, 0x1080, 8); /* set 0, by bits 7 and 12 */
    expect(1, 1, 1, 1);
    sim_llc_access(1, 0x1100, 8); /* set 0 */
    expect(2, 2, 2, 1);
    sim_llc_access(1, 0x2080, 8); /* set 2: bit 13 is not told */
    expect(2, 2, 2, 2);

    sim_llc_begin(SIZE, 1, LINE);
    sim_llc_hash(7, 0x1100);
    sim_llc_hash(6, 0x100); /* both */
    sim_llc_access(1, 0x1100, 8); /* set 1, by bit 8 */
    sim_llc_access(1, 0xc0, 8); /* set 3 */
    sim_llc_access(2, 0, 8); /* set 0 */
    sim_llc_access(2, 0x80, 8); /* set 2 */
    expect(1, 2, 2, 0);
    sim_llc_access(2, 0x180, 8); /* set 1 */
    expect(1, 2, 2, 1);
    sim_llc_access(2, 0x1180, 8); /* set 3 */
    expect(1, 2, 2, 2);

    sim_llc_begin(SIZE, 1, LINE); /* address bits alone again */
    sim_llc_access(1, 0, 8);
    sim_llc_access(2, 0x100, 8);
    expect(1, 1, 1, 1);
}

static const struct plan_llc hashed[] = {
    {.size = 1U << 20, .ways = 16, .line = 64, .colours = 16},
    {.size = 512U << 10, .ways = 16, .line = 64, .colours = 8, .hash = {0x5 << 20, 0x18000, 0x8000 | 1ULL << 40}},
    {.size = 64U << 10, .ways = 8, .line = 32, .colours = 2, .hash = {0xffffffffffffe000}},
    {.size = 3U << 20, .ways = 12, .line = 128, .colours = 64, .hash = {0x40000, 0, 0, 0x80000, 0, 1ULL << 39}},
    {.size = 8U << 20, .ways = 16, .line = 64, .colours = 64, .hash = {0x80000, 0xfff00000, 0x180000, 0x80000, 1ULL << 47, 0x7f000000}},
};

static uint64_t seed;
static uint64_t draw(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return seed >> 12;
}

/* A cache of a plan, of one way. */
static void begin_as_planned(const struct plan_llc *l)
{
    uint64_t unit = l->size / l->ways / l->colours;

    sim_llc_begin(l->size / l->ways, 1, l->line);
    for (unsigned n = 0; l->colours >> n > 1U; n++) {
        sim_llc_hash((unsigned)__builtin_ctzll(unit) + n, l->hash[n]);
    }
}

/* Of one way: the one puts out the other exactly if they are in the same set, so as far into a unit, and of the same colour. */
static void what_is_of_one_colour_meets_in_the_sets_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned g = 0; g < ARRAY_SIZE(hashed); g++) {
        const struct plan_llc *l = &hashed[g];
        uint64_t unit = l->size / l->ways / l->colours, met = 0;

        assert_true(colour_llc_ok(l));
        seed = g + 1U;
        for (unsigned round = 0; round < 3000U; round++) {
            uint64_t one = draw() & ((1ULL << 48) - 1U), two = draw() & ((1ULL << 48) - 1U);
            bool near = round % 4U != 0U; /* the same lines of a unit, else any */

            two = near ? two - two % unit + one % unit : two;
            bool same = colour_of(l, PA(one)) == colour_of(l, PA(two)) && one % unit / l->line == two % unit / l->line;
            begin_as_planned(l);
            sim_llc_access(1, one, 1);
            sim_llc_access(2, two, 1);
            assert_int_equal(sim_llc_counts(1).lost, same && one / l->line != two / l->line ? 1 : 0);
            met += same ? 1U : 0U;
        }
        assert_true(met > 10U);
    }
}

static void an_access_of_several_lines_touches_each_and_none_without_a_cache(void **state)
{
    (void)state;
    sim_llc_begin(SIZE, 2, LINE);
    sim_llc_access(1, LINE - 1U, LINE + 2U);
    sim_llc_access(1, 0, 0);
    expect(1, 3, 3, 0);
    sim_llc_reset();
    sim_llc_access(1, 0, 8);
    sim_llc_walk(1, 0);
    sim_llc_invalidate(0, LINE);
    expect(1, 3, 3, 0);
}

static void absurd(void *arg)
{
    const uint64_t *c = arg;
    sim_llc_begin(c[0], (unsigned)c[1], (unsigned)c[2]);
}

static void a_cache_that_none_can_be_is_refused(void **state)
{
    static const uint64_t of[][3] = {{0, 2, 64}, {256, 0, 64}, {256, 2, 0}, {192, 2, 64}};
    char text[4096];
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(of); i++) {
        assert_false(sim_outcome(absurd, (void *)(uintptr_t)of[i], text, sizeof(text)));
    }
}

static void absurd_hash(void *arg)
{
    const uint64_t *c = arg;
    sim_llc_begin(c[0], 2, (unsigned)c[1]);
    sim_llc_hash((unsigned)c[2], c[3]);
}

static void a_hash_that_no_set_can_have_is_refused(void **state)
{
    /* size, line, bit, others: four sets of 64 bytes have bits 6 and 7 */
    static const uint64_t of[][4] = {{512, 64, 5, 0x100}, {512, 64, 8, 0x100}, {512, 64, 7, 0x80}, {512, 64, 7, 0x140},
                                     {384, 64, 7, 0x1000}, {384, 48, 6, 0x1000}};
    static const uint64_t good[] = {512, 64, 7, 0x100};
    char text[4096];
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(of); i++) {
        assert_false(sim_outcome(absurd_hash, (void *)(uintptr_t)of[i], text, sizeof(text)));
    }
    assert_true(sim_outcome(absurd_hash, (void *)(uintptr_t)good, text, sizeof(text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_used_least_recently_goes_and_is_its_owners_loss),
        cmocka_unit_test(other_sets_are_left_alone_and_own_lines_are_no_loss),
        cmocka_unit_test(who_touches_a_line_has_it_and_an_invalid_one_is_nobodys),
        cmocka_unit_test(a_range_that_begins_and_ends_within_lines_takes_them_whole),
        cmocka_unit_test(a_hashed_set_is_chosen_by_the_parity_of_the_bits_that_are_told),
        cmocka_unit_test(what_is_of_one_colour_meets_in_the_sets_and_nothing_else),
        cmocka_unit_test(a_hash_that_no_set_can_have_is_refused),
        cmocka_unit_test(an_access_of_several_lines_touches_each_and_none_without_a_cache),
        cmocka_unit_test(a_cache_that_none_can_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
