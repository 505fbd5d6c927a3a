/* SPDX-License-Identifier: Apache-2.0 */
/* The console calls of SBI, and the legacy ones (SBI 2.0, chapters 5 and 12). */
#include "tests.h"

#define DBCN_WRITE      0U
#define DBCN_READ       1U
#define DBCN_WRITE_BYTE 2U

static void dbcn(const char *what, uint64_t function, uint64_t bytes, uint64_t low, uint64_t high)
{
    struct sbi r = sbi(SBI_DBCN, function, bytes, low, high);
    print("probe: dbcn: %s = %ld value %lu\n", what, r.error, r.value);
}

static char big[8192] __attribute__((aligned(4096)));

/* Buffers that are not the guest's memory, or only in part: at a0= of the boot arguments and at the end of memory. */
static void bad_buffers(uint64_t nowhere, uint64_t good)
{
    uint64_t base = 0;
    uint64_t size = 0;
    (void)fdt_memory(&base, &size);
    dbcn("write from nowhere", DBCN_WRITE, 16, nowhere, 0);
    dbcn("read to nowhere", DBCN_READ, 16, nowhere, 0);
    dbcn("write of 2^64 - 1 bytes", DBCN_WRITE, UINT64_MAX, good, 0);
    dbcn("write over the end of memory", DBCN_WRITE, 64, base + size - 8U, 0);
    dbcn("write behind memory", DBCN_WRITE, 8, base + size, 0);
    dbcn("write from a high address", DBCN_WRITE, 8, good, 1);
    dbcn("read over the end of memory", DBCN_READ, 64, base + size - 8U, 0);
    dbcn("write that wraps", DBCN_WRITE, UINT64_MAX - good + 2U, good, 0);
}

/* The functions at their edges. Without a0= good buffers only: OpenSBI itself does not survive others. */
void test_dbcn(void)
{
    static const char text[] = "probe: dbcn: written by DBCN\r\n";
    uint64_t at = (uint64_t)(uintptr_t)text;
    uint64_t buffer = (uint64_t)(uintptr_t)big;
    uint64_t nowhere = bootarg_number("a0", 0);
    dbcn("write", DBCN_WRITE, sizeof(text) - 1U, at, 0);
    dbcn("write nothing", DBCN_WRITE, 0, at, 0);
    dbcn("write a byte", DBCN_WRITE_BYTE, '\n', 0, 0);
    dbcn("read", DBCN_READ, 16, buffer, 0);
    dbcn("read nothing", DBCN_READ, 0, buffer, 0);
    if (nowhere != 0U) {
        bad_buffers(nowhere, at);
    }
    for (unsigned i = 0; i < sizeof(big); i++) {
        big[i] = i % 64U == 63U ? '\n' : '.';
    }
    struct sbi r = sbi(SBI_DBCN, DBCN_WRITE, sizeof(big), buffer, 0);
    print("\nprobe: dbcn: write of two pages = %ld some %u\n", r.error,
          r.value != 0U && r.value <= sizeof(big) ? 1U : 0U);
}

static uint64_t call_send_ipi(uint64_t mask_address)
{
    return (uint64_t)sbi(SBI_SEND_IPI, 0, mask_address, 0, 0).error;
}

static uint64_t call_fence(uint64_t mask_address)
{
    return (uint64_t)sbi(SBI_SFENCE, 0, mask_address, 0, 0).error;
}

/* The hart masks are in memory, at a virtual address; NULL is all harts. */
void test_legacy(void)
{
    static volatile uint64_t mask;
    uint64_t at = (uint64_t)(uintptr_t)&mask;
    unsigned self = cpu_id();
    if (!count_interrupts()) {
        return;
    }
    irq_enable(IRQ_SOFTWARE);
    irq_enable(IRQ_TIMER);
    static const char text[] = "probe: legacy: written by putchar\r\n";
    int64_t error = 0;
    for (const char *c = text; *c != '\0'; c++) {
        error |= sbi(SBI_PUTCHAR, 0, (uint8_t)*c, 0, 0).error;
    }
    report_number("legacy", "putchar", error);
    report_number("legacy", "getchar", sbi(SBI_GETCHAR, 0, 0, 0, 0).error);
    mask = (uint64_t)1 << self;
    struct outcome sent = try_call(call_send_ipi, at);
    report("legacy", "send_ipi", sent);
    if (sent.faulted || sent.value != 0U) {
        report("legacy", "send_ipi with no mask", try_call(call_send_ipi, 0));
    }
    irq_on();
    report_number("legacy", "IPIs", wait_for(&taken[self][IRQ_SOFTWARE], 1) ? 1 : 0);
    report_number("legacy", "set_timer", sbi(SBI_SET_TIMER, 0, timer_now() + timer_freq() / 1000U, 0, 0).error);
    report_number("legacy", "timer interrupts", wait_for(&taken[self][IRQ_TIMER], 1) ? 1 : 0);
    irq_off();
    report_number("legacy", "clear_ipi", sbi(SBI_CLEAR_IPI, 0, 0, 0, 0).error);
    report_number("legacy", "fence_i", sbi(SBI_FENCE_I, 0, at, 0, 0).error);
    report("legacy", "sfence", try_call(call_fence, at));
    report("legacy", "sfence with no mask", try_call(call_fence, 0));
    report("legacy", "send_ipi, mask nowhere", try_call(call_send_ipi, bootarg_number("a0", 0x10)));
    report("legacy", "sfence, mask nowhere", try_call(call_fence, bootarg_number("a0", 0x10)));
}
