/* SPDX-License-Identifier: Apache-2.0 */
/* What shm_model.c (executions) and shm_model_memory.c share. */
#ifndef SHM_MODEL_INTERNAL_H
#define SHM_MODEL_INTERNAL_H

#include <ucontext.h>

#include "shm_model.h"

#define LOCS 24U /* words at most */

/* What a thread has seen: of each word up to which value, of each thread up to which of its steps. */
struct view {
    uint8_t at[LOCS];
    uint16_t step[MODEL_THREADS];
};

struct thread {
    struct view seen, taken, handed; /* now; what an acquire fence adds; what relaxed stores hand on since a release fence */
    ucontext_t ctx;
    unsigned life, deaths;
    bool done, dead;
    const void *next; /* its next access; NULL before its first */
    bool next_stores;
};

extern struct model model;
extern struct thread threads[MODEL_THREADS];
extern unsigned current;

/* A choice among 0 .. of - 1. */
unsigned model_choose(unsigned of);
/* Before an access of the current thread: who goes on. */
void model_step(const void *addr, bool stores);
void model_fail(const char *what);
/* All as at boot. */
void model_memory_begin(void);

#endif
