/* SPDX-License-Identifier: Apache-2.0 */
/* The shared console in a plan: each thing that can be wrong with it is found, by its name and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "forgery.h"

static const struct forgery forgeries[] = {
    F(p.htimer_irq, 15, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.htimer_irq, 32, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.htimer_irq, 25, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.htimer_irq, 27, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.htimer_irq, 30, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.reserved, 1, PLAN_E_FIELD, NONE, NONE, NONE),
    F(p.console_cpu, 4, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_cpu, 0xffffffff, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_irq, 0, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_irq, 31, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_irq, 64, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_irq, 0xffffffff, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_irq, 40, PLAN_E_CONSOLE_GIVEN, NONE, NONE, 1),
    F(p.console_size, 0, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_size, 0x800, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_size, UINT64_MAX & ~0xfffULL, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_base, 0x09000800, PLAN_E_CONSOLE, NONE, NONE, NONE),
    F(p.console_size, 0x51000, PLAN_E_CONSOLE_GIVEN, NONE, 2, NONE),
    F(regions[2].pa, 0x09000000, PLAN_E_CONSOLE_GIVEN, NONE, 2, NONE),
    F(irqs[0].intid, 33, PLAN_E_CONSOLE_GIVEN, NONE, NONE, 0),
    F(irqs[0].intid, 33, PLAN_E_VUART, 0, NONE, 0),
    F(vms[1].vuart_irq, 0, PLAN_E_FIELD, 1, NONE, NONE),
    F(vms[1].vuart_irq, 31, PLAN_E_VUART, 1, NONE, NONE),
    F(vms[1].vuart_irq, 64, PLAN_E_VUART, 1, NONE, NONE),
    F(vms[1].vuart_irq, 41, PLAN_E_VUART, 1, NONE, 2),
    F(vms[1].reserved_vuart, 1, PLAN_E_FIELD, 1, NONE, NONE),
    F(vms[1].vuart_ipa, 0x09000010, PLAN_E_REGION_IPA_BITS, 1, NONE, NONE),
    F(vms[1].vuart_ipa, UINT64_MAX & ~0xfffULL, PLAN_E_REGION_IPA_BITS, 1, NONE, NONE),
    F(vms[1].vuart_ipa, 0x80000000, PLAN_E_REGION_IPA_BITS, 1, NONE, NONE),
    F(vms[0].vuart_ipa, 0x40001000, PLAN_E_VUART, 0, 0, NONE),
    F(vms[0].vuart_ipa, 0x09050000, PLAN_E_VUART, 0, 2, NONE),
    F(vms[0].vuart_ipa, 0x0800f000, PLAN_E_VUART, 0, NONE, NONE),
    F(vms[0].vuart_ipa, 0x080df000, PLAN_E_VUART, 0, NONE, NONE),
};

static struct plan_report report;

static enum hv_status validate(const struct plan_fixture *f)
{
    return plan_validate(&f->p, sizeof(*f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report);
}

/* WALL-BOOT-1 */
static void every_forged_error_of_the_shared_console_is_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(forgeries); i++) {
        const struct forgery *g = &forgeries[i];
        struct plan_fixture f;

        plan_fixture_shared(&f);
        memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
        plan_fixture_seal(&f);
        enum hv_status st = validate(&f);

        if (st == HV_OK || !forgery_reported(&report, g)) {
            fail_msg("%s: status %d, %u issues, first %d (vm %u, %u, %u), expected %d", g->what, st,
                     report.count, report.issue[0].error, report.issue[0].vm, report.issue[0].a,
                     report.issue[0].b, g->error);
        }
    }
}

static void a_good_shared_console_is_accepted_for_all_or_some_of_the_vms(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_shared(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.p.console_cpu = 1; /* one that runs a vCPU */
    f.vms[0].vuart_ipa = 0;
    f.vms[0].vuart_irq = 0;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.vms[1].vuart_ipa = 0x0a000000; /* anywhere, and the physical interrupt may be another VM's */
    f.vms[1].vuart_irq = 50;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
}

static void what_serves_a_console_that_nobody_shares_is_refused(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3U; i++) {
        struct plan_fixture f;

        plan_fixture_good(&f);
        f.p.console_size = i == 0U ? 0x1000U : 0U;
        f.p.console_irq = i == 1U ? 50U : 0U;
        f.p.console_cpu = i == 2U ? 3U : 0U;
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), HV_ERR_INVAL);
        assert_int_equal(report.issue[0].error, PLAN_E_FIELD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_forged_error_of_the_shared_console_is_reported),
        cmocka_unit_test(a_good_shared_console_is_accepted_for_all_or_some_of_the_vms),
        cmocka_unit_test(what_serves_a_console_that_nobody_shares_is_refused),
    };
    return cmocka_run_group_tests_name("plan_console", tests, NULL, NULL);
}
