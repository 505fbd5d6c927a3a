/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of this architecture, one group per file; hv/ops_table.h collects them, and has what is declared nowhere else. Contracts: hv/arch_ops.h. */
#ifndef ARMV8_ARCH_H
#define ARMV8_ARCH_H

#include "arch/mmu.h"
#include "hv/arch_ops.h"

/* cpu.c */

/* reset.c, id_reg.c */

/* reset_el1.c: the guest's own registers, all zero or their reset value. */
void reset_el1(void);
void reset_el1_debug(void);
/* An external debugger's registers that software can reach: 0, and the OS lock is unlocked. */
void reset_debugger(void);
void reset_el1_features(void);

/* quiet.c: what goes on by itself on a CPU ends; called by boot.S on each, and when a guest has left. */
void quiet_cpu(void);

/* vectors.S: all accesses are complete (DSB SY) and an SError that pends is taken. True if there was one. */
bool quiet_serror(void);

/* fpsimd.S: all vector registers, FPCR and FPSR. With SVE, writing a V register clears the rest of its Z
 * register. */
void fpsimd_clear(void);

/* tlb.c */

/* boot.S: where a CPU started by the firmware arrives, at its physical address, MMU off, X0 = logical number.
 */
extern const uint8_t boot_secondary[];

/* tlb.c, cache.c */

/* gicv3.c or gicv2.c, as the board has it (hv.mk) */

/* gicv3_virq.c or gicv2_virq.c */

/* timer.c */
void timer_reset_guest(void);

/* power.c */

/* pl011.c or cadence.c, as the board has it (hv.mk) */

#endif
