/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random accesses by the vCPUs of two VMs to their virtual APLICs, and random levels on the wires (aplic_steps.c).
 * VAPLIC_SEED=n runs that seed alone, VAPLIC_RUNS=n that many seeds (seeds.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "seeds.h"
#include "steps.h"

#define STEPS 1000U

static uint64_t run(uint64_t seed)
{
    steps_seed(seed);
    aplic_steps_begin();
    for (unsigned step = 1; step <= STEPS; step++) {
        (void)snprintf(steps_where, sizeof(steps_where), "VAPLIC_SEED=%llu, step %u", (unsigned long long)seed, step);
        aplic_step();
    }
    return aplic_steps_sent();
}

static void guests_see_the_architecture_and_reach_their_own_files_alone(void **unused)
{
    struct seeds s = seeds_of("VAPLIC", 40);
    uint64_t sent = 0;
    (void)unused;
    for (uint64_t n = s.first; n < s.first + s.count; n++) {
        sent += run(n);
    }
    print_message("%llu MSIs in %llu runs\n", (unsigned long long)sent, (unsigned long long)s.count);
    assert_true(sent > 30U * s.count); /* the draws are such that interrupts do come */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_see_the_architecture_and_reach_their_own_files_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
