/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe guest runs the tests its boot arguments name ("test=a,b,c") and prints what it got, one fact a
 * line: probe: <test>: <what> = <answer> It judges nothing: the harness on the other side of the console
 * compares. A test that ends the guest comes last.
 */
#ifndef PROBE_H
#define PROBE_H

#include "attempt.h"

/* The tests, of each ISA its own list. */
struct test {
    const char *name;
    void (*run)(void);
};
extern const struct test tests[];
extern const unsigned nr_tests;

/* Work for a CPU that cpu_start starts; set before. Returning powers that CPU off. */
extern void (*volatile secondary_work)(uint64_t arg);
/* CPU 1; without a hypervisor any but the calling one. */
unsigned other_cpu(void);
/* Waits in bounded time. */
bool wait_state(unsigned cpu, enum cpu_state state);

/* Those that both ISAs have. */
void test_walls(void);
void test_channel(void);
void test_bellcall(void);
void test_bellserve(void);
void test_memory(void);
void test_fetchloop(void);
void test_cpuon(void);
void test_exits(void);
void test_off(void);
void test_reset(void);
void test_spin(void);

#endif
