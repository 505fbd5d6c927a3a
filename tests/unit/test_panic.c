/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways the hypervisor itself ends: one line that names CPU and cause, and then nothing more, ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/log.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "hv/check.h"

static char console[512];
static unsigned halts;
static jmp_buf ended;

static bool take(char c)
{
    size_t n = strlen(console);
    assert_true(n + 1U < sizeof(console));
    console[n] = c;
    console[n + 1U] = '\0';
    return true;
}

static unsigned third(void)
{
    return 3;
}

static void halt(void)
{
    if (++halts == 3U) { /* an op that returns is called again */
        longjmp(ended, 1);
    }
}

static int setup(void **state)
{
    (void)state;
    arch_ops.console.try_putc = take;
    arch_ops.cpu.id = third;
    arch_ops.cpu.halt = halt;
    console[0] = '\0';
    halts = 0;
    return 0;
}

static void a_failed_check_names_cpu_condition_and_place_and_halts_for_good(void **state)
{
    (void)state;
    if (setjmp(ended) == 0) {
        hv_panic("hv/core/x.c", 42, "a == b");
    }
    assert_string_equal(console, "[hv] panic: cpu 3: CHECK failed: a == b (hv/core/x.c:42)\r\n");
    assert_int_equal(halts, 3);
}

static void a_fault_of_its_own_names_cpu_cause_and_place_and_halts_for_good(void **state)
{
    (void)state;
    if (setjmp(ended) == 0) {
        hv_own_fault("stack overflow", 0x96000047, 0x4040200000, 0xdead0000);
    }
    assert_string_equal(console, "[hv] panic: cpu 3: own fault: stack overflow: syndrome 0x96000047 pc 0x4040200000 "
                                 "address 0xdead0000\r\n");
    assert_int_equal(halts, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_failed_check_names_cpu_condition_and_place_and_halts_for_good, setup),
        cmocka_unit_test_setup(a_fault_of_its_own_names_cpu_cause_and_place_and_halts_for_good, setup),
    };
    return cmocka_run_group_tests_name("panic", tests, NULL, NULL);
}
