/* SPDX-License-Identifier: Apache-2.0 */
/* Boards of 1 to 32 CPUs and systems of 1 to 32 VMs: every vCPU has a CPU of its own; what is too much is one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define BOARD_BYTES 0x8000U
#define ALL(n) n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n /* VMs */

/* Writes the small board with `n` CPUs, numbered 0.. in clusters of four, as n.dtb; its name. */
static const char *board_of(unsigned n)
{
    static uint8_t fdt[BOARD_BYTES];
    char name[32];

    assert_int_equal(fdt_open_into(scratch_read("board.dtb", NULL), fdt, sizeof(fdt)), 0);
    int cpus = fdt_path_offset(fdt, "/cpus");

    for (int node = fdt_first_subnode(fdt, cpus); node >= 0; node = fdt_first_subnode(fdt, cpus)) {
        assert_int_equal(fdt_del_node(fdt, node), 0);
    }
    for (unsigned i = n; i > 0U; i--) { /* libfdt adds in front */
        unsigned id = (i - 1U) / 4U << 8 | (i - 1U) % 4U;

        snprintf(name, sizeof(name), "cpu@%x", id);
        int node = fdt_add_subnode(fdt, cpus, name);

        assert_true(node >= 0);
        assert_int_equal(fdt_setprop_string(fdt, node, "device_type", "cpu"), 0);
        assert_int_equal(fdt_setprop_string(fdt, node, "compatible", "arm,cortex-a53"), 0);
        assert_int_equal(fdt_setprop_u32(fdt, node, "reg", id), 0);
    }
    snprintf(name, sizeof(name), "%u.dtb", n);
    scratch_write(name, fdt, sizeof(fdt));
    return scratch(name);
}

/* Builds a system of VMs with these numbers of vCPUs (up to 0) for a board. */
static struct outcome build(const char *board, const unsigned *vcpus)
{
    char text[4096];
    int at = snprintf(text, sizeof(text), "/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\nvms {\n");

    for (unsigned i = 0; vcpus[i] != 0U; i++) {
        at += snprintf(text + at, sizeof(text) - (size_t)at,
                       "vm%u { vcpus = <%u>; memory = \"4M\"; image = \"raw.bin\"; };\n", i, vcpus[i]);
    }
    at += snprintf(text + at, sizeof(text) - (size_t)at, "};\n};\n");
    scratch_write("system.dts", text, (size_t)at);
    const char *args[] = {"build", "--board", board, "--hv", scratch("hv.bin"), scratch("system.dts"),
                          "-o",    scratch("out.img"), NULL};

    return hvplan(args);
}

static const struct {
    unsigned cpus;
    unsigned vcpus[HV_MAX_VMS + 1U]; /* per VM, up to 0 */
} good[] = {
    {1, {1}},          {2, {1, 1}},       {2, {2}},          {3, {3}},    {3, {1, 1, 1}}, {4, {1, 1, 1, 1}},
    {5, {2, 3}},       {6, {1, 4, 1}},    {7, {1, 1}},       {7, {4, 3}}, {8, {8}},       {8, {2, 3, 1, 2}},
    {8, {1, 1, 1, 5}}, {8, {6, 1, 1}},    {8, {1}},
    {12, {8, 4}},      {32, {8, 8, 8, 8}}, {32, {ALL(1)}},
};

static unsigned nr_cpu_nodes(const void *fdt)
{
    unsigned n = 0;
    int node;

    fdt_for_each_subnode(node, fdt, fdt_path_offset(fdt, "/cpus"))
    {
        n++;
    }
    return n;
}

static void every_vcpu_has_a_cpu_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct outcome o = build(board_of(good[i].cpus), good[i].vcpus);
        struct plan_report report;
        uint32_t used = 0;

        assert_string_equal(o.err, "");
        assert_int_equal(o.rc, 0);
        const uint8_t *file = scratch_read("out.img", NULL);
        const struct plan *p = (const struct plan *)(file + HV_MEM_SIZE);

        assert_int_equal(plan_validate(p, PLAN_MAX_BYTES, "virt-gicv3", PLAN_ISA_ARMV8, &report), HV_OK);
        assert_int_equal(p->cpus.count, good[i].cpus);
        for (uint32_t cpu = 0; cpu < p->cpus.count; cpu++) {
            assert_int_equal(plan_cpu(p, cpu)->hw_id, cpu / 4U << 8 | cpu % 4U);
        }
        for (uint32_t vm = 0; vm < p->vms.count; vm++) {
            const struct plan_vm *v = plan_vm(p, vm);
            const struct plan_region *r = plan_region(p, v->first_region);

            assert_int_equal(v->nr_vcpus, good[i].vcpus[vm]);
            for (uint32_t k = 0; k < v->nr_vcpus; k++) {
                assert_int_equal(used & 1U << v->cpus[k], 0);
                used |= 1U << v->cpus[k];
            }
            assert_int_equal(nr_cpu_nodes(file + (r->pa - p->hv_base) + (v->dtb - r->ipa)), v->nr_vcpus);
        }
        assert_int_equal(good[i].vcpus[p->vms.count], 0);
    }
}

static void one_line_says_that_there_are_too_many(void **state)
{
    static const struct {
        unsigned cpus;
        unsigned vcpus[HV_MAX_VMS + 2U];
        const char *says;
    } wrong[] = {
        {1, {2}, ":5: error: /vms/vm0: 2 vCPUs, but only 1 CPUs are left of the board's 1; give this VM"},
        {4, {1, 1, 3}, ":7: error: /vms/vm2: 3 vCPUs, but only 2 CPUs are left of the board's 4; give this VM"},
        {8, {8, 1}, ":6: error: /vms/vm1: 1 vCPUs, but only 0 CPUs are left of the board's 8; give another VM fewer"},
        {9, {9}, ":5: error: /vms/vm0: vcpus has a wrong value; write one cell from 1 to 8"},
        {33, {1}, "/33.dtb:0: error: /cpus: board has more than 32 CPUs; disable the others in its tree"},
        {32, {ALL(1), 1}, ":37: error: /vms/vm32: too many VMs; this version has room for 32"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = build(board_of(wrong[i].cpus), wrong[i].vcpus);

        assert_int_equal(o.rc, 1);
        assert_contains(o.err, wrong[i].says);
        assert_ptr_equal(strchr(o.err, '\n'), strrchr(o.err, '\n'));
    }
}

/* A GICv2 says so where the tree is read, and not as a wrong plan. */
static void a_gicv2_with_more_than_its_cpus_is_one_line(void **state)
{
    static uint8_t fdt[BOARD_BYTES];
    static const unsigned one[] = {1, 0};

    (void)state;
    (void)board_of(9);
    assert_int_equal(fdt_open_into(scratch_read("9.dtb", NULL), fdt, sizeof(fdt)), 0);
    int gic = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3");

    assert_true(gic >= 0);
    assert_int_equal(fdt_setprop_string(fdt, gic, "compatible", "arm,cortex-a15-gic"), 0);
    scratch_write("9v2.dtb", fdt, sizeof(fdt));
    assert_contains(build(scratch("9v2.dtb"), one).err, "/9v2.dtb:0: error: /cpus: board has more than 8 CPUs, and a GICv2; disable");
}

static void a_picture_of_many_cpus_is_no_wider_than_of_few(void **state)
{
    unsigned n = 0;

    (void)state;
    (void)build(board_of(HV_MAX_CPUS), good[ARRAY_SIZE(good) - 1U].vcpus);
    const char *args[] = {"show", "--board", scratch("32.dtb"), "-o", scratch("32.svg"), scratch("system.dts"), NULL};

    assert_int_equal(hvplan(args).rc, 0);
    const char *picture = (const char *)scratch_read("32.svg", NULL);

    for (const char *p = strstr(picture, "<rect "); p != NULL; p = strstr(p + 1, "<rect ")) {
        unsigned x, y, width, page;

        assert_int_equal(sscanf(picture, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\"", &page), 1);
        if (sscanf(p, "<rect x=\"%u\" y=\"%u\" width=\"%u\"", &x, &y, &width) == 3) {
            assert_true(x + width <= page);
            n++;
        }
    }
    assert_true(n > 2U * HV_MAX_CPUS);
    assert_contains(picture, ">CPU 31</text>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vcpu_has_a_cpu_of_its_own),
        cmocka_unit_test(one_line_says_that_there_are_too_many),
        cmocka_unit_test(a_gicv2_with_more_than_its_cpus_is_one_line),
        cmocka_unit_test(a_picture_of_many_cpus_is_no_wider_than_of_few),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
