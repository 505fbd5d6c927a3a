/* SPDX-License-Identifier: Apache-2.0 */
/* Stage-2 tables against the simulator's CPUs: what they translate, and that break-before-make and TLB hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/s2.h"
#include "sim/internal.h"
#include "walker/walker.h"

#define POOL       0x40220000ULL
#define POOL_PAGES 64U
#define GUEST      0x40000000ULL /* IPA */
#define RAM        0x41000000ULL /* PA, 2 MiB-aligned */
#define RWX        (S2_R | S2_W | S2_X)

static struct pages pool;
static struct s2 s2;
static unsigned nr_grants; /* below */
static uint8_t before[POOL_PAGES * 4096U];

static int setup(void **state)
{
    struct sim_config c = sim_default();
    (void)state;
    sim_init(&c);
    assert_int_equal(pages_init(&pool, PA(POOL), POOL_PAGES), HV_OK);
    nr_grants = 0;
    return (int)s2_init(&s2, &pool, 36, 40, VMID(1));
}

/* ---- What the test has had mapped, kept apart from the code under test; the walker judges by it after every test. ---- */

#define MAX_GRANTS 64U

static struct walker_grant grants[MAX_GRANTS];

static void grant(uint64_t ipa, uint64_t pa, uint64_t size, enum s2_mem mem, unsigned rights)
{
    assert_true(nr_grants < MAX_GRANTS);
    grants[nr_grants++] = (struct walker_grant){
        .ipa = ipa,
        .pa = pa,
        .size = size,
        .read = (rights & S2_R) != 0U,
        .write = (rights & S2_W) != 0U,
        .execute = (rights & S2_X) != 0U,
        .type = mem == S2_MEM_NORMAL ? WALKER_NORMAL_WB : WALKER_DEVICE,
    };
}

static void revoke(uint64_t ipa, uint64_t size)
{
    unsigned n = nr_grants;
    for (unsigned i = 0; i < n; i++) {
        struct walker_grant *g = &grants[i];
        uint64_t end = g->ipa + g->size;
        uint64_t from = ipa > g->ipa ? ipa : g->ipa;
        uint64_t to = ipa + size < end ? ipa + size : end;
        if (g->size == 0U || from >= to) {
            continue;
        }
        if (to < end) {
            assert_true(nr_grants < MAX_GRANTS);
            grants[nr_grants] = *g;
            grants[nr_grants].ipa = to;
            grants[nr_grants].pa = g->pa + (to - g->ipa);
            grants[nr_grants].size = end - to;
            nr_grants++;
        }
        g->size = from - g->ipa;
    }
}

static enum hv_status tracked_map(ipaddr_t ipa, paddr_t pa, uint64_t size, enum s2_mem mem, unsigned rights)
{
    enum hv_status st = s2_map(&s2, ipa, pa, size, mem, rights);
    if (st == HV_OK) {
        grant(ipa.v, pa.v, size, mem, rights);
    }
    return st;
}

static enum hv_status tracked_unmap(ipaddr_t ipa, uint64_t size)
{
    enum hv_status st = s2_unmap(&s2, ipa, size);
    if (st == HV_OK) {
        revoke(ipa.v, size);
    }
    return st;
}

static bool read_ram(void *ctx, uint64_t pa, uint64_t *word)
{
    (void)ctx;
    if (pa < POOL || pa >= POOL + (POOL_PAGES * PAGE_SIZE)) {
        return false;
    }
    *word = sim_ram_read(pa);
    return true;
}

/* After every test: the hardware's view is exactly what was granted and not revoked. */
static int audit(void **state)
{
    struct walker_grant live[MAX_GRANTS];
    unsigned n = 0;
    struct walker w = {
        .read = read_ram,
        .vtcr = s2.hw.ctrl,
        .vttbr = s2.hw.base,
        .ipa_bits = s2.geo.ipa_bits,
        .vmid = 1,
        .tables_base = POOL,
        .tables_size = POOL_PAGES * PAGE_SIZE,
    };
    (void)state;
    for (unsigned i = 0; i < nr_grants; i++) {
        if (grants[i].size != 0U) {
            live[n++] = grants[i];
        }
    }
    if (!walker_audit(&w, live, n)) {
        print_error("walker: %s\n", w.error);
        return -1;
    }
    return 0;
}

static void remember_tree(void)
{
    memcpy(before, sim_ram(POOL, sizeof(before)), sizeof(before));
}

static void assert_tree_as_remembered(uint64_t used)
{
    assert_int_equal(pool.used, used);
    assert_memory_equal(before, sim_ram(POOL, sizeof(before)), used * PAGE_SIZE);
}

static void assert_maps(uint64_t ipa, uint64_t pa, unsigned level)
{
    struct s2_mapping m;
    assert_int_equal(s2_walk(&s2, IPA(ipa), &m), HV_OK);
    assert_int_equal(m.pa.v, pa);
    assert_int_equal(m.level, level);
    assert_int_equal(m.attr, s2_format.attr[S2_MEM_NORMAL][RWX]);
}

static void assert_unmapped(uint64_t ipa)
{
    struct s2_mapping m;
    assert_int_equal(s2_walk(&s2, IPA(ipa), &m), HV_ERR_NOENT);
}

static enum hv_status map(uint64_t ipa, uint64_t pa, uint64_t size)
{
    return tracked_map(IPA(ipa), PA(pa), size, S2_MEM_NORMAL, RWX);
}

static void s2_init_refuses_what_the_machine_cannot(void **state)
{
    struct s2 t;
    struct pages tiny;
    (void)state;
    assert_int_equal(s2_init(&t, &pool, 41, 40, VMID(2)), HV_ERR_RANGE);
    assert_int_equal(s2_init(&t, &pool, 0, 40, VMID(2)), HV_ERR_RANGE);
    assert_int_equal(pages_init(&tiny, PA(POOL), 3), HV_OK);
    assert_int_equal(s2_init(&t, &tiny, 32, 40, VMID(2)), HV_ERR_NOMEM);
    assert_int_equal(tiny.used, 0);
}

static void s2_map_uses_the_largest_blocks_that_fit(void **state)
{
    (void)state;
    /* one page, then 2 MiB blocks, then a page */
    assert_int_equal(map(GUEST + SZ_2M - PAGE_SIZE, RAM + SZ_2M - PAGE_SIZE, (2U * SZ_2M) + (2U * PAGE_SIZE)), HV_OK);
    assert_maps(GUEST + SZ_2M - PAGE_SIZE, RAM + SZ_2M - PAGE_SIZE, 3);
    assert_maps(GUEST + SZ_2M + 0x1234U, RAM + SZ_2M + 0x1234U, 2);
    assert_maps(GUEST + (2U * SZ_2M), RAM + (2U * SZ_2M), 2);
    assert_maps(GUEST + (3U * SZ_2M), RAM + (3U * SZ_2M), 3);
    assert_unmapped(GUEST + SZ_2M - PAGE_SIZE - 1U);
    assert_unmapped(GUEST + (3U * SZ_2M) + PAGE_SIZE);
    assert_int_equal(pool.used, 1U + 1U + 2U);
}

static void s2_map_uses_1_gib_blocks_where_both_addresses_allow(void **state)
{
    (void)state;
    assert_int_equal(map(SZ_1G, 4U * SZ_1G, SZ_1G), HV_OK);
    assert_maps(SZ_1G + 0x12345678U, (4U * SZ_1G) + 0x12345678U, 1);
    assert_int_equal(pool.used, 1);
    assert_int_equal(map(2U * SZ_1G, (4U * SZ_1G) + SZ_2M, SZ_1G), HV_OK);
    assert_maps(2U * SZ_1G, (4U * SZ_1G) + SZ_2M, 2);
}

static void s2_map_uses_pages_where_the_offset_is_not_block_aligned(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM + PAGE_SIZE, SZ_2M), HV_OK);
    assert_maps(GUEST, RAM + PAGE_SIZE, 3);
    assert_maps(GUEST + SZ_2M - 1U, RAM + PAGE_SIZE + SZ_2M - 1U, 3);
    assert_unmapped(GUEST + SZ_2M);
}

static void s2_map_works_with_every_geometry(void **state)
{
    (void)state;
    for (unsigned bits = 32; bits <= 48; bits++) {
        struct sim_config c = sim_default();
        sim_init(&c);
        nr_grants = 0;
        assert_int_equal(pages_init(&pool, PA(POOL), POOL_PAGES), HV_OK);
        assert_int_equal(s2_init(&s2, &pool, bits, 48, VMID(1)), HV_OK);
        uint64_t top = ((uint64_t)1 << bits) - SZ_2M;
        assert_int_equal(map(top, RAM, SZ_2M), HV_OK);
        assert_maps(top, RAM, 2);
        assert_maps(top + SZ_2M - 1U, RAM + SZ_2M - 1U, 2);
        assert_unmapped(top - 1U);
        assert_unmapped(top + SZ_2M);
        assert_unmapped(0);
        assert_int_equal(map(top + SZ_2M, RAM, PAGE_SIZE), HV_ERR_RANGE);
        assert_int_equal(audit(NULL), 0);
    }
}

static void s2_map_rejects_bad_arguments_and_changes_nothing(void **state)
{
    static const struct {
        uint64_t ipa, pa, size;
        enum s2_mem mem;
        unsigned rights;
        enum hv_status want;
    } cases[] = {
        { GUEST + 1U, RAM, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN },
        { GUEST, RAM + 0x800U, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN },
        { GUEST, RAM, PAGE_SIZE + 1U, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN },
        { GUEST, RAM, 0, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { 0xffffff000, RAM, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { 0x1000000000, RAM, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { 0xfffffffffffff000, RAM, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { GUEST, 0xfffffffffffff000, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { GUEST, 0x0001000000000000, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE },
        { GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, 0, HV_ERR_INVAL },
        { GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, S2_W, HV_ERR_INVAL },
        { GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, 8, HV_ERR_INVAL },
        { GUEST, RAM, PAGE_SIZE, S2_MEM_DEVICE, RWX, HV_ERR_INVAL },
        { GUEST, RAM, PAGE_SIZE, S2_MEMS, RWX, HV_ERR_INVAL },
    };
    (void)state;
    remember_tree();
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        enum hv_status st = tracked_map(IPA(cases[i].ipa), PA(cases[i].pa), cases[i].size, cases[i].mem,
                                   cases[i].rights);
        assert_int_equal(st, cases[i].want);
        assert_tree_as_remembered(1);
    }
}

static void s2_map_rejects_overlap_and_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST + SZ_2M, RAM, SZ_2M), HV_OK);
    assert_int_equal(map(GUEST + (8U * SZ_2M), RAM + SZ_2M, PAGE_SIZE), HV_OK);
    uint64_t used = pool.used;
    remember_tree();
    assert_int_equal(map(GUEST + SZ_2M, RAM, SZ_2M), HV_ERR_OVERLAP);
    assert_int_equal(map(GUEST, RAM, SZ_2M + PAGE_SIZE), HV_ERR_OVERLAP);
    assert_int_equal(map(GUEST + (2U * SZ_2M) - PAGE_SIZE, RAM, 2U * PAGE_SIZE), HV_ERR_OVERLAP);
    assert_int_equal(map(GUEST + (4U * SZ_2M), RAM, 8U * SZ_2M), HV_ERR_OVERLAP);
    assert_tree_as_remembered(used);
}

static void s2_map_finds_whichever_page_is_mapped_already(void **state)
{
    (void)state;
    for (uint64_t at = 0; at < 21U; at++) { /* eights of entries, before them and behind */
        assert_int_equal(map(GUEST + (at * PAGE_SIZE), RAM, PAGE_SIZE), HV_OK);
        uint64_t used = pool.used;
        remember_tree();
        assert_int_equal(map(GUEST, RAM + SZ_2M, 21U * PAGE_SIZE), HV_ERR_OVERLAP);
        assert_tree_as_remembered(used);
        assert_int_equal(tracked_unmap(IPA(GUEST + (at * PAGE_SIZE)), PAGE_SIZE), HV_OK);
    }
    assert_int_equal(map(GUEST, RAM + SZ_2M, 21U * PAGE_SIZE), HV_OK);
}

static void s2_map_that_runs_out_of_pages_is_undone(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, 2U * PAGE_SIZE), HV_OK);
    for (uint64_t spare = 0; spare <= 5U; spare++) {
        uint64_t used = pool.used;
        pool.total = used + spare;
        remember_tree();
        /* pages on both ends, and a block before a hole: needs two tables below one that stands and one for 1 GiB up */
        uint64_t size = SZ_1G + PAGE_SIZE;
        enum hv_status st = map(GUEST + (2U * PAGE_SIZE), RAM + (2U * PAGE_SIZE), size - (2U * PAGE_SIZE));
        if (spare < 2U) {
            assert_int_equal(st, HV_ERR_NOMEM);
            assert_tree_as_remembered(used);
        } else {
            assert_int_equal(st, HV_OK);
            assert_int_equal(pool.used, used + 2U);
            return;
        }
    }
    fail();
}

static void s2_map_goes_below_tables_that_stand_empty(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, PAGE_SIZE), HV_OK);
    assert_int_equal(tracked_unmap(IPA(GUEST), PAGE_SIZE), HV_OK);
    assert_int_equal(map(GUEST, RAM, SZ_2M), HV_OK);
    assert_maps(GUEST, RAM, 3);
    assert_maps(GUEST + SZ_2M - PAGE_SIZE, RAM + SZ_2M - PAGE_SIZE, 3);
}

static void s2_map_goes_below_empty_tables_between_blocks(void **state)
{
    const uint32_t empty = 1U << 0 | 1U << 3 | 1U << 8 | 1U << 9 | 1U << 20 | 1U << 31; /* by 2 MiB */

    (void)state;
    for (uint64_t n = 0; n < 32U; n++) {
        if ((empty >> n & 1U) != 0U) {
            assert_int_equal(map(GUEST + (n * SZ_2M), RAM, PAGE_SIZE), HV_OK);
            assert_int_equal(tracked_unmap(IPA(GUEST + (n * SZ_2M)), PAGE_SIZE), HV_OK);
        }
    }
    assert_int_equal(map(GUEST, RAM, 32U * SZ_2M), HV_OK);
    for (uint64_t n = 0; n < 32U; n++) {
        assert_maps(GUEST + (n * SZ_2M), RAM + (n * SZ_2M), (empty >> n & 1U) != 0U ? 3U : 2U);
    }
}

static void s2_unmap_removes_exactly_its_range(void **state)
{
    static const struct {
        uint64_t from, size;
    } cases[] = {
        { 0, PAGE_SIZE },
        { 0, SZ_2M },
        { PAGE_SIZE, PAGE_SIZE },
        { SZ_2M - PAGE_SIZE, 2U * PAGE_SIZE },
        { PAGE_SIZE, (3U * SZ_2M) - (2U * PAGE_SIZE) },
        { 0, 3U * SZ_2M },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(setup(NULL), 0);
        assert_int_equal(map(GUEST, RAM, 3U * SZ_2M), HV_OK);
        assert_int_equal(tracked_unmap(IPA(GUEST + cases[i].from), cases[i].size), HV_OK);
        for (uint64_t at = 0; at < 3U * SZ_2M; at += PAGE_SIZE) {
            struct s2_mapping m;
            bool gone = at >= cases[i].from && at < cases[i].from + cases[i].size;
            assert_int_equal(s2_walk(&s2, IPA(GUEST + at), &m), gone ? HV_ERR_NOENT : HV_OK);
            if (!gone) {
                assert_int_equal(m.pa.v, RAM + at);
                assert_int_equal(m.attr, s2_format.attr[S2_MEM_NORMAL][RWX]);
            }
        }
    }
}

static void s2_unmap_splits_a_1_gib_block_down_to_pages(void **state)
{
    (void)state;
    assert_int_equal(map(SZ_1G, 4U * SZ_1G, SZ_1G), HV_OK);
    assert_int_equal(tracked_unmap(IPA(SZ_1G + (5U * SZ_2M) + (7U * PAGE_SIZE)), PAGE_SIZE), HV_OK);
    assert_int_equal(pool.used, 3);
    assert_maps(SZ_1G, 4U * SZ_1G, 2);
    assert_maps(SZ_1G + (5U * SZ_2M) + (6U * PAGE_SIZE), (4U * SZ_1G) + (5U * SZ_2M) + (6U * PAGE_SIZE), 3);
    assert_unmapped(SZ_1G + (5U * SZ_2M) + (7U * PAGE_SIZE));
    assert_maps(SZ_1G + (5U * SZ_2M) + (8U * PAGE_SIZE), (4U * SZ_1G) + (5U * SZ_2M) + (8U * PAGE_SIZE), 3);
}

static void s2_unmap_of_something_not_mapped_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, SZ_2M), HV_OK);
    uint64_t used = pool.used;
    remember_tree();
    assert_int_equal(tracked_unmap(IPA(GUEST + SZ_2M), PAGE_SIZE), HV_ERR_NOENT);
    assert_int_equal(tracked_unmap(IPA(GUEST + PAGE_SIZE), SZ_2M), HV_ERR_NOENT);
    assert_int_equal(tracked_unmap(IPA(GUEST + 1U), PAGE_SIZE), HV_ERR_ALIGN);
    assert_int_equal(tracked_unmap(IPA(GUEST), 0), HV_ERR_RANGE);
    assert_tree_as_remembered(used);
}

static void s2_unmap_without_pages_to_split_leaves_every_translation(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, 2U * SZ_2M), HV_OK);
    for (uint64_t spare = 0; spare < 2U; spare++) {
        pool.total = pool.used + spare;
        assert_int_equal(tracked_unmap(IPA(GUEST + PAGE_SIZE), (2U * SZ_2M) - (2U * PAGE_SIZE)), HV_ERR_NOMEM);
        for (uint64_t at = 0; at < 2U * SZ_2M; at += PAGE_SIZE) {
            struct s2_mapping m;
            assert_int_equal(s2_walk(&s2, IPA(GUEST + at), &m), HV_OK);
            assert_int_equal(m.pa.v, RAM + at);
        }
    }
}

static void s2_unmap_up_to_the_end_of_the_ipa_space_works(void **state)
{
    uint64_t top = ((uint64_t)1 << 36) - SZ_2M;
    (void)state;
    assert_int_equal(map(top, RAM, SZ_2M), HV_OK);
    assert_int_equal(tracked_unmap(IPA(top + PAGE_SIZE), SZ_2M - PAGE_SIZE), HV_OK);
    assert_maps(top, RAM, 3);
    assert_unmapped(top + PAGE_SIZE);
}

static void s2_unmap_takes_effect_on_every_cpu_at_once(void **state)
{
    static const uint64_t sizes[] = { PAGE_SIZE, 3U * PAGE_SIZE, SZ_2M };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        assert_int_equal(setup(NULL), 0);
        assert_int_equal(map(GUEST, RAM, 2U * SZ_2M), HV_OK);
        for (unsigned cpu = 0; cpu < 4U; cpu++) {
            sim_cores[cpu].s2 = s2.hw;
            assert_int_equal(sim_translate(&sim_cores[cpu], GUEST, SIM_ACC_WRITE).pa, RAM);
        }
        assert_int_equal(tracked_unmap(IPA(GUEST), sizes[i]), HV_OK);
        for (unsigned cpu = 0; cpu < 4U; cpu++) {
            assert_true(sim_translate(&sim_cores[cpu], GUEST, SIM_ACC_WRITE).fault);
            assert_int_equal(sim_translate(&sim_cores[cpu], GUEST + sizes[i], SIM_ACC_WRITE).pa, RAM + sizes[i]);
        }
    }
}

/* Nothing is split here, so the invalidation is unmap's own; every page of the range was used. */
static void s2_unmap_of_pages_takes_effect_for_each_of_them(void **state)
{
    static const uint64_t sizes[] = { PAGE_SIZE, 2U * PAGE_SIZE, 5U * PAGE_SIZE };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        assert_int_equal(setup(NULL), 0);
        assert_int_equal(map(GUEST, RAM, 8U * PAGE_SIZE), HV_OK);
        sim_cores[1].s2 = s2.hw;
        for (uint64_t at = 0; at < sizes[i]; at += PAGE_SIZE) {
            assert_int_equal(sim_translate(&sim_cores[1], GUEST + at, SIM_ACC_READ).pa, RAM + at);
        }
        assert_int_equal(tracked_unmap(IPA(GUEST), sizes[i]), HV_OK);
        for (uint64_t at = 0; at < sizes[i]; at += PAGE_SIZE) {
            assert_true(sim_translate(&sim_cores[1], GUEST + at, SIM_ACC_READ).fault);
        }
    }
}

static void s2_unmap_splits_through_two_levels_and_keeps_the_rest(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, 0x80000000ULL, SZ_1G), HV_OK);
    assert_maps(GUEST, 0x80000000ULL, 1);
    assert_int_equal(tracked_unmap(IPA(GUEST + PAGE_SIZE), 2U * SZ_2M), HV_OK);
    assert_maps(GUEST, 0x80000000ULL, 3);
    assert_unmapped(GUEST + PAGE_SIZE);
    assert_unmapped(GUEST + (2U * SZ_2M));
    assert_maps(GUEST + (2U * SZ_2M) + PAGE_SIZE, 0x80000000ULL + (2U * SZ_2M) + PAGE_SIZE, 3);
    assert_maps(GUEST + (3U * SZ_2M), 0x80000000ULL + (3U * SZ_2M), 2);
}

/* The simulator fails it if what was undone is mapped elsewhere without an invalidation in between. */
static void s2_map_invalidates_what_it_undoes(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, PAGE_SIZE), HV_OK);
    pool.total = pool.used;
    assert_int_equal(map(GUEST + PAGE_SIZE, RAM + PAGE_SIZE, SZ_2M), HV_ERR_NOMEM);
    assert_int_equal(map(GUEST + PAGE_SIZE, RAM + SZ_2M, PAGE_SIZE), HV_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First: without its invalidation others fail as well, in which addresses are mapped again. */
        cmocka_unit_test_setup_teardown(s2_unmap_takes_effect_on_every_cpu_at_once, setup, audit),
        cmocka_unit_test_setup_teardown(s2_init_refuses_what_the_machine_cannot, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_uses_the_largest_blocks_that_fit, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_uses_1_gib_blocks_where_both_addresses_allow, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_uses_pages_where_the_offset_is_not_block_aligned, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_works_with_every_geometry, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_rejects_bad_arguments_and_changes_nothing, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_rejects_overlap_and_changes_nothing, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_that_runs_out_of_pages_is_undone, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_goes_below_tables_that_stand_empty, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_goes_below_empty_tables_between_blocks, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_removes_exactly_its_range, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_splits_a_1_gib_block_down_to_pages, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_of_something_not_mapped_changes_nothing, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_without_pages_to_split_leaves_every_translation, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_up_to_the_end_of_the_ipa_space_works, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_of_pages_takes_effect_for_each_of_them, setup, audit),
        cmocka_unit_test_setup_teardown(s2_unmap_splits_through_two_levels_and_keeps_the_rest, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_invalidates_what_it_undoes, setup, audit),
        cmocka_unit_test_setup_teardown(s2_map_finds_whichever_page_is_mapped_already, setup, audit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
