/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of EL2 itself in words (hv/arch/armv8/own_fault.c); syndromes written out from DDI 0487 D24.2.41. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/armv8/own_fault.h"

static void each_syndrome_has_its_words(void **state)
{
    static const struct {
        uint64_t vector, esr;
        bool guard;
        const char *text;
    } cases[] = {
        { 4, 0x96000047, true, "stack overflow" },
        { 4, 0x96000007, true, "stack overflow" },
        { 4, 0x96000047, false, "write to an address that is not mapped" },
        { 4, 0x96000004, false, "read of an address that is not mapped" },
        { 4, 0x9600004f, false, "write to what is read-only" },
        { 4, 0x9600004f, true, "write to what is read-only" }, /* a guard page is not mapped, so this is none */
        { 4, 0x9600000f, false, "data abort" },
        { 4, 0x96000061, false, "unaligned access" },
        { 4, 0x96000010, false, "external abort" },
        { 4, 0x96000000, false, "data abort" }, /* address size */
        { 4, 0x96000035, false, "data abort" }, /* IMPLEMENTATION DEFINED */
        { 4, 0x86000006, false, "execution of an address that is not mapped" },
        { 4, 0x86000006, true, "execution of an address that is not mapped" },
        { 4, 0x8600000f, false, "execution of what is not code" },
        { 4, 0x86000010, false, "instruction abort" },
        { 4, 0x02000000, false, "undefined instruction" },
        { 4, 0x8a000000, false, "unaligned PC" },
        { 4, 0x9a000000, false, "unaligned stack pointer" },
        { 4, 0xf20003e8, false, "breakpoint instruction" },
        { 4, 0xffffffffffffffffULL, true, "exception" },
        { 4, 0x92000047, false, "exception" }, /* a data abort from below is not this exception level's own */
        { 5, 0x96000047, true, "interrupt while interrupts are masked" }, /* ESR_EL2 is an old one */
        { 6, 0, false, "interrupt while interrupts are masked" },
        { 7, 0xbe000000, false, "SError" },
        { UINT64_MAX, 0, false, "interrupt while interrupts are masked" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(own_fault_text(cases[i].vector, cases[i].esr, cases[i].guard), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_syndrome_has_its_words),
    };
    return cmocka_run_group_tests_name("own_fault", tests, NULL, NULL);
}
