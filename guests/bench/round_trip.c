/* SPDX-License-Identifier: Apache-2.0 */
/* A message of 64 bytes from one VM to another and one back, by a queue each way (guests/lib/shm.h); each is told of by doorbell. */
#include "bench.h"
#include "shm_caches.h"
#include "channel.h"
#include "shm.h"

#define SLOTS       4U
#define BYTES       64U
#define SLOT_BYTES  (BYTES + 8U)
#define CONSUMER_AT 4096U /* in each output: behind what it has as a producer */

static struct guest_channel channel;
static uint32_t peer;
static struct shm_producer producer;
static struct shm_consumer consumer;
static uint64_t message[BYTES / 8U];

static struct shm_queue queue(uint32_t from, uint32_t to)
{
    uint64_t size = 0;
    void *puts = (void *)(uintptr_t)channel_section(&channel, from, &size);
    void *takes = (void *)(uintptr_t)(channel_section(&channel, to, &size) + CONSUMER_AT);

    return (struct shm_queue){puts, CONSUMER_AT, takes, CONSUMER_AT, SLOTS, SLOT_BYTES};
}

static void put(void)
{
    void *payload = NULL;

    while (shm_reserve(&producer, &payload) != SHM_OK) {
        bench_nap(); /* the first alone: the other has not begun */
    }
    bench_copy(payload, message, BYTES);
    (void)shm_commit(&producer, BYTES);
    if (channel_ring(&channel, peer) != 0) {
        print("guest: unexpected: a ring was refused\n");
    }
}

static void take(void)
{
    const void *payload = NULL;
    uint32_t length = 0;

    while (shm_peek(&consumer, &payload, &length) != SHM_OK || length != BYTES) {
        sleep_for_irq();
    }
    bench_copy(message, payload, BYTES);
    (void)shm_release(&consumer);
}

/* One more in each of its words, by the one that answers; the other knows how many there have to be. */
static void answer(void)
{
    take();
    for (unsigned i = 0; i < BYTES / 8U; i++) {
        message[i]++;
    }
    put();
}

static void ask(void)
{
    put();
    take();
}

static bool begin(void)
{
    if (!channel_find(0, &channel) || channel.irq == 0U) {
        return false;
    }
    caches_on(channel.base);
    peer = channel.self == 0U ? 1U : 0U;
    struct shm_queue out = queue(channel.self, peer);
    struct shm_queue in = queue(peer, channel.self);

    channel_listen(&channel);
    return shm_producer_init(&producer, &out, 1) == SHM_OK && shm_consumer_init(&consumer, &in, 1) == SHM_OK;
}

/* The other has begun, and knows that this one has. */
static void meet(void)
{
    const void *payload = NULL;
    uint32_t length = 0;
    uint32_t count = 0;

    while (shm_peek(&consumer, &payload, &length) == SHM_NO_PEER || shm_unacknowledged(&producer, &count) != SHM_OK) {
        bench_nap();
    }
}

void bench_round_trip(uint64_t rounds)
{
    if (!begin()) {
        print("guest: unexpected: no channel for a round trip\n");
        return;
    }
    void (*turn)(void) = channel.self == 0U ? ask : answer;

    meet();
    for (unsigned n = 0; n < 2U; n++) { /* nothing of their starts is on its way */
        turn();
    }
    for (uint64_t n = 0; n < rounds; n++) {
        if (channel.self == 0U) {
            MARK(MARK_ROUND_TRIP);
        }
        turn();
    }
    MARK(MARK_END);
    turn(); /* the other's end is not in the last round */
    for (unsigned i = 0; i < BYTES / 8U; i++) {
        if (message[i] != rounds + 3U) {
            print("guest: unexpected: the answer is not what was asked\n");
        }
    }
}
