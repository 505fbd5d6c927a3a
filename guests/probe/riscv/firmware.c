/* SPDX-License-Identifier: Apache-2.0 */
/* SBI: what is not known, BASE, HSM. */
#include "tests.h"

#define SUSPEND_RETENTIVE     0x00000000U
#define SUSPEND_NON_RETENTIVE 0x80000000U
#define BASE_FUNCTIONS        7U
#define RESUMED               0x77U

static const struct {
    const char *name;
    uint64_t eid;
    uint64_t functions;
} extensions[] = {
    {"legacy set_timer", SBI_SET_TIMER, 0},
    {"legacy putchar", SBI_PUTCHAR, 0},
    {"legacy getchar", SBI_GETCHAR, 0},
    {"legacy clear_ipi", SBI_CLEAR_IPI, 0},
    {"legacy send_ipi", SBI_SEND_IPI, 0},
    {"legacy fence_i", SBI_FENCE_I, 0},
    {"legacy sfence", SBI_SFENCE, 0},
    {"legacy sfence_asid", SBI_SFENCE_ASID, 0},
    {"legacy shutdown", SBI_SHUTDOWN, 0},
    {"BASE", SBI_BASE, 7},
    {"TIME", SBI_TIME, 1},
    {"IPI", SBI_IPI, 1},
    {"RFENCE", SBI_RFENCE, 7},
    {"HSM", SBI_HSM, 4},
    {"SRST", SBI_SRST, 1},
    {"DBCN", SBI_DBCN, 3},
    {"PMU", SBI_PMU, 8},
    {"SUSP", SBI_SUSP, 1},
    {"CPPC", SBI_CPPC, 4},
    {"NACL", SBI_NACL, 5},
    {"STA", SBI_STA, 1},
    {"none", 0x12345678, 0},
};

static void report_sbi(const char *test, const char *what, struct sbi r)
{
    print("probe: %s: %s = %ld value 0x%lx\n", test, what, r.error, r.value);
}

void test_sbi(void)
{
    static const char *const names[BASE_FUNCTIONS] = {
        "spec version", "implementation", "implementation version", "probe of BASE", "mvendorid", "marchid", "mimpid"};
    for (uint64_t f = 0; f < BASE_FUNCTIONS; f++) {
        report_sbi("sbi", names[f], sbi(SBI_BASE, f, SBI_BASE, 0, 0));
    }
    for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        struct sbi r = sbi(SBI_BASE, 3, extensions[i].eid, 0, 0);
        print("probe: sbi: probe of %s = %ld value %lu\n", extensions[i].name, r.error, r.value);
    }
}

/* Unknown extensions, and the first function that each known one does not have, and the last there can be. */
void test_calls(void)
{
    static const uint64_t unknown[] = {
        0x9,        0xf,        0x11,       0x12345678,         0x80000000,  0xffffffff,
        0x08000000, 0x09000000, 0x0a000000, 0xffffffffffffffff, 0x100000010, 0x800000000048534d,
        0x73504a,   0x44424300, 0x4d505859, 0x46574654,
    };
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        print("probe: calls: extension = 0x%lx\n", unknown[i]);
        report_sbi("calls", "function 0", sbi(unknown[i], 0, 1, 2, 3));
        report_sbi("calls", "function 5", sbi(unknown[i], 5, 1, 2, 3));
    }
    for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (extensions[i].functions == 0U) {
            continue;
        }
        print("probe: calls: extension = 0x%lx\n", extensions[i].eid);
        report_sbi("calls", "function behind the last", sbi(extensions[i].eid, extensions[i].functions, 1, 2, 3));
        report_sbi("calls", "function -1", sbi(extensions[i].eid, UINT64_MAX, 1, 2, 3));
        report_sbi("calls", "function 2^32", sbi(extensions[i].eid, 0x100000000U, 1, 2, 3));
    }
}

static void hsm(const char *what, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    report_number("cpubad", what, sbi(SBI_HSM, function, a, b, c).error);
}

void test_cpubad(void)
{
    uint64_t entry = (uint64_t)(uintptr_t)secondary_entry;
    uint64_t self = cpu_id();
    uint64_t other = other_cpu();
    hsm("CPU_ON of self", HSM_START, self, entry, 0);
    hsm("CPU_ON of 99", HSM_START, 99, entry, 0);
    hsm("CPU_ON of -1", HSM_START, UINT64_MAX, entry, 0);
    hsm("state of 99", HSM_STATUS, 99, 0, 0);
    hsm("state of -1", HSM_STATUS, UINT64_MAX, 0, 0);
    hsm("state of self", HSM_STATUS, self, 0, 0);
    hsm("suspend of type 1", HSM_SUSPEND, 1, 0, 0);
    hsm("suspend of type 0x80000001", HSM_SUSPEND, 0x80000001U, entry, 0);
    /* OpenSBI takes the lower 32 bits of these two, so that they are done: the timer ends the suspend. */
    irq_enable(IRQ_TIMER);
    timer_set(timer_now() + timer_freq() / 100U);
    hsm("suspend of type 2^32", HSM_SUSPEND, 0x100000000U, entry, 0);
    irq_disable(IRQ_TIMER);
    timer_off();
    report_number("cpubad", "IPI to 99", ipi_send(1, 99));
    report_number("cpubad", "IPI to bits nobody has", ipi_send(1ULL << 63, 0));
    report_number("cpubad", "IPI to nobody", ipi_send(0, 0));
    report_number("cpubad", "IPI to nobody of 99", ipi_send(0, 99));
    report_number("cpubad", "SRST type 3", sbi(SBI_SRST, 0, 3, 0, 0).error);
    report_number("cpubad", "SRST type -1", sbi(SBI_SRST, 0, UINT64_MAX, 0, 0).error);
    report_number("cpubad", "SRST reason 2", sbi(SBI_SRST, 0, 0, 2, 0).error);
    hsm("CPU_ON of 2^32", HSM_START, 0x100000000U + other, entry, 0);
    report_number("cpubad", "other is off", wait_state((unsigned)other, CPU_STATE_OFF) ? 1 : 0);
    /* Last: firmware without a hypervisor may start it there, and then it is lost. */
    hsm("CPU_ON at address -4", HSM_START, other, UINT64_MAX - 3U, 0);
    hsm("CPU_ON at address 0x10", HSM_START, other, 0x10, 0);
    hsm("CPU_ON at an odd address", HSM_START, other, entry + 1U, 0);
}

static volatile uint64_t suspended;

/* The other hart: a suspend that loses everything begins anew at secondary_entry, with RESUMED. */
static void suspend_for_good(uint64_t arg)
{
    if (arg == RESUMED) {
        suspended = RESUMED;
        return;
    }
    irq_enable(IRQ_TIMER);
    timer_set(timer_now() + timer_freq() / 100U);
    int64_t r = sbi(SBI_HSM, HSM_SUSPEND, SUSPEND_NON_RETENTIVE, (uint64_t)(uintptr_t)secondary_entry, RESUMED).error;
    timer_off();
    suspended = (uint64_t)r;
    barrier();
}

/* Retentive suspend until the timer's interrupt, and a non-retentive one of another hart. */
void test_suspend(void)
{
    if (!count_interrupts()) {
        return;
    }
    irq_enable(IRQ_TIMER);
    uint64_t from = timer_now();
    timer_set(from + timer_freq() / 100U);
    report_number("suspend", "retentive", sbi(SBI_HSM, HSM_SUSPEND, SUSPEND_RETENTIVE, 0, 0).error);
    report_number("suspend", "as long as the timer", timer_now() - from >= timer_freq() / 100U);
    irq_on();
    report_number("suspend", "interrupts", wait_for(&taken[cpu_id()][IRQ_TIMER], 1) ? 1 : 0);
    irq_off();
    if (bootarg_number("cpus", 1) > 1U) {
        suspended = 1;
        secondary_work = suspend_for_good;
        report_number("suspend", "CPU_ON", cpu_start(other_cpu(), 0));
        report_number("suspend", "other went off", wait_state(other_cpu(), CPU_STATE_OFF) ? 1 : 0);
        report_number("suspend", "non-retentive", (int64_t)suspended);
    }
}

static volatile uint64_t answered;

static void call_as_told(uint64_t arg)
{
    (void)arg;
    (void)sbi(bootarg_number("eid", 0), bootarg_number("fid", 0), bootarg_number("b0", 0), bootarg_number("b1", 0),
              bootarg_number("b2", 0));
    answered = 1;
    print("probe: ecall: came back\n");
}

static void wait_for_key(void)
{
    while (uart_getc() < 0) {
        barrier();
    }
}

/* At a key, when all that was said has gone out, the other hart makes one call (eid=, fid=, b0= to b2=) that may never
 * return, and goes off; the first one is silent until another key comes, since the hypervisor may have something to say on
 * the same console. */
void test_ecall(void)
{
    secondary_work = call_as_told;
    wait_for_key();
    int64_t on = cpu_start(other_cpu(), 0);
    wait_for_key();
    report_number("ecall", "CPU_ON", on);
    report_number("ecall", "answered", (int64_t)answered);
}
