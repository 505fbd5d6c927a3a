/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate() and how many there may be of what one VM, or one interrupt controller, has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plan_fixture.h"

static struct {
    struct plan_fixture f;
    struct plan_cpu cpus[HV_MAX_CPUS];
    struct plan_image images[VM_MAX_IMAGES + 2U];
} large;
static struct plan_report report;

static enum hv_status validate(void)
{
    large.f.p.length = sizeof(large);
    plan_fixture_seal(&large.f);
    return plan_validate(&large, sizeof(large), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report);
}

static void have_cpus(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        large.cpus[i] = (struct plan_cpu){.hw_id = i};
    }
    large.f.p.cpus = (struct plan_table){(uint32_t)offsetof(__typeof__(large), cpus), n};
}

/* A block of a restart holds the pieces of them all, on the stack. */
static void a_vm_has_no_more_images_than_its_restart_has_room_for(void **state)
{
    (void)state;
    for (uint32_t n = VM_MAX_IMAGES; n <= VM_MAX_IMAGES + 1U; n++) {
        memset(&large, 0, sizeof(large));
        plan_fixture_good(&large.f);
        for (uint32_t i = 0; i < n; i++) {
            large.images[i] = large.f.images[0];
        }
        large.images[n] = large.f.images[2];
        large.f.vms[0].nr_images = n;
        large.f.vms[1].first_image = n;
        large.f.p.images = (struct plan_table){(uint32_t)offsetof(__typeof__(large), images), n + 1U};
        assert_int_equal(validate(), n <= VM_MAX_IMAGES ? HV_OK : HV_ERR_INVAL);
    }
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_COUNT);
    assert_int_equal(report.issue[0].vm, 0);
}

static void a_gicv2_has_eight_cpus_and_a_gicv3_as_many_as_the_image(void **state)
{
    (void)state;
    memset(&large, 0, sizeof(large));
    plan_fixture_good(&large.f);
    have_cpus(HV_MAX_CPUS);
    assert_int_equal(validate(), HV_OK);
    plan_fixture_gicv2(&large.f);
    assert_int_equal(validate(), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_FIELD);
    have_cpus(8);
    assert_int_equal(validate(), HV_OK);
    have_cpus(9);
    assert_int_equal(validate(), HV_ERR_INVAL);
}

static void no_two_vms_have_a_cpu_whichever_it_is(void **state)
{
    (void)state;
    for (uint32_t cpu = 3; cpu < HV_MAX_CPUS; cpu++) {
        memset(&large, 0, sizeof(large));
        plan_fixture_good(&large.f);
        have_cpus(HV_MAX_CPUS);
        large.f.vms[0].cpus[1] = cpu;
        assert_int_equal(validate(), HV_OK);
        large.f.vms[1].cpus[0] = cpu;
        assert_int_equal(validate(), HV_ERR_INVAL);
        assert_int_equal(report.count, 1);
        assert_int_equal(report.issue[0].error, PLAN_E_CPU_TWICE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vm_has_no_more_images_than_its_restart_has_room_for),
        cmocka_unit_test(a_gicv2_has_eight_cpus_and_a_gicv3_as_many_as_the_image),
        cmocka_unit_test(no_two_vms_have_a_cpu_whichever_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
