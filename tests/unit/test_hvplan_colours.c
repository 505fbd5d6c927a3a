/* SPDX-License-Identifier: Apache-2.0 */
/* Coloured VMs in hvplan: what is written of them, where they lie, and what lies in the packed file page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define LOAD        0x40200000ULL
#define CACHE       "}; cache { size = \"1M\"; ways = <16>; line = <64>;" /* 16 colours; ends what hvplan_vms() begins */
#define VM(n, rest) n " { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";" rest " };\n"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

/* The byte of coloured memory, counted page by page: colour n of 16 is the n-th page of each 64 KiB. */
static uint64_t pa_of(uint64_t base, uint64_t colours, uint64_t offset)
{
    uint64_t pa = base;

    for (uint64_t pages = 0;; pa += 0x1000U) {
        if ((colours >> (pa >> 12 & 15U) & 1U) != 0U && pages++ == offset >> 12) {
            return pa + (offset & 0xfffU);
        }
    }
}

static void assert_bytes(const uint8_t *data, size_t size, uint64_t base, uint64_t colours, uint64_t offset)
{
    for (size_t i = 0; i < size; i++) {
        uint64_t at = pa_of(base, colours, offset + i) - LOAD;

        if (at >= file_size || file[at] != data[i]) {
            fail_msg("byte %zu is not at 0x%lx of the file", i, (unsigned long)at);
        }
    }
}

static const struct plan_region *region(uint32_t vm, uint32_t i)
{
    return plan_region(plan, plan_vm(plan, vm)->first_region + i);
}

static void two_vms_lie_among_each_other_and_their_images_in_their_colours(void **state)
{
    static const uint64_t colours[] = {0x00ff, 0x1f00};
    size_t size;

    (void)state;
    build(VM("a", "colours = \"0-7\"; initrd = \"initrd\"; on-reset = \"restart\";") VM("b", "colours = \"8-12\"; load = <0x40001000>;") CACHE);
    const uint8_t *raw = scratch_read("raw.bin", &size);

    assert_int_equal(plan->llc.size, 1U << 20);
    assert_int_equal(plan->llc.ways, 16);
    assert_int_equal(plan->llc.line, 64);
    assert_int_equal(plan->llc.colours, 16);
    assert_int_equal(region(0, 0)->pa, LOAD + SZ_2M);
    assert_int_equal(region(1, 0)->pa, LOAD + SZ_2M); /* the same place */
    for (uint32_t vm = 0; vm < 2U; vm++) {
        const struct plan_vm *v = plan_vm(plan, vm);
        const struct plan_image *m = plan_image(plan, v->first_image);
        uint64_t bytes = 0;

        for (uint32_t i = 0; i < v->nr_regions; i++) {
            assert_int_equal(region(vm, i)->colours, colours[vm]);
            bytes += region(vm, i)->size;
        }
        assert_int_equal(bytes, 4U << 20);
        assert_int_equal(m->pa, pa_of(region(vm, 0)->pa, colours[vm], vm * 0x1000U));
        assert_bytes(raw, size, region(vm, 0)->pa, colours[vm], vm * 0x1000U);
    }
    const struct plan_vm *a = plan_vm(plan, 0);
    const uint8_t *initrd = scratch_read("initrd", &size);

    assert_bytes(initrd, size, region(0, 0)->pa, 0xff, 0x2000); /* behind the image */
    assert_int_equal(a->pristine_pa % 0x10000U, 0);
    assert_int_equal(plan_image(plan, 0)->pristine_pa, a->pristine_pa);
    assert_bytes(raw, RAW_SIZE, a->pristine_pa, 0xff, 0);
    assert_bytes(initrd, size, a->pristine_pa, 0xff, align_up(RAW_SIZE, 8));
    /* The hypervisor, and 2 MiB in 5 of 16 colours, among which all else is: 6.4 MiB. */
    assert_int_equal(file_size, 5U * SZ_2M);
    assert_non_null(strstr((const char *)plan + plan->log.offset,
                           "cache 1 MiB, 16 ways, 64 B lines: 16 colours; vm a: 0-7; vm b: 8-12; hypervisor: not coloured\n"));
}

static void what_is_not_coloured_lies_where_it_would_without(void **state)
{
    uint64_t pa[2];
    uint64_t pristine;

    (void)state;
    build(VM("a", "on-fault = \"restart\";") VM("c", ""));
    pa[0] = region(0, 0)->pa;
    pa[1] = region(1, 0)->pa;
    pristine = plan_vm(plan, 0)->pristine_pa;
    assert_int_equal(plan->llc.size, 0);
    build(VM("a", "on-fault = \"restart\";") VM("b", "colours = \"3,5-6,15\";") VM("c", "") CACHE);
    assert_int_equal(region(0, 0)->pa, pa[0]);
    assert_int_equal(region(2, 0)->pa, pa[1]);
    assert_int_equal(plan_vm(plan, 0)->pristine_pa, pristine);
    assert_int_equal(region(1, 0)->pa, pristine + plan_vm(plan, 0)->pristine_size);
    assert_int_equal(region(1, 0)->colours, 0x8068);
    assert_true(region(0, 1)->pa >= region(1, 0)->pa + 16U * SZ_2M / 4U); /* the rests, behind */
}

static void regions_have_colours_of_their_own_or_the_vms(void **state)
{
    (void)state;
    build(VM("a", "colours = \"0-3\"; regions { own { memory = \"2M\"; memory-address = <0x80000000>; colours = \"4\"; };"
                  "like { memory = \"2M\"; memory-address = <0x90000000>; ro; }; };") CACHE);
    const struct plan_vm *v = plan_vm(plan, 0);
    unsigned own = 0, like = 0;

    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *g = plan_region(plan, i);

        own += g->ipa == 0x80000000U && g->colours == 0x10U ? 1U : 0U;
        like += g->ipa == 0x90000000U && g->colours == 0x0fU && g->rights == 5U ? 1U : 0U;
    }
    assert_int_equal(own, 1);
    assert_int_equal(like, 1);
    build(VM("a", "regions { own { memory = \"2M\"; memory-address = <0x80000000>; colours = \"15\"; }; };") CACHE);
    assert_int_equal(region(0, 0)->colours, 0);
    assert_int_equal(region(0, plan_vm(plan, 0)->nr_regions - 1U)->colours, 0x8000);
    assert_non_null(strstr((const char *)plan + plan->log.offset, "vm a: not coloured, region own 15;"));
}

static void a_hash_goes_into_the_plan_and_the_file(void **state)
{
    size_t size;

    (void)state;
    build(VM("a", "colours = \"0\";") CACHE "hash = <0 0x10000>, <0 0x30000>;");
    const uint8_t *raw = scratch_read("raw.bin", &size);
    uint64_t base = region(0, 0)->pa;

    assert_int_equal(plan->llc.hash[0], 0x10000);
    assert_int_equal(plan->llc.hash[1], 0x30000);
    /* Page n in period n, at the colour that hash turns into 0: bit 0 of it is bit 16, bit 1 that and bit 17. */
    for (uint64_t n = 0; n < size / 0x1000U + 1U; n++) {
        uint64_t period = base + 0x10000U * n;
        uint64_t twist = (period >> 16 & 1U) | ((period >> 16 ^ period >> 17) & 1U) << 1;
        size_t bytes = size - 0x1000U * n < 0x1000U ? size - 0x1000U * n : 0x1000U;

        assert_memory_equal(file + (period + 0x1000U * twist - LOAD), raw + 0x1000U * n, bytes);
    }
}

static void show_and_its_picture_tell_whose_colours_are_whose(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("show", VM("a", "colours = \"0-7\"; on-reset = \"restart\";") VM("b", "colours = \"8,10-15\";") VM("c", "") CACHE);

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "colours: 16, of 64 KiB of the cache each, and of 4 KiB in each 64 KiB of memory\n"
                           "  a               ########........  0-7\n"
                           "  b               ........#.######  8,10-15\n"
                           "  c               ################  0-15\n"
                           "  hypervisor      ################  0-15\n");
    assert_contains(o.out, "a: RAM in colours 0-7, in the file, IPA 0x40000000\n");
    assert_contains(o.out, "a: pristine copies to restart from in colours 0-7, in the file, mapped for no VM\n");
    const char *args[] = {"show", "--board", scratch("board.dtb"), "--svg", scratch("map.svg"), scratch("system.dts"), NULL};

    o = hvplan(args);
    assert_int_equal(o.rc, 0);
    assert_contains((const char *)scratch_read("map.svg", NULL), "Colours of the last-level cache");
}

/* The small board, and the caches that its tree says it has. */
static struct outcome on_board(const char *body, uint32_t size, uint32_t sets, bool of_all)
{
    static uint8_t tree[0x10000];
    size_t n;
    const uint8_t *old = scratch_read("board.dtb", &n);
    const char *args[] = {"build", "--board", scratch("cached.dtb"), "--hv", scratch("hv.bin"), "-o", scratch("out.img"),
                          scratch("system.dts"), NULL};

    assert_int_equal(fdt_open_into(old, tree, sizeof(tree)), 0);
    int cpus = fdt_path_offset(tree, "/cpus");
    int l2 = fdt_add_subnode(tree, cpus, "l2-cache");

    assert_true(l2 > 0);
    fdt_setprop_u32(tree, l2, "phandle", 0x7001);
    fdt_setprop_u32(tree, l2, "cache-size", size);
    fdt_setprop_u32(tree, l2, "cache-sets", sets);
    fdt_setprop_u32(tree, l2, "cache-line-size", 64);
    for (int cpu = fdt_first_subnode(tree, fdt_path_offset(tree, "/cpus")); cpu > 0; cpu = fdt_next_subnode(tree, cpu)) {
        if (fdt_getprop(tree, cpu, "device_type", NULL) != NULL) {
            fdt_setprop_u32(tree, cpu, "next-level-cache", 0x7001);
            if (!of_all) {
                break;
            }
        }
    }
    scratch_write("cached.dtb", tree, fdt_totalsize(tree));
    (void)hvplan_vms("check", body); /* writes the system */
    return hvplan(args);
}

static void the_boards_tree_tells_the_cache_if_the_plan_does_not(void **state)
{
    (void)state;
    struct outcome o = on_board(VM("a", "colours = \"0-31\";"), 2U << 20, 2048, true);

    assert_string_equal(o.err, "");
    file = scratch_read("out.img", &file_size);
    plan = (const struct plan *)(const void *)(file + HV_MEM_SIZE);
    assert_int_equal(plan->llc.size, 2U << 20);
    assert_int_equal(plan->llc.ways, 16);
    assert_int_equal(plan->llc.colours, 32);
    assert_string_equal(o.warnings, "");
    o = on_board(VM("a", "colours = \"0-15\";") CACHE, 2U << 20, 2048, true);
    assert_int_equal(o.rc, 0);
    assert_contains(o.warnings, "warning: /cache: the board's tree says otherwise of /cpus/l2-cache: 2 MiB, 16 ways, lines of 64 bytes; the plan's word");
    o = on_board(VM("a", "colours = \"0-15\";") CACHE, 1U << 20, 1024, true);
    assert_string_equal(o.warnings, "");
    o = on_board(VM("a", "colours = \"0\";"), 1U << 20, 1024, false);
    assert_contains(o.err, "error: /vms/a: colours of what cache? the board's CPUs have no last-level cache in common; write it into");
    o = on_board(VM("a", "colours = \"0\";"), 1U << 20, 1000, true);
    assert_contains(o.err, "the board's tree does not tell size, sets and lines of its last-level cache, /cpus/l2-cache");
    o = on_board(VM("a", "colours = \"0\";"), 64U << 10, 64, true);
    assert_contains(o.err, "/cpus/l2-cache of the board's tree has no colours");
}

#define COLOURS(value)       "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\ncolours = " value "; };\n" CACHE
#define CACHED(props)        "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; colours = \"0\"; };\n}; cache {\n" props
#define WRONG_VALUE          ":6: error: /vms/a: colours has a wrong value; write numbers from 0 on, in ascending order and each once, like \"0-7,12\""

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} wrong[] = {
    {COLOURS("\"\""), WRONG_VALUE},
    {COLOURS("\"0-\""), WRONG_VALUE},
    {COLOURS("\"7-0\""), WRONG_VALUE},
    {COLOURS("\"3-3\""), WRONG_VALUE},
    {COLOURS("\"1,1\""), WRONG_VALUE},
    {COLOURS("\"0-4,4\""), WRONG_VALUE},
    {COLOURS("\"5,2\""), WRONG_VALUE},
    {COLOURS("\"0,\""), WRONG_VALUE},
    {COLOURS("\",0\""), WRONG_VALUE},
    {COLOURS("\"0 - 7\""), WRONG_VALUE},
    {COLOURS("\"0x1\""), WRONG_VALUE},
    {COLOURS("\"01\""), WRONG_VALUE},
    {COLOURS("\"64\""), WRONG_VALUE},
    {COLOURS("\"100\""), WRONG_VALUE},
    {COLOURS("\"0\", \"1\""), WRONG_VALUE},
    {COLOURS("<0 7>"), ":6: error: /vms/a: colours has a value of the wrong type: cells; write numbers from 0 on"},
    {COLOURS("\"8-16\""), ":6: error: /vms/a: the cache has 16 colours, 0-15, and not 16; name some of those"},
    {COLOURS("\"15,17-20,63\""), ":6: error: /vms/a: the cache has 16 colours, 0-15, and not 17-20,63; name some of those"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\ncolours = \"0\"; };",
     ":6: error: /vms/a: colours of what cache? the board's tree does not tell what its last-level cache is; write it into a node cache of /, "
     "like cache { size = \"1M\"; ways = <16>; line = <64>; };"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; trusted-dma;\ncolours = \"0\"; };\n" CACHE,
     ":6: error: /vms/a: with trusted-dma RAM has its physical addresses, and coloured memory is none that follow each other; remove colours"},
    {VM("a", "regions { x { memory = \"2M\"; memory-address = <0x80000000>;\ncolours = \"16\"; }; };") CACHE,
     ":6: error: /vms/a/regions/x: the cache has 16 colours, 0-15, and not 16"},
    {"a { vcpus = <1>; memory = \"64M\"; image = \"raw.bin\";\ncolours = \"0,1\"; };\n" CACHE,
     ":6: error: /vms/a: 62 MiB of it, without its images, are in colours 0-1, 2 of 16, among 496 MiB of memory; from 0x41400000 on, where these colours "
     "are free, the board has 236 MiB; give it more colours, or less memory"},
    {VM("a", "colours = \"0-7\";") "b { vcpus = <1>; memory = \"250M\"; image = \"raw.bin\"; };\n" CACHE,
     ":4: error: /vms: behind what is coloured, up to 0x40e00000, the other VMs ask for 6 MiB more than the board has; give them less, or"},
    {CACHED("ways = <16>; line = <64>;"), ":6: error: /cache: size is missing; write all of its bytes, like size = \"1M\";"},
    {CACHED("size = \"1M\"; line = <64>;"), ":6: error: /cache: ways is missing; write how many lines a set has"},
    {CACHED("size = \"1M\"; ways = <16>;"), ":6: error: /cache: line is missing; write the bytes of a line"},
    {CACHED("size = \"1M\"; ways = <0>; line = <64>;"), ":7: error: /cache: ways has a wrong value; write one cell that is not 0"},
    {CACHED("size = <0>; ways = <16>; line = <64>;"), ":7: error: /cache: size is 0; write what it is"},
    {CACHED("size = \"1M\"; ways = <12>; line = <64>;"),
     ":7: error: /cache: 1 MiB in 12 ways with lines of 64 bytes are no cache whose sets are chosen by address bits"},
    {CACHED("size = \"1M\"; ways = <16>; line = <48>;"), ":7: error: /cache: 1 MiB in 16 ways with lines of 48 bytes are no cache"},
    {CACHED("size = \"64K\"; ways = <16>; line = <64>;"),
     ":7: error: /cache: a way of 4 KiB is not above a page of 4 KiB: such a cache has no colours; remove it and all colours"},
    {CACHED("size = \"1M\"; ways = <16>; line = <64>; hash = <0 0x8000>;"),
     ":7: error: /cache: mask 0, 0x8000, has bits below a way's size, 64 KiB: those choose the set already"},
    {CACHED("size = \"1M\"; ways = <16>; line = <64>; hash = <0 0>, <0 0>, <0 0>, <0 0>, <0 0x10000>;"),
     ":7: error: /cache: mask 4 is of a bit that no colour has: there are 16 colours; remove it"},
    {CACHED("size = \"1M\"; ways = <16>; line = <64>; hash = <0x10000>;"),
     ":7: error: /cache: hash has a wrong value; write a mask of two cells for each bit of a colour, the lowest first"},
    {CACHED("size = \"1M\"; ways = <16>; line = <64>; sets = <1>;"), ":7: error: /cache: unknown property sets; remove it"},
    {CACHED("size = \"1M\"; ways = <16>; line = <64>; x { };"), ":6: error: /cache: node x in the cache; remove it"},
    {VM("a", "") "}; cach {", ":6: error: /cach: unknown node cach; did you mean cache?"},
};

static void every_wrong_colour_is_told_alone_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = hvplan_vms("check", wrong[i].body);

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL || strchr(o.err, '\n') != strrchr(o.err, '\n')) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in, or not all of:\n%s", wrong[i].body, o.rc, wrong[i].says, o.err);
        }
    }
}

/* A tree with more RAM: 1 GiB of a coloured VM takes 512 tables, which the hypervisor's 2 MiB do not have room for. */
static void too_many_tables_are_told_with_what_each_vm_takes(void **state)
{
    static uint8_t tree[0x10000];
    static const uint8_t reg[16] = {0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}; /* 4 GiB */
    const char *args[] = {"check", "--board", scratch("large.dtb"), "--hv", scratch("hv.bin"), scratch("system.dts"), NULL};

    (void)state;
    assert_int_equal(fdt_open_into(scratch_read("board.dtb", NULL), tree, sizeof(tree)), 0);
    assert_int_equal(fdt_setprop(tree, fdt_path_offset(tree, "/memory@40000000"), "reg", reg, sizeof(reg)), 0);
    scratch_write("large.dtb", tree, fdt_totalsize(tree));
    (void)hvplan_vms("check", "a { vcpus = <1>; memory = \"1G\"; image = \"raw.bin\"; colours = \"0-7\"; };\n" VM("b", "") CACHE);
    struct outcome o = hvplan(args);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, ":4: error: /vms: the VMs take 523 page-table pages (a 519, b 4), and the hypervisor's 2 MiB have room for 440 beside 92 KiB for so many CPUs and VMs; "
                           "coloured memory takes one for each 2 MiB: give less of it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_vms_lie_among_each_other_and_their_images_in_their_colours),
        cmocka_unit_test(what_is_not_coloured_lies_where_it_would_without),
        cmocka_unit_test(regions_have_colours_of_their_own_or_the_vms),
        cmocka_unit_test(a_hash_goes_into_the_plan_and_the_file),
        cmocka_unit_test(show_and_its_picture_tell_whose_colours_are_whose),
        cmocka_unit_test(the_boards_tree_tells_the_cache_if_the_plan_does_not),
        cmocka_unit_test(every_wrong_colour_is_told_alone_with_its_line),
        cmocka_unit_test(too_many_tables_are_told_with_what_each_vm_takes),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
