/* SPDX-License-Identifier: Apache-2.0 */
/* A hart's own interrupts at HS level: sip and sie (privileged architecture 1.13, 12.1.3), IPIs by the firmware (SBI 2.0 chapter 7). */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi_call.h"

void local_init_cpu(void)
{
    timer_init_cpu();
    CSR_WRITE(CSR_SIE, SIP_SSIP | SIP_SEIP);
    CSR_CLEAR(CSR_SIP, SIP_SSIP);
}

uint32_t local_ack(void)
{
    uint64_t pending = CSR_READ(CSR_SIP) & CSR_READ(CSR_SIE);

    /* IPIs last: who sends them without end keeps neither the console's timer nor its UART from being served. What comes
     * before them comes again only when it has been served. */
    if ((pending & SIP_STIP) != 0U) {
        uint32_t intid = timer_came();

        if (intid != IRQC_NONE) {
            return intid;
        }
    }
    if ((pending & SIP_SEIP) != 0U) {
        return RISCV_INTID_EXTERNAL;
    }
    if ((pending & SIP_SSIP) == 0U) {
        return IRQC_NONE;
    }
    CSR_CLEAR(CSR_SIP, SIP_SSIP);
    /* What the IPI announced is read behind the clear: one that comes after this is an interrupt of its own. */
    __asm__ volatile("fence iorw, iorw" : : : "memory");
    return HV_IPI_INTID;
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
