/* SPDX-License-Identifier: Apache-2.0 */
/* What the harness's own test runs against the mutants of sample.c. */
#include "sample.h"

int main(void)
{
    return sample_used(3, 2, SAMPLE_SUM) == 5 && sample_used(3, 2, SAMPLE_SHIFT) == 12 && sample_count(4) == 4 ? 0 : 1;
}
