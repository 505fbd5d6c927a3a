/* SPDX-License-Identifier: Apache-2.0 */
/* guests/rt/commands.h: what the real-time guest does with the commands of a watcher, honest or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guests/rt/commands.h"

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

enum { RT_BYTES = TELEMETRY_CONSUMER + SHM_LINE, WATCHER_BYTES = SHM_LINE + TELEMETRY_SLOTS * TELEMETRY_SLOT_BYTES };

/* Of exactly the size that is needed, so that AddressSanitizer sees an access beyond. */
static uint8_t *from_rt, *from_watcher;
static struct shm_port port;
static struct shm_queue queue;
static struct telemetry t;
static struct shm_producer watcher;

static int set_up(void **state)
{
    (void)state;
    from_rt = calloc(1, RT_BYTES);
    from_watcher = calloc(1, WATCHER_BYTES);
    port = telemetry_port(from_rt, RT_BYTES);
    queue = telemetry_queue(from_watcher, WATCHER_BYTES, from_rt, RT_BYTES);
    assert_true(telemetry_begin(&t, &port, &queue, 1));
    assert_int_equal(shm_producer_init(&watcher, &queue, 1), SHM_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(from_rt);
    free(from_watcher);
    return 0;
}

static uint64_t shown(enum telemetry_word which)
{
    uint64_t value[TELEMETRY_WORDS];

    assert_int_equal(shm_port_read(&port, value, NULL), SHM_OK);
    return value[which];
}

static void put(const void *what, uint32_t length)
{
    void *payload = NULL;

    assert_int_equal(shm_reserve(&watcher, &payload), SHM_OK);
    memcpy(payload, what, length);
    assert_int_equal(shm_commit(&watcher, length), SHM_OK);
}

static void ask(uint64_t code, uint64_t argument, uint64_t id)
{
    struct telemetry_command c = { code, argument, id };

    put(&c, sizeof(c));
}

/* Takes one; nothing is done. */
static bool takes(struct telemetry_command *c, bool *told)
{
    return telemetry_take(&t, c, told);
}

/* The guest answers the watcher's session. */
static void meet(void)
{
    struct telemetry_command c;
    bool told = true;

    assert_false(takes(&c, &told));
    assert_false(told);
}

static uint32_t unanswered(void)
{
    uint32_t n = 99;

    assert_int_equal(shm_unacknowledged(&watcher, &n), SHM_OK);
    return n;
}

static void a_command_is_told_of_and_then_acknowledged(void **state)
{
    struct telemetry_command c;
    bool told = true;

    (void)state;
    meet();
    ask(TELEMETRY_SET_PERIOD, 2000, 7);
    assert_true(takes(&c, &told));
    assert_false(told);
    assert_int_equal(c.code, TELEMETRY_SET_PERIOD);
    assert_int_equal(c.argument, 2000);
    assert_int_equal(unanswered(), 1);
    t.value[TELEMETRY_PERIOD] = 2000;
    telemetry_done(&t, &c);
    assert_int_equal(unanswered(), 0);
    assert_int_equal(shown(TELEMETRY_PERIOD), 2000);
    assert_int_equal(shown(TELEMETRY_ID), 7);
    assert_int_equal(shown(TELEMETRY_ANSWER), 1);
    assert_int_equal(shown(TELEMETRY_COMMANDS), 1);
    assert_int_equal(shown(TELEMETRY_REFUSED), 0);
    assert_int_equal(shown(TELEMETRY_LIFE), 1);
}

static void is_refused(uint64_t code, uint64_t argument)
{
    struct telemetry_command c;
    bool told = false;
    uint64_t before = t.value[TELEMETRY_REFUSED];

    ask(code, argument, 40 + before);
    assert_false(takes(&c, &told));
    assert_true(told);
    assert_int_equal(shown(TELEMETRY_REFUSED), before + 1);
    assert_int_equal(shown(TELEMETRY_ID), 40 + before);
    assert_int_equal(shown(TELEMETRY_ANSWER), 0);
    assert_int_equal(shown(TELEMETRY_COMMANDS), 0);
    assert_int_equal(unanswered(), 0);
}

static void unknown_codes_and_arguments_out_of_range_are_refused_and_counted(void **state)
{
    (void)state;
    meet();
    is_refused(0, 0);
    is_refused(3, 0);
    is_refused(UINT64_MAX, 0);
    is_refused(TELEMETRY_RESET, 1);
    is_refused(TELEMETRY_SET_PERIOD, TELEMETRY_PERIOD_MIN - 1U);
    is_refused(TELEMETRY_SET_PERIOD, TELEMETRY_PERIOD_MAX + 1U);
    is_refused(TELEMETRY_SET_PERIOD, 0x100000000ULL + TELEMETRY_PERIOD_MIN);
}

static void the_limits_themselves_are_taken(void **state)
{
    static const uint64_t good[] = { TELEMETRY_PERIOD_MIN, TELEMETRY_PERIOD_MAX };
    struct telemetry_command c;
    bool told = true;

    (void)state;
    meet();
    for (unsigned i = 0; i < 2U; i++) {
        ask(TELEMETRY_SET_PERIOD, good[i], 1);
        assert_true(takes(&c, &told));
        assert_int_equal(c.argument, good[i]);
        telemetry_done(&t, &c);
    }
    ask(TELEMETRY_RESET, 0, 1);
    assert_true(takes(&c, &told));
    assert_int_equal(c.code, TELEMETRY_RESET);
}

static void messages_of_another_length_are_refused_and_counted(void **state)
{
    static const uint64_t good[3] = { TELEMETRY_RESET, 0, 5 };
    struct telemetry_command c;
    bool told = false;

    (void)state;
    meet();
    for (uint32_t length = 0; length < sizeof(good); length += 8U) {
        put(good, length);
        assert_false(takes(&c, &told));
        assert_true(told);
        assert_int_equal(shown(TELEMETRY_ID), 0);
    }
    /* A length that no message has: the slot's word, as a hostile watcher writes it. */
    ask(TELEMETRY_RESET, 0, 6);
    memset(from_watcher + SHM_LINE + 3U * TELEMETRY_SLOT_BYTES, 0xff, 8);
    assert_false(takes(&c, &told));
    assert_true(told);
    assert_int_equal(shown(TELEMETRY_REFUSED), 4);
    assert_int_equal(unanswered(), 0);
}

static void one_call_takes_one_message(void **state)
{
    struct telemetry_command c;
    bool told = false;

    (void)state;
    meet();
    for (unsigned i = 0; i < TELEMETRY_SLOTS; i++) {
        ask(9, 0, i);
    }
    for (unsigned i = 0; i < TELEMETRY_SLOTS; i++) {
        assert_int_equal(unanswered(), TELEMETRY_SLOTS - i);
        assert_false(takes(&c, &told));
        assert_true(told);
    }
    assert_int_equal(unanswered(), 0);
    assert_false(takes(&c, &told));
    assert_false(told);
}

/* A head that cannot be: the guest goes on behind it, and hears what comes then. */
static void a_watcher_that_lies_about_its_number_is_left_behind(void **state)
{
    struct telemetry_command c;
    bool told = true;

    (void)state;
    meet();
    from_watcher[0] = 200;
    assert_false(takes(&c, &told));
    assert_false(told);
    assert_int_equal(shm_producer_init(&watcher, &queue, 2), SHM_OK);
    meet();
    ask(TELEMETRY_RESET, 0, 3);
    assert_true(takes(&c, &told));
}

static void outputs_that_are_too_small_are_refused(void **state)
{
    (void)state;
    struct shm_port small = telemetry_port(from_rt, SHM_LINE);
    struct shm_queue none = telemetry_queue(from_watcher, WATCHER_BYTES, from_rt, TELEMETRY_CONSUMER);
    struct shm_queue less = telemetry_queue(from_watcher, WATCHER_BYTES - 8U, from_rt, RT_BYTES);

    assert_false(telemetry_begin(&t, &small, &queue, 1));
    assert_false(telemetry_begin(&t, &port, &none, 1));
    assert_false(telemetry_begin(&t, &port, &less, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_command_is_told_of_and_then_acknowledged),
        T(unknown_codes_and_arguments_out_of_range_are_refused_and_counted),
        T(the_limits_themselves_are_taken),
        T(messages_of_another_length_are_refused_and_counted),
        T(one_call_takes_one_message),
        T(a_watcher_that_lies_about_its_number_is_left_behind),
        T(outputs_that_are_too_small_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
