/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of guests/lib/shm.h beside a hostile peer: what cannot be is told, changes nothing, and is overcome by a reset. */
#include "shm_fixture.h"

/* ---- A hostile consumer ---- */

static void a_tail_that_cannot_be_changes_nothing(void **state)
{
    static const uint32_t never[] = { 0, 1, 7, 8, 1000, UINT32_MAX, 0x80000000U };
    (void)state;
    begin();
    for (uint32_t n = 0; n < 2U; n++) {
        assert_int_equal(put(n), SHM_OK);
        take(n);
    }
    for (uint32_t n = 2; n < 6U; n++) { /* room is counted from the tail at 2 */
        assert_int_equal(put(n), SHM_OK);
    }
    for (unsigned i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        struct shm_producer before = p;
        in[0] = word(p.session, never[i]);
        assert_int_equal(put(9), SHM_BAD_PEER);
        assert_memory_equal(&p, &before, sizeof(p));
        in[0] = word(p.session + 1U, 3);
        assert_int_equal(put(9), SHM_NO_PEER);
        assert_memory_equal(&p, &before, sizeof(p));
    }
    in[0] = word(p.session, 3);
    assert_int_equal(put(9), SHM_OK);
}

static void a_producer_is_free_of_a_bad_tail_by_a_reset(void **state)
{
    (void)state;
    begin();
    for (uint32_t n = 0; n < SLOTS; n++) {
        assert_int_equal(put(n), SHM_OK);
    }
    in[0] = word(p.session, 77);
    assert_int_equal(put(9), SHM_BAD_PEER);
    shm_producer_reset(&p);
    assert_int_equal(put(9), SHM_NO_PEER);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(put(9), SHM_OK);
    take(9);
}

/* ---- A hostile producer ---- */

static void a_head_that_cannot_be_changes_nothing(void **state)
{
    static const uint32_t never[] = { 0, 6, 1000, UINT32_MAX, 0x80000000U };
    (void)state;
    begin();
    assert_int_equal(put(1), SHM_OK);
    take(1);
    for (unsigned i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        struct shm_consumer before = c;
        out[0] = word(c.session, never[i]);
        assert_int_equal(look(), SHM_BAD_PEER);
        assert_memory_equal(&c, &before, sizeof(c));
        out[0] = word(0, never[i]);
        assert_int_equal(look(), SHM_NO_PEER);
        assert_memory_equal(&c, &before, sizeof(c));
    }
    out[0] = word(c.session, 5); /* as many as there are slots: what is in them was put there */
    for (unsigned n = 0; n < SLOTS; n++) {
        assert_int_equal(look(), SHM_OK);
        assert_int_equal(shm_release(&c), SHM_OK);
    }
    assert_int_equal(look(), SHM_EMPTY);
}

static void a_consumer_is_free_of_a_bad_head_by_a_reset(void **state)
{
    (void)state;
    begin();
    out[0] = word(c.session, 77);
    assert_int_equal(look(), SHM_BAD_PEER);
    shm_consumer_reset(&c);
    assert_int_equal(look(), SHM_EMPTY);
    assert_true(in[0] == word(c.session, 77));
    out[0] = 0;
    shm_consumer_reset(&c);
    assert_int_equal(look(), SHM_NO_PEER);
    assert_int_equal(shm_producer_init(&p, &queue, 3), SHM_OK);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(put(1), SHM_OK);
    take(1);
}

static void a_length_is_read_once_and_checked(void **state)
{
    static const uint64_t never[] = { PAYLOAD + 1U, UINT32_MAX, 1ULL << 32, UINT64_MAX };
    const void *at = NULL;
    uint32_t length = 0;
    (void)state;
    begin();
    for (unsigned i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        uint64_t *slot = &out[(SHM_LINE + (p.put % SLOTS) * SLOT_BYTES) / 8U];
        assert_int_equal(put(7), SHM_OK);
        slot[0] = never[i];
        assert_int_equal(shm_peek(&c, &at, &length), SHM_BAD_LENGTH);
        assert_int_equal(length, 0);
        slot[0] = 1; /* too late */
        assert_int_equal(shm_peek(&c, &at, &length), SHM_BAD_LENGTH);
        assert_int_equal(shm_release(&c), SHM_OK);
        slot = &out[(SHM_LINE + (p.put % SLOTS) * SLOT_BYTES) / 8U];
        assert_int_equal(put(8), SHM_OK);
        peek(8);
        slot[0] = never[i];
        take(8);
    }
    assert_int_equal(look(), SHM_EMPTY);
}

static void sessions_that_come_and_go_are_followed_one_at_a_call(void **state)
{
    (void)state;
    begin();
    for (uint32_t n = 0; n < 1000U; n++) {
        out[0] = word(0x1000U + n, n * 77777U);
        assert_int_equal(look(), SHM_NEW_PEER);
        assert_int_equal(look(), SHM_EMPTY);
    }
}

/* Its own memory may be common, and then another may have written what it goes on from. */
static void a_consumer_begins_at_whatever_it_finds(void **state)
{
    (void)state;
    begin();
    assert_int_equal(put(1), SHM_OK);
    in[0] = word(p.session, 0x12345678U);
    assert_int_equal(shm_consumer_init(&c, &queue, 2), SHM_OK);
    assert_int_equal(look(), SHM_BAD_PEER);
    shm_consumer_reset(&c);
    assert_int_equal(put(2), SHM_OK);
    take(2);
    in[0] = UINT64_MAX;
    assert_int_equal(shm_consumer_init(&c, &queue, 2), SHM_OK);
    assert_int_equal(look(), SHM_NEW_PEER); /* behind all that was put: lost, but not twice */
    assert_int_equal(put(3), SHM_OK);
    take(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_tail_that_cannot_be_changes_nothing),
        T(a_producer_is_free_of_a_bad_tail_by_a_reset),
        T(a_head_that_cannot_be_changes_nothing),
        T(a_consumer_is_free_of_a_bad_head_by_a_reset),
        T(a_length_is_read_once_and_checked),
        T(sessions_that_come_and_go_are_followed_one_at_a_call),
        T(a_consumer_begins_at_whatever_it_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
