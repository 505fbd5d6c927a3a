/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers and barriers. Registers newer than Armv8.0 are named by encoding
 * (S<op0>_<op1>_C<CRn>_C<CRm>_<op2>) so that the assembler needs no extension; a caller first asks the ID
 * register that says they exist.
 */
#ifndef ARMV8_SYSREG_H
#define ARMV8_SYSREG_H

#include "hv/types.h"

/* MRS; volatile keeps its order among other register accesses. */
#define SYSREG_READ(name)                                                                                    \
    __extension__({                                                                                          \
        uint64_t sysreg_value;                                                                               \
        __asm__ volatile("mrs %0, " #name : "=r"(sysreg_value));                                             \
        sysreg_value;                                                                                        \
    })

/* The same of what changes with an exception alone, and so not while an exit is answered: read once, and where it is needed. */
#define SYSREG_OF_EXIT(name)                                                                                 \
    __extension__({                                                                                          \
        uint64_t sysreg_value;                                                                               \
        __asm__("mrs %0, " #name : "=r"(sysreg_value));                                                      \
        sysreg_value;                                                                                        \
    })

#define SYSREG_WRITE(name, value) __asm__ volatile("msr " #name ", %x0" : : "rZ"((uint64_t)(value)))

/* A field of four bits of an identification register. */
static inline unsigned sysreg_field(uint64_t id_reg, unsigned shift)
{
    return (unsigned)(id_reg >> shift) & 0xfU;
}

static inline void isb(void)
{
    __asm__ volatile("isb" : : : "memory");
}

/* All accesses complete, system wide: before power, firmware and device effects. */
static inline void dsb_sy(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}

/* Completes accesses and maintenance in the inner shareable domain. */
static inline void dsb_ish(void)
{
    __asm__ volatile("dsb ish" : : : "memory");
}

/* Completes stores only: descriptors before walks, data before an IPI. */
static inline void dsb_ishst(void)
{
    __asm__ volatile("dsb ishst" : : : "memory");
}

#endif
