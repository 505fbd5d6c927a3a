/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware calls: what is not known, and PSCI. */
#include "tests.h"

#define SMCCC_VERSION  0x80000000U
#define SMCCC_FEATURES 0x80000001U

static uint64_t hvc_0(uint64_t f)
{
    return hvc(f, 1, 2, 3).x[0];
}

static uint64_t smc_0(uint64_t f)
{
    return smc(f, 1, 2, 3).x[0];
}

static uint64_t hvc_imm(uint64_t f)
{
    register uint64_t x0 __asm__("x0") = f;
    __asm__ volatile("hvc #0x1234" : "+r"(x0)::"x1", "x2", "x3", "memory");
    return x0;
}

static uint64_t smc_imm(uint64_t f)
{
    register uint64_t x0 __asm__("x0") = f;
    __asm__ volatile("smc #0x1234" : "+r"(x0)::"x1", "x2", "x3", "memory");
    return x0;
}

void test_calls(void)
{
    static const uint64_t unknown[] = {
        0,          0x12345678, 0x8400fff0,         0xc400ffff,         0x86000000 + 0x7777,
        0x80008000, 0x84000012, 0xffffffffffffffff, 0x1234567884000000, 0x000000018400fff0,
        0xbf00ffff, 0xc3000001,
    };
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        print("probe: calls: function = 0x%lx\n", unknown[i]);
        report("calls", "hvc", try_call(hvc_0, unknown[i]));
        report("calls", "smc", try_call(smc_0, unknown[i]));
    }
    report("calls", "hvc #0x1234", try_call(hvc_imm, 0x8400fff0));
    report("calls", "smc #0x1234", try_call(smc_imm, 0x8400fff0));
    report("calls", "SMCCC_VERSION", try_call(hvc_0, SMCCC_VERSION));
    struct smccc r = hvc(SMCCC_FEATURES, SMCCC_VERSION, 0, 0);
    report_number("calls", "SMCCC_ARCH_FEATURES of SMCCC_VERSION", (int32_t)r.x[0]);
    r = hvc(SMCCC_FEATURES, 0x80007777, 0, 0);
    report_number("calls", "SMCCC_ARCH_FEATURES of an unknown one", (int32_t)r.x[0]);
}

static int32_t call32(uint64_t f, uint64_t a, uint64_t b, uint64_t c)
{
    return (int32_t)psci(f, a, b, c);
}

void test_psci(void)
{
    static const uint32_t asked[] = {
        PSCI_VERSION, PSCI_CPU_OFF,    PSCI_CPU_ON,       0x84000003U,   PSCI_AFFINITY_INFO,
        0x84000004U,  PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_FEATURES, SMCCC_VERSION,
        0x84000001U,  0x84000005U,     0x8400000eU,       0x8400ffffU,
    };
    print("probe: psci: version = 0x%x\n", (uint32_t)call32(PSCI_VERSION, 0, 0, 0));
    for (unsigned i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        print("probe: psci: features of 0x%x = %d\n", asked[i], call32(PSCI_FEATURES, asked[i], 0, 0));
    }
}

void test_cpubad(void)
{
    uint64_t entry = (uint64_t)(uintptr_t)secondary_entry;
    uint64_t self = READ_SYSREG(mpidr_el1) & 0xff00ffffffU;
    report_number("cpubad", "CPU_ON of self", call32(PSCI_CPU_ON, self, entry, 0));
    report_number("cpubad", "CPU_ON of 99", call32(PSCI_CPU_ON, 99, entry, 0));
    report_number("cpubad", "CPU_ON of 0.0.1.0", call32(PSCI_CPU_ON, 0x100, entry, 0));
    report_number("cpubad", "CPU_ON of -1", call32(PSCI_CPU_ON, UINT64_MAX, entry, 0));
    report_number("cpubad", "CPU_ON with reserved bits", call32(PSCI_CPU_ON, 0x80000000, entry, 0));
    report_number("cpubad", "CPU_ON at address 0x10", call32(PSCI_CPU_ON, 1, 0x10, 0));
    report_number("cpubad", "CPU_ON at address -4", call32(PSCI_CPU_ON, 1, UINT64_MAX - 3U, 0));
    report_number("cpubad", "AFFINITY_INFO of 99", call32(PSCI_AFFINITY_INFO, 99, 0, 0));
    report_number("cpubad", "AFFINITY_INFO at level 7", call32(PSCI_AFFINITY_INFO, self, 7, 0));
    report_number("cpubad", "AFFINITY_INFO of self", call32(PSCI_AFFINITY_INFO, self, 0, 0));
}

static volatile uint64_t answered;

static void call_as_told(uint64_t arg)
{
    (void)arg;
    (void)hvc(bootarg_number("f", 0), 0, 0, 0);
    answered = 1;
    print("probe: hvc: came back\n");
}

/* CPU 1 makes one call, f=NUMBER, that may never return, and goes off; CPU 0 is silent until a key comes, since the
 * hypervisor may have something to say on the same console. */
void test_hvc(void)
{
    secondary_work = call_as_told;
    barrier();
    int32_t on = call32(PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)secondary_entry, 0);
    while (uart_getc() < 0) {
        barrier();
    }
    report_number("hvc", "CPU_ON", on);
    report_number("hvc", "answered", (int64_t)answered);
}
