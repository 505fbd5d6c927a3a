/* SPDX-License-Identifier: Apache-2.0 */
/* One error forged into a plan (plan_fixture.h), and what plan_validate() must say of it. */
#ifndef TESTS_FORGERY_H
#define TESTS_FORGERY_H

#include <stddef.h>

#include "plan_fixture.h"

#define NONE PLAN_NO_INDEX

/* One change of a 32- or 64-bit field, and the issue it must lead to. */
struct forgery {
    const char *what;
    size_t offset;
    size_t size;
    uint64_t value;
    enum plan_error error;
    uint32_t vm, a, b;
};

#define F(field, val, err, vm, a, b)                                                                         \
    {                                                                                                        \
#field " = " #val, offsetof(struct plan_fixture, field), sizeof(((struct plan_fixture *)0)->field),  \
            (val), (err), (vm), (a), (b)                                                                     \
    }
#define H(field, val, err) F(p.field, val, err, NONE, NONE, NONE)

static inline bool forgery_reported(const struct plan_report *report, const struct forgery *g)
{
    for (uint32_t i = 0; i < report->count && i < ARRAY_SIZE(report->issue); i++) {
        const struct plan_issue *q = &report->issue[i];

        if (q->error == g->error && q->vm == g->vm && q->a == g->a && q->b == g->b) {
            return true;
        }
    }
    return false;
}

#endif
