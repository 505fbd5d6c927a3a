/* SPDX-License-Identifier: Apache-2.0 */
/* How a system is written: spelling, types of values, what is written twice or in the wrong place; all of it in one run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

#define VM(rest) "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\n" rest " };"

static void words_are_near_by_one_letter_in_three(void **state)
{
    static const char *const known[] = {"vcpus", "cpus", "memory", "memory-address", "load", "dtb", "on-reset", "on-fault", NULL};
    static const struct {
        const char *word, *near;
    } cases[] = {
        {"vcpu", "vcpus"},     {"vcpsu", "vcpus"},       {"vcups", "vcpus"},      {"cpu", "cpus"},
        {"memroy", "memory"},  {"mem", "memory"},        {"memory-adress", "memory-address"},
        {"lodd", "load"},      {"laod", "load"},         {"dtbs", "dtb"},         {"on-reste", "on-reset"},
        {"on_fault", "on-fault"}, {"foo", NULL},         {"lo", NULL},            {"", NULL},
        {"address", NULL},     {"on-start", NULL},       {"bootcmd", NULL},
        {"a-word-that-is-longer-than-any-name-could-sensibly-be-in-a-plan-for-a-hypervisor-of-this-or-any-other-kind-there-might-"
         "ever-come-to-be", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *got = nearest(cases[i].word, known);

        if (got == NULL ? cases[i].near != NULL : cases[i].near == NULL || strcmp(got, cases[i].near) != 0) {
            fail_msg("%s: %s", cases[i].word, got != NULL ? got : "nothing");
        }
    }
}

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} cases[] = {
    /* four letters are as long as a cell: what was written decides, not how long it is */
    {VM("load = \"abc\";"), ":6: error: /vms/a: load has a value of the wrong type: text; write a guest-physical address"},
    {VM("dtb = [40 00 00 00];"), ":6: error: /vms/a: dtb has a value of the wrong type: bytes; write a guest-physical"},
    {VM("bootargs = <0x61626300>;"), ":6: error: /vms/a: bootargs has a value of the wrong type: cells; write one string"},
    {VM("initrd = [61 00];"), ":6: error: /vms/a: initrd has a value of the wrong type: bytes; write one string"},
    {VM("initrd = \"a\", <1>;"), "initrd has a value of the wrong type: a mixture of text, cells or bytes; write one string"},
    {VM("cpus = \"abc\";"), ":6: error: /vms/a: cpus has a value of the wrong type: text; write 1 to 8 cells"},
    {VM("check-image = \"yes\";"), "check-image has a value of the wrong type: text; it is a flag"},
    {VM("bootargs = \"a = <1>; [2]\";\nload = \"x\\\"<\";"), ":7: error: /vms/a: load has a value of the wrong type: text;"},
    {"a { vcpus = <1>; memory = [10]; image = \"raw.bin\"; };", "memory has a value of the wrong type: bytes; write a size"},

    /* twice */
    {VM("vcpus = <2>;"), ":6: error: /vms/a: property vcpus is written twice, before at "},
    {VM("vcpus = <2>;"), "/system.dts:5; remove one of them"},
    {VM("") "\n" VM(""), ":7: error: /vms/a: there are two nodes of this name, the other at "},
    {VM("") "\n" VM(""), "/system.dts:5; give one of them another name, or remove it"},

    /* in the wrong place */
    {"memory = \"4M\";\n" VM(""), ":5: error: /vms: property memory stands outside of a VM; move it into a node of /vms"},
    {VM("console-cpu = <0>;"), ":6: error: /vms/a: property console-cpu is the whole system's; move it into the node /"},
    {VM("devices { };"), ":6: error: /vms/a/devices: unknown node devices in a VM; did you mean the property devices = ...;?"},
    {VM("device { };"), ":6: error: /vms/a/device: unknown node device in a VM; did you mean the property devices"},
};

static void what_is_written_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct outcome o = hvplan_vms("build", cases[i].body);

        if (o.rc != 1 || strstr(o.err, cases[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", cases[i].body, o.rc, cases[i].says, o.err);
        }
        assert_string_equal(o.out, "");
        assert_int_not_equal(access(scratch("out.img"), F_OK), 0);
    }
}

static unsigned lines(const char *text)
{
    unsigned n = 0;

    for (; *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

static void a_property_of_two_nodes_of_one_name_is_not_written_twice(void **state)
{
    struct outcome o = hvplan_vms("check", VM("") "\n" VM("load = <0>;\nload = <0>;"));

    (void)state;
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, ":7: error: /vms/a: there are two nodes of this name");
    assert_contains(o.err, ":9: error: /vms/a: property load is written twice");
    assert_int_equal(lines(o.err), 2);
}

static void what_is_written_again_on_purpose_is_no_mistake(void **state)
{
    struct outcome o = hvplan_text("check", "/dts-v1/;\n/ { compatible = \"bulkhead,system-v1\"; vms { l: a { vcpus = \"one\"; memory = \"4M\"; "
                                            "image = \"raw.bin\"; }; }; };\n&l { vcpus = <1>; };\n");

    (void)state;
    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
}

static void nodes_outside_of_vms_are_told(void **state)
{
    struct outcome o = hvplan_text("check", "/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\nmemory = \"4M\";\nlinux { vcpus = <1>; };\n"
                                            "vmx { };\nother { };\n};\n");

    (void)state;
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "system.dts:4: error: /: property memory stands outside of a VM; move it into a node of /vms");
    assert_contains(o.err, "system.dts:5: error: /linux: node linux is outside of /vms; VMs stand in it: move it there");
    assert_contains(o.err, "system.dts:6: error: /vmx: unknown node vmx; did you mean vms?");
    assert_contains(o.err, "system.dts:7: error: /other: unknown node other; remove it");
}

/* Of the source, of the board, of images and of the hypervisor. */
static void all_kinds_of_mistakes_are_told_in_one_run(void **state)
{
    (void)state;
    scratch_write("bad-hv.elf", "\x7f" "ELF", 4);
    (void)hvplan_vms("check", "a { vcpu = <1>; memory = \"3M\"; image = \"gone\"; devices = \"/timer\"; };\n"
                              "b { cpus = <7>; memory = \"4M\"; image = \"lost\"; };");
    struct outcome o = hvplan((const char *[]){"check", "--board", scratch("board.dtb"), "--hv", scratch("bad-hv.elf"),
                                               "--images", "/nowhere", scratch("system.dts"), NULL});

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, ":5: error: /vms/a: unknown property vcpu; did you mean vcpus?");
    assert_contains(o.err, ":5: error: /vms/a: memory is not in whole pieces");
    assert_contains(o.err, ":5: error: /vms/a: image gone cannot be read; looked for /");
    assert_contains(o.err, "/gone (No such file or directory), then /nowhere/gone (No such file or directory); build it, or write a "
                           "path relative to system.dts or to --images");
    assert_contains(o.err, ":5: error: /vms/a: /timer cannot be given to a VM");
    assert_contains(o.err, ":6: error: /vms/b: CPU 7 does not exist");
    assert_contains(o.err, ":6: error: /vms/b: image lost cannot be read");
    assert_contains(o.err, "bad-hv.elf:0: error: /: not a 64-bit Arm ELF file");
}

static void a_wrong_board_hides_no_mistake_of_the_plan(void **state)
{
    (void)state;
    (void)hvplan_vms("check", "a { vcpus = <1>; memory = \"4M\"; image = \"gone\"; load = <0>; };");
    struct outcome o = hvplan((const char *[]){"check", "--board", scratch("none.dtb"), scratch("system.dts"), NULL});

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "none.dtb:0: error: /: cannot be read");
    assert_contains(o.err, "image gone cannot be read");
    assert_int_equal(lines(o.err), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_near_by_one_letter_in_three),
        cmocka_unit_test(what_is_written_wrong_is_told_with_its_line),
        cmocka_unit_test(a_property_of_two_nodes_of_one_name_is_not_written_twice),
        cmocka_unit_test(what_is_written_again_on_purpose_is_no_mistake),
        cmocka_unit_test(nodes_outside_of_vms_are_told),
        cmocka_unit_test(all_kinds_of_mistakes_are_told_in_one_run),
        cmocka_unit_test(a_wrong_board_hides_no_mistake_of_the_plan),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
