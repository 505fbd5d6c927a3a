/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of this architecture, one group per file; hv/ops_table.h collects them, and has what is declared nowhere else. Contracts: hv/arch_ops.h, hv/isa.h. */
#ifndef RISCV_ARCH_H
#define RISCV_ARCH_H

#include "arch/mmu.h"
#include "hv/arch_ops.h"

/* cpu.c; cpu_id as a whole register, for an index. */
static inline uint64_t cpu_id_long(void)
{
    uint64_t id;

    __asm__ volatile("mv %0, tp" : "=r"(id));
    return id;
}
uint64_t cpu_hart_of(unsigned cpu); /* of a CPU that has come up */
/* boot.S: hart id of a CPU that has its logical number already (the boot CPU: 0). */
void cpu_set_hart(uint64_t hart);

/* features.c: what this CPU has, found out by the boot CPU; every other one must have the same (features_same). */
struct features {
    bool sstc;
    bool vectors;
    bool stateen;
    bool imsic; /* siselect and its like exist */
    bool hvictl; /* hvien and hvictl exist: AIA at HS level */
    bool scontext;
    unsigned s2_bits;     /* address bits of the widest stage 2 */
    unsigned guest_files; /* guest interrupt files of a hart (GEILEN), as far as there are */
};
extern struct features features;
void features_find(void);
bool features_same(void);

/* reset.c */

/* fpsimd.S: floating point and vector registers, fcsr and vcsr are zero, as far as sstatus says that they exist. */
void fpsimd_clear(void);

/* vectors.S. An access that traps is an answer: false. */
bool probe_csr_stimecmp(void);
bool probe_csr_hstateen(void);
bool probe_csr_hstateen1(void);
bool probe_csr_hstateen2(void);
bool probe_csr_hstateen3(void);
bool probe_csr_siselect(void);
bool probe_csr_hvictl(void);
bool probe_csr_scontext(void);
/* A device register of 32 bits: false also if it does not read back. */
bool probe_write32(volatile uint32_t *p, uint32_t value);

/* guest_memory.c: the instruction at the guest's PC, as EXIT_INSN_RAW has it; 0 if it cannot be fetched any more. All that the guest's
 * exit left in registers stays. */
uint64_t guest_fetch(void);

/* boot.S: where a CPU started by the firmware arrives, at its physical address, MMU off, a1 = logical number. */
extern const uint8_t boot_secondary[];

/* tlb.c, cache.c */

/* local.c: a hart's own interrupts. Those that are pending and enabled, as INTIDs below 32; IRQC_NONE; RISCV_INTID_EXTERNAL:
 * the interrupt controller has one. */
#define RISCV_INTID_EXTERNAL 9U
/* local.h has local_ack(void). */
void local_init_cpu(void);
void local_set(bool on, uint32_t mask);

/* plic.c or aia.c, as the board has it (hv.mk) */

/* virq.c */

/* timer.c. timer_init_cpu: nobody waits for any time. */
void timer_init_cpu(void);
/* The supervisor timer interrupt pends: whose it is, as an INTID; IRQC_NONE if nobody's time has come. */
uint32_t timer_came(void);

/* power.c: the firmware (SBI). */

/* console.c */

#endif
