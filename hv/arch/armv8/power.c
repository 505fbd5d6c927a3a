/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware below us: PSCI (DEN 0022F) by SMC, under the SMC Calling Convention (DEN 0028). */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"

#define PSCI_VERSION    0x84000000U
#define PSCI_SYSTEM_OFF 0x84000008U
#define PSCI_CPU_ON64   0xc4000003U

/* X0-X17 may come back changed before SMCCC 1.1 (DEN 0028 2.6); all are declared, X4-X17 as clobbered. */
static int64_t smc(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;
    __asm__ volatile("smc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                     :
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                       "x17", "cc", "memory");
    return (int64_t)x0;
}

enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id)
{
    dsb_sy(); /* what the new CPU will read is in memory */
    int64_t answer = smc(PSCI_CPU_ON64, hw_id, mmu_loaded(boot_secondary).v, cpu);
    return answer == 0 ? HV_OK : HV_ERR_FIRMWARE;
}

void power_system_off(void)
{
    dsb_sy();
    (void)smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}

uint32_t power_version(void)
{
    int64_t answer = smc(PSCI_VERSION, 0, 0, 0);
    return (answer & INT64_C(0x80000000)) != 0 ? 0U
                                               : (uint32_t)answer; /* NOT_SUPPORTED is negative in 32 bits */
}

/* Before 0.2 the functions had no numbers of their own (DEN 0022F, 5.1). */
const char *power_lacks(void)
{
    return power_version() < 2U ? "PSCI 0.2" : NULL;
}
