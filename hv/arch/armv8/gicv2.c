/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical GICv2 (IHI 0048B): distributor and CPU interface, both by memory; the registers of INTIDs 0..31 and the CPU
 * interface are banked, each CPU sees its own.
 *
 * Groups. Without the Security Extensions all interrupts are group 0 after reset, and bit 0 of GICD_CTLR and GICC_CTLR
 * enables that group; seen from the non-secure side of a GIC that has them, what exists is group 1, the same bit 0 enables
 * it, and IGROUPR is RAZ/WI (4.3.1, 4.3.4, 4.4.1). So bit 0 alone is set, and IGROUPR is written with 0 in case a loader
 * has changed it: both views come out alike. Bit 9 of GICC_CTLR is EOImode in either. FIQEn stays 0: all arrive as IRQ.
 */
#include "arch/armv8/arch.h"
#include "arch/armv8/features.h"
#include "arch/armv8/gicv2.h"

/* Distributor (4.3) */
#define GICD_CTLR       0x000U
#define GICD_TYPER      0x004U
#define GICD_IGROUPR    0x080U
#define GICD_IPRIORITYR 0x400U
#define GICD_ITARGETSR  0x800U
#define GICD_ICFGR      0xc00U
#define GICD_SGIR       0xf00U
#define GICD_CPENDSGIR  0xf10U
#define GICD_PIDR2      0xfe8U
/* CPU interface (4.4) */
#define GICC_CTLR    0x0000U
#define GICC_PMR     0x0004U
#define GICC_BPR     0x0008U
#define GICC_IAR     0x000cU
#define GICC_EOIR    0x0010U
#define GICC_APR     0x00d0U
#define GICC_NSAPR   0x00e0U
#define GICC_IIDR    0x00fcU
#define GICC_DIR     0x1000U
#define GICC_BYTES   0x2000U
#define CTLR_ENABLE  (1U << 0)
#define CTLR_GICC    0x201U /* EOImode and Enable */
#define IAR_INTID    0x3ffU
#define IAR_SOURCE   0x1c00U /* of an SGI */

#define PRIORITY_IRQ 0xa0a0a0a0U /* four interrupts of a guest */
#define PRIORITY_IPI 0x80U       /* the hypervisor's own come first */
#define PRIORITY_OWN 0x60U       /* and of those the shared console's timer and UART: see gicv3.c */
#define PRIORITY_TOLD 0x90U      /* behind the other IPIs: see gicv3.c */
#define MAX_INTIDS   1020U

static volatile uint32_t *gicd;
static volatile uint8_t *gicd_bytes; /* the same, for registers of a byte per interrupt */
static volatile uint32_t *gicc;
static uint32_t own_ppis;              /* word 0 enables that are the hypervisor's */
static uint32_t own_timer;
static uint32_t nr_irqs;
static uint8_t interface[HV_MAX_CPUS]; /* bit of each CPU's interface in ITARGETSR and SGIR; 0: not known yet */
static uint8_t routed[MAX_INTIDS];     /* 1 + CPU an SPI goes to; 0: nowhere */
static uint32_t source[HV_MAX_CPUS];   /* IAR_SOURCE of the SGI a CPU is handling */

static uint32_t word_offset(enum irqc_bit what, bool set)
{
    /* ICENABLER, ICPENDR, ICACTIVER: in the order of enum irqc_bit, each 0x80 behind its counterpart that sets. */
    return 0x180U + 0x100U * (uint32_t)what - (set ? 0x80U : 0U);
}

/* Group as above, disabled, idle, priority of a guest's interrupt: 32 interrupts from 32 * word. */
static void quiet_word(unsigned word)
{
    gicv2_write(gicd, word_offset(IRQC_ENABLE, false) + 4U * word, ~0U);
    gicv2_write(gicd, word_offset(IRQC_PENDING, false) + 4U * word, ~0U);
    gicv2_write(gicd, word_offset(IRQC_ACTIVE, false) + 4U * word, ~0U);
    gicv2_write(gicd, GICD_IGROUPR + 4U * word, 0);
    for (unsigned i = 0; i < 8U; i++) {
        gicv2_write(gicd, GICD_IPRIORITYR + 32U * word + 4U * i, PRIORITY_IRQ);
    }
}

enum hv_status gic_init(const struct plan *plan)
{
    /* With a system register interface (ID_AA64PFR0_EL1.GIC) this is another controller, and guests could reach it. */
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_GIC) != 0U || plan->irqc_version != 2U) {
        return HV_ERR_MACHINE;
    }
    void *frame = arch_ops.mmu.map(PA(plan->irqc_base[0]), PAGE_SIZE, MAP_DEVICE);
    gicd = frame;
    gicd_bytes = frame;
    gicc = arch_ops.mmu.map(plan_gic_cpu_frame(plan, PLAN_GICC), GICC_BYTES, MAP_DEVICE);
    if (gicd == NULL || gicc == NULL) {
        return HV_ERR_NOMEM;
    }
    unsigned words = (gicv2_read(gicd, GICD_TYPER) & 0x1fU) + 1U;
    if ((gicv2_read(gicd, GICD_PIDR2) >> 4 & 0xfU) != 2U || 32U * words < plan->nr_irqs) {
        return HV_ERR_MACHINE;
    }
    nr_irqs = plan->nr_irqs;
    own_ppis = 1U << HV_IPI_INTID | 1U << VIRQ_TOLD_INTID | 1U << plan->maint_irq;
    own_timer = plan->htimer_irq;
    gicv2_write(gicd, GICD_CTLR, 0);
    for (unsigned word = 1; word < words; word++) { /* at most 31 turns */
        quiet_word(word);
    }
    if (plan->console_irq != 0U) {
        gicd_bytes[GICD_IPRIORITYR + plan->console_irq] = PRIORITY_OWN;
    }
    gicv2_write(gicd, GICD_CTLR, CTLR_ENABLE);
    return gicv2_virq_map(plan);
}

/* Any of the first target registers names the CPU that reads it (4.3.12); those of interrupts that do not exist may read as
 * zero. With one CPU alone all do, and there is nothing to tell apart. */
static uint8_t own_interface(void)
{
    uint8_t any = 0;
    for (unsigned i = 0; i < 32U; i++) {
        any |= gicd_bytes[GICD_ITARGETSR + i];
    }
    return any != 0U ? any : 1U;
}

/* SPIs that were routed here before it was known what "here" is called. They are disabled still. */
static void route_waiting(unsigned cpu)
{
    for (uint32_t intid = 32; intid < nr_irqs && intid < MAX_INTIDS; intid++) {
        if (routed[intid] == cpu + 1U) {
            gicd_bytes[GICD_ITARGETSR + intid] = interface[cpu];
        }
    }
}

/* All priorities, EOImode 1, on; active priorities a loader may have left would mask everything below them. */
static bool init_cpu_interface(void)
{
    gicv2_write(gicc, GICC_CTLR, 0);
    gicv2_write(gicc, GICC_PMR, 0xff);
    gicv2_write(gicc, GICC_BPR, 0); /* the finest grouping there is */
    for (unsigned i = 0; i < 4U; i++) {
        gicv2_write(gicc, GICC_APR + 4U * i, 0);
        gicv2_write(gicc, GICC_NSAPR + 4U * i, 0);
    }
    gicv2_write(gicc, GICC_CTLR, CTLR_GICC);
    return (gicv2_read(gicc, GICC_CTLR) & CTLR_GICC) == CTLR_GICC;
}

enum hv_status gic_init_cpu(unsigned cpu)
{
    /* GICC_IIDR.Architecture_version: GICv1 has no deactivation of its own. */
    if (cpu >= HV_MAX_CPUS || sysreg_field(SYSREG_READ(id_aa64pfr0_el1), PFR0_GIC) != 0U ||
        (gicv2_read(gicc, GICC_IIDR) >> 16 & 0xfU) != 2U) {
        return HV_ERR_MACHINE;
    }
    quiet_word(0);
    for (unsigned i = 0; i < 4U; i++) { /* SGIs are pending by source (4.3.17) */
        gicv2_write(gicd, GICD_CPENDSGIR + 4U * i, ~0U);
    }
    gicd_bytes[GICD_IPRIORITYR + HV_IPI_INTID] = PRIORITY_IPI;
    gicd_bytes[GICD_IPRIORITYR + VIRQ_TOLD_INTID] = PRIORITY_TOLD;
    gicd_bytes[GICD_IPRIORITYR + own_timer] = PRIORITY_OWN;
    interface[cpu] = own_interface();
    if ((interface[cpu] & (interface[cpu] - 1U)) != 0U) { /* more than one: not banked, so not usable */
        return HV_ERR_MACHINE;
    }
    route_waiting(cpu);
    if (!init_cpu_interface()) {
        return HV_ERR_MACHINE;
    }
    gicv2_write(gicd, word_offset(IRQC_ENABLE, true), own_ppis);
    return HV_OK;
}

uint32_t gic_ack(void)
{
    uint32_t iar = gicv2_read(gicc, GICC_IAR);
    uint32_t intid = iar & IAR_INTID;
    dsb_sy(); /* the acknowledge has reached the distributor before what it announces is looked at */
    if (intid >= 1020U) {
        return IRQC_NONE;
    }
    if (intid < 16U) {
        source[cpu_id()] = iar & IAR_SOURCE;
    }
    return intid;
}

/* What GICC_EOIR and GICC_DIR take: for an SGI what IAR gave, with its source (4.4.5, 4.4.15). Between ack() and
 * deactivate() of an SGI there is no other on this CPU. */
static uint32_t acknowledged(uint32_t intid)
{
    return intid < 16U ? intid | source[cpu_id()] : intid;
}

void gic_drop(uint32_t intid)
{
    gicv2_write(gicc, GICC_EOIR, acknowledged(intid));
}

void gic_deactivate(uint32_t intid)
{
    gicv2_write(gicc, GICC_DIR, acknowledged(intid));
}

/* Word 0 is the calling CPU's own, whatever `cpu` says: the contract forbids another. */
void gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    gicv2_write(gicd, word_offset(what, true) + 4U * word, mask);
}

/* There is no bit that tells when a clear is in force (as GICv3's RWP): the read makes sure that it has arrived. */
void gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    gicv2_write(gicd, word_offset(what, false) + 4U * word, mask);
    (void)gicv2_read(gicd, word_offset(what, false) + 4U * word);
}

uint32_t gic_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)cpu;
    return gicv2_read(gicd, word_offset(what, true) + 4U * word);
}

/* ICFGR (4.3.13): two bits per interrupt, the upper one is edge. Called while the interrupt is disabled. */
void gic_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    (void)cpu;
    uint32_t offset = GICD_ICFGR + 4U * (intid / 16U);
    uint32_t bit = 2U << (2U * (intid % 16U));
    uint32_t old = gicv2_read(gicd, offset);
    gicv2_write(gicd, offset, edge ? old | bit : old & ~bit);
}

void gic_route(uint32_t intid, unsigned cpu)
{
    if (intid >= MAX_INTIDS || cpu >= HV_MAX_CPUS) {
        return;
    }
    routed[intid] = (uint8_t)(cpu + 1U);
    gicd_bytes[GICD_ITARGETSR + intid] = interface[cpu]; /* a byte per interrupt: nobody else's changes (4.3.12) */
}

/* GICD_SGIR (4.3.15): target list filter 0, the list, INTID. NSATT is 0: ignored, or the only group there is. */
static void send_sgi(unsigned cpu, uint32_t intid)
{
    dsb_ishst(); /* what it announces is visible first */
    gicv2_write(gicd, GICD_SGIR, (uint32_t)interface[cpu] << 16 | intid);
}

void gic_send_ipi(unsigned cpu)
{
    send_sgi(cpu, HV_IPI_INTID);
}

void gic_virq_tell(unsigned cpu)
{
    send_sgi(cpu, VIRQ_TOLD_INTID);
}
