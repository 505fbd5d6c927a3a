/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe guest runs the tests its boot arguments name ("test=a,b,c") and prints what it got, one fact a
 * line: probe: <test>: <what> = <answer> It judges nothing: the harness on the other side of the console
 * compares. A test that ends the guest comes last.
 */
#ifndef PROBE_H
#define PROBE_H

#include "guest.h"

/* What an attempt met: nothing, or the exception that stopped it. */
struct outcome {
    bool faulted;
    uint64_t esr;
    uint64_t far;
    uint64_t value;
};

/* Runs one access; an exception it takes is recorded and the instruction skipped (a fetch: returned from). */
struct outcome try_read(uint64_t addr, unsigned size);
struct outcome try_write(uint64_t addr, unsigned size, uint64_t value);
struct outcome try_fetch(uint64_t addr);
struct outcome try_call(uint64_t (*fn)(uint64_t arg), uint64_t arg);

/* "probe: <test>: <what> = 0x<value>" or "... = fault ec 0x.. fsc 0x.. far 0x.." */
void report(const char *test, const char *what, struct outcome o);
void report_number(const char *test, const char *what, int64_t value);

/* Waits in bounded time for *word to become value. */
bool wait_for(const volatile uint64_t *word, uint64_t value);

/* Work for a CPU that CPU_ON starts; set before. Returning powers that CPU off. */
extern void (*volatile secondary_work)(uint64_t arg);

void test_idregs(void);
void test_walls(void);
void test_nosyndrome(void);
void test_calls(void);
void test_sysregs(void);
void test_setway(void);
void test_memory(void);
void test_fetchloop(void);
void test_psci(void);
void test_cpubad(void);
void test_cpuon(void);
void test_off(void);
void test_reset(void);
void test_sgi(void);
void test_timer(void);
void test_gic(void);
void test_spin(void);
void test_hvc(void);

#endif
