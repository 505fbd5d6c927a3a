/* SPDX-License-Identifier: Apache-2.0 */
/* First registers of a vCPU, and its PC behind an instruction (hv/arch/riscv/vcpu_regs.c): SBI 2.0 9.1, privileged
 * architecture 1.13, 12.1.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/regs.h"

#define A0 10U
#define A1 11U

static void a_vcpu_starts_with_its_hart_id_and_the_argument_and_nothing_else(void **state)
{
    static const uint64_t values[] = {0, 1, 0x80200000, 0xfffffffffffffffeULL};
    (void)state;
    for (unsigned vcpu = 0; vcpu < 8U; vcpu++) {
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            struct vcpu_regs r;
            memset(&r, 0xa5, sizeof(r)); /* what the last life left */
            vcpu_regs_start(&r, vcpu, values[i], ~values[i]);
            assert_int_equal(r.pc, values[i]);
            for (unsigned n = 0; n < 32U; n++) {
                assert_int_equal(r.x[n], n == A0 ? vcpu : n == A1 ? ~values[i] : 0U);
            }
        }
    }
}

/* SPP: SRET enters VS mode. SIE and SPIE clear: interrupts of HS level stay masked while it runs. FS and VS are on, not
 * dirty; UXL 64 bits. SUM and MXR clear: no access of HS level's own to pages of users. */
static void the_first_state_is_supervisor_with_interrupts_masked(void **state)
{
    struct vcpu_regs r;
    (void)state;
    vcpu_regs_start(&r, 3, 0x80000000, 0);
    assert_int_equal(r.pstate, (1ULL << 8) | (1ULL << 13) | (1ULL << 9) | (2ULL << 32));
}

static void skipping_moves_the_pc_and_nothing_else(void **state)
{
    static const unsigned lengths[] = {0, 2, 4};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        struct vcpu_regs r;
        struct vcpu_regs want;
        memset(&r, 0x5a, sizeof(r));
        want = r;
        want.pc += lengths[i];
        vcpu_regs_skip(&r, lengths[i]);
        assert_memory_equal(&r, &want, sizeof(r));
        r.pc = 0xfffffffffffffffeULL;
        vcpu_regs_skip(&r, lengths[i]);
        assert_int_equal(r.pc, 0xfffffffffffffffeULL + lengths[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vcpu_starts_with_its_hart_id_and_the_argument_and_nothing_else),
        cmocka_unit_test(the_first_state_is_supervisor_with_interrupts_masked),
        cmocka_unit_test(skipping_moves_the_pc_and_nothing_else),
    };
    return cmocka_run_group_tests_name("riscv vcpu_regs", tests, NULL, NULL);
}
