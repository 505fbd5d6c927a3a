/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROBE_TESTS_H
#define PROBE_TESTS_H

#include "probe.h"

void test_csrs(void);
void test_sysregs(void);
void test_insns(void);
void test_bellabuse(void);
void test_idwatch(void);
void test_nosyndrome(void);
void test_sbi(void);
void test_calls(void);
void test_cpubad(void);
void test_suspend(void);
void test_dbcn(void);
void test_legacy(void);
void test_ecall(void);
void test_rfence(void);
void test_smp(void);
void test_ipi(void);
void test_msi(void);
void test_timer(void);
void test_uart(void);
void test_irqc(void);
void test_counts(void);
void test_busy(void);

/* Interrupts taken by a hart, of a number below 64, or of an MSI's identity. The handler turns the timer off. */
#define PROBE_HARTS 8U
#define PROBE_IRQS  64U
#define PROBE_IDS   16U
extern volatile uint64_t taken[PROBE_HARTS][PROBE_IRQS];
extern volatile uint64_t taken_msi[PROBE_HARTS][PROBE_IDS];
/* Counting from 0, from now on; false, and a line, if there is no interrupt controller. First hart. */
bool count_interrupts(void);

#endif
