/* SPDX-License-Identifier: Apache-2.0 */
/* A board whose tree was not made for a hypervisor: RAM from 0, ranges of it reserved, a UART that is no PL011, clocks of the
 * firmware's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define SHARED  "a { vcpus = <1>; memory = \"2M\"; image = \"kernel\"; };"
#define SECOND  "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial1\"; };"
#define CONSOLE "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial0\"; };"
#define TTC     "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"/axi/timer@ff110000\"; };"

static const uint8_t *file;
static const struct plan *plan;
static const uint8_t *guest; /* the tree of VM 0 */

static int setup(void **state)
{
    if (hvplan_setup(state) != 0) {
        return -1;
    }
    scratch_dtb("tests/unit/boards/zcu102.dts", "zcu102.dtb");
    return 0;
}

static struct outcome run(const char *command, const char *board, const char *vms)
{
    const char *args[] = {command, "--board", scratch(board), "--hv", scratch("hv.bin"), scratch("system.dts"),
                          strcmp(command, "build") == 0 ? "-o" : NULL, scratch("out.img"), NULL};

    (void)hvplan_vms("check", vms); /* writes system.dts */
    return hvplan(args);
}

static void build(const char *vms)
{
    struct plan_report report;
    struct outcome o = run("build", "zcu102.dtb", vms);

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    file = scratch_read("out.img", NULL);
    plan = (const struct plan *)(file + HV_MEM_SIZE);
    assert_int_equal(plan_validate(plan, PLAN_MAX_BYTES, "zcu102", PLAN_ISA_ARMV8, &report), HV_OK);
    const struct plan_vm *v = plan_vm(plan, 0);
    const struct plan_region *ram = plan_region(plan, v->first_region);

    guest = file + (ram->pa - plan->hv_base) + (v->dtb - ram->ipa);
    assert_int_equal(fdt_check_header(guest), 0);
}

static uint32_t cell(int node, const char *prop, unsigned i)
{
    int len = 0;
    const fdt32_t *p = fdt_getprop(guest, node, prop, &len);

    assert_non_null(p);
    assert_true(len >= 0 && 4U * i < (unsigned)len);
    return fdt32_ld(p + i);
}

static void it_is_loaded_two_mebibytes_into_ram_that_begins_at_0(void **state)
{
    (void)state;
    build(SHARED);
    assert_int_equal(plan->hv_base, 0x200000);
    assert_int_equal(plan->ram_base, 0);
    assert_int_equal(plan->irqc_version, PLAN_IRQC_GICV2);
    assert_int_equal(plan_gic_cpu_frame(plan, PLAN_GICC).v, 0xf902f000);
    assert_int_equal(plan_gic_cpu_frame(plan, PLAN_GICV).v, 0xf906f000);
    assert_int_equal(plan->console_base, 0xff000000);
}

/* The lowest of those above the load address is the second range of a node, and begins within a page. */
static void ram_ends_where_the_first_reserved_range_behind_the_load_address_begins(void **state)
{
    (void)state;
    build(SHARED);
    assert_int_equal(plan->ram_size, 0x7ed00000);
    struct outcome o = run("show", "zcu102.dtb", SHARED);

    assert_contains(o.out, "2067 MiB of the board's RAM are in other banks or behind what its tree reserves");
}

static void spoil(const char *path, const char *prop, const void *value, int len)
{
    static uint64_t buffer[8192];

    assert_int_equal(fdt_open_into(scratch_read("zcu102.dtb", NULL), buffer, sizeof(buffer)), 0);
    int node = fdt_path_offset(buffer, path);

    assert_true(node >= 0);
    assert_int_equal(fdt_setprop(buffer, node, prop, value, len), 0);
    scratch_write("spoilt.dtb", buffer, fdt_totalsize(buffer));
}

static void a_reserved_range_begins_with_its_page(void **state)
{
    static const uint8_t within[] = {0, 0, 0, 0, 0x40, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x10, 0};

    (void)state;
    spoil("/reserved-memory/rproc@7ed00000", "reg", within, sizeof(within));
    assert_int_equal(run("check", "spoilt.dtb", "a { vcpus = <1>; memory = \"1020M\"; image = \"raw.bin\"; };").rc, 0);
    struct outcome o = run("check", "spoilt.dtb", "a { vcpus = <1>; memory = \"1022M\"; image = \"raw.bin\"; };");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "the VMs ask for 1022 MiB, the board has 1020 MiB for them");
}

static void what_reserves_the_hypervisors_place_is_refused(void **state)
{
    static const uint8_t last[] = {0, 0, 0, 0, 0, 0x1e, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};

    (void)state;
    spoil("/reserved-memory/monitor@1e0000", "reg", last, sizeof(last));
    struct outcome o = run("check", "spoilt.dtb", SHARED);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "error: /reserved-memory/monitor@1e0000: reserves memory at 0x1e0000 where the hypervisor is loaded, "
                    "at 0x200000; give a board tree without it");
}

static void what_is_reserved_is_no_device_even_of_a_vm_that_is_trusted(void **state)
{
    (void)state;
    struct outcome o = run("check", "zcu102.dtb", "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; trusted-dma;\n"
                           " devices = \"/reserved-memory/rproc@7ed00000\"; };");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/reserved-memory/rproc@7ed00000 cannot be given to a VM: it is memory that the board's tree reserves, "
                    "which nobody has; remove it from devices\n");
}

static void a_reserved_range_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    spoil("/reserved-memory/monitor@1e0000", "reg", "abcd", 4);
    struct outcome o = run("check", "spoilt.dtb", SHARED);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "error: /reserved-memory/monitor@1e0000: reserves memory, but has no usable reg");
}

/* Of the board's own, which nobody has then, it takes address and interrupt; not what it is. */
static void the_shared_console_is_a_pl011_in_the_place_of_the_boards_uart(void **state)
{
    (void)state;
    build(SHARED);
    assert_int_equal(plan->console_irq, 53);
    assert_int_equal(plan->console_size, 0x1000);
    assert_int_equal(plan_vm(plan, 0)->vuart_ipa, 0xff000000);
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 53);
    int node = fdt_path_offset(guest, "/pl011@ff000000");

    assert_true(node >= 0);
    assert_int_equal(fdt_node_check_compatible(guest, node, "arm,pl011"), 0);
    assert_int_not_equal(fdt_node_check_compatible(guest, node, "cdns,uart-r1p12"), 0);
    assert_int_equal(cell(node, "reg", 1), 0xff000000);
    assert_int_equal(cell(node, "interrupts", 1), 21);
    assert_string_equal(fdt_getprop(guest, fdt_path_offset(guest, "/chosen"), "stdout-path", NULL), "/pl011@ff000000");
}

/* Without the firmware that keeps them a driver would wait for its clocks for ever. */
static void a_uart_of_ones_own_has_fixed_clocks_and_nothing_of_the_firmwares(void **state)
{
    (void)state;
    build(SECOND);
    assert_int_equal(plan_vm(plan, 0)->vuart_irq, 0);
    int node = fdt_path_offset(guest, "/serial@ff010000");

    assert_true(node >= 0);
    assert_int_equal(fdt_node_check_compatible(guest, node, "cdns,uart-r1p12"), 0);
    assert_null(fdt_getprop(guest, node, "power-domains", NULL));
    for (unsigned i = 0; i < 2U; i++) {
        int clock = fdt_node_offset_by_phandle(guest, cell(node, "clocks", i));

        assert_true(clock >= 0);
        assert_int_equal(fdt_node_check_compatible(guest, clock, "fixed-clock"), 0);
        assert_int_equal(cell(clock, "clock-frequency", 0), 100000000);
    }
}

static void a_firmwares_clock_that_nobody_knows_is_refused(void **state)
{
    (void)state;
    struct outcome o = run("check", "zcu102.dtb", TTC);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "the rate of clock 0 of /axi/timer@ff110000 is not in the board's tree");
}

/* What clocks = <...> may be damaged by: a number of cells behind the phandle that is not there. */
static void a_clock_with_cells_missing_is_refused(void **state)
{
    static uint8_t clocks[8];
    const uint8_t *fdt = scratch_read("zcu102.dtb", NULL);
    const void *two = fdt_getprop(fdt, fdt_path_offset(fdt, "/axi/serial@ff010000"), "clocks", NULL);

    (void)state;
    memcpy(clocks, two, sizeof(clocks));
    spoil("/axi/serial@ff010000", "clocks", clocks, 4);
    struct outcome o = run("check", "spoilt.dtb", SECOND);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "the rate of clock 0 of /axi/serial@ff010000 is not in the board's tree");
}

static void a_console_that_the_image_does_not_drive_is_not_shared(void **state)
{
    (void)state;
    spoil("/axi/serial@ff000000", "compatible", "arm,pl011", 10);
    struct outcome o = run("check", "spoilt.dtb", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; console = \"shared\"; };");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "cannot be shared: it is not the kind of UART that the board's image drives");
}

static void the_hypervisors_uart_can_be_lent(void **state)
{
    (void)state;
    build(CONSOLE);
    assert_true(fdt_path_offset(guest, "/serial@ff000000") >= 0);
    assert_int_equal(plan->console_irq, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_loaded_two_mebibytes_into_ram_that_begins_at_0),
        cmocka_unit_test(ram_ends_where_the_first_reserved_range_behind_the_load_address_begins),
        cmocka_unit_test(a_reserved_range_begins_with_its_page),
        cmocka_unit_test(what_reserves_the_hypervisors_place_is_refused),
        cmocka_unit_test(a_reserved_range_that_cannot_be_read_is_refused),
        cmocka_unit_test(what_is_reserved_is_no_device_even_of_a_vm_that_is_trusted),
        cmocka_unit_test(the_shared_console_is_a_pl011_in_the_place_of_the_boards_uart),
        cmocka_unit_test(a_uart_of_ones_own_has_fixed_clocks_and_nothing_of_the_firmwares),
        cmocka_unit_test(a_firmwares_clock_that_nobody_knows_is_refused),
        cmocka_unit_test(a_clock_with_cells_missing_is_refused),
        cmocka_unit_test(a_console_that_the_image_does_not_drive_is_not_shared),
        cmocka_unit_test(the_hypervisors_uart_can_be_lent),
    };
    return cmocka_run_group_tests(tests, setup, hvplan_teardown);
}
