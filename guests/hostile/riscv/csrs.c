/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs and instructions of the system space, all of them. */
#include "attacks.h"

#define CSRS     4096U
#define CSR_SSTATUS 0x100U
#define CSR_STVEC   0x105U
#define CSR_SATP    0x180U
#define SYSTEM   0x73U
#define A0(rs1)  ((rs1) << 15 | 10U << 7)
#define FUNCT3_HLV (4U << 12)

static uint8_t scratch[4096] __attribute__((aligned(4096)));

/* Its own traps out of the way, so that the hypervisor's are met. */
static void open_all(void)
{
    SET_CSR(sstatus, SSTATUS_FS | SSTATUS_VS);
}

static void tell(const struct attack *self, uint32_t csr, struct outcome o)
{
    print("hostile: %s: csr 0x%03x = ", self->name, csr);
    if (o.faulted) {
        print_fault(o);
    } else {
        print("0x%lx\n", o.value);
    }
}

/* Illegal ones are counted; all else is told. */
void attack_csr_read(const struct attack *self)
{
    open_all();
    int64_t illegal = 0;
    for (uint32_t n = 0; n < CSRS; n++) {
        struct outcome o = try_csr_read(n);
        if (o.faulted && o.cause == CAUSE_ILLEGAL) {
            illegal++;
        } else {
            tell(self, n, o);
        }
    }
    fact_number(self, "illegal", illegal);
}

/* Ones, zeros, and what was there; what the ones became is told. Those without which this guest could not go on are only
 * written with what they hold. */
void attack_csr_write(const struct attack *self)
{
    open_all();
    int64_t illegal = 0;
    for (uint32_t n = 0; n < CSRS; n++) {
        bool needed = n == CSR_SSTATUS || n == CSR_STVEC || n == CSR_SATP;
        struct outcome was = try_csr_read(n);
        uint64_t before = was.faulted ? 0U : was.value;
        struct outcome o = try_csr_write(n, needed ? before : ALL_ONES);
        struct outcome after = try_csr_read(n);
        struct outcome zero = try_csr_write(n, needed ? before : 0U);
        (void)try_csr_write(n, before);
        if (o.faulted && o.cause == CAUSE_ILLEGAL && zero.faulted && zero.cause == CAUSE_ILLEGAL) {
            illegal++;
        } else {
            tell(self, n, o.faulted ? o : after);
        }
    }
    fact_number(self, "illegal", illegal);
}

/* ECALL and EBREAK, SRET and WFI are known; each has an attack of its own. */
static bool is_own(uint32_t funct12)
{
    return funct12 <= 1U || funct12 == 0x102U || funct12 == 0x105U;
}

/* Returns, waits, fences: MRET, HFENCE, HINVAL and what nobody has defined. */
void attack_system(const struct attack *self)
{
    int64_t illegal = 0;
    for (uint32_t n = 0; n < CSRS; n++) {
        for (uint32_t rs1 = 0; rs1 <= 10U && !is_own(n); rs1 += 10U) {
            struct outcome o = try_insn(SYSTEM | n << 20 | rs1 << 15, (uint64_t)(uintptr_t)scratch);
            if (o.faulted && o.cause == CAUSE_ILLEGAL) {
                illegal++;
            } else {
                fact(self, "funct12", n, o);
            }
        }
    }
    fact_number(self, "illegal", illegal);
}

/* Loads and stores as somebody else's guest, at an address of its own: HLV, HLVX, HSV. */
void attack_hlv(const struct attack *self)
{
    int64_t illegal = 0;
    for (uint32_t n = 0; n < CSRS; n++) {
        struct outcome o = try_insn(SYSTEM | FUNCT3_HLV | n << 20 | A0(10U), (uint64_t)(uintptr_t)scratch);
        if (o.faulted && o.cause == CAUSE_ILLEGAL) {
            illegal++;
        } else {
            fact(self, "funct12", n, o);
        }
    }
    fact_number(self, "illegal", illegal);
}

/* Opcodes of vendors, and those that are not used. */
void attack_custom(const struct attack *self)
{
    static const uint32_t opcodes[] = {0x0b, 0x2b, 0x5b, 0x7b, 0x6b, 0x1f, 0x3f, 0x5f, 0x7f};
    int64_t illegal = 0;
    for (unsigned i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
        for (unsigned n = 0; n < 64U; n++) {
            uint32_t fields = (uint32_t)draw() & 0xfe007000U; /* registers stay 0 */
            struct outcome o = try_insn(opcodes[i] | fields, 0);
            if (o.faulted && o.cause == CAUSE_ILLEGAL) {
                illegal++;
            } else {
                fact(self, "instruction", opcodes[i] | fields, o);
            }
        }
    }
    fact_number(self, "illegal", illegal);
}
