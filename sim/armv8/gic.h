/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's GICv3: distributor, redistributors, physical CPU interfaces under EOImode 1, and virtual CPU
 * interfaces with 1 to 16 list registers (IHI 0069H). One security state; the hypervisor has two priorities.
 * Or its GICv2 (IHI 0048B), which differs in this: word 0 is banked, SGIs are pending by source, and list registers are
 * GICH_LRn, with the source of a virtual SGI.
 *
 * Stricter than hardware: what IHI 0069H calls UNPREDICTABLE, a programming error of the hypervisor or a lost
 * interrupt ends the process through sim_fail(). Nothing a guest does is such an error. CPUs are core indices.
 */
#ifndef SIM_GIC_H
#define SIM_GIC_H

#include "hv/arch_ops.h"

#define SIM_GIC_NONE 1023U

struct sim_gic_config {
    unsigned nr_cpus;
    unsigned nr_irqs;   /* INTIDs, multiple of 32 */
    unsigned nr_lrs;    /* 1..16 */
    unsigned maint_irq; /* PPI of the maintenance interrupt */
    unsigned version;   /* 2; else 3 */
};

/* Power-on: everything disabled, inactive, not pending, lines low. */
void sim_gic_reset(const struct sim_gic_config *config);

/* ---- Devices ---- */
/* Level of an SPI's line; an edge-triggered one becomes pending when it rises. */
void sim_gic_line(uint32_t intid, bool level);
/* The same for a PPI of one CPU. */
void sim_gic_ppi(unsigned cpu, uint32_t intid, bool level);

/* ---- Physical side, as the irqc ops need it ---- */
void sim_gic_urgent(uint32_t intid);                /* has the higher of the two priorities, on every CPU; 0: none */
void sim_gic_cpu_on(unsigned cpu);                  /* init_cpu: before it, nothing is signalled */
bool sim_gic_irq(unsigned cpu);                     /* the physical IRQ input of the CPU */
uint32_t sim_gic_highest(unsigned cpu);             /* what acknowledge would give; 1023 if nothing */
uint32_t sim_gic_ack(unsigned cpu);
void sim_gic_drop(unsigned cpu, uint32_t intid);
void sim_gic_deactivate(unsigned cpu, uint32_t intid);
void sim_gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
void sim_gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
uint32_t sim_gic_get(enum irqc_bit what, unsigned cpu, unsigned word);
/* One bit per interrupt, 1 = edge; as ICFGR gives and takes them, sixteen to a register (`mask`). */
uint32_t sim_gic_edges(unsigned cpu, unsigned word);
void sim_gic_set_edges(unsigned cpu, unsigned word, uint32_t edges, uint32_t mask);
void sim_gic_set_edge(unsigned cpu, uint32_t intid, bool edge);
void sim_gic_route(uint32_t intid, unsigned cpu);
void sim_gic_send_ipi(unsigned from, unsigned cpu);
/* The same, which that is, or VIRQ_TOLD_INTID. */
void sim_gic_send_sgi(unsigned from, unsigned cpu, uint32_t intid);
/* Fails if `caller` reaches for the banked word of another CPU. */
void sim_gic_check_banked(unsigned caller, unsigned cpu, unsigned word);
/* CPU an SPI is routed to, for tests. */
unsigned sim_gic_route_of(uint32_t intid);

/* ---- Virtual CPU interface, as the virq ops need it ---- */
uint64_t sim_gic_read_lr(unsigned cpu, unsigned n);
void sim_gic_write_lr(unsigned cpu, unsigned n, uint64_t lr);
uint32_t sim_gic_empty(unsigned cpu);
void sim_gic_set_underflow(unsigned cpu, bool on);
void sim_gic_virq_reset(unsigned cpu);

/* ---- The guest's CPU interface ---- */
void sim_gic_guest_enable(unsigned cpu, unsigned groups); /* ICC_IGRPEN0/1: bit per group; PMR open */
void sim_gic_guest_eoimode(unsigned cpu, bool split);     /* ICC_CTLR_EL1.EOImode */
bool sim_gic_guest_virq(unsigned cpu);                    /* virtual IRQ or FIQ is signalled */
/* ICC_IAR0/1; 1023 if none; GICv2: source of an SGI from bit 10 on */
uint32_t sim_gic_guest_ack(unsigned cpu, unsigned grp);
void sim_gic_guest_eoi(unsigned cpu, uint32_t intid);     /* ICC_EOIR: drop, and deactivation unless split */
void sim_gic_guest_dir(unsigned cpu, uint32_t intid);     /* ICC_DIR; both take what acknowledge gave */

/* Fails unless every list register of the CPU is consistent with the physical controller: called at each entry into
 * the guest, by all guest functions. */
void sim_gic_audit(unsigned cpu);

#endif
