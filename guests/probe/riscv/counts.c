/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does things whose cost is counted from outside (bench/plugin), each ROUNDS times between two null calls of the
 * hypervisor, with its number and 0 in a0. Whoever waits does so in WFI: under -icount a hart that spins keeps the others
 * from running. Between the two calls nothing is printed. Wants two harts and, for the wired interrupts, the goldfish RTC.
 */
#include "tests.h"

#define ROUNDS     50U
#define EXTENSION  0x0a42484bU
#define MSI        3U
#define AHEAD      (timer_freq() / 1000U)
#define RTC_ALARM_LOW       0x08U
#define RTC_ALARM_HIGH      0x0cU
#define RTC_IRQ_ENABLED     0x10U
#define RTC_CLEAR_INTERRUPT 0x1cU

/* Numbers of the phases: tests/boot/riscv/counts.py has them too. */
enum phase { END = 0, NULL_CALL, TICK, SET_TIMER, IPI, DOORBELL, WIRED, REGISTER };

static volatile uint64_t got[PROBE_HARTS];
static volatile uint64_t ticks_left;
static uint64_t rtc;
static uint32_t rtc_irq;

static void mark(enum phase phase)
{
    (void)sbi(EXTENSION, 0, phase, 0, 0);
}

static void on_irq(uint32_t irq)
{
    if (irq == rtc_irq && irq != 0U) {
        mmio_write32(rtc + RTC_CLEAR_INTERRUPT, 1);
    } else if (irq == IRQ_TIMER) {
        ticks_left--;
        timer_set(ticks_left != 0U ? timer_now() + AHEAD : UINT64_MAX);
    } else if (irq != IRQ_SOFTWARE && irq != IRQ_MSI + MSI) {
        print("probe: unexpected interrupt %u\n", irq);
    }
    got[cpu_id() % PROBE_HARTS]++;
    barrier();
}

/* Until `n` interrupts have come to this hart. */
static void sleep_until(uint64_t n)
{
    while (got[cpu_id() % PROBE_HARTS] < n) {
        sleep_for_irq();
    }
}

static void send(unsigned hart, bool by_file)
{
    if (by_file) {
        msi_send(hart, MSI);
    } else {
        (void)ipi_send(1, hart);
    }
}

/* Both harts: one sends, the other answers. */
static void exchange(unsigned with, bool first, bool by_file)
{
    uint64_t before = got[cpu_id() % PROBE_HARTS];
    for (unsigned n = 0; n < ROUNDS; n++) {
        if (first) {
            send(with, by_file);
        }
        sleep_until(before + n + 1U);
        if (!first) {
            send(with, by_file);
        }
    }
}

static bool has_files(void)
{
    return irqc_kind() == IRQC_AIA;
}

static void enable_ipis(void)
{
    irq_enable(IRQ_SOFTWARE);
    if (has_files()) {
        irq_enable(IRQ_MSI + MSI);
    }
}

static void answer(uint64_t with)
{
    if (irqc_init_cpu()) {
        enable_ipis();
        send((unsigned)with, false); /* here it is */
        exchange((unsigned)with, false, false);
        if (has_files()) {
            exchange((unsigned)with, false, true);
        }
        sleep_until(got[cpu_id() % PROBE_HARTS] + 1U); /* until nobody counts any more */
    }
}

static void calls(void)
{
    mark(NULL_CALL);
    for (unsigned n = 0; n < ROUNDS; n++) {
        (void)sbi(EXTENSION, 0, NULL_CALL, 0, 0);
    }
    mark(END);
    mark(SET_TIMER);
    for (unsigned n = 0; n < ROUNDS; n++) {
        timer_set_by_firmware(UINT64_MAX - n);
    }
    mark(END);
    mark(REGISTER);
    for (unsigned n = 0; n < ROUNDS; n++) {
        (void)mmio_read32(irqc_base() + 4U); /* priority or sourcecfg of source 1 */
    }
    mark(END);
}

static void ticks(void)
{
    uint64_t before = got[cpu_id() % PROBE_HARTS];
    irq_enable(IRQ_TIMER);
    ticks_left = ROUNDS;
    mark(TICK);
    timer_set(timer_now() + AHEAD);
    sleep_until(before + ROUNDS);
    mark(END);
    irq_disable(IRQ_TIMER);
}

static void ipis(void)
{
    unsigned other = other_cpu();
    uint64_t before = got[cpu_id() % PROBE_HARTS];
    secondary_work = answer;
    enable_ipis();
    if (cpu_start(other, cpu_id()) != 0) {
        print("probe: counts: the other hart does not start\n");
        return;
    }
    sleep_until(before + 1U);
    mark(IPI);
    exchange(other, true, false);
    mark(END);
    if (has_files()) {
        mark(DOORBELL);
        exchange(other, true, true);
        mark(END);
    }
    send(other, false);
}

/* An alarm of the past comes at once, and its line stays high until the handler clears it. */
static void wired(void)
{
    uint64_t size = 0;
    uint32_t node = fdt_compatible("google,goldfish-rtc", 0);
    rtc_irq = fdt_irq(node, 0);
    if (rtc_irq == 0U || !fdt_reg(node, 0, &rtc, &size)) {
        print("probe: counts: no RTC\n");
        return;
    }
    irq_enable(rtc_irq);
    mmio_write32(rtc + RTC_IRQ_ENABLED, 1);
    uint64_t before = got[cpu_id() % PROBE_HARTS];
    mark(WIRED);
    for (unsigned n = 0; n < ROUNDS; n++) {
        mmio_write32(rtc + RTC_ALARM_HIGH, 0);
        mmio_write32(rtc + RTC_ALARM_LOW, 1);
        sleep_until(before + n + 1U);
    }
    mark(END);
    irq_disable(rtc_irq);
}

void test_counts(void)
{
    irq_handler = on_irq;
    if (!irqc_init() || !irqc_init_cpu()) {
        print("probe: counts: no usable interrupt controller\n");
        return;
    }
    report_number("counts", "rounds", ROUNDS);
    calls();
    ticks();
    wired();
    ipis();
}

/* For ever whatever makes the hypervisor work: calls, IPIs to the other hart and remote fences, emulated registers. */
static void work(uint64_t other)
{
    irq_on();
    while (true) {
        mark(NULL_CALL);
        (void)ipi_send(1, other);
        (void)sbi(SBI_RFENCE, RFENCE_FENCE_I, 3, 0, 0);
        timer_set_by_firmware(timer_now());
        (void)mmio_read32(irqc_base() + 4U);
    }
}

static void work_too(uint64_t other)
{
    if (irqc_init_cpu()) {
        irq_enable(IRQ_SOFTWARE);
        irq_enable(IRQ_TIMER);
        work(other);
    }
}

static void take(uint32_t irq)
{
    if (irq == IRQ_TIMER) {
        timer_set_by_firmware(UINT64_MAX);
    }
}

void test_busy(void)
{
    irq_handler = take;
    secondary_work = work_too;
    if (!irqc_init() || !irqc_init_cpu() || cpu_start(other_cpu(), cpu_id()) != 0) {
        print("probe: busy: no usable interrupt controller, or no other hart\n");
        return;
    }
    irq_enable(IRQ_SOFTWARE);
    irq_enable(IRQ_TIMER);
    print("probe: busy: now\n");
    work(other_cpu());
}
