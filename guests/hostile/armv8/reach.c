/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to somebody else's memory: without a syndrome, behind stage 1, by code and stack of its own. */
#include "attacks.h"

#define LOAD(name, insn)                                                                                     \
    static uint64_t name(uint64_t a)                                                                         \
    {                                                                                                        \
        uint64_t v = 0;                                                                                      \
        uint64_t w = 0;                                                                                      \
        __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t" insn                               \
                         : "+r"(v), "+r"(a), "+r"(w)::"memory");                                             \
        return v | w;                                                                                        \
    }

LOAD(load_pair, "ldp %0, %2, [%1]")
LOAD(load_pair_words, "ldpsw %0, %2, [%1]")
LOAD(load_pair_writeback, "ldp %0, %2, [%1], #16")
LOAD(load_post, "ldr %0, [%1], #8")
LOAD(load_pre, "ldrb %w0, [%1, #0]!")
LOAD(load_user, "ldtr %0, [%1]")
LOAD(load_exclusive_pair, "ldxp %0, %2, [%1]")
LOAD(load_vector, "ldr q0, [%1]\n\tfmov %0, d0")
LOAD(load_structure, "ld1 {v0.16b, v1.16b}, [%1]\n\tfmov %0, d0")
LOAD(load_to_nowhere, "ldr xzr, [%1], #8")
LOAD(store_pair, "stp %0, %2, [%1]")
LOAD(store_pair_writeback, "stp %0, %2, [%1, #0]!")
LOAD(store_post, "strh %w0, [%1], #2")
LOAD(store_user, "sttr %0, [%1]")
LOAD(store_exclusive, "ldxr %0, [%1]\n\tstxr %w2, %0, [%1]")
LOAD(store_exclusive_pair, "ldaxp %0, %2, [%1]\n\tstlxp %w0, %2, %2, [%1]")
LOAD(store_vector, "str q0, [%1]")
LOAD(store_structure, "st1 {v0.16b, v1.16b}, [%1]")
LOAD(zero_line, "dc zva, %1")
LOAD(clean_line, "dc cvac, %1")
LOAD(discard_line, "dc ivac, %1")
LOAD(prefetch, "prfm pldl1keep, [%1]")

static const struct {
    const char *name;
    uint64_t (*fn)(uint64_t a);
} odd[] = {
    {"ldp", load_pair},
    {"ldpsw", load_pair_words},
    {"ldp writeback", load_pair_writeback},
    {"ldr writeback", load_post},
    {"ldrb writeback", load_pre},
    {"ldtr", load_user},
    {"ldxp", load_exclusive_pair},
    {"ldr q", load_vector},
    {"ld1", load_structure},
    {"ldr xzr", load_to_nowhere},
    {"stp", store_pair},
    {"stp writeback", store_pair_writeback},
    {"strh writeback", store_post},
    {"sttr", store_user},
    {"stxr", store_exclusive},
    {"stlxp", store_exclusive_pair},
    {"str q", store_vector},
    {"st1", store_structure},
    {"dc zva", zero_line},
    {"dc cvac", clean_line},
    {"dc ivac", discard_line},
    {"prfm", prefetch},
};

const char *odd_access(unsigned n, uint64_t (**fn)(uint64_t a))
{
    if (n >= sizeof(odd) / sizeof(odd[0])) {
        return NULL;
    }
    *fn = odd[n].fn;
    return odd[n].name;
}

/* Stage 1 of the guest's own says that the foreign page is its own Normal memory, or its own device. */
void attack_stage1(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned kind = WINDOW_DEVICE; kind <= (unsigned)WINDOW_NORMAL; kind++) {
            uint64_t va = stage1_on(a, (enum window)kind);
            struct outcome read = try_read(va, 8);
            struct outcome odd_one = try_read(va + 1U, 4);
            struct outcome written = try_write(va + 8U, 8, PATTERN);
            struct outcome fetched = try_fetch(va);
            stage1_off();
            fact(self, "read", a, read);
            fact(self, "unaligned read", a, odd_one);
            fact(self, "write", a, written);
            fact(self, "fetch", a, fetched);
        }
    }
}

/* The tables themselves lie in foreign memory: the walker reads what the CPU may not. */
void attack_walk(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        uint64_t va = stage1_foreign(a & ~0xfffU);
        struct outcome read = try_read(va, 8);
        struct outcome written = try_write(va, 8, PATTERN);
        struct outcome fetched = try_fetch(va);
        stage1_off();
        fact(self, "walk for read", a, read);
        fact(self, "walk for write", a, written);
        fact(self, "walk for fetch", a, fetched);
    }
}

/* Code that it writes itself runs where it may; the hypervisor's cannot be written. */
void attack_rewrite(const struct attack *self)
{
    static uint32_t code[2] __attribute__((aligned(64)));
    code[0] = 0xd2800540U; /* mov x0, #42 */
    code[1] = 0xd65f03c0U; /* ret */
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(code) : "memory");
    fact(self, "own code", 0, try_call((uint64_t(*)(uint64_t))(uintptr_t)code, 0));
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        fact(self, "write to code", a, try_write(a, 4, 0xd65f03c0U));
        fact(self, "ic ivau", a, try_write(a + 4U, 4, 0xd4200000U));
    }
}

/* ---- This does not come back. ---- */

/* The stack is somebody else's: each exception faults in its first store, for ever. */
void attack_stack(const struct attack *self)
{
    uint64_t a = 0;
    (void)address(self->list, 0, &a);
    print("hostile: %s: now\n", self->name);
    __asm__ volatile("mov sp, %0\n\tbrk #0" ::"r"(a + 0x1000U) : "memory");
}
