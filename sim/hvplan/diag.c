/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: their one format, and the nearest spelling. */
#include "hvplan.h"

#include <stdarg.h>
#include <string.h>

static void say(const struct diag *d, const char *where, const char *kind, const char *node, const char *fmt, va_list ap)
{
    if (d->to == NULL) {
        return;
    }
    fprintf(d->to, "%s: %s: %s: ", where, kind, node);
    vfprintf(d->to, fmt, ap);
    fputc('\n', d->to);
}

void diag_error(struct diag *d, const char *where, const char *node, const char *fmt, ...)
{
    va_list ap;

    d->errors++;
    va_start(ap, fmt);
    say(d, where, "error", node, fmt, ap);
    va_end(ap);
}

void diag_warning(const struct diag *d, const char *where, const char *node, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(d, where, "warning", node, fmt, ap);
    va_end(ap);
}

#define LONGEST 127U

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned n = a < b ? a : b;

    return n < c ? n : c;
}

/* How many letters have to be inserted, removed, changed or swapped with the next one, of words of at most LONGEST. */
static unsigned distance(const char *a, const char *b)
{
    static unsigned row[3][LONGEST + 1U];
    unsigned *before = row[0];
    unsigned *last = row[1];
    unsigned *now = row[2];
    size_t nb = strlen(b);

    for (unsigned j = 0; j <= nb; j++) {
        last[j] = j;
    }
    for (unsigned i = 1; a[i - 1U] != '\0'; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            now[j] = least(last[j] + 1U, now[j - 1U] + 1U, last[j - 1U] + (a[i - 1U] != b[j - 1U]));
            if (i > 1U && j > 1U && a[i - 1U] == b[j - 2U] && a[i - 2U] == b[j - 1U] && before[j - 2U] + 1U < now[j]) {
                now[j] = before[j - 2U] + 1U;
            }
        }
        unsigned *free_row = before;

        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

/* One letter in three at most, and never more than three: further is a different word. */
static unsigned near_enough(const char *word, const char *candidate)
{
    size_t longer = strlen(word) > strlen(candidate) ? strlen(word) : strlen(candidate);
    unsigned limit = longer / 3U > 3U ? 3U : (unsigned)(longer / 3U);

    return limit > 1U ? limit : 1U;
}

const char *nearest(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    const char *begins = NULL;
    unsigned best_distance = 4;

    if (strlen(word) > LONGEST) {
        return NULL;
    }
    for (; *candidates != NULL; candidates++) {
        if (strlen(*candidates) > LONGEST) {
            continue;
        }
        unsigned n = distance(word, *candidates);

        if (n <= near_enough(word, *candidates) && n < best_distance && n < strlen(*candidates)) {
            best = *candidates;
            best_distance = n;
        }
        if (begins == NULL && strlen(word) > 2U && strncmp(word, *candidates, strlen(word)) == 0) {
            begins = *candidates;
        }
    }
    return best != NULL ? best : begins;
}
