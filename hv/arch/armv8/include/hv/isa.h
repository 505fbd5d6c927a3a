/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the portable code has of this ISA's own, by type: the build's include path chooses the ISA, nothing else does. Every
 * hv/arch/<isa>/include/hv/isa.h defines struct virq_ops, struct isa_ops and struct vcpu_isa; who looks inside them is of
 * that ISA as well. Rules for ops: hv/arch_ops.h.
 */
#ifndef HV_ISA_H
#define HV_ISA_H

#include "hv/types.h"

/* Virtual CPU interface: list registers in GICv3 layout (ICH_LR<n>_EL2, IHI 0069H 12.4.6), also on GICv2 boards,
 * whose ops convert; there an SGI has its source in bits [12:10]. */
struct virq_ops {
    unsigned (*nr_lrs)(void); /* 1..16, constant */
    uint64_t (*read_lr)(unsigned n);
    void (*write_lr)(unsigned n, uint64_t lr);
    uint32_t (*empty)(void);            /* ICH_ELRSR_EL2: bit n set if list register n is free */
    void (*reset)(void);                /* all list registers, APRs and VMCR to zero; interface on */
    unsigned (*priority_bits)(void);    /* implemented virtual priority bits */
    /* Sends VIRQ_TOLD_INTID, which arrives there through ack(), to a CPU: its vCPU has been sent an SGI. On its way at the latest when
     * the caller's guest goes on; all the caller has written before is seen by whom it reaches. */
    void (*tell)(unsigned cpu);
};
#define VIRQ_TOLD_INTID 1U /* beside HV_IPI_INTID, so that who gets it knows why */

struct isa_ops {
    /* Value of an identification register on this CPU, by SYSREG_ENC; 0 if it has none. */
    uint64_t (*id_reg)(uint32_t enc);
};

/* Of a vCPU; all zero when it starts. Owner CPU only. */
struct vcpu_isa {
    bool os_unlocked; /* the OS lock that the guest sees is open (vdev/vsysreg.c; DDI 0487 D24.3.28) */
};

/* General registers that a call keeps, bit n: number n, so that they need not be in a vCPU's frame (hv.h): X10 to X15, X18 to X29. As the vectors have it. */
#define VCPU_REGS_KEPT 0x3ffcfc00ULL

#endif
