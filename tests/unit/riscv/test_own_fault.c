/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of HS level itself in words (hv/arch/riscv/own_fault.c); causes from the privileged architecture 1.13, table
 * 12.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/riscv/own_fault.h"

static const char *const words[] = {
    [0] = "unaligned PC",
    [1] = "fetch of what does not answer",
    [2] = "undefined instruction",
    [3] = "breakpoint instruction",
    [4] = "unaligned read",
    [5] = "read of what does not answer",
    [6] = "unaligned write",
    [7] = "write to what does not answer",
    [12] = "execution of what is not code",
    [13] = "read of an address that is not mapped",
    [15] = "write to an address that is not mapped, or is read-only",
    [19] = "hardware error",
};

static void each_cause_has_its_words(void **state)
{
    (void)state;
    for (uint64_t cause = 0; cause < 64U; cause++) {
        const char *want = cause < ARRAY_SIZE(words) && words[cause] != NULL ? words[cause] : "exception";
        assert_string_equal(own_fault_text(cause, false), want);
        for (unsigned bit = 6; bit < 63U; bit++) {
            assert_string_equal(own_fault_text(cause | (1ULL << bit), false), "exception");
        }
    }
}

/* Of a page that is not mapped: an access to what does not answer is another thing. */
static void a_page_fault_in_a_guard_page_is_a_stack_overflow(void **state)
{
    (void)state;
    for (uint64_t cause = 0; cause < 64U; cause++) {
        if (cause == 13U || cause == 15U) {
            assert_string_equal(own_fault_text(cause, true), "stack overflow");
        } else {
            assert_string_equal(own_fault_text(cause, true), own_fault_text(cause, false));
        }
    }
}

static void an_interrupt_is_told_apart(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 64U; number++) {
        assert_string_equal(own_fault_text((1ULL << 63) | number, false), "interrupt while interrupts are masked");
        assert_string_equal(own_fault_text((1ULL << 63) | number, true), "interrupt while interrupts are masked");
    }
    assert_string_equal(own_fault_text(UINT64_MAX, true), "interrupt while interrupts are masked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_has_its_words),
        cmocka_unit_test(a_page_fault_in_a_guard_page_is_a_stack_overflow),
        cmocka_unit_test(an_interrupt_is_told_apart),
    };
    return cmocka_run_group_tests_name("riscv own_fault", tests, NULL, NULL);
}
