/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hostile guest runs the attacks its boot arguments name ("attack=a,b,c", or "attack=all" for those that it survives)
 * and prints what it met, one fact a line: hostile: <attack>: <what> = <answer>
 * It judges nothing and knows nobody's address: what lies where is in the boot arguments too (victim=A:B, hv=..., see
 * tests/boot/attacks.py), and so is what the answers have to be. "step" makes it wait for a key before each attack,
 * so that the harness can look at the machine in between; "seed=" seeds what is drawn.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "attempt.h"

/* One attack. `list` names the boot argument that holds the addresses it is about, or is NULL. */
struct attack {
    const char *name;
    void (*run)(const struct attack *self);
    const char *list;
    bool ends; /* does not come back: not part of "all" */
};

extern const struct attack attacks[];
extern const unsigned nr_attacks;

/* Number n of the addresses in the boot argument `key` ("key=A:B:C"); false behind the last. */
bool address(const char *key, unsigned n, uint64_t *a);

/* A sequence drawn by seed=, the same in each run. */
uint64_t draw(void);

/* The facts of an attack: "hostile: <attack>: <what> <number> = ..." */
void fact(const struct attack *self, const char *what, uint64_t number, struct outcome o);
/* "hostile: <attack>: <whose><what> <number> = ..." */
void fact_of(const struct attack *self, const char *whose, const char *what, uint64_t number, struct outcome o);
void fact_number(const struct attack *self, const char *what, int64_t value);

/* Starts vCPU 1 with this work, or runs nothing if it does not come; it goes off when the work returns. */
bool other_start(void (*work)(uint64_t arg), uint64_t arg);
/* Waits in bounded time until vCPU 1 is off. */
bool other_gone(void);

/* Stage 1 on (identity, and 1 GiB at `target` seen at the address returned), and off. */
enum window { WINDOW_DEVICE = 0, WINDOW_NORMAL };
uint64_t stage1_on(uint64_t target, enum window kind);
void stage1_off(void);
/* Stage 1 on, with the tables of the upper half at `root`; returns an address that they translate. */
uint64_t stage1_foreign(uint64_t root);

/* Forms of access that carry no syndrome: name of form n, or NULL behind the last. */
const char *odd_access(unsigned n, uint64_t (**fn)(uint64_t a));

/* A function of one instruction: X0 in, X0 out. */
#define INSN(name, code)                                                                                     \
    static uint64_t name(uint64_t a)                                                                         \
    {                                                                                                        \
        register uint64_t x0 __asm__("x0") = a;                                                              \
        __asm__ volatile(".inst " #code : "+r"(x0)::"x1", "memory", "cc");                                   \
        return x0;                                                                                           \
    }

/* memory.c */
void attack_read(const struct attack *self);
void attack_write(const struct attack *self);
void attack_fetch(const struct attack *self);
void attack_odd(const struct attack *self);
void attack_stage1(const struct attack *self);
void attack_walk(const struct attack *self);
void attack_rewrite(const struct attack *self);
void attack_novectors(const struct attack *self);
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
