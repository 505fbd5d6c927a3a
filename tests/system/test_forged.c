/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each error of a plan, forged into the plan of a good system with a good checksum: the hypervisor says what is wrong in one
 * line, and no guest runs. What a forgery means depends on the board: what plan_validate() finds right is left out, which
 * on a GICv3, for which the forgeries are made, is nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hv/board.h"
#include "plan_forgeries.h"
#include "system.h"

struct forged {
    const struct forgery *forgery;
    void (*change)(struct plan_fixture *f); /* of the plan so changed */
};

static void never(struct sim_guest *g)
{
    (void)g;
    sim_fail("a guest ran");
}

/* The plan in the machine's RAM, changed. */
static struct plan_fixture *forge(struct system *s, const struct forged *f)
{
    struct plan_fixture *p;

    system_prepare(s, 1);
    if (f->change != NULL) {
        f->change(&s->plan);
    }
    system_install(s);
    p = (struct plan_fixture *)(void *)sim_ram(s->plan_pa, sizeof(*p));
    memcpy((uint8_t *)p + f->forgery->offset, &f->forgery->value, f->forgery->size);
    if (p->p.length >= sizeof(struct plan) && p->p.length <= sizeof(*p)) {
        plan_fixture_seal(p);
    }
    return p;
}

static void refuse(void *arg)
{
    const struct forged *f = arg;
    struct plan_report report;
    struct system s;
    const struct plan_fixture *p = forge(&s, f);
    char line[256];

    if (plan_validate(p, PLAN_MAX_BYTES, board.name, board.isa, &report) == HV_OK) {
        sim_expect(board.isa != PLAN_ISA_ARMV8 || board.irqc != PLAN_IRQC_GICV3);
        return;
    }
    for (unsigned i = 0; i < 4U; i++) {
        sim_guest_script(i, never, NULL);
    }
    sim_expect(system_boot(&s) == SIM_HALTED);
    snprintf(line, sizeof(line), "stopped: the plan is wrong: %s (vm ", plan_error_text(report.issue[0].error));
    expect_console(line);
    sim_expect(count_console("stopped:") == 1U);
}

/* WALL-BOOT-1 */
static void every_forged_plan_is_refused_before_a_guest_runs(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(forgery_sets); k++) {
        for (size_t i = 0; i < forgery_sets[k].count; i++) {
            struct forged f = {&forgery_sets[k].forgery[i], forgery_sets[k].change};

            run_in_child(refuse, &f);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_forged_plan_is_refused_before_a_guest_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
