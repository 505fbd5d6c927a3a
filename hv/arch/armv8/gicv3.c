/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical GICv3 (IHI 0069H): distributor and redistributors by memory, CPU interface by system registers.
 * Everything is non-secure group 1, routed by affinity. With one security state (GICD_CTLR.DS = 1) or seen
 * from the non-secure one, the bits used here are the same.
 */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"
#include "hv/plan.h"

/* Distributor (12.9) */
#define GICD_CTLR      0x0000U
#define GICD_TYPER     0x0004U
#define GICD_IROUTER   0x6000U
#define GICD_PIDR2     0xffe8U
#define GICD_ICENABLER_E 0x1200U
#define GICD_TYPER_ESPI  0x100U
#define CTLR_ENABLE_G1 (1U << 1)
#define CTLR_ARE       (1U << 4)
#define CTLR_RWP       (1U << 31)
/* Redistributor (12.11): RD frame, then the SGI and PPI frame, whose registers lie as the distributor's do.
 */
#define GICR_CTLR    0x0000U
#define GICR_TYPER   0x0008U
#define GICR_WAKER   0x0014U
#define GICR_FRAME   0x10000U
#define GICR_PAIR    0x20000ULL /* both frames of one redistributor */
#define TYPER_VLPIS  (1ULL << 1)
#define TYPER_LAST   (1ULL << 4)
#define WAKER_SLEEP  (1U << 1)
#define WAKER_ASLEEP (1U << 2)
#define GICR_RWP     (1U << 3)
#define GICR_LPIS    (1U << 0) /* GICR_CTLR.EnableLPIs */
/* Both */
#define GIC_IGROUPR    0x0080U
#define GIC_IPRIORITYR 0x0400U
#define GIC_ICFGR      0x0c00U

#define PRIORITY_IRQ 0xa0U       /* an interrupt of a guest */
#define PRIORITY_IPI 0x80U       /* the hypervisor's own come first */
/* Behind the other IPIs: which of equals comes first is IMPLEMENTATION DEFINED (4.8), and these a VM's vCPUs can send each other without
 * end, on a CPU that others ask for the shared console, or their own VM to stop. */
#define PRIORITY_TOLD 0x90U
/* The shared console's timer and UART come before IPIs: they interrupt at a bounded rate (core/console.h), which the IPIs that
 * a VM's vCPUs send each other do not. Each exit takes one interrupt: behind those the console could wait for ever. */
#define PRIORITY_OWN 0x60U
#define MAX_POLLS                                                                                            \
    1000000U /* a write takes effect within microseconds; a dead controller must not hang the boot */
/* Once guests run a VM's lock is held meanwhile, and GICD_CTLR.RWP tells of what others write as well (12.9.4): a read of the
 * distributor takes some 100 ns, so this is 100 us, far above what a write takes. If it is not enough, an interrupt that
 * was just disabled may come once more, which vgic_take gives back to the controller: an edge of a VM that has ended pends then. */
#define RUN_POLLS 1000U
#define MAX_FRAMES 512U /* redistributors looked at, in a region that may hold fewer */

static volatile uint8_t *gicd;
/* Of a redistributor's two frames of 64 KiB the first page each: no more of them is used (IHI 0069 12.11: RD_base, SGI_base). */
static struct redistributor {
    volatile uint8_t *rd;
    volatile uint8_t *sgi;
} gicr[HV_MAX_CPUS];
static uint64_t affinity[HV_MAX_CPUS];
/* What sends an IPI to a CPU, ICC_SGI1R_EL1 (12.2.20): Aff3, Aff2, Aff1, range selector and a list of 16 Aff0 values. */
static uint64_t ipi[HV_MAX_CPUS];
static uint32_t own_ppis; /* word 0 enables that are the hypervisor's */
static uint32_t own_timer;

static uint32_t read32(const volatile uint8_t *base, uint32_t offset)
{
    return *(const volatile uint32_t *)(base + offset);
}

static void write32(volatile uint8_t *base, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(base + offset) = value;
}

/* Waits until the bits are clear, or the bound. */
static bool wait_clear_for(volatile uint8_t *base, uint32_t offset, uint32_t bits, unsigned polls)
{
    for (unsigned i = 0; i < polls; i++) {
        if ((read32(base, offset) & bits) == 0U) {
            return true;
        }
    }
    return false;
}

static bool wait_clear(volatile uint8_t *base, uint32_t offset, uint32_t bits)
{
    return wait_clear_for(base, offset, bits, MAX_POLLS);
}

/* GICR_TYPER.Affinity_Value of MPIDR_EL1's layout. */
static uint64_t typer_affinity(uint64_t hw_id)
{
    return (hw_id & 0xffffffU) | ((hw_id >> 32 & 0xffU) << 24);
}

static unsigned cpu_with(const struct plan *plan, uint64_t typer)
{
    for (unsigned cpu = 0; cpu < plan->cpus.count && cpu < HV_MAX_CPUS; cpu++) {
        if (typer_affinity(affinity[cpu]) == typer >> 32) {
            return cpu;
        }
    }
    return HV_MAX_CPUS;
}

/* The frames at `base`: kept mapped if they are one of the plan's CPUs. False if they cannot be mapped. */
static bool look_at_frames(const struct plan *plan, uint64_t base, uint64_t *typer)
{
    volatile uint8_t *rd = arch_ops.mmu.map(PA(base), PAGE_SIZE, MAP_DEVICE);
    if (rd == NULL) {
        return false;
    }
    *typer = *(volatile uint64_t *)(rd + GICR_TYPER);
    unsigned cpu = cpu_with(plan, *typer);
    if (cpu == HV_MAX_CPUS || gicr[cpu].rd != NULL) {
        arch_ops.mmu.unmap((const void *)rd, PAGE_SIZE);
        return true;
    }
    gicr[cpu].rd = rd;
    gicr[cpu].sgi = arch_ops.mmu.map(PA(base + GICR_FRAME), PAGE_SIZE, MAP_DEVICE);
    return gicr[cpu].sgi != NULL;
}

/*
 * Walks the redistributor region up to its Last one (12.11.38); each is 2 frames, or 4 with virtual LPIs. A
 * CPU that has none is left without: gic_init_cpu() refuses it, if it exists at all. False if the region
 * ends before the Last one: what lies behind it could be given to a VM.
 */
static bool find_redistributors(const struct plan *plan)
{
    uint64_t offset = 0;
    uint64_t typer = 0;
    for (unsigned i = 0; i < MAX_FRAMES && (typer & TYPER_LAST) == 0U; i++) {
        if (offset + GICR_PAIR > plan->irqc_size[1] ||
            !look_at_frames(plan, plan->irqc_base[1] + offset, &typer)) {
            return false;
        }
        offset += ((typer & TYPER_VLPIS) != 0U ? 2U : 1U) * GICR_PAIR;
    }
    return (typer & TYPER_LAST) != 0U && offset <= plan->irqc_size[1];
}

static uint32_t word_offset(enum irqc_bit what, bool set)
{
    static const uint16_t offset[][2] = {
        [IRQC_ENABLE] = {0x180, 0x100}, [IRQC_PENDING] = {0x280, 0x200}, [IRQC_ACTIVE] = {0x380, 0x300}};
    return offset[what][set ? 1 : 0];
}

/* Group 1, disabled, idle: 32 interrupts from 32 * word. */
static void quiet_word(volatile uint8_t *base, unsigned word)
{
    write32(base, word_offset(IRQC_ENABLE, false) + 4U * word, ~0U);
    write32(base, word_offset(IRQC_PENDING, false) + 4U * word, ~0U);
    write32(base, word_offset(IRQC_ACTIVE, false) + 4U * word, ~0U);
    write32(base, GIC_IGROUPR + 4U * word, ~0U);
}

/* Of the SPIs that VMs have. The others keep what they have: nothing enables them. */
static void set_priorities(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->irqs.count; i++) { /* at most PLAN_MAX_IRQS turns */
        gicd[GIC_IPRIORITYR + plan_irq(plan, i)->intid] = PRIORITY_IRQ;
    }
    if (plan->console_irq != 0U) {
        gicd[GIC_IPRIORITYR + plan->console_irq] = PRIORITY_OWN;
    }
}

/* Interrupts that no plan can give (12.9.23, 12.11.20): firmware may have left some enabled. */
static void quiet_extended_spis(void)
{
    uint32_t typer = read32(gicd, GICD_TYPER);
    unsigned words = (typer & GICD_TYPER_ESPI) != 0U ? (typer >> 27) + 1U : 0U; /* ESPI_range is the top field */
    for (unsigned word = 0; word < words; word++) {
        write32(gicd, GICD_ICENABLER_E + 4U * word, ~0U);
    }
}

static void quiet_extended_ppis(const struct redistributor *r)
{
    unsigned words = read32(r->rd, GICR_TYPER) >> 27; /* PPInum: 1 or 2 more words; else reserved */
    for (unsigned word = 1; word <= words && words <= 2U; word++) {
        write32(r->sgi, word_offset(IRQC_ENABLE, false) + 4U * word, ~0U);
    }
}

/* LPIs off for good: their tables are firmware's, and may lie in what is a VM's memory now. False if that is refused
 * (12.11.2: EnableLPIs may be write-once). */
static bool lpis_off(volatile uint8_t *rd)
{
    if ((read32(rd, GICR_CTLR) & GICR_LPIS) == 0U) {
        return true;
    }
    write32(rd, GICR_CTLR, read32(rd, GICR_CTLR) & ~GICR_LPIS);
    return wait_clear(rd, GICR_CTLR, GICR_RWP | GICR_LPIS);
}

enum hv_status gic_init(const struct plan *plan)
{
    /* ID_AA64PFR0_EL1.GIC: system register interface. Without it nothing below may be touched. */
    if (sysreg_field(SYSREG_READ(id_aa64pfr0_el1), 24) == 0U || plan->irqc_version != 3U) {
        return HV_ERR_MACHINE;
    }
    gicd = arch_ops.mmu.map(PA(plan->irqc_base[0]), GICR_FRAME, MAP_DEVICE);
    if (gicd == NULL) {
        return HV_ERR_NOMEM;
    }
    unsigned words = (read32(gicd, GICD_TYPER) & 0x1fU) + 1U;
    uint32_t revision = read32(gicd, GICD_PIDR2) >> 4 & 0xfU;
    if ((revision != 3U && revision != 4U) || 32U * words < plan->nr_irqs) {
        return HV_ERR_MACHINE;
    }
    for (unsigned cpu = 0; cpu < plan->cpus.count && cpu < HV_MAX_CPUS; cpu++) {
        uint64_t aff = plan_cpu(plan, cpu)->hw_id;

        affinity[cpu] = aff;
        ipi[cpu] = (aff >> 32 & 0xffU) << 48 | (aff >> 16 & 0xffU) << 32 | (aff >> 8 & 0xffU) << 16 | (aff >> 4 & 0xfU) << 44 |
                   (uint64_t)HV_IPI_INTID << 24 | 1ULL << (aff & 0xfU);
    }
    own_ppis = 1U << HV_IPI_INTID | 1U << VIRQ_TOLD_INTID | 1U << plan->maint_irq;
    own_timer = plan->htimer_irq;
    write32(gicd, GICD_CTLR, read32(gicd, GICD_CTLR) & CTLR_ARE); /* groups off; ARE may only change while they are */
    if (!wait_clear(gicd, GICD_CTLR, CTLR_RWP)) {
        return HV_ERR_MACHINE;
    }
    write32(gicd, GICD_CTLR, CTLR_ARE);
    for (unsigned word = 1; word < words; word++) {
        quiet_word(gicd, word);
    }
    set_priorities(plan);
    quiet_extended_spis();
    if (!wait_clear(gicd, GICD_CTLR, CTLR_RWP)) {
        return HV_ERR_MACHINE;
    }
    write32(gicd, GICD_CTLR, CTLR_ARE | CTLR_ENABLE_G1);
    return find_redistributors(plan) && wait_clear(gicd, GICD_CTLR, CTLR_RWP) ? HV_OK : HV_ERR_MACHINE;
}

/* Active priorities a loader may have left, which would mask everything below them: one register up to 5 priority bits,
 * two with 6, four with 7 (12.2.4). Those of group 0 are not ours to touch. */
static void clear_active_priorities(void)
{
    unsigned bits = ((unsigned)(SYSREG_READ(s3_0_c12_c12_4) >> 8) & 0x7U) + 1U; /* ICC_CTLR_EL1.PRIbits */
    SYSREG_WRITE(s3_0_c12_c9_0, 0);                                             /* ICC_AP1R0_EL1 */
    if (bits >= 6U) {
        SYSREG_WRITE(s3_0_c12_c9_1, 0);
    }
    if (bits >= 7U) {
        SYSREG_WRITE(s3_0_c12_c9_2, 0);
        SYSREG_WRITE(s3_0_c12_c9_3, 0);
    }
}

/* CPU interface (12.2): system registers on, all priorities, EOImode 1, group 1 on. */
static bool init_cpu_interface(void)
{
    SYSREG_WRITE(s3_4_c12_c9_5, 0xf); /* ICC_SRE_EL2: Enable (EL1 may use its own), DIB, DFB, SRE */
    isb();
    if ((SYSREG_READ(s3_4_c12_c9_5) & 1U) == 0U) {
        return false;
    }
    SYSREG_WRITE(s3_0_c12_c12_7, 0);       /* ICC_IGRPEN1_EL1 */
    SYSREG_WRITE(s3_0_c4_c6_0, 0xff);      /* ICC_PMR_EL1 */
    SYSREG_WRITE(s3_0_c12_c12_3, 0);       /* ICC_BPR1_EL1: the finest grouping there is */
    SYSREG_WRITE(s3_0_c12_c12_4, 1U << 1); /* ICC_CTLR_EL1.EOImode */
    clear_active_priorities();
    SYSREG_WRITE(s3_0_c12_c12_7, 1);
    isb();
    return true;
}

enum hv_status gic_init_cpu(unsigned cpu)
{
    volatile uint8_t *rd = cpu < HV_MAX_CPUS ? gicr[cpu].rd : NULL;
    if (rd == NULL || sysreg_field(SYSREG_READ(id_aa64pfr0_el1), 24) == 0U) {
        return HV_ERR_MACHINE;
    }
    write32(rd, GICR_WAKER, read32(rd, GICR_WAKER) & ~WAKER_SLEEP);
    if (!wait_clear(rd, GICR_WAKER, WAKER_ASLEEP)) {
        return HV_ERR_MACHINE;
    }
    if (!lpis_off(rd)) {
        return HV_ERR_MACHINE;
    }
    volatile uint8_t *sgi = gicr[cpu].sgi;
    quiet_word(sgi, 0);
    for (unsigned i = 0; i < 8U; i++) {
        write32(sgi, GIC_IPRIORITYR + 4U * i, PRIORITY_IRQ * 0x01010101U);
    }
    quiet_extended_ppis(&gicr[cpu]);
    sgi[GIC_IPRIORITYR + HV_IPI_INTID] = PRIORITY_IPI;
    sgi[GIC_IPRIORITYR + VIRQ_TOLD_INTID] = PRIORITY_TOLD;
    sgi[GIC_IPRIORITYR + own_timer] = PRIORITY_OWN;
    if (!wait_clear(rd, GICR_CTLR, GICR_RWP) || !init_cpu_interface()) {
        return HV_ERR_MACHINE;
    }
    write32(sgi, word_offset(IRQC_ENABLE, true), own_ppis);
    return HV_OK;
}

/* From 1024 on: one that was in flight when init silenced its kind: ended, or nothing else comes again. 1020..1023 are special, 2.2. */
static __attribute__((noinline, cold)) uint32_t no_ack(uint32_t intid)
{
    if (intid >= 1024U) {
        gic_drop(intid);
        if (intid < 8192U) { /* LPIs have no active state */
            gic_deactivate(intid);
        }
    }
    return IRQC_NONE;
}

/* The barrier: the acknowledge has reached the redistributor before what it announces is looked at (4.1.1). */
uint32_t gic_ack(void)
{
    uint32_t intid = (uint32_t)SYSREG_READ(s3_0_c12_c12_0); /* ICC_IAR1_EL1 */

    dsb_sy();
    return intid < 1020U ? intid : no_ack(intid);
}

void gic_drop(uint32_t intid)
{
    SYSREG_WRITE(s3_0_c12_c12_1, intid); /* ICC_EOIR1_EL1 */
    isb();
}

void gic_deactivate(uint32_t intid)
{
    SYSREG_WRITE(s3_0_c12_c11_1, intid); /* ICC_DIR_EL1 */
    isb();
}

static volatile uint8_t *base_of(unsigned cpu, unsigned word)
{
    return word == 0U ? gicr[cpu].sgi : gicd;
}

void gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    write32(base_of(cpu, word), word_offset(what, true) + 4U * word, mask);
}

void gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    write32(base_of(cpu, word), word_offset(what, false) + 4U * word, mask);
    if (what == IRQC_ENABLE && word == 0U) {
        (void)wait_clear_for(gicr[cpu].rd, GICR_CTLR, GICR_RWP, RUN_POLLS);
    } else if (what == IRQC_ENABLE) {
        (void)wait_clear_for(gicd, GICD_CTLR, CTLR_RWP, RUN_POLLS);
    }
}

uint32_t gic_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    return read32(base_of(cpu, word), word_offset(what, true) + 4U * word);
}

/* ICFGR (12.9.9): two bits per interrupt, the upper one is edge. Called while the interrupt is disabled. */
void gic_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    volatile uint8_t *base = base_of(cpu, intid / 32U);
    uint32_t offset = GIC_ICFGR + 4U * (intid / 16U);
    uint32_t bit = 2U << (2U * (intid % 16U));
    uint32_t old = read32(base, offset);
    write32(base, offset, edge ? old | bit : old & ~bit);
}

void gic_route(uint32_t intid, unsigned cpu)
{
    *(volatile uint64_t *)(gicd + GICD_IROUTER + 8U * intid) = affinity[cpu];
}

void gic_send_ipi(unsigned cpu)
{
    uint64_t sgir = ipi[cpu];

    dsb_ishst(); /* what the IPI announces is visible first */
    SYSREG_WRITE(s3_0_c12_c11_5, sgir);
    isb();
}

/* No ISB: the exception return is the context synchronisation that lets it go. */
void gic_virq_tell(unsigned cpu)
{
    uint64_t sgir = ipi[cpu] + ((uint64_t)(VIRQ_TOLD_INTID - HV_IPI_INTID) << 24);

    dsb_ishst();
    SYSREG_WRITE(s3_0_c12_c11_5, sgir);
}
