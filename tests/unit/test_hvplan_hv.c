/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of the hypervisor: how a plan asks for them, what is said if it does so wrongly, and what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/colour.h"
#include "hvplan_fixture.h"

#define HEAD  "/dts-v1/;\n/ { compatible = \"bulkhead,system-v1\";\n"
#define CACHE "cache { size = <0x100000>; ways = <16>; line = <64>; };\n"
#define VMS   "vms { a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; }; };\n};\n"
#define HV(colours) "hypervisor { colours = \"" colours "\"; };\n"

static void colours_are_numbers_and_ranges_that_ascend(void **state)
{
    static const struct {
        const char *text;
        uint64_t mask;
    } good[] = {{"0", 1}, {"63", 1ULL << 63}, {"0-63", ~0ULL}, {"0-3,8", 0x10f}, {"1,2,4-5", 0x36}, {"00-01", 3}};
    static const char *const bad[] = {"", "-", "a", "0-", "-3", "0,", ",0", "3-0", "3-3", "0-3,3", "1,0", "64", "0-64", "0 1", " 0",
                                      "0-1-2", "0x1", "18446744073709551616", "0;"};
    struct arena a = {0};
    uint64_t mask;

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        assert_true(colours_parse(good[i].text, &mask));
        assert_true(mask == good[i].mask);
        const char *text = colours_text(&a, mask);

        assert_true(colours_parse(text, &mask));
        assert_true(mask == good[i].mask);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        if (colours_parse(bad[i], &mask)) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
    }
    assert_string_equal(colours_text(&a, 0x36), "1-2,4-5");
    assert_string_equal(colours_text(&a, ~0ULL), "0-63");
    arena_free(&a);
}

static const struct {
    const char *text;
    const char *says;
} wrong[] = {
    {HEAD "hypervisor { colour = \"0\"; };\n" CACHE VMS, ":3: error: /hypervisor: unknown property colour; did you mean colours?"},
    {HEAD "hypervisor { colours = <0>; };\n" CACHE VMS, ":3: error: /hypervisor: colours has a value of the wrong type: cells; write one string"},
    {HEAD "hypervisor { colours; };\n" CACHE VMS, ":3: error: /hypervisor: colours has a value of the wrong type: no value; write one string"},
    {HEAD "hypervisor { colours = \"0\", \"1\"; };\n" CACHE VMS, ":3: error: /hypervisor: colours has a wrong value; write one string"},
    {HEAD HV("3-0") CACHE VMS, ":3: error: /hypervisor: colours has a wrong value; write numbers below 64 and ranges"},
    {HEAD "hypervisor { colours = \"0-3\"; x { }; };\n" CACHE VMS, ":3: error: /hypervisor: unknown node x in it; remove it"},
    {HEAD HV("0-3") VMS, ":3: error: /hypervisor: colours of a cache that is not described; write /cache {"},
    {HEAD HV("13-16") CACHE VMS, ":3: error: /hypervisor: the cache has colours 0-15; write some of these"},
    {HEAD HV("0-2,4-6") CACHE VMS,
     ":3: error: /hypervisor: the hypervisor needs 4 colours in a row, from a multiple of 4 on, for the root of stage 2 of /vms/a; "
     "give it such, like colours = \"0-3\";"},
    {HEAD HV("1-4") CACHE VMS, "the hypervisor needs 4 colours in a row"},
    {HEAD "hypervisors { };\n" VMS, ":3: error: /hypervisors: unknown node hypervisors; did you mean hypervisor?"},
    {HEAD "cache { sizes = <1>; };\n" VMS, ":3: error: /cache: unknown property sizes; did you mean size?"},
    {HEAD "cache { size = \"1M\"; ways = <16>; line = <64>; };\n" VMS, ":3: error: /cache: size has a value of the wrong type: text; write one cell"},
    {HEAD "cache { size = <0x100000>; ways = <0>; line = <64>; };\n" VMS, ":3: error: /cache: ways has a wrong value; write one cell"},
    {HEAD "cache { size = <0x100000>; ways = <12>; line = <64>; };\n" VMS, ":3: error: /cache: no cache with colours: write its size, ways"},
    {HEAD "cache { size = <0x10000>; ways = <16>; line = <64>; };\n" VMS, ":3: error: /cache: no cache with colours"},
    {HEAD "cache { size = <0x100000>; ways = <16>; };\n" VMS, ":3: error: /cache: no cache with colours"},
    {HEAD HV("0-3") "cache { size = <0x20000000>; ways = <2>; line = <64>; };\n"
     "vms { a { vcpus = <1>; memory = \"500M\"; image = \"raw.bin\"; }; };\n};\n",
     "and the memory in which the hypervisor has its colours takes"},
};

static void each_wrong_colour_is_told_with_its_line_and_how_to_mend_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = hvplan_text("check", wrong[i].text);

        assert_int_equal(o.rc, 1);
        assert_contains(o.err, wrong[i].says);
    }
}

/* Geometry of the cache, colours, and what the plan has to say of it. */
static void the_hypervisors_memory_lies_behind_all_others_in_its_colours(void **state)
{
    static const struct {
        const char *text;
        uint64_t mask, span;
        uint32_t colours;
    } cases[] = {
        {HEAD HV("0-3") CACHE VMS, 0xf, 0x800000, 16},
        {HEAD HV("8-15") CACHE VMS, 0xff00, 0x400000, 16},
        {HEAD HV("0-63") "cache { size = <0x800000>; ways = <16>; line = <64>; };\n" VMS, ~0ULL, 0x200000, 64}, /* of two pages each */
        {HEAD HV("2-3,9") "cache { size = <0x800000>; ways = <16>; line = <64>; };\n" VMS, 0x20c, 0x2b00000, 64},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct outcome o = hvplan_text("build", cases[i].text);

        if (o.rc != 0) {
            fail_msg("case %u: %s", i, o.err);
        }
        const uint8_t *file = scratch_read("out.img", NULL);
        const struct plan *p = (const struct plan *)(const void *)(file + HV_MEM_SIZE);

        assert_int_equal(p->magic, PLAN_MAGIC);
        assert_int_equal(p->llc.colours, cases[i].colours);
        assert_true(p->hv_colours == cases[i].mask);
        assert_int_equal(plan_hv_span(p), cases[i].span);
        assert_true(is_aligned(p->hv_home, SZ_2M) && is_aligned(p->hv_home, colour_period(&p->llc)));
        for (uint32_t r = 0; r < p->regions.count; r++) {
            assert_true(plan_region(p, r)->kind != PLAN_REGION_RAM || plan_region(p, r)->pa + plan_region(p, r)->size <= p->hv_home);
        }
    }
}

static void the_log_and_the_map_tell_where_the_hypervisor_moves(void **state)
{
    (void)state;
    struct outcome o = hvplan_text("show", HEAD HV("4-7,12") CACHE VMS);

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "hypervisor: moved to colours 4-7,12 of 16, from 0x40");
    assert_contains(o.out, "hypervisor, plan and page tables once it has moved: colours 4-7,12 of these");
    o = hvplan_text("show", HEAD CACHE VMS);
    assert_int_equal(o.rc, 0);
    assert_null(strstr(o.out, "moved"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_are_numbers_and_ranges_that_ascend),
        cmocka_unit_test(each_wrong_colour_is_told_with_its_line_and_how_to_mend_it),
        cmocka_unit_test(the_hypervisors_memory_lies_behind_all_others_in_its_colours),
        cmocka_unit_test(the_log_and_the_map_tell_where_the_hypervisor_moves),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
