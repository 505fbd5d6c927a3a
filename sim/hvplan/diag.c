/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: their one format, and the nearest spelling. */
#include "hvplan.h"

#include <stdarg.h>
#include <string.h>

void diag_error(struct diag *d, const char *where, const char *node, const char *fmt, ...)
{
    va_list ap;

    fprintf(d->to, "%s: error: %s: ", where, node);
    va_start(ap, fmt);
    vfprintf(d->to, fmt, ap);
    va_end(ap);
    fputc('\n', d->to);
    d->errors++;
}

#define LONGEST 31U

/* Levenshtein distance of two words of at most LONGEST letters. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[LONGEST + 1U];
    size_t nb = strlen(b);

    for (unsigned j = 0; j <= nb; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; a[i - 1U] != '\0'; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            unsigned best = diagonal + (a[i - 1U] != b[j - 1U]);

            diagonal = row[j];
            best = row[j] + 1U < best ? row[j] + 1U : best;
            row[j] = row[j - 1U] + 1U < best ? row[j - 1U] + 1U : best;
        }
    }
    return row[nb];
}

const char *nearest(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    unsigned best_distance = 4; /* further is a different word */

    if (strlen(word) > LONGEST) {
        return NULL;
    }
    for (; *candidates != NULL; candidates++) {
        if (strlen(*candidates) > LONGEST) {
            continue;
        }
        unsigned n = distance(word, *candidates);

        if (n < best_distance && n < strlen(*candidates)) {
            best = *candidates;
            best_distance = n;
        }
    }
    return best;
}
