/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's own translation (privileged architecture 1.13, 12.3 to 12.5), whose leaves and tables are somebody else's. */
#include "attacks.h"

#define SATP_MODE  60U
#define SV39       8U
#define SV57       10U
#define GIB        ((uint64_t)1 << 30)
#define WINDOW     64U /* entry of the table of 1 GiB blocks */
#define VA         (WINDOW * GIB)
#define NR_MODES   16U

/* From the table of 1 GiB blocks up: the roots of Sv39, Sv48 and Sv57. */
static uint64_t tables[3][512] __attribute__((aligned(4096)));
static uint8_t scratch[4096] __attribute__((aligned(4096)));

static void write_satp(uint64_t v)
{
    barrier();
    WRITE_CSR(satp, v);
    __asm__ volatile("sfence.vma" ::: "memory");
}

uint64_t stage1_entry(uint64_t entry, unsigned mode)
{
    for (uint64_t n = 0; n < 4U; n++) {
        tables[0][n] = PTE_LEAF(n * GIB);
    }
    tables[0][WINDOW] = entry;
    tables[1][0] = PTE_POINTER((uint64_t)(uintptr_t)tables[0]);
    tables[2][0] = PTE_POINTER((uint64_t)(uintptr_t)tables[1]);
    uint64_t satp = (uint64_t)mode << SATP_MODE | (uint64_t)(uintptr_t)tables[mode - SV39] >> 12;
    write_satp(satp);
    return READ_CSR(satp) == satp ? VA : 0U;
}

uint64_t stage1_on(uint64_t target, unsigned mode)
{
    uint64_t va = stage1_entry(PTE_LEAF(target), mode);
    return va != 0U ? va + (target & (GIB - 1U)) : 0U;
}

void stage1_off(void)
{
    write_satp(0);
}

/* Its own translation says that the foreign page is its own. */
void attack_stage1(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned mode = SV39; mode <= SV57; mode++) {
            uint64_t va = stage1_on(a, mode);
            if (va == 0U) {
                stage1_off();
                continue;
            }
            struct outcome read = try_read(va, 4); /* which devices take, too */
            struct outcome odd_one = try_read(va + 1U, 4);
            struct outcome written = try_write(va + 8U, 4, PATTERN);
            struct outcome fetched = try_fetch(va);
            stage1_off();
            fact(self, "read", a, read);
            fact(self, "unaligned read", a, odd_one);
            fact(self, "write", a, written);
            fact(self, "fetch", a, fetched);
        }
    }
}

/* The tables themselves lie in foreign memory: the walker reads what the hart may not. */
void attack_walk(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned mode = SV39; mode <= SV57; mode++) {
            uint64_t va = stage1_entry(PTE_POINTER(a), mode);
            if (va == 0U) {
                stage1_off();
                continue;
            }
            struct outcome read = try_read(va, 8);
            struct outcome written = try_write(va, 8, PATTERN);
            struct outcome fetched = try_fetch(va);
            stage1_off();
            fact(self, "walk for read", a, read);
            fact(self, "walk for write", a, written);
            fact(self, "walk for fetch", a, fetched);
        }
    }
}

/* Modes that do not exist, with roots in foreign memory: satp stays as it is. */
void attack_satp(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (uint64_t mode = 1; mode < NR_MODES; mode++) {
            if (mode < SV39 || mode > SV57) {
                write_satp(mode << SATP_MODE | 0xffffULL << 44 | a >> 12);
                fact(self, "satp with mode", mode, (struct outcome){.value = READ_CSR(satp)});
                stage1_off();
            }
        }
    }
}

static void entry(const struct attack *self, const char *what, uint64_t pte)
{
    uint64_t va = stage1_entry(pte, SV39) + ((uint64_t)(uintptr_t)scratch & (GIB - 1U));
    struct outcome read = try_read(va, 8);
    struct outcome written = try_write(va, 8, PATTERN);
    stage1_off();
    fact_of(self, what, " read", 0, read);
    fact_of(self, what, " write", 0, written);
}

/* Entries that are the guest's fault: without A, without D, reserved ones. */
void attack_ptes(const struct attack *self)
{
    uint64_t good = PTE_LEAF((uint64_t)(uintptr_t)scratch);
    entry(self, "good", good);
    entry(self, "not accessed", good & ~(uint64_t)(PTE_A | PTE_D));
    entry(self, "not dirty", good & ~(uint64_t)PTE_D);
    entry(self, "write alone", good & ~(uint64_t)2U);
    entry(self, "user", good | 0x10U);
    for (unsigned bit = 54; bit < 61U; bit++) {
        entry(self, "reserved", good | (uint64_t)1 << bit);
    }
}

/* The root itself is somebody else's: not even the handler can be fetched. */
void attack_root(const struct attack *self)
{
    uint64_t a = 0;
    (void)address(self->list, 0, &a);
    print("hostile: %s: now\n", self->name);
    write_satp((uint64_t)SV39 << SATP_MODE | a >> 12);
    stage1_off();
    print("hostile: %s: still here\n", self->name);
}
