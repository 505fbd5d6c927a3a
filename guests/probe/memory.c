/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: what is not the guest's, accesses that carry no syndrome, and all of its own. */
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

static uint64_t load_pair(uint64_t a)
{
    uint64_t v = 0;
    uint64_t w = 0;
    __asm__ volatile("ldp %0, %1, [%2]" : "+r"(v), "+r"(w) : "r"(a) : "memory");
    return v;
}

static uint64_t store_pair(uint64_t a)
{
    __asm__ volatile("stp xzr, xzr, [%0]" ::"r"(a) : "memory");
    return 0;
}

static uint64_t load_post_index(uint64_t a)
{
    uint64_t v = 0;
    __asm__ volatile("ldr %w0, [%1], #4" : "+r"(v), "+r"(a)::"memory");
    return v;
}

static uint64_t load_exclusive(uint64_t a)
{
    uint64_t v = 0;
    __asm__ volatile("ldxr %w0, [%1]" : "+r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t load_vector(uint64_t a)
{
    __asm__ volatile(".arch_extension fp\n\tldr s0, [%0]" ::"r"(a) : "memory");
    return 0;
}

static uint64_t zero_line(uint64_t a)
{
    __asm__ volatile("dc zva, %0" ::"r"(a) : "memory");
    return 0;
}

static uint64_t clean_line(uint64_t a)
{
    __asm__ volatile("dc civac, %0" ::"r"(a) : "memory");
    return 0;
}

/* The same accesses to an emulated device (the distributor) and to an address where nothing is. */
void test_nosyndrome(void)
{
    static const struct {
        const char *name;
        uint64_t (*fn)(uint64_t a);
    } accesses[] = {
        {"ldp", load_pair},       {"stp", store_pair},     {"ldr post-index", load_post_index},
        {"ldxr", load_exclusive}, {"ldr s0", load_vector}, {"dc zva", zero_line},
        {"dc civac", clean_line},
    };
    uint64_t where[2] = {bootarg_number("a0", 0), bootarg_number("gicd", 0)};
    for (unsigned w = 0; w < 2U; w++) {
        print("probe: nosyndrome: address %u = 0x%lx\n", w, where[w]);
        for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
            report("nosyndrome", accesses[i].name, try_call(accesses[i].fn, where[w]));
        }
    }
}

extern const char _start[];

/* Fills all RAM behind this image but the device tree's page range with a pattern, then compares. */
void test_memory(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    if (!fdt_memory(&base, &size)) {
        print("probe: memory: no memory node\n");
        return;
    }
    uint64_t image = (uint64_t)(uintptr_t)_start;
    uint64_t dtb = (uint64_t)(uintptr_t)fdt_bootargs() & ~0xffffU;
    uint64_t bad = 0;
    uint64_t words = 0;
    for (unsigned pass = 0; pass < 2U; pass++) {
        /* One word in each 4 KiB, so that a wrong mapping shows in little time. */
        for (uint64_t a = base; a < base + size; a += 4096U) {
            if ((a >= image && a < image + 0x40000U) || (a >= dtb && a < dtb + 0x20000U)) {
                continue;
            }
            volatile uint64_t *p = (volatile uint64_t *)a;
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
    WRITE_SYSREG(vbar_el1, a & ~0x7ffU);
    barrier();
    ((void (*)(void))(uintptr_t)a)();
}
