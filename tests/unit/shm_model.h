/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory as weak as C11 allows, for guests/lib/shm_*.c, and all that two threads can do in it. It stands in for
 * guests/lib/shm_atomic.h (SHM_ATOMIC_OTHER), so that what runs is the code itself.
 *
 * Atomic words: each keeps all values that it has had. A load takes any that the thread has not already seen a later one of; a
 * release hands on what its thread has seen, an acquire takes it over, fences as C11 7.17.4 says. Plain data is a data race
 * (C11 5.1.2.4p25), which fails, unless what one thread did to it comes before what the other does: so a load that
 * moves behind a later store shows as well. Left out is what needs an atomic load to see a store that depends on itself.
 *
 * model_run() explores all: who goes on before each atomic access, which value each load takes, and, as often as is said, that a
 * thread is ended there and begins its next life. Orders that differ only in the order of accesses that do not
 * concern each other are tried once.
 */
#ifndef SHM_MODEL_H
#define SHM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t shm_word;

enum model_order { MODEL_RELAXED, MODEL_ORDERED };
uint64_t model_load(const shm_word *w, enum model_order o);
void model_store(shm_word *w, uint64_t v, enum model_order o);
void model_fence_release(void);
void model_fence_acquire(void);

static inline uint64_t shm_read(const shm_word *w)
{
    return model_load(w, MODEL_RELAXED);
}

static inline void shm_write(shm_word *w, uint64_t v)
{
    model_store(w, v, MODEL_RELAXED);
}

static inline uint64_t shm_acquire(const shm_word *w)
{
    return model_load(w, MODEL_ORDERED);
}

static inline void shm_publish(shm_word *w, uint64_t v)
{
    model_store(w, v, MODEL_ORDERED);
}

static inline void shm_fence_release(void)
{
    model_fence_release();
}

static inline void shm_fence_acquire(void)
{
    model_fence_acquire();
}

#define MODEL_THREADS 2U

struct model {
    void (*body[MODEL_THREADS])(unsigned life); /* what a thread does in its life 1, 2, ... */
    unsigned deaths[MODEL_THREADS];             /* how often it may be ended */
    void (*begin)(void);                        /* before each execution */
    void (*end)(void);                          /* after each */
    bool second_after_first;                    /* enough if the second only loads: it may take old values anyway */
    const void *plain;                          /* words from here on are plain data */
    size_t plain_bytes;
    /* Seeded defects: an order that is taken away. */
    const void *weak_store, *weak_load;
    bool no_release_fence, no_acquire_fence;
    unsigned long limit; /* of executions */
};

/* True if all executions are as they should be; otherwise `why` says what the first that is not did. */
bool model_run(const struct model *m, char *why, size_t bytes);
unsigned long model_executions(void); /* of the last run */

/* For bodies: plain data, and what has to hold. */
void model_plain_write(void *at, uint64_t v);
uint64_t model_plain_read(const void *at);
void model_expect(bool holds, const char *what);

#endif
