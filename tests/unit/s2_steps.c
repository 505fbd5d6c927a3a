/* SPDX-License-Identifier: Apache-2.0 */
#include "s2_steps.h"

#include <stdio.h>
#include <string.h>

#include "memory_fixture.h"
#include "system_walk.h"

#define POOL       0x40220000ULL
#define MAX_PIECES WALKER_MAX_GRANTS

static struct walker_grant piece[MAX_PIECES]; /* what is mapped */
static unsigned nr_pieces;
static char why[WALKER_ERROR + 64U];

/* Bytes of [ipa, ipa + size) that are mapped. */
static uint64_t mapped(uint64_t ipa, uint64_t size)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < nr_pieces; i++) {
        uint64_t end = piece[i].ipa + piece[i].size;
        uint64_t from = ipa > piece[i].ipa ? ipa : piece[i].ipa, to = ipa + size < end ? ipa + size : end;

        sum += from < to ? to - from : 0U;
    }
    return sum;
}

static void add(struct walker_grant g)
{
    if (g.size != 0U) {
        piece[nr_pieces++] = g;
    }
}

static void take_away(uint64_t ipa, uint64_t size)
{
    struct walker_grant old[MAX_PIECES];
    unsigned n = nr_pieces;

    memcpy(old, piece, sizeof(old));
    nr_pieces = 0;
    for (unsigned i = 0; i < n; i++) {
        struct walker_grant low = old[i], high = old[i];
        uint64_t end = old[i].ipa + old[i].size;

        if (end <= ipa || old[i].ipa >= ipa + size) {
            add(old[i]);
            continue;
        }
        low.size = ipa > low.ipa ? ipa - low.ipa : 0U;
        add(low);
        high.ipa = ipa + size;
        high.pa += high.ipa - old[i].ipa;
        high.size = end > high.ipa ? end - high.ipa : 0U;
        add(high);
    }
}

static enum hv_status wanted(const struct s2 *t, const struct s2_step *p)
{
    uint64_t limit = 1ULL << t->geo.ipa_bits;

    if (p->ipa >= limit || p->size > limit - p->ipa) {
        return HV_ERR_RANGE;
    }
    if (p->map) {
        return mapped(p->ipa, p->size) != 0U ? HV_ERR_OVERLAP : HV_OK;
    }
    return mapped(p->ipa, p->size) != p->size ? HV_ERR_NOENT : HV_OK;
}

/* Of the last level and the one before, and of those above: as many as a step can take. */
static uint64_t tables_for(const struct s2_step *p)
{
    return p->map ? p->size / SZ_2M + p->size / SZ_1G + 8U : 6U;
}

static bool step(struct s2_steps *s, struct s2 *t, const struct s2_step *p)
{
    enum hv_status want = wanted(t, p);
    uint64_t left = t->pool->total - t->pool->used;
    enum hv_status is = p->map ? s2_map(t, IPA(p->ipa), PA(p->pa), p->size, p->mem, p->rights) : s2_unmap(t, IPA(p->ipa), p->size);

    s->seen[p->map ? 1 : 0][is]++;
    if (is != want && !(is == HV_ERR_NOMEM && want == HV_OK && left < tables_for(p))) {
        snprintf(why, sizeof(why), "answers %d instead of %d", (int)is, (int)want);
        return false;
    }
    if (is == HV_OK && p->map) {
        add((struct walker_grant){p->ipa, p->pa, p->size, (p->rights & S2_R) != 0U, (p->rights & S2_W) != 0U, (p->rights & S2_X) != 0U,
                                  p->mem == S2_MEM_NORMAL ? WALKER_NORMAL_WB : WALKER_DEVICE, 0, NULL});
    } else if (is == HV_OK) {
        take_away(p->ipa, p->size);
    } else {
        /* nothing has changed */
    }
    return true;
}

static bool audit(const struct s2 *t)
{
    struct system_tree w = {.read = memory_read, .hw = t->hw, .ipa_bits = t->geo.ipa_bits, .vmid = 1, .tables_base = POOL,
                            .tables_size = t->pool->total * PAGE_SIZE};

    if (!system_walk(&w, piece, nr_pieces)) {
        snprintf(why, sizeof(why), "the walker: %s", w.error);
        return false;
    }
    return true;
}

const char *s2_steps_run(struct s2_steps *s, const struct s2_step *steps, unsigned n, unsigned *at)
{
    struct pages pool;
    struct s2 tree;

    memory_reset(POOL, s->pages);
    nr_pieces = 0;
    *at = 0;
    if (pages_init(&pool, PA(POOL), s->pages) != HV_OK || s2_init(&tree, &pool, s->ipa_bits, s->pa_bits, VMID(1)) != HV_OK) {
        return "no tree could be begun";
    }
    for (; *at < n && nr_pieces < MAX_PIECES - 2U; (*at)++) {
        if (!step(s, &tree, &steps[*at]) || ((s->audit_each || *at + 1U == n) && !audit(&tree))) {
            return why;
        }
    }
    return NULL;
}

unsigned s2_steps_shrink(struct s2_step *steps, unsigned n, bool (*fails)(void *ctx, const struct s2_step *steps, unsigned n), void *ctx)
{
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (unsigned i = n; i-- > 0U;) {
            struct s2_step was = steps[i];

            memmove(&steps[i], &steps[i + 1U], (n - i - 1U) * sizeof(*steps));
            if (fails(ctx, steps, n - 1U)) {
                n--;
                smaller = true;
                continue;
            }
            memmove(&steps[i + 1U], &steps[i], (n - i - 1U) * sizeof(*steps));
            steps[i] = was;
            const uint64_t sizes[] = {align_down(was.size / 2U, PAGE_SIZE), was.size - PAGE_SIZE};

            for (unsigned k = 0; k < 2U && steps[i].size == was.size; k++) {
                steps[i].size = sizes[k] != 0U ? sizes[k] : was.size;
                if (steps[i].size != was.size && fails(ctx, steps, n)) {
                    smaller = true;
                } else {
                    steps[i].size = was.size;
                }
            }
        }
    }
    return n;
}
