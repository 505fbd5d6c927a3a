/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of guests/lib/shm.h between two honest sides, in any order and over restarts. */
#include "shm_fixture.h"

/* ---- Honest sides ---- */

static void messages_come_in_order_around_the_ring(void **state)
{
    (void)state;
    begin();
    for (uint32_t n = 0; n < 100U; n++) {
        assert_int_equal(put(n), SHM_OK);
        if (n % 3U != 2U) {
            assert_int_equal(put(n + 100U), SHM_OK);
            take(n);
            take(n + 100U);
        } else {
            take(n);
        }
    }
    assert_int_equal(look(), SHM_EMPTY);
}

static void a_full_queue_has_room_again_when_one_is_released(void **state)
{
    (void)state;
    begin();
    for (uint32_t n = 0; n < SLOTS; n++) {
        assert_int_equal(put(n), SHM_OK);
    }
    assert_int_equal(put(9), SHM_FULL);
    peek(0);
    assert_int_equal(put(9), SHM_FULL); /* it is read in place */
    assert_int_equal(shm_release(&c), SHM_OK);
    assert_int_equal(put(9), SHM_OK);
    assert_int_equal(put(10), SHM_FULL);
    take(1);
}

static void what_is_reserved_or_peeked_at_stays_the_same_and_is_needed_first(void **state)
{
    void *a = NULL, *b = NULL;
    const void *x = NULL, *y = NULL;
    uint32_t length = 0;
    (void)state;
    begin();
    assert_int_equal(shm_commit(&p, 1), SHM_MISUSE);
    assert_int_equal(shm_release(&c), SHM_MISUSE);
    assert_int_equal(shm_reserve(&p, &a), SHM_OK);
    assert_int_equal(shm_reserve(&p, &b), SHM_OK);
    assert_ptr_equal(a, b);
    assert_int_equal(look(), SHM_EMPTY);
    assert_int_equal(shm_commit(&p, PAYLOAD + 1U), SHM_MISUSE);
    assert_int_equal(look(), SHM_EMPTY);
    assert_int_equal(shm_commit(&p, PAYLOAD), SHM_OK);
    assert_int_equal(shm_commit(&p, PAYLOAD), SHM_MISUSE);
    assert_int_equal(shm_peek(&c, &x, &length), SHM_OK);
    assert_int_equal(shm_peek(&c, &y, &length), SHM_OK);
    assert_ptr_equal(x, y);
    assert_int_equal(length, PAYLOAD);
    assert_int_equal(shm_release(&c), SHM_OK);
    assert_int_equal(shm_release(&c), SHM_MISUSE);
}

static void either_side_comes_first(void **state)
{
    (void)state;
    assert_int_equal(shm_consumer_init(&c, &queue, 1), SHM_OK);
    assert_int_equal(look(), SHM_NO_PEER);
    assert_int_equal(shm_producer_init(&p, &queue, 1), SHM_OK);
    assert_int_equal(put(1), SHM_NO_PEER);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(put(1), SHM_OK);
    take(1);
}

static void both_parts_may_lie_in_common_memory(void **state)
{
    uint64_t common[(2U * SHM_LINE + SLOTS * SLOT_BYTES) / 8U] = { 0 };
    (void)state;
    queue.producer = common;
    queue.consumer = &common[queue.producer_bytes / 8U];
    begin();
    for (uint32_t n = 0; n < 20U; n++) {
        assert_int_equal(put(n), SHM_OK);
        take(n);
    }
}

static void a_description_that_does_not_hold_is_refused(void **state)
{
    static const struct {
        uint32_t slots, slot_bytes;
    } wrong[] = { { 0, 32 }, { 3, 32 }, { 0x20000, 32 }, { 4, 8 }, { 4, 20 }, { 4, 0x100008 }, { 8, 32 }, { 4, 40 } };
    (void)state;
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct shm_queue q = queue;
        q.slots = wrong[i].slots;
        q.slot_bytes = wrong[i].slot_bytes;
        assert_int_equal(shm_producer_init(&p, &q, 1), SHM_MISUSE);
        assert_int_equal(shm_consumer_init(&c, &q, 1), SHM_MISUSE);
        assert_int_equal(shm_producer_life(&q), 0);
        assert_int_equal(shm_consumer_life(&q), 0);
    }
    for (unsigned i = 0; i < 6U; i++) {
        struct shm_queue q = queue;
        q.producer = i == 0U ? NULL : i == 1U ? (void *)((uint8_t *)out + 4) : out;
        q.consumer = i == 2U ? NULL : i == 3U ? (void *)((uint8_t *)in + 4) : in;
        q.producer_bytes -= i == 4U ? 1U : 0U;
        q.consumer_bytes -= i == 5U ? 1U : 0U;
        assert_int_equal(shm_producer_init(&p, &q, 1), SHM_MISUSE);
        assert_int_equal(shm_consumer_init(&c, &q, 1), SHM_MISUSE);
    }
    assert_int_equal(shm_producer_init(&p, &queue, 0), SHM_MISUSE);
    assert_int_equal(shm_producer_init(&p, &queue, SHM_LIFE_MAX + 1U), SHM_MISUSE);
    assert_int_equal(shm_consumer_init(&c, &queue, 0), SHM_MISUSE);
    assert_int_equal(shm_consumer_init(&c, &queue, SHM_LIFE_MAX + 1U), SHM_MISUSE);
    assert_int_equal(shm_producer_bytes(&queue), SHM_LINE + SLOTS * SLOT_BYTES);
    assert_int_equal(shm_consumer_bytes(&queue), SHM_LINE);
}

static void numbers_go_around(void **state)
{
    (void)state;
    begin();
    p.put = p.taken = c.taken = c.seen = UINT32_MAX - 5U; /* as if so many had gone */
    out[0] = word(p.session, p.put);
    in[0] = word(p.session, p.put);
    for (uint32_t n = 0; n < 20U; n++) {
        assert_int_equal(put(n), SHM_OK);
        assert_int_equal(put(n + 1U), SHM_OK);
        take(n);
        take(n + 1U);
    }
    assert_int_equal(c.taken, 34);
}

/* ---- Restarts ---- */

static void a_producer_that_restarts_writes_nothing_before_it_is_answered(void **state)
{
    (void)state;
    begin();
    assert_int_equal(put(1), SHM_OK);
    assert_int_equal(put(2), SHM_OK);
    peek(1);
    assert_int_equal(shm_producer_life(&queue), 1);
    assert_int_equal(shm_producer_init(&p, &queue, 2), SHM_OK);
    assert_int_equal(put(11), SHM_NO_PEER);
    take(1); /* what had been seen still comes */
    assert_int_equal(put(11), SHM_NO_PEER);
    take(2);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(look(), SHM_EMPTY);
    assert_int_equal(put(11), SHM_OK);
    take(11);
}

static void a_consumer_that_restarts_goes_on_behind_what_it_has_released(void **state)
{
    (void)state;
    begin();
    for (uint32_t n = 0; n < SLOTS; n++) {
        assert_int_equal(put(n), SHM_OK);
    }
    take(0);
    peek(1);
    assert_int_equal(shm_producer_peer(&p), 1);
    assert_int_equal(shm_consumer_life(&queue), 1);
    assert_int_equal(shm_consumer_init(&c, &queue, 2), SHM_OK);
    assert_int_equal(shm_producer_peer(&p), 2);
    assert_int_equal(put(4), SHM_OK);
    assert_int_equal(put(5), SHM_FULL);
    for (uint32_t n = 1; n < 5U; n++) {
        take(n);
    }
    assert_int_equal(look(), SHM_EMPTY);
}

static void both_restart(void **state)
{
    (void)state;
    begin();
    assert_int_equal(put(1), SHM_OK);
    assert_int_equal(put(2), SHM_OK);
    take(1);
    assert_int_equal(shm_producer_init(&p, &queue, 2), SHM_OK);
    assert_int_equal(shm_consumer_init(&c, &queue, 2), SHM_OK);
    assert_int_equal(put(11), SHM_NO_PEER);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(put(11), SHM_OK);
    take(11);
}

static void to_begin_twice_in_one_life_is_a_new_session(void **state)
{
    (void)state;
    begin();
    assert_int_equal(put(1), SHM_OK);
    take(1);
    for (unsigned i = 0; i < 300U; i++) {
        assert_int_equal(shm_producer_init(&p, &queue, 1), SHM_OK);
        assert_int_equal(shm_producer_life(&queue), 1);
        assert_int_equal(put(2), SHM_NO_PEER);
        assert_int_equal(look(), SHM_NEW_PEER);
        assert_int_equal(put(2), SHM_OK);
        take(2);
    }
}

static void what_is_acknowledged_is_counted(void **state)
{
    uint32_t n = 0;
    (void)state;
    assert_int_equal(shm_producer_init(&p, &queue, 1), SHM_OK);
    assert_int_equal(shm_unacknowledged(&p, &n), SHM_NO_PEER);
    begin();
    assert_int_equal(put(1), SHM_OK);
    assert_int_equal(put(2), SHM_OK);
    peek(1);
    assert_int_equal(shm_unacknowledged(&p, &n), SHM_OK);
    assert_int_equal(n, 2);
    take(1);
    assert_int_equal(shm_unacknowledged(&p, &n), SHM_OK);
    assert_int_equal(n, 1);
    in[0] = word(p.session, 3);
    assert_int_equal(shm_unacknowledged(&p, &n), SHM_BAD_PEER);
    assert_int_equal(n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(messages_come_in_order_around_the_ring),
        T(a_full_queue_has_room_again_when_one_is_released),
        T(what_is_reserved_or_peeked_at_stays_the_same_and_is_needed_first),
        T(either_side_comes_first),
        T(both_parts_may_lie_in_common_memory),
        T(a_description_that_does_not_hold_is_refused),
        T(numbers_go_around),
        T(a_producer_that_restarts_writes_nothing_before_it_is_answered),
        T(a_consumer_that_restarts_goes_on_behind_what_it_has_released),
        T(both_restart),
        T(to_begin_twice_in_one_life_is_a_new_session),
        T(what_is_acknowledged_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
