/* SPDX-License-Identifier: Apache-2.0 */
/* How a recorder of an op is written: for trace_ops.c, and for the groups that are an ISA's own (<isa>/trace_isa.c). */
#ifndef TESTS_TRACE_OP_H
#define TESTS_TRACE_OP_H

#include "hv/arch_ops.h"
#include "trace.h"

extern struct arch_ops trace_real; /* what is recorded */
void trace_before(void);           /* at the beginning of each */
uint32_t trace_own(unsigned word); /* bits of a word of the interrupt controller that are the traced VM's */

/* Puts the recorders of the ISA's groups, virq and isa, into the table. */
void trace_isa_ops(struct arch_ops *ops);

#define NAME(group, op) #group "." #op

/* An op that returns nothing, or a number: with its parameters, and what to record of each. */
#define VOID_OP(group, op, params, args, ...)                                                                \
    static void group##_##op params                                                                          \
    {                                                                                                        \
        trace_before();                                                                                         \
        trace_real.group.op args;                                                                                  \
        TRACE(NAME(group, op), __VA_ARGS__);                                                                 \
    }
#define VALUE_OP(type, group, op, params, args, ...)                                                         \
    static type group##_##op params                                                                          \
    {                                                                                                        \
        trace_before();                                                                                         \
        type result = trace_real.group.op args;                                                                    \
        TRACE(NAME(group, op), (uint64_t)result, __VA_ARGS__);                                               \
        return result;                                                                                       \
    }

#endif
