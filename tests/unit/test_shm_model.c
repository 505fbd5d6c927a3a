/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of guests/lib/shm.h in all executions of a small case that C11's memory allows, with restarts at any access. */
#define SHM_ATOMIC_OTHER "tests/unit/shm_model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "guests/lib/shm_queue.c"

#define SLOTS 2U
#define LIVES 4U

static uint64_t producer_memory[(SHM_LINE + SLOTS * 32U) / 8U], consumer_memory[SHM_LINE / 8U];
static const struct shm_queue queue = { producer_memory, sizeof(producer_memory), consumer_memory, sizeof(consumer_memory), SLOTS, 32U };

static struct {
    unsigned puts, takes; /* how often each side tries in a life */
    bool hasty;           /* seeded defect: the producer does not wait for the answer to its session */
    bool forgetful;       /* seeded defect: the consumer begins where the producer is */
} how;

/* What has happened in one execution. */
static struct {
    unsigned put[LIVES + 1U], taken[LIVES + 1U]; /* messages of each life of the producer, committed and released */
    unsigned from, peeked;                       /* the consumer's last message: the life it was of, and its number + 1 */
    unsigned now;                                /* the life that the producer is in */
} seen;
/* Over all executions: that they were what they are meant to be. */
static struct {
    unsigned long all, again, full, changed, old;
} found;

static void begin(void)
{
    memset(&seen, 0, sizeof(seen));
}

static void end(void)
{
    found.all += seen.taken[seen.now] == how.puts || seen.taken[1] == how.puts;
}

static void put(struct shm_producer *p, unsigned life)
{
    void *payload = NULL;
    enum shm_status s = shm_reserve(p, &payload);

    found.full += s == SHM_FULL;
    model_expect(s != SHM_BAD_PEER, "the producer finds no fault with an honest consumer");
    model_expect(p->taken <= seen.taken[life], "what is acknowledged has been released");
    if (s == SHM_OK) {
        uint64_t *words = payload;

        model_plain_write(&words[0], life << 8 | seen.put[life]);
        model_plain_write(&words[1], ~(uint64_t)(life << 8 | seen.put[life]));
        seen.put[life]++; /* the commit may be the last that this life does */
        model_expect(shm_commit(p, 16U + seen.put[life] % 2U) == SHM_OK, "what was reserved is committed");
    }
}

static void producer(unsigned life)
{
    struct shm_producer p;

    seen.now = life;
    model_expect(shm_producer_init(&p, &queue, life) == SHM_OK, "the producer begins");
    p.answered = p.answered || how.hasty;
    for (unsigned i = 0; i < how.puts; i++) {
        put(&p, life);
    }
}

static void take(struct shm_consumer *c)
{
    const void *payload = NULL;
    uint32_t length = 0;
    enum shm_status s = shm_peek(c, &payload, &length);

    found.changed += s == SHM_NEW_PEER;
    model_expect(s != SHM_BAD_PEER && s != SHM_BAD_LENGTH, "the consumer finds no fault with an honest producer");
    if (s == SHM_OK) {
        const uint64_t *words = payload;
        uint64_t what = model_plain_read(&words[0]);
        unsigned life = (unsigned)what >> 8, n = (unsigned)what & 0xffU;

        model_expect(model_plain_read(&words[1]) == ~what && length == 16U + (n + 1U) % 2U, "a message is whole");
        model_expect(life >= seen.from && life >= 1U && life <= LIVES, "sessions come in order");
        model_expect(life > LIVES || (n == seen.taken[life] && n < seen.put[life]), "each message comes in its turn, once");
        found.old += life < seen.now;
        found.again += life == seen.from && n < seen.peeked;
        seen.from = life;
        seen.peeked = n + 1U;
        model_expect(shm_release(c) == SHM_OK, "what was peeked at is released");
        seen.taken[life <= LIVES ? life : 0U]++;
    }
}

static void consumer(unsigned life)
{
    struct shm_consumer c;

    model_expect(shm_consumer_init(&c, &queue, life) == SHM_OK, "the consumer begins");
    if (how.forgetful) {
        c.session = 0;
    }
    for (unsigned i = 0; i < how.takes; i++) {
        take(&c);
    }
}

static const struct model plain = {
    .body = { producer, consumer },
    .begin = begin,
    .end = end,
    .plain = (uint8_t *)producer_memory + SHM_LINE,
    .plain_bytes = sizeof(producer_memory) - SHM_LINE,
    .limit = 3000000,
};

static bool run(const struct model *m, unsigned puts, unsigned takes, char *why, size_t bytes)
{
    memset(&found, 0, sizeof(found));
    how.puts = puts;
    how.takes = takes;
    return model_run(m, why, bytes);
}

static void all_is_well(const char *name, const struct model *m, unsigned puts, unsigned takes)
{
    char why[160];
    bool good = run(m, puts, takes, why, sizeof(why));

    printf("%s: %lu executions; all delivered in %lu, full in %lu, sessions answered %lu, messages again %lu, of an ended life %lu\n", name,
           model_executions(), found.all, found.full, found.changed, found.again, found.old);
    if (!good) {
        fail_msg("%s, in execution %lu", why, model_executions());
    }
}

static struct model with_deaths(unsigned of_producer, unsigned of_consumer)
{
    struct model m = plain;

    m.deaths[0] = of_producer;
    m.deaths[1] = of_consumer;
    return m;
}

static void messages_are_whole_in_order_and_once(void **state)
{
    (void)state;
    all_is_well("no restart", &plain, 4, 5);
    assert_true(found.all != 0 && found.full != 0 && found.changed != 0);
}

static void a_producer_that_restarts_tears_nothing(void **state)
{
    struct model m = with_deaths(1, 0);

    (void)state;
    all_is_well("the producer restarts", &m, 2, 4);
    assert_true(found.all != 0 && found.old != 0);
}

static void a_consumer_that_restarts_loses_nothing(void **state)
{
    struct model m = with_deaths(0, 1);

    (void)state;
    all_is_well("the consumer restarts", &m, 3, 3);
    assert_true(found.all != 0 && found.again != 0);
}

static void both_may_restart(void **state)
{
    struct model m = with_deaths(1, 1);

    (void)state;
    all_is_well("both restart", &m, 2, 2);
    assert_true(found.all != 0 && found.again != 0);
}

/* Each order that the code asks for, taken away; and each rule of the protocol. */
static void it_notices(const char *what, const struct model *m, unsigned puts, unsigned takes)
{
    char why[160];

    if (run(m, puts, takes, why, sizeof(why))) {
        fail_msg("%s goes unnoticed in %lu executions", what, model_executions());
    }
    printf("%s: execution %lu: %s\n", what, model_executions(), why);
    assert_null(strstr(why, "model:"));
}

static void every_order_is_needed(void **state)
{
    struct model head_stored = plain, head_loaded = plain, tail_stored = plain, tail_loaded = plain;

    (void)state;
    head_stored.weak_store = producer_memory;
    head_loaded.weak_load = producer_memory;
    tail_stored.weak_store = consumer_memory;
    tail_loaded.weak_load = consumer_memory;
    it_notices("head stored relaxed", &head_stored, 4, 5);
    it_notices("head loaded relaxed", &head_loaded, 4, 5);
    it_notices("tail stored relaxed", &tail_stored, 4, 5);
    it_notices("tail loaded relaxed", &tail_loaded, 4, 5);
}

static void the_answer_to_a_session_is_needed(void **state)
{
    struct model m = with_deaths(1, 0);

    (void)state;
    how.hasty = true;
    it_notices("a producer that does not wait for the answer", &m, 2, 4);
    how.hasty = false;
}

static void the_tail_that_was_published_is_needed(void **state)
{
    struct model m = with_deaths(0, 1);

    (void)state;
    how.forgetful = true;
    it_notices("a consumer that does not go on at its tail", &m, 3, 3);
    how.forgetful = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_whole_in_order_and_once),
        cmocka_unit_test(a_producer_that_restarts_tears_nothing),
        cmocka_unit_test(a_consumer_that_restarts_loses_nothing),
        cmocka_unit_test(both_may_restart),
        cmocka_unit_test(every_order_is_needed),
        cmocka_unit_test(the_answer_to_a_session_is_needed),
        cmocka_unit_test(the_tail_that_was_published_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
