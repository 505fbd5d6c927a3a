/* SPDX-License-Identifier: Apache-2.0 */
/* Channels in hvplan: what is written of them, where they lie, with what rights, and what their VMs are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hv/s2_format.h"
#include "hvplan_fixture.h"

#define LOAD        0x40200000ULL
#define RAM_END     0x50000000ULL
#define VM(n, rest) n " { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";" rest " };\n"
#define VMS         VM("a", "") VM("b", "")
#define CHANNELS    "}; channels {\n" /* ends what hvplan_vms() begins */
#define CACHE       "}; cache { size = \"1M\"; ways = <16>; line = <64>;"
#define ENDS(a, b)  "endpoints { a { " a " }; b { " b " }; };"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

/* A VM's n-th region of a channel: of each channel the discovery page is the first. */
static const struct plan_region *region(uint32_t vm, uint32_t n)
{
    const struct plan_vm *v = plan_vm(plan, vm);

    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *g = plan_region(plan, v->first_region + i);

        if (g->kind == PLAN_REGION_CHANNEL && n-- == 0U) {
            return g;
        }
    }
    fail_msg("vm %u has no such region", vm);
    return NULL;
}

static void assert_region(uint32_t vm, uint32_t n, struct plan_region want)
{
    const struct plan_region *g = region(vm, n);

    assert_int_equal(g->ipa, want.ipa);
    assert_int_equal(g->pa, want.pa);
    assert_int_equal(g->size, want.size);
    assert_int_equal(g->rights, want.rights);
    assert_int_equal(g->colours, want.colours);
}

static const void *tree_of(uint32_t vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    const struct plan_image *m = plan_image(plan, v->first_image + v->nr_images - 1U);

    return file + (m->pa - LOAD);
}

/* One page that both write, and 64 KiB that only b does; both have both, and it is zero at boot. */
static void an_output_is_written_by_one_and_read_by_all(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { memory = \"4K\"; " ENDS("", "output = \"64K\";") " };");
    for (uint32_t vm = 0; vm < 2U; vm++) {
        uint32_t rights = vm == 0U ? S2_R : S2_R | S2_W;

        assert_region(vm, 0, (struct plan_region){RAM_END, 0x40800000, 0x1000, PLAN_REGION_CHANNEL, S2_R, 0});
        assert_region(vm, 1, (struct plan_region){RAM_END + 0x1000, 0x40801000, 0x1000, PLAN_REGION_CHANNEL, S2_R | S2_W, 0});
        assert_region(vm, 2, (struct plan_region){RAM_END + 0x2000, 0x40802000, 0x10000, PLAN_REGION_CHANNEL, rights, 0});
    }
    assert_int_equal(file_size, 0x40a00000 - LOAD);
    for (size_t i = 0x40801000 - LOAD; i < file_size; i++) {
        assert_int_equal(file[i], 0);
    }
    assert_contains((const char *)plan + plan->log.offset,
                    "channel c: a at IPA 0x50000000, b at IPA 0x50000000; common memory 4 KiB, output of b 64 KiB\n");
}

static void an_endpoint_may_be_read_only(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { memory = \"8K\"; " ENDS("", "ro;") " };");
    assert_int_equal(region(0, 1)->rights, S2_R | S2_W);
    assert_int_equal(region(1, 1)->rights, S2_R);
    assert_contains((const char *)plan + plan->log.offset, "channel c: a at IPA 0x50000000, b ro at IPA 0x50000000; common memory 8 KiB\n");
}

/* Who is no endpoint has nothing of it, and is told nothing. */
static void a_channel_is_its_endpoints_alone(void **state)
{
    (void)state;
    build(VMS VM("c", "") CHANNELS "x { " ENDS("output = \"4K\";", "") " }; y { memory = \"4K\"; endpoints { b { }; c { }; }; };");
    assert_int_equal(plan_vm(plan, 0)->nr_regions, 4);
    assert_int_equal(plan_vm(plan, 1)->nr_regions, 6);
    assert_int_equal(plan_vm(plan, 2)->nr_regions, 4);
    for (uint32_t n = 0; n < 2U; n++) {
        assert_int_equal(region(0, n)->pa, region(1, n)->pa);
        assert_int_equal(region(1, 2U + n)->pa, region(2, n)->pa);
        assert_int_not_equal(region(1, n)->pa, region(1, 2U + n)->pa);
    }
    assert_int_equal(region(1, 2)->ipa, RAM_END + 0x2000);
    assert_int_equal(region(2, 0)->ipa, RAM_END);
    assert_int_equal(fdt_node_offset_by_compatible(tree_of(0), fdt_path_offset(tree_of(0), "/channel@50000000"), "bulkhead,channel-v1"),
                     -FDT_ERR_NOTFOUND);
    assert_true(fdt_path_offset(tree_of(1), "/channel@50002000") > 0);
}

static void assert_string(const void *fdt, int node, const char *prop, const char *value, size_t size)
{
    int len = 0;
    const char *found = fdt_getprop(fdt, node, prop, &len);

    assert_int_equal(len, size);
    assert_memory_equal(found, value, size);
}

static void a_guests_tree_tells_each_piece_by_its_writer(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { memory = \"4K\"; " ENDS("output = \"8K\";", "output = \"64K\";") " };");
    for (uint32_t vm = 0; vm < 2U; vm++) {
        const void *fdt = tree_of(vm);
        int node = fdt_path_offset(fdt, "/channel@50000000");
        static const uint64_t want[] = {RAM_END, 0x1000, RAM_END + 0x1000, 0x1000, RAM_END + 0x2000, 0x2000, RAM_END + 0x4000, 0x10000};
        int len = 0;
        const fdt64_t *reg = fdt_getprop(fdt, node, "reg", &len);

        assert_int_equal(len, sizeof(want));
        for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
            assert_int_equal(fdt64_ld(reg + i), want[i]);
        }
        assert_int_equal(fdt_node_check_compatible(fdt, node, "bulkhead,channel-v1"), 0);
        assert_string(fdt, node, "label", "c", 2);
        assert_string(fdt, node, "reg-names", "info\0common\0from-a\0from-b", 26);
        assert_string(fdt, node, "bulkhead,endpoint", vm == 0U ? "a" : "b", 2);
    }
}

/* Memory of a VM at the address that its channels would have. */
static void channels_lie_behind_what_the_vm_has_there(void **state)
{
    (void)state;
    build(VM("a", "regions { r { memory = \"2M\"; memory-address = <0x50000000>; }; };") VM("b", "memory-address = <0x4fe00000>;")
              CHANNELS "c { memory = \"4K\"; " ENDS("", "") " };");
    assert_int_equal(region(0, 0)->ipa, 0x50200000);
    assert_int_equal(region(1, 0)->ipa, 0x50200000);
}

static void with_trusted_dma_a_channel_has_its_physical_address(void **state)
{
    (void)state;
    build(VM("a", "trusted-dma;") VM("b", "") CHANNELS "c { memory = \"4K\"; " ENDS("", "output = \"4K\";") " };");
    assert_int_equal(region(0, 0)->ipa, region(0, 0)->pa);
    assert_int_equal(region(0, 1)->ipa, region(0, 1)->pa);
    assert_int_equal(region(1, 0)->ipa, RAM_END);
    assert_true(fdt_path_offset(tree_of(0), "/channel@40800000") > 0);
}

static void a_channel_has_colours_of_its_own(void **state)
{
    (void)state;
    build(VM("a", "colours = \"0-7\";") VM("b", "colours = \"8-11\";")
              CHANNELS "c { colours = \"12-15\"; memory = \"64K\"; " ENDS("", "output = \"4K\";") " };" CACHE);
    assert_int_equal(region(0, 0)->colours, 0xf000);
    assert_int_equal(region(0, 0)->pa, region(1, 0)->pa);
    assert_int_equal(region(0, 0)->pa, LOAD + SZ_2M); /* where the VMs are, in what they leave */
    assert_int_equal(region(0, 1)->pa, LOAD + SZ_2M + 0x10000); /* a period further: the first's colour 12 is taken, of each the first */
    assert_int_equal(region(0, 2)->pa, LOAD + SZ_2M + 0x50000);
    assert_contains((const char *)plan + plan->log.offset, "vm a: 0-7, channel c 12-15; vm b: 8-11, channel c 12-15; hypervisor: not coloured");
    assert_contains((const char *)plan + plan->log.offset, "output of b 4 KiB; colours 12-15\n");
}

static void show_and_its_picture_have_them(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("show", VMS CHANNELS "c { memory = \"4K\"; " ENDS("", "output = \"64K\";") " };");

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "  0x0040800000-0x0040800fff  channel c: discovery page, in the file\n"
                           "  0x0040801000-0x0040801fff  channel c: common memory, in the file\n"
                           "  0x0040802000-0x0040811fff  channel c: output of b, in the file\n");
    const char *args[] = {"show", "--board", scratch("board.dtb"), "--svg", scratch("map.svg"), scratch("system.dts"), NULL};

    o = hvplan(args);
    assert_int_equal(o.rc, 0);
    assert_contains((const char *)scratch_read("map.svg", NULL), "channel c: output of b");
}

#define C(rest) VMS CHANNELS rest /* line 8 */

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} wrong[] = {
    {C("c { memory = \"4K\"; endpoints { a { }; }; };"), ":8: error: /channels/c: a channel has two endpoints or more; write them as endpoints"},
    {C("c { memory = \"4K\"; };"), ":8: error: /channels/c: a channel has two endpoints or more"},
    {C("c { " ENDS("", "") " };"), ":8: error: /channels/c: a channel without memory or doorbells; write memory = \"4K\"; that all"},
    {C("c { memory = \"4K\"; " ENDS("ro;", "ro;") " };"), ":8: error: /channels/c: all endpoints are ro: nobody can write the common memory"},
    {C("c { " ENDS("output = \"4K\";", "ro;") " };"), ":8: error: /channels/c: an endpoint is ro, and there is no common memory; remove ro"},
    {C("c { memory = \"1K\"; " ENDS("", "") " };"), ":8: error: /channels/c: memory is not in whole pages of 4 KiB: 1024 bytes; write a multiple"},
    {C("c { memory = <0>; " ENDS("", "") " };"), ":8: error: /channels/c: memory is 0; write what it is"},
    {C("c { memory = \"x\"; " ENDS("", "") " };"), ":8: error: /channels/c: memory has a wrong value; write a size like \"256M\""},
    {C("c { memory = \"4K\"; " ENDS("output = \"6K\";", "") " };"), ":8: error: /channels/c/endpoints/a: output is not in whole pages of 4 KiB"},
    {C("c { memory = \"4K\"; " ENDS("ro = <1>;", "") " };"), ":8: error: /channels/c/endpoints/a: ro has a value of the wrong type"},
    {C("c { memory = \"4K\"; " ENDS("outptu = \"4K\";", "") " };"), "/channels/c/endpoints/a: unknown property outptu; did you mean output?"},
    {C("c { memory = \"4K\"; " ENDS("x { };", "") " };"), "/channels/c/endpoints/a: node x in an endpoint; remove it"},
    {C("c { memory = \"4K\"; endpoints { x = <1>; a { }; b { }; }; };"), "/channels/c/endpoints: unknown property x; endpoints holds one node per VM"},
    {VM("linux", "") VM("b", "") CHANNELS "c { memory = \"4K\"; endpoints { linxu { }; b { }; }; };",
     ":8: error: /channels/c/endpoints/linxu: there is no VM linxu; did you mean linux?"},
    {C("c { memory = \"4K\"; endpoints { a { }; other { }; }; };"), "/channels/c/endpoints/other: there is no VM other; name an endpoint as one of /vms"},
    {C("c { memoy = \"4K\"; memory = \"4K\"; " ENDS("", "") " };"), ":8: error: /channels/c: unknown property memoy; did you mean memory?"},
    {C("c { memory = \"4K\"; endpoint { a { }; b { }; }; " ENDS("", "") " };"), "/channels/c/endpoint: unknown node endpoint; did you mean endpoints?"},
    {C("c@1 { memory = \"4K\"; " ENDS("", "") " };"), ":8: error: /channels/c@1: name of a channel is too long or has other characters"},
    {C("x = <1>;"), ":8: error: /channels: unknown property x; /channels holds one node per channel and nothing else"},
    {C("c { memory = \"256M\"; " ENDS("", "") " };"), "the VMs ask for 8 MiB and 258 MiB for channels, the board has 252 MiB for them; give them less"},
    {C("c { memory = \"1048576M\"; " ENDS("", "") " };"), "/vms/a: its channels, 1073741828 KiB, reach beyond 1 TiB of guest addresses; give them less"},
    {C("c { " ENDS("output = \"8796093022208M\";", "output = \"8796093022208M\";") " };"),
     ":8: error: /channels/c/endpoints/a: output, 8589934592 GiB, is more than any board has; write less"},
    {C("c { memory = \"4K\"; colours = \"0\"; " ENDS("", "") " };"), ":8: error: /channels/c: colours of what cache?"},
    {C("c { memory = \"4K\"; colours = \"16\"; " ENDS("", "") " };" CACHE), ":8: error: /channels/c: the cache has 16 colours, 0-15, and not 16"},
    {C("c { memory = \"32M\"; colours = \"1\"; " ENDS("", "") " };" CACHE), ":8: error: /channels/c: 32 MiB of it, common memory, are in colours 1, 1 of 16"},
    {VM("a", "trusted-dma;") VM("b", "") CHANNELS "c { memory = \"4K\"; colours = \"0\"; " ENDS("", "") " };" CACHE,
     ":8: error: /channels/c: VM a has trusted-dma: its memory has its physical addresses, and coloured memory is none that follow"},
    {VM("a", "") "}; channel {", ":6: error: /channel: unknown node channel; did you mean channels?"},
};

static void every_wrong_channel_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = hvplan_vms("check", wrong[i].body);

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", wrong[i].body, o.rc, wrong[i].says, o.err);
        }
    }
}

static void too_many_channels_and_endpoints_are_told(void **state)
{
    char body[4096] = VMS CHANNELS;
    size_t n = strlen(body);

    (void)state;
    for (unsigned i = 0; i <= MAX_CHANNELS; i++) {
        n += (size_t)snprintf(body + n, sizeof(body) - n, "c%u { memory = \"4K\"; " ENDS("", "") " };\n", i);
    }
    assert_contains(hvplan_vms("check", body).err, ":24: error: /channels/c16: too many channels; this version has room for 16\n");
    n = (size_t)snprintf(body, sizeof(body), "%s", VMS CHANNELS "c { memory = \"4K\"; endpoints {");
    for (unsigned i = 0; i <= PLAN_MAX_ENDS; i++) {
        n += (size_t)snprintf(body + n, sizeof(body) - n, "e%u { };", i);
    }
    snprintf(body + n, sizeof(body) - n, "}; };");
    assert_contains(hvplan_vms("check", body).err, "/channels/c/endpoints/e8: too many endpoints; a channel has at most 8\n");
}

/* A channel of four endpoints that each have an output, and common memory, and its discovery page: 24. */
static void more_regions_than_a_plan_has_are_told_with_the_channels(void **state)
{
    char body[8192] = "";
    size_t n = 0;

    (void)state;
    for (unsigned i = 0; i < 4U; i++) {
        n += (size_t)snprintf(body + n, sizeof(body) - n, "v%u { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };\n", i);
    }
    n += (size_t)snprintf(body + n, sizeof(body) - n, CHANNELS);
    for (unsigned k = 0; k < 7U; k++) {
        n += (size_t)snprintf(body + n, sizeof(body) - n, "c%u { memory = \"4K\"; endpoints {", k);
        for (unsigned i = 0; i < 4U; i++) {
            n += (size_t)snprintf(body + n, sizeof(body) - n, " v%u { output = \"4K\"; };", i);
        }
        n += (size_t)snprintf(body + n, sizeof(body) - n, " }; };\n");
    }
    assert_contains(hvplan_vms("check", body).err,
                    "error: /channels: memory, devices and channels of all VMs are 172 regions, of channels 168, and a plan has room for 128; a channel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_is_written_by_one_and_read_by_all),
        cmocka_unit_test(an_endpoint_may_be_read_only),
        cmocka_unit_test(a_channel_is_its_endpoints_alone),
        cmocka_unit_test(a_guests_tree_tells_each_piece_by_its_writer),
        cmocka_unit_test(channels_lie_behind_what_the_vm_has_there),
        cmocka_unit_test(with_trusted_dma_a_channel_has_its_physical_address),
        cmocka_unit_test(a_channel_has_colours_of_its_own),
        cmocka_unit_test(show_and_its_picture_have_them),
        cmocka_unit_test(every_wrong_channel_is_told_with_its_line),
        cmocka_unit_test(too_many_channels_and_endpoints_are_told),
        cmocka_unit_test(more_regions_than_a_plan_has_are_told_with_the_channels),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
