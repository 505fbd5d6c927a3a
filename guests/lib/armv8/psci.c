/* SPDX-License-Identifier: Apache-2.0 */
/* SMCCC calls (DEN 0028) and PSCI (DEN 0022) by the conduit the device tree names. */
#include "guest.h"

/* x4..x17 are clobbered as SMCCC 1.0 allows, so both versions' callees are fine. */
#define CALL(insn)                                                                                           \
    register uint64_t x0 __asm__("x0") = f;                                                                  \
    register uint64_t x1 __asm__("x1") = a;                                                                  \
    register uint64_t x2 __asm__("x2") = b;                                                                  \
    register uint64_t x3 __asm__("x3") = c;                                                                  \
    __asm__ volatile(insn " #0"                                                                              \
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                                                \
                     :                                                                                       \
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",  \
                       "x17", "memory", "cc");                                                               \
    return (struct smccc)                                                                                    \
    {                                                                                                        \
        {                                                                                                    \
            x0, x1, x2, x3                                                                                   \
        }                                                                                                    \
    }

struct smccc hvc(uint64_t f, uint64_t a, uint64_t b, uint64_t c)
{
    CALL("hvc");
}

struct smccc smc(uint64_t f, uint64_t a, uint64_t b, uint64_t c)
{
    CALL("smc");
}

int64_t psci(uint64_t f, uint64_t a, uint64_t b, uint64_t c)
{
    uint32_t len = 0;
    const char *method = fdt_prop(fdt_compatible("arm,psci-1.0", 0), "method", &len);
    struct smccc r = method != NULL && str_equal(method, "smc") ? smc(f, a, b, c) : hvc(f, a, b, c);
    return (int64_t)r.x[0];
}

int64_t cpu_start(unsigned cpu, uint64_t arg)
{
    return psci(PSCI_CPU_ON, cpu, (uint64_t)(uintptr_t)secondary_entry, arg);
}

int64_t cpu_stop(void)
{
    return psci(PSCI_CPU_OFF, 0, 0, 0);
}

int64_t cpu_state(unsigned cpu)
{
    return psci(PSCI_AFFINITY_INFO, cpu, 0, 0);
}

int64_t system_off(void)
{
    return psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}

int64_t system_reset(void)
{
    return psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}
