/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs that trap: none is emulated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/exit.h"
#include "sbi_fixture.h"
#include "vdev/vsysreg.h"

static void a_csr_that_traps_does_not_exist_for_the_guest_which_finds_all_as_it_was(void **state)
{
    (void)state;
    sbi_reset(1, 0, false);
    struct vcpu *v = &sbi_vm->vcpus[0];
    sbi_start(v);
    for (uint32_t csr = 0; csr < 0x1000U; csr++) {
        struct exit e = {.kind = EXIT_SYSREG, .insn_len = 4};
        e.u.sysreg.enc = csr;
        e.u.sysreg.reg = (uint8_t)(csr % 32U);
        e.u.sysreg.write = (csr & 1U) != 0U;
        struct vcpu before = *v;
        assert_int_equal(vsysreg_access(v, &e), EXIT_INJECT_UNDEF);
        assert_memory_equal(&before, v, sizeof(before));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_csr_that_traps_does_not_exist_for_the_guest_which_finds_all_as_it_was),
    };
    return cmocka_run_group_tests_name("vcsr", tests, NULL, NULL);
}
