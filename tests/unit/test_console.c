/* SPDX-License-Identifier: Apache-2.0 */
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

#define HOLD 100U

static char seen[1 << 20];
static size_t len;
static unsigned room; /* characters the transmitter takes before it is full */
static uint64_t now, until;
static uint32_t ring; /* bytes of one: all tests run with both sizes */

static bool take(char c)
{
    if (room == 0U) {
        return false;
    }
    room--;
    assert_true(len < sizeof(seen) - 1U);
    seen[len++] = c;
    seen[len] = '\0';
    return true;
}

static void clear(void)
{
    len = 0;
    seen[0] = '\0';
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
    clear();
    room = 1U << 30;
    now = 1000;
    until = 0;
    own_fixture();
    console_init(ring);
    console_start(0);
    console_attach(0, "linux");
    console_attach(1, "rt");
    console_attach(4, "third");
    return 0;
}

static void print(uint32_t port, const char *s)
{
    for (; *s != '\0'; s++) {
        (void)console_put(port, *s);
    }
}

static enum console_state drain(void)
{
    enum console_state st = CONSOLE_MORE;
    for (unsigned i = 0; st == CONSOLE_MORE; i++) {
        assert_true(i < 10000U);
        st = console_drain(now, HOLD, &until);
    }
    return st;
}

static void type(const char *s)
{
    for (; *s != '\0'; s++) {
        (void)console_input((uint8_t)*s);
    }
}

static void each_line_begins_with_the_name_of_who_printed_it(void **state)
{
    (void)state;
    print(1, "one\r\n");
    print(0, "two\n");
    print(1, "three\n\r\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[rt] one\r\n[linux] two\r\n[rt] three\r\n[rt] \r\n");
}

static void a_line_waits_for_its_end_unless_its_port_has_the_focus(void **state)
{
    (void)state;
    print(1, "half");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "");
    print(0, "login: ");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] login: ");
    print(1, " and half\n");
    now += HOLD;
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] login: \r\n[rt] half and half\r\n");
}

static void an_open_line_is_waited_for_and_no_longer_than_hold(void **state)
{
    (void)state;
    print(0, "abc");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\n");
    now += HOLD - 1U;
    assert_int_equal(drain(), CONSOLE_HELD);
    assert_int_equal(until, 1000 + HOLD);
    assert_string_equal(seen, "[linux] abc");
    print(0, "d\n"); /* it ends in time: nothing is torn */
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] abcd\r\n[rt] x\r\n");
    clear();
    print(0, "abc");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\n");
    assert_int_equal(drain(), CONSOLE_HELD);
    now = until;
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(0, "d\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] abc\r\n[rt] x\r\n[linux] d\r\n");
}

static void an_open_line_that_grows_now_and_then_is_waited_for_no_longer_than_hold(void **state)
{
    (void)state;
    print(0, "a");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\ny\n");
    assert_int_equal(drain(), CONSOLE_HELD);
    now += HOLD - 40U;
    print(0, "b"); /* the line has been silent for so long already */
    assert_int_equal(drain(), CONSOLE_HELD);
    assert_int_equal(until, now + 40U);
    now += 39U;
    print(0, "c");
    assert_int_equal(drain(), CONSOLE_HELD);
    assert_int_equal(until, now + 1U);
    now += 1U;
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] abc\r\n[rt] x\r\n[rt] y\r\n");
}

/* Others: rt, the third and [hv]. */
static void who_let_others_wait_waits_for_the_end_of_its_line_for_as_long_for_each_of_them(void **state)
{
    (void)state;
    print(0, "a");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\n");
    assert_int_equal(drain(), CONSOLE_HELD);
    now += HOLD;
    assert_int_equal(drain(), CONSOLE_IDLE);
    clear();
    print(0, "b"); /* it rests, whether others wait or not */
    assert_int_equal(drain(), CONSOLE_HELD);
    assert_int_equal(until, now + 3U * HOLD);
    assert_int_equal(len, 0);
    print(1, "y\n");
    assert_int_equal(drain(), CONSOLE_HELD);
    now += 3U * HOLD - 1U;
    print(0, "c\n"); /* a whole line may go */
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(0, "d");
    assert_int_equal(drain(), CONSOLE_HELD);
    assert_string_equal(seen, "[rt] y\r\n[linux] bc\r\n");
    now += 1U;
    clear();
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] d");
    now += 1000U * HOLD;
    print(1, "z\n");
    assert_int_equal(drain(), CONSOLE_IDLE); /* that silence kept nobody waiting */
    print(0, "e");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "z\n");
    assert_int_equal(drain(), CONSOLE_HELD);
}

static void ports_take_turns_line_by_line(void **state)
{
    (void)state;
    print(0, "a\nb\nc\n");
    print(1, "1\n2\n");
    print(4, "x\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[rt] 1\r\n[third] x\r\n[linux] a\r\n[rt] 2\r\n[linux] b\r\n[linux] c\r\n");
}

static void a_line_without_end_does_not_keep_others_out(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CONSOLE_LINE_MAX + 10U; i++) {
        (void)console_put(0, 'e');
    }
    assert_int_equal(drain(), CONSOLE_IDLE); /* alone it goes on */
    assert_int_equal(len, strlen("[linux] ") + CONSOLE_LINE_MAX + 10U);
    clear();
    print(1, "x\n");
    print(0, "more");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "\r\n[rt] x\r\n[linux] more");
}

static void half_a_ring_goes_out_without_an_end_of_line(void **state)
{
    (void)state;
    for (unsigned i = 1; i < ring / 2U; i++) {
        (void)console_put(1, 'h');
    }
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_int_equal(len, 0);
    (void)console_put(1, 'h');
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_int_equal(len, CONSOLE_LINE_MAX); /* the rest once there is half a ring again */
}

static void a_full_ring_drops_and_says_how_much_and_where(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ring + 7U; i++) {
        (void)console_put(1, i % 64U == 63U ? '\n' : 'd');
    }
    assert_int_equal(atomic32_load(&console_ports[1].dropped), 7);
    room = 100;
    assert_int_equal(drain(), CONSOLE_FULL);
    print(1, "gone\n"); /* there is room again, but the gap is one gap */
    room = 1U << 30;
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "here\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_non_null(strstr(seen, "d\r\n[rt] (12 characters lost)\r\n[rt] here\r\n"));
    assert_null(strstr(seen, "gone"));
    assert_int_equal(atomic32_load(&console_ports[1].dropped), 12);
}

static void the_end_of_a_vm_ends_its_line(void **state)
{
    (void)state;
    console_end_line(1); /* printed nothing at all */
    print(1, "last words");
    console_end_line(1);
    console_end_line(1);
    print(0, "whole\n");
    console_end_line(0);
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[rt] last words\r\n[linux] whole\r\n");
}

static void a_loss_inside_a_line_ends_the_line(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ring + 1U; i++) {
        (void)console_put(1, 'd');
    }
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(&seen[len - strlen("d\r\n[rt] (1 characters lost)\r\n")], "d\r\n[rt] (1 characters lost)\r\n");
}

static void a_full_transmitter_stops_the_drain_and_loses_nothing(void **state)
{
    (void)state;
    print(0, "stop\n");
    print(1, "and go\n");
    for (unsigned i = 0; i < 200U; i++) {
        room = i % 3U;
        (void)console_drain(now, HOLD, &until);
    }
    assert_string_equal(seen, "[rt] and go\r\n[linux] stop\r\n");
}

static void one_call_sends_a_bounded_number_of_characters(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ring; i++) {
        (void)console_put(0, 'b');
    }
    assert_int_equal(console_drain(now, HOLD, &until), CONSOLE_MORE);
    assert_true(len > 0 && len <= 512U);
}

static void a_carriage_return_inside_a_line_does_not_hide_the_name(void **state)
{
    (void)state;
    print(1, "50%\r[hv] vm linux: stopped\r\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[rt] 50%\r[rt] [hv] vm linux: stopped\r\n");
}

static void on_a_terminal(const char *printed, const char *want)
{
    clear();
    print(0, printed);
    print(0, "\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_memory_equal(seen, "[linux] ", 8);
    assert_int_equal(len, 8U + strlen(want) + 2U);
    assert_memory_equal(seen + 8, want, strlen(want));
    assert_memory_equal(seen + len - 2, "\r\n", 2);
}

/* WALL-CON-1 */
static void a_control_character_cannot_begin_a_line_without_the_name(void **state)
{
    (void)state;
    on_a_terminal("a\v[rt] b", "a^K[rt] b");
    on_a_terminal("a\f[rt] b", "a^L[rt] b");
    on_a_terminal("\x01\x05\x0e\x0f\x11\x13\x1f\x7f", "^A^E^N^O^Q^S^_^?");
    on_a_terminal("a\tb\a\x1b[1mc", "a\tb\a\x1b[1mc"); /* tabulator, bell and escape sequences are a shell's daily bread */
    clear();
    (void)console_put(0, '\0');
    print(0, "\n");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] ^@\r\n");
}

/* WALL-CON-1 */
static void a_backspace_goes_back_over_what_the_vm_has_written_and_no_further(void **state)
{
    (void)state;
    on_a_terminal("ab\b \b\b \bx", "ab\b \b\b \bx"); /* as a terminal line discipline erases */
    on_a_terminal("ab\b\b\b\b\bX", "ab\b\bX");
    on_a_terminal("\b\b[rt] ", "[rt] ");
    on_a_terminal("a\v\b\b\b\b", "a^K\b\b\b");
    on_a_terminal("ab\r\b\bx", "ab\r[linux] x"); /* behind a new prefix there is nothing to go back over */
    on_a_terminal("\xc3\xa4\b\b", "\xc3\xa4\b"); /* one column in two bytes */
    /* What may have no column of its own: a tabulator at the margin, an accent on what stands before it, a joiner. */
    on_a_terminal("\t\t\b\bx", "\t\tx");
    on_a_terminal("\xcc\x81\xcc\x81\b\bx", "\xcc\x81\xcc\x81x");
    on_a_terminal("a\xe2\x80\x8b\b\bx", "a\xe2\x80\x8b\bx");
    clear();
    print(0, "login: ro");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\n");
    now += HOLD;
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(0, "\b \bot\n"); /* the prefix is new: the column it would go back to is on another line */
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] login: ro\r\n[rt] x\r\n[linux]  \bot\r\n");
}

/* WALL-CON-1 */
static void bytes_of_utf_8_pass_and_control_characters_among_them_do_not(void **state)
{
    (void)state;
    on_a_terminal("\xc3\xa9\xe2\x80\x85\xf0\x9f\x98\x85\xf4\x8f\xbf\xbf", "\xc3\xa9\xe2\x80\x85\xf0\x9f\x98\x85\xf4\x8f\xbf\xbf");
    on_a_terminal("a\x85[rt] b", "a?[rt] b");             /* NEL as one byte */
    on_a_terminal("a\xc2\x85[rt] b", "a\xc2?[rt] b");     /* and as U+0085 */
    on_a_terminal("\xc2\x9f\xc2\xa0", "\xc2?\xc2\xa0");  /* the last C1 control, and what follows */
    on_a_terminal("\xe0\x82\x85", "\xe0??");              /* written longer than it is */
    on_a_terminal("\xe0\xa0\x85", "\xe0\xa0\x85");
    on_a_terminal("\xf0\x80\x82\x85", "\xf0???");
    on_a_terminal("\xf0\x90\x82\x85", "\xf0\x90\x82\x85");
    on_a_terminal("\xc1\x85\xf5\x85\x9b", "\xc1?\xf5??"); /* no first bytes */
    on_a_terminal("\xe2" "a\x85", "\xe2" "a?");             /* a sequence that is not finished */
    on_a_terminal("\xc3\xa4\x85\xc3\xc3\xa4", "\xc3\xa4?\xc3\xc3\xa4");
    clear();
    print(0, "\xc3");
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(1, "x\n");
    now += HOLD;
    assert_int_equal(drain(), CONSOLE_IDLE);
    print(0, "\x85\n"); /* its first byte is on another line */
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_string_equal(seen, "[linux] \xc3\r\n[rt] x\r\n[linux] ?\r\n");
}

static void what_is_typed_goes_to_the_focus_alone(void **state)
{
    uint8_t c = 0;
    (void)state;
    assert_int_equal(console_focus(), 0);
    assert_int_equal(console_input('x'), 0);
    assert_false(console_get(1, &c));
    assert_true(console_get(0, &c));
    assert_int_equal(c, 'x');
    assert_false(console_get(0, &c));
}

static void the_escape_key_moves_the_focus(void **state)
{
    static const struct {
        const char *keys;
        uint32_t focus;
        const char *says;
    } cases[] = {
        { "\x1d" "2", 1, "[hv] input goes to rt\r\n" },
        { "\x1d" "5", 4, "[hv] input goes to third\r\n" },
        { "\x1d" "n", 0, "[hv] input goes to linux\r\n" },
        { "\x1d" "n", 1, "[hv] input goes to rt\r\n" },
        { "\x1d" "3", 1, "[hv] Ctrl-] and then: " }, /* no such port */
        { "\x1d" "9", 1, "[hv] Ctrl-] and then: " },
        { "\x1d" "0", 1, "[hv] Ctrl-] and then: " },
        { "\x1d?", 1, "[hv] Ctrl-] and then: " },
    };
    uint8_t c;
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        clear();
        type(cases[i].keys);
        assert_int_equal(console_focus(), cases[i].focus);
        (void)drain();
        assert_memory_equal(seen, cases[i].says, strlen(cases[i].says));
        for (uint32_t p = 0; p < HV_MAX_VMS; p++) {
            assert_false(console_get(p, &c)); /* the keys reach nobody */
        }
    }
    type("\x1d\x1d");
    assert_true(console_get(1, &c));
    assert_int_equal(c, CONSOLE_ESCAPE);
    assert_false(console_get(1, &c));
}

static void the_list_names_every_vm_its_key_and_its_losses(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ring + 3U; i++) {
        (void)console_put(1, 'd');
    }
    (void)drain();
    clear();
    type("\x1dl");
    (void)drain();
    assert_string_equal(seen, "[hv] 1 linux (input): 0 characters dropped, 0 typed ones dropped\r\n"
                              "[hv] 2 rt: 3 characters dropped, 0 typed ones dropped\r\n"
                              "[hv] 5 third: 0 characters dropped, 0 typed ones dropped\r\n");
}

static void typing_faster_than_the_vm_reads_drops_the_newest(void **state)
{
    uint8_t c = 0;
    (void)state;
    for (unsigned i = 0; i < CONSOLE_IN_BYTES + 5U; i++) {
        assert_int_equal(console_input((uint8_t)(i & 0x0fU)), 0);
    }
    assert_int_equal(atomic32_load(&console_ports[0].in_dropped), 5);
    for (unsigned i = 0; i < CONSOLE_IN_BYTES; i++) {
        assert_true(console_get(0, &c));
        assert_int_equal(c, i & 0x0fU);
    }
    assert_false(console_get(0, &c));
}

static void a_console_without_vms_answers_all_the_same(void **state)
{
    (void)state;
    own_fixture();
    console_init(ring);
    assert_int_equal(console_focus(), CONSOLE_NONE);
    assert_int_equal(console_input('x'), CONSOLE_NONE);
    type("\x1dn\x1d\x1d\x1d" "1");
    assert_int_equal(drain(), CONSOLE_IDLE);
    assert_memory_equal(seen, "[hv] no VM uses this console\r\n[hv] Ctrl-]", 41);
}

/* ---- random merges ---- */

static uint64_t rng;

static unsigned rnd(unsigned n)
{
    rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(rng >> 33) % n;
}

static char sent[HV_MAX_VMS][1 << 16], got[HV_MAX_VMS][1 << 16];
static size_t nsent[HV_MAX_VMS], ngot[HV_MAX_VMS];

/* Undoes the merge: cuts the output into lines, and appends each to the port that its prefix names. A newline is
 * dropped from both sides, since a line may have been broken. */
static void separate(void)
{
    static const struct {
        const char *prefix;
        unsigned port;
    } names[] = { { "[linux] ", 0 }, { "[rt] ", 1 }, { "[third] ", 4 } };
    char *line = seen;
    while (*line != '\0') {
        char *end = strstr(line, "\r\n");
        size_t n = end != NULL ? (size_t)(end - line) : strlen(line);
        unsigned i = 0;
        while (i < ARRAY_SIZE(names) && strncmp(line, names[i].prefix, strlen(names[i].prefix)) != 0) {
            i++;
        }
        assert_true(i < ARRAY_SIZE(names));
        size_t skip = strlen(names[i].prefix);
        memcpy(&got[names[i].port][ngot[names[i].port]], line + skip, n - skip);
        ngot[names[i].port] += n - skip;
        line += n + (end != NULL ? 2U : 0U);
    }
}

static void random_output_arrives_complete_in_order_and_under_its_own_name(void **state)
{
    static const uint32_t ports[] = { 0, 1, 4 };
    (void)state;
    for (uint64_t seed = 1; seed <= 100U; seed++) {
        (void)setup(NULL);
        rng = seed;
        memset(nsent, 0, sizeof(nsent));
        memset(ngot, 0, sizeof(ngot));
        for (unsigned step = 0; step < 5000U; step++) {
            uint32_t port = ports[rnd(3)];
            bool fits = atomic32_load(&console_ports[port].out_put) - atomic32_load(&console_ports[port].out_taken) <
                        ring;
            if (rnd(3) != 0U && fits) {
                char c = rnd(20) == 0U ? '\n' : (char)('a' + rnd(26));
                (void)console_put(port, c);
                if (c != '\n') {
                    sent[port][nsent[port]++] = c;
                }
            } else {
                room = rnd(40);
                now += rnd(2 * HOLD);
                (void)console_drain(now, HOLD, &until);
            }
        }
        room = 1U << 30;
        for (unsigned i = 0; i < 3U; i++) {
            (void)console_put(ports[i], '\n');
        }
        now += HOLD;
        assert_int_equal(drain(), CONSOLE_IDLE);
        separate();
        for (unsigned i = 0; i < 3U; i++) {
            assert_int_equal(ngot[ports[i]], nsent[ports[i]]);
            assert_memory_equal(got[ports[i]], sent[ports[i]], nsent[ports[i]]);
            assert_int_equal(atomic32_load(&console_ports[ports[i]].lines), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_line_begins_with_the_name_of_who_printed_it, setup),
        cmocka_unit_test_setup(a_line_waits_for_its_end_unless_its_port_has_the_focus, setup),
        cmocka_unit_test_setup(an_open_line_is_waited_for_and_no_longer_than_hold, setup),
        cmocka_unit_test_setup(an_open_line_that_grows_now_and_then_is_waited_for_no_longer_than_hold, setup),
        cmocka_unit_test_setup(who_let_others_wait_waits_for_the_end_of_its_line_for_as_long_for_each_of_them, setup),
        cmocka_unit_test_setup(ports_take_turns_line_by_line, setup),
        cmocka_unit_test_setup(a_line_without_end_does_not_keep_others_out, setup),
        cmocka_unit_test_setup(half_a_ring_goes_out_without_an_end_of_line, setup),
        cmocka_unit_test_setup(a_full_ring_drops_and_says_how_much_and_where, setup),
        cmocka_unit_test_setup(the_end_of_a_vm_ends_its_line, setup),
        cmocka_unit_test_setup(a_loss_inside_a_line_ends_the_line, setup),
        cmocka_unit_test_setup(a_full_transmitter_stops_the_drain_and_loses_nothing, setup),
        cmocka_unit_test_setup(one_call_sends_a_bounded_number_of_characters, setup),
        cmocka_unit_test_setup(a_carriage_return_inside_a_line_does_not_hide_the_name, setup),
        cmocka_unit_test_setup(a_control_character_cannot_begin_a_line_without_the_name, setup),
        cmocka_unit_test_setup(a_backspace_goes_back_over_what_the_vm_has_written_and_no_further, setup),
        cmocka_unit_test_setup(bytes_of_utf_8_pass_and_control_characters_among_them_do_not, setup),
        cmocka_unit_test_setup(what_is_typed_goes_to_the_focus_alone, setup),
        cmocka_unit_test_setup(the_escape_key_moves_the_focus, setup),
        cmocka_unit_test_setup(the_list_names_every_vm_its_key_and_its_losses, setup),
        cmocka_unit_test_setup(typing_faster_than_the_vm_reads_drops_the_newest, setup),
        cmocka_unit_test_setup(a_console_without_vms_answers_all_the_same, setup),
        cmocka_unit_test_setup(random_output_arrives_complete_in_order_and_under_its_own_name, setup),
    };
    int failed = 0;
    for (unsigned i = 0; i < 2U; i++) {
        ring = i == 0U ? CONSOLE_OUT_BYTES : CONSOLE_OUT_FEWER;
        failed += cmocka_run_group_tests_name(i == 0U ? "rings of 16 KiB" : "rings of 4 KiB", tests, NULL, NULL);
    }
    return failed;
}
