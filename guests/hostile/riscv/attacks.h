/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks of RISC-V, and what they share. */
#ifndef HOSTILE_RISCV_ATTACKS_H
#define HOSTILE_RISCV_ATTACKS_H

#include "hostile.h"
#include "insn.h"

#define MANY 20000U

/* sstatus (privileged architecture 1.13, 12.1.1). */
#define SSTATUS_VS ((uint64_t)3 << 9)
#define SSTATUS_FS ((uint64_t)3 << 13)

/* The guest's own translation by mode 8, 9 or 10 (Sv39, Sv48, Sv57), on: identity, and at the address returned the 1 GiB
 * that `target` lies in; 0: the hart does not have that mode. First hart only. */
uint64_t stage1_on(uint64_t target, unsigned mode);
/* The same, with the next level of tables, or a leaf, as this entry says; the address of its 1 GiB. */
uint64_t stage1_entry(uint64_t entry, unsigned mode);
void stage1_off(void);
#define PTE_POINTER(a) ((a) >> 12 << 10 | 1U)
#define PTE_LEAF(a)    ((a) >> 30 << 28 | 0xcfU) /* D A X W R V */
#define PTE_A          0x40U
#define PTE_D          0x80U

/* For registers that are big-endian. */
static inline uint32_t swapped(uint32_t v)
{
    return v << 24 | (v & 0xff00U) << 8 | (v >> 8 & 0xff00U) | v >> 24;
}

/* irqc.c: the guest's interrupt controller is set up; if there is none, it says so. */
bool irqc_ready(const struct attack *self);
/* All ones into each word of [first, end) of the controller, then what is not zero is told, and how many faulted. */
void irqc_sweep(const struct attack *self, uint64_t first, uint64_t end);

/* stage1.c */
void attack_stage1(const struct attack *self);
void attack_walk(const struct attack *self);
void attack_satp(const struct attack *self);
void attack_ptes(const struct attack *self);
void attack_root(const struct attack *self);

/* reach.c */
void attack_rewrite(const struct attack *self);
void attack_cross(const struct attack *self);
void attack_irqc_odd(const struct attack *self);
void attack_stack(const struct attack *self);

/* irqc.c */
void attack_irqc_widths(const struct attack *self);

/* plic.c */
void attack_plic_sweep(const struct attack *self);
void attack_plic_bits(const struct attack *self);
void attack_plic_claims(const struct attack *self);

/* aplic.c */
void attack_aplic_sweep(const struct attack *self);
void attack_aplic_sources(const struct attack *self);
void attack_aplic_targets(const struct attack *self);
void attack_aplic_msi(const struct attack *self);

/* imsic.c */
void attack_msi_foreign(const struct attack *self);
void attack_msi_own(const struct attack *self);
void attack_file_sweep(const struct attack *self);
void attack_file_storm(const struct attack *self);
void attack_msi_storm(const struct attack *self);

/* calls.c */
void attack_calls(const struct attack *self);
void attack_calls_random(const struct attack *self);
void attack_hart_start(const struct attack *self);
void attack_hart_entry(const struct attack *self);
void attack_hart_status(const struct attack *self);
void attack_ipi_masks(const struct attack *self);
void attack_rfence_masks(const struct attack *self);
void attack_legacy_masks(const struct attack *self);
void attack_dbcn_buffers(const struct attack *self);
void attack_dbcn_flood(const struct attack *self);
void attack_off_srst(const struct attack *self);
void attack_off_legacy(const struct attack *self);
void attack_reset_srst(const struct attack *self);

/* csrs.c */
void attack_csr_read(const struct attack *self);
void attack_csr_write(const struct attack *self);
void attack_system(const struct attack *self);
void attack_hlv(const struct attack *self);
void attack_custom(const struct attack *self);

/* gprs.c */
void attack_gpr_exits(const struct attack *self);

/* leaks.c */
void attack_gpr_leak(const struct attack *self);
void attack_fp_leak(const struct attack *self);
void attack_vector_leak(const struct attack *self);
void attack_vs_leak(const struct attack *self);

/* storms.c */
void attack_wfi(const struct attack *self);
void attack_wrs(const struct attack *self);
void attack_sret(const struct attack *self);
void attack_sfence(const struct attack *self);
void attack_suspend(const struct attack *self);
void attack_ecall_storm(const struct attack *self);
void attack_fault_storm(const struct attack *self);
void attack_illegal_storm(const struct attack *self);
void attack_mmio_storm(const struct attack *self);
void attack_ipi_storm(const struct attack *self);
void attack_rfence_storm(const struct attack *self);
void attack_onoff_storm(const struct attack *self);
void attack_endless(const struct attack *self);

/* timers.c */
void attack_timer_past(const struct attack *self);
void attack_timer_toggle(const struct attack *self);

#endif
