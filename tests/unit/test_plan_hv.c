/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor in colours of its own: where its memory lies, what plan_validate() says of that, and tables from such a pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/colour.h"
#include "core/s2.h"
#include "forgery.h"
#include "hv/arch_ops.h"
#include "memory_fixture.h"
#include "plan_fixture.h"

#define PA_BITS   40U
#define MIB       0x100000ULL
#define PAGES     (HV_REGION_SIZE / PAGE_SIZE)

static struct plan_report report;
static const struct plan *coloured;
static _Alignas(PAGE_SIZE) uint8_t region[HV_REGION_SIZE];

/* As the hypervisor has it: its region in a row, whatever lies where. */
static void *map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    uint64_t n;

    (void)attr;
    return plan_hv_offset(coloured, pa, size, &n) ? region + n : NULL;
}

static enum hv_status validate(const struct plan_fixture *f)
{
    return plan_validate(f, sizeof(*f), FIXTURE_BOARD, (enum plan_isa)f->p.isa, &report);
}

/* Masks, and hashes of the colour's first bits: with one, colours beside each other are not always in order. */
static const struct {
    uint64_t mask;
    uint64_t hash[2];
} cases[] = {
    {0x000f, {0, 0}},           {0xfff0, {0, 0}},          {0x0ff0, {0x10000, 0}}, {0x00ff, {0x50000, 0x20000}},
    {0xff0f, {0x70000, 0xa0000}}, {0x2aaa | 0xf000, {0, 0x10000}},
};

static void fixture(struct plan_fixture *f, unsigned i)
{
    plan_fixture_good(f);
    plan_fixture_hv_colours(f, cases[i].mask);
    memcpy(f->p.llc.hash, cases[i].hash, sizeof(cases[i].hash));
    plan_fixture_seal(f);
}

static void each_page_of_the_region_has_a_place_of_its_own_among_the_colours(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct plan_fixture f;
        uint64_t last = 0;

        fixture(&f, i);
        for (uint64_t n = 0; n < HV_REGION_SIZE; n += PAGE_SIZE) {
            uint64_t back = 1;
            paddr_t pa = plan_hv_pa(&f.p, n);

            assert_true(cases[i].mask >> colour_of(&f.p.llc, pa) & 1U);
            assert_true(range_within(pa.v, PAGE_SIZE, f.p.hv_home, plan_hv_span(&f.p)));
            assert_true(plan_hv_offset(&f.p, PA(pa.v + 8U), 8, &back));
            assert_int_equal(back, n + 8U);
            last = pa.v > last ? pa.v : last;
        }
        assert_true(last >= f.p.hv_home + plan_hv_span(&f.p) - colour_period(&f.p.llc));
    }
}

static void what_is_of_other_colours_or_outside_is_not_the_hypervisors(void **state)
{
    struct plan_fixture f;
    uint64_t n;
    uint64_t mine = 0;

    (void)state;
    fixture(&f, 0);
    for (uint64_t at = f.p.hv_home - MIB; at < f.p.hv_home + plan_hv_span(&f.p) + MIB; at += PAGE_SIZE) {
        bool in = range_within(at, PAGE_SIZE, f.p.hv_home, plan_hv_span(&f.p)) && at / PAGE_SIZE % 16U < 4U;

        assert_int_equal(plan_hv_offset(&f.p, PA(at), PAGE_SIZE, &n), in);
        mine += in;
    }
    assert_int_equal(mine, PAGES);
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_base), PAGE_SIZE, &n));
    assert_true(plan_hv_offset(&f.p, PA(f.p.hv_home), 4U * PAGE_SIZE, &n));
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_home), 5U * PAGE_SIZE, &n));
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_home + 8U), 4U * PAGE_SIZE, &n));
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_home), 0x10000U + PAGE_SIZE, &n)); /* both ends are */
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_home), 0, &n));
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_home), UINT64_MAX, &n));
}

static void a_hypervisor_without_colours_is_where_it_was_loaded(void **state)
{
    struct plan_fixture f;
    uint64_t n;

    (void)state;
    plan_fixture_good(&f);
    assert_int_equal(plan_hv_pa(&f.p, 0x12345).v, f.p.hv_base + 0x12345);
    assert_true(plan_hv_offset(&f.p, PA(f.p.hv_base + 0x5000), HV_REGION_SIZE - 0x5000, &n));
    assert_int_equal(n, 0x5000);
    assert_false(plan_hv_offset(&f.p, PA(f.p.hv_base + 0x5000), HV_REGION_SIZE, &n));
    assert_int_equal(plan_hv_span(&f.p), 0);
}

static void plans_with_colours_are_good(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct plan_fixture f;

        fixture(&f, i);
        if (validate(&f) != HV_OK) {
            fail_msg("case %u: %s", i, plan_error_text(report.issue[0].error));
        }
    }
}

static const struct forgery forgeries[] = {
    H(llc.ways, 0, PLAN_E_LLC),
    H(llc.colours, 3, PLAN_E_LLC),
    H(hv_colours, 0x1000f, PLAN_E_HV_COLOURS),
    H(hv_home, 0x43001000, PLAN_E_HV_HOME),
    H(hv_home, 0, PLAN_E_HV_HOME),
    H(hv_home, 0x43810000, PLAN_E_HV_HOME), /* 64 KiB too far to end in RAM */
    H(hv_home, 0xffffffffffff0000, PLAN_E_HV_HOME),
    H(hv_home, 0x403f0000, PLAN_E_HV_HOME), /* where it is loaded */
    H(hv_home, 0x40200000, PLAN_E_HV_HOME),
    H(hv_colours, 0, PLAN_E_HV_HOME),
    H(pool_pages, 6, PLAN_E_POOL),
    H(pool_pages, 1, PLAN_E_POOL),
    {"a region", offsetof(struct plan_fixture, regions[1].pa), 8, 0x42800000, PLAN_E_HV_HOME, NONE, 1, NONE},
    {"a region in the last page", offsetof(struct plan_fixture, regions[3].pa), 8, 0x437fe000, PLAN_E_HV_HOME, NONE, 3, NONE},
    {"an interrupt controller", offsetof(struct plan_fixture, p.irqc_base[0]), 8, 0x43700000, PLAN_E_HV_HOME, NONE, NONE, NONE},
    {"pristine copies", offsetof(struct plan_fixture, vms[1].pristine_pa), 8, 0x43600000, PLAN_E_PRISTINE, 1, NONE, NONE},
    {"a VM's regions beyond the table", offsetof(struct plan_fixture, vms[1].first_region), 4, 0x7f000000, PLAN_E_TABLE_ORDER, 1, NONE, NONE},
    {"colours apart", offsetof(struct plan_fixture, p.hv_colours), 8, 0x5555, PLAN_E_HV_ROOT, 0, 4, NONE},
};

static void every_forged_error_of_its_colours_is_reported_by_its_name_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(forgeries); i++) {
        const struct forgery *g = &forgeries[i];
        struct plan_fixture f;

        plan_fixture_good(&f);
        plan_fixture_restart(&f);
        plan_fixture_hv_colours(&f, 0x000f);
        assert_int_equal(validate(&f), HV_OK);
        memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
        plan_fixture_seal(&f);
        if (validate(&f) != HV_ERR_INVAL || !forgery_reported(&report, g)) {
            fail_msg("%s: %u issues, first %d (vm %u, %u, %u), expected %d", g->what, report.count, report.issue[0].error,
                     report.issue[0].vm, report.issue[0].a, report.issue[0].b, g->error);
        }
    }
}

static bool says(enum plan_error e)
{
    bool found = false;

    for (uint32_t i = 0; i < report.count && i < ARRAY_SIZE(report.issue); i++) {
        found = found || report.issue[i].error == e;
    }
    return found;
}

/* A region's size is that of what is its own: from its first to its last page it is longer. */
static void memory_of_other_colours_does_not_lie_between_the_hypervisors(void **state)
{
    static const struct {
        uint64_t pa, colours;
        bool clash;
    } cases_of[] = {
        {0x43000000, 0xff00, true}, {0x43000000, 0xfff0, true},  {0x43000000, 0x0018, true}, {0x43000000, 0, true},
        {0x42000000, 0x0ff0, true}, {0x42000000, 0x000f, false}, {0x42000000, 0x0001, true}, /* 16 MiB are 32, 16 (of 4), 256 MiB long */
        {0x42000000, 0xffff, false},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases_of); i++) {
        struct plan_fixture f;

        plan_fixture_good(&f);
        plan_fixture_hv_colours(&f, 0x000f);
        f.regions[1].pa = cases_of[i].pa;
        f.regions[1].size = cases_of[i].colours == 0x000f ? 0x400000 : 0x1000000;
        f.regions[1].colours = cases_of[i].colours;
        plan_fixture_seal(&f);
        (void)validate(&f);
        if (says(PLAN_E_HV_HOME) != cases_of[i].clash) {
            fail_msg("case %u: %s", i, cases_of[i].clash ? "not told" : "told");
        }
    }
}

/* Builds all VMs' tables from the plan's pool; true if each took what the plan says, and lies where it may. */
static void assert_built(const struct plan_fixture *f, unsigned which)
{
    struct pages pool = pages_of_plan(&f->p);

    coloured = &f->p;
    for (uint32_t vm = 0; vm < f->p.vms.count; vm++) {
        const struct plan_vm *v = plan_vm(&f->p, vm);
        uint64_t before = pool.used;
        struct plan_region r;
        struct s2_mapping m;
        struct s2 s2;
        uint64_t n;

        assert_int_equal(s2_init(&s2, &pool, v->ipa_bits, PA_BITS, VMID((uint16_t)(vm + 1U))), HV_OK);
        assert_true(is_aligned(s2.root.v, s2.geo.root_pages * PAGE_SIZE));
        assert_true(plan_hv_offset(&f->p, s2.root, s2.geo.root_pages * PAGE_SIZE, &n));
        assert_true(n >= f->p.pool_pa - f->p.hv_base);
        for (uint32_t i = 0; plan_mapping(&f->p, v, i, &r); i++) {
            assert_int_equal(s2_map(&s2, IPA(r.ipa), PA(r.pa), r.size, S2_MEM_NORMAL, 7), HV_OK);
        }
        for (uint32_t i = 0; plan_mapping(&f->p, v, i, &r); i++) {
            assert_int_equal(s2_walk(&s2, IPA(r.ipa + r.size - PAGE_SIZE), &m), HV_OK);
            assert_int_equal(m.pa.v, r.pa + r.size - PAGE_SIZE);
        }
        if (plan_s2_pages(&f->p, vm) != pool.used - before) {
            fail_msg("case %u: vm %u: planned %u pages, taken %u", which, vm, (unsigned)plan_s2_pages(&f->p, vm),
                     (unsigned)(pool.used - before));
        }
    }
}

static void tables_from_a_coloured_pool_take_what_the_plan_counts(void **state)
{
    (void)state;
    memory_reset(0, 1);
    arch_ops.mmu.map = map;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        for (uint32_t bits = 31; bits <= PA_BITS; bits++) { /* of each, a root of another size */
            for (unsigned skip = 0; skip < 5U; skip++) {
                struct s2_geometry geo;
                struct plan_fixture f;

                fixture(&f, i);
                f.p.pool_pa += skip * PAGE_SIZE;
                f.p.pool_pages = 400;
                f.p.pa_bits_min = PA_BITS;
                f.vms[0].ipa_bits = bits;
                if (plan_s2_pages(&f.p, 0) <= f.p.pool_pages && plan_s2_pages(&f.p, 1) <= f.p.pool_pages) {
                    assert_built(&f, i);
                } else {
                    assert_int_equal(s2_geometry(bits, PA_BITS, &geo), HV_OK);
                    assert_true(geo.root_pages > 4U); /* all have four colours in a row, from one that is a multiple of 4 */
                }
            }
        }
    }
}

static void a_map_that_runs_out_of_coloured_pages_takes_back_its_own_tables_alone(void **state)
{
    (void)state;
    memory_reset(0, 1);
    arch_ops.mmu.map = map;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct plan_fixture f;
        struct pages pool;
        struct s2_mapping m;
        struct s2 s2;

        fixture(&f, i);
        coloured = &f.p;
        pool = pages_of_plan(&f.p);
        assert_int_equal(s2_init(&s2, &pool, 32, PA_BITS, VMID(1)), HV_OK);
        for (uint64_t n = 0; n < 8U; n++) {
            assert_int_equal(s2_map(&s2, IPA(n * SZ_2M), PA(0x40000000 + n * 0x1000), PAGE_SIZE, S2_MEM_NORMAL, 7), HV_OK);
        }
        uint64_t used = pool.used;

        pool.total = used + 5U;
        assert_int_equal(s2_map(&s2, IPA(7U * SZ_2M + 0x10000U), PA(0x50001000), 8U * SZ_2M, S2_MEM_NORMAL, 7), HV_ERR_NOMEM);
        assert_int_equal(pool.used, used);
        for (uint64_t n = 0; n < 8U; n++) {
            assert_int_equal(s2_walk(&s2, IPA(n * SZ_2M), &m), HV_OK);
            assert_int_equal(m.pa.v, 0x40000000 + n * 0x1000);
        }
        assert_int_equal(s2_walk(&s2, IPA(7U * SZ_2M + 0x10000U), &m), HV_ERR_NOENT);
        assert_int_equal(s2_walk(&s2, IPA(9U * SZ_2M), &m), HV_ERR_NOENT);
        pool.total = used + 40U; /* with pages the same succeeds: nothing stood in the way */
        assert_int_equal(s2_map(&s2, IPA(7U * SZ_2M + 0x10000U), PA(0x50001000), 8U * SZ_2M, S2_MEM_NORMAL, 7), HV_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_of_the_region_has_a_place_of_its_own_among_the_colours),
        cmocka_unit_test(what_is_of_other_colours_or_outside_is_not_the_hypervisors),
        cmocka_unit_test(a_hypervisor_without_colours_is_where_it_was_loaded),
        cmocka_unit_test(plans_with_colours_are_good),
        cmocka_unit_test(every_forged_error_of_its_colours_is_reported_by_its_name_and_place),
        cmocka_unit_test(memory_of_other_colours_does_not_lie_between_the_hypervisors),
        cmocka_unit_test(tables_from_a_coloured_pool_take_what_the_plan_counts),
        cmocka_unit_test(a_map_that_runs_out_of_coloured_pages_takes_back_its_own_tables_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
