/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random steps of two VMs with virtual PLICs (plic_steps.c).
 * VPLIC_SEED=n runs that seed alone, VPLIC_RUNS=n that many seeds (seeds.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "seeds.h"
#include "steps.h"

#define STEPS 400U

static void begin(uint64_t seed)
{
    steps_seed(seed);
    (void)snprintf(steps_where, sizeof(steps_where), "VPLIC_SEED=%lu, setup", (unsigned long)seed);
}

static void guests_see_a_plic(void **state)
{
    struct seeds seeds = seeds_of("VPLIC", 500);
    (void)state;
    for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
        begin(seed);
        plic_steps_begin();
        for (unsigned n = 0; n < STEPS; n++) {
            (void)snprintf(steps_where, sizeof(steps_where), "VPLIC_SEED=%lu, step %u", (unsigned long)seed, n);
            plic_step(n % 50U == 0U);
        }
    }
}

static void nothing_is_lost_whenever_cpus_look(void **state)
{
    struct seeds seeds = seeds_of("VPLIC", 300);
    (void)state;
    for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
        begin(seed);
        plic_late_begin();
        for (unsigned n = 0; n < 2U * STEPS; n++) {
            (void)snprintf(steps_where, sizeof(steps_where), "VPLIC_SEED=%lu, late step %u", (unsigned long)seed, n);
            plic_late_step();
        }
        plic_late_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_see_a_plic),
        cmocka_unit_test(nothing_is_lost_whenever_cpus_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
