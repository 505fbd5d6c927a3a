/* SPDX-License-Identifier: Apache-2.0 */
/* Every op of the machine begins here: it is traced, it may switch CPUs, and it may be the one that fails. */
#include <stdio.h>

#include "sim/internal.h"

#define TRACE_OPS 48U

static struct {
    const char *name;
    unsigned actor;
} trace[TRACE_OPS];
static uint64_t calls;
static uint64_t armed;
static const char *fired;

void sim_fault_reset(void)
{
    calls = 0;
    armed = 0;
    fired = NULL;
}

void sim_fault_arm(uint64_t n)
{
    armed = n;
    fired = NULL;
}

bool sim_fault_fired(void)
{
    return fired != NULL;
}

const char *sim_fault_op(void)
{
    return fired != NULL ? fired : "";
}

uint64_t sim_op_calls(void)
{
    return calls;
}

bool sim_op(const char *name, bool can_fail)
{
    sim_yield();
    trace[calls % TRACE_OPS].name = name;
    trace[calls % TRACE_OPS].actor = sim_actor();
    calls++;
    if (can_fail && armed != 0U && --armed == 0U) {
        fired = name;
        return true;
    }
    return false;
}

void sim_trace_print(void)
{
    uint64_t first = calls > TRACE_OPS ? calls - TRACE_OPS : 0U;
    for (uint64_t i = first; i < calls; i++) {
        fprintf(stderr, "%s%u:%s", i == first ? "sim: last ops: " : " ", trace[i % TRACE_OPS].actor,
                trace[i % TRACE_OPS].name);
    }
    fprintf(stderr, "%s", calls != 0U ? "\n" : "");
}
