/* SPDX-License-Identifier: Apache-2.0 */
/* Coloured memory in stage 2, for caches and colours drawn by seed, against the ISA's independent walker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/colour.h"
#include "core/s2_colour.h"
#include "memory_fixture.h"
#include "plan_fixture.h"
#include "system_walk.h"

#define POOL       0x40220000ULL
#define POOL_PAGES 480U
#define PA_BITS    40U
#define IPA_BITS   36U
#define RWX        7U

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
}

static struct plan_fixture plan;
static struct walker_cache cache;
static struct pages pool;
static struct s2 s2;

static void draw_cache(void)
{
    struct plan_llc *l = &plan.p.llc;
    uint32_t bits = 1U + (uint32_t)draw(LLC_COLOUR_BITS);
    uint64_t unit = PAGE_SIZE << (draw(3) == 0U ? draw(4) : 0U);

    *l = (struct plan_llc){.ways = 1U + (uint32_t)draw(16), .line = 64, .colours = 1U << bits};
    l->size = l->ways * l->colours * unit;
    for (unsigned n = 0; draw(3) == 0U && n < bits; n++) {
        l->hash[n] = (draw(1U << 20) * l->colours * unit) & ((1ULL << PA_BITS) - 1U);
    }
    assert_true(colour_llc_ok(l));
    cache = (struct walker_cache){.unit = unit, .colours = l->colours};
    memcpy(cache.hash, l->hash, sizeof(cache.hash));
}

/* VM 0 gets a coloured region, and two pages on either side of it that are not. */
static void draw_regions(void)
{
    uint64_t period = colour_period(&plan.p.llc);
    uint64_t mask = (draw(1ULL << 31) << 33 ^ draw(1ULL << 31) << 2 ^ draw(4)) & colour_all(&plan.p.llc);
    bool whole = draw(2) != 0U;
    uint64_t ipa = whole ? SZ_2M * (1U + draw(64)) : PAGE_SIZE * (1U + draw(4096));
    uint64_t size = whole ? SZ_2M * (1U + draw(24)) : PAGE_SIZE * (1U + draw(3000));

    plan.regions[0] = (struct plan_region){ipa, period * draw((1ULL << 36) / period), size, PLAN_REGION_RAM, RWX,
                                           mask != 0U ? mask : 1U};
    plan.regions[1] = (struct plan_region){ipa - PAGE_SIZE, 0x1000, PAGE_SIZE, PLAN_REGION_RAM, RWX, 0};
    plan.regions[2] = (struct plan_region){ipa + size, 0x3000, PAGE_SIZE, PLAN_REGION_RAM, RWX, 0};
    plan.vms[0].ipa_bits = IPA_BITS;
}

static enum hv_status map(unsigned i)
{
    const struct plan_region *r = &plan.regions[i];
    struct extent e = extent_of_region(&plan.p, r);

    return r->colours != 0U ? s2_map_coloured(&s2, IPA(r->ipa), &e, r->rights)
                            : s2_map(&s2, IPA(r->ipa), PA(r->pa), r->size, S2_MEM_NORMAL, r->rights);
}

/* Exactly these regions are there. */
static void audit(const unsigned *regions, unsigned n)
{
    struct walker_grant grants[3];
    struct system_tree t = {.read = memory_read, .hw = s2.hw, .ipa_bits = IPA_BITS, .vmid = 1, .tables_base = POOL,
                            .tables_size = POOL_PAGES * PAGE_SIZE};

    for (unsigned i = 0; i < n; i++) {
        const struct plan_region *r = &plan.regions[regions[i]];

        grants[i] = (struct walker_grant){r->ipa, r->pa, r->size, true, true, true, WALKER_NORMAL_WB, r->colours, &cache};
    }
    if (!system_walk(&t, grants, n)) {
        fail_msg("seed %u: %s", (unsigned)seed, t.error);
    }
}

static void begin(uint64_t round, uint64_t pages)
{
    seed = round;
    plan_fixture_good(&plan);
    plan.p.pool_pa = POOL;
    plan.p.pa_bits_min = PA_BITS;
    draw_cache();
    draw_regions();
    memory_reset(POOL, POOL_PAGES);
    assert_int_equal(pages_init(&pool, PA(POOL), pages), HV_OK);
    assert_int_equal(s2_init(&s2, &pool, IPA_BITS, PA_BITS, VMID(1)), HV_OK);
}

static void coloured_memory_is_mapped_as_defined_in_as_many_tables_as_planned(void **state)
{
    static const unsigned order[2][3] = {{0, 1, 2}, {2, 1, 0}}; /* into tables that are there already, too */

    (void)state;
    for (unsigned round = 1; round <= 300U; round++) {
        begin(round, POOL_PAGES);
        for (unsigned i = 0; i < 3U; i++) {
            assert_int_equal(map(order[round % 2U][i]), HV_OK);
        }
        audit(order[0], 3);
        assert_int_equal(plan_s2_pages(&plan.p, 0), pool.used);
    }
}

static void what_runs_out_of_tables_leaves_nothing_behind(void **state)
{
    static const unsigned others[] = {1, 2};
    unsigned failed = 0;

    (void)state;
    for (unsigned round = 1; round <= 100U; round++) {
        begin(round, POOL_PAGES);
        assert_int_equal(map(1), HV_OK);
        assert_int_equal(map(2), HV_OK);
        uint64_t used = pool.used;

        pool.total = used + draw(4);
        if (map(0) != HV_OK) {
            failed++;
            assert_int_equal(pool.used, used);
            audit(others, 2);
        }
    }
    assert_in_range(failed, 20, 99);
}

static void what_cannot_be_mapped_is_refused_and_changes_nothing(void **state)
{
    static const unsigned only[] = {0};

    (void)state;
    begin(7, POOL_PAGES);
    struct extent e = extent_of_region(&plan.p, &plan.regions[0]);
    uint64_t ipa = plan.regions[0].ipa;

    assert_int_equal(s2_map_coloured(&s2, IPA(ipa + 8U), &e, RWX), HV_ERR_ALIGN);
    assert_int_equal(s2_map_coloured(&s2, IPA(1ULL << s2.geo.ipa_bits), &e, RWX), HV_ERR_RANGE);
    assert_int_equal(s2_map_coloured(&s2, IPA(ipa), &e, 8), HV_ERR_INVAL);
    struct extent far = e;

    far.base = PA(1ULL << 60); /* which no descriptor holds */
    assert_int_equal(s2_map_coloured(&s2, IPA(ipa), &far, RWX), HV_ERR_RANGE);
    audit(NULL, 0);
    assert_int_equal(s2_map_coloured(&s2, IPA(ipa), &e, RWX), HV_OK);
    uint64_t used = pool.used;

    assert_int_equal(s2_map_coloured(&s2, IPA(ipa), &e, RWX), HV_ERR_OVERLAP);
    assert_int_equal(pool.used, used);
    audit(only, 1);
}

/* A table that is there and empty, in the middle: the ones behind it are not the ones before it, further on. */
static void an_empty_table_on_the_way_changes_nothing_behind_it(void **state)
{
    static const unsigned own[] = {0};

    (void)state;
    for (uint64_t round = 0; round < 300U; round++) {
        begin(round, POOL_PAGES);
        uint64_t blocks = plan.regions[0].size / SZ_2M;
        uint64_t at = plan.regions[0].ipa + SZ_2M * (blocks / 2U);

        assert_int_equal(s2_map(&s2, IPA(at), PA(0x5000), PAGE_SIZE, S2_MEM_NORMAL, RWX), HV_OK);
        assert_int_equal(s2_unmap(&s2, IPA(at), PAGE_SIZE), HV_OK);
        assert_int_equal(map(0), HV_OK);
        audit(own, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_on_the_way_changes_nothing_behind_it),
        cmocka_unit_test(coloured_memory_is_mapped_as_defined_in_as_many_tables_as_planned),
        cmocka_unit_test(what_runs_out_of_tables_leaves_nothing_behind),
        cmocka_unit_test(what_cannot_be_mapped_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
