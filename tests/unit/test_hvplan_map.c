/* SPDX-License-Identifier: Apache-2.0 */
/* `hvplan show`: the map as text, and the picture: well-formed, no two texts over each other, the same every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

#define TWO_VMS                                                                                                              \
    "linux { vcpus = <2>; memory = \"32M\"; image = \"kernel\"; initrd = \"initrd\"; check-image; on-reset = \"restart\"; "    \
    "devices = \"/bus@c000000/rtc@101000\"; };\n"                                                                             \
    "rt { cpus = <3>; memory = \"4M\"; image = \"raw.bin\"; devices = \"/uart@9040000\"; };"

#define VM(name, more) name " { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; " more "};\n"

/* ---- text ---- */

static void the_map_tells_cpus_devices_and_interrupts(void **state)
{
    struct outcome o = hvplan_vms("show", TWO_VMS);

    (void)state;
    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "\ncpus\n  cpu 0 (0x0): linux vcpu 0\n  cpu 1 (0x1): linux vcpu 1\n"
                           "  cpu 2 (0x100): nobody, serves the console\n  cpu 3 (0x101): rt vcpu 0\n");
    assert_contains(o.out, "\ndevices\n  0x0008000000-0x000800ffff  hypervisor: /intc@8000000\n");
    assert_contains(o.out, "  0x0009000000-0x0009000fff  hypervisor: /uart@9000000 (irq 33)\n"
                           "  0x0009040000-0x0009040fff  rt: /uart@9040000 (irq 40)\n"
                           "  0x000c001000-0x000c0017ff  linux: /bus@c000000/rtc@101000 (irq 72)\n");
    assert_contains(o.out, "\ninterrupts\n  irq 25  hypervisor: maintenance of the interrupt controller, of each CPU\n"
                           "  irq 26  hypervisor: hypervisor timer, of each CPU\n"
                           "  irq 27  each VM: virtual timer, of each CPU\n"
                           "  irq 30  each VM: physical timer, of each CPU\n"
                           "  irq 33  hypervisor: /uart@9000000\n"
                           "  irq 40  rt: /uart@9040000\n"
                           "  irq 72  linux: /bus@c000000/rtc@101000\n");
}

static void the_map_tells_what_nobody_has(void **state)
{
    struct outcome o = hvplan_vms("show", TWO_VMS);

    (void)state;
    assert_contains(o.out, "  0x0040000000-0x00401fffff  nobody: below the load address nothing is placed\n  0x0040200000-0x0040220fff  hypervisor\n");
    assert_contains(o.out, "-0x004fffffff  nobody\n");
    /* 256 MiB but for 2 below the load address, the hypervisor's 2, the VMs' 36 and 2 of copies */
    assert_contains(o.out, "  RAM left: 214 MiB of 256 MiB\n");
}

/* KERNEL_FILE_SIZE and INITRD_SIZE, and the device tree of each. */
static void the_map_tells_what_boot_and_restart_do_with_memory(void **state)
{
    struct outcome o = hvplan_vms("show", TWO_VMS);
    unsigned long long pages, bytes, summed, zeroed, copied;

    (void)state;

    assert_non_null(strstr(o.out, "\nat boot\n  hypervisor: "));
    const char *line = strstr(strstr(o.out, "\nat boot\n"), "\n  linux: ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "\n  linux: %llu page-table pages (%llu bytes) zeroed and filled; 0 bytes of RAM copied, 0 zeroed, %llu checksummed\n",
                            &pages, &bytes, &summed), 3);
    assert_int_equal(bytes, pages * 4096U);
    assert_in_range(summed, KERNEL_FILE_SIZE + INITRD_SIZE + 1000U, KERNEL_FILE_SIZE + INITRD_SIZE + 4000U);
    line = strstr(o.out, "\n  linux, at each restart: ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "\n  linux, at each restart: %llu bytes of RAM zeroed, %llu of them then copied from pristine images\n", &zeroed,
                            &copied), 2);
    assert_int_equal(zeroed, 32U << 20);
    assert_int_equal(copied, summed);
    assert_contains(o.out, " zeroed and filled; 0 bytes of RAM copied, 0 zeroed, 0 checksummed\n");
    assert_null(strstr(o.out, "rt, at each restart"));
}

/* ---- picture ---- */

struct text_box {
    unsigned x, y, w, h;
};

/* The texts of a picture, by their places: 13 to the em, and a letter of a fixed-width font is 0.6 of that wide. */
static unsigned boxes(const char *picture, struct text_box *out, unsigned max, unsigned *height)
{
    unsigned n = 0;
    unsigned width = 0;

    assert_int_equal(sscanf(picture, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\"", &width, height), 2);
    assert_int_equal(width, 1120);
    for (const char *p = strstr(picture, "<text "); p != NULL; p = strstr(p + 1, "<text ")) {
        const char *words = strchr(p, '>') + 1;
        const char *end = strstr(words, "</text>");
        unsigned letters = 0;
        struct text_box *b = &out[n];

        assert_true(n < max);
        assert_int_equal(sscanf(p, "<text x=\"%u\" y=\"%u\"", &b->x, &b->y), 2);
        for (; words < end; words++) {
            words += *words == '&' ? strcspn(words, ";") : 0U;
            letters++;
        }
        assert_true(letters > 0U);
        *b = (struct text_box){b->x, b->y - 11U, (letters * 79U + 9U) / 10U, 14U};
        n++;
    }
    return n;
}

static void assert_good_picture(const char *name)
{
    static struct text_box b[512];
    char command[256];
    unsigned height = 0;
    const char *picture = (const char *)scratch_read(name, NULL);

    assert_non_null(picture);
    unsigned n = boxes(picture, b, ARRAY_SIZE(b), &height);

    assert_true(n > 10U);
    for (unsigned i = 0; i < n; i++) {
        assert_true(b[i].x + b[i].w <= 1120U && b[i].y + b[i].h <= height);
        for (unsigned k = 0; k < i; k++) {
            if (b[i].x < b[k].x + b[k].w && b[k].x < b[i].x + b[i].w && b[i].y < b[k].y + b[k].h && b[k].y < b[i].y + b[i].h) {
                fail_msg("texts at %u,%u and %u,%u of %s overlap", b[i].x, b[i].y, b[k].x, b[k].y, name);
            }
        }
    }
    assert_null(strstr(picture, "<script"));
    assert_null(strstr(picture, "href"));
    assert_null(strstr(picture, "url("));
    assert_null(strstr(picture, "@import"));
    snprintf(command, sizeof(command), "/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' %s", scratch(name));
    assert_int_equal(system(command), 0);
}

static int picture_of(const char *body, const char *name)
{
    (void)hvplan_vms("check", body);
    return hvplan((const char *[]){"show", "--board", scratch("board.dtb"), "-o", scratch(name), scratch("system.dts"), NULL}).rc;
}

static void the_picture_is_well_formed_and_no_texts_overlap(void **state)
{
    static const char *const bodies[] = {
        TWO_VMS,
        VM("a", ""),
        VM("a-name-of-fif15", "devices = \"/bus@c000000/wdt@1000\", \"serial0\", \"serial1\", \"/flash@0\"; "),
        VM("name-of-15-byte", "on-reset = \"restart\"; ") VM("b-is-of-15-byte", "on-fault = \"restart\"; ")
            VM("c-is-of-15-byte", "initrd = \"initrd\"; ") VM("d-is-of-15-byte", ""),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        assert_int_equal(picture_of(bodies[i], "map.svg"), 0);
        assert_good_picture("map.svg");
        unlink(scratch("map.svg"));
    }
}

static void the_picture_shows_who_has_what(void **state)
{
    (void)state;
    assert_int_equal(picture_of(TWO_VMS, "map.svg"), 0);
    const char *p = (const char *)scratch_read("map.svg", NULL);

    assert_contains(p, ">system.dts on virt-gicv3: who has what</text>");
    assert_contains(p, ">VM linux</text>");
    assert_contains(p, ">VM rt</text>");
    assert_contains(p, ">hypervisor</text>");
    assert_contains(p, ">nobody</text>");
    assert_contains(p, ">linux: RAM, in the file, IPA 0x40000000</text>");
    assert_contains(p, ">rt: image</text>");
    assert_contains(p, ">CPU 3</text>");
    assert_contains(p, ">vCPU 1</text>");
    assert_contains(p, ">serves console</text>");
    assert_contains(p, ">/bus@c000000/rtc@101000</text>");
    assert_contains(p, ">irq 72</text>");
}

static void the_same_plan_gives_the_same_picture(void **state)
{
    size_t n, k;

    (void)state;
    assert_int_equal(picture_of(TWO_VMS, "one.svg"), 0);
    assert_int_equal(picture_of(TWO_VMS, "two.svg"), 0);
    const uint8_t *one = scratch_read("one.svg", &n);
    const uint8_t *two = scratch_read("two.svg", &k);

    assert_int_equal(n, k);
    assert_memory_equal(one, two, n);
}

static void a_picture_may_go_beside_the_text(void **state)
{
    (void)state;
    (void)hvplan_vms("check", TWO_VMS);
    struct outcome o = hvplan((const char *[]){"show", "--board", scratch("board.dtb"), "--svg", scratch("any.name"), scratch("system.dts"), NULL});

    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "\nmemory\n");
    assert_good_picture("any.name");
    o = hvplan((const char *[]){"check", "--board", scratch("board.dtb"), "--svg", scratch("x.svg"), scratch("system.dts"), NULL});
    assert_int_equal(o.rc, 2);
    assert_contains(o.err, "hvplan: only show has --svg\n");
}

static void a_picture_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    (void)hvplan_vms("check", TWO_VMS);
    struct outcome o = hvplan((const char *[]){"show", "--board", scratch("board.dtb"), "--svg", scratch("none/x"), scratch("system.dts"), NULL});

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "none/x:0: error: /: cannot be written: No such file or directory");
    o = hvplan((const char *[]){"show", "--board", scratch("board.dtb"), "--svg", scratch("board.dtb"), scratch("system.dts"), NULL});
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "board.dtb:0: error: /: is an input of this run and would be lost; name another output");
    assert_string_equal(o.out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_tells_cpus_devices_and_interrupts),
        cmocka_unit_test(the_map_tells_what_nobody_has),
        cmocka_unit_test(the_map_tells_what_boot_and_restart_do_with_memory),
        cmocka_unit_test(the_picture_is_well_formed_and_no_texts_overlap),
        cmocka_unit_test(the_picture_shows_who_has_what),
        cmocka_unit_test(the_same_plan_gives_the_same_picture),
        cmocka_unit_test(a_picture_may_go_beside_the_text),
        cmocka_unit_test(a_picture_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
