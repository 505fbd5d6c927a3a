/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROBE_TESTS_H
#define PROBE_TESTS_H

#include "probe.h"

void test_idregs(void);
void test_nosyndrome(void);
void test_calls(void);
void test_sysregs(void);
void test_setway(void);
void test_psci(void);
void test_cpubad(void);
void test_sgi(void);
void test_smp(void);
void test_timer(void);
void test_gic(void);
void test_hvc(void);

#endif
