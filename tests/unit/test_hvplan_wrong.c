/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong systems and what hvplan says of them: every message with its line, all of them in one run, nothing
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hvplan_fixture.h"

#define VM(rest)  "a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\";\n" rest " };"
#define DEV(path) VM("devices = \"" path "\";")

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} cases[] = {
    /* the binding */
    {"", ":4: error: /vms: there is no VM; write one node per VM in it"},
    {"x;", ":5: error: /vms: unknown property x; /vms holds one node per VM and nothing else"},
    {VM("vcpu = <1>;"), ":6: error: /vms/a: unknown property vcpu; did you mean vcpus?"},
    {VM("boot-args = \"\";"), ":6: error: /vms/a: unknown property boot-args; did you mean bootargs?"},
    {VM("paint = \"red\";"), ":6: error: /vms/a: unknown property paint; remove it, or see hvplan --help"},
    {VM("colour = \"0\";"), ":6: error: /vms/a: unknown property colour; did you mean colours?"},
    {VM("chosen { };"), ":6: error: /vms/a/chosen: unknown node chosen in a VM; remove it"},
    {"a@1 { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };",
     ":5: error: /vms/a@1: name of a VM is too long"},
    {"hv { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };",
     ":5: error: /vms/hv: the name hv marks the hypervisor's own lines; give the VM another"},
    {"a#b { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };",
     ":5: error: /vms/a#b: Bad character '#' in node name"},
    {"7a { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };",
     ":5: error: /vms/7a: name of a VM is too long or has other characters than it may; use at most 15 letters, digits"},
    {"a234567890123456 { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };", "name of a VM is too long"},
    {"a { memory = \"4M\"; image = \"raw.bin\"; };", ":5: error: /vms/a: vcpus is missing; write how many"},
    {"a { vcpus = <1>; image = \"raw.bin\"; };", ":5: error: /vms/a: memory is missing; write its size"},
    {"a { vcpus = <1>; memory = \"4M\"; };", ":5: error: /vms/a: image is missing; write the file to boot"},
    {"a { vcpus = <0>; memory = \"4M\"; image = \"raw.bin\"; };",
     "vcpus has a wrong value; write one cell from 1 to 8"},
    {"a { vcpus = <9>; memory = \"4M\"; image = \"raw.bin\"; };",
     "vcpus has a wrong value; write one cell from 1 to 8"},
    {"a { vcpus = <0 1>; memory = \"4M\"; image = \"raw.bin\"; };", "vcpus has a wrong value"},
    {"a { vcpus = \"two\"; memory = \"4M\"; image = \"raw.bin\"; };", "vcpus has a value of the wrong type: text; write one cell from 1 to 8"},
    {"a { vcpus; memory = \"4M\"; image = \"raw.bin\"; };",
     "vcpus has a value of the wrong type: no value; write one cell from 1 to 8"},
    {VM("cpus;"), ":6: error: /vms/a: cpus has a value of the wrong type: no value; write 1 to 8 cells"},
    {VM("cpus = <0 1 2 3 4 5 6 7 8>;"), "cpus has a wrong value; write 1 to 8 cells"},
    {VM("cpus = [00 01];"), "cpus has a value of the wrong type: bytes; write 1 to 8 cells"},
    {VM("cpus = <0 1>;"), ":6: error: /vms/a: 2 CPUs for 1 vCPUs; name one CPU per vCPU"},
    {VM("cpus = <4>;"), ":6: error: /vms/a: CPU 4 does not exist; the board has CPUs 0 to 3"},
    {"a { cpus = <0 0>; memory = \"4M\"; image = \"raw.bin\"; };",
     "CPU 0 already belongs to /vms/a; give every CPU"},
    {"a { cpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };\nb { cpus = <1>; memory = \"4M\"; image = "
     "\"raw.bin\"; };",
     ":6: error: /vms/b: CPU 1 already belongs to /vms/a"},
    {"a { vcpus = <3>; memory = \"4M\"; image = \"raw.bin\"; };\nb { vcpus = <2>; memory = \"4M\"; image = "
     "\"raw.bin\"; };",
     ":6: error: /vms/b: 2 vCPUs, but only 1 CPUs are left of the board's 4; give this VM or another one "
     "fewer"},
    {"a { vcpus = <1>; memory = \"4m\"; image = \"raw.bin\"; };",
     "memory has a wrong value; write a size like \"256M\""},
    {"a { vcpus = <1>; memory = \"M\"; image = \"raw.bin\"; };", "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"-4M\"; image = \"raw.bin\"; };", "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"4MB\"; image = \"raw.bin\"; };", "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"4M\", \"4M\"; image = \"raw.bin\"; };",
     "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"17179869184G\"; image = \"raw.bin\"; };",
     "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"99999999999999999999\"; image = \"raw.bin\"; };",
     "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory; image = \"raw.bin\"; };", "memory has a value of the wrong type: no value; write a size"},
    {"a { vcpus = <1>; memory = <0 0 0>; image = \"raw.bin\"; };", "memory has a wrong value; write a size"},
    {"a { vcpus = <1>; memory = \"3M\"; image = \"raw.bin\"; };",
     "memory is not in whole pieces of 2 MiB: 3145728 bytes; write a multiple"},
    {"a { vcpus = <1>; memory = \"0\"; image = \"raw.bin\"; };", "memory is not in whole pieces of 2 MiB"},
    {"a { vcpus = <1>; memory = <0x100000>; image = \"raw.bin\"; };",
     "memory is not in whole pieces of 2 MiB"},
    {"a { vcpus = <1>; memory = \"2T\"; image = \"raw.bin\"; };", "memory has a wrong value"},
    {"a { vcpus = <1>; memory = \"1024G\"; image = \"raw.bin\"; };",
     "1024 GiB at 0x40000000 reaches beyond 1 TiB of guest addresses"},
    {"a { vcpus = <1>; memory = \"256M\"; image = \"raw.bin\"; };",
     ":4: error: /vms: the VMs ask for 256 MiB, the board has 252 MiB for them; give them less"},
    {VM("bootargs = <1>;"), ":6: error: /vms/a: bootargs has a value of the wrong type: cells; write one string, like \"text\""},
    {VM("bootargs = \"a\", \"b\";"), "bootargs has a wrong value; write one string"},
    {VM("bootargs = \"a\\x01b\";"), "bootargs has a wrong value; write one string"},
    {VM("bootargs = \"\";"), "bootargs has a wrong value; write one string"},
    {VM("load = \"x\";"), ":6: error: /vms/a: load has a value of the wrong type: text; write a guest-physical address"},
    {VM("entry;"), ":6: error: /vms/a: entry has a value of the wrong type: no value; write a guest-physical address"},
    {"a { vcpus = <1>; memory = \"252M\"; image = \"raw.bin\"; on-reset = \"restart\"; };",
     ":4: error: /vms: the VMs ask for 252 MiB and 2 MiB for pristine copies (restart), the board has 252 MiB for them"},
    {VM("on-fault = \"notify\";"),
     ":6: error: /vms/a: on-fault = \"notify\" is not supported by this version"},
    {VM("on-fault = \"restart\", \"restart\";"), "on-fault has a wrong value; write one string"},
    {VM("on-fault;"), ":6: error: /vms/a: on-fault has a value of the wrong type: no value; write one string"},
    {VM("on-reset = \"notify\";"), ":6: error: /vms/a: on-reset has a wrong value; write \"halt\" or \"restart\""},
    {VM("on-reset = \"never\";"), ":6: error: /vms/a: on-reset has a wrong value; write \"halt\" or \"restart\""},
    {VM("check-image = <1>;"), ":6: error: /vms/a: check-image has a value of the wrong type: cells; it is a flag"},
    {VM("devices;"), ":6: error: /vms/a: devices has a value of the wrong type: no value; write paths, aliases or labels"},
    {VM("devices = <1>;"), "devices has a value of the wrong type: cells; write paths, aliases or labels"},
    {VM("devices = \"\";"), "devices has a wrong value; write paths, aliases or labels"},

    /* images */
    {"a { vcpus = <1>; memory = \"4M\"; image = \"gone\"; };",
     "/gone (No such file or directory); build it, or write a path relative to system.dts, or give --images DIR"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \".\"; };", "/. (Is a directory); build it"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"empty\"; };", "/empty is empty; build it first"},
    {VM("initrd = \"gone\";"), ":6: error: /vms/a: initrd gone cannot be read; looked for /"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"gz\"; };",
     "gz is compressed with gzip; unpack it (gunzip)"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"elf\"; };", "elf is an ELF file; turn it into a raw image"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"board.dtb\"; };",
     "board.dtb is a device tree or FIT image"},
    {"a { vcpus = <1>; memory = \"2M\"; image = \"bigkernel\"; };",
     "its arm64 header asks for 4194304 bytes at offset 0x0, the VM's memory is 2 MiB"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"bigkernel\"; };",
     "/vms/a: 4 MiB is too little: image, initrd and device tree take 6 MiB"},
    {VM("load = <0x3ff00000>;"),
     ":6: error: /vms/a: 0x3ff00000 is not in the VM's RAM, which starts at 0x40000000"},
    {VM("load = <0x40000800>;"), "load 0x40000800 is not a multiple of 4 KiB"},
    {VM("load = <0x40400000>;"), "0x40400000 is not in the VM's RAM"},
    {VM("load = <0x403fe000>;"), "/vms/a: 4 MiB is too little: image, initrd and device tree take 6 MiB"},
    {VM("load = <0xffffffff 0xfffff000>;"), "0xfffffffffffff000 is not in the VM's RAM"},

    /* devices */
    {DEV("/uart@9000001"),
     ":6: error: /vms/a: the board has no device /uart@9000001; did you mean /uart@9000000?"},
    {DEV("/uart"), "the board has no device /uart; "},
    {DEV("serial7"), "the board has no device serial7; did you mean serial0?"},
    {DEV("/some/thing/else"),
     "the board has no device /some/thing/else; dtc -I dtb shows what the board has"},
    {DEV("/"), "/ cannot be given to a VM: it is the whole board"},
    {DEV("/intc@8000000"), "/intc@8000000 cannot be given to a VM: it is the interrupt controller"},
    {DEV("/intc@8000000/its@8080000"), "it is the interrupt controller"},
    {DEV("/timer"), "/timer cannot be given to a VM: it is the CPUs' timer"},
    {DEV("/memory@40000000"), "it is memory or a CPU; use the properties memory and cpus"},
    {DEV("/cpus/cpu@0"), "it is memory or a CPU"},
    {DEV("/psci"), "/psci cannot be given to a VM: it is the firmware interface"},
    {DEV("/virtio@a000000"), "reads and writes memory by itself (DMA), which could reach other VMs"},
    {DEV("/virtio@a000000"), "remove it from devices, or give this VM trusted-dma, if you trust it with all memory"},
    {DEV("/pcie@10000000"), "reads and writes memory by itself (DMA)"},
    {DEV("/pcie@10000000\"; trusted-dma; bootargs = \"x"), "has a bus of its own (PCI), which this version cannot pass on; remove"},
    {DEV("/dma-bus/nic@b000000\"; trusted-dma; bootargs = \"x"), "is on a bus that gives memory other addresses than the CPUs' (dma-ranges)"},
    {DEV("/rtc@b100000"), "/rtc@b100000 shares a page of 4 KiB with /many@b100800, so that whoever has one has both"},
    {VM("trusted-dma = <1>;"), "trusted-dma has a value of the wrong type: cells; it is a flag"},
    {VM("trusted-dma; memory-address = <0x80000000>;"), "where hvplan puts it; remove memory-address"},
    {VM("trusted-dma; load = <0x40000000>;"), "where hvplan puts it; remove load"},
    {VM("trusted-dma; entry = <0x40000000>;"), "where hvplan puts it; remove entry"},
    {VM("trusted-dma; dtb = <0x40000000>;"), "where hvplan puts it; remove dtb"},
    {VM("trusted-dma; on-reset = \"restart\";"), ":6: error: /vms/a: devices that do DMA go on when the VM ends"},
    {VM("trusted-dma; on-fault = \"restart\";"), ":6: error: /vms/a: devices that do DMA go on when the VM ends"},
    {DEV("/dma-uart@a200000"), "reads and writes memory by itself (DMA)"},
    {DEV("/ethernet@a100000"), "is of a kind not known to be free of DMA"},
    {DEV("/rtc@a300000"),
     "/rtc@a300000 shares a page of 4 KiB with /rtc@a300800, so that whoever has one has both"},
    {DEV("/rtc@a400000"), "is disabled in the board's tree"},
    {DEV("/rtc@a500000"), "has an interrupt private to each CPU"},
    {DEV("/rtc@a600000"), "has an interrupt that is not a plain shared one (SPI)"},
    {DEV("/rtc@a700000"), "has interrupts that do not go to the interrupt controller directly"},
    {DEV("/rtc@a800000"), "has malformed interrupts in the board's tree"},
    {DEV("/rtc@a900000"), "the rate of clock 0 of /rtc@a900000 is not in the board's tree"},
    {DEV("/rtc@aa00000"), "has interrupts that do not go to the interrupt controller directly"},
    {DEV("/gpio@ac00000"), "has devices of its own below it"},
    {DEV("/bus@c000000/rtc@300000"), "has no registers that the CPUs can reach"},
    {DEV("/hidden-bus/rtc@50"), "has no registers that the CPUs can reach"},
    {DEV("serial0\", \"/uart@9000000"),
     "/uart@9000000 already belongs to /vms/a; give every device to one VM only, once"},
    {DEV("serial1") "\nb { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; devices = \"/uart@9040000\"; "
                    "};",
     ":7: error: /vms/b: /uart@9040000 already belongs to /vms/a; give every device to one VM only, once"},
    {VM("devices = \"serial0\"; console = \"serial1\";"),
     ":6: error: /vms/a: serial1 is not one of the VM's devices"},
    {VM("console = \"/nothing\";"), "/nothing is not one of the VM's devices; name one of them"},
    {VM("console = \"shared\"; devices = \"serial0\";"),
     ":6: error: /vms/a: the board's console /uart@9000000 is this VM's own by its devices; name it as console, or remove it from devices"},
    {VM("console = \"shared\";") "\nb { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; devices = \"serial0\"; };",
     ":6: error: /vms/a: the board's console /uart@9000000 belongs to /vms/b; remove it"},

    {DEV("/rtc@101000"), ":6: error: /vms/a: the board has no device /rtc@101000; did you mean /bus@c000000/rtc@101000?"},
    {VM("ro;"), ":6: error: /vms/a: property ro is a region's; write it into one of the VM's regions"},
    {VM("devices = \"/bus@c000000/rtc@101000\"; console = \"/bus@c000000/rtc@101000\";"),
     ":6: error: /vms/a: /bus@c000000/rtc@101000 is no UART that this version knows; name one of the VM's UARTs"},
    {VM("devices = \"serial0\"; console = \"shared\";"),
     ":6: error: /vms/a: the board's console /uart@9000000 is this VM's own by its devices; name it as console, or remove it"},
    {"a { vcpus = <1>; memory = \"4M\"; image = \"riscv\"; };", "/riscv is an image for RISC-V, and the board is Armv8; name one for the board"},
    {DEV("/rtc@ab00000"), ":6: error: /vms/a: /rtc@ab00000 cannot be given to a VM: it has one interrupt twice in the board's tree"},
};

static int setup(void **state)
{
    static uint8_t big[0x1000];
    uint64_t size = 0x400000;

    if (hvplan_setup(state) != 0) {
        return -1;
    }
    scratch_write("empty", "", 0);
    scratch_write("gz", "\x1f\x8b\x08\x00", 4);
    scratch_write("elf",
                  "\x7f"
                  "ELF....",
                  8);
    memcpy(big + 16, &size, sizeof(size));
    memcpy(big + 56, "ARM\x64", 4);
    scratch_write("bigkernel", big, sizeof(big));
    memcpy(big + 48, "RISCV", 5);
    memcpy(big + 56, "RSC\x05", 4);
    scratch_write("riscv", big, sizeof(big));
    return 0;
}

/* Each line is FILE:LINE: error: /NODE: what; how to mend it. */
static void assert_format(const char *err)
{
    char *text = strdup(err);

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *error = strstr(line, ": error: /");

        if (error == NULL || strchr(error + 9, ':') == NULL || strstr(error, "; ") == NULL) {
            fail_msg("not in the format: %s", line);
        }
        while (error > line && error[-1] >= '0' && error[-1] <= '9') {
            error--;
        }
        assert_true(error > line && error[-1] == ':');
    }
    free(text);
}

static void every_wrong_system_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct outcome o = hvplan_vms("build", cases[i].body);

        if (o.rc != 1 || strstr(o.err, cases[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", cases[i].body, o.rc, cases[i].says,
                     o.err);
        }
        assert_format(o.err);
        assert_int_not_equal(access(scratch("out.img"), F_OK), 0);
    }
}

static void all_that_is_wrong_is_told_in_one_run(void **state)
{
    struct outcome o =
        hvplan_vms("check", "a { vcpus = <0>; memory = \"3M\"; image = \"\";\ndevise = \"/x\"; };\nb { };");

    (void)state;
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/vms/a: vcpus has a wrong value");
    assert_contains(o.err, "/vms/a: memory is not in whole pieces");
    assert_contains(o.err, "/vms/a: image has a wrong value");
    assert_contains(o.err, "/vms/a: unknown property devise; did you mean devices?");
    assert_contains(o.err, "/vms/b: vcpus is missing");
    assert_contains(o.err, "/vms/b: memory is missing");
    assert_contains(o.err, "/vms/b: image is missing");
    assert_format(o.err);
}

static void an_old_output_survives_a_wrong_system(void **state)
{
    size_t size;

    (void)state;
    scratch_write("out.img", "old", 3);
    assert_int_equal(hvplan_vms("build", "").rc, 1);
    assert_memory_equal(scratch_read("out.img", &size), "old", 3);
    unlink(scratch("out.img"));
}

static void check_system(const char *text, const char *says)
{
    scratch_write("system.dts", text, strlen(text));
    const char *args[] = {"check", "--board", scratch("board.dtb"), scratch("system.dts"), NULL};
    struct outcome o = hvplan(args);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, says);
    assert_format(o.err);
}

static void the_frame_of_a_system_is_checked(void **state)
{
    (void)state;
    check_system("/dts-v1/;\n/ {\n};\n",
                 "system.dts:2: error: /: not a system of binding v1; write compatible");
    check_system("/dts-v1/;\n/ {\n};\n", "system.dts:2: error: /: there is no node /vms");
    check_system("/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v2\";\nvms { };\n};\n",
                 "system.dts:3: error: /: not a system of binding v1");
    check_system("/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\ncompatable = \"x\";\nvms { };\n};\n",
                 "system.dts:4: error: /: unknown property compatable; did you mean compatible?");
    check_system("/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\nvm { };\n};\n",
                 "system.dts:4: error: /vm: unknown node vm; did you mean vms?");
    check_system("/dts-v1/;\n/ {\n", "system.dts:2: error: /: syntax error; ");
    check_system("", "system.dts:1: error: /: ");
    check_system("/dts-v1/;\n/ {\na { b = <&nothing>; };\n};\n",
                 "system.dts:3: error: /a: Reference to non-existent node");
    check_system("/dts-v1/;\n/ { };\n&nothing { };\n",
                 "system.dts:3: error: /: Label or path nothing not found; ");
}

static void the_cpu_that_serves_the_console_is_checked(void **state)
{
    static const struct {
        const char *cpu, *vm, *says;
    } wrong[] = {
        {"console-cpu = <4>;", "", "system.dts:4: error: /: CPU 4 does not exist; the board has CPUs 0 to 3"},
        {"console-cpu = \"0\";", "", "system.dts:4: error: /: console-cpu has a value of the wrong type: text; write one cell"},
        {"console-cpu;", "", "system.dts:4: error: /: console-cpu has a value of the wrong type: no value; write one cell"},
        {"console-cpu = <0 1>;", "", "system.dts:4: error: /: console-cpu has a wrong value; write one cell"},
        {"console-cpus = <1>;", "", "system.dts:4: error: /: unknown property console-cpus; did you mean console-cpu?"},
        {"console-cpu = <1>;", "console = \"none\";",
         "system.dts:4: error: /: console-cpu, but no VM is on the shared console; remove it"},
        {"console-cpu = <1>;", "devices = \"serial0\";",
         "system.dts:4: error: /: console-cpu, but no VM is on the shared console; remove it"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char text[512];

        snprintf(text, sizeof(text),
                 "/dts-v1/;\n/ {\ncompatible = \"bulkhead,system-v1\";\n%s\nvms { a { vcpus = <1>; memory = "
                 "\"4M\"; image = \"raw.bin\"; %s }; };\n};\n",
                 wrong[i].cpu, wrong[i].vm);
        check_system(text, wrong[i].says);
    }
}

static void lines_of_included_files_are_told(void **state)
{
    const char *main_text = "/dts-v1/;\n/include/ \"part.dtsi\"\n";
    const char *part = "/ {\ncompatible = \"bulkhead,system-v1\";\nvms {\n\n\nlabel: a { vcpus = <1>; memory "
                       "= \"4M\"; image = \"raw.bin\"; bad; }; }; };\n";

    (void)state;
    scratch_write("part.dtsi", part, strlen(part));
    check_system(main_text, "part.dtsi:6: error: /vms/a: unknown property bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_system_is_told_with_its_line),
        cmocka_unit_test(all_that_is_wrong_is_told_in_one_run),
        cmocka_unit_test(an_old_output_survives_a_wrong_system),
        cmocka_unit_test(the_frame_of_a_system_is_checked),
        cmocka_unit_test(the_cpu_that_serves_the_console_is_checked),
        cmocka_unit_test(lines_of_included_files_are_told),
    };

    return cmocka_run_group_tests(tests, setup, hvplan_teardown);
}
