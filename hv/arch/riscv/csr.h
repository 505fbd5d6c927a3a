/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs by number (privileged architecture 1.13, 2.2; Sstc; AIA 1.0 2.2), so that no assembler has to know their names. */
#ifndef RISCV_CSR_H
#define RISCV_CSR_H

#include "hv/types.h"

#define CSR_SENVCFG     0x10a
#define CSR_SSTATEEN0   0x10c
#define CSR_SCOUNTEREN  0x106
#define CSR_STIMECMP    0x14d
#define CSR_SISELECT    0x150
#define CSR_SIREG       0x151
#define CSR_STOPEI      0x15c
#define CSR_SIE         0x104
#define CSR_SIP         0x144
#define CSR_SSTATUS     0x100
#define CSR_VSSTATUS    0x200
#define CSR_VSIE        0x204
#define CSR_VSTVEC      0x205
#define CSR_VSSCRATCH   0x240
#define CSR_VSEPC       0x241
#define CSR_VSCAUSE     0x242
#define CSR_VSTVAL      0x243
#define CSR_VSTIMECMP   0x24d
#define CSR_VSISELECT   0x250
#define CSR_VSIREG      0x251
#define CSR_VSATP       0x280
#define CSR_HSTATUS     0x600
#define CSR_HEDELEG     0x602
#define CSR_HIDELEG     0x603
#define CSR_HIE         0x604
#define CSR_HTIMEDELTA  0x605
#define CSR_HCOUNTEREN  0x606
#define CSR_HGEIE       0x607
#define CSR_HVIEN       0x608
#define CSR_HVICTL      0x609
#define CSR_HENVCFG     0x60a
#define CSR_HSTATEEN0   0x60c
#define CSR_HSTATEEN1   0x60d
#define CSR_HSTATEEN2   0x60e
#define CSR_HSTATEEN3   0x60f
#define CSR_HVIPRIO1    0x646
#define CSR_HVIPRIO2    0x647
#define CSR_SCONTEXT    0x5a8
#define CSR_HTVAL       0x643
#define CSR_HIP         0x644
#define CSR_HVIP        0x645
#define CSR_HTINST      0x64a
#define CSR_HGATP       0x680
#define CSR_HGEIP       0xe12
#define CSR_STVAL       0x143
#define CSR_SEPC        0x141
#define CSR_SCAUSE      0x142

#define CSR_READ(csr)                                                       \
    __extension__({                                                         \
        uint64_t v_;                                                        \
        __asm__ volatile("csrr %0, %1" : "=r"(v_) : "i"(csr) : "memory");   \
        v_;                                                                 \
    })
#define CSR_WRITE(csr, value)                                                    \
    do {                                                                         \
        uint64_t csr_bits = (value);                                             \
        __asm__ volatile("csrw %0, %1" : : "i"(csr), "rK"(csr_bits) : "memory"); \
    } while (false)
#define CSR_SET(csr, bits)                                                       \
    do {                                                                         \
        uint64_t csr_bits = (bits);                                              \
        __asm__ volatile("csrs %0, %1" : : "i"(csr), "rK"(csr_bits) : "memory"); \
    } while (false)
#define CSR_CLEAR(csr, bits)                                                     \
    do {                                                                         \
        uint64_t csr_bits = (bits);                                              \
        __asm__ volatile("csrc %0, %1" : : "i"(csr), "rK"(csr_bits) : "memory"); \
    } while (false)

/* Interrupts of the supervisor level in sip and sie. */
#define SIP_SSIP ((uint64_t)1 << 1)
#define SIP_STIP ((uint64_t)1 << 5)
#define SIP_SEIP ((uint64_t)1 << 9)

#define HSTATUS_SPV   ((uint64_t)1 << 7)
#define HSTATUS_SPVP  ((uint64_t)1 << 8)
#define HSTATUS_VGEIN ((uint64_t)1 << 12) /* guest external interrupt 1 */
#define HSTATUS_VSXL  ((uint64_t)2 << 32) /* VS mode is 64 bits wide */

#endif
