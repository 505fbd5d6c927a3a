/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All CPUs of the VM at once: as many as its device tree names and PSCI knows, no more; each sends SGIs to all of them,
 * itself included, and receives every one. Whatever goes wrong ends the VM by SYSTEM_RESET instead of SYSTEM_OFF, which
 * tells it also for a VM that has no console.
 */
#include "tests.h"

#define CPUS         8U
#define ROUNDS       20U
#define WAIT_SECONDS 100U

#define AFFINITY_ON  0
#define AFFINITY_OFF 1

static volatile uint64_t taken[CPUS][CPUS]; /* [receiver][sender]: SGIs, of INTID 1 + sender */
static volatile uint64_t rounds[CPUS];      /* that a CPU has been through */
static volatile uint64_t ready[CPUS];
static volatile uint64_t failed[CPUS];
static unsigned cpus;

static void count(uint32_t intid)
{
    unsigned self = cpu_id();
    if (self < CPUS && intid >= 1U && intid <= CPUS) {
        taken[self][intid - 1U]++;
        barrier();
    }
}

/* Waits in bounded time until the first `cpus` words have reached the value. */
static bool all_reach(const volatile uint64_t *word, uint64_t value)
{
    uint64_t end = timer_now() + (uint64_t)WAIT_SECONDS * timer_freq();
    for (unsigned i = 0; i < cpus; i++) {
        while (word[i] < value) {
            if (timer_now() > end) {
                return false;
            }
        }
    }
    return true;
}

/* In each round to all, then wait for one of each, then for all to have done so: none merges with the next. */
static void all_to_all(uint64_t arg)
{
    unsigned self = cpu_id();
    (void)arg;
    if (self >= CPUS || !irqc_init_cpu()) {
        failed[self % CPUS] = 1;
        return;
    }
    for (uint32_t i = 0; i < cpus; i++) {
        irq_enable(1U + i);
    }
    irq_on();
    ready[self] = 1;
    bool good = all_reach(ready, 1);
    for (uint64_t r = 1; r <= ROUNDS && good; r++) {
        gic_sgi(1U + self, (1U << cpus) - 1U);
        good = all_reach(taken[self], r);
        rounds[self] = r;
        barrier();
        good = good && all_reach(rounds, r);
    }
    irq_off();
    if (!good) {
        failed[self] = 1;
    }
    barrier();
}

static unsigned count_cpus(void)
{
    char path[] = "/cpus/cpu@0";
    unsigned n = 0;
    while (n < 10U && fdt_path(path) != FDT_NONE) {
        path[sizeof(path) - 2U] = (char)('0' + ++n);
    }
    return n;
}

/* True if PSCI knows the CPUs the tree names and no other, and the others are off. */
static bool psci_agrees(void)
{
    bool agrees = psci(PSCI_AFFINITY_INFO, 0, 0, 0) == AFFINITY_ON;
    for (unsigned n = 1; n < 2U * CPUS; n++) {
        int64_t state = psci(PSCI_AFFINITY_INFO, n, 0, 0);
        agrees = agrees && (n < cpus ? state == AFFINITY_OFF : state < 0);
    }
    return agrees;
}

static bool others_off(void)
{
    uint64_t end = timer_now() + (uint64_t)WAIT_SECONDS * timer_freq();
    for (unsigned n = 1; n < cpus; n++) {
        while (psci(PSCI_AFFINITY_INFO, n, 0, 0) != AFFINITY_OFF) {
            if (timer_now() > end) {
                return false;
            }
        }
    }
    return true;
}

void test_smp(void)
{
    cpus = count_cpus();
    report_number("smp", "CPUs in the tree", cpus);
    bool good = cpus >= 1U && cpus <= CPUS && cpus == bootarg_number("cpus", 1) && irqc_init();
    bool agrees = psci_agrees();
    report_number("smp", "PSCI agrees", agrees);
    irq_handler = count;
    secondary_work = all_to_all;
    for (unsigned n = 1; n < cpus && good; n++) {
        good = psci(PSCI_CPU_ON, n, (uint64_t)(uintptr_t)secondary_entry, 0) == 0;
    }
    report_number("smp", "all started", good);
    all_to_all(0);
    bool off = others_off();
    report_number("smp", "all but one off again", off);
    uint64_t sgis = 0;
    for (unsigned i = 0; i < cpus && i < CPUS; i++) {
        good = good && failed[i] == 0U && rounds[i] == ROUNDS;
        for (unsigned k = 0; k < cpus && k < CPUS; k++) {
            sgis += taken[i][k];
            good = good && taken[i][k] == ROUNDS;
        }
    }
    report_number("smp", "SGIs taken", (int64_t)sgis);
    report_number("smp", "good", good && agrees && off);
    if (!good || !agrees || !off) {
        (void)psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    }
}
