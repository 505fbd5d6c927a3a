/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

int sample_used(int a, int b, enum sample_kind kind)
{
    return kind == SAMPLE_SUM ? a + b : a << b;
}

int sample_count(int n)
{
    int turns = 0;
    while (n > 0) {
        n -= 1;
        turns++;
    }
    return turns;
}

int sample_dead(int a, int b)
{
    return a * b;
}
