/* SPDX-License-Identifier: Apache-2.0 */
/* Where a guest finds its RAM, its image, its first instruction and its device tree: as the plan says, or an error that
 * says what is in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define LOAD     0x40200000ULL
#define VM(rest) "a { vcpus = <1>; memory = \"8M\"; image = \"raw.bin\";\n" rest " };"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

/* The bytes of the file that a VM finds at a guest address. */
static const uint8_t *at_ipa(uint32_t vm, uint64_t ipa)
{
    const struct plan_vm *v = plan_vm(plan, vm);

    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(plan, v->first_region + i);

        if (range_within(ipa, 1, r->ipa, r->size)) {
            assert_in_range(r->pa + (ipa - r->ipa), LOAD, LOAD + file_size - 1U);
            return file + (r->pa + (ipa - r->ipa) - LOAD);
        }
    }
    fail_msg("no region at %#llx", (unsigned long long)ipa);
    return NULL;
}

static void assert_file_at(uint32_t vm, uint64_t ipa, const char *name)
{
    size_t size;
    const uint8_t *data = scratch_read(name, &size);

    assert_memory_equal(at_ipa(vm, ipa), data, size);
}

/* Base and size that the VM's device tree tells of its memory. */
static void assert_memory_node(uint32_t vm, const char *path, uint64_t base, uint64_t size)
{
    const void *fdt = at_ipa(vm, plan_vm(plan, vm)->dtb);
    int len = 0;

    assert_int_equal(fdt_check_full(fdt, SZ_2M), 0);
    const fdt64_t *reg = fdt_getprop(fdt, fdt_path_offset(fdt, path), "reg", &len);

    assert_non_null(reg);
    assert_int_equal(len, 16);
    assert_int_equal(fdt64_ld(reg), base);
    assert_int_equal(fdt64_ld(reg + 1), size);
}

static void the_tree_lies_where_dtb_says_below_the_image(void **state)
{
    (void)state;
    build(VM("load = <0x40200000>; dtb = <0x40000000>;"));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->dtb, 0x40000000);
    assert_int_equal(v->entry, 0x40200000);
    assert_file_at(0, 0x40200000, "raw.bin");
    assert_memory_node(0, "/memory@40000000", 0x40000000, 0x800000);
    assert_int_equal(plan_region(plan, v->first_region)->size, 2U * SZ_2M);
    assert_int_equal(v->nr_images, 2);
    assert_int_equal(plan_image(plan, v->first_image)->pa, LOAD + 2U * SZ_2M);
    assert_int_equal(plan_image(plan, v->first_image + 1U)->pa, LOAD + SZ_2M);
}

static void the_tree_may_lie_above_image_and_initrd(void **state)
{
    (void)state;
    build(VM("initrd = \"initrd\"; dtb = <0x0 0x407f0008>;"));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->dtb, 0x407f0008);
    assert_file_at(0, 0x40000000, "raw.bin");
    assert_file_at(0, 0x40002000, "initrd");
    assert_memory_node(0, "/memory@40000000", 0x40000000, 0x800000);
    assert_int_equal(v->nr_regions, 1); /* all of RAM is in the file */
}

static void a_guest_that_wants_no_tree_gets_none(void **state)
{
    (void)state;
    build(VM("dtb = \"none\"; load = <0x40080000>; entry = <0x40080010>;"));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->dtb, 0);
    assert_int_equal(v->entry, 0x40080010);
    assert_int_equal(v->nr_images, 1);
    assert_file_at(0, 0x40080000, "raw.bin");
    for (uint64_t ipa = 0x40000000; ipa < 0x40080000; ipa += 8U) {
        assert_int_equal(*(const uint64_t *)(const void *)at_ipa(0, ipa), 0);
    }
}

/* A device knows physical addresses only. The plan's author says that the VM is trusted, and the boot log repeats it. */
static void with_trusted_dma_guest_addresses_are_the_physical_ones(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; on-reset = \"restart\"; };\n"
          "b { vcpus = <1>; memory = \"8M\"; image = \"kernel\"; initrd = \"initrd\"; trusted-dma; console = \"shared\";\n"
          "    devices = \"/virtio@a010000\", \"/virtio@a010200\"; };\n"
          "c { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; trusted-dma; };");
    const struct plan_vm *v = plan_vm(plan, 1);
    const struct plan_region *block = plan_region(plan, v->first_region);
    const struct plan_region *rest = plan_region(plan, v->first_region + 1U);
    const struct plan_region *page = plan_region(plan, v->first_region + 2U);
    const void *fdt = at_ipa(1, v->dtb);
    int len = 0;

    assert_int_equal(plan_vm(plan, 0)->flags, 0);
    assert_int_equal(v->flags, PLAN_VM_TRUSTED_DMA);
    assert_int_equal(v->nr_regions, 3);
    assert_int_equal(block->ipa, LOAD + 2U * SZ_2M); /* behind the hypervisor and a */
    assert_int_equal(block->pa, block->ipa);
    assert_int_equal(block->size, SZ_2M);
    assert_int_equal(rest->pa, rest->ipa);
    assert_int_equal(rest->size, 3U * SZ_2M);
    assert_int_equal(rest->pa, LOAD + 6U * SZ_2M); /* behind the file, in which there is a pristine copy, and a's rest */
    assert_int_equal(page->pa, 0xa010000); /* one page for both */
    assert_int_equal(page->size, PAGE_SIZE);
    assert_int_equal(v->entry, block->pa);
    assert_file_at(1, v->entry, "kernel");
    assert_int_equal(fdt_check_full(fdt, SZ_2M), 0);
    const fdt64_t *reg = fdt_getprop(fdt, fdt_path_offset(fdt, "/memory@40600000"), "reg", &len);

    assert_non_null(reg);
    assert_int_equal(len, 32);
    assert_int_equal(fdt64_ld(reg), block->pa);
    assert_int_equal(fdt64_ld(reg + 1), block->size);
    assert_int_equal(fdt64_ld(reg + 2), rest->pa);
    assert_int_equal(fdt64_ld(reg + 3), rest->size);
    assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/virtio@a010000"), "dma-coherent", NULL));
    const fdt64_t *initrd = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "linux,initrd-start", &len);

    assert_file_at(1, fdt64_ld(initrd), "initrd");
    v = plan_vm(plan, 2);
    assert_int_equal(v->nr_regions, 1); /* all of it is in the file */
    assert_memory_node(2, "/memory@40800000", 0x40800000, SZ_2M);
    assert_non_null(strstr((const char *)plan + plan->log.offset, "console shared, TRUSTED DMA: its devices reach all memory"));
}

static void a_page_that_devices_share_goes_to_one_vm_as_a_whole(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("check", VM("trusted-dma; devices = \"/virtio@a010200\";"));

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/virtio@a010200 shares a page of 4 KiB with /virtio@a010000, so that whoever has one has both; "
                    "give this VM both, or remove it from devices");
}

static void ram_lies_where_memory_address_says(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"8M\"; image = \"raw.bin\"; memory-address = <0x80000000>; };\n"
          "b { vcpus = <1>; memory = \"4M\"; image = \"kernel\"; memory-address = <0x1 0x0>; devices = "
          "\"serial0\"; };\n"
          "c { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; memory-address = <0>; dtb = <0x200000>; };");
    assert_int_equal(plan_vm(plan, 0)->entry, 0x80000000);
    assert_file_at(0, 0x80000000, "raw.bin");
    assert_memory_node(0, "/memory@80000000", 0x80000000, 0x800000);
    assert_int_equal(plan_vm(plan, 0)->ipa_bits, 32);
    assert_int_equal(plan_vm(plan, 1)->entry, 0x100000000);
    assert_file_at(1, 0x100000000, "kernel");
    assert_memory_node(1, "/memory@100000000", 0x100000000, 0x400000);
    assert_int_equal(plan_vm(plan, 1)->ipa_bits, 33);
    assert_int_equal(plan->pa_bits_min, 33); /* the CPU must have as many bits as the guest's addresses */
    assert_int_equal(plan_vm(plan, 2)->entry, 0);
    assert_int_equal(plan_vm(plan, 2)->dtb, 0x200000);
    assert_file_at(2, 0, "raw.bin");
    for (uint32_t i = 0; i < plan->regions.count; i++) {
        const struct plan_region *r = plan_region(plan, i);

        /* Whatever the guests see, their RAM is the board's, in whole blocks of stage 2. */
        if (r->kind == PLAN_REGION_RAM) {
            assert_true(range_within(r->pa, r->size, plan->ram_base, plan->ram_size));
            assert_true(is_aligned(r->ipa | r->pa | r->size, SZ_2M));
        }
    }
}

static void one_entry_may_be_the_last_instruction_of_the_image(void **state)
{
    (void)state;
    build(VM("entry = <0x40001000>;")); /* of 0x1003 bytes */
    assert_int_equal(plan_vm(plan, 0)->entry, 0x40001000);
}

static void a_flash_is_one_device_region_and_keeps_its_width(void **state)
{
    (void)state;
    build(VM("dtb = <0x40700000>; devices = \"/flash@0\";"));
    const struct plan_region *flash = plan_region(plan, 1);
    const void *fdt = at_ipa(0, 0x40700000);
    int len = 0;

    assert_int_equal(plan->regions.count, 2);
    assert_int_equal(flash->kind, PLAN_REGION_DEVICE);
    assert_int_equal(flash->ipa, 0);
    assert_int_equal(flash->size, 0x8000000);
    const fdt32_t *width = fdt_getprop(fdt, fdt_path_offset(fdt, "/flash@0"), "bank-width", &len);

    assert_non_null(width);
    assert_int_equal(len, 4);
    assert_int_equal(fdt32_ld(width), 4);
}

static void show_tells_the_guest_addresses(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("show", VM("memory-address = <0x80000000>; dtb = <0x80400000>;"));

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "memory 8 MiB at IPA 0x80000000");
    assert_contains(o.out, "a: RAM, in the file, IPA 0x80000000");
    assert_contains(o.out, "a: RAM, IPA 0x80600000");
}

static const struct {
    const char *body; /* begins at line 5, properties stand in line 6 */
    const char *says;
} wrong[] = {
    {VM("load = <0x40000800>;"),
     ":6: error: /vms/a: load 0x40000800 is not a multiple of 4 KiB; write 0x40000000"},
    {VM("load = <0x3ffff000>;"), ":6: error: /vms/a: 0x3ffff000 is not in the VM's RAM, which starts at "
                                 "0x40000000 and has 8 MiB; write an address in it"},
    {VM("load = <0x40800000>;"), ":6: error: /vms/a: 0x40800000 is not in the VM's RAM"},
    {VM("load = <0x407ff000>;"), ":6: error: /vms/a: the image takes 4099 bytes from 0x407ff000, and RAM ends "
                                 "at 0x40800000; load it lower, or give more memory"},
    {VM("load = <0x0 0x0 0x0>;"), ":6: error: /vms/a: load has a wrong value; write a guest-physical address"},
    {VM("entry = <0x40000002>;"),
     ":6: error: /vms/a: entry 0x40000002 is not a multiple of 4, the size of an instruction; write 0x40000000"},
    {VM("entry = <0x40001004>;"), ":6: error: /vms/a: 0x40001004 is not in the image, whose 4099 bytes are "
                                  "loaded at 0x40000000; write an address in it"},
    {VM("load = <0x40080000>; entry = <0x4007fffc>;"), ":6: error: /vms/a: 0x4007fffc is not in the image"},
    {VM("memory-address = <0x80100000>;"),
     ":6: error: /vms/a: memory-address 0x80100000 is not a multiple of 2 MiB; write 0x80000000"},
    {VM("memory-address = \"2G\";"), ":6: error: /vms/a: memory-address has a value of the wrong type: text; write a guest"},
    {VM("memory-address = <0x100 0x0>;"),
     ":6: error: /vms/a: 8 MiB at 0x10000000000 reaches beyond 1 TiB of guest addresses; give less, or"},
    {VM("memory-address = <0xffffffff 0xffe00000>;"), ":6: error: /vms/a: 8 MiB at 0xffffffffffe00000 reaches"},
    {VM("memory-address = <0xff 0xffa00000>;"), ":5: error: /vms/a: 8 MiB at 0xffffa00000 reaches beyond 1 TiB"},
    {VM("memory-address = <0x7a00000>;"),
     ":6: error: /vms/a: RAM, 8 MiB from 0x7a00000, overlaps the VM's interrupt controller at 0x8000000; "
     "write another memory-address, or less memory"},
    {VM("memory-address = <0x9000000>; console = \"shared\";"),
     ":6: error: /vms/a: RAM, 8 MiB from 0x9000000, overlaps the VM's emulated console at 0x9000000; write"},
    {VM("memory-address = <0x9000000>; devices = \"serial0\";"),
     ":6: error: /vms/a: RAM, 8 MiB from 0x9000000, overlaps /uart@9000000 at 0x9000000; write another"},
    {VM("memory-address = <0x80000000>; load = <0x40000000>;"),
     ":6: error: /vms/a: 0x40000000 is not in the VM's RAM, which starts at 0x80000000 and has 8 MiB"},
    {VM("memory-address = <0>; devices = \"/flash@0\";"),
     ":6: error: /vms/a: RAM, 8 MiB from 0x0, overlaps /flash@0 at 0x0; write another memory-address"},
    {VM("dtb = \"\";"), ":6: error: /vms/a: dtb has a wrong value; write a guest-physical address"},
    {VM("dtb = \"no\";"), ":6: error: /vms/a: dtb has a wrong value; write a guest-physical address"},
    {VM("dtb = \"none\", \"none\";"), ":6: error: /vms/a: dtb has a wrong value; write a guest-physical"},
    {VM("dtb = <0>;"), ":6: error: /vms/a: dtb has a wrong value; address 0 cannot be told from no device tree"},
    {VM("dtb = <0x40100004>;"), ":6: error: /vms/a: dtb 0x40100004 is not a multiple of 8; write 0x40100000"},
    {VM("dtb = <0x3fff0000>;"), ", is not in the VM's RAM, which starts at 0x40000000 and has 8 MiB"},
    {VM("dtb = <0x407ffff8>;"), ":6: error: /vms/a: the device tree, "},
    {VM("dtb = <0xffffffff 0xfffffff8>;"), " bytes at 0xfffffffffffffff8, is not in the VM's RAM"},
    {VM("dtb = <0x40000000>;"), " bytes at 0x40000000, overlaps the image at 0x40000000-0x40001002; write another"},
    {VM("dtb = <0x40001000>;"), " bytes at 0x40001000, overlaps the image at 0x40000000-0x40001002"},
    {VM("load = <0x40200000>; dtb = <0x401ffff8>;"), ":6: error: /vms/a: the device tree, "},
    {VM("initrd = \"initrd\"; dtb = <0x40004000>;"),
     " bytes at 0x40004000, overlaps the initrd at 0x40002000-0x40004344; write another dtb"},
    {VM("dtb = \"none\"; bootargs = \"quiet\";"),
     ":6: error: /vms/a: bootargs are told in the device tree, and dtb = \"none\"; remove one of them"},
    {"a { vcpus = <1>; memory = \"8M\"; image = \"kernel\"; dtb = <0x40004000>; };",
     " bytes at 0x40004000, overlaps the image at 0x40000000-0x40004fff"}, /* its .bss */
};

static void every_wrong_address_is_told_alone_with_its_line(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_lies_where_dtb_says_below_the_image),
        cmocka_unit_test(the_tree_may_lie_above_image_and_initrd),
        cmocka_unit_test(a_guest_that_wants_no_tree_gets_none),
        cmocka_unit_test(with_trusted_dma_guest_addresses_are_the_physical_ones),
        cmocka_unit_test(a_page_that_devices_share_goes_to_one_vm_as_a_whole),
        cmocka_unit_test(ram_lies_where_memory_address_says),
        cmocka_unit_test(one_entry_may_be_the_last_instruction_of_the_image),
        cmocka_unit_test(a_flash_is_one_device_region_and_keeps_its_width),
        cmocka_unit_test(show_tells_the_guest_addresses),
        cmocka_unit_test(every_wrong_address_is_told_alone_with_its_line),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
