/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual CPU: pinned to one physical CPU for good. */
#ifndef HV_CORE_VCPU_H
#define HV_CORE_VCPU_H

#include "hv/exit.h"
#include "hv/isa.h"
#include "hv/regs.h"
#include "lib/atomic.h"

struct vm;

/* Power state as PSCI AFFINITY_INFO / SBI HSM see it. Written under vm->lock, read with atomic loads. */
enum vcpu_state { VCPU_OFF = 0, VCPU_ON_PENDING, VCPU_ON };

struct vcpu {
    struct vcpu_regs regs;    /* first member: the exit vectors know it; which of it is this exit's: hv/regs.h */
    struct vm *vm;
    uint32_t index;           /* within the VM: Aff0 */
    uint32_t cpu;             /* logical physical CPU */
    atomic32_t state;         /* enum vcpu_state */
    atomic32_t request;       /* VCPU_REQ_*: set by any CPU, then an IPI; taken by the owner */
    uint64_t start_pc;        /* written before state becomes ON_PENDING (release), read after (acquire) */
    uint64_t start_arg;
    counter64_t exits[EXIT_KINDS]; /* counted by the owner CPU, read by any: core/exits.h */
    struct vcpu_isa isa;      /* owner CPU only */
    /* The last fault made into a guest exception, so that one the guest cannot take ends in a report of its cause.
     * Owner CPU only. */
    struct {
        uint64_t handler_pc; /* where the guest was sent; 0 = none outstanding */
        uint64_t pc;
        uint64_t address;    /* guest-physical; virtual where the hardware tells only that */
        const char *cause;
    } fault;
    void *irqc;               /* its view of the VM's virtual interrupt controller: vdev/ knows what, or none; constant after boot */
};

#define VCPU_REQ_STOP 1U /* leave the guest for good: the VM is stopping */
#define VCPU_REQ_KEYS 4U /* something was typed to the VM: its emulated UART shall take it */
#define VCPU_REQ_VIRQ 2U /* the virtual interrupt controller wants this vCPU to look at its state */

#endif
