/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of this architecture, one group per file; ops.c collects them. Contracts: hv/arch_ops.h. */
#ifndef ARMV8_ARCH_H
#define ARMV8_ARCH_H

#include "arch/mmu.h"
#include "hv/arch_ops.h"

/* cpu.c */
unsigned cpu_id(void);
void cpu_set_id(unsigned id);
void cpu_wait(void);
void cpu_relax(void);
void cpu_read_exit(enum exit_source source, struct exit_raw *out);
void cpu_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va);
unsigned cpu_pa_bits(void);
uint32_t cpu_lacks(uint32_t needs);
uint64_t cpu_hw_id(void);
void cpu_halt(void);

/* reset.c, id_reg.c */
void reset_guest(const struct guest_reset *r);
uint64_t id_reg_read(uint32_t enc);

/* reset_el1.c: the guest's own registers, all zero or their reset value. */
void reset_el1(void);
void reset_el1_debug(void);
/* An external debugger's registers that software can reach: 0, and the OS lock is unlocked. */
void reset_debugger(void);
void reset_el1_features(void);

/* quiet.c: what goes on by itself on a CPU ends; called by boot.S on each, and when a guest has left. */
void quiet_cpu(void);
void quiet_leave_guest(void);

/* vectors.S: all accesses are complete (DSB SY) and an SError that pends is taken. True if there was one. */
bool quiet_serror(void);

/* fpsimd.S: all vector registers, FPCR and FPSR. With SVE, writing a V register clears the rest of its Z
 * register. */
void fpsimd_clear(void);

/* tlb.c */
void tlb_pte_write(uint64_t *slot, uint64_t pte);

/* boot.S: where a CPU started by the firmware arrives, at its physical address, MMU off, X0 = logical number.
 */
extern const uint8_t boot_secondary[];

/* tlb.c, cache.c */
void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa);
void tlb_flush_vm(const struct s2_hw *s2);
void cache_clean(const void *p, uint64_t size);

/* gicv3.c or gicv2.c, as the board has it (hv.mk) */
enum hv_status gic_init(const struct plan *plan);
enum hv_status gic_init_cpu(unsigned cpu);
uint32_t gic_ack(void);
void gic_drop(uint32_t intid);
void gic_deactivate(uint32_t intid);
void gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
void gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
uint32_t gic_get(enum irqc_bit what, unsigned cpu, unsigned word);
void gic_set_edge(unsigned cpu, uint32_t intid, bool edge);
void gic_route(uint32_t intid, unsigned cpu);
void gic_send_ipi(unsigned cpu);

/* gicv3_virq.c or gicv2_virq.c */
unsigned gic_virq_nr_lrs(void);
uint64_t gic_virq_read_lr(unsigned n);
void gic_virq_write_lr(unsigned n, uint64_t lr);
uint32_t gic_virq_empty(void);
void gic_virq_reset(void);
unsigned gic_virq_priority_bits(void);

/* timer.c */
uint64_t timer_now(void);
uint32_t timer_freq(void);
void timer_alarm(uint64_t when);
void timer_reset_guest(void);
void timer_stop_guest(void);

/* power.c */
enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id);
void power_system_off(void);
uint32_t power_version(void);
const char *power_lacks(void);

/* pl011.c or cadence.c, as the board has it (hv.mk) */
bool console_try_putc(char c);
bool console_try_getc(uint8_t *c);
void console_uart_start(void);
void console_uart_events(bool received, bool room);

#endif
