/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation one to one (DDI 0487 D8): 39 bits, 4 KiB granule, blocks of 1 GiB; those with RAM and the channel Normal write-back, inner
 * shareable, the others Device. With it off all is Device-nGnRnE (D8.2): what is written passes the peer's caches by.
 */
#include "shm_caches.h"

#define GIB_SHIFT 30U
#define BLOCK     1ULL
#define AF        (1ULL << 10)
#define INNER     (3ULL << 8)
#define XN        (3ULL << 53)
#define ATTR(n)   ((uint64_t)(n) << 2)
/* Attribute 0 Device-nGnRnE, attribute 1 Normal write-back. */
#define MAIR 0xff00ULL
/* T0SZ = 25, nothing by TTBR1 (EPD1); walks write-back and inner shareable; IPS as large as there is. */
#define TCR        (25ULL | 1ULL << 8 | 1ULL << 10 | 3ULL << 12 | 1ULL << 23)
#define SCTLR_M    (1ULL << 0)
#define SCTLR_C    (1ULL << 2)
#define SCTLR_I    (1ULL << 12)
#define ROOT_SLOTS 512U

extern const char __attribute__((visibility("hidden"))) _start[], __attribute__((visibility("hidden"))) __image_end[];

static uint64_t root[ROOT_SLOTS] __attribute__((aligned(4096)));

/* What is in a cache of this image is older than what was written with the caches off. */
static void forget_image(void)
{
    uint64_t line = 4ULL << (READ_SYSREG(ctr_el0) >> 16 & 0xfU);

    for (uint64_t at = (uint64_t)(uintptr_t)_start & ~(line - 1U); at < (uint64_t)(uintptr_t)__image_end; at += line) {
        __asm__ volatile("dc ivac, %0" ::"r"(at) : "memory");
    }
    barrier();
}

static void normal(uint64_t at)
{
    root[at >> GIB_SHIFT & (ROOT_SLOTS - 1U)] = (at >> GIB_SHIFT << GIB_SHIFT) | AF | INNER | ATTR(1) | BLOCK;
}

void caches_on(uint64_t channel)
{
    uint64_t ips = READ_SYSREG(id_aa64mmfr0_el1) & 0x7U;
    uint64_t base = 0;
    uint64_t size = 0;

    for (uint64_t i = 0; i < ROOT_SLOTS; i++) {
        root[i] = i << GIB_SHIFT | AF | XN | ATTR(0) | BLOCK;
    }
    (void)fdt_memory(&base, &size);
    normal(base);
    normal(channel);
    forget_image();
    WRITE_SYSREG(mair_el1, MAIR);
    WRITE_SYSREG(tcr_el1, TCR | ips << 32);
    WRITE_SYSREG(ttbr0_el1, (uint64_t)(uintptr_t)root);
    __asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tic iallu\n\tdsb sy\n\tisb" ::: "memory");
    WRITE_SYSREG(sctlr_el1, READ_SYSREG(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I);
    barrier();
}
