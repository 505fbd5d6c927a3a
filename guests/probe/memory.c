/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: what is not the guest's, and all of its own. */
#include "probe.h"

/* Addresses a0=, a1=, ... of the boot arguments, each read, written and fetched from in every width. */
void test_walls(void)
{
    static const char *const reads[] = {"read 1", "read 2", "read 4", "read 8"};
    static const char *const writes[] = {"write 1", "write 2", "write 4", "write 8"};
    char key[3] = "a0";
    for (; key[1] <= '9'; key[1]++) {
        uint64_t addr = bootarg_number(key, UINT64_MAX);
        if (addr == UINT64_MAX) {
            break;
        }
        print("probe: walls: address %s = 0x%lx\n", key, addr);
        for (unsigned i = 0; i < 4U; i++) {
            report("walls", reads[i], try_read(addr, 1U << i));
            report("walls", writes[i], try_write(addr, 1U << i, 0xa5a5a5a5a5a5a5a5U));
        }
        report("walls", "fetch", try_fetch(addr));
    }
}

extern const char _start[];

#define RANGES     8U
#define IMAGE_ROOM 0x40000U
#define TREE_ROOM  0x20000U

static struct {
    uint64_t from;
    uint64_t end;
} kept[RANGES];
static unsigned nr_kept;

static void keep(uint64_t from, uint64_t size)
{
    if (nr_kept < RANGES) {
        kept[nr_kept].from = from;
        kept[nr_kept].end = from + size;
        nr_kept++;
    }
}

static bool is_kept(uint64_t a)
{
    bool found = false;
    for (unsigned i = 0; i < nr_kept && !found; i++) {
        found = a >= kept[i].from && a < kept[i].end;
    }
    return found;
}

/* This image, the device tree, and what the tree says is the firmware's. */
static void keep_what_is_used(void)
{
    uint64_t from = 0;
    uint64_t size = 0;
    uint32_t reserved = fdt_path("/reserved-memory");
    nr_kept = 0;
    keep((uint64_t)(uintptr_t)_start, IMAGE_ROOM);
    keep((uint64_t)(uintptr_t)fdt_bootargs() & ~0xffffU, TREE_ROOM);
    for (unsigned n = 0; n < RANGES; n++) {
        if (fdt_reg(fdt_child(reserved, n), 0, &from, &size)) {
            keep(from, size);
        }
    }
}

/* Fills all RAM but what is used with a pattern, then compares. */
void test_memory(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    if (!fdt_memory(&base, &size)) {
        print("probe: memory: no memory node\n");
        return;
    }
    keep_what_is_used();
    uint64_t bad = 0;
    uint64_t words = 0;
    for (unsigned pass = 0; pass < 2U; pass++) {
        /* One word in each 4 KiB, so that a wrong mapping shows in little time. */
        for (uint64_t a = base; a < base + size; a += 4096U) {
            if (is_kept(a)) {
                continue;
            }
            volatile uint64_t *p = (volatile uint64_t *)(uintptr_t)a;
            if (pass == 0U) {
                *p = a ^ 0x5a5a5a5a00000000U;
                words++;
            } else if (*p != (a ^ 0x5a5a5a5a00000000U)) {
                bad++;
            }
        }
        barrier();
    }
    print("probe: memory: base = 0x%lx\n", base);
    print("probe: memory: size = 0x%lx\n", size);
    report_number("memory", "words", (int64_t)words);
    report_number("memory", "bad", (int64_t)bad);
}

/* Jumps where nothing is, with the vectors there too: this guest cannot handle its own fault. */
void test_fetchloop(void)
{
    uint64_t a = bootarg_number("a0", 0);
    set_vectors(a);
    ((void (*)(void))(uintptr_t)a)();
}
