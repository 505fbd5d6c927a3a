/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's own translation (DDI 0487 D8): 39 bits, 4 KiB granule, blocks of 1 GiB. First CPU only. */
#include "attacks.h"

#define GIB         (1ULL << 30)
#define ADDRESS     0x0000ffffc0000000ULL
#define BLOCK       1ULL
#define AF          (1ULL << 10)
#define INNER       (3ULL << 8)
#define ATTR(n)     ((uint64_t)(n) << 2)
#define WINDOW_SLOT 64U
/* Attribute 0 Device-nGnRnE, attribute 1 Normal write-back. */
#define MAIR 0xff00ULL
/* T0SZ = T1SZ = 25; walks write-back and inner shareable, 4 KiB granules (TG1 = 2); IPS as large as there is. */
#define TCR (25ULL | 25ULL << 16 | 1ULL << 8 | 1ULL << 10 | 3ULL << 12 | 1ULL << 24 | 1ULL << 26 | 3ULL << 28 | 2ULL << 30)
#define UPPER 0xffffff8000000000ULL

static uint64_t root[512] __attribute__((aligned(4096)));

static void on(uint64_t upper)
{
    uint64_t ips = READ_SYSREG(id_aa64mmfr0_el1) & 0x7U;
    root[0] = 0 * GIB | AF | ATTR(0) | BLOCK;
    root[1] = 1 * GIB | AF | INNER | ATTR(1) | BLOCK;
    WRITE_SYSREG(mair_el1, MAIR);
    WRITE_SYSREG(tcr_el1, TCR | ips << 32);
    WRITE_SYSREG(ttbr0_el1, (uint64_t)(uintptr_t)root);
    WRITE_SYSREG(ttbr1_el1, upper);
    __asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" ::: "memory");
    WRITE_SYSREG(sctlr_el1, READ_SYSREG(sctlr_el1) | 1U);
    barrier();
}

uint64_t stage1_on(uint64_t target, enum window kind)
{
    root[WINDOW_SLOT] = (target & ADDRESS) | AF | (kind == WINDOW_NORMAL ? INNER | ATTR(1) : ATTR(0)) | BLOCK;
    on((uint64_t)(uintptr_t)root);
    return WINDOW_SLOT * GIB + (target & (GIB - 1U));
}

uint64_t stage1_foreign(uint64_t root_pa)
{
    on(root_pa);
    return UPPER + 0x1000U;
}

void stage1_off(void)
{
    barrier();
    WRITE_SYSREG(sctlr_el1, READ_SYSREG(sctlr_el1) & ~1ULL);
    __asm__ volatile("isb\n\ttlbi vmalle1\n\tdsb sy\n\tisb" ::: "memory");
}
