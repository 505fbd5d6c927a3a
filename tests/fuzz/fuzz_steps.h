/* SPDX-License-Identifier: Apache-2.0 */
/* Targets that take tests/unit/riscv/steps.h: what is drawn comes from the input. */
#ifndef TESTS_FUZZ_STEPS_H
#define TESTS_FUZZ_STEPS_H

#include "fuzz.h"

/* Sets steps_draw to the input: 1, 2 or 4 bytes each, by n. Beyond its end draws go on from a fixed seed, so that no step
 * waits for a number that does not come. */
void fuzz_draw_from(const uint8_t *data, size_t size);
bool fuzz_more(void); /* some of the input is left */

/* Inputs without sense, from a few bytes to as many as are read. */
void fuzz_random_seeds(void (*emit)(const void *data, size_t size), unsigned count, size_t longest);

#endif
