/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may print how much on the shared console: a UART of 115,200 baud, a victim that keeps below its fair share of it, and
 * others that do what they can. The victim loses nothing, and what the hypervisor says comes in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"

#define MS      1000U /* ticks in a millisecond */
#define HOLD    (CONSOLE_HOLD_MS * MS)
#define FIFO    16U
#define SECONDS 20U

/* What a port does that is not the victim's. */
enum habit { SILENT, LINES, RETURNS, RETURNS_ALONE, NO_END, TRICKLES, TRICKLES_LINES, HOLDS_AND_FLOODS };

static char seen[1 << 16]; /* the latest of it */
static size_t len;
static unsigned room;
static uint64_t now, until;
static unsigned longest; /* time between two of the victim's lines, in milliseconds */

static bool take(char c)
{
    if (room == 0U) {
        return false;
    }
    room--;
    if (len == sizeof(seen) - 1U) {
        len /= 2U;
        memmove(seen, seen + sizeof(seen) - 1U - len, len);
    }
    seen[len++] = c;
    seen[len] = '\0';
    return true;
}

static void start(void) {}

static void events(bool received, bool transmit)
{
    (void)received;
    (void)transmit;
}

static void send_ipi(unsigned cpu)
{
    (void)cpu;
}

static int setup(void **state)
{
    (void)state;
    arch_ops.irqc.send_ipi = send_ipi;
    arch_ops.console.try_putc = take;
    arch_ops.console.start = start;
    arch_ops.console.events = events;
    len = 0;
    seen[0] = '\0';
    room = 0;
    now = 1000000;
    longest = 0;
    own_fixture();
    console_init(CONSOLE_OUT_BYTES);
    console_start(0);
    console_attach(0, "linux");
    console_attach(1, "rt");
    console_attach(4, "abcdefghijklmno");
    return 0;
}

static void print(uint32_t port, const char *s)
{
    for (; *s != '\0'; s++) {
        (void)console_put(port, *s);
    }
}

static uint32_t fill(uint32_t port)
{
    return atomic32_load(&console_ports[port].out_put) - atomic32_load(&console_ports[port].out_taken);
}

/* An open line, held as long as it may be; as soon as that is over, its end, some lines, and the next one. */
static void hold_and_flood(uint32_t port, unsigned ms)
{
    static unsigned since;
    static bool gone;
    if (ms == 0U) {
        gone = false;
        print(port, "t");
    } else if (!gone && fill(port) == 0U) {
        gone = true;
        since = ms;
    } else if (gone && ms - since >= CONSOLE_HOLD_MS) {
        gone = false;
        for (unsigned i = 0; i < 3U * 181U; i++) {
            (void)console_put(port, i % 181U == 0U ? '\n' : 'x');
        }
        print(port, "\nt");
    }
}

/* A millisecond of who keeps the ring full, or puts one character into it now and then. */
static void behave(uint32_t port, enum habit h, unsigned ms)
{
    static uint32_t count[CONSOLE_PORTS];
    if (h == TRICKLES || h == TRICKLES_LINES) {
        bool ends = h == TRICKLES_LINES && ms / (CONSOLE_HOLD_MS - 2U) % 2U != 0U;
        print(port, ms % (CONSOLE_HOLD_MS - 2U) != 0U ? "" : ends ? "\n" : "t");
        return;
    }
    if (h == HOLDS_AND_FLOODS) {
        hold_and_flood(port, ms);
        return;
    }
    while (h != SILENT && atomic32_load(&console_ports[port].lost) == 0U && fill(port) < CONSOLE_OUT_BYTES) {
        uint32_t i = count[port]++;
        bool end = h != NO_END && h != RETURNS_ALONE && i % 511U == 0U;
        bool cr = h == RETURNS_ALONE || (h == RETURNS && i % 2U == 0U);
        (void)console_put(port, end ? '\n' : cr ? '\r' : 'x');
    }
}

/* One millisecond of the UART and of who serves it. */
static void serve(unsigned ms)
{
    now += MS;
    room += ms % 25U < 13U ? 12U : 11U;
    room = room > FIFO ? FIFO : room;
    (void)console_drain(now, HOLD, &until);
}

#define LINE "a line of the real-time guest with some fifty-nine charact.\n" /* 66 characters on the wire */

/* rt prints one line in each `period` milliseconds, linux, the third and the hypervisor what they do. What rt lost. */
static uint32_t contend(unsigned period, enum habit linux_does, enum habit third_does, enum habit hv_does)
{
    (void)setup(NULL);
    unsigned last = 0;
    unsigned seconds = linux_does == RETURNS_ALONE ? 3U : SECONDS; /* each step of it takes 512 characters */
    for (unsigned ms = 0; ms < seconds * 1000U; ms++) {
        behave(0, linux_does, ms);
        behave(4, third_does, ms);
        behave(CONSOLE_HV, hv_does, ms);
        print(1, ms % period == 0U ? LINE : "");
        uint32_t before = fill(1);
        serve(ms);
        if (fill(1) < before) {
            last = ms;
        }
        longest = ms - last > longest ? ms - last : longest;
    }
    return atomic32_load(&console_ports[1].dropped);
}

/* 38 % of the UART where two print, 31 % where three do. */
#define OF_TWO   15U
#define OF_THREE 18U

/* WALL-CON-1 */
static void who_keeps_below_its_share_loses_nothing_whatever_others_do(void **state)
{
    static const struct {
        const char *what;
        unsigned period;
        enum habit one, other, hv;
    } cases[] = {
        { "nobody", OF_TWO, SILENT, SILENT, SILENT },
        { "a flood of lines", OF_TWO, LINES, SILENT, SILENT },
        { "a flood of carriage returns", OF_TWO, RETURNS, SILENT, SILENT },
        { "a flood of carriage returns behind the longest name", OF_TWO, SILENT, RETURNS, SILENT },
        { "a line without end", OF_TWO, NO_END, SILENT, SILENT },
        { "a line that grows now and then, with the focus", OF_TWO, TRICKLES, SILENT, SILENT },
        { "lines that grow and end now and then, with the focus", OF_TWO, TRICKLES_LINES, SILENT, SILENT },
        { "who holds a line and floods in turn, with the focus", OF_TWO, HOLDS_AND_FLOODS, SILENT, SILENT },
        { "that, and a flood", OF_THREE, HOLDS_AND_FLOODS, LINES, SILENT },
        { "two floods of lines", OF_THREE, LINES, LINES, SILENT },
        { "two floods of carriage returns", OF_THREE, RETURNS, RETURNS, SILENT },
        { "a flood, and a line that grows now and then", OF_THREE, TRICKLES, RETURNS, SILENT },
        { "a flood, and a line without end", OF_THREE, NO_END, LINES, SILENT },
        { "carriage returns and nothing else", OF_TWO, RETURNS_ALONE, SILENT, SILENT },
        { "a hypervisor that does not stop talking", OF_TWO, SILENT, SILENT, LINES },
        { "that, and a flood", OF_THREE, RETURNS, SILENT, LINES },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t lost = contend(cases[i].period, cases[i].one, cases[i].other, cases[i].hv);
        if (lost != 0U || longest > 4U * CONSOLE_HOLD_MS) {
            fail_msg("beside %s: %u characters lost, %u ms without a line", cases[i].what, lost, longest);
        }
    }
}

static void what_the_hypervisor_says_comes_in_time_whatever_vms_print(void **state)
{
    (void)state;
    unsigned said = 0;
    for (unsigned ms = 0; ms < SECONDS * 1000U; ms++) {
        behave(0, ms / 7000U == 0U ? RETURNS : ms / 7000U == 1U ? TRICKLES : NO_END, ms);
        behave(1, RETURNS, ms);
        behave(4, LINES, ms);
        if (ms % 500U == 0U) {
            print(CONSOLE_HV, "an answer\n");
            said = ms;
        }
        serve(ms);
        assert_true(fill(CONSOLE_HV) == 0U || ms - said <= 4U * CONSOLE_HOLD_MS);
    }
    assert_int_equal(atomic32_load(&console_ports[CONSOLE_HV].dropped), 0);
}

/* A flood for a while; then a second one, which has been silent, and so has sent far less. */
static void who_had_nothing_to_say_for_a_while_gets_no_credit_for_it(void **state)
{
    (void)state;
    for (unsigned ms = 0; ms < SECONDS * 1000U; ms++) {
        behave(0, LINES, ms);
        serve(ms);
    }
    uint32_t before = atomic32_load(&console_ports[0].out_taken);
    for (unsigned ms = 0; ms < 1000U; ms++) {
        behave(0, LINES, ms);
        behave(4, LINES, ms);
        serve(ms);
    }
    uint32_t first = atomic32_load(&console_ports[0].out_taken) - before;
    uint32_t second = atomic32_load(&console_ports[4].out_taken);
    assert_in_range(first, 11520U / 2U - 1024U, 11520U / 2U + 1024U);
    assert_in_range(second, 11520U / 2U - 1024U, 11520U / 2U + 1024U);
}

/* A progress bar, with the focus, while nobody else prints: a line of half a minute. Then a flood. */
static void who_printed_a_long_line_alone_keeps_its_share_afterwards(void **state)
{
    (void)state;
    (void)console_input(CONSOLE_ESCAPE);
    (void)console_input('2');
    for (unsigned ms = 0; ms < 30000U; ms++) {
        print(1, ms % 20U == 0U ? "\r[######    ] 60 % xx" : "");
        serve(ms);
    }
    print(1, "\n");
    unsigned last = 0;
    for (unsigned ms = 0; ms < SECONDS * 1000U; ms++) {
        behave(0, LINES, ms);
        print(1, ms % OF_TWO == 0U ? LINE : "");
        uint32_t before = fill(1);
        serve(ms);
        last = fill(1) < before ? ms : last;
        assert_true(ms - last <= 4U * CONSOLE_HOLD_MS);
    }
    assert_int_equal(atomic32_load(&console_ports[1].dropped), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_keeps_below_its_share_loses_nothing_whatever_others_do, setup),
        cmocka_unit_test_setup(what_the_hypervisor_says_comes_in_time_whatever_vms_print, setup),
        cmocka_unit_test_setup(who_printed_a_long_line_alone_keeps_its_share_afterwards, setup),
        cmocka_unit_test_setup(who_had_nothing_to_say_for_a_while_gets_no_credit_for_it, setup),
    };
    return cmocka_run_group_tests_name("console_fair", tests, NULL, NULL);
}
