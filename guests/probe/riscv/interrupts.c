/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts: IPIs and MSIs to self and to the other hart, timers, WFI, the UART's line. */
#include "tests.h"

#define ROUNDS   200U
#define TIMES    50U
#define MSI_A    3U
#define MSI_B    4U
#define UART_IER 1U
#define UART_IIR 2U
#define IER_THRE 2U
#define IIR_THRE 2U

volatile uint64_t taken[PROBE_HARTS][PROBE_IRQS];
volatile uint64_t taken_msi[PROBE_HARTS][PROBE_IDS];

static void count(uint32_t irq)
{
    unsigned hart = cpu_id() % PROBE_HARTS;
    if (irq == IRQ_TIMER) {
        timer_off();
    }
    if (irq < PROBE_IRQS) {
        taken[hart][irq]++;
    } else if (irq > IRQ_MSI && irq - IRQ_MSI < PROBE_IDS) {
        taken_msi[hart][irq - IRQ_MSI]++;
    } else {
        print("probe: unexpected interrupt %u\n", irq);
    }
    barrier();
}

bool count_interrupts(void)
{
    for (unsigned hart = 0; hart < PROBE_HARTS; hart++) {
        for (unsigned i = 0; i < PROBE_IRQS; i++) {
            taken[hart][i] = 0;
        }
        for (unsigned i = 0; i < PROBE_IDS; i++) {
            taken_msi[hart][i] = 0;
        }
    }
    irq_handler = count;
    if (!irqc_init() || !irqc_init_cpu()) {
        print("probe: no usable interrupt controller\n");
        return false;
    }
    return true;
}

/* Two ways to send one: the firmware's, and a write into the other's interrupt file. */
struct way {
    const char *test;
    bool msi;
};
static const struct way *way;

static void send(unsigned hart, uint32_t id)
{
    if (way->msi) {
        msi_send(hart, id);
    } else {
        (void)ipi_send(1, hart);
    }
}

static const volatile uint64_t *counter(unsigned hart, uint32_t id)
{
    return way->msi ? &taken_msi[hart % PROBE_HARTS][id] : &taken[hart % PROBE_HARTS][IRQ_SOFTWARE];
}

static void enable(uint32_t id)
{
    irq_enable(way->msi ? IRQ_MSI + id : IRQ_SOFTWARE);
}

static volatile uint64_t other_ready;
static volatile uint64_t other_stop;

/* The other hart: answers each one with another. */
static void answer(uint64_t first)
{
    if (irqc_init_cpu()) {
        uint64_t seen = *counter(cpu_id(), MSI_A); /* before any can come */
        enable(MSI_A);
        irq_on();
        other_ready = 1;
        barrier();
        while (other_stop == 0U) {
            if (*counter(cpu_id(), MSI_A) > seen) {
                seen++;
                send((unsigned)first, MSI_B);
            }
        }
        irq_off();
    }
}

static void to_other(void)
{
    unsigned other = other_cpu();
    unsigned self = cpu_id();
    secondary_work = answer;
    other_ready = 0;
    other_stop = 0;
    barrier();
    int64_t r = cpu_start(other, self);
    report_number(way->test, "CPU_ON", r);
    if (r != 0) {
        return;
    }
    report_number(way->test, "other ready", wait_for(&other_ready, 1) ? 1 : 0);
    enable(MSI_B);
    uint64_t before = *counter(self, MSI_B);
    unsigned n = 0;
    for (; n < ROUNDS; n++) {
        send(other, MSI_A);
        if (!wait_for(counter(self, MSI_B), before + n + 1U)) {
            break;
        }
    }
    report_number(way->test, "answered by the other", n);
    other_stop = 1;
    barrier();
    report_number(way->test, "other went off", wait_state(other, CPU_STATE_OFF) ? 1 : 0);
}

static void to_self_and_other(void)
{
    unsigned self = cpu_id();
    enable(MSI_A);
    irq_on();
    uint64_t before = *counter(self, MSI_A);
    unsigned n = 0;
    for (; n < ROUNDS; n++) {
        send(self, MSI_A);
        if (!wait_for(counter(self, MSI_A), before + n + 1U)) {
            break;
        }
    }
    report_number(way->test, "to self", n);
    before = *counter(self, MSI_A);
    if (way->msi) { /* identities that there are not */
        msi_send(self, 0);
        msi_send(self, imsic_last_id() + 1U);
        msi_send(self, UINT32_MAX);
    } else { /* nobody, and harts that do not exist */
        (void)ipi_send(0, 0);
        (void)ipi_send(1, 99);
        (void)ipi_send(1, UINT64_MAX - 1U);
    }
    report_number(way->test, "from strange targets", (int64_t)(*counter(self, MSI_A) - before));
    if (bootarg_number("cpus", 1) > 1U) {
        to_other();
    }
    irq_off();
}

void test_ipi(void)
{
    static const struct way by_firmware = {"ipi", false};
    way = &by_firmware;
    if (count_interrupts()) {
        to_self_and_other();
    }
}

void test_msi(void)
{
    static const struct way by_file = {"msi", true};
    way = &by_file;
    if (!count_interrupts()) {
        return;
    }
    if (imsic_page(cpu_id()) == 0U) {
        print("probe: msi: there is no IMSIC\n");
        return;
    }
    to_self_and_other();
}

static void timers(const char *what, void (*set)(uint64_t deadline))
{
    unsigned self = cpu_id() % PROBE_HARTS;
    uint64_t before = taken[self][IRQ_TIMER];
    uint64_t early = 0;
    for (unsigned n = 0; n < TIMES; n++) {
        uint64_t deadline = timer_now() + timer_freq() / 1000U;
        set(deadline);
        for (unsigned i = 0; i < 1000000U && taken[self][IRQ_TIMER] == before + n; i++) {
            sleep_for_irq();
        }
        early += timer_now() < deadline ? 1U : 0U;
    }
    report_number("timer", what, (int64_t)(taken[self][IRQ_TIMER] - before));
    report_number("timer", "too early", (int64_t)early);
}

/* 50 times a WFI that the guest's timer ends, then as many by the firmware's call. */
void test_timer(void)
{
    if (!count_interrupts()) {
        return;
    }
    irq_enable(IRQ_TIMER);
    report_number("timer", "Sstc", has_sstc() ? 1 : 0);
    timers("virtual", timer_set);
    timers("firmware", timer_set_by_firmware);
    /* One that lies in the past comes at once. */
    uint64_t before = taken[cpu_id() % PROBE_HARTS][IRQ_TIMER];
    timer_set(0);
    irq_on();
    report_number("timer", "of the past", wait_for(&taken[cpu_id() % PROBE_HARTS][IRQ_TIMER], before + 1U) ? 1 : 0);
    irq_off();
}

static uint64_t uart;
static uint32_t uart_number;
static volatile uint64_t uart_empty; /* interrupts that said so */
static volatile uint64_t uart_interrupts;
static volatile uint64_t keys;

static void on_uart(uint32_t irq)
{
    if (irq != uart_number) {
        print("probe: unexpected interrupt %u\n", irq);
        return;
    }
    uart_interrupts++;
    if ((mmio_read8(uart + UART_IIR) & 0xfU) == IIR_THRE) {
        uart_empty++;
        mmio_write8(uart + UART_IER, 0);
    }
    while (uart_getc() >= 0) {
        keys++;
    }
    barrier();
}

/* 50 interrupts of the empty transmitter; then as many characters as keys= says, by interrupts. The console must be an
 * ns16550a with registers of a byte, and its own, or one that nobody else writes to. */
void test_uart(void)
{
    uint32_t len = 0;
    uint64_t size = 0;
    const char *path = fdt_prop(fdt_path("/chosen"), "stdout-path", &len);
    uint32_t node = path != NULL ? fdt_path(path) : fdt_compatible("ns16550a", 0);
    irq_handler = on_uart;
    if (!irqc_init() || !irqc_init_cpu() || !fdt_reg(node, 0, &uart, &size)) {
        print("probe: uart: no usable interrupt controller or UART\n");
        return;
    }
    uart_number = uart_listen();
    report_number("uart", "interrupt", uart_number);
    mmio_write8(uart + UART_IER, 0);
    irq_on();
    unsigned n = 0;
    for (; n < TIMES; n++) {
        mmio_write8(uart + UART_IER, IER_THRE);
        if (!wait_for(&uart_empty, n + 1U)) {
            break;
        }
    }
    irq_off();
    report_number("uart", "transmitter empty", n);
    uint64_t wanted = bootarg_number("keys", 0);
    if (wanted != 0U) {
        print("probe: uart: type %lu characters\n", wanted);
        (void)uart_listen();
        while (keys < wanted) {
            sleep_for_irq();
        }
        report_number("uart", "characters", (int64_t)keys);
        report_number("uart", "interrupts", uart_interrupts != 0U);
    }
}
