/* SPDX-License-Identifier: Apache-2.0 */
/* hvplan on RISC-V boards: what is in the file, in the plan and in the guests' device trees, with PLIC and with AIA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/hvplan_fixture.h"

#define RAM  0x80000000ULL
#define LOAD 0x80200000ULL

#define TWO_VMS                                                                                     \
    "linux { vcpus = <2>; memory = \"32M\"; image = \"linux\"; initrd = \"initrd\"; };\n"           \
    "rt { cpus = <0>; memory = \"2M\"; image = \"raw.bin\"; devices = \"/bus/rtc@101000\", \"serial1\"; };"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void write_with_header(const char *name, size_t size, uint64_t image_size)
{
    static uint8_t b[HV_FILE_SIZE];
    const uint64_t text_offset = 0x200000;
    const uint64_t flags = 8; /* no meaning on RISC-V, and so none of ours to change */

    for (size_t i = 0; i < size; i++) {
        b[i] = (uint8_t)(i * 7U + size);
    }
    memset(b + 8, 0, 56);
    memcpy(b + 8, &text_offset, sizeof(text_offset));
    memcpy(b + 16, &image_size, sizeof(image_size));
    memcpy(b + 24, &flags, sizeof(flags));
    memcpy(b + 48, "RISCV", 5);
    memcpy(b + 56, "RSC\x05", 4);
    scratch_write(name, b, size);
}

static int setup(void **state)
{
    int rc = hvplan_setup(state);

    if (rc == 0) {
        scratch_dtb("tests/unit/boards/riscv-plic.dts", "plic.dtb");
        scratch_dtb("tests/unit/boards/riscv-aia.dts", "aia.dtb");
        write_with_header("hv.bin", HV_FILE_SIZE, HV_MEM_SIZE);
        write_with_header("linux", KERNEL_FILE_SIZE, KERNEL_IMAGE_SIZE);
    }
    return rc;
}

static void use_board(const char *name)
{
    size_t size;
    const uint8_t *dtb = scratch_read(name, &size);

    scratch_write("board.dtb", dtb, size);
}

static void build(const char *board, const char *body)
{
    bool aia = strcmp(board, "aia.dtb") == 0;
    struct plan_report report;

    use_board(board);
    struct outcome o = hvplan_vms("build", body);

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    file = scratch_read("out.img", &file_size);
    assert_non_null(file);
    plan = (const struct plan *)(file + HV_MEM_SIZE);
    assert_int_equal(
        plan_validate(plan, PLAN_MAX_BYTES, aia ? "virt-aia" : "virt-plic", PLAN_ISA_RISCV, &report), HV_OK);
}

/* The tree of a VM in the file; all of these VMs' trees lie in their first block. */
static const void *tree_of(unsigned vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    const uint8_t *t = file + (plan_region(plan, v->first_region)->pa - LOAD) + (v->dtb - RAM);

    assert_int_equal(fdt_check_header(t), 0);
    return t;
}

static void assert_cells(const void *t, const char *path, const char *prop, const uint32_t *value, unsigned n)
{
    int len = 0;
    const fdt32_t *have = fdt_getprop(t, fdt_path_offset(t, path), prop, &len);

    if (have == NULL || (unsigned)len != 4U * n) {
        fail_msg("%s %s: %d bytes, expected %u", path, prop, len, 4U * n);
    }
    for (unsigned i = 0; i < n; i++) {
        if (fdt32_ld(have + i) != value[i]) {
            fail_msg("%s %s: cell %u is %#x, expected %#x", path, prop, i, fdt32_ld(have + i), value[i]);
        }
    }
}

#define CELLS(t, path, prop, ...)                                                                            \
    do {                                                                                                     \
        const uint32_t cells_[] = {__VA_ARGS__};                                                             \
        assert_cells(t, path, prop, cells_, ARRAY_SIZE(cells_));                                             \
    } while (0)

static const char *text(const void *t, const char *path, const char *prop)
{
    const char *s = fdt_getprop(t, fdt_path_offset(t, path), prop, NULL);

    return s != NULL ? s : "(absent)";
}

static bool absent(const void *t, const char *path, const char *prop)
{
    int node = fdt_path_offset(t, path);

    assert_true(node >= 0);
    return fdt_getprop(t, node, prop, NULL) == NULL;
}

static uint32_t phandle(const void *t, const char *path)
{
    return fdt_get_phandle(t, fdt_path_offset(t, path));
}

/* dtc finds nothing wrong with the syntax of a tree that it is made to read. */
static void assert_compiles(const void *t)
{
    scratch_write("guest.dtb", t, fdt_totalsize(t));
    char command[256];

    snprintf(command, sizeof(command), "dtc -q -q -I dtb -O dts -o /dev/null %s", scratch("guest.dtb"));
    assert_int_equal(system(command), 0);
    unlink(scratch("guest.dtb"));
}

/* ---- the plan ---- */

static void the_plan_holds_the_machine_with_a_plic(void **state)
{
    static const uint64_t harts[] = {1, 2, 5};
    static const uint32_t contexts[] = {4, 6, 2};
    static const uint32_t needs[] = {PLAN_NEEDS_SSTC, PLAN_NEEDS_SSTC, 0};

    (void)state;
    build("plic.dtb", TWO_VMS);
    assert_string_equal(plan->board, "virt-plic");
    assert_int_equal(plan->isa, PLAN_ISA_RISCV);
    assert_int_equal(plan->irqc_version, PLAN_IRQC_PLIC);
    assert_int_equal(plan->cpus.count, 3);
    for (uint32_t i = 0; i < 3U; i++) {
        assert_int_equal(plan_cpu(plan, i)->hw_id, harts[i]);
        assert_int_equal(plan_cpu(plan, i)->irqc_index, contexts[i]);
        assert_int_equal(plan_cpu(plan, i)->irqc_pa, 0);
        assert_int_equal(plan_cpu(plan, i)->needs, needs[i]);
    }
    assert_int_equal(plan->irqc_base[0], 0xc000000);
    assert_int_equal(plan->irqc_size[0], 0x600000);
    assert_int_equal(plan->irqc_size[1], 0);
    assert_int_equal(plan->nr_irqs, 32 + 1 + 53);
    assert_int_equal(plan->timebase_hz, 10000000);
    assert_int_equal(plan->htimer_irq, 5);
    assert_int_equal(plan->irqc_ids, 0);
    assert_int_equal(plan->pa_bits_min, 41);
    assert_int_equal(plan->console_base, 0x10000000);
    assert_int_equal(plan->console_irq, 32 + 10);
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 32 + 10);
    assert_int_equal(plan_vm(plan, 0)->irqc_ipa[0], 0xc000000);
    assert_int_equal(plan_vm(plan, 0)->irqc_ipa[1], 0);
    assert_int_equal(plan_irq(plan, 0)->intid, 32 + 11);
    assert_int_equal(plan_irq(plan, 1)->intid, 32 + 12);
}

static void the_plan_holds_the_machine_with_an_aia(void **state)
{
    static const uint32_t index[] = {0, 1, 3, 2};

    (void)state;
    build("aia.dtb", TWO_VMS);
    assert_string_equal(plan->board, "virt-aia");
    assert_int_equal(plan->irqc_version, PLAN_IRQC_AIA);
    for (uint32_t i = 0; i < 4U; i++) { /* four pages each: its own file and three for guests */
        assert_int_equal(plan_cpu(plan, i)->hw_id, i);
        assert_int_equal(plan_cpu(plan, i)->irqc_index, index[i]);
        assert_int_equal(plan_cpu(plan, i)->irqc_pa, 0x28000000 + 0x4000 * index[i]);
    }
    assert_int_equal(plan->irqc_base[0], 0xd000000);
    assert_int_equal(plan->irqc_size[0], 0x8000);
    assert_int_equal(plan->irqc_base[1], 0x28000000);
    assert_int_equal(plan->irqc_size[1], 0x10000);
    assert_int_equal(plan->irqc_ids, 127);
    assert_int_equal(plan->nr_irqs, 32 + 1 + 96);
    assert_int_equal(plan_vm(plan, 0)->irqc_ipa[0], 0xd000000);
    assert_int_equal(plan_vm(plan, 0)->irqc_ipa[1], 0x28000000);
    assert_int_equal(plan_irq(plan, 0)->flags, 0);
    assert_int_equal(plan_irq(plan, 1)->flags, PLAN_IRQ_EDGE);
}

/* OpenSBI's memory is no VM's, whatever a plan says. */
static void ram_begins_behind_the_firmware(void **state)
{
    (void)state;
    build("plic.dtb", TWO_VMS);
    assert_int_equal(plan->ram_base, LOAD);
    assert_int_equal(plan->ram_base + plan->ram_size, RAM + 0x10000000);
    assert_int_equal(plan->hv_base, LOAD);
    for (uint32_t i = 0; i < plan->regions.count; i++) {
        const struct plan_region *r = plan_region(plan, i);

        assert_true(r->kind != PLAN_REGION_RAM || r->pa >= LOAD + HV_REGION_SIZE);
    }
    assert_int_equal(plan_region(plan, 0)->ipa, RAM); /* where a guest believes it to be is another matter */
}

/* ---- the file ---- */

static uint64_t header64(size_t at)
{
    uint64_t v;

    memcpy(&v, file + at, sizeof(v));
    return v;
}

static void the_file_starts_with_a_riscv_header_for_all_of_it(void **state)
{
    (void)state;
    build("plic.dtb", TWO_VMS);
    assert_memory_equal(file + 48, "RISCV", 5);
    assert_memory_equal(file + 56, "RSC\x05", 4);
    assert_int_equal(header64(8), LOAD - RAM);
    assert_int_equal(header64(16), file_size);
    assert_int_equal(header64(24), 8);
}

static void a_linux_image_starts_at_its_text_offset_and_a_raw_one_at_the_base_of_ram(void **state)
{
    size_t size;

    (void)state;
    build("plic.dtb", TWO_VMS);
    const uint8_t *kernel = scratch_read("linux", &size);
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->entry, RAM + 0x200000);
    assert_memory_equal(file + (plan_region(plan, 0)->pa - LOAD) + 0x200000, kernel, size);
    /* Linux reserves what it maps of itself, in large pages: the initrd is behind the last of them. */
    CELLS(tree_of(0), "/chosen", "linux,initrd-start", 0, 0x80400000);
    assert_int_equal(plan_vm(plan, 1)->entry, RAM);
}

/* Either magic alone is no header: what it would say of offset and size is not believed. */
static void an_image_with_half_a_header_is_raw(void **state)
{
    static const size_t magics[] = {48, 56};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
        size_t size;
        uint8_t *kernel = scratch_read("linux", &size);

        kernel[magics[i]] ^= 1U;
        scratch_write("half", kernel, size);
        build("plic.dtb", "a { vcpus = <1>; memory = \"2M\"; image = \"half\"; };");
        assert_int_equal(plan_vm(plan, 0)->entry, RAM);
    }
}

static void an_image_that_ends_beyond_the_memory_is_told(void **state)
{
    (void)state;
    use_board("plic.dtb");
    write_with_header("large", 0x1000, 0x400000);
    assert_contains(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"large\"; };").err,
                    "its RISC-V header asks for 4194304 bytes at offset 0x200000, the VM's memory is 2 MiB");
    struct outcome o = hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"linux\"; };");

    assert_int_equal(o.rc, 1); /* it fits into 2 MiB, but not behind the first 2 */
    assert_contains(o.err, "is too little");
}

static void a_hypervisor_of_the_other_instruction_set_is_refused(void **state)
{
    size_t size;
    uint8_t *hv = scratch_read("hv.bin", &size);

    (void)state;
    use_board("plic.dtb");
    memcpy(hv + 56, "ARM\x64", 4);
    scratch_write("hv.bin", hv, size);
    struct outcome o = hvplan_vms("build", TWO_VMS);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "no RISC-V image header at its start; is this the hypervisor?");
    scratch_write("hv.bin", "\177ELF\2\1\1", 8);
    assert_contains(hvplan_vms("build", TWO_VMS).err, "not a 64-bit RISC-V ELF file, or damaged");
    write_with_header("hv.bin", HV_FILE_SIZE, HV_MEM_SIZE);
}

static void a_board_of_the_other_instruction_set_is_refused(void **state)
{
    (void)state;
    scratch_dtb("tests/unit/boards/small.dts", "board.dtb");
    struct outcome o = hvplan_vms("check", TWO_VMS);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "error: /cpus: a board of another instruction set");
    char *args[] = {"hvplan", "check", "--board", (char *)scratch("board.dtb"), "x.dts"};

    assert_int_equal(hvplan_isa(5, args), PLAN_ISA_ARMV8);
    args[3] = (char *)scratch("aia.dtb");
    assert_int_equal(hvplan_isa(5, args), PLAN_ISA_RISCV);
    args[3] = (char *)scratch("hv.bin");
    assert_int_equal(hvplan_isa(5, args), PLAN_ISA_ARMV8);
    assert_int_equal(hvplan_isa(2, args), PLAN_ISA_ARMV8);
}

static void the_map_names_sources_as_the_board_does(void **state)
{
    (void)state;
    use_board("aia.dtb");
    assert_contains(hvplan_vms("show", TWO_VMS).out, "/bus/rtc@101000 (source 11), /bus/serial@10010000 (source 12)");
}

static void the_map_names_what_is_the_hypervisors_and_the_firmwares(void **state)
{
    (void)state;
    use_board("aia.dtb");
    const char *map = hvplan_vms("show", TWO_VMS).out;

    assert_contains(map, "0x0080000000-0x00801fffff  firmware\n");
    assert_contains(map, "  0x000d000000-");
    assert_contains(map, "hypervisor: /bus/interrupt-controller@d000000\n");
    assert_contains(map, "hypervisor: /bus/interrupt-controller@28000000\n");
    assert_contains(map, "\n  source 11  ");
}

/* ---- the guests' trees ---- */

static void a_guest_has_harts_from_0_on_with_what_it_may_use(void **state)
{
    (void)state;
    build("plic.dtb", TWO_VMS);
    const void *t = tree_of(0);

    assert_compiles(t);
    CELLS(t, "/cpus", "timebase-frequency", 10000000);
    CELLS(t, "/cpus/cpu@0", "reg", 0);
    CELLS(t, "/cpus/cpu@1", "reg", 1);
    assert_int_equal(fdt_path_offset(t, "/cpus/cpu@2"), -FDT_ERR_NOTFOUND);
    assert_string_equal(text(t, "/cpus/cpu@0", "device_type"), "cpu");
    assert_string_equal(text(t, "/cpus/cpu@0", "compatible"), "riscv");
    assert_string_equal(text(t, "/cpus/cpu@0", "status"), "okay");
    /* The VM named CPU 0, so these are CPUs 1 and 2: harts 2 and 5. */
    assert_string_equal(text(t, "/cpus/cpu@0", "mmu-type"), "riscv,sv39");
    assert_string_equal(text(t, "/cpus/cpu@1", "mmu-type"), "riscv,sv48");
    CELLS(t, "/cpus/cpu@0", "riscv,cbom-block-size", 64);
    assert_true(absent(t, "/cpus/cpu@0", "riscv,isa-extensions"));
    assert_string_equal(text(t, "/cpus/cpu@0", "riscv,isa"),
                        "rv64imafdc_zicbom_zicntr_zicsr_zifencei_zba_sstc_svinval");
    assert_string_equal(text(t, "/cpus/cpu@1", "riscv,isa"), "rv64gc");
    CELLS(t, "/cpus/cpu@0/interrupt-controller", "#interrupt-cells", 1);
    assert_false(absent(t, "/cpus/cpu@0/interrupt-controller", "interrupt-controller"));
    assert_int_equal(fdt_path_offset(t, "/psci"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(t, "/timer"), -FDT_ERR_NOTFOUND);
}

static void a_guest_has_a_plic_with_a_context_per_vcpu(void **state)
{
    (void)state;
    build("plic.dtb", TWO_VMS);
    const void *t = tree_of(0);

    CELLS(t, "/plic@c000000", "reg", 0, 0xc000000, 0, 0x600000);
    CELLS(t, "/plic@c000000", "riscv,ndev", 53);
    CELLS(t, "/plic@c000000", "#interrupt-cells", 1);
    CELLS(t, "/plic@c000000", "#address-cells", 0);
    CELLS(t, "/plic@c000000", "interrupts-extended", phandle(t, "/cpus/cpu@0/interrupt-controller"), 9,
          phandle(t, "/cpus/cpu@1/interrupt-controller"), 9);
    CELLS(t, "/serial@10000000", "interrupt-parent", phandle(t, "/plic@c000000"));
    assert_true(absent(t, "/", "interrupt-parent")); /* or the harts' own controllers would have it as theirs */
    assert_int_equal(fdt_node_check_compatible(t, fdt_path_offset(t, "/plic@c000000"), "sifive,plic-1.0.0"), 0);
    CELLS(t, "/serial@10000000", "reg", 0, 0x10000000, 0, 0x1000);
    CELLS(t, "/serial@10000000", "interrupts", 10);
    CELLS(t, "/serial@10000000", "clock-frequency", 3686400);
    assert_string_equal(text(t, "/serial@10000000", "compatible"), "ns16550a");
    assert_string_equal(text(t, "/chosen", "stdout-path"), "/serial@10000000");
    CELLS(tree_of(1), "/rtc@101000", "interrupts", 11);
    CELLS(tree_of(1), "/serial@10010000", "interrupts", 12);
    assert_int_equal(fdt_path_offset(tree_of(1), "/serial@10000000"), -FDT_ERR_NOTFOUND); /* it has its own */
}

static void a_guest_has_an_aplic_and_a_file_per_vcpu(void **state)
{
    static const char kept[] = "i\0m\0a\0f\0d\0c\0v\0zicboz\0zicntr\0zicsr\0zifencei\0zbb\0zvbb\0ssaia\0sstc";
    int len = 0;

    (void)state;
    build("aia.dtb", TWO_VMS);
    const void *t = tree_of(0);

    assert_compiles(t);
    CELLS(t, "/imsics@28000000", "reg", 0, 0x28000000, 0, 0x2000);
    CELLS(t, "/imsics@28000000", "riscv,num-ids", 127);
    CELLS(t, "/imsics@28000000", "interrupts-extended", phandle(t, "/cpus/cpu@0/interrupt-controller"), 9,
          phandle(t, "/cpus/cpu@1/interrupt-controller"), 9);
    assert_false(absent(t, "/imsics@28000000", "msi-controller"));
    assert_true(absent(t, "/imsics@28000000", "riscv,guest-index-bits"));
    CELLS(t, "/aplic@d000000", "reg", 0, 0xd000000, 0, 0x8000);
    CELLS(t, "/aplic@d000000", "riscv,num-sources", 96);
    CELLS(t, "/aplic@d000000", "msi-parent", phandle(t, "/imsics@28000000"));
    CELLS(t, "/aplic@d000000", "#interrupt-cells", 2);
    CELLS(t, "/serial@10000000", "interrupt-parent", phandle(t, "/aplic@d000000"));
    CELLS(tree_of(1), "/rtc@101000", "interrupt-parent", phandle(tree_of(1), "/aplic@d000000"));
    assert_true(absent(t, "/", "interrupt-parent"));
    CELLS(t, "/serial@10000000", "interrupts", 10, 4);
    CELLS(tree_of(1), "/rtc@101000", "interrupts", 11, 4);
    CELLS(tree_of(1), "/serial@10010000", "interrupts", 12, 1);
    CELLS(tree_of(1), "/imsics@28000000", "reg", 0, 0x28000000, 0, 0x1000);
    assert_string_equal(text(t, "/cpus/cpu@0", "riscv,isa-base"), "rv64i");
    const void *list = fdt_getprop(t, fdt_path_offset(t, "/cpus/cpu@0"), "riscv,isa-extensions", &len);

    assert_int_equal(len, sizeof(kept));
    assert_memory_equal(list, kept, sizeof(kept));
    assert_string_equal(text(t, "/cpus/cpu@0", "riscv,isa"),
                        "rv64imafdcv_zicboz_zicntr_zicsr_zifencei_zbb_zvbb_ssaia_sstc");
}

/* ---- extensions ---- */

static const struct {
    const char *board;
    bool aia;
    const char *guest;
} isas[] = {
    {"rv64imafdch", false, "rv64imafdc"},
    {"RV64IMAC_ZBA_H", false, "rv64imac_zba"},
    {"rv64gch_ssaia_sstc", false, "rv64gc_sstc"},
    {"rv64gch_ssaia_sstc", true, "rv64gc_ssaia_sstc"},
    {"rv64i2p1m2p0a2p1f2c2p0h1p0_zba", false, "rv64imafc_zba"},
    {"rv64imafdcsu", false, "rv64imafdc"}, /* once written so for the modes there are */
    {"rv64imacsstc_zbb", false, "rv64imac_sstc_zbb"},
    {"rv64imac_zbb1p0", false, "rv64imac"}, /* a version of a long name: not on the list as it stands */
    {"rv64imac_zkr_zk_zkn", false, "rv64imac_zkn"},
    {"rv64imac_shtvala_smaia_smnpm_ssnpm_supm_sspm_ssdbltrp_smctr_ssctr_sscofpmf_ssccfg", true, "rv64imac"},
    {"rv64imac_zicfilp_zicfiss_zihpm_zcmt_ztso_svadu_svvptc_xvendor", true, "rv64imac"},
    {"rv64imac_", false, "rv64imac"},
    {"rv64imac_svade_zawrs_zicbop", false, "rv64imac_svade_zawrs_zicbop"},
    {"rv64", false, "rv64"},
    {"rv64imac__zbs", false, "rv64imac_zbs"},
};

static void a_guest_is_told_of_extensions_on_the_lists_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(isas); i++) {
        static uint64_t fdt[512];
        struct arena a = {0};

        assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
        assert_null(riscv_isa_guest_string(&a, fdt, 0, true));
        assert_int_equal(fdt_setprop_string(fdt, 0, "riscv,isa", isas[i].board), 0);
        assert_string_equal(riscv_isa_guest_string(&a, fdt, 0, isas[i].aia), isas[i].guest);
        arena_free(&a);
    }
}

static void an_extension_is_found_in_either_property(void **state)
{
    static uint64_t fdt[512];
    struct arena a = {0};
    int len = 0;

    (void)state;
    assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
    assert_false(riscv_isa_has(&a, fdt, 0, "h"));
    assert_int_equal(fdt_setprop_string(fdt, 0, "riscv,isa", "rv64imac_zbh"), 0);
    assert_false(riscv_isa_has(&a, fdt, 0, "h"));
    assert_int_equal(fdt_setprop(fdt, 0, "riscv,isa-extensions", "i\0h", 3), 0); /* not terminated */
    assert_false(riscv_isa_has(&a, fdt, 0, "h"));
    assert_null(riscv_isa_guest_list(&a, fdt, 0, true, &len));
    assert_int_equal(fdt_setprop(fdt, 0, "riscv,isa-extensions", "i\0h", 4), 0);
    assert_true(riscv_isa_has(&a, fdt, 0, "h"));
    assert_string_equal(riscv_isa_guest_list(&a, fdt, 0, true, &len), "i");
    assert_int_equal(len, 2);
    arena_free(&a);
}

/* ---- boards and devices that will not do ---- */

#define GOOD "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };"

/* A board with one property changed (len >= 0) or removed, or (prop NULL) a node removed. */
static const struct {
    const char *board;
    const char *node;
    const char *prop;
    int len;
    const char *value;
    const char *says;
} boards[] = {
    {"plic.dtb", "/cpus", "timebase-frequency", -1, NULL, "error: /cpus: no timebase-frequency"},
    {"plic.dtb", "/cpus/cpu@1", "riscv,isa", 9, "rv64imac", "error: /cpus/cpu@1: CPU has no hypervisor extension"},
    {"plic.dtb", "/cpus/cpu@1/interrupt-controller", NULL, 0, NULL,
     "error: /cpus/cpu@1: CPU without an interrupt controller of its own"},
    {"plic.dtb", "/bus/plic@c000000", NULL, 0, NULL, "error: /: no interrupt controller that Bulkhead knows (PLIC, or"},
    {"plic.dtb", "/bus/plic@c000000", "riscv,ndev", -1, NULL, "without usable reg, riscv,ndev or #interrupt-cells"},
    {"plic.dtb", "/bus/plic@c000000", "riscv,ndev", 4, "\0\0\0\0", "without usable reg, riscv,ndev or"},
    {"plic.dtb", "/bus/plic@c000000", "reg", -1, NULL, "without usable reg, riscv,ndev or #interrupt-cells"},
    {"plic.dtb", "/bus/plic@c000000", "#interrupt-cells", 4, "\0\0\0\2", "without usable reg, riscv,ndev or"},
    {"plic.dtb", "/bus/plic@c000000", "interrupts-extended", -1, NULL,
     "error: /cpus/cpu@1: the interrupt controller does not reach this CPU's supervisor level"},
    {"plic.dtb", "/", "compatible", 6, "other", "error: /: not a board that Bulkhead knows"},
    {"plic.dtb", "/chosen", NULL, 0, NULL, "error: /chosen: stdout-path names no device"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,guest-index-bits", -1, NULL,
     "no interrupt files for guests (riscv,guest-index-bits); start QEMU with aia-guests=1"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,guest-index-bits", 4, "\0\0\0\0",
     "no interrupt files for guests"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,guest-index-bits", 4, "\0\0\0\7",
     "no interrupt files for guests"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,num-ids", -1, NULL, "without usable riscv,num-ids"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,num-ids", 4, "\0\0\x08\0", "without usable riscv,num-ids"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "riscv,group-index-bits", 4, "\0\0\0\1",
     "interrupt files in several groups or ranges"},
    {"aia.dtb", "/bus/interrupt-controller@28000000", "reg", 16, "\0\0\0\0\x28\0\0\0\0\0\0\0\0\0\xc0\0",
     "a field has a value that is not defined"}, /* CPU 2's file is beyond its end */
    {"aia.dtb", "/bus/interrupt-controller@28000000", NULL, 0, NULL, "its APLIC sends no messages to interrupt files"},
    {"aia.dtb", "/bus/interrupt-controller@d000000", "msi-parent", -1, NULL, "its APLIC sends no messages"},
    {"aia.dtb", "/bus/interrupt-controller@d000000", "status", 9, "disabled", "its APLIC sends no messages"},
    {"aia.dtb", "/bus/interrupt-controller@d000000", "riscv,num-sources", -1, NULL,
     "without usable reg, riscv,num-sources or #interrupt-cells"},
};

static void spoil(const char *board, const char *path, const char *prop, int len, const char *value)
{
    static uint64_t buffer[8192];

    assert_int_equal(fdt_open_into(scratch_read(board, NULL), buffer, sizeof(buffer)), 0);
    int node = fdt_path_offset(buffer, path);

    assert_true(node >= 0);
    if (prop == NULL) {
        assert_int_equal(fdt_del_node(buffer, node), 0);
    } else if (len < 0) {
        assert_int_equal(fdt_delprop(buffer, node, prop), 0);
    } else {
        assert_int_equal(fdt_setprop(buffer, node, prop, value, len), 0);
    }
    scratch_write("board.dtb", buffer, fdt_totalsize(buffer));
}

static void a_board_that_lacks_something_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
        spoil(boards[i].board, boards[i].node, boards[i].prop, boards[i].len, boards[i].value);
        struct outcome o = hvplan_vms("check", GOOD);

        if (o.rc != 1 || strstr(o.err, boards[i].says) == NULL) {
            fail_msg("%s %s: exit status %d, and \"%s\" is not in:\n%s", boards[i].node, boards[i].prop, o.rc,
                     boards[i].says, o.err);
        }
    }
}

static void a_board_with_a_flipped_bit_gets_an_answer(void **state)
{
    static const char *const both[] = {"plic.dtb", "aia.dtb"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
        size_t size;
        uint8_t *board = scratch_read(both[i], &size);

        for (size_t bit = 0; bit < size * 8U; bit += 997) {
            board[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
            scratch_write("board.dtb", board, size);
            struct outcome o = hvplan_vms("check", GOOD);

            assert_true(o.rc == 0 ? o.err[0] == '\0' : o.rc == 1 && o.err[0] != '\0');
            board[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
        }
    }
}

static const struct {
    const char *device;
    const char *why;
} devices[] = {
    {"/bus/disk@10001000", "reads and writes memory by itself (DMA)"},
    {"/bus/beyond@103000", "has an interrupt that the interrupt controller does not have"},
    {"/bus/interrupt-controller@28000000", "is the interrupt controller"},
    {"/bus/interrupt-controller@24000000", "is the interrupt controller"},
    {"/bus/interrupt-controller@c000000", "is the interrupt controller"},
    {"/bus/interrupt-controller@d000000", "is the interrupt controller"},
    {"/cpus/cpu@0", "is memory or a CPU"},
    {"/cpus/cpu@0/interrupt-controller", "is the interrupt controller"},
};

static void what_a_vm_cannot_have_is_told(void **state)
{
    (void)state;
    use_board("aia.dtb");
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
        char body[256];

        snprintf(body, sizeof(body), "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"%s\"; };",
                 devices[i].device);
        struct outcome o = hvplan_vms("check", body);

        assert_int_equal(o.rc, 1);
        assert_contains(o.err, devices[i].why);
    }
    use_board("plic.dtb");
    assert_contains(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = "
                               "\"/bus/plic@c000000\"; };").err, "is the interrupt controller");
    assert_int_equal(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = "
                                "\"/bus/clint@2000000\"; };").rc, 1);
}

static void a_console_that_cannot_be_shared_is_told(void **state)
{
    static const struct {
        const char *prop;
        int len;
        const char *value;
        const char *why;
    } consoles[] = {
        {"compatible", 10, "arm,pl011", "is not an ns16550a"},
        {"reg-shift", 4, "\0\0\0\2", "does not have its registers byte by byte"},
        {"reg-io-width", 4, "\0\0\0\4", "does not have its registers byte by byte"},
        {"interrupts", -1, NULL, "does not have one range of registers and one interrupt"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(consoles); i++) {
        spoil("plic.dtb", "/bus/serial@10000000", consoles[i].prop, consoles[i].len, consoles[i].value);
        assert_int_equal(hvplan_vms("check", GOOD).rc, 0);
        struct outcome o = hvplan_vms(
            "check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; console = \"shared\"; };");

        assert_int_equal(o.rc, 1);
        assert_contains(o.err, consoles[i].why);
    }
    spoil("plic.dtb", "/bus/serial@10000000", "reg-shift", 4, "\0\0\0\0");
    assert_int_equal(
        hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; console = \"shared\"; };").rc, 0);
}

static void ram_that_covers_the_controller_is_told(void **state)
{
    (void)state;
    use_board("aia.dtb");
    assert_contains(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\n"
                                        "memory-address = <0x28000000>; };").err,
                    "overlaps the VM's interrupt controller at 0x28000000");
    use_board("plic.dtb");
    assert_int_equal(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\n"
                                         "memory-address = <0x28000000>; };").rc, 0);
    assert_int_equal(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\n"
                                         "memory-address = <0>; };").rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_holds_the_machine_with_a_plic),
        cmocka_unit_test(the_plan_holds_the_machine_with_an_aia),
        cmocka_unit_test(ram_begins_behind_the_firmware),
        cmocka_unit_test(the_file_starts_with_a_riscv_header_for_all_of_it),
        cmocka_unit_test(a_linux_image_starts_at_its_text_offset_and_a_raw_one_at_the_base_of_ram),
        cmocka_unit_test(an_image_with_half_a_header_is_raw),
        cmocka_unit_test(an_image_that_ends_beyond_the_memory_is_told),
        cmocka_unit_test(a_hypervisor_of_the_other_instruction_set_is_refused),
        cmocka_unit_test(a_board_of_the_other_instruction_set_is_refused),
        cmocka_unit_test(the_map_names_sources_as_the_board_does),
        cmocka_unit_test(the_map_names_what_is_the_hypervisors_and_the_firmwares),
        cmocka_unit_test(a_guest_has_harts_from_0_on_with_what_it_may_use),
        cmocka_unit_test(a_guest_has_a_plic_with_a_context_per_vcpu),
        cmocka_unit_test(a_guest_has_an_aplic_and_a_file_per_vcpu),
        cmocka_unit_test(a_guest_is_told_of_extensions_on_the_lists_alone),
        cmocka_unit_test(an_extension_is_found_in_either_property),
        cmocka_unit_test(a_board_that_lacks_something_is_refused),
        cmocka_unit_test(a_board_with_a_flipped_bit_gets_an_answer),
        cmocka_unit_test(what_a_vm_cannot_have_is_told),
        cmocka_unit_test(a_console_that_cannot_be_shared_is_told),
        cmocka_unit_test(ram_that_covers_the_controller_is_told),
    };

    return cmocka_run_group_tests_name("hvplan_riscv", tests, setup, hvplan_teardown);
}
