/* SPDX-License-Identifier: Apache-2.0 */
/* Good systems: what is in the file, in the plan and in the guests' device trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define RAM  0x40000000ULL
#define LOAD 0x40200000ULL

#define TWO_VMS                                                                                              \
    "linux { vcpus = <2>; memory = \"32M\"; image = \"kernel\"; initrd = \"initrd\"; bootargs = \"quiet "    \
    "x=1\";\n"                                                                                               \
    "devices = \"serial0\", \"/bus@c000000/rtc@101000\"; };\n"                                               \
    "rt { cpus = <3>; memory = <0x400000>; image = \"raw.bin\"; devices = \"/uart@9040000\"; check-image; "  \
    "};"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

/* Builds and reads back. */
static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

/* The bytes of the file that will lie at a physical address. */
static const uint8_t *at_pa(uint64_t pa)
{
    assert_in_range(pa, LOAD, LOAD + file_size - 1U);
    return file + (pa - LOAD);
}

/* The same for a guest address of a VM. */
static const uint8_t *at_ipa(const struct plan_vm *v, uint64_t ipa)
{
    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(plan, v->first_region + i);

        if (ipa >= r->ipa && ipa < r->ipa + r->size) {
            return at_pa(r->pa + (ipa - r->ipa));
        }
    }
    fail_msg("no region at %#llx", (unsigned long long)ipa);
    return NULL;
}

static void assert_file(const uint8_t *where, const char *name)
{
    size_t size;
    const uint8_t *data = scratch_read(name, &size);

    assert_memory_equal(where, data, size);
}

static uint64_t header64(size_t at)
{
    uint64_t v;

    memcpy(&v, file + at, sizeof(v));
    return v;
}

static void the_file_starts_with_an_arm64_header_for_all_of_it(void **state)
{
    (void)state;
    build(TWO_VMS);
    assert_memory_equal(file + 56, "ARM\x64", 4);
    assert_int_equal(header64(8), LOAD - RAM); /* text_offset: booti and -kernel put the file there */
    assert_int_equal(header64(16), file_size);
    assert_int_equal(header64(24) & 8U, 0); /* "anywhere" would leave it where it was loaded */
    assert_int_equal(file_size % SZ_2M, 0);
    assert_int_equal(file_size, 3U * SZ_2M);
}

static void the_plan_lies_where_it_says_and_sums_the_patched_image(void **state)
{
    (void)state;
    build(TWO_VMS);
    assert_int_equal(plan->hv_base, LOAD);
    assert_int_equal(plan->hv_image_size, HV_FILE_SIZE);
    assert_int_equal(plan->hv_mem_size, HV_MEM_SIZE);
    assert_int_equal(plan->pool_pages, (SZ_2M - HV_MEM_SIZE - PLAN_MAX_BYTES) / PAGE_SIZE - plan_own_pages(plan));
    struct plan_sum s = plan_sum_words(file, plan->hv_image_size);

    assert_int_equal(s.s0, plan->hv_sum.s0);
    assert_int_equal(s.s1, plan->hv_sum.s1);
    for (size_t i = HV_FILE_SIZE; i < HV_MEM_SIZE; i++) {
        assert_int_equal(file[i], 0); /* .bss */
    }
    assert_file(file + 64, "hv.bin.tail");
}

static void the_plan_holds_the_machine_of_the_boards_tree(void **state)
{
    (void)state;
    build(TWO_VMS);
    assert_string_equal(plan->board, "virt-gicv3");
    assert_int_equal(plan->ram_base, RAM);
    assert_int_equal(plan->ram_size, 0x10000000); /* two banks that meet; the third is apart */
    assert_int_equal(plan->cpus.count, 4);
    assert_int_equal(plan_cpu(plan, 3)->hw_id, 0x101);
    assert_int_equal(plan->irqc_base[0], 0x8000000);
    assert_int_equal(plan->irqc_base[1], 0x80a0000);
    assert_int_equal(plan->irqc_size[1], 0xf60000);
    assert_int_equal(plan->maint_irq, 25);
    assert_int_equal(plan->vtimer_irq, 27);
    assert_int_equal(plan->ptimer_irq, 30);
    assert_int_equal(plan->irqc_version, 3);
    assert_int_equal(plan->console_base, 0x9000000);
    assert_int_equal(plan->nr_irqs, 96); /* 72 is the highest */
    assert_int_equal(plan->pa_bits_min, 32);
}

static void cpus_are_those_named_and_then_the_first_free_ones(void **state)
{
    (void)state;
    build("a { vcpus = <2>; memory = \"2M\"; image = \"raw.bin\"; };\n"
          "b { cpus = <2 0>; memory = \"2M\"; image = \"raw.bin\"; };");
    assert_int_equal(plan_vm(plan, 0)->nr_vcpus, 2);
    assert_int_equal(plan_vm(plan, 0)->cpus[0], 1);
    assert_int_equal(plan_vm(plan, 0)->cpus[1], 3);
    assert_int_equal(plan_vm(plan, 1)->nr_vcpus, 2);
    assert_int_equal(plan_vm(plan, 1)->cpus[0], 2);
    assert_int_equal(plan_vm(plan, 1)->cpus[1], 0);
}

static void images_lie_in_the_block_of_their_vm(void **state)
{
    (void)state;
    build(TWO_VMS);
    const struct plan_vm *v = plan_vm(plan, 0);
    const struct plan_region *block = plan_region(plan, v->first_region);

    assert_int_equal(block->pa, LOAD + SZ_2M);
    assert_int_equal(block->size, SZ_2M);
    assert_int_equal(block->ipa, RAM);
    assert_int_equal(v->entry, RAM);
    assert_file(at_ipa(v, RAM), "kernel");
    for (size_t i = KERNEL_FILE_SIZE; i < KERNEL_IMAGE_SIZE; i++) {
        assert_int_equal(at_ipa(v, RAM + i)[0], 0);
    }
    assert_file(at_ipa(v, RAM + KERNEL_IMAGE_SIZE), "initrd");
    assert_int_equal(v->nr_images, 3);
    assert_int_equal(plan_image(plan, v->first_image)->size, (KERNEL_FILE_SIZE + 7U) & ~7U);
    for (uint32_t i = 0; i < v->nr_images; i++) {
        const struct plan_image *m = plan_image(plan, v->first_image + i);
        struct plan_sum s = plan_sum_words(at_pa(m->pa), m->size);

        assert_int_equal(s.s0, m->sum.s0);
        assert_int_equal(s.s1, m->sum.s1);
        assert_int_equal(m->flags, 0);
    }
}

static void the_rest_of_ram_comes_from_behind_the_file(void **state)
{
    (void)state;
    build(TWO_VMS);
    const struct plan_region *r = plan_region(plan, 1);

    assert_int_equal(r->ipa, RAM + SZ_2M);
    assert_int_equal(r->pa, LOAD + file_size);
    assert_int_equal(r->size, 0x2000000 - SZ_2M);
    assert_int_equal(r->rights, 7);
    assert_int_equal(plan_region(plan, plan_vm(plan, 1)->first_region + 1)->pa, r->pa + r->size);
}

static void a_vm_whose_memory_is_its_block_has_one_ram_region(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };");
    assert_int_equal(plan->regions.count, 1);
}

static void devices_are_whole_pages_with_their_interrupts(void **state)
{
    (void)state;
    build(TWO_VMS);
    const struct plan_region *uart = plan_region(plan, 2);
    const struct plan_region *rtc = plan_region(plan, 3);

    assert_int_equal(uart->pa, 0x9000000);
    assert_int_equal(uart->ipa, 0x9000000);
    assert_int_equal(uart->kind, PLAN_REGION_DEVICE);
    assert_int_equal(uart->rights, 3);
    assert_int_equal(rtc->pa, 0xc001000); /* through the bus's ranges */
    assert_int_equal(rtc->size, 0x1000);
    assert_int_equal(plan->irqs.count, 3);
    assert_int_equal(plan_irq(plan, 0)->intid, 33);
    assert_int_equal(plan_irq(plan, 0)->flags, 0);
    assert_int_equal(plan_irq(plan, 1)->intid, 72);
    assert_int_equal(plan_irq(plan, 2)->intid, 40);
    assert_int_equal(plan_irq(plan, 2)->flags, PLAN_IRQ_EDGE);
}

static void register_ranges_that_touch_become_one_region(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"/bus@c000000/wdt@1000\"; };");
    assert_int_equal(plan->regions.count, 3);
    assert_int_equal(plan_region(plan, 1)->pa, 0xb001000);
    assert_int_equal(plan_region(plan, 1)->size, 0x2000);
    assert_int_equal(plan_region(plan, 2)->pa, 0xb008000);
    assert_int_equal(plan_region(plan, 2)->size, 0x1000);
}

static void check_image_marks_all_images_of_its_vm(void **state)
{
    (void)state;
    build(TWO_VMS);
    const struct plan_vm *v = plan_vm(plan, 1);

    for (uint32_t i = 0; i < v->nr_images; i++) {
        assert_int_equal(plan_image(plan, v->first_image + i)->flags, PLAN_IMAGE_CHECK);
    }
}

static void load_and_entry_are_as_the_plan_says(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"8M\"; image = \"raw.bin\"; load = <0x0 0x40080000>; };\n"
          "b { vcpus = <1>; memory = \"8M\"; image = \"kernel\"; load = <0x40300000>; entry = <0x40300040>; "
          "};");
    assert_int_equal(plan_vm(plan, 0)->entry, 0x40080000);
    assert_file(at_ipa(plan_vm(plan, 0), 0x40080000), "raw.bin");
    assert_int_equal(plan_vm(plan, 1)->entry, 0x40300040);
    assert_file(at_ipa(plan_vm(plan, 1), 0x40300000), "kernel");
    assert_int_equal(plan_region(plan, plan_vm(plan, 1)->first_region)->size, 2U * SZ_2M);
}

static void text_offsets_of_kernels_are_kept(void **state)
{
    uint8_t k[4096] = {0};
    uint64_t offset = 0x80000;
    uint64_t size = 0x1000;

    (void)state;
    memcpy(k + 8, &offset, 8);
    memcpy(k + 16, &size, 8);
    memcpy(k + 56, "ARM\x64", 4);
    scratch_write("k1", k, sizeof(k));
    size = 0; /* older than Linux 3.17: the offset counts for nothing */
    offset = 0x1000;
    memcpy(k + 8, &offset, 8);
    memcpy(k + 16, &size, 8);
    scratch_write("k2", k, sizeof(k));
    build("a { vcpus = <1>; memory = \"2M\"; image = \"k1\"; };\nb { vcpus = <1>; memory = \"2M\"; image = "
          "\"k2\"; };");
    assert_int_equal(plan_vm(plan, 0)->entry, RAM + 0x80000);
    assert_int_equal(plan_vm(plan, 1)->entry, RAM + 0x80000);
}

/* ---- guest device trees
 * ------------------------------------------------------------------------------------------- */

static const void *tree_of(uint32_t vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    const void *fdt = at_ipa(v, v->dtb);

    assert_int_equal(fdt_check_full(fdt, SZ_2M), 0);
    return fdt;
}

static void assert_cells(const void *fdt, const char *path, const char *prop, unsigned n,
                         const uint32_t *want)
{
    int len = 0;
    const fdt32_t *raw = fdt_getprop(fdt, fdt_path_offset(fdt, path), prop, &len);

    if (raw == NULL || len != (int)n * 4) {
        fail_msg("%s of %s: %d bytes, expected %u cells", prop, path, len, n);
    }
    for (unsigned i = 0; i < n; i++) {
        if (fdt32_ld(raw + i) != want[i]) {
            fail_msg("%s of %s, cell %u: %#x, expected %#x", prop, path, i, fdt32_ld(raw + i), want[i]);
        }
    }
}
#define CELLS(fdt, path, prop, ...)                                                                          \
    assert_cells(fdt, path, prop, sizeof((uint32_t[]){__VA_ARGS__}) / 4U, (uint32_t[]){__VA_ARGS__})

static const char *text(const void *fdt, const char *path, const char *prop)
{
    const char *s = fdt_getprop(fdt, fdt_path_offset(fdt, path), prop, NULL);

    return s != NULL ? s : "(absent)";
}

static bool absent(const void *fdt, const char *path, const char *prop)
{
    int node = fdt_path_offset(fdt, path);

    assert_true(node >= 0);
    return fdt_getprop(fdt, node, prop, NULL) == NULL;
}

static void a_guest_tree_has_its_memory_cpus_and_firmware(void **state)
{
    (void)state;
    build(TWO_VMS);
    const void *t = tree_of(0);

    CELLS(t, "/memory@40000000", "reg", 0, 0x40000000, 0, 0x2000000);
    assert_string_equal(text(t, "/cpus/cpu@1", "enable-method"), "psci");
    CELLS(t, "/cpus/cpu@1", "reg", 1);
    assert_int_equal(fdt_path_offset(t, "/cpus/cpu@2"), -FDT_ERR_NOTFOUND);
    assert_string_equal(text(tree_of(1), "/cpus/cpu@0", "compatible"), "arm,cortex-a72"); /* of CPU 3 */
    CELLS(tree_of(1), "/cpus/cpu@0", "reg", 0);
    assert_string_equal(text(t, "/psci", "method"), "hvc");
    assert_string_equal(text(t, "/psci", "compatible"), "arm,psci-1.0");
    CELLS(t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
    assert_false(absent(t, "/timer", "always-on"));
}

static void a_guest_tree_has_a_controller_of_the_vms_size(void **state)
{
    (void)state;
    build(TWO_VMS);
    CELLS(tree_of(0), "/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x40000);
    CELLS(tree_of(1), "/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x20000);
    CELLS(tree_of(0), "/", "interrupt-parent",
          fdt_get_phandle(tree_of(0), fdt_path_offset(tree_of(0), "/intc@8000000")));
    assert_true(absent(tree_of(0), "/intc@8000000", "interrupts"));
}

static void a_guest_tree_tells_where_the_initrd_is(void **state)
{
    (void)state;
    build(TWO_VMS);
    CELLS(tree_of(0), "/chosen", "linux,initrd-start", 0, 0x40000000 + KERNEL_IMAGE_SIZE);
    CELLS(tree_of(0), "/chosen", "linux,initrd-end", 0, 0x40000000 + KERNEL_IMAGE_SIZE + INITRD_SIZE);
    assert_string_equal(text(tree_of(0), "/chosen", "bootargs"), "quiet x=1");
    assert_true(absent(tree_of(1), "/chosen", "linux,initrd-start"));
    assert_true(absent(tree_of(1), "/chosen", "bootargs"));
}

static void a_guest_tree_has_the_devices_with_fixed_clocks(void **state)
{
    (void)state;
    build(TWO_VMS);
    const void *t = tree_of(0);
    int len = 0;
    const fdt32_t *clocks = fdt_getprop(t, fdt_path_offset(t, "/uart@9000000"), "clocks", &len);

    assert_int_equal(len, 8);
    int first = fdt_node_offset_by_phandle(t, fdt32_ld(clocks));
    int second = fdt_node_offset_by_phandle(t, fdt32_ld(clocks + 1));

    assert_int_equal(fdt32_ld(fdt_getprop(t, first, "clock-frequency", NULL)), 24000000);
    assert_int_equal(fdt32_ld(fdt_getprop(t, second, "clock-frequency", NULL)), 10000000);
    assert_int_equal(fdt_node_check_compatible(t, second, "fixed-clock"), 0);
    CELLS(t, "/uart@9000000", "interrupts", 0, 1, 4);
    CELLS(t, "/rtc@c001000", "reg", 0, 0xc001000, 0, 0x800);
    CELLS(t, "/rtc@c001000", "interrupts", 0, 40, 4);
    assert_string_equal(text(t, "/aliases", "serial0"), "/uart@9000000");
    assert_string_equal(text(t, "/chosen", "stdout-path"), "/uart@9000000");
}

static void what_a_guest_cannot_reach_is_not_in_its_tree(void **state)
{
    static const char *const gone[] = {"power-domains", "pinctrl-0",   "pinctrl-names",       "dmas",
                                       "vdd-supply",    "reset-gpios", "interrupts-extended", "phandle"};

    (void)state;
    build(TWO_VMS);
    const void *t = tree_of(1);

    for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
        assert_true(absent(t, "/uart@9040000", gone[i]));
    }
    CELLS(t, "/uart@9040000", "interrupts", 0, 8, 1);
    CELLS(t, "/uart@9040000", "current-speed", 115200);
    assert_int_equal(fdt_path_offset(t, "/uart@9000000"), -FDT_ERR_NOTFOUND);
}

#define SHARING "a { cpus = <0 1>; memory = \"2M\"; image = \"raw.bin\"; };\n" \
                "b { cpus = <2>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial1\"; };\n"

static void a_vm_without_uart_is_on_the_shared_console(void **state)
{
    (void)state;
    build(SHARING);
    assert_int_equal(plan->console_size, 0x1000);
    assert_int_equal(plan->console_irq, 33);
    assert_int_equal(plan->console_cpu, 3); /* the first that no VM has */
    assert_int_equal(plan->htimer_irq, 26);
    assert_int_equal(plan_vm(plan, 0)->vuart_ipa, 0x9000000);
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 33);
    assert_int_equal(plan_vm(plan, 1)->vuart_ipa, 0);
    assert_int_equal(plan_vm(plan, 1)->vuart_irq, 0);
    const void *t = tree_of(0);

    assert_string_equal(text(t, "/chosen", "stdout-path"), "/pl011@9000000");
    assert_string_equal(text(t, "/aliases", "serial0"), "/pl011@9000000");
    assert_string_equal(text(t, "/pl011@9000000", "compatible"), "arm,pl011");
    CELLS(t, "/pl011@9000000", "reg", 0, 0x9000000, 0, 0x1000);
    CELLS(t, "/pl011@9000000", "interrupts", 0, 1, 4);
    CELLS(t, "/pl011@9000000", "clocks", 2, 2);
    assert_string_equal(text(t, "/pl011@9000000", "clock-names"), "uartclk");
    CELLS(t, "/clock-0", "clock-frequency", 24000000);
    CELLS(t, "/clock-0", "phandle", 2);
    assert_string_equal(text(tree_of(1), "/chosen", "stdout-path"), "/uart@9040000");
    assert_int_equal(fdt_path_offset(tree_of(1), "/pl011@9000000"), -FDT_ERR_NOTFOUND);
}

static void a_vm_may_share_the_console_beside_its_own_uart_or_have_none(void **state)
{
    (void)state;
    build("a { cpus = <0 1>; memory = \"2M\"; image = \"raw.bin\"; console = \"none\"; devices = \"serial1\"; };\n"
          "b { cpus = <2 3>; memory = \"2M\"; image = \"raw.bin\"; console = \"shared\"; devices = "
          "\"/bus@c000000/rtc@101000\"; };\n");
    assert_true(absent(tree_of(0), "/chosen", "stdout-path"));
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 0);
    assert_int_equal(plan_vm(plan, 1)->vuart_irq, 33);
    assert_int_equal(plan->console_cpu, 2); /* all are used: vCPU 0 of the first VM that shares */
    assert_int_equal(plan->nr_irqs, 96);
}

static void the_plan_may_name_the_cpu_that_serves_the_console(void **state)
{
    (void)state;
    struct outcome o = hvplan_text("build", "/dts-v1/;\n/ { compatible = \"bulkhead,system-v1\"; console-cpu = <1>;\n"
                                            "vms {\n" SHARING "}; };\n");

    assert_string_equal(o.err, "");
    file = scratch_read("out.img", &file_size);
    plan = (const struct plan *)(file + HV_MEM_SIZE);
    assert_int_equal(plan->console_cpu, 1);
    char *log = strndup((const char *)plan + plan->log.offset, plan->log.count);

    assert_contains(log, "memory 2 MiB at IPA 0x40000000, devices none, console shared\n");
    assert_contains(log, "console: shared by vm a; served by cpu 1; Ctrl-] ? tells its keys\n");
    free(log);
}

static void a_vm_without_uart_has_no_console_when_the_boards_is_given_away(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };\n"
          "b { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial0\"; };\n");
    assert_int_equal(plan->console_irq, 0);
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 0);
    assert_true(absent(tree_of(0), "/chosen", "stdout-path"));
    assert_int_equal(fdt_path_offset(tree_of(0), "/aliases"), -FDT_ERR_NOTFOUND);
}

static void console_chooses_among_several_uarts(void **state)
{
    (void)state;
    build("a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial0\", \"serial1\"; "
          "console = \"serial1\"; };");
    assert_string_equal(text(tree_of(0), "/chosen", "stdout-path"), "/uart@9040000");
}

/* ---- for people
 * ----------------------------------------------------------------------------------------------------- */

static void the_boot_log_says_who_has_what(void **state)
{
    (void)state;
    build(TWO_VMS);
    char *log = strndup((const char *)plan + plan->log.offset, plan->log.count);

    assert_string_equal(
        log, "board virt-gicv3: cpus 4, RAM 256 MiB at 0x40000000\n"
             "vm linux: vcpus 0-1 on cpus 0-1, memory 32 MiB at IPA 0x40000000, devices /uart@9000000 "
             "(irq 33), /bus@c000000/rtc@101000 (irq 72)\n"
             "vm rt: vcpu 0 on cpu 3, memory 4 MiB at IPA 0x40000000, devices /uart@9040000 (irq 40)\n"
             "unused: cpu 2\n"
             "console: lent to vm linux; only reports from here on\n");
    free(log);
}

static void show_prints_the_map_and_the_costs(void **state)
{
    struct outcome o = hvplan_vms("show", TWO_VMS);

    (void)state;
    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "vm rt: vcpu 0 on cpu 3");
    assert_contains(o.out, "0x0040200000-0x0040220fff  hypervisor\n");
    assert_contains(o.out, "0x0040400000-0x00405fffff  linux: RAM, in the file, IPA 0x40000000\n");
    assert_contains(o.out, "0x0040405000-0x0040407344    linux: initrd\n");
    /* three to align the root of four, and two for the devices */
    assert_contains(o.out, "linux: 9 page-table pages\n");
    assert_contains(o.out, "check-image takes about 1085 instructions at boot");
    assert_contains(o.out, " bytes zeroed at most\n");
    assert_contains(o.out, "256 MiB of the board's RAM are in other banks");
}

static void assert_pristine(const struct plan_vm *v, uint32_t nr, const char *const *names)
{
    assert_int_equal(v->nr_images, nr);
    for (uint32_t i = 0; i < nr; i++) {
        const struct plan_image *m = plan_image(plan, v->first_image + i);

        assert_memory_equal(at_pa(m->pristine_pa), at_pa(m->pa), m->size);
        if (names[i] != NULL) {
            assert_file(at_pa(m->pristine_pa), names[i]);
        }
    }
}

static void a_vm_that_may_restart_has_pristine_copies_in_blocks_of_their_own(void **state)
{
    static const char *const linux_files[] = {"kernel", "initrd", NULL};
    static const char *const rt_files[] = {"raw.bin", NULL};

    (void)state;
    build("linux { vcpus = <2>; memory = \"32M\"; image = \"kernel\"; initrd = \"initrd\"; on-reset = \"restart\"; };\n"
          "rt { cpus = <3>; memory = \"4M\"; image = \"raw.bin\"; on-fault = \"restart\"; };\n"
          "plain { cpus = <2>; memory = \"4M\"; image = \"raw.bin\"; on-reset = \"halt\"; on-fault = \"halt\"; };");
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->on_reset, PLAN_POLICY_RESTART);
    assert_int_equal(v->on_fault, PLAN_POLICY_HALT);
    assert_int_equal(v->pristine_size, SZ_2M);
    assert_int_equal(v->pristine_pa, LOAD + 4U * SZ_2M); /* behind the hypervisor's and three VMs' blocks */
    assert_pristine(v, 3, linux_files);
    v = plan_vm(plan, 1);
    assert_int_equal(v->on_reset, PLAN_POLICY_HALT);
    assert_int_equal(v->on_fault, PLAN_POLICY_RESTART);
    assert_int_equal(v->pristine_pa, LOAD + 5U * SZ_2M);
    assert_pristine(v, 2, rt_files);
    v = plan_vm(plan, 2);
    assert_int_equal(v->pristine_size, 0);
    assert_int_equal(plan_image(plan, v->first_image)->pristine_pa, 0);
    assert_int_equal(file_size, 6U * SZ_2M);
    assert_int_equal(plan_region(plan, 1)->pa, LOAD + file_size);
}

static void show_tells_where_pristine_copies_lie_and_what_they_take(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("show", "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; on-reset = \"restart\"; };");

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "0x0040600000-0x00407fffff  a: pristine copies to restart from, in the file, mapped for no VM\n");
    assert_contains(o.out, "; pristine copies take 2 MiB\n");
}

static void check_is_silent_about_a_good_system(void **state)
{
    struct outcome o = hvplan_vms("check", TWO_VMS);

    (void)state;
    assert_int_equal(o.rc, 0);
    assert_string_equal(o.out, "");
    assert_string_equal(o.err, "");
}

static void the_same_inputs_give_the_same_file(void **state)
{
    (void)state;
    build(TWO_VMS);
    const uint8_t *first = file;

    build(TWO_VMS);
    assert_memory_equal(first, file, file_size);
}

static void the_output_is_as_readable_as_any_file_and_alone(void **state)
{
    struct stat st;

    (void)state;
    mode_t mask = umask(022);

    build(TWO_VMS);
    umask(mask);
    assert_int_equal(stat(scratch("out.img"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void an_output_that_is_an_input_or_no_file_is_refused_and_stays(void **state)
{
    static const char *const inputs[] = {"system.dts", "board.dtb", "hv.bin", "kernel"};

    (void)state;
    build(TWO_VMS);
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        for (unsigned build_it = 0; build_it < 2U; build_it++) {
            size_t before_size;
            size_t after_size;
            const uint8_t *before = scratch_read(inputs[i], &before_size);
            const char *build_args[] = {"build", "--board", scratch("board.dtb"), "--hv", scratch("hv.bin"), "-o",
                                        scratch(inputs[i]), scratch("system.dts"), NULL};
            const char *show_args[] = {"show", "--board", scratch("board.dtb"), "-o", scratch(inputs[i]),
                                       scratch("system.dts"), NULL};
            if (build_it == 0U && strcmp(inputs[i], "hv.bin") == 0) {
                continue; /* show does not read it */
            }
            struct outcome o = hvplan(build_it != 0U ? build_args : show_args);

            assert_int_equal(o.rc, 1);
            assert_contains(o.err, "is an input of this run and would be lost");
            const uint8_t *after = scratch_read(inputs[i], &after_size);

            assert_int_equal(after_size, before_size);
            assert_memory_equal(after, before, before_size);
        }
    }
    const char *args[] = {"build", "--board", scratch("board.dtb"), "--hv", scratch("hv.bin"), "-o", scratch("."),
                          scratch("system.dts"), NULL};
    struct outcome o = hvplan(args);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "is there and is not a file");
}

static int setup(void **state)
{
    size_t size;

    if (hvplan_setup(state) != 0) {
        return -1;
    }
    const uint8_t *hv = scratch_read("hv.bin", &size);

    scratch_write("hv.bin.tail", hv + 64, size - 64U); /* what the header patch leaves alone */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_that_is_an_input_or_no_file_is_refused_and_stays),
        cmocka_unit_test(the_file_starts_with_an_arm64_header_for_all_of_it),
        cmocka_unit_test(the_plan_lies_where_it_says_and_sums_the_patched_image),
        cmocka_unit_test(the_plan_holds_the_machine_of_the_boards_tree),
        cmocka_unit_test(cpus_are_those_named_and_then_the_first_free_ones),
        cmocka_unit_test(images_lie_in_the_block_of_their_vm),
        cmocka_unit_test(the_rest_of_ram_comes_from_behind_the_file),
        cmocka_unit_test(a_vm_whose_memory_is_its_block_has_one_ram_region),
        cmocka_unit_test(devices_are_whole_pages_with_their_interrupts),
        cmocka_unit_test(register_ranges_that_touch_become_one_region),
        cmocka_unit_test(check_image_marks_all_images_of_its_vm),
        cmocka_unit_test(load_and_entry_are_as_the_plan_says),
        cmocka_unit_test(text_offsets_of_kernels_are_kept),
        cmocka_unit_test(a_guest_tree_has_its_memory_cpus_and_firmware),
        cmocka_unit_test(a_guest_tree_has_a_controller_of_the_vms_size),
        cmocka_unit_test(a_guest_tree_tells_where_the_initrd_is),
        cmocka_unit_test(a_guest_tree_has_the_devices_with_fixed_clocks),
        cmocka_unit_test(what_a_guest_cannot_reach_is_not_in_its_tree),
        cmocka_unit_test(a_vm_without_uart_is_on_the_shared_console),
        cmocka_unit_test(a_vm_may_share_the_console_beside_its_own_uart_or_have_none),
        cmocka_unit_test(the_plan_may_name_the_cpu_that_serves_the_console),
        cmocka_unit_test(a_vm_without_uart_has_no_console_when_the_boards_is_given_away),
        cmocka_unit_test(console_chooses_among_several_uarts),
        cmocka_unit_test(the_boot_log_says_who_has_what),
        cmocka_unit_test(show_prints_the_map_and_the_costs),
        cmocka_unit_test(a_vm_that_may_restart_has_pristine_copies_in_blocks_of_their_own),
        cmocka_unit_test(show_tells_where_pristine_copies_lie_and_what_they_take),
        cmocka_unit_test(check_is_silent_about_a_good_system),
        cmocka_unit_test(the_same_inputs_give_the_same_file),
        cmocka_unit_test(the_output_is_as_readable_as_any_file_and_alone),
    };

    return cmocka_run_group_tests(tests, setup, hvplan_teardown);
}
