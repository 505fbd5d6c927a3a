/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of memory from the first endpoint of a channel to the second, by the queue of guests/lib/shm.h: the one copies from its RAM
 * into the queue's slots, the other from these into its RAM. Each size once with both polling, once by doorbell; before, the copies of the
 * first alone, into the same slots. In RAM, not between marks, the block is made and what arrived is checked.
 *
 * Who waits does so in WFI (bench.h): until its timer comes if it polls. MARK_CHANNEL stands before each look, and MARK_WAIT behind one that
 * was in vain, so that work and waiting can be told apart. By doorbell the first rings when the queue is full or all is in it, and the second
 * when it is empty: one of them sleeps while the other works.
 */
#include "bench.h"
#include "shm_caches.h"
#include "channel.h"
#include "shm.h"

#define SLOTS      16U
#define PIECE      65536U /* bytes of a message at most */
#define SLOT_BYTES (PIECE + 8U)
#define WORD_AT    1024U /* in the second's output, behind its part of the queue: what it tells the first */

/* Bytes; bench/channels.py has them too. */
static const uint64_t sizes[] = {1U << 10, 64U << 10, 1U << 20, 8U << 20};
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))
/* Transfers: all sizes polling, then by doorbell; before these one of the first size, so that no other interrupt was the last. */
#define TRANSFERS (2U * NR_SIZES + 1U)

static struct guest_channel channel;
static struct shm_queue q;
static uint64_t *ram; /* of the largest size */
static bool by_doorbell;
/* The second's: the transfer that it waits for, from 1, all before being right; UINT64_MAX: one was not. */
static volatile uint64_t *good;

static uint64_t bytes_of(uint64_t transfer)
{
    return transfer <= NR_SIZES ? sizes[transfer % NR_SIZES] : sizes[transfer - NR_SIZES - 1U];
}

static void ring(uint32_t peer)
{
    if (by_doorbell && channel_ring(&channel, peer) != 0) {
        print("guest: unexpected: a ring was refused\n");
    }
}

static void wait(void)
{
    if (by_doorbell) {
        sleep_for_irq();
    } else {
        bench_nap();
    }
}

static void nap_until_good(uint64_t n)
{
    while (*good < n) {
        bench_nap();
    }
    barrier();
}

static uint32_t piece(uint64_t left)
{
    return left < PIECE ? (uint32_t)left : PIECE;
}

static uint64_t pattern(uint64_t n, uint64_t word)
{
    return (word + 1U) * 0x9e3779b97f4a7c15U + n;
}

/* ---- The first ---- */

/* Nothing of what was put is left. */
static bool all_taken(struct shm_producer *p)
{
    uint32_t count = 0;

    return shm_unacknowledged(p, &count) == SHM_OK && count == 0U;
}

static void send(struct shm_producer *p, uint64_t bytes)
{
    const uint8_t *from = (const uint8_t *)ram;
    bool put = false;

    for (;;) {
        void *payload = NULL;
        uint32_t length = piece(bytes);

        MARK(MARK_CHANNEL);
        if (length != 0U && shm_reserve(p, &payload) == SHM_OK) {
            bench_copy(payload, from, length);
            (void)shm_commit(p, length);
            from += length;
            bytes -= length;
            put = true;
        } else if (length == 0U && !put && all_taken(p)) {
            break;
        } else {
            if (put) {
                ring(1);
            }
            put = false;
            MARK(MARK_WAIT);
            wait();
        }
    }
    MARK(MARK_END);
}

static void copy_alone(uint64_t bytes)
{
    const uint8_t *from = (const uint8_t *)ram;
    uint8_t *slots = (uint8_t *)q.producer + SHM_LINE + 8U;

    MARK(MARK_MEMCPY);
    for (uint64_t n = 0; bytes != 0U; n++) {
        uint32_t length = piece(bytes);

        bench_copy(slots + n % SLOTS * SLOT_BYTES, from, length);
        from += length;
        bytes -= length;
    }
    MARK(MARK_END);
}

static void run_first(void)
{
    struct shm_producer p;
    uint32_t count = 0;

    for (unsigned i = 0; i < NR_SIZES; i++) {
        copy_alone(sizes[i]);
    }
    if (shm_producer_init(&p, &q, 1) != SHM_OK) {
        print("guest: unexpected: no room for the queue\n");
        return;
    }
    while (shm_unacknowledged(&p, &count) != SHM_OK) {
        bench_nap();
    }
    for (uint64_t n = 0; n < TRANSFERS; n++) {
        uint64_t bytes = bytes_of(n);

        by_doorbell = n >= NR_SIZES;
        for (uint64_t i = 0; i < bytes / 8U; i++) {
            ram[i] = pattern(n, i);
        }
        nap_until_good(n + 1U); /* the other waits */
        send(&p, bytes);
    }
    nap_until_good(TRANSFERS + 1U);
    if (*good != TRANSFERS + 1U) {
        print("guest: unexpected: what arrived is not what was sent\n");
    }
}

/* ---- The second ---- */

static void receive(struct shm_consumer *c, uint64_t bytes)
{
    uint8_t *to = (uint8_t *)ram;
    bool taken = false;

    while (bytes != 0U) {
        const void *payload = NULL;
        uint32_t length = 0;

        MARK(MARK_CHANNEL);
        if (shm_peek(c, &payload, &length) == SHM_OK && length <= bytes) {
            bench_copy(to, payload, length);
            (void)shm_release(c);
            to += length;
            bytes -= length;
            taken = true;
        } else {
            if (taken) {
                ring(0);
            }
            taken = false;
            MARK(MARK_WAIT);
            wait();
        }
    }
    ring(0);
    MARK(MARK_END);
}

static bool is_right(uint64_t n, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes / 8U; i++) {
        if (ram[i] != pattern(n, i)) {
            return false;
        }
    }
    return true;
}

static void run_second(void)
{
    struct shm_consumer c;
    const void *payload = NULL;
    uint32_t length = 0;

    if (shm_consumer_init(&c, &q, 1) != SHM_OK) {
        return;
    }
    while (shm_peek(&c, &payload, &length) != SHM_EMPTY) {
        bench_nap();
    }
    for (uint64_t n = 0; n < TRANSFERS; n++) {
        by_doorbell = n >= NR_SIZES;
        if (*good != UINT64_MAX) {
            *good = n + 1U;
        }
        receive(&c, bytes_of(n));
        if (!is_right(n, bytes_of(n))) {
            *good = UINT64_MAX;
        }
    }
    if (*good != UINT64_MAX) {
        *good = TRANSFERS + 1U;
    }
}

/* ---- Both ---- */

static bool begin(void)
{
    uint64_t base = 0;
    uint64_t size = 0;

    if (!channel_find(0, &channel) || channel.irq == 0U || !fdt_memory(&base, &size)) {
        return false;
    }
    caches_on(channel.base);
    ram = (uint64_t *)(uintptr_t)(base + size / 8U * 5U); /* where no loader puts a tree */

    uint64_t first_size = 0;
    uint64_t second_size = 0;
    uint64_t first = channel_section(&channel, 0, &first_size);
    uint64_t second = channel_section(&channel, 1, &second_size);

    q = (struct shm_queue){(void *)(uintptr_t)first, first_size, (void *)(uintptr_t)second, second_size, SLOTS, SLOT_BYTES};
    good = (volatile uint64_t *)(uintptr_t)(second + WORD_AT);
    channel_listen(&channel);
    return size / 4U >= sizes[NR_SIZES - 1U] && second_size >= WORD_AT + 8U;
}

void bench_stream(void)
{
    if (!begin()) {
        print("guest: unexpected: no channel for the blocks\n");
    } else if (channel.self == 0U) {
        run_first();
    } else {
        run_second();
    }
}
