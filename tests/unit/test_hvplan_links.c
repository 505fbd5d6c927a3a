/* SPDX-License-Identifier: Apache-2.0 */
/* Boards whose phandles lead nowhere, to two nodes, or round and round: each ends in an error, and none in a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

#define RTC(more) "rtc@ad00000 { compatible = \"arm,pl031\"; reg = <0x0 0xad00000 0x0 0x1000>;" more " };"
#define PIC(name, parent, more) \
    name ": " name " { interrupt-controller; #interrupt-cells = <3>; interrupt-parent = <" parent ">;" more " };"
#define CLOCK(name, from) \
    name ": " name " { compatible = \"fixed-factor-clock\"; #clock-cells = <0>; clocks = <" from ">; };"

/* What is added to the small board, and what is said of it; NULL: nothing is wrong. */
static const struct {
    const char *more;
    const char *says;
} cases[] = {
    {RTC(""), NULL},
    {RTC("interrupts = <0 50 4>;"), NULL},

    /* interrupts */
    {RTC("interrupt-parent = <0x99>; interrupts = <0 50 4>;"),
     "board-links.dtb:0: error: /rtc@ad00000: interrupt-parent names phandle 0x99, which no node has; the board's tree is damaged"},
    {RTC("interrupts-extended = <0x99 0 50 4>;"),
     "error: /rtc@ad00000: interrupts-extended names phandle 0x99, which no node has; the board's tree is damaged: write it again"},
    {RTC("interrupts-extended = <&gic 0 50 4>, <0x98 1>;"), "interrupts-extended names phandle 0x98, which no node has"},
    {PIC("x", "&y", "") PIC("y", "&x", ""), "error: /x: its interrupt-parent leads back to it, by way of /y; the board's tree is damaged"},
    {PIC("x", "&y", "") PIC("y", "&x", ""), "error: /y: its interrupt-parent leads back to it, by way of /x; "},
    {PIC("x", "&y", "") PIC("y", "&z", "") PIC("z", "&x", "interrupts = <0 1 4>;"), "error: /x: its interrupt-parent leads back to it, by way of /z"},
    {PIC("x", "&y", "") PIC("y", "&x", "") RTC("interrupt-parent = <&x>; interrupts = <0 50 4>;"), "error: /x: its interrupt-parent leads back"},
    {PIC("x", "&x", "interrupts = <0 1 4>;"), NULL},
    {PIC("x", "&gic", "interrupts = <0 1 4>;") PIC("y", "&x", "interrupts = <0 1 4>;"), NULL},
    {"x { status = \"disabled\"; interrupt-parent = <0x99>; };", NULL},

    /* clocks */
    {RTC("clocks = <0x99>;"), "error: /rtc@ad00000: clocks names phandle 0x99, which no node has"},
    {RTC("clocks = <&clk24>, <0x97>;"), "error: /rtc@ad00000: clocks names phandle 0x97, which no node has"},
    {RTC("clocks = <&ccu 0x99>;"), NULL}, /* its number of that clock */
    {CLOCK("x", "&x"), "error: /x: its clocks lead into a loop, or through more than 64 others; the board's tree is damaged: write it again"},
    {CLOCK("x", "&y") CLOCK("y", "&x"), "error: /x: its clocks lead into a loop"},
    {CLOCK("x", "&clk24 &y") CLOCK("y", "&z") CLOCK("z", "&x"), "error: /x: its clocks lead into a loop"},
    {CLOCK("x", "&y") CLOCK("y", "&clk24"), NULL},
    {"x: x { #clock-cells = <1>; clocks = <&y 1>; }; y: y { #clock-cells = <1>; clocks = <&x 1>; };", NULL},
    {RTC("clocks = <0x61>;") "x: x { phandle = <0x61>; #clock-cells = <100>; clocks = <0x61>; };", NULL},

    /* phandles */
    {"x { phandle = <0x55>; }; y { linux,phandle = <0x55>; };", "error: /y: its phandle 0x55 is also that of /x; the board's tree is damaged"},
};

/* The small board and more of it as board-links.dtb; -f, since dtc itself sees some of what is wrong. */
static void write_board(const char *more)
{
    char command[256];
    FILE *f = fopen(scratch("board-links.dts"), "wb");

    assert_non_null(f);
    fprintf(f, "/include/ \"small.dts\"\n/ {\n%s\n};\n", more);
    assert_int_equal(fclose(f), 0);
    snprintf(command, sizeof(command), "dtc -f -q -i tests/unit/boards -I dts -O dtb -o %s %s 2>/dev/null",
             scratch("board-links.dtb"), scratch("board-links.dts"));
    assert_int_equal(system(command), 0);
}

static struct outcome check(void)
{
    return hvplan((const char *[]){"check", "--board", scratch("board-links.dtb"), scratch("system.dts"), NULL});
}

static void links_that_lead_nowhere_or_round_are_told(void **state)
{
    (void)state;
    assert_int_equal(hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };").rc, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        write_board(cases[i].more);
        struct outcome o = check();

        if (cases[i].says == NULL ? o.rc != 0 : o.rc != 1 || strstr(o.err, cases[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", cases[i].more, o.rc, cases[i].says, o.err);
        }
    }
}

/* libfdt follows an alias of an alias for ever. */
static void aliases_that_name_each_other_are_no_names(void **state)
{
    static const char loop[] = "aliases { serial8 = \"serial9\"; serial9 = \"serial8\"; self = \"self\"; short = \"\"; };";

    (void)state;
    write_board(loop);
    (void)hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\ndevices = \"serial8\", \"self\", \"short\"; };");
    struct outcome o = check();

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "the board has no device serial8; ");
    assert_contains(o.err, "the board has no device self; ");
    assert_contains(o.err, "the board has no device short; ");
    write_board("aliases { serial8 = \"serial9\"; serial9 = \"serial8\"; }; chosen { stdout-path = \"serial8:115200\"; };");
    o = check();
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "error: /chosen: stdout-path names no device");
    write_board("chosen { stdout-path = \"serial1:115200\"; };");
    (void)hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; devices = \"serial1\"; };");
    assert_int_equal(check().rc, 0);
}

/* Deep and long chains end as well. */
static void long_chains_end(void **state)
{
    char text[16384];
    size_t at = 0;

    (void)state;
    for (unsigned i = 0; i < 200U; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "c%u: c%u { #clock-cells = <0>; clocks = <&c%u>; };\n", i, i, (i + 1U) % 200U);
    }
    char *board = malloc(sizeof(text) + 64U);

    assert_non_null(board);
    snprintf(board, sizeof(text) + 64U, "/dts-v1/;\n/ {\n%s};\n", text);
    scratch_write("chain.dts", board, strlen(board));
    free(board);
    scratch_dtb(scratch("chain.dts"), "board-links.dtb");
    struct outcome o = check();

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "its clocks lead into a loop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_that_lead_nowhere_or_round_are_told),
        cmocka_unit_test(aliases_that_name_each_other_are_no_names),
        cmocka_unit_test(long_chains_end),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
