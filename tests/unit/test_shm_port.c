/* SPDX-License-Identifier: Apache-2.0 */
/* guests/lib/shm.h: the port between an honest writer and its readers, over restarts, and with a hostile writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guests/lib/shm.h"

#define SLOTS 4U
#define WORDS 3U

static uint64_t *memory; /* of exactly the size that is needed */
static struct shm_port port;
static struct shm_writer w;

static int set_up(void **state)
{
    (void)state;
    memory = calloc(1, SHM_LINE + SLOTS * WORDS * 8U);
    port = (struct shm_port){ memory, SHM_LINE + SLOTS * WORDS * 8U, SLOTS, WORDS };
    assert_int_equal(shm_writer_init(&w, &port), SHM_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

static void write_value(uint64_t v)
{
    uint64_t value[WORDS] = { v, v + 1U, v + 2U };
    shm_port_write(&w, value);
}

static void read_value(uint64_t v, uint64_t number)
{
    uint64_t value[WORDS], n = 0;
    assert_int_equal(shm_port_read(&port, value, &n), SHM_OK);
    assert_int_equal(n, number);
    for (unsigned i = 0; i < WORDS; i++) {
        assert_int_equal(value[i], v + i);
    }
    assert_int_equal(shm_port_read(&port, value, NULL), SHM_OK);
}

static void before_the_first_value_there_is_none(void **state)
{
    uint64_t value[WORDS];
    (void)state;
    assert_int_equal(shm_port_read(&port, value, NULL), SHM_EMPTY);
}

static void the_latest_value_is_read_as_often_as_one_likes(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 20U; n++) {
        write_value(n * 100U);
        read_value(n * 100U, n);
        read_value(n * 100U, n);
    }
}

static void a_writer_that_restarts_leaves_the_latest_value_and_goes_on(void **state)
{
    (void)state;
    write_value(100);
    write_value(200);
    memory[(SHM_LINE / 8U) + 3U * WORDS] = 666; /* it ended while it wrote the third */
    assert_int_equal(shm_writer_init(&w, &port), SHM_OK);
    read_value(200, 2);
    write_value(300);
    read_value(300, 3);
}

static void a_description_that_does_not_hold_is_refused(void **state)
{
    static const struct {
        uint32_t slots, words;
    } wrong[] = { { 0, 3 }, { 1, 3 }, { 2, 3 }, { 3, 3 }, { 6, 3 }, { 0x20000, 3 }, { 4, 0 }, { 4, 0x10001 }, { 8, 3 }, { 4, 4 } };
    uint64_t value[8];
    (void)state;
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct shm_port q = port;
        q.slots = wrong[i].slots;
        q.words = wrong[i].words;
        assert_int_equal(shm_writer_init(&w, &q), SHM_MISUSE);
        assert_int_equal(shm_port_read(&q, value, NULL), SHM_MISUSE);
    }
    for (unsigned i = 0; i < 3U; i++) {
        struct shm_port q = port;
        q.at = i == 0U ? NULL : i == 1U ? (void *)((uint8_t *)memory + 4) : memory;
        q.bytes -= i == 2U ? 1U : 0U;
        assert_int_equal(shm_writer_init(&w, &q), SHM_MISUSE);
        assert_int_equal(shm_port_read(&q, value, NULL), SHM_MISUSE);
    }
    assert_int_equal(shm_port_bytes(&port), SHM_LINE + SLOTS * WORDS * 8U);
}

/* Whatever the number says, a reader stays in the port; AddressSanitizer would tell. */
static void a_hostile_number_is_answered_with_some_slot(void **state)
{
    static const uint64_t some[] = { 1, 2, 3, 4, 5, UINT64_MAX, 1ULL << 63, 1ULL << 32, 0xffffffffU };
    uint64_t value[WORDS], n = 0;
    (void)state;
    for (unsigned i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        memory[0] = some[i];
        assert_int_equal(shm_port_read(&port, value, &n), SHM_OK);
        assert_true(n == some[i]);
        assert_int_equal(shm_writer_init(&w, &port), SHM_OK); /* where the memory is common */
        write_value(5);
        if (some[i] != UINT64_MAX) {
            read_value(5, some[i] + 1U);
        }
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(before_the_first_value_there_is_none),
        T(the_latest_value_is_read_as_often_as_one_likes),
        T(a_writer_that_restarts_leaves_the_latest_value_and_goes_on),
        T(a_description_that_does_not_hold_is_refused),
        T(a_hostile_number_is_answered_with_some_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
