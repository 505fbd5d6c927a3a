/* SPDX-License-Identifier: Apache-2.0 */
/* What a CPU reports of its last-level cache, in the boot log beside the plan's cache: a contradiction is a warning, and boot goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/sysreg_enc.h"
#include "system.h"

#define CLIDR  SYSREG_ENC(3, 1, 0, 0, 1)
#define CCSIDR SYSREG_ENC(3, 1, 0, 0, 0)
#define MMFR2  SYSREG_ENC(3, 0, 0, 7, 2)

static const struct {
    bool coloured;
    uint64_t clidr, ccsidr, mmfr2;
    const char *said; /* NULL: nothing */
    unsigned warnings;
} cases[] = {
    {true, 0x0a200023, 0x707fe07a, 0, "[hv] the CPU reports a cache of level 2: 1024 KiB, 16 ways, 64 B lines", 0},
    {true, 0x0a200023, 0x70ffe07a, 0, "[hv] the CPU reports a cache of level 2: 2048 KiB, 16 ways, 64 B lines; warning: not that of the plan", 1},
    {true, 0x0a200023, 0x000003ff0000007a, 1ULL << 20, "level 2: 1024 KiB, 16 ways, 64 B lines", 0},
    {true, 0x0a200023, 0x000007ff0000003a, 1ULL << 20, "level 2: 1024 KiB, 8 ways, 64 B lines; warning: ", 1},
    {true, 0x0a200023, 0x703fe07b, 0, "level 2: 1024 KiB, 16 ways, 128 B lines; warning: ", 1},
    {true, 0x0a200023, 0x70ffe079, 0, "level 2: 1024 KiB, 16 ways, 32 B lines; warning: ", 1},
    {true, 0x0a200023, 0x703fe0fa, 0, "level 2: 1024 KiB, 32 ways, 64 B lines; warning: ", 1},
    {true, 0x0a200023, 0x703fe07a, 0, "level 2: 512 KiB, 16 ways, 64 B lines; warning: ", 1},
    {true, 0x0a200023, ~0ULL, 1ULL << 20, "level 2: 70368744177664 KiB, 2097152 ways, 2048 B lines; warning: ", 1},
    {true, 0, 0x707fe07a, 0, "[hv] the CPU reports no unified cache", 0},
    {false, 0x0a200023, 0x70ffe07a, 0, NULL, 0},
};

static void boots(void *arg)
{
    unsigned i = (unsigned)SEED(arg) - 1U;
    struct system s;

    system_prepare(&s, 1);
    if (cases[i].coloured) {
        plan_fixture_coloured(&s.plan);
        s.machine.coloured = true;
    }
    system_install(&s);
    sim_set_id_reg(CLIDR, cases[i].clidr);
    sim_set_id_reg(CCSIDR, cases[i].ccsidr);
    sim_set_id_reg(MMFR2, cases[i].mmfr2);
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(count_console("the CPU reports") == (cases[i].said != NULL ? 1U : 0U));
    sim_expect(count_console("warning") == cases[i].warnings);
    if (cases[i].said != NULL) {
        expect_console(cases[i].said);
    }
}

static void the_report_is_logged_beside_the_plan_and_a_contradiction_is_a_warning(void **state)
{
    (void)state;
    for (uintptr_t i = 1; i <= ARRAY_SIZE(cases); i++) {
        run_in_child(boots, (void *)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_is_logged_beside_the_plan_and_a_contradiction_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
