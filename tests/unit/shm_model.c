/* SPDX-License-Identifier: Apache-2.0 */
/* The executions of shm_model.h. An execution is replayed from its choices, the last of which then changes. */
#define _GNU_SOURCE
#include "shm_model_internal.h"

#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#ifdef __SANITIZE_ADDRESS__
#include <dlfcn.h>
#include <sanitizer/asan_interface.h>
#endif

#define CHOICES     400U
#define STACK_BYTES 65536U

struct model model;
struct thread threads[MODEL_THREADS];
unsigned current;
static uint8_t stacks[MODEL_THREADS][STACK_BYTES] __attribute__((aligned(64)));
static ucontext_t host;
static struct {
    uint8_t chosen, of;
} choices[CHOICES];
static unsigned depth, recorded;
static unsigned long executions;
static const char *failure;
static unsigned chosen;  /* who goes on */
static const void *last; /* the last access of all */
static bool last_stores;

unsigned long model_executions(void)
{
    return executions;
}

void model_fail(const char *what)
{
    failure = failure != NULL ? failure : what;
}

void model_expect(bool holds, const char *what)
{
    if (!holds) {
        model_fail(what);
    }
}

unsigned model_choose(unsigned of)
{
    if (of <= 1U || depth == CHOICES) {
        model_expect(of <= 1U, "model: too many choices");
        return 0;
    }
    if (depth == recorded) {
        choices[recorded].chosen = 0;
        choices[recorded].of = (uint8_t)of;
        recorded++;
    }
    return choices[depth++].chosen;
}

/* The next execution's choices; false: there is none. */
static bool next_choices(void)
{
    while (recorded != 0U && choices[recorded - 1U].chosen + 1U == choices[recorded - 1U].of) {
        recorded--;
    }
    if (recorded == 0U) {
        return false;
    }
    choices[recorded - 1U].chosen++;
    return true;
}

/* ---- Who goes on ---- */

/* AddressSanitizer's own swapcontext warns. libc's will do: nothing on these stacks jumps out of them. */
static void change_to(ucontext_t *from, const ucontext_t *to)
{
    int (*swap)(ucontext_t *, const ucontext_t *) = swapcontext;
#ifdef __SANITIZE_ADDRESS__
    static void *symbol;

    if (symbol == NULL) {
        void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);

        symbol = libc != NULL ? dlsym(libc, "swapcontext") : NULL;
    }
    if (symbol != NULL) {
        memcpy(&swap, &symbol, sizeof(swap));
    }
#endif
    (void)swap(from, to);
}

static void leave(void)
{
    change_to(&threads[current].ctx, &host);
}

/* Two accesses concern each other if they are to one word and one stores. */
static bool concern(const struct thread *a, const void *addr, bool stores)
{
    return a->next == NULL || (a->next == addr && (stores || a->next_stores));
}

/*
 * Of accesses of two threads that do not concern each other that of the first comes first: the other order is left out. So
 * behind an access of the second thread the first is a candidate only if its own next access concerns it.
 */
static bool may_follow(unsigned t, const void *addr, bool stores)
{
    const struct thread *o = &threads[t];

    return !o->done && (t == current || t > current || addr == NULL || concern(o, addr, stores));
}

static unsigned pick(const void *addr, bool stores)
{
    unsigned list[MODEL_THREADS];
    unsigned n = 0;

    if (model.second_after_first) {
        return threads[0].done ? 1U : 0U;
    }
    for (unsigned t = 0; t < MODEL_THREADS; t++) {
        if (may_follow(t, addr, stores)) {
            list[n++] = t;
        }
    }
    return n == 0U ? MODEL_THREADS : list[model_choose(n)];
}

/* Before an access of the current thread. */
void model_step(const void *addr, bool stores)
{
    struct thread *me = &threads[current];
    const void *before = me->next != NULL ? last : NULL; /* the first access of a life follows anything */

    if (failure != NULL) {
        me->done = true;
        leave();
    }
    me->next = addr;
    me->next_stores = stores;
    chosen = pick(before, last_stores);
    if (chosen != current) {
        leave();
    }
    if (me->deaths != 0U && model_choose(2) == 1U) {
        me->deaths--;
        me->dead = true;
        chosen = current;
        leave();
    }
    last = addr;
    last_stores = stores;
    me->seen.step[current]++;
}

static void entry(void)
{
    threads[current].seen.step[current]++;
    model.body[current](threads[current].life);
    threads[current].done = true;
    chosen = pick(NULL, false);
    leave();
}

static void begin_life(unsigned t)
{
    struct thread *x = &threads[t];

    x->life++;
    x->dead = false;
    x->next = NULL;
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(stacks[t], STACK_BYTES);
#endif
    (void)getcontext(&x->ctx);
    x->ctx.uc_stack.ss_sp = stacks[t];
    x->ctx.uc_stack.ss_size = STACK_BYTES;
    x->ctx.uc_link = NULL;
    makecontext(&x->ctx, entry, 0);
}

static void execute(void)
{
    model_memory_begin();
    depth = 0;
    memset(threads, 0, sizeof(threads));
    for (unsigned t = 0; t < MODEL_THREADS; t++) {
        threads[t].deaths = model.deaths[t];
        begin_life(t);
    }
    model.begin();
    chosen = pick(NULL, false);
    while (failure == NULL && chosen < MODEL_THREADS) {
        current = chosen;
        change_to(&host, &threads[current].ctx);
        if (threads[current].dead) {
            begin_life(current);
        }
        if (threads[0].done && threads[1].done) {
            model.end();
            break;
        }
    }
}

bool model_run(const struct model *m, char *why, size_t bytes)
{
    model = *m;
    recorded = 0;
    executions = 0;
    failure = NULL;
    do {
        execute();
        executions++;
        if (executions > model.limit) {
            model_fail("model: more executions than the test allows");
        }
    } while (failure == NULL && next_choices());
    (void)snprintf(why, bytes, "%s", failure != NULL ? failure : "");
    return failure == NULL;
}
