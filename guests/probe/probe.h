/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe guest runs the tests its boot arguments name ("test=a,b,c") and prints what it got, one fact a
 * line: probe: <test>: <what> = <answer> It judges nothing: the harness on the other side of the console
 * compares. A test that ends the guest comes last.
 */
#ifndef PROBE_H
#define PROBE_H

#include "attempt.h"

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
void test_smp(void);
void test_timer(void);
void test_gic(void);
void test_spin(void);
void test_hvc(void);

#endif
