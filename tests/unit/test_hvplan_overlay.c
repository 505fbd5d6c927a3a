/* SPDX-License-Identifier: Apache-2.0 */
/* A user's overlay on a VM's generated tree: what it may add, what it may not touch, and what is said of one that does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define VM(more) "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; devices = \"serial1\";\noverlay = \"add.dts\"; " more "};"
#define PLUGIN   "/dts-v1/;\n/plugin/;\n"

static struct outcome build_with(const char *source, const char *vm)
{
    scratch_write("add.dts", source, strlen(source));
    return hvplan_vms("build", vm);
}

/* The tree of the only VM in the packed file. */
static const void *tree(void)
{
    const uint8_t *file = scratch_read("out.img", NULL);
    const struct plan *p = (const struct plan *)(file + HV_MEM_SIZE);
    const struct plan_vm *v = plan_vm(p, 0);
    const struct plan_region *g = plan_region(p, v->first_region);
    const void *fdt = file + (g->pa - p->hv_base) + (v->dtb - g->ipa);

    assert_int_equal(fdt_check_header(fdt), 0);
    return fdt;
}

static const char *word(const void *fdt, const char *path, const char *prop)
{
    int node = fdt_path_offset(fdt, path);

    assert_true(node >= 0);
    return fdt_getprop(fdt, node, prop, NULL);
}

static void assert_added(const void *fdt)
{
    assert_string_equal(word(fdt, "/leds/red", "label"), "alarm");
    assert_string_equal(word(fdt, "/chosen", "bootargs"), "quiet");
    assert_string_equal(word(fdt, "/uart@9040000", "status"), "okay");
    assert_string_equal(word(fdt, "/aliases", "serial5"), "/uart@9040000");
    assert_string_equal(word(fdt, "/uart@9040000/modem", "compatible"), "test,modem");
    assert_string_equal(word(fdt, "/", "model"), "My machine");
    assert_true(fdt_path_offset(fdt, "/reserved-memory/log@40300000") >= 0);
    /* what was there before is still there */
    assert_string_equal(word(fdt, "/psci", "method"), "hvc");
    assert_non_null(word(fdt, "/memory@40000000", "reg"));
    assert_true(fdt_path_offset(fdt, "/__symbols__") < 0);
    assert_true(fdt_path_offset(fdt, "/fragment@0") < 0);
}

static const char good[] = PLUGIN "&{/} {\nmodel = \"My machine\"; leds { red { label = \"alarm\"; }; };\n"
                                  "reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; log@40300000 { reg = <0 0x40300000 0 0x1000>; }; };\n};\n"
                                  "&{/chosen} { bootargs = \"quiet\"; };\n"
                                  "&{/uart@9040000} { status = \"okay\"; modem { compatible = \"test,modem\"; }; };\n"
                                  "&{/aliases} { serial5 = \"/uart@9040000\"; };\n";

static void an_overlay_adds_to_the_guests_tree(void **state)
{
    struct outcome o = build_with(good, VM(""));

    (void)state;
    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    assert_added(tree());
    unlink(scratch("out.img"));
}

static void a_compiled_overlay_does_the_same(void **state)
{
    (void)state;
    scratch_write("add.dts", good, strlen(good));
    scratch_dtb(scratch("add.dts"), "add.dtbo");
    struct outcome o = hvplan_vms("build", "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; devices = \"serial1\"; overlay = \"add.dtbo\"; };");

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    assert_added(tree());
    unlink(scratch("out.img"));
}

/* Its own phandles are moved out of the way of hvplan's. */
static void links_within_an_overlay_lead_where_they_did(void **state)
{
    struct outcome o = build_with(PLUGIN "&{/} { lamp: lamp { }; user { lamp = <&lamp>; }; };\n", VM(""));

    (void)state;
    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    const void *fdt = tree();
    const fdt32_t *link = (const fdt32_t *)(const void *)word(fdt, "/user", "lamp");

    assert_int_equal(fdt_node_offset_by_phandle(fdt, fdt32_ld(link)), fdt_path_offset(fdt, "/lamp"));
    unlink(scratch("out.img"));
}

static const struct {
    const char *source; /* the overlay, whose third line is its first node */
    const char *says;
} wrong[] = {
    /* what the plan decides */
    {PLUGIN "&{/chosen} {\nlinux,initrd-start = <0 1>; };", "add.dts:4: error: /chosen: overlay of /vms/a: linux,initrd-start is what the plan decides"},
    {PLUGIN "&{/chosen} {\ndevice_type = \"memory\"; };", "add.dts:4: error: /chosen: overlay of /vms/a: device_type is what the plan decides"},
    {PLUGIN "&{/chosen} {\ninterrupts-extended = <1 0 99 4>; };", "add.dts:4: error: /chosen: overlay of /vms/a: interrupts-extended is what the plan decides"},
    {PLUGIN "&{/memory@40000000} {\nreg = <0 0x40000000 0 0x40000000>; };",
     "add.dts:4: error: /memory@40000000: overlay of /vms/a: reg is what the plan decides and hvplan writes; remove it from the overlay"},
    {PLUGIN "&{/memory@40000000} {\nnuma-node-id = <0>; };", "add.dts:4: error: /memory@40000000: overlay of /vms/a: numa-node-id is what the plan decides"},
    {PLUGIN "&{/} {\nmemory@40000000 { reg = <0 0x40000000 0 0x40000000>; }; };", "add.dts:4: error: /memory@40000000: overlay of /vms/a: reg is what"},
    {PLUGIN "&{/cpus} {\ncpu@1 { device_type = \"cpu\"; reg = <1>; }; };", "add.dts:4: error: /cpus/cpu@1: overlay of /vms/a: a node below what the plan decides"},
    {PLUGIN "&{/cpus/cpu@0} {\nstatus = \"disabled\"; };", "add.dts:4: error: /cpus/cpu@0: overlay of /vms/a: status is what the plan decides"},
    {PLUGIN "&{/psci} {\nmethod = \"smc\"; };", "add.dts:4: error: /psci: overlay of /vms/a: method is what the plan decides"},
    {PLUGIN "&{/timer} {\nclock-frequency = <1>; };", "/timer: overlay of /vms/a: clock-frequency is what the plan decides"},
    {PLUGIN "&{/intc@8000000} {\nits@1 { }; };", "/intc@8000000/its@1: overlay of /vms/a: a node below what the plan decides"},
    {PLUGIN "&{/} {\n#address-cells = <1>; };", "add.dts:4: error: /: overlay of /vms/a: #address-cells is what the plan decides"},
    {PLUGIN "&{/} {\ninterrupt-parent = <5>; };", "/: overlay of /vms/a: interrupt-parent is what the plan decides"},
    {PLUGIN "&{/uart@9040000} {\nreg = <0 0x9000000 0 0x1000>; };", "add.dts:4: error: /uart@9040000: overlay of /vms/a: reg is what the plan decides"},
    {PLUGIN "&{/uart@9040000} {\ninterrupts = <0 1 4>; };", "/uart@9040000: overlay of /vms/a: interrupts is what the plan decides"},

    /* reserved names */
    {PLUGIN "&{/} {\nmemory@80000000 { reg = <0 0x80000000 0 0x1000>; }; };", "add.dts:4: error: /memory@80000000: overlay of /vms/a: this name is reserved for"},
    {PLUGIN "&{/} {\nmemory { reg = <1>; }; };", ": error: /memory@40000000: overlay of /vms/a: reg is what the plan decides"}, /* it means that one */
    {PLUGIN "&{/} {\ncpus@1 { }; };", "/cpus@1: overlay of /vms/a: this name is reserved for what hvplan writes; give the node another one"},
    {PLUGIN "&{/} {\npsci@1 { }; };", "/psci@1: overlay of /vms/a: this name is reserved"},
    {PLUGIN "&{/} {\n__symbols__ { }; };", "/__symbols__: overlay of /vms/a: this name is reserved"},
    {PLUGIN "&{/} {\nram { device_type = \"memory\"; }; };", "add.dts:4: error: /ram: overlay of /vms/a: a node with device_type memory; only the plan"},
    {PLUGIN "&{/} {\nsoc { core { device_type = \"cpu\"; }; }; };", "/soc/core: overlay of /vms/a: a node with device_type cpu; only the plan gives"},

    /* what does not fit */
    {PLUGIN "&{/nothing} {\na; };", "add.dts:3: error: /nothing: overlay of /vms/a: the guest's tree has no such node to add to; "},
    {PLUGIN "&uart1 {\na; };", "/: overlay of /vms/a: it refers to the label uart1, and a guest's tree has no labels; name the node by its path"},
    {"/dts-v1/;\n/ { a; };", "system.dts:6: error: /vms/a: add.dts is a device tree but no overlay; write it as /dts-v1/; /plugin/; "},
    {"/dts-v1/;\n/ { fragment@0 { target = <0x77>; __overlay__ { a; }; }; };", "/: overlay of /vms/a: it does not fit the guest's tree: "},
    {PLUGIN "&{/} {\na = ; };", "add.dts:4: error: /: syntax error; is a ; or a quote missing here"},
    {PLUGIN "&{/} {\na; a; };", "add.dts:4: error: /fragment@0/__overlay__: property a is written twice, before at "},
    {"", "system.dts:6: error: /vms/a: "},
};

static void an_overlay_that_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct outcome o = build_with(wrong[i].source, VM(""));

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", wrong[i].source, o.rc, wrong[i].says, o.err);
        }
        assert_int_not_equal(access(scratch("out.img"), F_OK), 0);
    }
}

static void all_that_an_overlay_does_wrong_is_told_at_once(void **state)
{
    struct outcome o = build_with(PLUGIN "&{/} {\nmemory@80000000 { };\n};\n&{/psci} {\nmethod = \"smc\";\n};\n", VM(""));

    (void)state;
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "add.dts:4: error: /memory@80000000: ");
    assert_contains(o.err, "add.dts:7: error: /psci: ");
}

static void the_property_itself_is_checked(void **state)
{
    (void)state;
    assert_contains(build_with(good, VM("dtb = \"none\"; ")).err,
                    ":6: error: /vms/a: an overlay is laid on the device tree, and dtb = \"none\"; remove one of them");
    unlink(scratch("add.dts"));
    assert_contains(hvplan_vms("check", VM("")).err, ":6: error: /vms/a: overlay add.dts cannot be read; looked for /");
    assert_contains(hvplan_vms("check", "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; overlay = <1>; };").err,
                    "overlay has a value of the wrong type: cells; write one string");
    scratch_write("add.dts", "\xd0\x0d\xfe\xed....", 8);
    assert_contains(hvplan_vms("check", VM("")).err, ":6: error: /vms/a: add.dts is a damaged device tree blob; compile it again");
}

static void a_compiled_overlay_is_told_by_its_property(void **state)
{
    static const char source[] = PLUGIN "&{/psci} { method = \"smc\"; };";

    (void)state;
    scratch_write("add.dts", source, strlen(source));
    scratch_dtb(scratch("add.dts"), "add.dtbo");
    struct outcome o = hvplan_vms("check", "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\noverlay = \"add.dtbo\"; };");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "system.dts:6: error: /psci: overlay of /vms/a: method is what the plan decides");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overlay_adds_to_the_guests_tree),
        cmocka_unit_test(a_compiled_overlay_does_the_same),
        cmocka_unit_test(links_within_an_overlay_lead_where_they_did),
        cmocka_unit_test(an_overlay_that_is_wrong_is_told_with_its_line),
        cmocka_unit_test(all_that_an_overlay_does_wrong_is_told_at_once),
        cmocka_unit_test(the_property_itself_is_checked),
        cmocka_unit_test(a_compiled_overlay_is_told_by_its_property),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
