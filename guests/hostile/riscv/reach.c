/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that nobody can carry out for the guest, that cross out of its memory, and code and stack of its own. */
#include "attacks.h"

/* a1 is what was read. */
#define ODD(name, insn)                                                                                      \
    static uint64_t name(uint64_t a)                                                                         \
    {                                                                                                        \
        register uint64_t a0 __asm__("a0") = a;                                                              \
        register uint64_t a1 __asm__("a1") = 0;                                                              \
        __asm__ volatile(".option push\n\t.option norvc\n\t" insn "\n\t.option pop"                          \
                         : "+r"(a0), "+r"(a1)::"memory", "t0");                                              \
        return a1;                                                                                           \
    }

ODD(short_load, ".option rvc\n\tc.lw a1, 0(a0)")
ODD(short_load_double, ".option rvc\n\tc.ld a1, 0(a0)")
ODD(short_store, ".option rvc\n\tc.sw a1, 0(a0)")
ODD(short_store_double, ".option rvc\n\tc.sd a1, 0(a0)")
ODD(load_signed, "lb a1, 0(a0)")
ODD(load_to_zero, "lw zero, 0(a0)")
ODD(load_reserved, "lr.w a1, (a0)")
ODD(load_reserved_double, "lr.d.aqrl a1, (a0)")
ODD(store_conditional, "lr.w a1, (a0)\n\tsc.w a1, a1, (a0)")
ODD(swap, "amoswap.w a1, zero, (a0)")
ODD(add, "amoadd.d.aqrl a1, zero, (a0)")
ODD(or_word, "amoor.w a1, zero, (a0)")
ODD(maximum, "amomaxu.d a1, zero, (a0)")
ODD(load_odd, "lw a1, 1(a0)")
ODD(load_odd_double, "ld a1, 4(a0)")
ODD(store_odd, "sw a1, 2(a0)")
ODD(load_across, "ld a1, -4(a0)")
ODD(store_across, "sd a1, -4(a0)")
ODD(load_float, ".insn i 0x07, 2, x0, 0(a0)")
ODD(load_float_double, ".insn i 0x07, 3, x0, 0(a0)")
ODD(store_float, ".insn s 0x27, 2, x0, 0(a0)")
ODD(store_float_double, ".insn s 0x27, 3, x0, 0(a0)")
ODD(load_vector, ".word 0xc000f057\n\t.word 0x02050007")
ODD(store_vector, ".word 0xc000f057\n\t.word 0x02050027")
ODD(zero_block, ".word 0x0045200f")
ODD(clean_block, ".word 0x0015200f")
ODD(flush_block, ".word 0x0025200f")
ODD(invalidate_block, ".word 0x0005200f")
ODD(prefetch, ".word 0x00156013")

static const struct {
    const char *name;
    uint64_t (*fn)(uint64_t a);
} odd[] = {
    {"c.lw", short_load},
    {"c.ld", short_load_double},
    {"c.sw", short_store},
    {"c.sd", short_store_double},
    {"lb", load_signed},
    {"lw to zero", load_to_zero},
    {"lr.w", load_reserved},
    {"lr.d", load_reserved_double},
    {"sc.w", store_conditional},
    {"amoswap.w", swap},
    {"amoadd.d", add},
    {"amoor.w", or_word},
    {"amomaxu.d", maximum},
    {"misaligned lw", load_odd},
    {"misaligned ld", load_odd_double},
    {"misaligned sw", store_odd},
    {"crossing ld", load_across},
    {"crossing sd", store_across},
    {"flw", load_float},
    {"fld", load_float_double},
    {"fsw", store_float},
    {"fsd", store_float_double},
    {"vle8", load_vector},
    {"vse8", store_vector},
    {"cbo.zero", zero_block},
    {"cbo.clean", clean_block},
    {"cbo.flush", flush_block},
    {"cbo.inval", invalidate_block},
    {"prefetch.r", prefetch},
};

const char *odd_access(unsigned n, uint64_t (**fn)(uint64_t a))
{
    if (n >= sizeof(odd) / sizeof(odd[0])) {
        return NULL;
    }
    SET_CSR(sstatus, SSTATUS_FS | SSTATUS_VS);
    *fn = odd[n].fn;
    return odd[n].name;
}

static void at_odd(const struct attack *self, uint64_t a)
{
    uint64_t (*fn)(uint64_t a) = NULL;
    const char *name = NULL;
    for (unsigned i = 0; (name = odd_access(i, &fn)) != NULL; i++) {
        fact(self, name, a, try_call(fn, a));
    }
}

void attack_irqc_odd(const struct attack *self)
{
    if (irqc_ready(self)) {
        at_odd(self, irqc_base());
        at_odd(self, irqc_base() + 0x2000U);
    }
}

/* From its last bytes into what follows. */
void attack_cross(const struct attack *self)
{
    uint64_t end = 0;
    for (unsigned n = 0; address(self->list, n, &end); n++) {
        for (uint64_t k = 1; k < 8U; k++) {
            for (unsigned size = 2; size <= 8U; size *= 2U) {
                if (k < size) {
                    fact(self, "read", end - k, try_read(end - k, size));
                    fact(self, "write", end - k, try_write(end - k, size, PATTERN));
                }
            }
        }
    }
}

/* Code that it writes itself runs where it may; the hypervisor's cannot be written. */
void attack_rewrite(const struct attack *self)
{
    fact(self, "own code", 0, try_insn(0x02a00513U, 0)); /* li a0, 42 */
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        fact(self, "write to code", a, try_write(a, 4, 0x00008067U));
        fence_i();
        fact(self, "write to code", a + 4U, try_write(a + 4U, 2, 0x9002U));
    }
}

/* ---- This does not come back. ---- */

/* The stack is somebody else's: each exception faults in its first store, for ever. */
void attack_stack(const struct attack *self)
{
    uint64_t a = 0;
    (void)address(self->list, 0, &a);
    print("hostile: %s: now\n", self->name);
    __asm__ volatile("mv sp, %0\n\tebreak" ::"r"(a + 0x1000U) : "memory");
}
