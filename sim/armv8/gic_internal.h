/* SPDX-License-Identifier: Apache-2.0 */
/* State of the simulated GIC, shared by gic.c and gic_virt.c alone. */
#ifndef SIM_GIC_INTERNAL_H
#define SIM_GIC_INTERNAL_H

#include "sim/armv8/gic.h"
#include "sim/sim.h"

#define GIC_BIT(intid) ((uint32_t)1 << ((intid) % 32U))
#define GIC_MAX_LRS    16U
#define GIC_IDLE       0x100U /* running priority when nothing is active */

struct gic_word {
    uint32_t enable, latch, active, edge, line;
};

struct gic_cpu {
    bool on;
    bool running;             /* acknowledged, priority not dropped yet */
    uint32_t running_intid;
    struct gic_word priv;     /* INTIDs 0..31 */
    uint32_t ipi_from[2];     /* GICv2: CPUs each of the hypervisor's SGIs, HV_IPI_INTID and VIRQ_TOLD_INTID, is pending from */
    uint64_t lr[GIC_MAX_LRS];
    bool underflow;           /* ICH_HCR_EL2.UIE */
    unsigned groups;          /* ICH_VMCR_EL2.VENG0, VENG1 */
    bool split;               /* ICH_VMCR_EL2.VEOIM */
    uint32_t active_prio[256];/* stack: priorities the guest has acknowledged and not dropped (ICH_AP0R, ICH_AP1R) */
    unsigned depth;
};

struct sim_gic {
    struct sim_gic_config cfg;
    struct gic_word spi[32];
    uint8_t route[1024];
    uint32_t urgent[32];      /* word by word: these come before all others */
    struct gic_cpu cpu[SIM_MAX_CPUS];
};

extern struct sim_gic sim_gic_state;

/* Fails if there is no such word. */
struct gic_word *sim_gic_word(unsigned cpu, unsigned word);

/* The maintenance interrupt is asserted (IHI 0069H 6.6). */
bool sim_gic_maintenance(unsigned cpu);

#endif
