/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the firmware below us (SBI 2.0 chapter 3): a7 extension, a6 function, a0 to a5 arguments; a0 error, a1 value. */
#ifndef RISCV_SBI_CALL_H
#define RISCV_SBI_CALL_H

#include "hv/types.h"

#define SBI_BASE   0x10U
#define SBI_TIME   0x54494d45U
#define SBI_IPI    0x735049U
#define SBI_RFENCE 0x52464e43U
#define SBI_HSM    0x48534dU
#define SBI_SRST   0x53525354U

struct sbi_answer {
    int64_t error;
    uint64_t value;
};

#define SBI_ARGS 5U

/* One call; the arguments that a function has none of are 0: SBI_WITH(a0, a1). */
#define SBI_WITH(...) ((const uint64_t[SBI_ARGS]){__VA_ARGS__})
static inline struct sbi_answer sbi_call(uint64_t extension, uint64_t function, const uint64_t arg[SBI_ARGS])
{
    register uint64_t a0 __asm__("a0");
    register uint64_t a1 __asm__("a1");
    register uint64_t a2 __asm__("a2");
    register uint64_t a3 __asm__("a3");
    register uint64_t a4 __asm__("a4");
    register uint64_t a6 __asm__("a6");
    register uint64_t a7 __asm__("a7");

    a0 = arg[0];
    a1 = arg[1];
    a2 = arg[2];
    a3 = arg[3];
    a4 = arg[4];
    a6 = function;
    a7 = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_answer){(int64_t)a0, a1};
}

#endif
