/* SPDX-License-Identifier: Apache-2.0 */
/* A board with a GICv2: what hvplan reads of it, and what the plan and the guest's tree have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define VM "a { vcpus = <2>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial0\"; };"

/* The small board with QEMU's GICv2 in the place of its GICv3: GICD, GICC, GICH, GICV; `gicv_size` of the last. */
static void write_board(const char *compatible, uint64_t gicv, uint64_t gicv_size)
{
    static uint64_t buffer[8192];
    const uint64_t reg[8] = {0x8000000, 0x10000, 0x8010000, 0x10000, 0x8030000, 0x10000, gicv, gicv_size};
    uint8_t cells[sizeof(reg)];

    for (unsigned i = 0; i < sizeof(reg); i++) {
        cells[i] = (uint8_t)(reg[i / 8U] >> (8U * (7U - i % 8U)));
    }
    assert_int_equal(fdt_open_into(scratch_read("board.dtb", NULL), buffer, sizeof(buffer)), 0);
    int node = fdt_path_offset(buffer, "/intc@8000000");

    assert_int_equal(fdt_setprop_string(buffer, node, "compatible", compatible), 0);
    assert_int_equal(fdt_setprop(buffer, node, "reg", cells, sizeof(cells)), 0);
    assert_int_equal(fdt_del_node(buffer, fdt_path_offset(buffer, "/intc@8000000/its@8080000")), 0);
    scratch_write("gicv2.dtb", buffer, fdt_totalsize(buffer));
}

static struct outcome run(const char *command)
{
    const char *args[] = {command, "--board", scratch("gicv2.dtb"), "--hv", scratch("hv.bin"), scratch("system.dts"),
                          strcmp(command, "build") == 0 ? "-o" : NULL, scratch("out.img"), NULL};

    hvplan_vms("check", VM); /* writes system.dts */
    return hvplan(args);
}

static const uint8_t *file;
static const struct plan *plan;

static void build(void)
{
    struct plan_report report;
    struct outcome o = run("build");

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    file = scratch_read("out.img", NULL);
    plan = (const struct plan *)(file + HV_MEM_SIZE);
    assert_int_equal(plan_validate(plan, PLAN_MAX_BYTES, "virt-gicv2", PLAN_ISA_ARMV8, &report), HV_OK);
}

static void the_plan_has_all_four_frames_under_either_name(void **state)
{
    static const char *const names[] = {"arm,cortex-a15-gic", "arm,gic-400"};
    static const uint64_t base[] = {0x8000000, 0x8010000, 0x8030000, 0x8040000};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        write_board(names[i], 0x8040000, 0x10000);
        build();
        assert_int_equal(plan->irqc_version, 2);
        for (unsigned k = 0; k < 4U; k++) {
            assert_int_equal(plan->irqc_base[k], base[k]);
            assert_int_equal(plan->irqc_size[k], 0x10000);
        }
        assert_int_equal(plan->maint_irq, 25);
        assert_int_equal(plan_vm(plan, 0)->irqc_ipa[0], 0x8000000);
        assert_int_equal(plan_vm(plan, 0)->irqc_ipa[1], 0x8010000);
    }
}

static void a_frame_higher_than_all_else_raises_the_address_width(void **state)
{
    (void)state;
    write_board("arm,gic-400", 0x880000000, 0x20000);
    build();
    assert_int_equal(plan->pa_bits_min, 36);
    assert_int_equal(plan_gic_cpu_frame(plan, PLAN_GICV).v, 0x88000f000);
}

static void the_guests_tree_has_a_distributor_and_a_cpu_interface(void **state)
{
    static const uint8_t reg[] = {0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0,
                                  0, 0, 0, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0};
    int len = 0;

    (void)state;
    write_board("arm,cortex-a15-gic", 0x8040000, 0x10000);
    build();
    const struct plan_vm *v = plan_vm(plan, 0);
    const uint8_t *fdt = file + (plan_region(plan, v->first_region)->pa - plan->hv_base) + (v->dtb - 0x40000000);
    int node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-400");

    assert_true(node >= 0);
    const void *have = fdt_getprop(fdt, node, "reg", &len);

    assert_int_equal(len, sizeof(reg));
    assert_memory_equal(have, reg, sizeof(reg));
    assert_null(fdt_getprop(fdt, node, "interrupts", NULL)); /* of which only a hypervisor has use */
    assert_int_equal(fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3"), -FDT_ERR_NOTFOUND);
}

static void the_map_for_people_can_be_drawn(void **state)
{
    (void)state;
    write_board("arm,cortex-a15-gic", 0x8040000, 0x10000);
    struct outcome o = run("show");

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "virt-gicv2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_has_all_four_frames_under_either_name),
        cmocka_unit_test(a_frame_higher_than_all_else_raises_the_address_width),
        cmocka_unit_test(the_guests_tree_has_a_distributor_and_a_cpu_interface),
        cmocka_unit_test(the_map_for_people_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
