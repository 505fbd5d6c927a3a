/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The queue: see shm.h, which says why it is right. */
#include "shm.h"

#define SLOTS_MAX      0x10000U
#define SLOT_BYTES_MIN 16U
#define SLOT_BYTES_MAX 0x100000U
#define RESETS_BITS    8U

/* What each side publishes. */
struct producer_words {
    shm_word head;
};
struct consumer_words {
    shm_word tail;
    shm_word life;
};
struct slot {
    shm_word length;
};

static uint64_t pack(uint32_t session, uint32_t number)
{
    return (uint64_t)session << 32 | number;
}

static uint32_t session_of(uint64_t w)
{
    return (uint32_t)(w >> 32);
}

static uint32_t number_of(uint64_t w)
{
    return (uint32_t)w;
}

static struct producer_words *producer_words(const struct shm_queue *q)
{
    return q->producer;
}

static struct consumer_words *consumer_words(const struct shm_queue *q)
{
    return q->consumer;
}

static struct slot *slot_of(const struct shm_queue *q, uint32_t number)
{
    return (struct slot *)(void *)((uint8_t *)q->producer + SHM_LINE + (size_t)(number & (q->slots - 1U)) * q->slot_bytes);
}

static bool shape_is_good(const struct shm_queue *q)
{
    return q->slots != 0U && q->slots <= SLOTS_MAX && (q->slots & (q->slots - 1U)) == 0U && q->slot_bytes >= SLOT_BYTES_MIN &&
           q->slot_bytes <= SLOT_BYTES_MAX && q->slot_bytes % 8U == 0U;
}

static bool is_there(const void *at, size_t bytes, size_t needed)
{
    return at != NULL && (uintptr_t)at % 8U == 0U && needed != 0U && bytes >= needed;
}

static bool queue_is_good(const struct shm_queue *q)
{
    return is_there(q->producer, q->producer_bytes, shm_producer_bytes(q)) &&
           is_there(q->consumer, q->consumer_bytes, shm_consumer_bytes(q));
}

size_t shm_producer_bytes(const struct shm_queue *q)
{
    return shape_is_good(q) ? SHM_LINE + (size_t)q->slots * q->slot_bytes : 0U;
}

size_t shm_consumer_bytes(const struct shm_queue *q)
{
    return shape_is_good(q) ? SHM_LINE : 0U;
}

uint32_t shm_payload_bytes(const struct shm_queue *q)
{
    return q->slot_bytes - (uint32_t)sizeof(struct slot);
}

/* ---- The producer ---- */

static void begin_session(struct shm_producer *p, uint32_t session)
{
    p->session = session;
    p->put = 0;
    p->taken = 0;
    p->answered = false;
    p->reserved = false;
    shm_publish(&producer_words(&p->q)->head, pack(session, 0));
}

static uint32_t next_session(uint32_t session)
{
    uint32_t resets = (1U << RESETS_BITS) - 1U;

    return (session & ~resets) | ((session + 1U) & resets);
}

enum shm_status shm_producer_init(struct shm_producer *p, const struct shm_queue *q, uint32_t life)
{
    uint32_t before = 0;

    if (!queue_is_good(q) || life == 0U || life > SHM_LIFE_MAX) {
        return SHM_MISUSE;
    }
    p->q = *q;
    before = session_of(shm_read(&producer_words(q)->head));
    begin_session(p, before >> RESETS_BITS == life ? next_session(before) : life << RESETS_BITS);
    return SHM_OK;
}

uint32_t shm_producer_life(const struct shm_queue *q)
{
    return queue_is_good(q) ? session_of(shm_read(&producer_words(q)->head)) >> RESETS_BITS : 0U;
}

uint32_t shm_consumer_life(const struct shm_queue *q)
{
    return queue_is_good(q) ? (uint32_t)shm_read(&consumer_words(q)->life) : 0U;
}

void shm_producer_reset(struct shm_producer *p)
{
    begin_session(p, next_session(p->session));
}

uint32_t shm_producer_peer(const struct shm_producer *p)
{
    return (uint32_t)shm_read(&consumer_words(&p->q)->life);
}

/* Takes notice of the consumer's tail. It may have come from what was seen before up to what was put, and nowhere else. */
static enum shm_status hear(struct shm_producer *p)
{
    uint64_t tail = shm_acquire(&consumer_words(&p->q)->tail);

    if (session_of(tail) != p->session) {
        return SHM_NO_PEER;
    }
    if (number_of(tail) - p->taken > p->put - p->taken) {
        return SHM_BAD_PEER;
    }
    p->taken = number_of(tail);
    p->answered = true;
    return SHM_OK;
}

enum shm_status shm_reserve(struct shm_producer *p, void **payload)
{
    if (!p->answered || p->put - p->taken == p->q.slots) {
        enum shm_status s = hear(p);

        if (s != SHM_OK) {
            return s;
        }
        if (p->put - p->taken == p->q.slots) {
            return SHM_FULL;
        }
    }
    p->reserved = true;
    *payload = slot_of(&p->q, p->put) + 1;
    return SHM_OK;
}

enum shm_status shm_commit(struct shm_producer *p, uint32_t length)
{
    if (!p->reserved || length > shm_payload_bytes(&p->q)) {
        return SHM_MISUSE;
    }
    shm_write(&slot_of(&p->q, p->put)->length, length);
    p->put++;
    p->reserved = false;
    shm_publish(&producer_words(&p->q)->head, pack(p->session, p->put));
    return SHM_OK;
}

enum shm_status shm_unacknowledged(struct shm_producer *p, uint32_t *count)
{
    enum shm_status s = hear(p);

    *count = p->put - p->taken;
    return s;
}

/* ---- The consumer ---- */

/* Goes on behind what the head says. A producer that has just begun says 0. */
static void follow(struct shm_consumer *c, uint64_t head)
{
    c->session = session_of(head);
    c->taken = number_of(head);
    c->seen = c->taken;
    c->held = SHM_EMPTY;
    shm_publish(&consumer_words(&c->q)->tail, head);
}

enum shm_status shm_consumer_init(struct shm_consumer *c, const struct shm_queue *q, uint32_t life)
{
    uint64_t tail = 0;

    if (!queue_is_good(q) || life == 0U || life > SHM_LIFE_MAX) {
        return SHM_MISUSE;
    }
    tail = shm_read(&consumer_words(q)->tail);
    c->q = *q;
    c->session = session_of(tail);
    c->taken = number_of(tail);
    c->seen = c->taken;
    c->length = 0;
    c->held = SHM_EMPTY;
    shm_write(&consumer_words(q)->life, life);
    return SHM_OK;
}

void shm_consumer_reset(struct shm_consumer *c)
{
    follow(c, shm_acquire(&producer_words(&c->q)->head));
}

/* All that was seen is taken: looks whether there is more. */
static enum shm_status look(struct shm_consumer *c)
{
    uint64_t head = shm_acquire(&producer_words(&c->q)->head);

    if (session_of(head) == 0U) {
        return SHM_NO_PEER;
    }
    if (session_of(head) != c->session) {
        follow(c, head);
        return SHM_NEW_PEER;
    }
    if (number_of(head) - c->taken > c->q.slots) {
        return SHM_BAD_PEER;
    }
    c->seen = number_of(head);
    return c->seen == c->taken ? SHM_EMPTY : SHM_OK;
}

/* The length is read here, once. */
static void take_hold(struct shm_consumer *c)
{
    uint64_t length = shm_read(&slot_of(&c->q, c->taken)->length);
    bool fits = length <= shm_payload_bytes(&c->q);

    c->length = fits ? (uint32_t)length : 0U;
    c->held = fits ? SHM_OK : SHM_BAD_LENGTH;
}

enum shm_status shm_peek(struct shm_consumer *c, const void **payload, uint32_t *length)
{
    if (c->held == SHM_EMPTY) {
        enum shm_status s = c->seen == c->taken ? look(c) : SHM_OK;

        if (s != SHM_OK) {
            return s;
        }
        take_hold(c);
    }
    *payload = slot_of(&c->q, c->taken) + 1;
    *length = c->length;
    return c->held;
}

enum shm_status shm_release(struct shm_consumer *c)
{
    if (c->held == SHM_EMPTY) {
        return SHM_MISUSE;
    }
    c->taken++;
    c->held = SHM_EMPTY;
    shm_publish(&consumer_words(&c->q)->tail, pack(c->session, c->taken));
    return SHM_OK;
}
