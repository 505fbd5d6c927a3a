/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2 against a plain list of what is mapped and the independent walker, on both instruction sets: every sequence of three maps and
 * unmaps among the places where tables and blocks begin and end, and long ones drawn by seed, which are made small when they fail.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "s2_steps.h"
#include "seeds.h"

#define RAM    0x8000000000ULL /* PA: aligned as any IPA is */
#define POINTS 6U
#define RANGES (POINTS * (POINTS - 1U) / 2U)
#define STEPS  80U
#define RWX    (S2_R | S2_W | S2_X)

static char *told(const struct s2_step *steps, unsigned n)
{
    static char text[8192];
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < n && used < sizeof(text) - 128U; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "\n  %s 0x%" PRIx64 " + 0x%" PRIx64, steps[i].map ? "map" : "unmap",
                                 steps[i].ipa, steps[i].size);
        if (steps[i].map) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, " to 0x%" PRIx64 ", memory %d, rights %u", steps[i].pa,
                                     (int)steps[i].mem, steps[i].rights);
        }
    }
    return text;
}

/* ---- All there are ---- */

struct space {
    uint64_t middle, point[POINTS]; /* distances, the first of them below the middle */
    unsigned below;
    unsigned ipa_bits;
    uint64_t off; /* of the PA from one that is aligned as the IPA is */
};

#define FINE   {SZ_2M, PAGE_SIZE, 0, PAGE_SIZE, SZ_2M, SZ_2M + PAGE_SIZE}, 2
#define COARSE {SZ_1G, PAGE_SIZE, 0, SZ_2M, SZ_1G, SZ_1G + PAGE_SIZE}, 2

static const struct space spaces[] = {
    {SZ_1G, FINE, 36, 0}, {SZ_1G, FINE, 36, PAGE_SIZE}, {SZ_1G, FINE, 36, SZ_2M},
    {512U * SZ_1G, FINE, 40, 0}, /* from one page of the root to the next */
    {2U * SZ_1G, COARSE, 32, 0}, {2U * SZ_1G, COARSE, 32, SZ_2M},
    {512U * SZ_1G, COARSE, 48, 0},
};

static struct s2_step range(const struct space *s, unsigned n, bool map)
{
    uint64_t at[POINTS];

    for (unsigned i = 0; i < POINTS; i++) {
        at[i] = i < s->below ? s->middle - s->point[i] : s->middle + s->point[i];
    }
    for (unsigned i = 0; i < POINTS; i++) {
        for (unsigned k = i + 1U; k < POINTS; k++) {
            if (n-- == 0U) {
                return (struct s2_step){map, at[i], at[k] - at[i], RAM + at[i] + s->off, S2_MEM_NORMAL, RWX};
            }
        }
    }
    fail();
    return (struct s2_step){0};
}

static void three(const struct space *s, const bool *maps, struct s2_steps *all)
{
    unsigned at;

    for (unsigned n = 0; n < RANGES * RANGES * RANGES; n++) {
        struct s2_step step[3] = {range(s, n / RANGES / RANGES, maps[0]), range(s, n / RANGES % RANGES, maps[1]),
                                  range(s, n % RANGES, maps[2])};
        const char *wrong = s2_steps_run(all, step, 3, &at);

        if (wrong != NULL) {
            fail_msg("step %u %s:%s", at, wrong, told(step, 3));
        }
    }
}

/* What a shorter one does is what a longer one does whose other steps are refused: these are among them. */
static void every_sequence_of_three_steps_maps_and_unmaps_what_it_says(void **state)
{
    static const bool orders[][3] = {{true, true, false}, {true, false, true}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(spaces); i++) {
        struct s2_steps all = {.ipa_bits = spaces[i].ipa_bits, .pa_bits = 48, .pages = 24};

        for (unsigned k = 0; k < ARRAY_SIZE(orders); k++) {
            three(&spaces[i], orders[k], &all);
        }
        for (unsigned k = 0; k < 2U; k++) { /* each answer there can be, and no other */
            assert_true(all.seen[k][HV_OK] > RANGES && all.seen[k][k == 1U ? HV_ERR_OVERLAP : HV_ERR_NOENT] > RANGES);
            assert_int_equal(all.seen[k][HV_ERR_NOMEM] + all.seen[k][HV_ERR_RANGE], 0);
        }
    }
}

/* ---- Drawn by seed ---- */

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
}

static uint64_t draw_place(unsigned bits)
{
    static const uint64_t unit[] = {PAGE_SIZE, SZ_2M, SZ_1G};
    uint64_t place = 0;

    for (unsigned i = 0; i < 3U; i++) {
        place += unit[i] * (draw(3) != 0U ? draw(4) : draw(2) != 0U ? 511U - draw(3) : 0U);
    }
    return (draw(4) == 0U ? place + (1ULL << (bits - 1U)) : place) & ((1ULL << bits) - 1U);
}

static uint64_t draw_size(void)
{
    return PAGE_SIZE * (draw(3) != 0U ? draw(5) : 0U) + SZ_2M * (draw(2) != 0U ? draw(4) : 0U) + SZ_1G * (draw(4) == 0U ? draw(3) : 0U);
}

static struct s2_step draw_step(const struct s2_step *before, unsigned n, unsigned bits)
{
    static const unsigned rights[] = {S2_R, S2_R | S2_W, S2_R | S2_X, RWX};
    struct s2_step s = {.map = draw(5) < 3U, .ipa = draw_place(bits), .size = draw_size()};

    s.size = s.size != 0U ? s.size : PAGE_SIZE;
    s.ipa = draw(40) == 0U ? 1ULL << 50 : s.ipa; /* beyond all there are */
    if (!s.map && n != 0U && draw(8) != 0U) { /* of something that may be there */
        const struct s2_step *b = &before[draw(n)];
        uint64_t from = draw(2) != 0U ? 0U : PAGE_SIZE * draw(b->size / PAGE_SIZE);

        s.ipa = b->ipa + from;
        s.size = draw(2) != 0U ? b->size - from : PAGE_SIZE * (1U + draw((b->size - from) / PAGE_SIZE));
    }
    s.pa = RAM + s.ipa + (draw(3) != 0U ? 0U : SZ_2M * draw(8)) + (draw(8) != 0U || s.size > 8U * SZ_2M ? 0U : PAGE_SIZE * draw(512));
    s.mem = draw(4) == 0U ? S2_MEM_DEVICE : S2_MEM_NORMAL;
    s.rights = rights[draw(s.mem == S2_MEM_DEVICE ? 2U : 4U)];
    return s;
}

static bool differs(void *ctx, const struct s2_step *steps, unsigned n)
{
    unsigned at;

    return s2_steps_run(ctx, steps, n, &at) != NULL;
}

static void sequences_drawn_by_seed_map_and_unmap_what_they_say(void **state)
{
    static const unsigned bits[] = {32, 33, 36, 39, 40, 42, 44, 48};
    struct seeds seeds = seeds_of("S2_STEPS", 96);
    unsigned seen[2][HV_ERR_NOENT + 1] = {{0}};

    (void)state;
    for (uint64_t n = seeds.first; n < seeds.first + seeds.count; n++) {
        struct s2_steps s = {.ipa_bits = bits[n % ARRAY_SIZE(bits)], .pa_bits = 48, .audit_each = true};
        struct s2_step steps[STEPS];
        unsigned at;

        seed = n;
        s.pages = 24U + draw(200);
        for (unsigned i = 0; i < STEPS; i++) {
            steps[i] = draw_step(steps, i, s.ipa_bits);
        }
        if (s2_steps_run(&s, steps, STEPS, &at) != NULL) {
            unsigned left = s2_steps_shrink(steps, at + 1U, differs, &s);
            const char *wrong = s2_steps_run(&s, steps, left, &at);

            fail_msg("S2_STEPS_SEED=%" PRIu64 ", %u bits, %" PRIu64 " pages; of its steps these do: the last %s:%s", n, s.ipa_bits, s.pages,
                     wrong, told(steps, left));
        }
        for (unsigned i = 0; i < 2U * ARRAY_SIZE(seen[0]); i++) {
            seen[i / ARRAY_SIZE(seen[0])][i % ARRAY_SIZE(seen[0])] += s.seen[i / ARRAY_SIZE(seen[0])][i % ARRAY_SIZE(seen[0])];
        }
    }
    if (seeds.count >= 96U) { /* the draw reaches every answer */
        assert_true(seen[1][HV_OK] > 100U && seen[1][HV_ERR_OVERLAP] > 100U && seen[1][HV_ERR_NOMEM] > 10U);
        assert_true(seen[0][HV_OK] > 100U && seen[0][HV_ERR_NOENT] > 100U && seen[0][HV_ERR_NOMEM] > 2U);
        assert_true(seen[0][HV_ERR_RANGE] + seen[1][HV_ERR_RANGE] > 10U);
    }
}

/* A map of five pages or more, and behind it an unmap. */
static bool sample(void *ctx, const struct s2_step *steps, unsigned n)
{
    bool large = false, both = false;

    (*(unsigned *)ctx)++;
    for (unsigned i = 0; i < n; i++) {
        both = both || (large && !steps[i].map);
        large = large || (steps[i].map && steps[i].size >= 5U * PAGE_SIZE);
    }
    return both;
}

static void a_list_that_fails_is_made_as_small_as_it_can_be(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 20U; n++) {
        struct s2_step steps[STEPS];
        unsigned asked = 0;

        seed = n;
        for (unsigned i = 0; i < STEPS; i++) {
            steps[i] = draw_step(steps, i, 36);
        }
        assert_true(sample(&asked, steps, STEPS));
        assert_int_equal(s2_steps_shrink(steps, STEPS, sample, &asked), 2);
        assert_true(steps[0].map && steps[0].size == 5U * PAGE_SIZE && !steps[1].map && steps[1].size == PAGE_SIZE);
        assert_true(asked < 2000U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_three_steps_maps_and_unmaps_what_it_says),
        cmocka_unit_test(sequences_drawn_by_seed_map_and_unmap_what_they_say),
        cmocka_unit_test(a_list_that_fails_is_made_as_small_as_it_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
