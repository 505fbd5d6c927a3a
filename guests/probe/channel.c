/* SPDX-License-Identifier: Apache-2.0 */
/* The first channel of this VM, as its device tree tells of it: its own output, the others', and the common memory. */
#include "probe.h"

#define WORD 0x600d000000000000U
#define SECONDS 20U

static const char *own_name(void)
{
    uint32_t len = 0;
    const char *name = fdt_prop(fdt_compatible("bulkhead,channel-v1", 0), "bulkhead,endpoint", &len);

    return name != NULL ? name : "";
}

static bool is_own(const char *piece)
{
    return piece[0] == 'f' && str_equal(piece + str_len("from-"), own_name());
}

/* What another endpoint puts there; 0 if it does not in time. */
static uint64_t wait_for_word(uint64_t addr)
{
    uint64_t end = timer_now() + (uint64_t)SECONDS * timer_freq();
    uint64_t v = 0;

    while (v == 0U && timer_now() < end) {
        v = *(volatile uint64_t *)(uintptr_t)addr;
    }
    return v;
}

static void try_piece(const char *name, uint64_t base, uint64_t size)
{
    print("probe: channel: %s = 0x%lx + 0x%lx\n", name, base, size);
    if (is_own(name)) {
        report("channel", "before", try_read(base, 8)); /* of an earlier life */
        report("channel", "write", try_write(base, 8, WORD | (uint64_t)own_name()[0]));
    } else if (name[0] == 'f') {
        print("probe: channel: word = 0x%lx\n", wait_for_word(base));
        report("channel", "write", try_write(base, 8, 0));
        report("channel", "read", try_read(base, 8));
    } else {
        report("channel", "write", try_write(base + size - 8U, 8, WORD));
        print("probe: channel: word = 0x%lx\n", wait_for_word(base + size - 8U)); /* this VM's, or another's */
    }
    report("channel", "fetch", try_fetch(base));
    report("channel", "last", try_read(base + size - 8U, 8));
}

/* Its own output first: the others wait for that. */
static void try_pieces(uint32_t node, bool own)
{
    uint32_t len = 0;
    const char *names = fdt_prop(node, "reg-names", &len);
    unsigned n = 0;

    for (uint32_t i = 0; names != NULL && i < len; i += (uint32_t)str_len(names + i) + 1U) {
        uint64_t base = 0;
        uint64_t size = 0;

        if (fdt_reg(node, n, &base, &size) && is_own(names + i) == own && !str_equal(names + i, "info")) {
            try_piece(names + i, base, size);
        }
        n++;
    }
}

void test_channel(void)
{
    uint32_t node = fdt_compatible("bulkhead,channel-v1", 0);

    try_pieces(node, true);
    try_pieces(node, false);
}
