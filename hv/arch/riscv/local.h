/* SPDX-License-Identifier: Apache-2.0 */
/* What every interrupt begins with, in line: which of the hart's own it is (arch.h: local.c). */
#ifndef RISCV_LOCAL_H
#define RISCV_LOCAL_H

#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"

/* All but the timer's. */
static inline uint32_t local_ack_other(uint64_t pending)
{
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

uint32_t local_ack_timer(uint64_t pending);

/* IPIs last: who sends them without end keeps neither the console's timer nor its UART from being served. What comes
 * before them comes again only when it has been served. */
static inline uint32_t local_ack(void)
{
    uint64_t pending = CSR_READ(CSR_SIP) & CSR_READ(CSR_SIE);

    return (pending & SIP_STIP) != 0U ? local_ack_timer(pending) : local_ack_other(pending);
}

#endif
