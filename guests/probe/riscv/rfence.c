/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fences at another hart (SBI 2.0, chapter 8): the other hart reads through a page that the first one maps elsewhere
 * each round. With the fence it must see the new page; how often it sees the old one without is told, since a machine
 * on which that is never shows nothing.
 */
#include "tests.h"

#define ROUNDS    30U
#define SLOT      255U /* of the root: 1 GiB of addresses below 2^38 that nothing else uses */
#define WINDOW    ((uint64_t)SLOT << 30)
#define ENTRIES   512U
#define PTE_LEAF  0xcfU /* V R W X A D */
#define PTE_NEXT  0x1U
#define SATP_SV39 ((uint64_t)8 << 60)
#define ASID      5U
#define INSN_LI   0x00000513U /* li a0, n */
#define INSN_RET  0x00008067U
#define BY_WAYS   4U

static uint64_t root[ENTRIES] __attribute__((aligned(4096)));
static uint64_t middle[ENTRIES] __attribute__((aligned(4096)));
static uint64_t last[ENTRIES] __attribute__((aligned(4096)));
static volatile uint64_t page[2][ENTRIES] __attribute__((aligned(4096)));
static volatile uint32_t code[2];

static volatile uint64_t command; /* round to read in; UINT64_MAX ends */
static volatile uint64_t reply;
static volatile uint64_t seen;
static volatile uint64_t ran;

static uint64_t pte(const volatile void *to, uint64_t bits)
{
    return (uint64_t)(uintptr_t)to >> 12 << 10 | bits;
}

/* The other hart: identity where this image is, and the window. Says nothing: no device is mapped. */
static void read_on_command(uint64_t arg)
{
    uint64_t done = 0;
    (void)arg;
    WRITE_CSR(satp, SATP_SV39 | (uint64_t)ASID << 44 | (uint64_t)(uintptr_t)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    reply = UINT64_MAX;
    barrier();
    while (command != UINT64_MAX) {
        if (command != done) {
            done = command;
            barrier();
            seen = *(const volatile uint64_t *)(uintptr_t)WINDOW;
            ran = ((uint64_t(*)(uint64_t))(uintptr_t)code)(0);
            barrier();
            reply = done;
        }
    }
    WRITE_CSR(satp, 0);
    __asm__ volatile("sfence.vma" ::: "memory");
}

static int64_t fence(unsigned by, uint64_t base)
{
    const uint64_t all[6] = {1, base, 0, UINT64_MAX, 0, 0};
    const uint64_t range[6] = {1, base, WINDOW, 4096, 0, 0};
    const uint64_t zero[6] = {UINT64_MAX, UINT64_MAX, 0, 0, 0, 0}; /* all harts, all addresses */
    const uint64_t of_asid[6] = {1, base, WINDOW, 4096, ASID, 0};
    switch (by) {
    case 0:
        return sbi6(SBI_RFENCE, RFENCE_SFENCE, range).error;
    case 1:
        return sbi6(SBI_RFENCE, RFENCE_SFENCE, all).error;
    case 2:
        return sbi6(SBI_RFENCE, RFENCE_SFENCE, zero).error;
    default:
        return sbi6(SBI_RFENCE, RFENCE_SFENCE_ASID, of_asid).error;
    }
}

static void map_round(uint64_t round)
{
    last[0] = pte(page[round & 1U], PTE_LEAF);
    code[0] = INSN_LI | (uint32_t)(round << 20);
    code[1] = INSN_RET;
    barrier();
}

static bool told(uint64_t round)
{
    command = round;
    barrier();
    return wait_for(&reply, round);
}

static void with_other(unsigned other)
{
    unsigned good = 0;
    unsigned fetched = 0;
    unsigned stale = 0;
    int64_t error = 0;
    bool answers = wait_for(&reply, UINT64_MAX);
    for (uint64_t round = 1; round <= ROUNDS && answers; round++) {
        map_round(round);
        error |= fence((unsigned)round % BY_WAYS, other);
        error |= sbi(SBI_RFENCE, RFENCE_FENCE_I, 1, other, 0).error;
        answers = told(round);
        good += seen == page[round & 1U][0] ? 1U : 0U;
        fetched += ran == round ? 1U : 0U;
    }
    for (uint64_t round = ROUNDS + 1U; round <= 2U * ROUNDS && answers; round++) {
        map_round(round);
        answers = told(round);
        stale += seen != page[round & 1U][0] ? 1U : 0U;
    }
    command = UINT64_MAX;
    barrier();
    report_number("rfence", "error", error);
    report_number("rfence", "new page seen", good);
    report_number("rfence", "new code run", fetched);
    report_number("rfence", "old page seen without fence", stale);
    report_number("rfence", "other went off", wait_state(other, CPU_STATE_OFF) ? 1 : 0);
}

static void rfence(const char *what, uint64_t function, uint64_t mask, uint64_t base)
{
    const uint64_t a[6] = {mask, base, 0, 4096, 0, 0};
    report_number("rfence", what, sbi6(SBI_RFENCE, function, a).error);
}

void test_rfence(void)
{
    unsigned self = cpu_id();
    unsigned other = other_cpu();
    rfence("fence_i at self", RFENCE_FENCE_I, 1, self);
    rfence("sfence at self", RFENCE_SFENCE, 1, self);
    rfence("sfence of an ASID at self", RFENCE_SFENCE_ASID, 1, self);
    rfence("fence_i at 99", RFENCE_FENCE_I, 1, 99);
    rfence("sfence at 99", RFENCE_SFENCE, 1, 99);
    rfence("sfence at bits nobody has", RFENCE_SFENCE, (uint64_t)1 << 63, 0);
    rfence("sfence at nobody", RFENCE_SFENCE, 0, 0);
    for (uint64_t f = 3; f <= 6U; f++) {
        print("probe: rfence: function = %lu\n", f);
        rfence("hfence at self", f, 1, self);
    }
    if (bootarg_number("cpus", 1) < 2U) {
        return;
    }
    uint64_t here = (uint64_t)(uintptr_t)root >> 30;
    root[here] = here << 28 | PTE_LEAF;
    root[SLOT] = pte(middle, PTE_NEXT);
    middle[0] = pte(last, PTE_NEXT);
    page[0][0] = 0x1111111111111111U;
    page[1][0] = 0x2222222222222222U;
    map_round(0);
    command = 0;
    reply = 0;
    secondary_work = read_on_command;
    int64_t r = cpu_start(other, 0);
    report_number("rfence", "CPU_ON", r);
    if (r == 0) {
        with_other(other);
    }
}
