/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets share: reading a test input, failing, and seeds. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An input as a stream. Beyond its end all is 0. */
struct bytes {
    const uint8_t *at;
    size_t left;
};

uint8_t bytes_u8(struct bytes *b);
uint64_t bytes_u64(struct bytes *b, unsigned n); /* n bytes, little-endian */

/* Reports what does not hold and ends the process so that the fuzzer keeps the input. */
_Noreturn void fuzz_fail(const char *file, int line, const char *what);
#define FUZZ_EXPECT(cond) ((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond))

/* Of each target: the inputs it begins with, one call of `emit` each. */
void fuzz_seeds(void (*emit)(const void *data, size_t size));

/* The fuzzer's entry points. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

#endif
