/* SPDX-License-Identifier: Apache-2.0 */
/* The sum of images and plans. What it finds, and why it is made so: hv/plan.h. */
#include "hv/plan.h"

#define K 0x9e3779b97f4a7c15ULL /* odd, and 5 modulo 8 */
#define FOLD 32U

void plan_sum_start(struct plan_summing *s)
{
    s->words = 0;
    for (unsigned i = 0; i < PLAN_SUM_LANES; i++) {
        s->lane[i] = i + 1U; /* so that leading zeros count */
    }
}

/* Words of one row, from where the last ended. */
static void add_words(struct plan_summing *s, const uint64_t *word, uint64_t n)
{
    uint64_t *h = &s->lane[s->words % PLAN_SUM_LANES];

    for (uint64_t i = 0; i != n; i++) {
        h[i] = h[i] * K + word[i];
    }
    s->words += n;
}

#define ROW  PLAN_SUM_LANES
#define ROWS 4U

/* A word of each of two lanes that stand side by side. */
static inline __attribute__((always_inline)) void add_two(uint64_t *h, const uint64_t *word)
{
    uint64_t first = word[0];
    uint64_t second = word[1];

    h[0] = h[0] * K + first;
    h[1] = h[1] * K + second;
}

static inline __attribute__((always_inline)) void add_row(uint64_t h[PLAN_SUM_LANES], const uint64_t *word)
{
    add_two(h, word);
    add_two(&h[2], &word[2]);
    add_two(&h[4], &word[4]);
    add_two(&h[6], &word[6]);
}

/* The whole hypervisor goes through here at boot: by hand, since in link-time optimisation the compiler forgets that it was told to
 * unroll, and on a copy, so that the lanes are in registers. The fence is the compiler's alone: there are registers for the words of
 * two rows, and those of more are not loaded two at a time. (So it is with what is counted behind the loop instead of in it.) */
static void add_rows(struct plan_summing *s, const uint64_t *from, const uint64_t *end)
{
    struct plan_summing t = *s;
    const uint64_t *word = from;

    do { /* at least once */
        add_row(t.lane, word);
        add_row(t.lane, &word[ROW]);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        add_row(t.lane, &word[(size_t)2 * ROW]);
        add_row(t.lane, &word[(size_t)3 * ROW]);
        word = &word[(size_t)ROWS * ROW];
        t.words += (uint64_t)ROWS * ROW;
    } while (word != end);
    *s = t;
}

/* What is no whole turn of add_rows(). */
static void add_rest(struct plan_summing *s, const uint64_t *from, uint64_t n)
{
    const uint64_t *word = from;
    uint64_t left = n;

    for (; left >= ROW; left -= ROW) {
        add_row(s->lane, word);
        s->words += ROW;
        word = &word[ROW];
    }
    add_words(s, word, left);
}

void plan_sum_more(struct plan_summing *s, const void *p, uint64_t bytes)
{
    const uint64_t *word = p;
    uint64_t n = bytes / sizeof(*word);
    uint64_t head = (ROW - s->words % ROW) % ROW; /* up to where a row begins */

    head = head < n ? head : n;
    uint64_t whole = (n - head) & ~(uint64_t)(ROWS * ROW - 1U);

    add_words(s, word, head);
    if (whole != 0U) {
        add_rows(s, &word[head], &word[head + whole]);
    }
    add_rest(s, &word[head + whole], n - head - whole);
}

struct plan_sum plan_sum_end(const struct plan_summing *s)
{
    uint64_t half[2] = {s->words, ~s->words};

    for (unsigned i = 0; i < PLAN_SUM_LANES; i++) {
        uint64_t h = (half[i % 2U] ^ s->lane[i]) * K;

        half[i % 2U] = h ^ h >> FOLD;
    }
    return (struct plan_sum){half[0], half[1]};
}

struct plan_sum plan_sum_words(const void *p, uint64_t bytes)
{
    struct plan_summing s;

    plan_sum_start(&s);
    plan_sum_more(&s, p, bytes);
    return plan_sum_end(&s);
}

struct plan_sum plan_sum_self(const struct plan *p)
{
    static const struct plan_sum zero;
    const uint64_t before = offsetof(struct plan, sum);
    const uint64_t after = before + sizeof(p->sum);
    struct plan_summing s;

    plan_sum_start(&s);
    plan_sum_more(&s, p, before);
    plan_sum_more(&s, &zero, sizeof(zero));
    plan_sum_more(&s, &((const uint8_t *)p)[after], p->length - after);
    return plan_sum_end(&s);
}
