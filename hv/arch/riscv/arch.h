/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of this architecture, one group per file; ops.c collects them. Contracts: hv/arch_ops.h, hv/isa.h. */
#ifndef RISCV_ARCH_H
#define RISCV_ARCH_H

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
uint64_t cpu_hw_id(void);
uint64_t cpu_hart_of(unsigned cpu); /* of a CPU that has come up */
void cpu_halt(void);
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
uint32_t features_lack(uint32_t needs);

/* reset.c */
void reset_guest(const struct guest_reset *r);
void reset_leave_guest(void);

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
/* The 16 bits of code at a virtual address of the guest, as it would fetch them (HLVX.HU). */
bool guest_fetch16(uint64_t va, uint32_t *out);
/* A byte of the guest's memory by its current translation (HLV.BU, HSV.B); the caller has set vsatp. */
bool guest_load8(uint64_t addr, uint8_t *out);
bool guest_store8(uint64_t addr, uint8_t value);

/* guest_memory.c */
bool guest_read(void *to, ipaddr_t from, uint32_t len);
bool guest_write(ipaddr_t to, const void *from, uint32_t len);

/* boot.S: where a CPU started by the firmware arrives, at its physical address, MMU off, a1 = logical number. */
extern const uint8_t boot_secondary[];

/* tlb.c, cache.c */
void tlb_pte_write(uint64_t *slot, uint64_t pte);
void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa);
void tlb_flush_vm(const struct s2_hw *s2);
enum hv_status tlb_remote_fence(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid);
void cache_clean(const void *p, uint64_t size);

/* local.c: a hart's own interrupts. Those that are pending and enabled, as INTIDs below 32; IRQC_NONE; RISCV_INTID_EXTERNAL:
 * the interrupt controller has one. */
#define RISCV_INTID_EXTERNAL 9U
uint32_t local_ack(void);
void local_init_cpu(void);
void local_set(bool on, uint32_t mask);
void local_send_ipi(unsigned cpu);

/* plic.c or aia.c, as the board has it (hv.mk) */
enum hv_status irqc_init(const struct plan *plan);
enum hv_status irqc_init_cpu(unsigned cpu);
uint32_t irqc_ack(void);
void irqc_drop(uint32_t intid);
void irqc_deactivate(uint32_t intid);
void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word);
void irqc_set_edge(unsigned cpu, uint32_t intid, bool edge);
void irqc_route(uint32_t intid, unsigned cpu);
unsigned irqc_guest_files(void);
void irqc_file_reset(void);
void irqc_source_mode(uint32_t intid, enum aplic_mode mode);
void irqc_target(uint32_t intid, unsigned cpu, uint32_t identity);
void irqc_send_msi(unsigned cpu, uint32_t identity);
uint32_t irqc_inputs(unsigned word);

/* virq.c */
void virq_set(uint64_t bits);
void virq_clear(uint64_t bits);
uint64_t virq_pending(void);
uint64_t virq_enabled(void);

/* timer.c. timer_init_cpu: nobody waits for any time. */
void timer_init_cpu(void);
uint64_t timer_now(void);
uint32_t timer_freq(void);
void timer_alarm(uint64_t when);
void timer_guest(uint64_t when);
bool timer_has_sstc(void);
void timer_stop_guest(void);
/* The supervisor timer interrupt pends: whose it is, as an INTID; IRQC_NONE if nobody's time has come. */
uint32_t timer_came(void);

/* power.c: the firmware (SBI). */
enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id);
void power_system_off(void);
uint32_t power_version(void);
const char *power_lacks(void);
uint64_t power_machine_id(unsigned which);

/* console.c */
bool console_try_putc(char c);
bool console_try_getc(uint8_t *c);
void console_uart_start(void);
void console_uart_events(bool received, bool room);

#endif
