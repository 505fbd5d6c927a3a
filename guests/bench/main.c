/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#define CPUS      8U
#define AHEAD     (timer_freq() / 10000U) /* of a timer that is waited for */
#define TICK      (timer_freq() / 1000U)  /* of the timer beside a kernel */
#define TRACE     (256U << 10)            /* bytes */

static volatile uint64_t got[CPUS];
static uint64_t rounds;
static uint32_t wired;
static uint32_t timer;
static bool ticking; /* the timer's handler sets it again */

static void mark(enum bench_mark m)
{
    switch (m) {
#define EACH(name)                                                                                           \
    case name:                                                                                               \
        MARK(name);                                                                                          \
        break;
        EACH(MARK_HYPERCALL)
        EACH(MARK_FIRMWARE)
        EACH(MARK_IRQC_READ)
        EACH(MARK_ENABLE_READ)
        EACH(MARK_ENABLE_WRITE)
        EACH(MARK_TIMER)
        EACH(MARK_WIRED)
        EACH(MARK_IPI)
        EACH(MARK_FILE_IPI)
        EACH(MARK_CPU_BOUND)
        EACH(MARK_MEMORY_BOUND)
        EACH(MARK_TRACE)
#undef EACH
    case MARK_END:
    default:
        MARK(MARK_END);
        break;
    }
}

static void on_irq(uint32_t irq)
{
    if (irq == timer) {
        timer_set(ticking ? timer_now() + TICK : UINT64_MAX);
    } else if (irq == wired && wired != 0U) {
        bench_wired_clear();
    }
    got[cpu_id() % CPUS]++;
    barrier();
}

static uint64_t taken(void)
{
    return got[cpu_id() % CPUS];
}

/* Until `n` interrupts have come to this CPU. */
static void sleep_until(uint64_t n)
{
    while (taken() < n) {
        sleep_for_irq();
    }
}

static void each_round(enum bench_mark m, void (*once)(void))
{
    for (uint64_t n = 0; n < rounds; n++) {
        mark(m);
        once();
    }
    mark(MARK_END);
}

static void tick(void)
{
    uint64_t before = taken();
    timer_set(timer_now() + AHEAD);
    sleep_until(before + 1U);
}

void bench_nap(void)
{
    irq_enable(timer);
    tick();
    irq_disable(timer);
}

static void wired_once(void)
{
    uint64_t before = taken();
    bench_wired_raise();
    sleep_until(before + 1U);
}

/* Time for the neighbours to be what they are. */
static void delay(uint64_t ms)
{
    if (ms != 0U) {
        uint64_t before = taken();
        irq_enable(timer);
        timer_set(timer_now() + ms * TICK);
        sleep_until(before + 1U);
        irq_disable(timer);
    }
}

static void run_timer(void)
{
    irq_enable(timer);
    each_round(MARK_TIMER, tick);
    irq_disable(timer);
}

static void run_wired(void)
{
    wired = bench_wired_init();
    if (wired != 0U) {
        irq_enable(wired);
        each_round(MARK_WIRED, wired_once);
        irq_disable(wired);
    }
}

/* Both CPUs: one sends, the other answers. */
static void exchange(unsigned with, bool first, bool by_file)
{
    uint64_t before = taken();
    for (uint64_t n = 0; n < rounds; n++) {
        mark(by_file ? MARK_FILE_IPI : MARK_IPI);
        if (first) {
            bench_ipi_send(with, by_file);
        }
        sleep_until(before + n + 1U);
        if (!first) {
            bench_ipi_send(with, by_file);
        }
    }
    mark(MARK_END);
}

void guest_secondary(uint64_t with)
{
    if (irqc_init_cpu()) {
        bench_ipi_enable();
        bench_ipi_send((unsigned)with, false); /* here it is */
        exchange((unsigned)with, false, false);
        if (bench_has_file()) {
            exchange((unsigned)with, false, true);
        }
    }
    (void)cpu_stop();
}

static void run_ipi(void)
{
    unsigned other = cpu_id() == 0U ? 1U : 0U; /* without a hypervisor firmware may begin on any */
    uint64_t before = taken();
    bench_ipi_enable();
    if (cpu_start(other, cpu_id()) != 0) {
        print("bench: the other CPU does not start\n");
        return;
    }
    sleep_until(before + 1U);
    exchange(other, true, false);
    if (bench_has_file()) {
        exchange(other, true, true);
    }
}

/* A kernel beside a timer of 1 kHz, whose interrupts are taken wherever it is. */
static void beside_ticks(enum bench_mark m)
{
    uint64_t base = 0;
    uint64_t size = 0;
    uint64_t result = 0;
    (void)fdt_memory(&base, &size);
    ticking = true;
    irq_enable(timer);
    timer_set(timer_now() + TICK);
    mark(m);
    irq_on();
    if (m == MARK_CPU_BOUND) {
        result = bench_cpu_bound(200000U * rounds);
    } else {
        result = bench_memory_bound(base + size / 8U * 5U, size / 4U, rounds); /* where no loader puts a tree */
    }
    irq_off();
    mark(MARK_END);
    ticking = false;
    irq_disable(timer);
    print("bench: result 0x%lx, %lu ticks\n", result, taken());
}

static void run_cpu_bound(void)
{
    beside_ticks(MARK_CPU_BOUND);
}

static void run_memory_bound(void)
{
    beside_ticks(MARK_MEMORY_BOUND);
}

/* A fixed trace of accesses to TRACE bytes, or `trace` KiB, over and over, with interrupts masked. */
static void run_trace(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    (void)fdt_memory(&base, &size);
    mark(MARK_TRACE);
    (void)bench_memory_bound(base + size / 8U * 5U, bootarg_number("trace", TRACE >> 10) << 10, 20U * rounds);
    mark(MARK_END);
}

/* For ever through far more memory than a cache holds, in short turns: the emulator changes CPUs when a timer is due. Between them it
 * calls the hypervisor, so that this uses its memory too; and goes through the page at `page`, if there is one. */
static void run_hog(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    (void)fdt_memory(&base, &size);
    uint64_t page = bootarg_number("page", 0);

    ticking = true;
    irq_enable(timer);
    timer_set(timer_now() + TICK);
    irq_on();
    for (;;) {
        for (uint64_t n = 0; n < 64U; n++) {
            (void)bench_memory_bound(base + size / 8U * 5U + n * (size / 256U), size / 256U, 1);
            bench_hypercall();
            if (page != 0U) {
                (void)bench_memory_bound(page, 4096, 1);
            }
        }
    }
}

static void run_calls(void)
{
    each_round(MARK_HYPERCALL, bench_hypercall);
}

static void run_doorbell(void)
{
    bench_doorbell(rounds);
}

static void run_round_trip(void)
{
    bench_round_trip(rounds);
}

static void run_registers(void)
{
    each_round(MARK_FIRMWARE, bench_firmware);
    wired = bench_wired_init();
    each_round(MARK_IRQC_READ, bench_irqc_read);
    each_round(MARK_ENABLE_READ, bench_enable_read);
    each_round(MARK_ENABLE_WRITE, bench_enable_write);
}

/* hypercall: what bare metal does not know. */
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {{"hypercall", run_calls}, {"registers", run_registers},   {"timer", run_timer},  {"wired", run_wired},
             {"ipi", run_ipi},         {"cpu-bound", run_cpu_bound}, {"memory-bound", run_memory_bound},
             {"trace", run_trace},     {"hog", run_hog},               {"doorbell", run_doorbell},
             {"round-trip", run_round_trip}, {"stream", bench_stream}};

static void run(const char *name)
{
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (str_equal(cases[i].name, name)) {
            cases[i].run();
            print("bench: %s: done\n", name);
            return;
        }
    }
    print("bench: %s: no such case\n", name);
}

void guest_main(void)
{
    char any[2];
    rounds = bootarg_number("rounds", 50);
    if (bootarg("case", any, sizeof(any))) {
        timer = timer_intid();
        irq_handler = on_irq;
        if (!irqc_init() || !irqc_init_cpu()) {
            print("bench: no usable interrupt controller\n");
            return;
        }
        delay(bootarg_number("delay", 0));
        (void)bootarg_each("case", run);
    }
    print("bench: all done\n");
}
