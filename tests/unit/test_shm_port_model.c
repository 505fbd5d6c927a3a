/* SPDX-License-Identifier: Apache-2.0 */
/* The port of guests/lib/shm.h in all executions of a small case that C11's memory allows, with restarts of the writer. */
#define SHM_ATOMIC_OTHER "tests/unit/shm_model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "guests/lib/shm_port.c"

static uint64_t memory[(SHM_LINE + 4U * 16U) / 8U];
static const struct shm_port port = { memory, sizeof(memory), 4, 2 };

static unsigned values, reads; /* how many the writer writes in all its lives, and how often the reader reads */
static unsigned long read_latest, read_older, overrun;
static uint64_t last_read; /* in this execution */

static void writer(unsigned life)
{
    struct shm_writer w;

    model_expect(shm_writer_init(&w, &port) == SHM_OK, "the writer begins");
    while (w.written < values) {
        uint64_t n = w.written + 1U;
        uint64_t value[2] = { (uint64_t)life << 32 | n, ~((uint64_t)life << 32 | n) }; /* its lives differ */

        shm_port_write(&w, value);
    }
}

static void reader(unsigned life)
{
    uint64_t value[2], n = 0;

    (void)life;
    for (unsigned i = 0; i < reads; i++) {
        enum shm_status s = shm_port_read(&port, value, &n);

        overrun += s == SHM_OVERRUN;
        if (s == SHM_OK) {
            model_expect(value[1] == ~value[0], "a value is whole");
            model_expect((uint32_t)value[0] == n, "a value is that of its number");
            model_expect(n >= last_read && n <= values, "the latest value is never older than one that was the latest before");
            last_read = n;
            read_latest += n == values;
            read_older += n != values;
        }
    }
}

static void begin(void)
{
    last_read = 0;
}

static void end(void)
{
}

/* The reader only loads, and may take any value that a word has had: so it may come after all that the writer does. */
static const struct model plain = {
    .body = { writer, reader },
    .begin = begin,
    .end = end,
    .second_after_first = true,
    .limit = 3000000,
};

static void all_is_well(const char *name, const struct model *m)
{
    char why[160];

    read_latest = read_older = overrun = 0;
    bool good = model_run(m, why, sizeof(why));
    printf("%s: %lu executions; the last value in %lu, an older in %lu, overrun in %lu\n", name, model_executions(), read_latest,
           read_older, overrun);
    if (!good) {
        fail_msg("%s, in execution %lu", why, model_executions());
    }
    assert_true(read_latest != 0 && read_older != 0);
}

static void a_value_is_whole(void **state)
{
    (void)state;
    values = 12;
    reads = 2;
    all_is_well("no restart", &plain);
    assert_true(overrun != 0);
}

static void a_writer_that_restarts_tears_nothing(void **state)
{
    struct model m = plain;

    (void)state;
    values = 7;
    reads = 2;
    m.deaths[0] = 1;
    all_is_well("the writer restarts", &m);
}

static void it_notices(const char *what, const struct model *m)
{
    char why[160];

    if (model_run(m, why, sizeof(why))) {
        fail_msg("%s goes unnoticed in %lu executions", what, model_executions());
    }
    printf("%s: execution %lu: %s\n", what, model_executions(), why);
    assert_null(strstr(why, "model:"));
}

static void every_order_is_needed(void **state)
{
    struct model no_release = plain, no_acquire = plain, stored = plain, loaded = plain;

    (void)state;
    values = 6;
    reads = 1;
    no_release.no_release_fence = true;
    no_acquire.no_acquire_fence = true;
    stored.weak_store = memory;
    loaded.weak_load = memory;
    it_notices("no release fence", &no_release);
    it_notices("no acquire fence", &no_acquire);
    it_notices("number stored relaxed", &stored);
    it_notices("number loaded relaxed", &loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_whole),
        cmocka_unit_test(a_writer_that_restarts_tears_nothing),
        cmocka_unit_test(every_order_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
