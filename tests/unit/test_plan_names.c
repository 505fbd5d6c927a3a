/* SPDX-License-Identifier: Apache-2.0 */
/* Names of VMs: what a line of the shared console or of the log begins with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan_fixture.h"

static bool accepted(const char *name)
{
    struct plan_fixture f;
    struct plan_report report;
    plan_fixture_good(&f);
    memset(f.vms[1].name, 0, sizeof(f.vms[1].name));
    memcpy(f.vms[1].name, name, strlen(name) < sizeof(f.vms[1].name) ? strlen(name) : sizeof(f.vms[1].name));
    plan_fixture_seal(&f);
    if (plan_validate(&f, sizeof(f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report) == HV_OK) {
        return true;
    }
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_VM_NAME);
    assert_int_equal(report.issue[0].vm, 1);
    return false;
}

static void a_name_has_the_characters_of_a_node_name_and_begins_with_a_letter(void **state)
{
    char name[3] = "a";
    (void)state;
    assert_true(accepted("a23456789012345"));
    assert_false(accepted("a234567890123456")); /* no room for its end */
    for (unsigned c = 1; c < 256U; c++) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool inside = letter || (c >= '0' && c <= '9') || strchr(",._+-", (int)c) != NULL;
        name[0] = (char)c;
        name[1] = '\0';
        assert_int_equal(accepted(name), letter);
        name[0] = 'a';
        name[1] = (char)c;
        assert_int_equal(accepted(name), inside);
    }
}

/* WALL-CON-1 */
static void no_name_forges_a_prefix(void **state)
{
    static const char *const names[] = { "hv", "", "[hv]", "two][one]", "two] [hv", "a:", "vm one" };
    static const char *const good[] = { "hv1", "h", "hvv", "HV", "v" };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        assert_false(accepted(names[i]));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        assert_true(accepted(good[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_the_characters_of_a_node_name_and_begins_with_a_letter),
        cmocka_unit_test(no_name_forges_a_prefix),
    };
    return cmocka_run_group_tests_name("plan_names", tests, NULL, NULL);
}
