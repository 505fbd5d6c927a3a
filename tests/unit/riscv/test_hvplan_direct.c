/* SPDX-License-Identifier: Apache-2.0 */
/* hvplan: doorbells = "direct". WALL-IRQ-8: who has whose interrupt files, and that one reads of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hv/channel_info.h"
#include "hv/s2_format.h"
#include "tests/unit/hvplan_fixture.h"

#define RAM  0x80000000ULL
#define LOAD 0x80200000ULL
#define FILES(n) ((uint64_t)VM_MAX_VCPUS * (n) * PAGE_SIZE)

#define VM(n, cpus) n " { cpus = <" cpus ">; memory = \"2M\"; image = \"raw.bin\"; };\n"
#define CHANNELS "}; channels {\n" /* ends what hvplan_vms() begins */

static uint8_t *file;
static const struct plan *plan;

static int setup(void **state)
{
    int rc = hvplan_setup(state);
    static uint8_t b[HV_FILE_SIZE];
    const uint64_t head[] = {0x200000, HV_MEM_SIZE, 8};

    if (rc == 0) {
        scratch_dtb("tests/unit/boards/riscv-plic.dts", "plic.dtb");
        scratch_dtb("tests/unit/boards/riscv-aia.dts", "aia.dtb");
        memcpy(b + 8, head, sizeof(head));
        memcpy(b + 48, "RISCV", 5);
        memcpy(b + 56, "RSC\x05", 4);
        scratch_write("hv.bin", b, sizeof(b));
    }
    return rc;
}

static struct outcome run(const char *board, const char *command, const char *body)
{
    size_t size;
    const uint8_t *dtb = scratch_read(board, &size);

    scratch_write("board.dtb", dtb, size);
    return hvplan_vms(command, body);
}

static void build(const char *body)
{
    struct plan_report report;
    struct outcome o = run("aia.dtb", "build", body);
    size_t size;

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    file = scratch_read("out.img", &size);
    plan = (const struct plan *)(file + HV_MEM_SIZE);
    assert_int_equal(plan_validate(plan, PLAN_MAX_BYTES, "virt-aia", PLAN_ISA_RISCV, &report), HV_OK);
}

/* The mappings of a VM that are another's interrupt files, in the order of the plan. */
static unsigned files_of(uint32_t vm, struct plan_region *out)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    struct plan_region r;
    unsigned n = 0;

    for (uint32_t i = v->nr_regions + v->nr_vcpus; plan_mapping(plan, v, i, &r); i++) {
        out[n++] = r;
    }
    return n;
}

static uint64_t channel_ipa(uint32_t vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);

    for (uint32_t i = v->first_region; i < v->first_region + v->nr_regions; i++) {
        if (plan_region(plan, i)->kind == PLAN_REGION_CHANNEL) {
            return plan_region(plan, i)->ipa;
        }
    }
    fail_msg("no channel");
    return 0;
}

static const void *tree_of(unsigned vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    const uint8_t *t = file + (plan_region(plan, v->first_region)->pa - LOAD) + (v->dtb - RAM);

    assert_int_equal(fdt_check_header(t), 0);
    return t;
}

static uint64_t reg(const void *t, unsigned n, unsigned which)
{
    int node = fdt_node_offset_by_compatible(t, -1, "bulkhead,channel-v1");
    int len = 0;
    const fdt64_t *cells = fdt_getprop(t, node, "reg", &len);

    return (int)(n * 16U + 16U) <= len ? fdt64_ld(cells + n * 2U + which) : 0U;
}

#define TRIO VM("a", "0 2") VM("b", "1") VM("c", "3") CHANNELS

/* The board's hart n has its supervisor's file at a board's page, and the guest's is the next. */
static void who_rings_has_the_files_of_its_peers_and_no_others(void **state)
{
    struct plan_region r[8];

    (void)state;
    build(TRIO "x { memory = \"8K\"; doorbells = \"direct\"; endpoints { a { }; b { rate = <5>; }; }; };");
    uint64_t ipa = channel_ipa(0);
    const struct plan_channel *ch = plan_channel(plan, 0);

    assert_int_equal(ch->flags, PLAN_CHANNEL_DIRECT);
    assert_int_equal(ch->files_ipa[0], ipa + 0x3000);
    assert_int_equal(files_of(0, r), 1);
    assert_int_equal(r[0].ipa, ipa + 0x3000 + FILES(1));
    assert_int_equal(r[0].pa, plan_cpu(plan, 1)->irqc_pa + PAGE_SIZE);
    assert_int_equal(files_of(1, r), 2);
    ipa = channel_ipa(1);
    for (unsigned n = 0; n < 2U; n++) {
        assert_int_equal(r[n].ipa, ipa + 0x3000 + n * PAGE_SIZE);
        assert_int_equal(r[n].pa, plan_cpu(plan, 2U * n)->irqc_pa + PAGE_SIZE);
        assert_int_equal(r[n].size, PAGE_SIZE);
        assert_int_equal(r[n].rights, S2_R | S2_W);
    }
    assert_int_equal(files_of(2, r), 0);
    assert_int_equal(ch->end[1].rate, 5); /* of the calls, which are there as well */
    assert_int_equal(plan->irqs.count, 2);
    assert_contains((const char *)plan + plan->log.offset, "rings 5/s; DIRECT DOORBELLS: a, b can raise any interrupt of its peers\n");
}

static void who_may_not_ring_has_none(void **state)
{
    struct plan_region r[8];

    (void)state;
    build(TRIO "x { doorbells = \"direct\"; endpoints { a { rate = <0>; }; c { }; }; };");
    assert_int_equal(plan_channel(plan, 0)->files_ipa[0], 0);
    assert_int_equal(files_of(0, r), 0);
    assert_int_equal(files_of(2, r), 2);
    assert_contains((const char *)plan + plan->log.offset, "; DIRECT DOORBELLS: c can raise any interrupt of its peers\n");
    assert_int_equal(reg(tree_of(0), 1, 0), 0); /* the page alone */
}

static void the_empty_property_gives_nobody_any(void **state)
{
    struct plan_region r[8];

    (void)state;
    build(TRIO "x { doorbells; endpoints { a { }; b { }; }; };");
    assert_int_equal(plan_channel(plan, 0)->flags, 0);
    assert_int_equal(plan_channel(plan, 0)->files_ipa[0] | plan_channel(plan, 0)->files_ipa[1], 0);
    assert_int_equal(files_of(0, r) + files_of(1, r), 0);
    assert_null(strstr((const char *)plan + plan->log.offset, "DIRECT"));
}

/* Page and tree say where the files are; two channels of a VM do not lie on each other. */
static void a_guest_is_told_where_they_are(void **state)
{
    (void)state;
    build(TRIO "x { doorbells = \"direct\"; endpoints { a { output = \"4K\"; }; b { }; c { }; }; };\n"
               "y { doorbells = \"direct\"; endpoints { c { }; a { }; }; };");
    const struct channel_info *p = (const void *)(file + (plan_channel(plan, 0)->info_pa - LOAD));
    static const uint32_t vcpus[] = {2, 1, 1};

    assert_int_equal(p->minor, 1);
    assert_int_equal(p->length, sizeof(*p));
    for (unsigned k = 0; k < 3U; k++) {
        assert_int_equal(p->direct[k].offset, 0x2000 + FILES(k));
        assert_int_equal(p->direct[k].files, vcpus[k]);
        assert_int_equal(p->direct[k].target, 0);
    }
    assert_int_equal(p->direct[3].offset, 0);
    uint64_t ipa = channel_ipa(1);
    const void *t = tree_of(1);
    int node = fdt_node_offset_by_compatible(t, -1, "bulkhead,channel-v1");

    assert_int_equal(reg(t, 2, 0), ipa + 0x2000);
    assert_int_equal(reg(t, 2, 1), 2U * PAGE_SIZE);
    assert_int_equal(reg(t, 3, 0), ipa + 0x2000 + FILES(2));
    assert_int_equal(reg(t, 3, 1), PAGE_SIZE);
    assert_int_equal(fdt_stringlist_search(t, node, "reg-names", "files-a"), 2);
    assert_int_equal(fdt_stringlist_search(t, node, "reg-names", "files-c"), 3);
    assert_int_equal(plan_channel(plan, 0)->files_ipa[0], channel_ipa(0) + 0x2000);
    assert_int_equal(plan_channel(plan, 1)->files_ipa[1], channel_ipa(0) + 0x2000 + FILES(3) + PAGE_SIZE);
}

static void as_many_endpoints_as_there_can_be_have_room_in_the_tree(void **state)
{
    char body[4096] = "";

    (void)state;
    for (unsigned i = 0; i < 4U; i++) {
        snprintf(body + strlen(body), sizeof(body) - strlen(body), "v%u { cpus = <%u>; memory = \"2M\"; image = \"raw.bin\"; };\n", i, i);
    }
    strcat(body, CHANNELS "x { memory = \"4K\"; doorbells = \"direct\"; endpoints {");
    for (unsigned i = 0; i < 4U; i++) {
        snprintf(body + strlen(body), sizeof(body) - strlen(body), " v%u { output = \"4K\"; };", i);
    }
    strcat(body, " }; };");
    build(body);
    assert_int_equal(reg(tree_of(3), 8, 1), PAGE_SIZE); /* a page, the common memory, four outputs, and the files of three */
    assert_int_equal(reg(tree_of(3), 9, 1), 0);
}

static void what_cannot_hold_is_told(void **state)
{
    struct outcome o = run("plic.dtb", "check", TRIO "x { doorbells = \"direct\"; endpoints { a { }; b { }; }; };");

    (void)state;
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/channels/x: doorbells are \"direct\", and the board's interrupt controller, a PLIC, has no interrupt files");
    o = run("aia.dtb", "check", "a { cpus = <0>; memory = \"2M\"; image = \"raw.bin\"; trusted-dma; };\n" VM("b", "1") CHANNELS
            "x { doorbells = \"direct\"; endpoints { b { }; a { }; }; };");
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/channels/x: doorbells are \"direct\", and VM a has trusted-dma: ");
    o = run("aia.dtb", "check", TRIO "x { doorbells = \"direct\"; endpoints { a { rate = <0>; }; b { rate = <0>; }; }; };");
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/channels/x: doorbells are \"direct\", and no endpoint rings, as each has rate = <0>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_rings_has_the_files_of_its_peers_and_no_others),
        cmocka_unit_test(who_may_not_ring_has_none),
        cmocka_unit_test(the_empty_property_gives_nobody_any),
        cmocka_unit_test(a_guest_is_told_where_they_are),
        cmocka_unit_test(as_many_endpoints_as_there_can_be_have_room_in_the_tree),
        cmocka_unit_test(what_cannot_hold_is_told),
    };

    return cmocka_run_group_tests(tests, setup, hvplan_teardown);
}
