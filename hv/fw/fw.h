/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest may ask of firmware and hypervisor: SMCCC + PSCI on Armv8, SBI on RISC-V. One of the two is linked. */
#ifndef HV_FW_FW_H
#define HV_FW_FW_H

#include "core/vcpu.h"

/* Handles EXIT_HYPERCALL and EXIT_FIRMWARE: arguments and results are in v->regs; imm is that of the HVC or SMC, 0 on RISC-V. The
 * vCPU may be OFF afterwards, or its VM stopping (exit.c looks). Never fails: what is not known is answered NOT_SUPPORTED. */
enum exit_action fw_call(struct vcpu *v, uint16_t imm);

/* What is answered by a constant, and so needs no stack: true. False, and nothing done: fw_call() has to be asked. */
bool fw_constant(struct vcpu *v, uint16_t imm);

#endif
