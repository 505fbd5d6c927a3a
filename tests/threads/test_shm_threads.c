/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue and the port of guests/lib/shm.h between threads, under ThreadSanitizer, which knows no more of them than their
 * atomics. Built a second time with relaxed.h (as `relaxed`, beside this program), where it has to find the race.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "guests/lib/shm.h"

#define MESSAGES 20000U
#define RESTART  7000U /* messages after which a side begins another life */
#define VALUES   5000U
#define WORDS    8U
#define SLOTS    8U
#define BYTES    64U

static _Alignas(64) uint8_t out[SHM_LINE + SLOTS * BYTES], in[SHM_LINE], shown[SHM_LINE + 4U * WORDS * 8U];
static const struct shm_queue queue = { out, sizeof(out), in, sizeof(in), SLOTS, BYTES };
static const struct shm_port port = { shown, sizeof(shown), 4, WORDS };
static unsigned long wrong_messages, wrong_values, values_read; /* each by one thread */

static void *produce(void *unused)
{
    struct shm_producer p;
    uint32_t left = 1;
    (void)shm_producer_init(&p, &queue, 1);
    for (uint32_t n = 0; n < MESSAGES;) {
        void *at = NULL;
        if (shm_reserve(&p, &at) != SHM_OK) {
            (void)sched_yield();
            continue;
        }
        memset(at, (int)(n & 0xffU), BYTES - 8U);
        memcpy(at, &n, sizeof(n));
        (void)shm_commit(&p, BYTES - 8U - n % 8U);
        n++;
        while (n == RESTART && left != 0U) { /* a life ends with nothing on its way: all has to arrive */
            (void)shm_unacknowledged(&p, &left);
            (void)sched_yield();
        }
        if (n == RESTART) {
            (void)shm_producer_init(&p, &queue, 2);
        }
    }
    return unused;
}

static bool is_whole(const uint8_t *at, uint32_t length, uint32_t n)
{
    bool good = length == BYTES - 8U - n % 8U && memcmp(at, &n, sizeof(n)) == 0;
    for (uint32_t i = sizeof(n); i < BYTES - 8U; i++) {
        good = good && at[i] == (uint8_t)n;
    }
    return good;
}

static void *consume(void *unused)
{
    struct shm_consumer c;
    (void)shm_consumer_init(&c, &queue, 1);
    for (uint32_t n = 0; n < MESSAGES;) {
        const void *at = NULL;
        uint32_t length = 0;
        if (shm_peek(&c, &at, &length) != SHM_OK) {
            (void)sched_yield();
            continue;
        }
        wrong_messages += !is_whole(at, length, n);
        if (n % RESTART == RESTART / 2U && c.session != 0U && length != 0U) { /* it ends with the message in its hands */
            (void)shm_consumer_init(&c, &queue, 2U + n / RESTART);
            (void)shm_peek(&c, &at, &length);
            wrong_messages += !is_whole(at, length, n);
        }
        (void)shm_release(&c);
        n++;
    }
    return unused;
}

static void *show(void *unused)
{
    struct shm_writer w;
    (void)shm_writer_init(&w, &port);
    for (uint64_t n = 1; n <= VALUES; n++) {
        uint64_t value[WORDS];
        for (unsigned i = 0; i < WORDS; i++) {
            value[i] = n * (i + 1U);
        }
        shm_port_write(&w, value);
    }
    return unused;
}

static void *watch(void *unused)
{
    uint64_t last = 0;
    while (last != VALUES) {
        uint64_t value[WORDS], n = 0;
        if (shm_port_read(&port, value, &n) != SHM_OK) {
            continue;
        }
        values_read++;
        wrong_values += n < last;
        for (unsigned i = 0; i < WORDS; i++) {
            wrong_values += value[i] != n * (i + 1U);
        }
        last = n;
    }
    return unused;
}

static void run(void *(*one)(void *), void *(*two)(void *))
{
    pthread_t a, b;
    assert_int_equal(pthread_create(&a, NULL, one, NULL), 0);
    assert_int_equal(pthread_create(&b, NULL, two, NULL), 0);
    assert_int_equal(pthread_join(a, NULL), 0);
    assert_int_equal(pthread_join(b, NULL), 0);
}

static void messages_arrive_whole_in_order_over_restarts(void **state)
{
    (void)state;
    run(produce, consume);
    assert_int_equal(wrong_messages, 0);
}

static void values_are_whole_and_never_go_back(void **state)
{
    (void)state;
    run(show, watch);
    assert_int_equal(wrong_values, 0);
    assert_true(values_read != 0);
}

static const char *self;

static void without_the_orders_it_is_a_race(void **state)
{
    char command[4096], text[65536];
    (void)state;
    (void)snprintf(command, sizeof(command), "TSAN_OPTIONS=exitcode=66:halt_on_error=1 %.*s/relaxed 2>&1",
                   (int)(strrchr(self, '/') - self), self);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text) - 1U, f);
    int status = pclose(f);
    text[n] = '\0';
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 66);
    assert_non_null(strstr(text, "data race"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_whole_in_order_over_restarts),
        cmocka_unit_test(values_are_whole_and_never_go_back),
        cmocka_unit_test(without_the_orders_it_is_a_race),
    };
    (void)argc;
    self = argv[0];
#ifdef SHM_ATOMIC_OTHER
    run(produce, consume);
    return tests[0].test_func == NULL;
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
