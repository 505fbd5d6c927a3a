/* SPDX-License-Identifier: Apache-2.0 */
/* The serving CPU: what wakes it, how often, and how much it does then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "core/log.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"

#define CPU    2U
#define FREQ   1000000U
#define PERIOD (FREQ / 1000U * CONSOLE_PERIOD_MS)

static char seen[1 << 16];
static size_t len;
static unsigned room;
static const char *keys;
static uint64_t now, alarm_at;
static unsigned ipis, ipi_cpu, starts;
static bool listens, wants_room;

static bool take(char c)
{
    if (room == 0U) {
        return false;
    }
    room--;
    seen[len++] = c;
    seen[len] = '\0';
    return true;
}

static bool give(uint8_t *c)
{
    if (*keys == '\0') {
        return false;
    }
    *c = (uint8_t)*keys++;
    return true;
}

static void start(void)
{
    starts++;
}

static void events(bool received, bool transmit)
{
    listens = received;
    wants_room = transmit;
}

static void set_alarm(uint64_t when)
{
    alarm_at = when;
}

static uint64_t get_now(void)
{
    return now;
}

static uint32_t freq(void)
{
    return FREQ;
}

static void ipi(unsigned cpu)
{
    ipis++;
    ipi_cpu = cpu;
}

static void relax(void)
{
    now += 1000;
}

static int setup(void **state)
{
    (void)state;
    arch_ops.console = (struct console_ops){ take, give, start, events };
    arch_ops.timer.now = get_now;
    arch_ops.timer.freq = freq;
    arch_ops.timer.alarm = set_alarm;
    arch_ops.irqc.send_ipi = ipi;
    arch_ops.cpu.relax = relax;
    len = 0;
    seen[0] = '\0';
    room = 1U << 30;
    keys = "";
    now = 5000;
    alarm_at = TIMER_NO_ALARM;
    starts = 0;
    listens = false;
    wants_room = false;
    own_fixture();
    console_init(CONSOLE_OUT_BYTES);
    console_attach(0, "linux");
    console_attach(1, "rt");
    console_start(CPU);
    (void)console_was_told();
    ipis = 0;
    return 0;
}

/* As vdev/vconsole.c does for a VM. */
static void print(uint32_t port, const char *s)
{
    for (; *s != '\0'; s++) {
        if (console_put(port, *s)) {
            console_tell();
        }
    }
}

static void it_begins_with_a_receiver_that_interrupts(void **state)
{
    (void)state;
    assert_int_equal(starts, 1);
    assert_true(listens);
    assert_false(wants_room);
    assert_true(console_active());
    assert_true(console_serves(CPU));
    assert_false(console_serves(CPU + 1U));
}

static void a_flood_costs_one_ipi_and_one_alarm_in_a_period(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20U; i++) {
        print(1, "half a line that nobody waits for ");
        assert_int_equal(ipis, i + 1U);
        assert_int_equal(ipi_cpu, CPU);
        assert_true(console_was_told());
        assert_false(console_was_told());
        assert_int_equal(console_serve(false), 0);
        print(1, "and on and on");
        assert_int_equal(ipis, i + 1U);
        assert_int_equal(alarm_at, now + PERIOD);
        now = alarm_at;
        assert_int_equal(console_serve(true), 0);
        assert_int_equal(alarm_at, TIMER_NO_ALARM); /* nothing to do: asleep until told */
    }
}

static void one_call_does_a_bounded_amount_and_the_rest_comes_a_period_later(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40U; i++) {
        print(0, "0123456789012345678901234567890123456789012345678\n");
    }
    (void)console_serve(false);
    assert_in_range(len, 1, 512);
    for (unsigned i = 0; alarm_at != TIMER_NO_ALARM; i++) {
        size_t before = len;
        assert_true(i < 20U);
        now = alarm_at;
        (void)console_serve(true);
        assert_in_range(len - before, 0, 512);
    }
    assert_int_equal(len, 40U * (8U + 49U + 2U));
    assert_int_equal(ipis, 1);
}

static void a_full_transmitter_is_waited_for_by_its_interrupt_alone(void **state)
{
    (void)state;
    room = 10;
    print(0, "a line that does not fit\n");
    (void)console_serve(false);
    assert_true(listens && wants_room);
    assert_int_equal(alarm_at, TIMER_NO_ALARM);
    print(1, "x\n");
    assert_int_equal(ipis, 1); /* it looks anyway */
    room = 1000;
    (void)console_serve(false);
    assert_true(listens && !wants_room);
    assert_string_equal(seen, "[linux] a line that does not fit\r\n[rt] x\r\n");
}

static void an_open_line_is_held_and_then_broken(void **state)
{
    (void)state;
    print(0, "prompt# ");
    (void)console_serve(false);
    print(1, "x\n");
    uint64_t begin = now;
    while (alarm_at != TIMER_NO_ALARM && now < begin + 2U * CONSOLE_HOLD_MS * PERIOD) {
        assert_in_range(alarm_at, now + 1U, now + PERIOD);
        now = alarm_at;
        (void)console_serve(true);
    }
    assert_string_equal(seen, "[linux] prompt# \r\n[rt] x\r\n");
    assert_in_range(now - begin, CONSOLE_HOLD_MS * PERIOD, (CONSOLE_HOLD_MS + 3U) * PERIOD);
}

static void keys_go_to_the_focus_and_no_more_than_so_many_at_a_time(void **state)
{
    uint8_t c;
    char many[CONSOLE_KEYS + 6U];
    (void)state;
    memset(many, 'k', sizeof(many) - 1U);
    many[sizeof(many) - 1U] = '\0';
    keys = many;
    assert_int_equal(console_serve(false), 1U << 0);
    assert_int_equal(strlen(keys), 5);
    assert_int_equal(console_serve(false), 1U << 0);
    keys = "\x1d" "2z";
    assert_int_equal(console_serve(false), 1U << 1);
    assert_true(console_get(1, &c));
    assert_int_equal(c, 'z');
    assert_non_null(strstr(seen, "[hv] input goes to rt\r\n"));
    keys = "\x1d?";
    assert_int_equal(console_serve(false), 0);
}

static void the_log_goes_the_same_way_and_a_panic_does_not(void **state)
{
    (void)state;
    print(0, "open");
    (void)console_serve(false);
    uint64_t written = log_ring.written;

    log_line("a %s", "report");
    assert_int_equal(log_ring.written - written, 15);
    assert_memory_equal(log_ring.ring + written % LOG_RING_BYTES, "[hv] a report\r\n", 15);
    assert_string_equal(seen, "[linux] open"); /* the line of the focus is held */
    log_last_words("panic: %u", 7U);
    assert_string_equal(seen, "[linux] open\r\n[hv] panic: 7\r\n");
}

static void the_end_gives_out_everything_and_does_not_wait_for_ever(void **state)
{
    (void)state;
    print(0, "prompt# ");
    (void)console_serve(false);
    for (unsigned i = 0; i < 100U; i++) {
        print(1, "0123456789012345678901234567890123456789\n");
    }
    log_line("the end");
    console_flush();
    assert_non_null(strstr(seen, "[hv] the end\r\n"));
    assert_int_equal(len, 8U + 8U + 2U + 100U * (5U + 40U + 2U) + 14U);
    room = 0;
    print(1, "never\n");
    uint64_t begin = now;
    console_flush();
    assert_in_range(now - begin, CONSOLE_FLUSH_MS * PERIOD, CONSOLE_FLUSH_MS * PERIOD + 2000U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_begins_with_a_receiver_that_interrupts, setup),
        cmocka_unit_test_setup(a_flood_costs_one_ipi_and_one_alarm_in_a_period, setup),
        cmocka_unit_test_setup(one_call_does_a_bounded_amount_and_the_rest_comes_a_period_later, setup),
        cmocka_unit_test_setup(a_full_transmitter_is_waited_for_by_its_interrupt_alone, setup),
        cmocka_unit_test_setup(an_open_line_is_held_and_then_broken, setup),
        cmocka_unit_test_setup(keys_go_to_the_focus_and_no_more_than_so_many_at_a_time, setup),
        cmocka_unit_test_setup(the_log_goes_the_same_way_and_a_panic_does_not, setup),
        cmocka_unit_test_setup(the_end_gives_out_everything_and_does_not_wait_for_ever, setup),
    };
    return cmocka_run_group_tests_name("console_serve", tests, NULL, NULL);
}
