/* SPDX-License-Identifier: Apache-2.0 */
/* IMSIC (AIA 1.0 chapter 3): interrupt files, its own and those of others. */
#include "attacks.h"

#define EIDELIVERY  0x70U
#define EITHRESHOLD 0x72U
#define EIP0        0x80U
#define EIE0        0xc0U
#define REGISTERS   0x200U
#define PAGE        4096U

static bool ready(const struct attack *self)
{
    return irqc_ready(self) && irqc_kind() == IRQC_AIA;
}

/* Messages to pages of other harts: where the board has them, and behind its own. */
void attack_msi_foreign(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (uint64_t id = 1; id < 256U; id += 6U) {
            fact(self, "little", a, try_write(a, 4, id));
            fact(self, "big", a + 4U, try_write(a + 4U, 4, swapped((uint32_t)id)));
        }
        fact(self, "read", a, try_read(a, 4));
    }
}

/* Its own files, in every way: identities that are not there, other widths and offsets. */
void attack_msi_own(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    int64_t faults = 0;
    for (unsigned hart = 0; hart < 2U; hart++) {
        uint64_t page = imsic_page(hart);
        for (uint64_t id = 0; id < 0x900U; id++) {
            faults += try_write(page, 4, id).faulted ? 1 : 0;
            faults += try_write(page + 4U, 4, id).faulted ? 1 : 0;
        }
        for (uint64_t o = 0; o < PAGE; o += 8U) {
            faults += try_write(page + o, 4, ALL_ONES).faulted ? 1 : 0;
        }
        (void)try_write(page, 8, ALL_ONES); /* of other widths it may be the bus that refuses */
        (void)try_write(page + 1U, 1, ALL_ONES);
        (void)try_read(page + 2U, 8);
    }
    fact_number(self, "faults", faults);
    (void)irqc_init_cpu();
}

/* Every register that siselect names: read, all ones, and as it was. */
void attack_file_sweep(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    int64_t illegal = 0;
    for (uint64_t n = 0; n < 2U * REGISTERS; n++) {
        uint64_t select = n < REGISTERS ? n : (uint64_t)1 << 63 | (n - REGISTERS);
        WRITE_CSR(CSR_SISELECT, select);
        struct outcome r = try_csr_read(CSR_SIREG);
        struct outcome w = try_csr_write(CSR_SIREG, ALL_ONES);
        if (!r.faulted) {
            (void)try_csr_write(CSR_SIREG, r.value);
        }
        illegal += r.faulted ? 1 : 0;
        if (!r.faulted || !w.faulted) {
            fact(self, "selected", READ_CSR(CSR_SISELECT), r);
        }
    }
    WRITE_CSR(CSR_SISELECT, 0);
    fact_number(self, "illegal", illegal);
    (void)irqc_init_cpu();
}

/* All of its own file up and down: messages to itself meanwhile, interrupts masked. */
void attack_file_storm(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    for (uint64_t i = 0; i < MANY; i++) {
        WRITE_CSR(CSR_SISELECT, EIDELIVERY);
        WRITE_CSR(CSR_SIREG, i & 1U);
        WRITE_CSR(CSR_SISELECT, EITHRESHOLD);
        WRITE_CSR(CSR_SIREG, i & 0xffU);
        WRITE_CSR(CSR_SISELECT, EIE0 + 2U * (i & 3U));
        WRITE_CSR(CSR_SIREG, draw());
        WRITE_CSR(CSR_SISELECT, EIP0 + 2U * (i & 3U));
        WRITE_CSR(CSR_SIREG, draw());
        WRITE_CSR(CSR_STOPEI, 0);
        (void)try_write(imsic_page(0), 4, i & 0xffU);
    }
    fact_number(self, "rounds", MANY);
    (void)irqc_init_cpu();
}

static void flood(uint64_t hart)
{
    for (uint64_t i = 0; i < 2U * MANY; i++) {
        (void)try_write(imsic_page((unsigned)hart), 4, 1U + i % 255U);
    }
}

void attack_msi_storm(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    bool came = other_start(flood, 0);
    flood(1);
    fact_number(self, "with the other", came && other_gone() ? 1 : 0);
    (void)irqc_init_cpu();
}
