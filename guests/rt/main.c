/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real-time guest: a 1 kHz tick by the guest's own timer, re-armed in its own handler to the next deadline
 * that is still ahead. It counts the deadlines it armed and the interrupts that arrived, so that their
 * difference is 0 or 1 whatever happens; a lost tick shows as a stall. The jitter it prints is the emulator's
 * when it runs on one.
 *
 * Keys on its console: q powers this guest off. Where the UART's interrupt is used, the key comes by it alone.
 */
#include "rt.h"

#define TICK_HZ      1000U
#define REPORT_TICKS 500U

static struct {
    uint64_t period; /* all in counter ticks */
    uint64_t deadline;
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
    print("rt: armed %lu delivered %lu passed-over %lu late %lu/%lu/%lu us (min/avg/max: the emulator's, not "
          "a claim)\n",
          armed, delivered, skipped, to_us(min), to_us(mean), to_us(max));
}

void guest_main(void)
{
    rt.intid = timer_intid();
    rt.period = timer_freq() / TICK_HZ;
    rt.late_min = UINT64_MAX;
    print("rt: real-time guest: %u Hz by %s, interrupt %u; q on this console ends it\n", TICK_HZ,
          timer_name(), rt.intid);
    if (rt.intid == 0U || rt.period == 0U || !irqc_init() || !irqc_init_cpu()) {
        print("rt: no usable timer or interrupt controller\n");
        return;
    }
    irq_handler = tick;
    rt_prepare();
    rt.key_irq = uart_listen();
    irq_enable(rt.intid);
    arm(timer_now() + rt.period);
    irq_on();

    uint64_t next_report = REPORT_TICKS;
    while (!rt.ended && (rt.key_irq != 0U || uart_getc() != 'q')) {
        wait_for_irq();
        if (rt.delivered >= next_report) {
            next_report = rt.delivered + REPORT_TICKS;
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
