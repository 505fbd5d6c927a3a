/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's last-level cache: who has a line, which one goes, and whose loss it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_used_least_recently_goes_and_is_its_owners_loss),
        cmocka_unit_test(other_sets_are_left_alone_and_own_lines_are_no_loss),
        cmocka_unit_test(who_touches_a_line_has_it_and_an_invalid_one_is_nobodys),
        cmocka_unit_test(an_access_of_several_lines_touches_each_and_none_without_a_cache),
        cmocka_unit_test(a_cache_that_none_can_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
