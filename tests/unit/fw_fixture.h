/* SPDX-License-Identifier: Apache-2.0 */
/* One VM with a few vCPUs and memory, and ops that count, for the firmware and system-register tests. */
#ifndef TESTS_FW_FIXTURE_H
#define TESTS_FW_FIXTURE_H

#include "core/lifecycle.h"
#include "hv/plan.h"

#define FW_ENTRY  0x40080000ULL /* first byte of executable RAM */
#define FW_SIZE   0x00200000ULL
#define FW_DATA   0x50000000ULL /* RAM without the right to execute */
#define FW_DEVICE 0x09000000ULL /* device memory */

#define fw_vm (&vms[0])
extern unsigned fw_waits;             /* calls of cpu.wait */
extern unsigned fw_ipis[HV_MAX_CPUS]; /* calls of irqc.send_ipi */
extern bool fw_virq_pending;          /* what list register 0 says */

/* All vCPUs OFF; the ops replaced. */
void fw_reset(unsigned nr_vcpus);

/* Starts vCPU 0 as the boot code does. */
void fw_boot(void);

/* One HVC (or SMC) of a vCPU with the given registers; answers what exit.c is told. */
enum exit_action fw_invoke(struct vcpu *v, bool smc, uint16_t imm, uint64_t x0, uint64_t x1, uint64_t x2,
                           uint64_t x3);

#endif
