/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that have a page or an interrupt in common: of one VM, and of two that say that they share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define LOAD 0x40200000ULL
#define A(rest) "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\n" rest " };\n"
#define B(rest) "b { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\n" rest " };\n"
#define DEV(path)    "devices = \"" path "\";"
#define SHARED(path) DEV(path) " shared = \"" path "\";"

static const struct plan *plan;
static uint8_t *file;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, NULL);
}

static void assert_log(const char *line)
{
    assert_contains((const char *)plan + plan->log.offset, line);
}

static const struct plan_region *last_region(uint32_t vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);

    return plan_region(plan, v->first_region + v->nr_regions - 1U);
}

static const void *tree_of(uint32_t vm)
{
    const struct plan_vm *v = plan_vm(plan, vm);
    const struct plan_region *ram = plan_region(plan, v->first_region);

    return file + (ram->pa + (v->dtb - ram->ipa) - LOAD);
}

static void two_vms_that_say_so_share_a_page(void **state)
{
    (void)state;
    build(A(SHARED("/rtc@a300000")) B(SHARED("/rtc@a300800")));
    for (uint32_t vm = 0; vm < 2U; vm++) {
        const struct plan_region *g = last_region(vm);

        assert_int_equal(g->kind, PLAN_REGION_SHARED);
        assert_int_equal(g->pa, 0xa300000);
        assert_int_equal(g->ipa, 0xa300000);
        assert_int_equal(g->size, PAGE_SIZE);
        assert_int_equal(g->rights, 3);
    }
    assert_log("vm a: SHARED PAGE: by /rtc@a300000 it reaches /rtc@a300800 of vm b\n");
    assert_log("vm b: SHARED PAGE: by /rtc@a300800 it reaches /rtc@a300000 of vm a\n");
    assert_true(fdt_path_offset(tree_of(0), "/rtc@a300000") > 0);
    assert_true(fdt_path_offset(tree_of(0), "/rtc@a300800") < 0); /* in reach, but not its device */
}

static void a_vm_may_share_a_page_with_nobody(void **state)
{
    (void)state;
    build(A(SHARED("/rtc@a300000") " console = \"shared\";"));
    assert_int_equal(last_region(0)->kind, PLAN_REGION_SHARED);
    assert_log("vm a: SHARED PAGE: by /rtc@a300000 it reaches /rtc@a300800 of nobody's\n");
}

/* Its own device in that page is shared with it, and what is in the page before it stays the VM's alone. */
static void what_is_not_shared_has_a_region_of_its_own(void **state)
{
    (void)state;
    build(A("trusted-dma; devices = \"/virtio@a010000\", \"serial1\"; shared = \"/virtio@a010000\";")
          B("trusted-dma; devices = \"/virtio@a010200\"; shared = \"/virtio@a010200\";"));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(last_region(0)->kind, PLAN_REGION_SHARED);
    assert_int_equal(last_region(0)->pa, 0xa010000);
    assert_int_equal(plan_region(plan, v->first_region + v->nr_regions - 2U)->kind, PLAN_REGION_DEVICE);
    assert_int_equal(plan_region(plan, v->first_region + v->nr_regions - 2U)->pa, 0x9040000);
}

static void a_line_of_two_devices_of_one_vm_is_one_interrupt(void **state)
{
    (void)state;
    build(A("devices = \"/rtc@ad00000\", \"/rtc@ad10000\";"));
    const struct plan_vm *v = plan_vm(plan, 0);

    assert_int_equal(v->nr_irqs, 2);
    assert_int_equal(plan_irq(plan, v->first_irq)->intid, 32 + 42);
    assert_int_equal(plan_irq(plan, v->first_irq + 1U)->intid, 32 + 43);
    int len = 0;

    assert_non_null(fdt_getprop(tree_of(0), fdt_path_offset(tree_of(0), "/rtc@ad10000"), "interrupts", &len));
    assert_int_equal(len, 24);
}

static void the_first_vm_gets_the_interrupt_that_two_share(void **state)
{
    (void)state;
    build(A(SHARED("/rtc@ad00000")) B(SHARED("/rtc@ad10000")));
    assert_int_equal(plan_vm(plan, 0)->nr_irqs, 1);
    assert_int_equal(plan_vm(plan, 1)->nr_irqs, 0);
    const void *fdt = tree_of(1);
    int node = fdt_path_offset(fdt, "/rtc@ad10000");

    assert_true(node > 0);
    assert_null(fdt_getprop(fdt, node, "interrupts", NULL));
    assert_null(fdt_getprop(fdt, node, "interrupt-names", NULL));
    assert_non_null(fdt_getprop(tree_of(0), fdt_path_offset(tree_of(0), "/rtc@ad00000"), "interrupt-names", NULL));
    assert_log("vm b: SHARED INTERRUPT: vm a gets that of /rtc@ad10000, for its /rtc@ad00000\n");
    assert_null(strstr((const char *)plan + plan->log.offset, "SHARED PAGE"));
}

static void what_a_driver_will_miss_is_told_in_a_warning(void **state)
{
    (void)state;
    struct outcome o = hvplan_vms("check", A(DEV("serial1")) B("console = \"none\";" DEV("/rtc@ad00000")));

    assert_int_equal(o.rc, 0);
    assert_contains(o.warnings, ":6: warning: /vms/a: /uart@9040000 goes to the VM without its power-domains, pinctrl-0, dmas, vdd-supply, "
                                "reset-gpios: the VM has nothing that these name, and the device stays as the firmware set it up\n");
    assert_ptr_equal(strchr(o.warnings, '\n'), strrchr(o.warnings, '\n'));
}

static const struct {
    const char *body; /* begins at line 5, properties of a stand in line 6, of b in line 8 */
    const char *says;
} wrong[] = {
    {A("shared = \"serial1\";"), ":6: error: /vms/a: serial1 is not one of the VM's devices; write it into devices, too, or remove it"},
    {A(DEV("serial1") " shared = <1>;"), ":6: error: /vms/a: shared has a value of the wrong type: cells; write paths"},
    {A(SHARED("/rtc@a300000")) B(DEV("/rtc@a300800")),
     ":8: error: /vms/b: /rtc@a300800 shares a page of 4 KiB with /rtc@a300000, so that whoever has one has both; give this VM "
     "both, or remove it from devices, or write each into the property shared of its VM, if the VMs may reach each other's"},
    {A(DEV("/rtc@a300000")),
     "give this VM both, or remove it from devices, or write it into the property shared, if the VM may reach both"},
    {A(SHARED("/rtc@b100000")),
     ":6: error: /vms/a: /rtc@b100000 shares a page of 4 KiB with /many@b100800, which cannot be shared: it is of a kind not known to "
     "be free of DMA"},
    {A(SHARED("/rtc@ad30000")),
     ":6: error: /vms/a: /rtc@ad30000 shares a page of 4 KiB with /virtio@ad30200, which cannot be shared: it reads and writes memory by "
     "itself (DMA)"},
    {A(SHARED("/rtc@ad30000")) B("trusted-dma;" SHARED("/virtio@ad30200")),
     ":6: error: /vms/a: /rtc@ad30000 shares a page of 4 KiB with /virtio@ad30200, which cannot be shared: it reads and writes"},
    {A(SHARED("serial1")) B(SHARED("serial1")), ":8: error: /vms/b: /uart@9040000 already belongs to /vms/a; give every device"},
    {A(DEV("/rtc@ad00000")) B(DEV("/rtc@ad10000")),
     ":8: error: /vms/b: /rtc@ad10000 has the same interrupt as /rtc@ad00000, which belongs to /vms/a; give one VM both, or remove one "
     "of them from devices, or write each into the property shared of its VM: then /vms/a gets the interrupt"},
    {A(SHARED("/rtc@ad00000")) B(DEV("/rtc@ad10000")), ":8: error: /vms/b: /rtc@ad10000 has the same interrupt as /rtc@ad00000"},
    {A(DEV("/rtc@ad00000")) B(SHARED("/rtc@ad10000")), ":8: error: /vms/b: /rtc@ad10000 has the same interrupt as /rtc@ad00000"},
    {A("devices = \"/rtc@ad00000\", \"/rtc@ad20000\";"),
     ":6: error: /vms/a: /rtc@ad20000 has the same interrupt as /rtc@ad00000, which is triggered in another way there; remove one"},
};

#define RTC(at, reg, rest) "rtc@" #at " { compatible = \"arm,pl031\"; reg = " reg "; " rest " };\n"
#define PAGE(at)         RTC(at, "<0 0x" #at " 0 0x100>", "")
#define LINES(at, lines) RTC(at, "<0 0x" #at " 0 0x1000>", "interrupts = " lines ";")
#define LINE3            LINES(ae00000, "<0 50 4>") LINES(ae10000, "<0 50 4>, <0 51 4>") LINES(ae20000, "<0 51 4>")
#define VMS3(x, y, z)    "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; " x " };\n" \
                         "b { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; " y " };\n" \
                         "c { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; " z " };\n"

/* What is on boards that are made for it. */
static const struct {
    const char *nodes;
    const char *body;
    const char *says; /* NULL: it is right */
} boards[] = {
    /* a line that a VM without interrupts is on all the same */
    {LINE3, VMS3(SHARED("/rtc@ae00000"), SHARED("/rtc@ae10000"), DEV("/rtc@ae20000")), ":7: error: /vms/c: /rtc@ae20000 has the same interrupt as /rtc@ae10000, which belongs to /vms/b"},
    {LINE3, VMS3(DEV("/rtc@ae20000"), SHARED("/rtc@ae00000"), SHARED("/rtc@ae10000")), ":7: error: /vms/c: /rtc@ae10000 has the same interrupt as /rtc@ae20000, which belongs to /vms/a"},
    {LINE3, VMS3(SHARED("/rtc@ae00000"), SHARED("/rtc@ae10000"), SHARED("/rtc@ae20000")), NULL},
    {LINES(ae00000, "<0 50 4>") LINES(ae10000, "<0 50 4>, <0 51 4>") LINES(ae20000, "<0 51 1>"),
     VMS3(SHARED("/rtc@ae00000"), SHARED("/rtc@ae10000"), SHARED("/rtc@ae20000")), ":7: error: /vms/c: /rtc@ae20000 has the same interrupt as /rtc@ae10000, which is triggered in another way there"},
    {LINES(ae00000, "<0 50 4>, <0 51 4>") LINES(ae10000, "<0 50 1>, <0 51 4>"), A("devices = \"/rtc@ae00000\", \"/rtc@ae10000\";"), "which is triggered in another way there"},
    /* nobody's consent is taken from another device of the VM */
    {PAGE(ae00000) RTC(ae00100, "<0 0xae00100 0 0x100>, <0 0xae10000 0 0x100>", "") PAGE(ae10100),
     A("devices = \"/rtc@ae00000\", \"/rtc@ae00100\"; shared = \"/rtc@ae00000\";") B(SHARED("/rtc@ae10100")),
     ":6: error: /vms/a: /rtc@ae00100 shares a page of 4 KiB with /rtc@ae10100"},
    {PAGE(ae00000) RTC(ae00100, "<0 0xae00100 0 0x100>", "interrupts = <0 50 4>;") LINES(ae20000, "<0 50 4>"),
     A("devices = \"/rtc@ae00000\", \"/rtc@ae00100\"; shared = \"/rtc@ae00000\";") B(SHARED("/rtc@ae20000")),
     ":8: error: /vms/b: /rtc@ae20000 has the same interrupt as /rtc@ae00100, which belongs to /vms/a"},
    /* of three in a page one VM has two; and a page that one of them reaches further is of the same kind */
    {PAGE(ae00000) RTC(ae00100, "<0 0xae00100 0 0x100>, <0 0xae10000 0 0x100>", "") PAGE(ae10100) PAGE(ae00200),
     A("devices = \"/rtc@ae00000\", \"/rtc@ae00100\", \"/rtc@ae10100\"; shared = \"/rtc@ae00000\", \"/rtc@ae00100\";") B(SHARED("/rtc@ae00200")), NULL},
    /* a neighbour of which the tree says too little, or too much */
    {PAGE(ae00000) "x@ae00800 { compatible = \"test,master\"; reg = <0 0xae00800 0 0x100 0>; };", A(DEV("/rtc@ae00000")), "shares a page of 4 KiB with /x@ae00800"},
    {PAGE(ae00000) "x@ae00800 { compatible = \"test,master\"; reg = <0 0xae00800 0 0>; };", A(DEV("/rtc@ae00000")), "shares a page of 4 KiB with /x@ae00800"},
    {PAGE(ae00000) "b { #address-cells = <1>; #size-cells = <1>; ranges = <0 0 0xae00000 0x1000>; x@800 { compatible = \"test,master\"; reg = <0x800 0x1000>; }; };",
     A(DEV("/rtc@ae00000")), "shares a page of 4 KiB with /b/x@800"},
    {"b { #address-cells = <2>; #size-cells = <2>; ranges; status = \"disabled\"; " PAGE(ae00000) " };", A(DEV("/b/rtc@ae00000")),
     "/b/rtc@ae00000 cannot be given to a VM: it is on a bus that is disabled in the board's tree"},
    /* the hypervisor's console, in the page of something else */
    {PAGE(9000800), A(SHARED("/rtc@9000800") " console = \"none\";"),
     ":6: error: /vms/a: /rtc@9000800 shares a page of 4 KiB with /uart@9000000, which cannot be shared: it is the hypervisor's console"},
    {PAGE(9000800), A(SHARED("/rtc@9000800") " console = \"none\";") B(SHARED("serial0")), NULL},
    {"", A(DEV("serial1") " shared = \"serial9\";"), ":6: error: /vms/a: the board has no device serial9; did you mean serial0?"},
};

static void sharing_on_boards_of_many_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
        char text[2048];
        char command[512];

        snprintf(text, sizeof(text), "/include/ \"small.dts\"\n/ {\n%s\n};\n", boards[i].nodes);
        scratch_write("shared-board.dts", text, strlen(text));
        snprintf(command, sizeof(command), "dtc -f -q -i tests/unit/boards -I dts -O dtb -o %s %s", scratch("shared-board.dtb"), scratch("shared-board.dts"));
        assert_int_equal(system(command), 0);
        (void)hvplan_vms("check", boards[i].body);
        struct outcome o = hvplan((const char *[]){"check", "--board", scratch("shared-board.dtb"), scratch("system.dts"), NULL});
        bool good = boards[i].says == NULL ? o.rc == 0 && o.err[0] == '\0'
                                           : o.rc == 1 && strstr(o.err, boards[i].says) != NULL && strchr(o.err, '\n') == strrchr(o.err, '\n');

        if (!good) {
            fail_msg("%s\n%s\nexit status %d, and \"%s\" is not in, or not all of:\n%s", boards[i].nodes, boards[i].body, o.rc,
                     boards[i].says != NULL ? boards[i].says : "", o.err);
        }
    }
}

static void every_wrong_sharing_is_told_alone_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = hvplan_vms("check", wrong[i].body);

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL || strchr(o.err, '\n') != strrchr(o.err, '\n')) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in, or not all of:\n%s", wrong[i].body, o.rc, wrong[i].says, o.err);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_vms_that_say_so_share_a_page),
        cmocka_unit_test(a_vm_may_share_a_page_with_nobody),
        cmocka_unit_test(what_is_not_shared_has_a_region_of_its_own),
        cmocka_unit_test(a_line_of_two_devices_of_one_vm_is_one_interrupt),
        cmocka_unit_test(the_first_vm_gets_the_interrupt_that_two_share),
        cmocka_unit_test(sharing_on_boards_of_many_kinds),
        cmocka_unit_test(what_a_driver_will_miss_is_told_in_a_warning),
        cmocka_unit_test(every_wrong_sharing_is_told_alone_with_its_line),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
