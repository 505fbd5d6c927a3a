/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of the driver in Linux, by polling. Over channel "q" it sends and takes messages (message.h) as fast as it can, its ledger in the
 * channel's common memory, at the place of its endpoint; over "n", if there is one, it answers pings. The first `hostile` of its lives are
 * be_hostile()'s; the one behind them throws away what they have left. Keys: g: send (it does from the first life on, without hostile
 * ones before); i: send no more, and tell when all is acknowledged; r: end this life in the midst of the work, and begin another.
 */
#include "message.h"
#include "peer.h"

/* Where a life ends: another place in each. */
enum place { FILLING, PUT, IN_HAND, COUNTED, RELEASED, NR_PLACES };

static struct link messages, frames;
static bool has_frames;
static volatile struct ledger *ledger;
static bool sending, telling, ending;
static uint32_t sent; /* messages of this life */

static void end_at(enum place place)
{
    if (ending && ledger->life % NR_PLACES == (uint32_t)place) {
        (void)system_reset();
        print("guest: unexpected: the reset returned\n");
    }
}

static void put_one(void)
{
    void *at = NULL;
    uint32_t length = message_length(ledger->life, sent);

    if (shm_reserve(&messages.tx, &at) != SHM_OK) {
        return;
    }
    ledger->of[ledger->life].tried = sent + 1U;
    message_write(at, ledger->life, sent + 1U); /* another one, in case that this life ends here */
    end_at(FILLING);
    message_write(at, ledger->life, sent);
    (void)shm_commit(&messages.tx, length);
    end_at(PUT);
    sent++;
    link_put(&messages);
}

static void take_one(void)
{
    const void *at = NULL;
    uint32_t length = 0;

    switch (shm_peek(&messages.rx, &at, &length)) {
    case SHM_OK:
        end_at(IN_HAND);
        ledger_take(ledger, at, length);
        end_at(COUNTED);
        (void)shm_release(&messages.rx);
        end_at(RELEASED);
        link_released(&messages);
        break;
    case SHM_NEW_PEER: /* answered now */
        link_released(&messages);
        break;
    case SHM_EMPTY:
    case SHM_NO_PEER:
        break;
    default:
        ledger->wrong++;
        shm_consumer_reset(&messages.rx);
        break;
    }
}

static void hear(void)
{
    uint32_t left = 0;
    enum shm_status s = shm_unacknowledged(&messages.tx, &left);

    if (s == SHM_OK) {
        ledger_hear(ledger, sent, left);
    } else if (s != SHM_NO_PEER) {
        ledger->wrong++;
        shm_producer_reset(&messages.tx);
    }
    if (telling && left == 0U) {
        print("peer: idle, all %u are acknowledged\n", sent);
        telling = false;
    }
}

static void answer_one(void)
{
    const void *in = NULL;
    void *out = NULL;
    uint32_t length = 0;
    enum shm_status s = shm_peek(&frames.rx, &in, &length);

    if (s == SHM_OK && shm_reserve(&frames.tx, &out) == SHM_OK && net_answer(out, in, length)) {
        (void)shm_commit(&frames.tx, length);
        link_put(&frames);
    }
    if (s == SHM_OK || s == SHM_BAD_LENGTH) {
        (void)shm_release(&frames.rx);
    }
    if (s != SHM_EMPTY && s != SHM_NO_PEER) {
        link_released(&frames);
    }
}

static void obey(int key)
{
    switch (key) {
    case 'g':
        sending = true;
        break;
    case 'i':
        sending = false;
        telling = true;
        break;
    case 'r':
        ending = true;
        break;
    default:
        break;
    }
}

_Noreturn static void work(void)
{
    for (uint32_t round = 0;; round++) {
        if (round % 256U == 0U) {
            obey(uart_getc());
        }
        if (sending) {
            put_one();
        }
        take_one();
        hear();
        link_pay(&messages);
        if (has_frames) {
            answer_one();
            link_pay(&frames);
        }
    }
}

/* Of the lives before, and of who answered them. */
static void forget(void)
{
    volatile uint8_t *byte = (volatile uint8_t *)ledger;

    for (uint32_t i = 0; i < sizeof(*ledger); i++) {
        byte[i] = 0;
    }
    shm_consumer_reset(&messages.rx);
    if (has_frames) {
        shm_consumer_reset(&frames.rx);
    }
}

static bool find(void)
{
    uint64_t size = 0;
    uint64_t common = 0;

    (void)irqc_init();
    if (!link_find(&messages, "q")) {
        return false;
    }
    common = channel_section(&messages.channel, CHANNEL_INFO_ALL, &size);
    ledger = (volatile struct ledger *)(uintptr_t)(common + messages.channel.self * LEDGER_BYTES);
    has_frames = link_find(&frames, "n");
    return size >= 2U * LEDGER_BYTES;
}

static bool begin(void)
{
    return link_begin(&messages) && (!has_frames || link_begin(&frames));
}

void guest_main(void)
{
    struct link *links[] = { &messages, &frames };
    uint32_t hostile = (uint32_t)bootarg_number("hostile", 0);

    if (!find()) {
        print("peer: no channel q of two endpoints with outputs of one size and common memory\n");
        return;
    }
    print("peer: life %u\n", link_life(&messages));
    if (link_life(&messages) <= hostile) {
        be_hostile(links, has_frames ? 2U : 1U, bootarg_number("seed", 1));
        (void)system_reset();
    }
    if (!begin()) {
        print("peer: no room\n");
        return;
    }
    if (hostile != 0U && link_life(&messages) == hostile + 1U) {
        forget();
    }
    if (has_frames) {
        link_tell_up(&frames, true);
    }
    if (!ledger_begin(ledger)) {
        print("peer: too many lives\n");
        return;
    }
    sending = hostile == 0U;
    work();
}

void guest_secondary(uint64_t arg)
{
    (void)arg;
}
