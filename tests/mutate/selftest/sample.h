/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MUTATE_SAMPLE_H
#define MUTATE_SAMPLE_H

#include <stdbool.h>

enum sample_kind { SAMPLE_SUM, SAMPLE_SHIFT, SAMPLE_KINDS };

/* Used by test_sample.c. */
int sample_used(int a, int b, enum sample_kind kind);
int sample_count(int n);
/* Called by nobody: each mutant of it has to survive. */
int sample_dead(int a, int b);

#endif
