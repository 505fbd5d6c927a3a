/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged board trees, unfit hypervisor images, and hvplan called wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hvplan_fixture.h"

#define GOOD "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\"; };"

static struct outcome run_with(const char *board, const char *hv)
{
    const char *args[] = {"build", "--board",          scratch(board),        "--hv", scratch(hv),
                          "-o",    scratch("out.img"), scratch("system.dts"), NULL};

    return hvplan(args);
}

/* ---- boards
 * ---------------------------------------------------------------------------------------------------------
 */

/* The small board with one property changed (len >= 0), or removed, or (prop NULL) a node removed. */
static const struct {
    const char *node;
    const char *prop;
    int len;
    const char *value;
    const char *says;
} boards[] = {
    {"/cpus", NULL, 0, NULL, "board.dtb:0: error: /cpus: no CPU; is this a board's device tree?"},
    {"/cpus/cpu@0", "reg", -1, NULL,
     "error: /cpus/cpu@0: CPU has no usable reg; the board's tree is damaged"},
    {"/cpus/cpu@0", "reg", 3, "abc", "error: /cpus/cpu@0: CPU has no usable reg"},
    {"/memory@40000000", "reg", 16, "\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\1\0",
     "/memory: memory is not in whole pages"},
    {"/intc@8000000", NULL, 0, NULL, "error: /: no interrupt controller that Bulkhead knows"},
    {"/intc@8000000", "compatible", 12, "arm,gic-400",
     "error: /intc@8000000: interrupt controller without"}, /* of GICH and GICV */
    {"/", "compatible", 6, "other", "error: /: not a board that Bulkhead knows"},
    {"/intc@8000000", "reg", 16, "\0\0\0\0\x08\0\0\0\0\0\0\0\0\1\0\0",
     "error: /intc@8000000: interrupt controller without"},
    {"/intc@8000000", "#interrupt-cells", 4, "\0\0\0\1",
     "error: /intc@8000000: interrupt controller without"},
    {"/intc@8000000", "#interrupt-cells", -1, NULL, "error: /intc@8000000: interrupt controller without"},
    {"/intc@8000000", "interrupts", -1, NULL, "no maintenance interrupt; start QEMU with virtualization=on"},
    {"/intc@8000000", "interrupts", 12, "\0\0\0\0\0\0\0\1\0\0\0\4", "no maintenance interrupt"},
    {"/timer", NULL, 0, NULL, "error: /: no timer (arm,armv8-timer)"},
    {"/timer", "interrupts", 12, "\0\0\0\0\0\0\0\1\0\0\0\4",
     "error: /timer: timer without its four interrupts"},
    {"/timer", "interrupts", -1, NULL, "error: /timer: timer without its four interrupts"},
    {"/chosen", NULL, 0, NULL, "error: /chosen: stdout-path names no device"},
    {"/chosen", "stdout-path", 6, "/none", "error: /chosen: stdout-path names no device"},
    {"/chosen", "stdout-path", 6, "/cpus", "error: /chosen: stdout-path names no device"},
};

static void write_board(size_t i)
{
    static uint64_t buffer[8192];
    const uint8_t *good = scratch_read("board.dtb", NULL);

    assert_int_equal(fdt_open_into(good, buffer, sizeof(buffer)), 0);
    int node = fdt_path_offset(buffer, boards[i].node);

    assert_true(node >= 0);
    if (boards[i].prop == NULL) {
        assert_int_equal(fdt_del_node(buffer, node), 0);
    } else if (boards[i].len < 0) {
        assert_int_equal(fdt_delprop(buffer, node, boards[i].prop), 0);
    } else {
        assert_int_equal(fdt_setprop(buffer, node, boards[i].prop, boards[i].value, boards[i].len), 0);
    }
    scratch_write("spoilt-board.dtb", buffer, fdt_totalsize(buffer));
}

/* Consoles that the hypervisor cannot drive for several VMs: a VM that asks for it is told why, one that does not has
 * none. */
static const struct {
    const char *prop;
    int len;
    const char *value;
    const char *why;
} consoles[] = {
    {"compatible", 9, "ns16550a", "is not the kind of UART that the board's image drives"},
    {"compatible", 6, "other", "is of a kind not known to be free of DMA; "},
    {"interrupts", -1, NULL, "does not have one range of registers and one interrupt"},
    {"interrupts", 24, "\0\0\0\0\0\0\0\1\0\0\0\4\0\0\0\0\0\0\0\2\0\0\0\4",
     "does not have one range of registers and one interrupt"},
    {"reg", 16, "\0\0\0\0\x09\0\x08\0\0\0\0\0\0\0\x08\0", "does not begin at a page"},
    {"status", 9, "disabled", "is disabled in the board's tree"},
};

static void a_console_that_cannot_be_shared_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(consoles); i++) {
        static uint64_t buffer[8192];
        const uint8_t *good = scratch_read("board.dtb", NULL);

        assert_int_equal(fdt_open_into(good, buffer, sizeof(buffer)), 0);
        int node = fdt_path_offset(buffer, "/uart@9000000");

        if (consoles[i].len < 0) {
            assert_int_equal(fdt_delprop(buffer, node, consoles[i].prop), 0);
        } else {
            assert_int_equal(fdt_setprop(buffer, node, consoles[i].prop, consoles[i].value, consoles[i].len), 0);
        }
        scratch_write("spoilt-board.dtb", buffer, fdt_totalsize(buffer));
        (void)hvplan_vms("check", GOOD);
        assert_int_equal(run_with("spoilt-board.dtb", "hv.bin").rc, 0);
        (void)hvplan_vms("check", "a { vcpus = <1>; memory = \"2M\"; image = \"raw.bin\";\nconsole = \"shared\"; };");
        struct outcome o = run_with("spoilt-board.dtb", "hv.bin");

        assert_int_equal(o.rc, 1);
        assert_contains(o.err, "system.dts:6: error: /vms/a: the board's console /uart@9000000 cannot be shared: it ");
        assert_contains(o.err, consoles[i].why);
    }
    unlink(scratch("out.img"));
}

static void a_board_that_lacks_something_is_refused(void **state)
{
    (void)state;
    hvplan_vms("check", GOOD);
    for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
        write_board(i);
        struct outcome o = run_with("spoilt-board.dtb", "hv.bin");

        if (o.rc != 1 || strstr(o.err, boards[i].says) == NULL) {
            fail_msg("%s %s: exit status %d, and \"%s\" is not in:\n%s", boards[i].node, boards[i].prop, o.rc,
                     boards[i].says, o.err);
        }
    }
}

static void a_board_without_memory_is_refused(void **state)
{
    static uint64_t buffer[8192];

    (void)state;
    assert_int_equal(fdt_open_into(scratch_read("board.dtb", NULL), buffer, sizeof(buffer)), 0);
    assert_int_equal(fdt_del_node(buffer, fdt_path_offset(buffer, "/memory@40000000")), 0);
    assert_int_equal(fdt_del_node(buffer, fdt_path_offset(buffer, "/memory@100000000")), 0);
    scratch_write("spoilt-board.dtb", buffer, fdt_totalsize(buffer));
    struct outcome o = run_with("spoilt-board.dtb", "hv.bin");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "error: /memory: no memory; is this a board's device tree?");
}

static void board_files_that_are_no_trees_are_refused(void **state)
{
    (void)state;
    assert_contains(run_with("nothing.dtb", "hv.bin").err,
                    "nothing.dtb:0: error: /: cannot be read: No such file");
    assert_contains(run_with("system.dts", "hv.bin").err,
                    "system.dts:0: error: /: not a device tree blob, or damaged");
}

/* Of this program, which has Armv8's table format; the command hvplan has both (sim/hvplan/main.c). */
static void a_board_of_the_other_instruction_set_is_refused(void **state)
{
    (void)state;
    scratch_dtb("tests/unit/boards/riscv-plic.dts", "riscv.dtb");
    hvplan_vms("check", GOOD);
    struct outcome o = run_with("riscv.dtb", "hv.bin");

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "riscv.dtb:0: error: /cpus: a board of another instruction set than this program's");
}

static void a_board_cut_short_anywhere_is_refused(void **state)
{
    size_t size;
    const uint8_t *good = scratch_read("board.dtb", &size);

    (void)state;
    for (size_t n = 0; n < size; n += 61) {
        scratch_write("spoilt-board.dtb", good, n);
        assert_int_equal(run_with("spoilt-board.dtb", "hv.bin").rc, 1);
    }
}

/* What a flipped bit makes of the tree may be a good board or a bad one, never a crash or a third answer. */
static void a_board_with_a_flipped_bit_gets_an_answer(void **state)
{
    size_t size;
    uint8_t *board = scratch_read("board.dtb", &size);

    (void)state;
    for (size_t bit = 0; bit < size * 8U; bit += 997) {
        board[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
        scratch_write("spoilt-board.dtb", board, size);
        struct outcome o = run_with("spoilt-board.dtb", "hv.bin");

        assert_true(o.rc == 0 ? o.err[0] == '\0' : o.rc == 1 && o.err[0] != '\0');
        board[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
    }
}

/* ---- hypervisor images
 * ------------------------------------------------------------------------------------------------ */

struct small_elf {
    Elf64_Ehdr e;
    Elf64_Phdr p[3];
    uint8_t text[0x100];
    uint8_t data[0x14];
};

static struct small_elf good_elf(void)
{
    const uint64_t base = 0x4040200000;
    struct small_elf f = {
        .e = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
              .e_machine = EM_AARCH64,
              .e_entry = base,
              .e_phoff = offsetof(struct small_elf, p),
              .e_phentsize = sizeof(Elf64_Phdr),
              .e_phnum = 3},
        .p = {{.p_type = PT_LOAD,
               .p_offset = offsetof(struct small_elf, text),
               .p_vaddr = base,
               .p_filesz = 0x100,
               .p_memsz = 0x100},
              {.p_type = PT_GNU_STACK},
              {.p_type = PT_LOAD,
               .p_offset = offsetof(struct small_elf, data),
               .p_vaddr = base + 0x1000,
               .p_filesz = 0x14,
               .p_memsz = 0x8800}},
    };

    memcpy(f.text + 56, "ARM\x64", 4);
    f.text[0x80] = 0xaa;
    f.data[0] = 0xbb;
    return f;
}

static struct outcome run_elf(const struct small_elf *f)
{
    scratch_write("hv.elf", f, sizeof(*f));
    return run_with("board.dtb", "hv.elf");
}

static void an_elf_is_laid_out_by_its_segments(void **state)
{
    struct small_elf f = good_elf();
    size_t size;

    (void)state;
    hvplan_vms("check", GOOD);
    struct outcome o = run_elf(&f);

    assert_string_equal(o.err, "");
    assert_int_equal(o.rc, 0);
    const uint8_t *file = scratch_read("out.img", &size);
    const struct plan *plan = (const struct plan *)(file + 0xa000);

    assert_int_equal(file[0x80], 0xaa);
    assert_int_equal(file[0x1000], 0xbb);
    assert_int_equal(plan->magic, PLAN_MAGIC);
    assert_int_equal(plan->hv_image_size, 0x1018);
    assert_int_equal(plan->hv_mem_size, 0xa000);
}

static void a_debugging_elf_with_far_sections_is_no_matter(void **state)
{
    struct small_elf f = good_elf();

    (void)state;
    f.p[1] = (Elf64_Phdr){.p_type = PT_LOAD}; /* empty */
    assert_int_equal(run_elf(&f).rc, 0);
}

static void unfit_elf_files_are_refused(void **state)
{
    static const struct {
        size_t offset;
        size_t size;
        uint64_t value;
        const char *says;
    } cases[] = {
        {offsetof(struct small_elf, e.e_machine), 2, EM_X86_64, "not a 64-bit Arm ELF file, or damaged"},
        {offsetof(struct small_elf, e.e_ident[EI_CLASS]), 1, ELFCLASS32, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_ident[EI_DATA]), 1, ELFDATA2MSB, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_phentsize), 2, 32, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_phnum), 2, 0xffff, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_phoff), 8, UINT64_MAX & ~7ULL, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_phoff), 8, 65, "not a 64-bit Arm ELF file"},
        {offsetof(struct small_elf, e.e_phnum), 2, 0, "linked for"},
        {offsetof(struct small_elf, e.e_entry), 8, 0x4040200004, "linked for"},
        {offsetof(struct small_elf, p[0].p_vaddr), 8, 0x4040100000,
         "linked for 0x40100000, but virt-gicv3 is loaded at 0x40200000"},
        {offsetof(struct small_elf, p[2].p_vaddr), 8, UINT64_MAX, "a segment does not fit"},
        {offsetof(struct small_elf, p[2].p_memsz), 8, UINT64_MAX, "a segment does not fit"},
        {offsetof(struct small_elf, p[2].p_memsz), 8, 0x10, "a segment does not fit"},
        {offsetof(struct small_elf, p[2].p_filesz), 8, 0x1000, "the file is cut short"},
        {offsetof(struct small_elf, p[2].p_offset), 8, UINT64_MAX, "the file is cut short"},
        {offsetof(struct small_elf, p[2].p_memsz), 8, 0x1ef000,
         "too large: image, plan and page tables have to fit into 2 MiB"},
        {offsetof(struct small_elf, text[56]), 1, 'a',
         "no arm64 image header at its start; is this the hypervisor?"},
    };

    (void)state;
    hvplan_vms("check", GOOD);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct small_elf f = good_elf();

        memcpy((uint8_t *)&f + cases[i].offset, &cases[i].value, cases[i].size);
        struct outcome o = run_elf(&f);

        if (o.rc != 1 || strstr(o.err, cases[i].says) == NULL) {
            fail_msg("case %zu: exit status %d, and \"%s\" is not in:\n%s", i, o.rc, cases[i].says, o.err);
        }
        assert_contains(o.err, "hv.elf:0: error: /: ");
    }
    assert_contains(run_with("board.dtb", "nothing.elf").err,
                    "nothing.elf:0: error: /: cannot be read: No such file");
    scratch_write("hv.elf",
                  "\x7f"
                  "ELF",
                  4);
    assert_contains(run_with("board.dtb", "hv.elf").err, "not a 64-bit Arm ELF file, or damaged");
}

static void raw_images_must_say_how_much_memory_they_take(void **state)
{
    size_t size;
    uint8_t *hv = scratch_read("hv.bin", &size);
    static const uint64_t sizes[] = {0, HV_FILE_SIZE - 1U, SZ_2M + 1U, UINT64_MAX};

    (void)state;
    hvplan_vms("check", GOOD);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        memcpy(hv + 16, &sizes[i], 8);
        scratch_write("hv2.bin", hv, size);
        assert_contains(run_with("board.dtb", "hv2.bin").err, "header does not say how much memory it takes");
    }
    scratch_write("hv2.bin", hv, 16);
    assert_int_equal(run_with("board.dtb", "hv2.bin").rc, 1);
}

static void the_hypervisor_of_another_board_is_told(void **state)
{
    size_t size;
    uint8_t *hv = scratch_read("hv.bin", &size);

    (void)state;
    hvplan_vms("check", GOOD);
    memcpy(hv + 0x1000, "virt-gicv2", 11);
    scratch_write("hv2.bin", hv, size);
    assert_contains(run_with("board.dtb", "hv2.bin").err,
                    "hv2.bin:0: error: /: built for the board virt-gicv2, and this is virt-gicv3; give the hypervisor built for this board");
    memcpy(hv + 0x1100, "virt-gicv3", 11); /* it names another as well */
    scratch_write("hv2.bin", hv, size);
    assert_int_equal(run_with("board.dtb", "hv2.bin").rc, 0);
}

/* ---- options
 * ----------------------------------------------------------------------------------------------------------
 */

static void being_called_wrongly_ends_with_2_and_the_usage(void **state)
{
    static const struct {
        const char *args[8];
        const char *says;
    } cases[] = {
        {{NULL}, "no command"},
        {{"pack", "--board", "b", "s", NULL}, "the command is not one of build, check, show"},
        {{"check", "s", NULL}, "--board is missing"},
        {{"check", "--board", "b", NULL}, "system.dts is missing"},
        {{"check", "--board", NULL}, "--board needs an argument"},
        {{"check", "--board", "b", "--board", "b", "s", NULL}, "--board is given twice"},
        {{"check", "--bored", "b", "s", NULL}, "unknown option --bored"},
        {{"check", "--board", "b", "s", "t", NULL}, "one argument too many: t"},
        {{"check", "--board", "b", "-o", "x", "s", NULL}, "check writes nothing: no -o"},
        {{"build", "--board", "b", "-o", "x", "s", NULL}, "build needs --hv"},
        {{"build", "--board", "b", "--hv", "x", "s", NULL}, "build needs -o"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct outcome o = hvplan(cases[i].args);

        assert_int_equal(o.rc, 2);
        assert_contains(o.err, cases[i].says);
        assert_contains(o.err, "usage: hvplan build");
        assert_string_equal(o.out, "");
    }
}

static void help_goes_to_standard_output(void **state)
{
    struct outcome o = hvplan((const char *[]){"--help", NULL});

    (void)state;
    assert_int_equal(o.rc, 0);
    assert_contains(o.out, "usage: hvplan build");
    assert_contains(o.out, "\n       hvplan show ");
    assert_string_equal(o.err, "");
}

static void each_command_has_help_of_its_own(void **state)
{
    static const struct {
        const char *args[5];
        const char *begins;
        const char *says;
        bool svg, out;
    } cases[] = {
        {{"build", "--help", NULL}, "usage: hvplan build --board ", "-o OUT             the file to write\n", false, true},
        {{"--help", "build", NULL}, "usage: hvplan build --board ", "--hv FILE          the hypervisor: its ELF file\n", false, true},
        {{"check", "-h", NULL}, "usage: hvplan check --board ", "only say whether the plan is right.\n", false, false},
        {{"show", "--board", "b", "--help", NULL}, "usage: hvplan show  --board ", "a picture if OUT ends in .svg\n", true, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct outcome o = hvplan(cases[i].args);

        assert_int_equal(o.rc, 0);
        assert_string_equal(o.err, "");
        assert_ptr_equal(strstr(o.out, cases[i].begins), o.out);
        assert_contains(o.out, cases[i].says);
        assert_contains(o.out, "  --board BOARD.dtb  ");
        assert_contains(o.out, "  --images DIR       ");
        assert_contains(o.out, "Exit status: 0 good, 1 the plan is wrong, 2 used wrongly.\n");
        assert_int_equal(strstr(o.out, "  --svg FILE  ") != NULL, cases[i].svg);
        assert_int_equal(strstr(o.out, "  -o OUT  ") != NULL, cases[i].out);
    }
    assert_contains(hvplan((const char *[]){"chek", "--help", NULL}).out, "usage: hvplan build");
}

static void outputs_that_cannot_be_written_are_told(void **state)
{
    (void)state;
    hvplan_vms("check", GOOD);
    const char *build[] = {"build", "--board",           scratch("board.dtb"),  "--hv", scratch("hv.bin"),
                           "-o",    scratch("none/out"), scratch("system.dts"), NULL};
    struct outcome o = hvplan(build);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "none/out:0: error: /: cannot be written: No such file or directory");
    const char *show[] = {
        "show", "--board", scratch("board.dtb"), "-o", scratch("none/out"), scratch("system.dts"), NULL};

    o = hvplan(show);
    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "none/out:0: error: /: cannot be written");
}

static void a_failed_rename_leaves_no_temporary_file(void **state)
{
    (void)state;
    hvplan_vms("check", GOOD);
    assert_int_equal(mkdir(scratch("folder"), 0755), 0);
    const char *build[] = {"build", "--board",         scratch("board.dtb"),  "--hv", scratch("hv.bin"),
                           "-o",    scratch("folder"), scratch("system.dts"), NULL};

    assert_int_equal(hvplan(build).rc, 1);
    assert_int_equal(rmdir(scratch("folder")), 0);
}

static void show_works_without_a_hypervisor_and_into_a_file(void **state)
{
    (void)state;
    hvplan_vms("check", GOOD);
    const char *show[] = {
        "show", "--board", scratch("board.dtb"), "-o", scratch("map.txt"), scratch("system.dts"), NULL};

    assert_int_equal(hvplan(show).rc, 0);
    assert_contains((const char *)scratch_read("map.txt", NULL), "hypervisor (size assumed: no --hv)");
}

static void images_are_also_looked_for_in_a_folder(void **state)
{
    (void)state;
    assert_int_equal(mkdir(scratch("sub"), 0755), 0);
    hvplan_vms("check", GOOD);
    size_t size;
    const uint8_t *text = scratch_read("system.dts", &size);

    scratch_write("sub/system.dts", text, size);
    const char *args[] = {
        "check", "--board", scratch("board.dtb"), "--images", scratch(""), scratch("sub/system.dts"), NULL};

    assert_int_equal(hvplan(args).rc, 0);
    args[4] = scratch("sub");
    struct outcome o = hvplan(args);

    assert_int_equal(o.rc, 1);
    assert_contains(o.err, "/sub/raw.bin (No such file or directory), then ");
    unlink(scratch("sub/system.dts"));
    rmdir(scratch("sub"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_console_that_cannot_be_shared_is_told),
        cmocka_unit_test(a_board_that_lacks_something_is_refused),
        cmocka_unit_test(a_board_without_memory_is_refused),
        cmocka_unit_test(board_files_that_are_no_trees_are_refused),
        cmocka_unit_test(a_board_of_the_other_instruction_set_is_refused),
        cmocka_unit_test(a_board_cut_short_anywhere_is_refused),
        cmocka_unit_test(a_board_with_a_flipped_bit_gets_an_answer),
        cmocka_unit_test(an_elf_is_laid_out_by_its_segments),
        cmocka_unit_test(a_debugging_elf_with_far_sections_is_no_matter),
        cmocka_unit_test(unfit_elf_files_are_refused),
        cmocka_unit_test(raw_images_must_say_how_much_memory_they_take),
        cmocka_unit_test(the_hypervisor_of_another_board_is_told),
        cmocka_unit_test(being_called_wrongly_ends_with_2_and_the_usage),
        cmocka_unit_test(help_goes_to_standard_output),
        cmocka_unit_test(each_command_has_help_of_its_own),
        cmocka_unit_test(outputs_that_cannot_be_written_are_told),
        cmocka_unit_test(a_failed_rename_leaves_no_temporary_file),
        cmocka_unit_test(show_works_without_a_hypervisor_and_into_a_file),
        cmocka_unit_test(images_are_also_looked_for_in_a_folder),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
