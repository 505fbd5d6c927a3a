/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts at what may fault, and how guests that try things tell what they met. */
#ifndef GUEST_ATTEMPT_H
#define GUEST_ATTEMPT_H

#include "guest.h"

/* What an attempt met: nothing, or the exceptions that stopped it (the last one, and how many). */
struct outcome {
    bool faulted;
    uint64_t cause; /* ESR_EL1 or scause */
    uint64_t addr;  /* FAR_EL1 or stval */
    uint64_t count;
    uint64_t value;
};

/* Runs one access; an exception it takes is recorded and the instruction skipped (a fetch: returned from). Each CPU may
 * attempt for itself. They take fault_handler. */
struct outcome try_read(uint64_t addr, unsigned size);
struct outcome try_write(uint64_t addr, unsigned size, uint64_t value);
struct outcome try_fetch(uint64_t addr);
struct outcome try_call(uint64_t (*fn)(uint64_t arg), uint64_t arg);

/* "<report_guest>: <test>: <what> = 0x<value>" or "... = fault ..." */
extern const char *report_guest;
void report(const char *test, const char *what, struct outcome o);
/* What ends such a line: "fault ec 0x.. fsc 0x.. far 0x..", on RISC-V "fault cause 0x.. tval 0x.." */
void print_fault(struct outcome o);
void report_number(const char *test, const char *what, int64_t value);

/* Waits in bounded time for *word to become value. */
bool wait_for(const volatile uint64_t *word, uint64_t value);

#endif
