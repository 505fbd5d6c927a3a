/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All harts of the VM at once: as many as its device tree names and HSM knows, no more; each sends IPIs to all of
 * them, itself included, and every one is taken: in turn, since IPIs of two harts are one if they meet. Between them
 * all ask for fences at all at once, which must not end in a wait for each other. Whatever goes wrong ends the VM by
 * a reset instead of a shutdown, which tells it also for a VM that has no console.
 */
#include "tests.h"

#define ROUNDS       20U /* unless rounds= says another number */
#define WAIT_SECONDS 100U

static volatile uint64_t ipis[PROBE_HARTS];
static volatile uint64_t fences[PROBE_HARTS];
static volatile uint64_t ready[PROBE_HARTS];
static volatile uint64_t failed[PROBE_HARTS];
static volatile uint64_t numbers[PROBE_HARTS]; /* harts in the tree, by place */
static unsigned cpus;
static uint64_t rounds;

/* The place of the calling hart in the tree. */
static unsigned place(void)
{
    unsigned n = 0;
    while (n < cpus && numbers[n] != cpu_id()) {
        n++;
    }
    return n;
}

static void count(uint32_t irq)
{
    unsigned self = place();
    if (self < cpus && irq == IRQ_SOFTWARE) {
        ipis[self]++;
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

static bool fence_all(unsigned self, uint64_t round)
{
    const uint64_t all[6] = {UINT64_MAX, UINT64_MAX, 0, UINT64_MAX, 0, 0};
    bool good = sbi6(SBI_RFENCE, RFENCE_SFENCE, all).error == 0 && sbi6(SBI_RFENCE, RFENCE_FENCE_I, all).error == 0;
    fences[self] = round;
    barrier();
    return good && all_reach(fences, round);
}

static void all_to_all(uint64_t arg)
{
    unsigned self = place();
    uint64_t mask = 0;
    (void)arg;
    for (unsigned i = 0; i < cpus; i++) {
        mask |= (uint64_t)1 << numbers[i];
    }
    irq_enable(IRQ_SOFTWARE);
    irq_on();
    ready[self] = 1;
    barrier();
    bool good = all_reach(ready, 1);
    for (uint64_t r = 1; r <= rounds && good; r++) {
        for (unsigned sender = 0; sender < cpus && good; sender++) {
            good = sender != self || ipi_send(mask, 0) == 0;
            good = good && all_reach(ipis, (r - 1U) * cpus + sender + 1U);
        }
        good = good && fence_all(self, r);
    }
    irq_off();
    if (!good) {
        failed[self] = 1;
    }
    barrier();
}

static void find_cpus(void)
{
    uint64_t reg = 0;
    uint64_t none = 0;
    uint32_t node = 0;
    cpus = 0;
    for (unsigned n = 0; node != FDT_NONE && cpus < PROBE_HARTS; n++) {
        node = fdt_child(fdt_path("/cpus"), n);
        if (fdt_reg(node, 0, &reg, &none)) {
            numbers[cpus++] = reg;
        }
    }
}

/* True if HSM knows the harts the tree names and no other, and the others are off. */
static bool firmware_agrees(void)
{
    bool agrees = true;
    for (unsigned n = 0; n < 4U * PROBE_HARTS; n++) {
        bool in_tree = hart_node(n) != FDT_NONE;
        int64_t state = cpu_state(n);
        agrees = agrees && (n == cpu_id() ? state == CPU_STATE_ON : in_tree ? state == CPU_STATE_OFF : state < 0);
    }
    return agrees;
}

void test_smp(void)
{
    find_cpus();
    rounds = bootarg_number("rounds", ROUNDS);
    report_number("smp", "CPUs in the tree", cpus);
    bool good = cpus >= 1U && cpus == bootarg_number("cpus", 1) && irqc_init();
    bool agrees = firmware_agrees();
    bool off = true;
    report_number("smp", "HSM agrees", agrees);
    irq_handler = count;
    secondary_work = all_to_all;
    for (unsigned n = 0; n < cpus && good; n++) {
        good = numbers[n] == cpu_id() || cpu_start((unsigned)numbers[n], 0) == 0;
    }
    report_number("smp", "all started", good);
    all_to_all(0);
    for (unsigned n = 0; n < cpus; n++) {
        off = off && (numbers[n] == cpu_id() || wait_state((unsigned)numbers[n], CPU_STATE_OFF));
    }
    report_number("smp", "all but one off again", off);
    uint64_t sum = 0;
    for (unsigned i = 0; i < cpus; i++) {
        sum += ipis[i];
        good = good && failed[i] == 0U && fences[i] == rounds && ipis[i] == rounds * cpus;
    }
    report_number("smp", "IPIs taken", (int64_t)sum);
    report_number("smp", "good", good && agrees && off);
    if (!good || !agrees || !off) {
        (void)system_reset();
    }
}
