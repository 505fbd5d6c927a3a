/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's call of channels, by ISA. */
#ifndef BULKHEAD_HYPERCALL_H
#define BULKHEAD_HYPERCALL_H

#include <linux/types.h>

#if defined(CONFIG_ARM64)

#include <linux/arm-smccc.h>

/* Arm DEN 0028 (SMCCC), 2.5: a fast call of the vendor-specific hypervisor service range, by HVC. */
static inline long bulkhead_hypercall_ring(u32 channel, u32 end)
{
    struct arm_smccc_res res;

    arm_smccc_1_1_hvc(0x86000004U, channel, end, &res);
    return (int)res.a0;
}

#elif defined(CONFIG_RISCV)

#include <asm/sbi.h>

/* RISC-V SBI 2.0, 3.1: an extension of a firmware's own. */
static inline long bulkhead_hypercall_ring(u32 channel, u32 end)
{
    return sbi_ecall(0x0a42484b, 4, channel, end, 0, 0, 0, 0).error;
}

#else
#error "Bulkhead runs guests of arm64 and riscv64"
#endif

#endif
