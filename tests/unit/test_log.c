/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/log.h"
#include "hv/arch_ops.h"

static char console[16384];
static size_t console_len;
static unsigned polls;
static unsigned refuse; /* this many characters are refused before the next is taken */
static bool stuck;
static unsigned period; /* not 0: each so-many-th time it refuses */

static bool take(char c)
{
    polls++;
    if (stuck || (period != 0U && polls % period == 0U)) {
        return false;
    }
    if (refuse > 0U) {
        refuse--;
        return false;
    }
    if (console_len < sizeof(console) - 1U) {
        console[console_len++] = c;
        console[console_len] = '\0';
    }
    return true;
}

static void nop(void)
{
}

static int setup(void **state)
{
    (void)state;
    arch_ops.console.try_putc = take;
    arch_ops.cpu.relax = nop;
    console_len = 0;
    console[0] = '\0';
    refuse = 0;
    stuck = false;
    period = 0;
    log_line("x"); /* the transmitter is known to work */
    console_len = 0;
    console[0] = '\0';
    log_ring.written = 0;
    log_ring.dropped = 0;
    return 0;
}

/* Where log_text() may be given it. */
static const char *placed(const char *s)
{
    static _Alignas(8) char text[64];

    return strcpy(text, s);
}

static void log_line_prefixes_and_ends_each_line(void **state)
{
    (void)state;
    log_line("vm %s: %u", "a", 7U);
    assert_string_equal(console, "[hv] vm a: 7\r\n");
}

static void log_text_prefixes_every_line_also_the_last_without_newline(void **state)
{
    (void)state;
    log_text(placed("one\ntwo\nthree"), 13);
    assert_string_equal(console, "[hv] one\r\n[hv] two\r\n[hv] three\r\n");
}

/* It goes by words: every two places of a line's end, and every length. The characters beside it are those that differ least. */
static void log_text_finds_every_end_of_a_line(void **state)
{
    _Alignas(8) char text[27];
    char expected[128];

    (void)state;
    for (unsigned len = 0; len <= sizeof(text); len++) {
        for (unsigned a = 0; a <= len; a++) {
            for (unsigned b = a; b <= len; b++) {
                char *to = expected;

                for (unsigned i = 0; i < len; i++) {
                    text[i] = i == a || i == b ? '\n' : "\x0b\x09\x8a"[i % 3U];
                }
                for (unsigned i = 0; i < len; i++) {
                    to = i == 0U || text[i - 1U] == '\n' ? stpcpy(to, "[hv] ") : to;
                    to = text[i] == '\n' ? to : (*to = text[i], to + 1);
                    to = text[i] == '\n' || i == len - 1U ? stpcpy(to, "\r\n") : to;
                }
                *to = '\0';
                console_len = 0;
                console[0] = '\0';
                log_text(text, len);
                assert_string_equal(console, expected);
            }
        }
    }
}

static void log_text_does_not_read_past_its_length(void **state)
{
    (void)state;
    log_text(placed("one\ntwo"), 5);
    assert_string_equal(console, "[hv] one\r\n[hv] t\r\n");
    console_len = 0;
    log_text(placed("one\n\n"), 4); /* what stands behind would be a line of its own */
    assert_string_equal(console, "[hv] one\r\n");
}

static void log_line_waits_for_a_busy_transmitter(void **state)
{
    (void)state;
    refuse = 1000;
    log_line("x");
    assert_string_equal(console, "[hv] x\r\n");
    assert_int_equal(log_ring.dropped, 0);
}

static void log_line_gives_up_on_a_stuck_transmitter_but_keeps_the_ring(void **state)
{
    (void)state;
    stuck = true;
    log_line("lost");
    assert_string_equal(console, "");
    assert_int_equal(log_ring.dropped, 11);
    assert_memory_equal(log_ring.ring, "[hv] lost\r\n", 11);
}

static void log_line_does_not_wait_again_for_a_transmitter_that_stays_stuck(void **state)
{
    (void)state;
    stuck = true;
    log_line("first");
    polls = 0;
    log_line("second");
    assert_int_equal(polls, 13);
    stuck = false;
    log_line("third");
    refuse = 10;
    log_line("fourth");
    assert_string_equal(console, "[hv] third\r\n[hv] fourth\r\n");
}

/* Whatever its pace, and after it has stood still: it takes the first character, and what it takes a poll later is no stall. */
static void a_slow_transmitter_gets_every_character(void **state)
{
    (void)state;
    for (unsigned p = 2; p < 12U; p++) {
        for (unsigned phase = 0; phase < p - 1U; phase++) {
            period = 0;
            stuck = true;
            log_line("lost");
            stuck = false;
            console_len = 0;
            log_ring.dropped = 0;
            period = p;
            polls = phase;
            log_line("abcdefghi");
            log_line("abcdefghi");
            assert_string_equal(console, "[hv] abcdefghi\r\n[hv] abcdefghi\r\n");
            assert_int_equal(log_ring.dropped, 0);
        }
    }
}

/* It stood still, and takes the last character of a line alone: that is by itself, so the next line is waited for. */
static void a_transmitter_that_goes_on_within_a_line_is_waited_for_again(void **state)
{
    (void)state;
    stuck = true;
    log_line("lost");
    stuck = false;
    console_len = 0;
    refuse = 7;
    log_line("a");
    assert_string_equal(console, "\n");
    console_len = 0;
    refuse = 100;
    log_line("b");
    assert_string_equal(console, "[hv] b\r\n");
}

/* hvplan's text has no bound of lines, and a plan may be anybody's. */
static void a_line_longer_than_the_ring_stays_within_it(void **state)
{
    static _Alignas(8) char text[3U * LOG_RING_BYTES];

    (void)state;
    for (unsigned i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i % 26U);
    }
    for (uint64_t begin = LOG_RING_BYTES - 7U; begin < LOG_RING_BYTES + 7U; begin++) {
        console_len = 0;
        log_ring.written = begin;
        log_text(text, sizeof(text));
        assert_int_equal(log_ring.written, begin + 5U + sizeof(text) + 2U);
        assert_memory_equal(&console[5], text, sizeof(text));
        for (unsigned i = 0; i < LOG_RING_BYTES; i++) { /* the last of what was emitted */
            assert_int_equal(log_ring.ring[(log_ring.written - 1U - i) % LOG_RING_BYTES], console[console_len - 1U - i]);
        }
    }
}

static void log_ring_wraps(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LOG_RING_BYTES; i++) {
        log_line("%u", i);
    }
    assert_true(log_ring.written > LOG_RING_BYTES);
    assert_int_equal(log_ring.ring[(log_ring.written - 1U) % LOG_RING_BYTES], '\n');
}

static void log_line_cuts_long_lines(void **state)
{
    (void)state;
    char longer[400];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    log_line("%s", longer);
    assert_int_equal(console_len, 5 + 159 + 2);
}

static void log_last_words_need_no_lock(void **state)
{
    (void)state;
    log_last_words("panic: %s", "x");
    assert_string_equal(console, "[hv] panic: x\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(log_line_prefixes_and_ends_each_line, setup),
        cmocka_unit_test_setup(log_text_prefixes_every_line_also_the_last_without_newline, setup),
        cmocka_unit_test_setup(log_text_finds_every_end_of_a_line, setup),
        cmocka_unit_test_setup(log_text_does_not_read_past_its_length, setup),
        cmocka_unit_test_setup(log_line_waits_for_a_busy_transmitter, setup),
        cmocka_unit_test_setup(log_line_gives_up_on_a_stuck_transmitter_but_keeps_the_ring, setup),
        cmocka_unit_test_setup(log_line_does_not_wait_again_for_a_transmitter_that_stays_stuck, setup),
        cmocka_unit_test_setup(a_slow_transmitter_gets_every_character, setup),
        cmocka_unit_test_setup(a_transmitter_that_goes_on_within_a_line_is_waited_for_again, setup),
        cmocka_unit_test_setup(a_line_longer_than_the_ring_stays_within_it, setup),
        cmocka_unit_test_setup(log_ring_wraps, setup),
        cmocka_unit_test_setup(log_line_cuts_long_lines, setup),
        cmocka_unit_test_setup(log_last_words_need_no_lock, setup),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
