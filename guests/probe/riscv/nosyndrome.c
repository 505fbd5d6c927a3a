/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that a hypervisor has to make out by itself, or refuse: compressed, atomic, misaligned, floating point. */
#include "tests.h"

static uint64_t load_compressed(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    __asm__ volatile(".option push\n\t.option rvc\n\tc.lw a0, 0(a0)\n\t.option pop" : "+r"(a0)::"memory");
    return a0;
}

static uint64_t load_compressed_8(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    __asm__ volatile(".option push\n\t.option rvc\n\tc.ld a0, 0(a0)\n\t.option pop" : "+r"(a0)::"memory");
    return a0;
}

static uint64_t store_compressed(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    __asm__ volatile(".option push\n\t.option rvc\n\tc.sw a0, 0(a0)\n\t.option pop" ::"r"(a0) : "memory");
    return 0;
}

static uint64_t load_signed_byte(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("lb %0, 0(%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t load_to_zero(uint64_t a)
{
    __asm__ volatile("lw zero, 0(%0)" ::"r"(a) : "memory");
    return 0;
}

static uint64_t load_reserved(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("lr.w %0, (%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t store_conditional(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("sc.w %0, zero, (%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t atomic_or(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("amoor.w %0, zero, (%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t load_misaligned(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("lw %0, 1(%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t store_misaligned(uint64_t a)
{
    __asm__ volatile("sw zero, 2(%0)" ::"r"(a) : "memory");
    return 0;
}

static uint64_t load_across_pages(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("ld %0, -4(%1)" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static uint64_t load_float(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    SET_CSR(sstatus, 1U << 13);                                          /* FS */
    __asm__ volatile(".insn i 0x07, 2, x0, 0(%0)" ::"r"(a0) : "memory"); /* flw f0 */
    return 0;
}

static uint64_t zero_block(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    __asm__ volatile(".word 0x0045200f" ::"r"(a0) : "memory"); /* cbo.zero (a0) */
    return 0;
}

static uint64_t flush_block(uint64_t a)
{
    register uint64_t a0 __asm__("a0") = a;
    __asm__ volatile(".word 0x0025200f" ::"r"(a0) : "memory"); /* cbo.flush (a0) */
    return 0;
}

/* The same accesses at each of a0=, a1=, ... of the boot arguments: an emulated device, or where nothing is. */
void test_nosyndrome(void)
{
    static const struct {
        const char *name;
        uint64_t (*fn)(uint64_t a);
    } accesses[] = {
        {"c.lw", load_compressed},
        {"c.ld", load_compressed_8},
        {"c.sw", store_compressed},
        {"lb", load_signed_byte},
        {"lw to zero", load_to_zero},
        {"lr.w", load_reserved},
        {"sc.w", store_conditional},
        {"amoor.w", atomic_or},
        {"lw misaligned", load_misaligned},
        {"sw misaligned", store_misaligned},
        {"ld across pages", load_across_pages},
        {"flw", load_float},
        {"cbo.zero", zero_block},
        {"cbo.flush", flush_block},
    };
    char key[3] = "a0";
    for (; key[1] <= '9'; key[1]++) {
        uint64_t a = bootarg_number(key, UINT64_MAX);
        if (a == UINT64_MAX) {
            break;
        }
        print("probe: nosyndrome: address %s = 0x%lx\n", key, a);
        for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
            report("nosyndrome", accesses[i].name, try_call(accesses[i].fn, a));
        }
    }
}
