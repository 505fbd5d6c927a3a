/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two guests that exchange messages and show values over the first channel, by guests/lib/shm.h and polling. role=put puts `count`
 * messages in each of two lives, and ends the first in the middle of its work; role=take takes them, and ends its first life when it has
 * taken `die`, with a message in its hands. What is wrong with any of them is counted.
 */
#include "queue.h"
#include "shm.h"
#include "shm_caches.h"

static uint64_t own, own_size, other, other_size; /* outputs */
static uint32_t count; /* messages of a life */

/* ---- The channel ---- */

static bool find_outputs(void)
{
    uint32_t node = fdt_compatible("bulkhead,channel-v1", 0);
    uint32_t len = 0;
    uint32_t unused = 0;
    const char *names = fdt_prop(node, "reg-names", &len);
    const char *self = fdt_prop(node, "bulkhead,endpoint", &unused);
    unsigned n = 0;

    for (uint32_t i = 0; names != NULL && self != NULL && i < len; i += (uint32_t)str_len(names + i) + 1U) {
        bool mine = names[i] == 'f' && str_equal(names + i + str_len("from-"), self);

        if (names[i] == 'f') {
            (void)fdt_reg(node, n, mine ? &own : &other, mine ? &own_size : &other_size);
        }
        n++;
    }
    return own != 0U && other != 0U;
}

static void *at(uint64_t base, uint64_t offset)
{
    return (void *)(uintptr_t)(base + offset);
}

static struct shm_queue queue_of(uint64_t producer, uint64_t producer_size, uint64_t consumer, uint64_t consumer_size)
{
    return (struct shm_queue){at(producer, 0), producer_size, at(consumer, 0), consumer_size, SLOTS, SLOT_BYTES};
}

static struct shm_port port_of(uint64_t producer)
{
    return (struct shm_port){at(producer, PORT_AT), NOTES_AT - PORT_AT, 4, PORT_WORDS};
}

uint32_t message_sum(const struct message *m, uint32_t length)
{
    uint32_t sum = m->life * 31U + m->number * 7U + m->last;

    for (uint32_t i = 0; i < length - sizeof(*m); i++) {
        sum = (sum ^ m->bytes[i]) * 16777619U; /* FNV */
    }
    return sum;
}

static void reset(void)
{
    (void)system_reset();
    print("guest: unexpected: the reset returned\n");
}

/* ---- The producer ---- */

static uint32_t length_of(const struct shm_queue *q, uint32_t number)
{
    return (uint32_t)sizeof(struct message) + number % (shm_payload_bytes(q) - (uint32_t)sizeof(struct message) + 1U);
}

static void put_one(struct shm_producer *p, uint32_t life, uint32_t number, bool last)
{
    void *payload = NULL;
    uint32_t length = length_of(&p->q, number);
    struct message *m = NULL;

    while (shm_reserve(p, &payload) != SHM_OK) {
    }
    m = payload;
    m->life = life;
    m->number = number;
    m->last = last ? 1U : 0U;
    for (uint32_t i = 0; i < length - sizeof(*m); i++) {
        m->bytes[i] = (uint8_t)(number * 13U + i);
    }
    m->sum = message_sum(m, length);
    (void)shm_commit(p, length);
}

static void show(struct shm_writer *w, uint64_t number)
{
    uint64_t value[PORT_WORDS];

    for (uint64_t i = 0; i < PORT_WORDS; i++) {
        value[i] = number * (i + 1U);
    }
    shm_port_write(w, value);
}

static void put_all(void)
{
    struct shm_queue q = queue_of(own, own_size, other, other_size);
    struct shm_port port = port_of(own);
    uint32_t life = shm_producer_life(&q) + 1U;
    uint32_t *acknowledged = at(own, NOTES_AT);
    uint32_t left = 1;
    struct shm_producer p;
    struct shm_writer w;

    if (shm_producer_init(&p, &q, life) != SHM_OK || shm_writer_init(&w, &port) != SHM_OK) {
        print("queue: no room\n");
        return;
    }
    print("queue: put: life %u; of the one before %u were acknowledged\n", life, *acknowledged);
    for (uint32_t n = 0; n < count; n++) {
        put_one(&p, life, n, life == 2U && n + 1U == count);
        show(&w, w.written + 1U);
    }
    while (life == 2U && left != 0U) {
        (void)shm_unacknowledged(&p, &left);
    }
    (void)shm_unacknowledged(&p, &left);
    *acknowledged = count - left;
    if (life == 1U) {
        reset();
    }
    print("queue: put: all %u of life %u are acknowledged\n", *acknowledged, life);
}

/* ---- The consumer ---- */

/* What has been taken; it stands in the consumer's output, and so is there in its next life. */
struct taken {
    uint32_t of[3];   /* the number + 1 of the last message, by the producer's life */
    uint32_t from;    /* that life */
    uint32_t again;   /* messages that came once more, after a restart */
    uint32_t in_hand; /* the number + 1 of the message with which the last life ended */
    uint32_t wrong, last;
    uint32_t values, wrong_values;
    uint64_t value; /* the number of the last value */
};

static void check(struct taken *t, const struct message *m, uint32_t length)
{
    uint32_t life = length >= sizeof(*m) ? m->life : 0U;

    if ((life != 1U && life != 2U) || m->sum != message_sum(m, length)) {
        t->wrong++;
        return;
    }
    t->wrong += life < t->from || m->number != t->of[life] ? 1U : 0U;
    t->again += t->in_hand == m->number + 1U ? 1U : 0U;
    t->from = life;
    t->of[life] = m->number + 1U;
    t->last = m->last;
}

static void watch(struct taken *t, const struct shm_port *port)
{
    uint64_t value[PORT_WORDS];
    uint64_t number = 0;

    if (shm_port_read(port, value, &number) != SHM_OK) {
        return;
    }
    t->values++;
    t->wrong_values += number < t->value ? 1U : 0U;
    for (uint64_t i = 0; i < PORT_WORDS; i++) {
        t->wrong_values += value[i] != number * (i + 1U) ? 1U : 0U;
    }
    t->value = number;
}

static void take_all(void)
{
    struct shm_queue q = queue_of(other, other_size, own, own_size);
    struct shm_port port = port_of(other);
    struct taken *t = at(own, TAKEN_AT);
    uint32_t life = shm_consumer_life(&q) + 1U;
    uint32_t die = (uint32_t)bootarg_number("die", 0);
    struct shm_consumer c;

    if (shm_consumer_init(&c, &q, life) != SHM_OK) {
        print("queue: no room\n");
        return;
    }
    print("queue: take: life %u\n", life);
    while (t->last == 0U) {
        const void *payload = NULL;
        uint32_t length = 0;
        enum shm_status s = shm_peek(&c, &payload, &length);

        if (s == SHM_OK && life == 1U && t->of[1] == die) {
            t->in_hand = ((const struct message *)payload)->number + 1U;
            reset();
        }
        if (s == SHM_OK) {
            check(t, payload, length);
            (void)shm_release(&c);
            t->in_hand = 0;
            watch(t, &port);
        } else if (s != SHM_EMPTY && s != SHM_NEW_PEER && s != SHM_NO_PEER) {
            t->wrong++;
        }
    }
    print("queue: take: %u and %u messages, %u again, %u wrong; %s values, %u wrong, the last %lu\n", t->of[1], t->of[2], t->again,
          t->wrong, t->values != 0U ? "some" : "no", t->wrong_values, t->value);
}

void guest_main(void)
{
    char role[8];

    if (!find_outputs() || !bootarg("role", role, sizeof(role))) {
        print("queue: no channel or role\n");
        return;
    }
    caches_on(own);
    count = (uint32_t)bootarg_number("count", 1000);
    if (str_equal(role, "put")) {
        put_all();
    } else {
        take_all();
    }
}

void guest_secondary(uint64_t arg)
{
    (void)arg;
}
