/* SPDX-License-Identifier: Apache-2.0 */
/* A hart's own interrupts at HS level: sip and sie (privileged architecture 1.13, 12.1.3), IPIs by the firmware (SBI 2.0 chapter 7). */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/local.h"
#include "arch/riscv/sbi_call.h"

void local_init_cpu(void)
{
    timer_init_cpu();
    CSR_WRITE(CSR_SIE, SIP_SSIP | SIP_SEIP);
    CSR_CLEAR(CSR_SIP, SIP_SSIP);
}

__attribute__((noinline)) uint32_t local_ack_timer(uint64_t pending)
{
    uint32_t intid = timer_came();

    return intid != IRQC_NONE ? intid : local_ack_other(pending);
}

/* Word 0 of the enables: of these only the timer's can be chosen. */
void local_set(bool on, uint32_t mask)
{
    if ((mask & ((uint32_t)1 << RISCV_INTID_TIMER)) == 0U) {
        return;
    }
    if (on) {
        CSR_SET(CSR_SIE, SIP_STIP);
    } else {
        CSR_CLEAR(CSR_SIE, SIP_STIP);
    }
}

/* hart_mask 1, hart_mask_base the hart. */
void local_send_ipi(unsigned cpu)
{
    __asm__ volatile("fence rw, rw" : : : "memory"); /* what the IPI announces is visible first */
    (void)sbi_call(SBI_IPI, 0, SBI_WITH(1, cpu_hart_of(cpu)));
}
