/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real-time guest: a 1 kHz tick by the guest's own timer, re-armed in its own handler to the next deadline
 * that is still ahead. It counts the deadlines it armed and the interrupts that arrived, so that their
 * difference is 0 or 1 whatever happens; a lost tick shows as a stall. The jitter it prints is the emulator's
 * when it runs on one.
 *
 * Keys on its console: q powers this guest off. Where the UART's interrupt is used, the key comes by it alone.
 *
 * With a channel (link.c) each report is published there as well, and commands are taken from it, at most one after a tick, behind the
 * handler. Without one nothing of this is done.
 */
#include "rt.h"

#define PERIOD_US 1000U
#define REPORT_US 500000U /* ticks of this time are between reports */

static struct {
    uint64_t period; /* all in counter ticks */
    uint64_t deadline;
    uint64_t report_ticks; /* ticks of the guest between reports */
    uint64_t next_report;  /* delivered, at the next of them */
    uint64_t looked;       /* delivered, when commands were last looked for */
    uint64_t worst;        /* late_max, since the start or the last reset */
    struct telemetry *telemetry;
    uint32_t intid;
    uint32_t key_irq; /* 0: the console is polled */
    volatile bool ended;
    volatile uint64_t armed;
    volatile uint64_t delivered;
    volatile uint64_t unexpected; /* interrupts that are neither its timer's nor its console's */
    volatile uint64_t skipped; /* deadlines that had passed when the one before was served */
    uint64_t late_min;         /* since the last report */
    uint64_t late_max;
    uint64_t late_sum;
    uint64_t late_count;
} rt;

static void arm(uint64_t deadline)
{
    rt.deadline = deadline;
    rt.armed++;
    timer_set(deadline);
}

static bool key_is_q(void)
{
    bool q = false;
    for (int c = uart_getc(); c >= 0 && !q; c = q ? -1 : uart_getc()) {
        q = c == 'q';
    }
    return q;
}

static void tick(uint32_t intid)
{
    if (intid == rt.key_irq && intid != 0U) {
        rt.ended = rt.ended || key_is_q();
        return;
    }
    if (intid != rt.intid) {
        rt.unexpected++;
        print("rt: unexpected interrupt %u\n", intid);
        return;
    }
    uint64_t late = timer_now() - rt.deadline;
    uint64_t passed = late / rt.period;
    rt.delivered++;
    rt.skipped += passed;
    rt.late_sum += late;
    rt.late_count++;
    rt.late_min = late < rt.late_min ? late : rt.late_min;
    rt.late_max = late > rt.late_max ? late : rt.late_max;
    arm(rt.deadline + (passed + 1U) * rt.period);
}

static uint64_t to_us(uint64_t ticks)
{
    return ticks * 1000000U / timer_freq();
}

static void set_period(uint64_t us)
{
    rt.period = timer_freq() * us / 1000000U; /* from the next deadline on */
    rt.report_ticks = REPORT_US / us;
    if (rt.telemetry != NULL) {
        rt.telemetry->value[TELEMETRY_PERIOD] = us;
    }
}

static void publish(uint64_t delivered, uint64_t skipped, uint64_t min, uint64_t mean, uint64_t max)
{
    uint64_t *value = rt.telemetry->value;

    rt.worst = max > rt.worst ? max : rt.worst;
    value[TELEMETRY_TICKS] = delivered;
    value[TELEMETRY_PASSED] = skipped;
    value[TELEMETRY_MIN] = to_us(min);
    value[TELEMETRY_MEAN] = to_us(mean);
    value[TELEMETRY_MAX] = to_us(max);
    value[TELEMETRY_WORST] = to_us(rt.worst);
    telemetry_show(rt.telemetry);
    link_ring();
}

/* After a tick that is served: one command at most. The bounds of a period are telemetry_take's to hold. */
static void obey(void)
{
    struct telemetry_command c;
    bool told = false;

    if (rt.telemetry == NULL || rt.looked == rt.delivered) {
        return;
    }
    rt.looked = rt.delivered;
    if (telemetry_take(rt.telemetry, &c, &told)) {
        if (c.code == TELEMETRY_SET_PERIOD) {
            set_period(c.argument);
            rt.next_report = rt.delivered + rt.report_ticks;
        } else {
            rt.worst = 0;
            rt.telemetry->value[TELEMETRY_WORST] = 0;
        }
        telemetry_done(rt.telemetry, &c);
        told = true;
    }
    if (told) {
        link_ring();
    }
}

static void report(void)
{
    irq_off();
    uint64_t armed = rt.armed;
    uint64_t delivered = rt.delivered;
    uint64_t skipped = rt.skipped;
    uint64_t min = rt.late_min;
    uint64_t max = rt.late_max;
    uint64_t mean = rt.late_count != 0U ? rt.late_sum / rt.late_count : 0U;
    rt.late_min = UINT64_MAX;
    rt.late_max = 0;
    rt.late_sum = 0;
    rt.late_count = 0;
    irq_on();
    rt.next_report = delivered + rt.report_ticks;
    if (rt.telemetry != NULL) {
        publish(delivered, skipped, min, mean, max);
    }
    print("rt: armed %lu delivered %lu passed-over %lu late %lu/%lu/%lu us (min/avg/max: the emulator's, not "
          "a claim)\n",
          armed, delivered, skipped, to_us(min), to_us(mean), to_us(max));
}

void guest_main(void)
{
    rt.intid = timer_intid();
    set_period(PERIOD_US);
    rt.late_min = UINT64_MAX;
    print("rt: real-time guest: %u Hz by %s, interrupt %u; q on this console ends it\n", 1000000U / PERIOD_US,
          timer_name(), rt.intid);
    if (rt.intid == 0U || rt.period == 0U || !irqc_init() || !irqc_init_cpu()) {
        print("rt: no usable timer or interrupt controller\n");
        return;
    }
    irq_handler = tick;
    rt.telemetry = link_begin();
    set_period(PERIOD_US); /* told there as well */
    rt_prepare();
    rt.key_irq = uart_listen();
    irq_enable(rt.intid);
    arm(timer_now() + rt.period);
    irq_on();

    rt.next_report = rt.report_ticks;
    while (!rt.ended && (rt.key_irq != 0U || uart_getc() != 'q')) {
        wait_for_irq();
        obey();
        if (rt.delivered >= rt.next_report) {
            report();
        }
    }
    irq_off();
    timer_off();
    print("rt: q received; powering off: armed %lu delivered %lu\n", rt.armed, rt.delivered);
}

void guest_secondary(uint64_t arg)
{
    (void)arg;
}
