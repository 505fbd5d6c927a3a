/* SPDX-License-Identifier: Apache-2.0 */
/* Traps of registers and instructions that are not the guest's, with syndromes of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/sysreg_enc.h"
#include "system.h"

static void undefined(struct sim_guest *g)
{
    static const uint32_t refused[] = {
        SYSREG_ENC(3, 4, 1, 1, 0),  /* HCR_EL2 */
        SYSREG_ENC(3, 0, 15, 0, 0), /* implementation defined */
        SYSREG_ENC(3, 3, 9, 12, 0), /* PMCR_EL0 */
    };
    uint64_t v = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
        sim_expect(sim_guest_mrs(g, refused[i], &v) == SIM_UNDEF);
        sim_expect(sim_guest_msr(g, refused[i], v) == SIM_UNDEF);
    }
    sim_expect(sim_guest_mrs(g, SYSREG_ENC(3, 0, 0, 4, 0), &v) == SIM_OK); /* ID_AA64PFR0_EL1 */
    sim_expect((v & 0xf0U) != 0U); /* EL1 */
    for (uint64_t ec = 0; ec < 64U; ec++) { /* every exception class, with syndromes that make no sense */
        static const uint64_t iss[] = { 0, 0x1ffffff, 0x0aaaaaa, 0x1555555 };
        for (unsigned i = 0; i < ARRAY_SIZE(iss); i++) {
            bool call = ec == 0x16U || ec == 0x17U;
            if (!call && ec != 0x2fU) { /* SError is not synchronous */
                (void)sim_guest_trap(g, ec << 26 | 1U << 25 | iss[i], 0x1234567812345678, 0xfffffffff0);
            }
        }
    }
    guest_power_off(g);
}

static void absurd(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, undefined, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-CPU-1, WALL-REG-1 */
static void no_syndrome_however_absurd_stops_the_hypervisor(void **state)
{
    (void)state;
    run_on_seeds(absurd, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_syndrome_however_absurd_stops_the_hypervisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
