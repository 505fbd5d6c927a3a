/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random steps (vgic_steps.h) against the reference model, at 1, 4 and 16 list registers.
 *
 * VGIC_SEED=n runs that seed alone, VGIC_RUNS=n that many seeds (seeds.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "seeds.h"
#include "vgic_steps.h"

#define STEPS 600U

static uint64_t draw(uint64_t n)
{
    return n == 0U ? sim_random() : sim_random() % n;
}

static void run_all(unsigned lrs, bool v2)
{
    struct seeds s = seeds_of("VGIC", 60);
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        steps_run(&(struct steps){ .nr_lrs = lrs, .v2 = v2, .seed = seed, .count = STEPS, .draw = draw });
    }
}

static void guest_sees_the_architecture_with_1_list_register(void **state)
{
    (void)state;
    run_all(1, false);
}

static void guest_sees_the_architecture_with_4_list_registers(void **state)
{
    (void)state;
    run_all(4, false);
}

static void guest_sees_the_architecture_with_16_list_registers(void **state)
{
    (void)state;
    run_all(16, false);
}

static void guest_sees_a_gicv2_with_1_list_register(void **state)
{
    (void)state;
    run_all(1, true);
}

static void guest_sees_a_gicv2_with_4_list_registers(void **state)
{
    (void)state;
    run_all(4, true);
}

static void guest_sees_a_gicv2_with_16_list_registers(void **state)
{
    (void)state;
    run_all(16, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_sees_the_architecture_with_1_list_register),
        cmocka_unit_test(guest_sees_the_architecture_with_4_list_registers),
        cmocka_unit_test(guest_sees_the_architecture_with_16_list_registers),
        cmocka_unit_test(guest_sees_a_gicv2_with_1_list_register),
        cmocka_unit_test(guest_sees_a_gicv2_with_4_list_registers),
        cmocka_unit_test(guest_sees_a_gicv2_with_16_list_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
