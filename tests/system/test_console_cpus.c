/* SPDX-License-Identifier: Apache-2.0 */
/* The CPUs behind the shared console: a VM that hands over from one vCPU to another still hears what is typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "console_guest.h"
#include "core/console.h"

#define HANDLER 0x40000000ULL /* where a vCPU is started; the simulated guest has no code */

static char heard[64];

/* The UART's interrupt is vCPU 1's; a key comes somewhere between CPU_ON and CPU_OFF. */
static void hands_over(struct sim_guest *g)
{
    uart_on(g);
    put32(g, GICD, 0x12);
    put32(g, GICD + 0x084U, 0xffffffff);
    sim_expect(sim_guest_write(g, GICD + 0x6000U + (8U * LINE), 8, 1) == SIM_OK);
    put32(g, GICD + 0x104U, 1U << (LINE % 32U));
    put32(g, IMSC, RX_RT);
    (void)sim_guest_hvc(g, PSCI_CPU_ON, 1, HANDLER, 0);
    sim_type("k");
    (void)sim_guest_hvc(g, PSCI_CPU_OFF, 0, 0, 0);
}

static void takes_over(struct sim_guest *g)
{
    sim_guest_gic_enable(g);
    read_keys(g, heard, "k");
    guest_power_off(g);
}

/* WALL-CON-2 */
static void hand_over(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    system_install(&s);
    sim_guest_script(0, hands_over, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_guest_script(2, takes_over, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void a_key_typed_while_one_vcpu_hands_over_to_another_is_heard(void **state)
{
    (void)state;
    run_on_seeds(hand_over, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_typed_while_one_vcpu_hands_over_to_another_is_heard),
    };
    return cmocka_run_group_tests_name("console_cpus", tests, NULL, NULL);
}
