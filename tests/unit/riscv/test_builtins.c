/* SPDX-License-Identifier: Apache-2.0 */
/* hv/arch/builtins.c: what counts trailing zeros where the CPU cannot. The names are GCC's own, so that they are others here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seeds.h"

#define memcpy    own_memcpy
#define memmove   own_memmove
#define memset    own_memset
#define memcmp    own_memcmp
#define __ctzdi2  own_ctzdi2
#include "../../../hv/arch/builtins.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef __ctzdi2

/* The lowest set bit decides, whatever is above it. */
static void trailing_zeros_are_counted_whatever_lies_above_the_lowest_bit(void **state)
{
    struct seeds seeds = seeds_of("BUILTINS", 100);

    (void)state;
    for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
        uint64_t above = seed * 0x9e3779b97f4a7c15ULL;

        for (int bit = 0; bit < 64; bit++) {
            uint64_t lowest = 1ULL << bit;

            if (own_ctzdi2((above & (0U - lowest)) | lowest) != bit || own_ctzdi2(lowest) != bit) {
                fail_msg("BUILTINS_SEED=%llu: bit %d", (unsigned long long)seed, bit);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trailing_zeros_are_counted_whatever_lies_above_the_lowest_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
