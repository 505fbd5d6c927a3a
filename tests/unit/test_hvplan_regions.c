/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that a VM has besides its `memory`: where it lies, what a guest may do there, and what it is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hv/s2_format.h"

#include "hvplan_fixture.h"

#define LOAD     0x40200000ULL
#define RWX      (S2_R | S2_W | S2_X)
#define VM(rest) "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\n" rest " };"
#define ROM      "regions { rom { memory = \"2M\"; memory-address = <0x10000000>; ro; }; };"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

static void assert_region(uint32_t i, uint64_t ipa, uint64_t pa, uint64_t size, uint32_t rights)
{
    const struct plan_region *g = plan_region(plan, i);

    assert_int_equal(g->kind, PLAN_REGION_RAM);
    assert_int_equal(g->ipa, ipa);
    assert_int_equal(g->pa, pa);
    assert_int_equal(g->size, size);
    assert_int_equal(g->rights, rights);
}

static void assert_file_at(uint64_t pa, const char *name)
{
    size_t size;
    const uint8_t *data = scratch_read(name, &size);

    assert_in_range(pa, LOAD, LOAD + file_size - size);
    assert_memory_equal(file + (pa - LOAD), data, size);
}

/* As a microcontroller has it: code in what cannot be written, data in what cannot be executed. */
static void code_may_lie_in_a_region_that_cannot_be_written(void **state)
{
    (void)state;
    build(VM("xn; memory-address = <0x20000000>; load = <0x10001000>; initrd = \"initrd\";" ROM));
    const struct plan_vm *v = plan_vm(plan, 0);
    const void *fdt;

    assert_int_equal(v->nr_regions, 3);
    assert_region(0, 0x20000000, LOAD + SZ_2M, SZ_2M, S2_R | S2_W); /* in the file, for the tree */
    assert_region(1, 0x20200000, LOAD + 3U * SZ_2M, SZ_2M, S2_R | S2_W);
    assert_region(2, 0x10000000, LOAD + 2U * SZ_2M, SZ_2M, S2_R | S2_X);
    assert_int_equal(v->entry, 0x10001000);
    assert_int_equal(plan_image(plan, 0)->pa, LOAD + 2U * SZ_2M + 0x1000U);
    assert_file_at(LOAD + 2U * SZ_2M + 0x1000U, "raw.bin");
    assert_file_at(LOAD + 2U * SZ_2M + 0x3000U, "initrd");
    assert_in_range(v->dtb, 0x20000000 + SZ_2M - 0x10000, 0x20000000 + SZ_2M - 8U);
    fdt = file + (LOAD + SZ_2M + (v->dtb - 0x20000000) - LOAD);
    assert_int_equal(fdt_check_full(fdt, SZ_2M), 0);
    assert_true(fdt_path_offset(fdt, "/memory@20000000") > 0);
    assert_true(fdt_path_offset(fdt, "/memory@10000000") < 0);
    int rom = fdt_path_offset(fdt, "/reserved-memory/rom@10000000");
    int len = 0;

    assert_true(rom > 0);
    assert_non_null(fdt_getprop(fdt, rom, "no-map", NULL));
    const fdt64_t *reg = fdt_getprop(fdt, rom, "reg", &len);

    assert_int_equal(len, 16);
    assert_int_equal(fdt64_ld(reg), 0x10000000);
    assert_int_equal(fdt64_ld(reg + 1), SZ_2M);
    assert_non_null(strstr((const char *)plan + plan->log.offset,
                           "memory 4 MiB at IPA 0x20000000 xn, region rom ro 2 MiB at IPA 0x10000000, devices none"));
}

static void regions_of_each_kind_are_told_as_what_they_are(void **state)
{
    (void)state;
    build(VM("regions { data { memory = \"2M\"; memory-address = <0x10 0x0>; xn; };"
             "more { memory-address = <0x80000000>; memory = \"6M\"; };"
             "both { memory-address = <0x70000000>; memory = <0x200000>; ro; xn; }; };") "\n"
          "b { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };");
    const struct plan_vm *v = plan_vm(plan, 0);
    const void *fdt = file + (v->dtb - 0x40000000 + SZ_2M);

    assert_int_equal(v->nr_regions, 5);
    assert_int_equal(plan_vm(plan, 1)->first_region, 5);
    assert_region(0, 0x40000000, LOAD + SZ_2M, SZ_2M, RWX);
    assert_region(1, 0x40200000, LOAD + 3U * SZ_2M, SZ_2M, RWX); /* behind b's block */
    assert_region(2, 0x1000000000, LOAD + 4U * SZ_2M, SZ_2M, S2_R | S2_W);
    assert_region(3, 0x80000000, LOAD + 5U * SZ_2M, 3U * SZ_2M, RWX);
    assert_region(4, 0x70000000, LOAD + 8U * SZ_2M, SZ_2M, S2_R);
    assert_int_equal(v->ipa_bits, 37);
    assert_int_equal(fdt_check_full(fdt, SZ_2M), 0);
    assert_true(fdt_path_offset(fdt, "/memory@80000000") > 0);
    assert_true(fdt_path_offset(fdt, "/reserved-memory/data@1000000000") > 0);
    assert_true(fdt_path_offset(fdt, "/reserved-memory/both@70000000") > 0);
    assert_true(fdt_path_offset(fdt, "/reserved-memory/more@80000000") < 0);
    assert_int_equal(fdt_path_offset(file + (plan_vm(plan, 1)->dtb - 0x40000000 + 2U * SZ_2M), "/reserved-memory"), -FDT_ERR_NOTFOUND);
}

static void the_tree_may_lie_in_a_region(void **state)
{
    (void)state;
    build(VM("dtb = <0x10000008>; on-reset = \"restart\"; " ROM));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->dtb, 0x10000008);
    assert_int_equal(plan_image(plan, 1)->pa, LOAD + 2U * SZ_2M + 8U);
    assert_int_equal(fdt_check_full(file + (plan_image(plan, 1)->pa - LOAD), SZ_2M), 0);
    assert_int_equal(v->pristine_pa, LOAD + 3U * SZ_2M);
    assert_memory_equal(file + (plan_image(plan, 1)->pristine_pa - LOAD), file + (plan_image(plan, 1)->pa - LOAD),
                        plan_image(plan, 1)->size);
}

static void show_tells_regions_and_their_rights(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("show", VM("load = <0x10000000>; on-fault = \"restart\"; " ROM));

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "a: region rom ro, in the file, IPA 0x10000000");
    assert_contains(o.out, "a: RAM, IPA 0x40200000");
    assert_contains(o.out, "at each restart: 6291456 bytes of RAM zeroed");
}

#define REGION(props) VM("regions { rom {\n" props " }; };")

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} wrong[] = {
    {VM("region { };"), ":6: error: /vms/a/region: unknown node region; did you mean regions?"},
    {VM("memory-addres { };"), ":6: error: /vms/a/memory-addres: unknown node memory-addres in a VM; did you mean the property memory-address"},
    {VM("regions {\nro; };"), ":7: error: /vms/a/regions: unknown property ro; regions holds one node per region and nothing else"},
    {VM("regions {\nrom@10000000 { memory = \"2M\"; memory-address = <0x10000000>; }; };"),
     ":7: error: /vms/a/regions/rom@10000000: name of a region has an @; its address is the property memory-address"},
    {REGION("memory-address = <0x10000000>;"), ":6: error: /vms/a/regions/rom: memory is missing; write its size"},
    {REGION("memory = \"2M\";"), ":6: error: /vms/a/regions/rom: memory-address is missing; write where the guest has it"},
    {REGION("memory = \"1M\"; memory-address = <0x10000000>;"), ":7: error: /vms/a/regions/rom: memory is not in whole pieces of 2 MiB"},
    {REGION("memory = \"2M\"; memory-address = <0x10001000>;"),
     ":7: error: /vms/a/regions/rom: memory-address 0x10001000 is not a multiple of 2 MiB; write 0x10000000"},
    {REGION("memory = \"2M\"; memory-address = \"low\";"),
     ":7: error: /vms/a/regions/rom: memory-address has a value of the wrong type: text"},
    {REGION("memory = [02]; memory-address = <0x10000000>;"),
     ":7: error: /vms/a/regions/rom: memory has a value of the wrong type: bytes; write a size"},
    {REGION("memory = \"2M\"; memory-address = <0x10000000>; ro = \"yes\";"),
     ":7: error: /vms/a/regions/rom: ro has a value of the wrong type: text; it is a flag: write ro; without a value"},
    {REGION("memory = \"2M\"; memory-address = <0x10000000>; xn = <1>;"),
     ":7: error: /vms/a/regions/rom: xn has a value of the wrong type: cells; it is a flag: write xn; without a value"},
    {REGION("memory = \"2M\"; memory-address = <0x10000000>; rw;"), ":7: error: /vms/a/regions/rom: unknown property rw; did you mean r"},
    {REGION("memory = \"2M\"; memory-address = <0x10000000>; x { };"), ":6: error: /vms/a/regions/rom: node x in a region; remove it"},
    {REGION("memory = \"2M\"; memory-address = <0x100 0x0>;"),
     ":7: error: /vms/a/regions/rom: 2 MiB at 0x10000000000 reaches beyond 1 TiB of guest addresses"},
    {REGION("memory = \"2M\"; memory-address = <0xffffffff 0xffe00000>;"), ":7: error: /vms/a/regions/rom: 2 MiB at 0xffffffffffe00000 reaches"},
    {REGION("memory = \"2M\"; memory-address = <0x40200000>;"),
     ":7: error: /vms/a/regions/rom: region rom, 2 MiB from 0x40200000, overlaps RAM at 0x40000000; write another memory-address"},
    {REGION("memory = \"2M\"; memory-address = <0x8000000>;"),
     ":7: error: /vms/a/regions/rom: region rom, 2 MiB from 0x8000000, overlaps the VM's interrupt controller at 0x8000000"},
    {REGION("memory = \"2M\"; memory-address = <0x10000000>; }; two {\nmemory = \"2M\"; memory-address = <0x10000000>;"),
     ":8: error: /vms/a/regions/two: region two, 2 MiB from 0x10000000, overlaps region rom at 0x10000000"},
    {VM("devices = \"serial0\"; regions { rom {\nmemory = \"2M\"; memory-address = <0x9000000>; }; };"),
     ":7: error: /vms/a/regions/rom: region rom, 2 MiB from 0x9000000, overlaps /uart@9000000 at 0x9000000"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"kernel\"; load = <0x10000000>;\n" ROM " };",
     ":6: error: /vms/a/regions/rom: the image is loaded there, at 0x10000000, and ro forbids to write: a Linux Image has its data in it"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"kernel\"; load = <0x10000000>; xn;\nregions { code { memory = \"2M\"; memory-address = <0x10000000>; }; }; };",
     ":5: error: /vms/a: a Linux Image takes all memory that its tree tells for executable; remove xn"},
    {VM("trusted-dma; xn;"), ":6: error: /vms/a: with trusted-dma the image cannot be loaded elsewhere; remove xn"},
    {VM("regions = \"x\";"), ":6: error: /vms/a: regions is a node of the VM, not a property"},
    {"a { vcpus = <1>; memory = \"2M\"; image = \"big.bin\";\nregions { next { memory = \"2M\"; memory-address = <0x40200000>; ro; }; }; };",
     ":5: error: /vms/a: 2 MiB is too little: image, initrd and device tree take 4 MiB"}, /* and not in the region behind */
    {VM("xn;"), ":6: error: /vms/a: the image is loaded there, at 0x40000000, and xn forbids to execute it; remove xn, or"},
    {VM("load = <0x10000000>; regions { rom {\nmemory = \"2M\"; memory-address = <0x10000000>; xn; }; };"),
     ":7: error: /vms/a/regions/rom: the image is loaded there, at 0x10000000, and xn forbids to execute it"},
    {VM("load = <0x10200000>;\n" ROM), ":6: error: /vms/a: 0x10200000 is not in the VM's RAM, which starts at 0x40000000 and has 4 MiB, or in one of its regions"},
    {VM("load = <0x101ff000>;\n" ROM),
     ":6: error: /vms/a: the image takes 4099 bytes from 0x101ff000, and region rom ends at 0x10200000; load it lower"},
    {VM("load = <0x101fe000>; initrd = \"initrd\";\n" ROM),
     ":7: error: /vms/a/regions/rom: 2 MiB is too little: image, initrd and device tree take 4 MiB"},
    {VM("dtb = <0x101ffff8>;\n" ROM), ":6: error: /vms/a: the device tree, "},
    {VM("trusted-dma;\n" ROM), ":5: error: /vms/a: with trusted-dma RAM has its physical addresses, where hvplan puts it; remove regions"},
    {VM("regions { a1 { memory = \"2M\"; memory-address = <0x10000000>; }; a2 { memory = \"2M\"; memory-address = <0x10200000>; };"
        "a3 { memory = \"2M\"; memory-address = <0x10400000>; }; a4 { memory = \"2M\"; memory-address = <0x10600000>; };"
        "a5 { memory = \"2M\"; memory-address = <0x10800000>; }; a6 { memory = \"2M\"; memory-address = <0x10a00000>; };"
        "a7 { memory = \"2M\"; memory-address = <0x10c00000>; };\na8 { memory = \"2M\"; memory-address = <0x10e00000>; }; };"),
     ":7: error: /vms/a/regions/a8: too many regions; this version has room for 7 in a VM"},
    {VM("regions { big { memory = \"250M\"; memory-address = <0x80000000>; }; };"),
     ":4: error: /vms: the VMs ask for 254 MiB, the board has 252 MiB for them; give them less"},
};

static void every_wrong_region_is_told_alone_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = hvplan_vms("check", wrong[i].body);

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL || strchr(o.err, '\n') != strrchr(o.err, '\n')) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in, or not all of:\n%s", wrong[i].body, o.rc,
                     wrong[i].says, o.err);
        }
    }
}

static int setup(void **state)
{
    static uint8_t big[0x1ff800];

    if (hvplan_setup(state) != 0) {
        return -1;
    }
    scratch_write("big.bin", big, sizeof(big));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_may_lie_in_a_region_that_cannot_be_written),
        cmocka_unit_test(regions_of_each_kind_are_told_as_what_they_are),
        cmocka_unit_test(the_tree_may_lie_in_a_region),
        cmocka_unit_test(show_tells_regions_and_their_rights),
        cmocka_unit_test(every_wrong_region_is_told_alone_with_its_line),
    };

    return cmocka_run_group_tests(tests, setup, hvplan_teardown);
}
