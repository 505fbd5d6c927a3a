/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which exits are calls, by the syndrome alone. Part of exit_decode(), and apart, in line, so that the most frequent exits are decoded
 * without memory. PURE.
 */
#ifndef HV_EXIT_CALL_H
#define HV_EXIT_CALL_H

#include "hv/exit.h"

/* What answers calls that are no constants has a stack, which no other frequent exit needs. */
#define EXIT_CALL_APART __attribute__((noinline))

struct exit_call {
    enum exit_kind kind;
    uint16_t imm;
    uint8_t insn_len;
};

/* True if scause is that of an ECALL from VS mode (privileged architecture 1.13, table 18.2). */
static inline bool exit_is_call(uint64_t scause, struct exit_call *out)
{
    out->kind = EXIT_HYPERCALL;
    out->imm = 0;
    out->insn_len = 4;
    return scause == 10U;
}

/* Of no access scause alone tells enough (htinst, or the instruction itself, has to be read). */
static inline bool exit_is_word(uint64_t scause)
{
    (void)scause;
    return false;
}

static inline struct exit_word exit_word_of(const struct exit_raw *raw)
{
    (void)raw;
    return (struct exit_word){0};
}

/* IPIs are sent by calls, or by a file of the guest's own. */
static inline bool exit_is_send(uint64_t scause)
{
    (void)scause;
    return false;
}

static inline struct exit_send exit_send_of(uint64_t scause)
{
    (void)scause;
    return (struct exit_send){0};
}

#endif
