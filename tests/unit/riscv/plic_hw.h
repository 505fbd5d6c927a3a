/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical PLIC of a test: arch_ops.irqc over gateways, pending bits and one context per CPU, which says so if it
 * is used in a way that loses an interrupt or touches what is not the caller's.
 */
#ifndef TESTS_UNIT_RISCV_PLIC_HW_H
#define TESTS_UNIT_RISCV_PLIC_HW_H

#include "ops_fixture.h"

#define HW_SOURCES 1024U
#define HW_NONE    (-1)
#define HW_VIRTUAL (-2) /* owner: nobody may touch the physical source */

struct plic_hw {
    bool line[HW_SOURCES];
    bool busy[HW_SOURCES];       /* the gateway has forwarded, and waits for the completion */
    bool ip[HW_SOURCES];
    bool enable[RV_CPUS][HW_SOURCES];
    unsigned route[HW_SOURCES];  /* the CPU that set() and clear() of enables are about */
    int claimed_by[HW_SOURCES];  /* CPU or HW_NONE */
    bool transit[HW_SOURCES];    /* claimed, but the virtual PLIC has not been told yet */
    unsigned completions[HW_SOURCES];
    int owner[HW_SOURCES];       /* VM, HW_NONE or HW_VIRTUAL */
    int vm_of_cpu[RV_CPUS];  /* VM or HW_NONE */
    unsigned routings;
};

extern struct plic_hw hw;

/* Fails the test, and says where (steps.h). */
void hw_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* After rv_reset(): replaces ops of arch_ops.irqc; no source is anybody's. */
void hw_reset(void);

/* A device's line. */
void hw_line(unsigned source, bool level);

#endif
