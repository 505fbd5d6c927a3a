/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of guests/lib/shm.h with its two sides, for test_shm*.c. */
#ifndef SHM_FIXTURE_H
#define SHM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guests/lib/shm.h"

#define SLOTS      4U
#define SLOT_BYTES 32U
#define PAYLOAD    24U

/* Of exactly the size that is needed, so that AddressSanitizer sees an access beyond. */
static uint64_t *out, *in;
static struct shm_queue queue;
static struct shm_producer p;
static struct shm_consumer c;

static inline int set_up(void **state)
{
    (void)state;
    out = calloc(1, SHM_LINE + SLOTS * SLOT_BYTES);
    in = calloc(1, SHM_LINE);
    queue = (struct shm_queue){ out, SHM_LINE + SLOTS * SLOT_BYTES, in, SHM_LINE, SLOTS, SLOT_BYTES };
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    free(out);
    free(in);
    return 0;
}

static inline uint64_t word(uint32_t session, uint32_t number)
{
    return (uint64_t)session << 32 | number;
}

static inline enum shm_status put(uint32_t what)
{
    void *at = NULL;
    enum shm_status s = shm_reserve(&p, &at);
    if (s == SHM_OK) {
        memset(at, (int)what, PAYLOAD);
        assert_int_equal(shm_commit(&p, what % (PAYLOAD + 1U)), SHM_OK);
    }
    return s;
}

static inline void peek(uint32_t what)
{
    const void *at = NULL;
    uint32_t length = 0;
    uint8_t wanted[PAYLOAD];
    memset(wanted, (int)what, sizeof(wanted));
    assert_int_equal(shm_peek(&c, &at, &length), SHM_OK);
    assert_int_equal(length, what % (PAYLOAD + 1U));
    assert_memory_equal(at, wanted, PAYLOAD);
}

static inline void take(uint32_t what)
{
    peek(what);
    assert_int_equal(shm_release(&c), SHM_OK);
}

static inline enum shm_status look(void)
{
    const void *at = NULL;
    uint32_t length = 0;
    return shm_peek(&c, &at, &length);
}

static inline void begin(void)
{
    assert_int_equal(shm_producer_init(&p, &queue, 1), SHM_OK);
    assert_int_equal(shm_consumer_init(&c, &queue, 1), SHM_OK);
    assert_int_equal(look(), SHM_NEW_PEER);
    assert_int_equal(look(), SHM_EMPTY);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
