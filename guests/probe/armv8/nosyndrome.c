/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that carry no syndrome. */
#include "tests.h"

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
