/* SPDX-License-Identifier: Apache-2.0 */
/* The stores of arch_ops.mmu.pte_fill: so many, each a step further, and none beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/pte_run.h"

#define MOST  40U
#define GUARD 0xa5a5a5a5a5a5a5a5ULL

static void a_run_is_so_many_entries_whatever_their_number_and_place(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= MOST; n++) {
        for (unsigned begin = 1; begin <= 8U; begin++) {
            uint64_t table[MOST + 10U];

            for (unsigned i = 0; i < MOST + 10U; i++) {
                table[i] = GUARD;
            }
            pte_run(&table[begin], 0x40000703U, 0x200000U, n);
            for (unsigned i = 0; i < MOST + 10U; i++) {
                assert_int_equal(table[i], i - begin < n ? 0x40000703U + (i - begin) * 0x200000ULL : GUARD);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_so_many_entries_whatever_their_number_and_place),
    };
    return cmocka_run_group_tests_name("pte_run", tests, NULL, NULL);
}
