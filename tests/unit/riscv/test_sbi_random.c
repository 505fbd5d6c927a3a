/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random calls by the harts of two VMs (sbi_steps.c). SBI_SEED=n runs that seed alone, SBI_RUNS=n that many seeds (seeds.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "seeds.h"
#include "steps.h"

#define CALLS 4000U

static uint64_t failed; /* the seed under way; 0: none */

static int tell_seed(void **state)
{
    (void)state;
    if (failed != 0) {
        print_error("SBI_SEED=%lu\n", (unsigned long)failed);
        failed = 0;
    }
    return 0;
}

static unsigned run(uint64_t seed)
{
    unsigned answered = 0;
    steps_seed(seed);
    sbi_steps_begin();
    for (unsigned i = 0; i < CALLS; i++) {
        answered += sbi_step() ? 1U : 0U;
    }
    return answered;
}

static void no_call_goes_beyond_its_registers_and_its_vm(void **state)
{
    (void)state;
    struct seeds s = seeds_of("SBI", 16);
    uint64_t answered = 0;
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        failed = seed;
        answered += run(seed);
    }
    failed = 0;
    assert_true(answered > s.count * CALLS / 64U); /* enough of it was no mistake */
    assert_true(sbi_steps_lives() >= s.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_call_goes_beyond_its_registers_and_its_vm, tell_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
