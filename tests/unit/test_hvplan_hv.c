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

static const struct {
    const char *text;
    const char *says;
} wrong[] = {
    {HEAD "hypervisor { colour = \"0\"; };\n" CACHE VMS, ":3: error: /hypervisor: unknown property colour; did you mean colours?"},
    {HEAD "hypervisor { colours = <0>; };\n" CACHE VMS, ":3: error: /hypervisor: colours has a value of the wrong type: cells; write numbers"},
    {HEAD HV("3-0") CACHE VMS, ":3: error: /hypervisor: colours has a wrong value; write numbers from 0 on"},
    {HEAD "hypervisor { colours = \"0-3\"; x { }; };\n" CACHE VMS, ":3: error: /hypervisor: unknown node x in it; remove it"},
    {HEAD HV("0-3") VMS, ":3: error: /hypervisor: colours of what cache? the board's tree does not tell"},
    {HEAD HV("13-16") CACHE VMS, ":3: error: /hypervisor: the cache has 16 colours, 0-15, and not 16; name some of those"},
    {HEAD HV("0-2,4-6") CACHE VMS,
     ":3: error: /hypervisor: the hypervisor needs 4 colours in a row, from a multiple of 4 on, for the root of stage 2 of /vms/a; "
     "give it such, like colours = \"0-3\";"},
    {HEAD HV("1-4") CACHE VMS, "the hypervisor needs 4 colours in a row"},
    {HEAD HV("0-3") "cache { size = \"1M\"; ways = <16>; line = <64>; hash = <0 0x40000000>; };\n" VMS,
     ":3: error: /hypervisor: the root of stage 2 of /vms/a needs 4 pages in a row, and the hash of the cache puts colours in another order"},
    {HEAD "hypervisors { };\n" VMS, ":3: error: /hypervisors: unknown node hypervisors; did you mean hypervisor?"},
    {HEAD HV("0-3") "cache { size = \"512M\"; ways = <2>; line = <64>; };\n"
     VMS,
     ":3: error: /hypervisor: 2 MiB of it, the hypervisor's memory, are in colours 0-3, 4 of 64, among"},
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
static void the_hypervisors_memory_lies_apart_from_all_others_in_its_colours(void **state)
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
        assert_true(is_aligned(p->hv_home, colour_period(&p->llc)));
        for (uint32_t r = 0; r < p->regions.count; r++) {
            const struct plan_region *g = plan_region(p, r);

            assert_false(ranges_overlap(g->pa, g->size, p->hv_home, plan_hv_span(p)));
        }
    }
}

/* Also of a VM of other colours it lies apart; and more than the VM's images is not in the file. */
static void the_hypervisor_shares_no_block_with_coloured_vms(void **state)
{
    struct outcome o = hvplan_text("build", HEAD HV("12-15") CACHE "vms { a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; "
                                            "colours = \"0-11\"; }; };\n};\n");
    size_t size = 0;

    (void)state;
    assert_int_equal(o.rc, 0);
    const uint8_t *file = scratch_read("out.img", &size);
    const struct plan *p = (const struct plan *)(const void *)(file + HV_MEM_SIZE);

    assert_int_equal(plan_region(p, 0)->colours, 0x0fff);
    for (uint32_t i = 0; i < p->regions.count; i++) {
        const struct plan_region *g = plan_region(p, i);
        uint64_t span = g->colours != 0U ? colour_span(&p->llc, g->colours, g->size) : g->size;

        assert_false(ranges_overlap(g->pa, span, align_down(p->hv_home, SZ_2M), align_up(plan_hv_span(p), SZ_2M)));
    }
    assert_true(size <= HV_REGION_SIZE + 2U * SZ_2M);
}

static void the_log_and_the_map_tell_where_the_hypervisor_moves(void **state)
{
    (void)state;
    struct outcome o = hvplan_text("show", HEAD HV("4-7,12") CACHE VMS);

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "hypervisor: moved to colours 4-7,12 of 16, from 0x40");
    assert_contains(o.out, "....####....#...  4-7,12");
    assert_contains(o.out, "hypervisor, plan and page tables once it has moved: colours 4-7,12 of these");
    o = hvplan_text("show", HEAD CACHE VMS);
    assert_int_equal(o.rc, 0);
    assert_null(strstr(o.out, "moved"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_colour_is_told_with_its_line_and_how_to_mend_it),
        cmocka_unit_test(the_hypervisors_memory_lies_apart_from_all_others_in_its_colours),
        cmocka_unit_test(the_hypervisor_shares_no_block_with_coloured_vms),
        cmocka_unit_test(the_log_and_the_map_tell_where_the_hypervisor_moves),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
