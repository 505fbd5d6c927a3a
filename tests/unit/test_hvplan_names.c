/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by path, alias and label of the board's tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

/* The small board with labels kept, and with more of it. */
static void write_board(const char *options, const char *more)
{
    char command[256];
    FILE *f = fopen(scratch("named.dts"), "wb");

    assert_non_null(f);
    fprintf(f, "/include/ \"small.dts\"\n/ {\n%s\n};\n", more);
    assert_int_equal(fclose(f), 0);
    snprintf(command, sizeof(command), "dtc %s -f -q -i tests/unit/boards -I dts -O dtb -o %s %s 2>/dev/null", options,
             scratch("named.dtb"), scratch("named.dts"));
    assert_int_equal(system(command), 0);
}

static struct outcome map_with(const char *more)
{
    char text[512];

    snprintf(text, sizeof(text), "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\n%s };", more);
    (void)hvplan_vms("check", text);
    return hvplan((const char *[]){"show", "--board", scratch("named.dtb"), scratch("system.dts"), NULL});
}

static void a_device_goes_by_path_alias_or_label(void **state)
{
    static const char *const names[] = {"/uart@9040000", "serial1", "uart1"};

    (void)state;
    write_board("-@", "");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char text[128];

        snprintf(text, sizeof(text), "devices = \"%s\"; console = \"%s\";", names[i], names[2U - i]);
        struct outcome o = map_with(text);

        assert_string_equal(o.err, "");
        assert_int_equal(o.rc, 0);
        assert_contains(o.out, "devices /uart@9040000 (irq 40)\n");
    }
    assert_contains(map_with("devices = \"uart1\", \"serial1\";").err,
                    ":6: error: /vms/a: /uart@9040000 already belongs to /vms/a; give every device to one VM only, once");
}

static void the_nearest_label_is_told(void **state)
{
    (void)state;
    write_board("-@", "labelled: thermometer@ae00000 { compatible = \"arm,pl031\"; reg = <0x0 0xae00000 0x0 0x1000>; };");
    assert_contains(map_with("devices = \"labeled\";").err, ":6: error: /vms/a: the board has no device labeled; did you mean labelled?");
    assert_int_equal(map_with("devices = \"labelled\";").rc, 0);
    assert_contains(map_with("devices = \"rgb-led\";").err, "the board has no device rgb-led; dtc -I dtb shows what the board has");
}

static void a_tree_without_labels_is_told_as_such(void **state)
{
    (void)state;
    write_board("", "");
    assert_contains(map_with("devices = \"led-strip\";").err, "the board has no device led-strip; the board's tree has no labels (dtc -@ keeps them)");
    assert_int_equal(map_with("devices = \"serial1\";").rc, 0);
}

static void a_name_of_two_devices_is_refused(void **state)
{
    (void)state;
    write_board("-@", "aliases { uart1 = \"/rtc@a300000\"; clk24 = \"/clock-24m\"; };");
    struct outcome o = map_with("devices = \"uart1\";");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, ":6: error: /vms/a: uart1 is both the alias of /rtc@a300000 and the label of /uart@9040000; write the path of the one "
                           "that is meant");
    assert_contains(map_with("devices = \"clk24\";").err, "/clock-24m cannot be given to a VM");
}

static void damaged_labels_are_no_names(void **state)
{
    (void)state;
    write_board("", "__symbols__ { a = \"b\"; b = \"a\"; c = <1>; d; e = \"/nothing\"; };");
    assert_contains(map_with("devices = \"a\";").err, "the board has no device a; ");
    assert_contains(map_with("devices = \"c\";").err, "the board has no device c; ");
    assert_contains(map_with("devices = \"d\";").err, "the board has no device d; ");
    assert_contains(map_with("devices = \"e\";").err, "the board has no device e; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_goes_by_path_alias_or_label),
        cmocka_unit_test(the_nearest_label_is_told),
        cmocka_unit_test(a_tree_without_labels_is_told_as_such),
        cmocka_unit_test(a_name_of_two_devices_is_refused),
        cmocka_unit_test(damaged_labels_are_no_names),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
