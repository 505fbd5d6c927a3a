/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's virtual interrupts (privileged architecture 1.13, 18.2.3). */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"

void virq_set(uint64_t bits)
{
    CSR_SET(CSR_HVIP, bits);
}

void virq_clear(uint64_t bits)
{
    CSR_CLEAR(CSR_HVIP, bits);
}

/* hip has what hvip, the guest's comparator and its interrupt file assert. */
uint64_t virq_pending(void)
{
    return CSR_READ(CSR_HIP) & (HVIP_VSSIP | HVIP_VSTIP | HVIP_VSEIP);
}

/* With the interrupts delegated vsie is hie, one bit lower. */
uint64_t virq_enabled(void)
{
    return CSR_READ(CSR_VSIE) << 1;
}
