/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks of Armv8, and what they share. */
#ifndef HOSTILE_ARMV8_ATTACKS_H
#define HOSTILE_ARMV8_ATTACKS_H

#include "hostile.h"

/* Stage 1 on (identity, and 1 GiB at `target` seen at the address returned), and off. */
enum window { WINDOW_DEVICE = 0, WINDOW_NORMAL };
uint64_t stage1_on(uint64_t target, enum window kind);
void stage1_off(void);
/* Stage 1 on, with the tables of the upper half at `root`; returns an address that they translate. */
uint64_t stage1_foreign(uint64_t root);

/* A function of one instruction: X0 in, X0 out. */
#define INSN(name, code)                                                                                     \
    static uint64_t name(uint64_t a)                                                                         \
    {                                                                                                        \
        register uint64_t x0 __asm__("x0") = a;                                                              \
        __asm__ volatile(".inst " #code : "+r"(x0)::"x1", "memory", "cc");                                   \
        return x0;                                                                                           \
    }

/* reach.c */
void attack_stage1(const struct attack *self);
void attack_walk(const struct attack *self);
void attack_rewrite(const struct attack *self);
void attack_stack(const struct attack *self);

/* gic.c */
void attack_gicd_sweep(const struct attack *self);
void attack_gicd_widths(const struct attack *self);
void attack_gic_odd(const struct attack *self);
void attack_spi_bits(const struct attack *self);
void attack_spi_priority(const struct attack *self);
void attack_ppi_bits(const struct attack *self);

/* gicv3.c */
void attack_gicr_sweep(const struct attack *self);
void attack_gicr_widths(const struct attack *self);
void attack_gicr_foreign(const struct attack *self);
void attack_spi_route(const struct attack *self);
void attack_sgi_sweep(const struct attack *self);
void attack_sgi_group0(const struct attack *self);
void attack_sgi_broadcast(const struct attack *self);
void attack_icc_end(const struct attack *self);

/* gicv2.c */
void attack_spi_targets(const struct attack *self);
void attack_sgir_sweep(const struct attack *self);
void attack_sgi_sources(const struct attack *self);
void attack_gicc_sweep(const struct attack *self);
void attack_gicc_end(const struct attack *self);

/* firmware.c */
void attack_ranges_hvc(const struct attack *self);
void attack_ranges_smc(const struct attack *self);
void attack_random_hvc(const struct attack *self);
void attack_random_smc(const struct attack *self);
void attack_immediates(const struct attack *self);
void attack_cpu_on_foreign(const struct attack *self);
void attack_cpu_on_entry(const struct attack *self);
void attack_affinity(const struct attack *self);
void attack_off_hvc(const struct attack *self);
void attack_off_smc(const struct attack *self);
void attack_reset_hvc(const struct attack *self);
void attack_reset_smc(const struct attack *self);

/* gprs.c */
void attack_gpr_exits(const struct attack *self);

/* registers.c */
void attack_sysreg_read(const struct attack *self);
void attack_sysreg_write(const struct attack *self);
void attack_sysinsn(const struct attack *self);
void attack_idregs(const struct attack *self);
void attack_gpr_leak(const struct attack *self);
void attack_fp_leak(const struct attack *self);
void attack_el1_leak(const struct attack *self);
void attack_debug(const struct attack *self);
void attack_hlt(const struct attack *self);
void attack_vectors_length(const struct attack *self);

/* storms.c */
void attack_setway(const struct attack *self);
void attack_tlbi(const struct attack *self);
void attack_wfi(const struct attack *self);
void attack_wfe(const struct attack *self);
void attack_suspend(const struct attack *self);
void attack_timer_past(const struct attack *self);
void attack_timer_toggle(const struct attack *self);
void attack_hvc_storm(const struct attack *self);
void attack_fault_storm(const struct attack *self);
void attack_brk_storm(const struct attack *self);
void attack_mmio_storm(const struct attack *self);
void attack_recall_storm(const struct attack *self);
void attack_sgi_storm(const struct attack *self);
void attack_onoff_storm(const struct attack *self);
void attack_endless(const struct attack *self);

#endif
