/* SPDX-License-Identifier: Apache-2.0 */
/* guests/peer/message.h: what the boot tests of channels under load know by. Each wrong is noticed; and over the queue, with either side
 * ending at any place, there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guests/lib/shm.h"
#include "guests/peer/message.h"

#define T(f) cmocka_unit_test_setup(f, set_up)

enum { SLOTS = 4, SLOT_BYTES = MESSAGE_MAX + 8, LIVES = 30 };

static struct ledger sender, receiver;
static _Alignas(8) uint8_t text[MESSAGE_MAX];

static int set_up(void **state)
{
    (void)state;
    memset(&sender, 0, sizeof(sender));
    memset(&receiver, 0, sizeof(receiver));
    assert_true(ledger_begin(&sender));
    assert_true(ledger_begin(&receiver));
    return 0;
}

static void arrives(uint32_t life, uint32_t number)
{
    message_write(text, life, number);
    ledger_take(&receiver, text, message_length(life, number));
}

static void messages_in_their_order_are_right(void **state)
{
    (void)state;
    arrives(1, 0);
    arrives(1, 1);
    arrives(3, 0); /* of life 2 nothing came */
    assert_int_equal(receiver.wrong, 0);
    assert_int_equal(receiver.again, 0);
    assert_int_equal(receiver.of[1].taken, 2);
    assert_int_equal(receiver.of[3].taken, 1);
    assert_int_equal(receiver.from, 3);
}

static void a_message_that_is_missing_is_noticed_once(void **state)
{
    (void)state;
    arrives(1, 0);
    arrives(1, 2);
    arrives(1, 3);
    assert_int_equal(receiver.wrong, 1);
}

static void the_first_of_a_life_that_is_missing_is_noticed(void **state)
{
    (void)state;
    arrives(1, 1);
    assert_int_equal(receiver.wrong, 1);
}

static void a_message_twice_is_right_only_behind_a_new_life_of_the_receiver(void **state)
{
    (void)state;
    arrives(1, 0);
    arrives(1, 1);
    assert_true(ledger_begin(&receiver));
    arrives(1, 1);
    assert_int_equal(receiver.again, 1);
    assert_int_equal(receiver.wrong, 0);
    arrives(1, 1);
    assert_int_equal(receiver.wrong, 1);
    assert_true(ledger_begin(&receiver));
    arrives(1, 0);
    assert_int_equal(receiver.again, 1);
    assert_int_equal(receiver.wrong, 2);
}

static void a_message_of_a_life_before_is_wrong(void **state)
{
    (void)state;
    arrives(2, 0);
    arrives(1, 0);
    assert_int_equal(receiver.wrong, 1);
}

static void a_torn_message_is_noticed_whichever_byte_it_is(void **state)
{
    uint32_t length = message_length(1, 0);

    (void)state;
    for (uint32_t i = 0; i < length; i++) {
        message_write(text, 1, 0);
        text[i] ^= 1U;
        ledger_take(&receiver, text, length);
        assert_int_equal(receiver.wrong, i + 1U);
    }
    message_write(text, 1, 0);
    for (uint32_t n = 0; n <= MESSAGE_MAX; n++) {
        receiver.wrong = 0;
        receiver.of[1].taken = 0;
        ledger_take(&receiver, text, n);
        assert_int_equal(receiver.wrong, n == length ? 0 : 1);
    }
}

static void lives_end_before_the_ledger_does(void **state)
{
    (void)state;
    for (uint32_t n = 2; n < LEDGER_LIVES; n++) {
        assert_true(ledger_begin(&sender));
    }
    assert_false(ledger_begin(&sender));
    assert_int_equal(sender.life, LEDGER_LIVES - 1U);
}

/* ---- Over the queue ---- */

static struct shm_queue queue;
static struct shm_producer p;
static struct shm_consumer c;
static uint32_t sent;

static bool ends(void)
{
    return rand() % 2000 == 0;
}

/* Whether the sender's life goes on. */
static bool put(void)
{
    void *at = NULL;

    if (shm_reserve(&p, &at) == SHM_OK) {
        sender.of[sender.life].tried = sent + 1U;
        message_write(at, sender.life, sent + 1U);
        if (ends()) {
            return false;
        }
        message_write(at, sender.life, sent);
        assert_int_equal(shm_commit(&p, message_length(sender.life, sent)), SHM_OK);
        sent++;
    }
    return !ends();
}

static void hear(void)
{
    uint32_t left = 0;

    if (shm_unacknowledged(&p, &left) == SHM_OK) {
        ledger_hear(&sender, sent, left);
    }
}

static bool take(void)
{
    const void *at = NULL;
    uint32_t length = 0;

    if (shm_peek(&c, &at, &length) == SHM_OK) {
        if (ends()) {
            return false;
        }
        ledger_take(&receiver, at, length);
        if (ends()) {
            return false;
        }
        assert_int_equal(shm_release(&c), SHM_OK);
    }
    return !ends();
}

static void step(void)
{
    switch (rand() % 3) {
    case 0:
        if (!put() && ledger_begin(&sender)) {
            sent = 0;
            assert_int_equal(shm_producer_init(&p, &queue, sender.life), SHM_OK);
        }
        break;
    case 1:
        if (!take() && ledger_begin(&receiver)) {
            assert_int_equal(shm_consumer_init(&c, &queue, receiver.life), SHM_OK);
        }
        break;
    default:
        hear();
        break;
    }
}

static void nothing_acknowledged_is_lost_wherever_either_side_ends(void **state)
{
    (void)state;
    queue = (struct shm_queue){ NULL, SHM_LINE + SLOTS * SLOT_BYTES, NULL, SHM_LINE, SLOTS, SLOT_BYTES };
    queue.producer = calloc(1, queue.producer_bytes);
    queue.consumer = calloc(1, queue.consumer_bytes);
    srand(20241129);
    sent = 0;
    assert_int_equal(shm_producer_init(&p, &queue, sender.life), SHM_OK);
    assert_int_equal(shm_consumer_init(&c, &queue, receiver.life), SHM_OK);
    while (sender.life < LIVES || receiver.life < LIVES) {
        step();
    }
    while (sender.of[sender.life].acknowledged < 100U) { /* of the last life, whichever it is */
        step();
    }
    assert_int_equal(receiver.wrong, 0);
    assert_true(receiver.again > 0U && receiver.again < receiver.life);
    for (uint32_t n = 1; n <= sender.life; n++) {
        assert_true(sender.of[n].acknowledged <= receiver.of[n].taken);
        assert_true(receiver.of[n].taken <= sender.of[n].tried);
    }
    free(queue.producer);
    free(queue.consumer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(messages_in_their_order_are_right),
        T(a_message_that_is_missing_is_noticed_once),
        T(the_first_of_a_life_that_is_missing_is_noticed),
        T(a_message_twice_is_right_only_behind_a_new_life_of_the_receiver),
        T(a_message_of_a_life_before_is_wrong),
        T(a_torn_message_is_noticed_whichever_byte_it_is),
        T(lives_end_before_the_ledger_does),
        T(nothing_acknowledged_is_lost_wherever_either_side_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
