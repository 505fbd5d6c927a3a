/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the device tree of a board, or as a compiled system.dts, in hvplan: it ends with errors or with a plan that
 * plan_validate() accepts, and in bounded time. The first byte says which of the two the others are, and with which
 * of the boards; the rest is a good one. The mutator changes a tree as a tree, or little would get past libfdt.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hv/s2_format.h"
#include "sim/hvplan/hvplan.h"

#define BOARDS   2U /* of each instruction set, for which hvplan is built apart: the targets front and rvfront */
#define TREE_MAX 16384

static const char *const board_files[2][BOARDS] = {{"small", "small"}, {"riscv-plic", "riscv-aia"}};
static const char system_text[] =
    "/dts-v1/; / { compatible = \"bulkhead,system-v1\"; console-cpu = <0>; vms {"
    " a { vcpus = <1>; memory = \"4M\"; image = \"%s\"; bootargs = \"x\"; devices = \"serial1\"; on-reset = \"restart\"; };"
    " b { cpus = <1>; memory = <0x400000>; memory-address = <0x90000000>; load = <0x90000000>; entry = <0x90000004>;"
    "  dtb = <0x90200000>; image = \"%s\"; check-image; regions { r { memory = \"2M\"; memory-address = <0xa0000000>; ro; xn; }; }; };"
    " }; };";
/* VMs, a region of one, a channel of both and the hypervisor itself in colours of a cache that hashes its sets. */
static const char coloured_text[] =
    "/dts-v1/; / { compatible = \"bulkhead,system-v1\"; cache { size = \"1M\"; ways = <16>; line = <64>; hash = <0 0 0 0 0 0x10000 0 0x60000>; };"
    " hypervisor { colours = \"12-15\"; }; vms {"
    " a { cpus = <0>; memory = \"4M\"; image = \"%s\"; colours = \"0-5\"; on-reset = \"restart\"; console = \"none\"; };"
    " b { cpus = <1>; memory = \"2M\"; image = \"%s\"; colours = \"6-10\"; console = \"none\";"
    "  regions { r { memory = \"2M\"; memory-address = <0xa0000000>; colours = \"7\"; xn; }; }; };"
    " }; };";

struct fixed {
    uint8_t *data;
    size_t size;
};
static struct fixed board_tree[BOARDS], system_tree, coloured_tree;
static char image_name[64];
static struct run r; /* large */

static struct fixed compiled(const char *command)
{
    struct fixed f = {malloc(TREE_MAX), 0};
    FILE *p = popen(command, "r");

    FUZZ_EXPECT(p != NULL && f.data != NULL);
    f.size = fread(f.data, 1, TREE_MAX, p);
    FUZZ_EXPECT(pclose(p) == 0 && f.size > sizeof(struct fdt_header) && f.size < TREE_MAX);
    return f;
}

static struct fixed compiled_system(const char *text)
{
    char command[2048];
    int n = snprintf(command, sizeof(command), "printf '%%s' '");

    n += snprintf(command + n, sizeof(command) - (size_t)n, text, image_name, image_name);
    snprintf(command + n, sizeof(command) - (size_t)n, "' | dtc -q -I dts -O dtb");
    return compiled(command);
}

/* A file in memory that has a name. */
static int memory_file(const void *data, size_t size, char name[64])
{
    int fd = memfd_create("fuzz", 0);

    FUZZ_EXPECT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(name, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void prepare(void)
{
    static const uint8_t program[64] = {0x1f, 0x20, 0x03, 0xd5}; /* raw: it begins with a NOP */
    char command[2048];

    if (system_tree.data != NULL) {
        return;
    }
    (void)memory_file(program, sizeof(program), image_name);
    for (unsigned i = 0; i < BOARDS; i++) {
        snprintf(command, sizeof(command), "dtc -q -I dts -O dtb tests/unit/boards/%s.dts",
                 board_files[s2_format.addr_rshift == 0U ? 0 : 1][i]);
        board_tree[i] = compiled(command);
    }
    system_tree = compiled_system(system_text);
    coloured_tree = compiled_system(coloured_text);
}

/* True if a plan comes of them, and errors else. */
static bool gives_a_plan(struct fixed board, struct fixed system)
{
    static struct plan_report report;
    static FILE *nowhere;
    char name[64];
    int fd = memory_file(board.data, board.size, name);

    nowhere = nowhere == NULL ? fopen("/dev/null", "w") : nowhere;
    FUZZ_EXPECT(nowhere != NULL);
    r = (struct run){.opt = {.command = "check", .board = name, .system = "/system.dts"}, .diag = {nowhere, 0}};
    r.out = nowhere;
    r.sys.src = (struct source){"/system.dts", {system.data, system.size}, NULL};
    run_board(&r);
    run_source(&r);
    bool good = r.diag.errors == 0U;

    if (good) {
        FUZZ_EXPECT(r.plan != NULL && plan_validate(r.plan, PLAN_MAX_BYTES, r.board.kind->name, r.board.isa, &report) == HV_OK);
    }
    arena_free(&r.arena);
    close(fd);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fixed board, system;

    if (size < 1U + sizeof(struct fdt_header)) {
        return 0;
    }
    prepare();
    struct fixed fuzzed = {malloc(size - 1U), size - 1U}; /* of its size, for AddressSanitizer, and aligned */

    FUZZ_EXPECT(fuzzed.data != NULL);
    memcpy(fuzzed.data, data + 1, size - 1U);
    bool of_system = (data[0] & 1U) != 0U;

    board = of_system ? board_tree[(data[0] >> 1) % BOARDS] : fuzzed;
    system = of_system ? fuzzed : system_tree;
    if (!of_system || fdt_check_full(system.data, system.size) == 0) { /* dtc writes no other */
        (void)gives_a_plan(board, system);
    }
    free(fuzzed.data);
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    static uint8_t seed[1 + TREE_MAX];

    prepare();
    for (unsigned i = 0; i < 3U * BOARDS; i++) {
        const struct fixed *f = i < BOARDS ? &board_tree[i] : i < 2U * BOARDS ? &system_tree : &coloured_tree;

        FUZZ_EXPECT(gives_a_plan(board_tree[i % BOARDS], i < 2U * BOARDS ? system_tree : coloured_tree));
        seed[0] = (uint8_t)(i % BOARDS << 1 | (i < BOARDS ? 0U : 1U));
        memcpy(seed + 1, f->data, f->size);
        emit(seed, 1U + f->size);
    }
}

/* The n-th node of a tree, counted round. */
static int some_node(const void *fdt, unsigned n)
{
    int nodes = 0;

    for (int node = 0, depth = 0; node >= 0; node = fdt_next_node(fdt, node, &depth)) {
        nodes++;
    }
    n %= (unsigned)nodes;
    int at = 0;

    for (int depth = 0; n > 0U; n--) {
        at = fdt_next_node(fdt, at, &depth);
    }
    return at;
}

/* One property of one node: changed, longer, shorter, gone, or moved to another node. */
static void change_property(void *fdt, unsigned choice)
{
    uint8_t value[512];
    int node = some_node(fdt, choice >> 3);
    int prop = fdt_first_property_offset(fdt, node);
    const char *name = NULL;
    int len = 0;

    for (unsigned skip = choice >> 16 & 15U; prop >= 0 && skip > 0U; skip--) {
        int next = fdt_next_property_offset(fdt, prop);

        prop = next >= 0 ? next : fdt_first_property_offset(fdt, node);
    }
    const void *old = prop >= 0 ? fdt_getprop_by_offset(fdt, prop, &name, &len) : NULL;

    if (old == NULL || len > (int)sizeof(value) - 64) {
        (void)fdt_del_node(fdt, node);
        return;
    }
    char kept[64];

    memset(value, 0, sizeof(value));
    memcpy(value, old, (size_t)len);
    snprintf(kept, sizeof(kept), "%s", name);
    switch (choice & 7U) {
    case 0:
        (void)fdt_delprop(fdt, node, kept);
        break;
    case 1:
        (void)fdt_setprop(fdt, some_node(fdt, choice >> 20), kept, value, len);
        break;
    case 2:
        for (int end = len; len != 0 && end + len <= (int)sizeof(value) && (choice >> 24 & 31U) > (unsigned)(end / len); end += len) {
            memcpy(value + end, value, (size_t)len);
            (void)fdt_setprop(fdt, node, kept, value, end + len);
        }
        break;
    default:
        len = (int)LLVMFuzzerMutate(value, (size_t)len, (size_t)len + 32U);
        (void)fdt_setprop(fdt, node, kept, value, len);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static uint64_t tree[TREE_MAX / 8U], room[TREE_MAX / 8U];

    if (seed % 8U == 0U || size < 1U + sizeof(struct fdt_header) || size > TREE_MAX) {
        return LLVMFuzzerMutate(data, size, max);
    }
    memcpy(tree, data + 1, size - 1U); /* aligned */
    if (fdt_check_full(tree, size - 1U) != 0 || fdt_open_into(tree, room, sizeof(room)) != 0) {
        return LLVMFuzzerMutate(data, size, max);
    }
    for (unsigned n = 0; n <= seed % 3U; n++) {
        change_property(room, seed * 2654435761U + n * 40503U);
    }
    if (fdt_pack(room) != 0 || fdt_totalsize(room) >= max) {
        return LLVMFuzzerMutate(data, size, max);
    }
    data[0] = seed % 16U == 1U ? (uint8_t)(seed >> 8) : data[0];
    memcpy(data + 1, room, fdt_totalsize(room));
    return 1U + fdt_totalsize(room);
}
