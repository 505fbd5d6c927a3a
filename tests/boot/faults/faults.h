/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of the hypervisor's own, on command: what a guest asks for by HVC with FAULT_CALL + one of these in
 * x0, or by ECALL with it in a7, where calls have their numbers. Only the image `make BUILD=debug faults` has them: it is the debug image with --wrap=fw_call, by which
 * the linker puts faults.c between the trap door and the firmware calls. No file of hv/ knows of it.
 */
#ifndef TESTS_BOOT_FAULTS_H
#define TESTS_BOOT_FAULTS_H

#include "fw/fw.h"

/* In the range of vendor-specific hypervisor calls (DEN 0028 2.5.2), where the hypervisor has nothing; nor is it an SBI
 * extension. */
#define FAULT_CALL 0xc600fa00U
#ifdef __riscv
#define CALL_REGISTER 17U
#else
#define CALL_REGISTER 0U
#endif

enum fault_kind {
    FAULT_STACK = 0, /* recursion without end */
    FAULT_NULL,      /* a read through a null pointer */
    FAULT_PHYSICAL,  /* a read through a physical address */
    FAULT_TEXT,      /* a write to code */
    FAULT_FETCH,     /* a call of what is data */
    FAULT_CHECK,     /* a failed CHECK */
    FAULT_CLEAR,     /* none, if memset() is right: a failed CHECK otherwise */
};

enum exit_action __real_fw_call(struct vcpu *v, uint16_t imm);
enum exit_action __wrap_fw_call(struct vcpu *v, uint16_t imm);

#endif
