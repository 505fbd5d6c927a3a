/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts: SGIs to self and to the other CPU, timers, WFI, and the distributor's registers. */
#include "tests.h"

#define CPUS   8U
#define INTIDS 64U
#define ROUNDS 200U
#define GICD_SGIR 0xf00U

static volatile uint64_t taken[CPUS][INTIDS];

static void count(uint32_t intid)
{
    unsigned cpu = cpu_id();
    if (cpu < CPUS && intid < INTIDS) {
        taken[cpu][intid]++;
        if (intid == timer_intid()) {
            timer_off();
        }
        if (intid == timer_intid() + 3U) {
            WRITE_SYSREG(cntp_ctl_el0, 0);
        }
        barrier();
    }
}

static void ready(void)
{
    irq_handler = count;
    if (!irqc_init() || !irqc_init_cpu()) {
        print("probe: no usable interrupt controller\n");
    }
}

static volatile uint64_t other_ready;
static volatile uint64_t other_stop;

/* CPU 1: takes SGI 3, answers each with SGI 4 to CPU 0. */
static void answer(uint64_t arg)
{
    (void)arg;
    (void)irqc_init_cpu();
    irq_enable(3);
    irq_on();
    other_ready = 1;
    uint64_t seen = 0;
    while (other_stop == 0U) {
        if (taken[1][3] > seen) {
            seen++;
            gic_sgi(4, 1U << 0);
        }
    }
    irq_off();
}

static void sgi_other(void)
{
    secondary_work = answer;
    int64_t r = psci(PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)secondary_entry, 0);
    report_number("sgi", "CPU_ON", r);
    if (r != 0) {
        return;
    }
    report_number("sgi", "other ready", wait_for(&other_ready, 1) ? 1 : 0);
    unsigned n = 0;
    for (; n < ROUNDS; n++) {
        gic_sgi(3, 1U << 1);
        if (!wait_for(&taken[0][4], n + 1U)) {
            break;
        }
    }
    report_number("sgi", "answered by the other", n);
    other_stop = 1;
    barrier();
}

void test_sgi(void)
{
    ready();
    for (uint32_t i = 1; i < 5U; i++) {
        irq_enable(i);
    }
    irq_on();
    unsigned n = 0;
    for (; n < ROUNDS; n++) {
        gic_sgi(1, 1U << 0);
        if (!wait_for(&taken[0][1], n + 1U)) {
            break;
        }
    }
    report_number("sgi", "to self", n);
    /* To nobody, to CPUs that do not exist, and all but self: none may come back. */
    gic_sgi(2, 0);
    gic_sgi(2, 0xfff0U);
    if (gic_version() == 2U) {
        mmio_write32(gic_dist_base() + GICD_SGIR, 1U << 24 | 2U);
        mmio_write32(gic_dist_base() + GICD_SGIR, 3U << 24 | 0xffU << 16 | 2U); /* a filter that there is not */
    } else {
        WRITE_SYSREG(icc_sgi1r_el1, (uint64_t)2U << 24 | 1ULL << 40);
    }
    barrier();
    report_number("sgi", "from strange targets", (int64_t)taken[0][2]);
    if (bootarg_number("cpus", 1) > 1U) {
        sgi_other();
    }
    irq_off();
}

/* 50 times a WFI that the virtual timer ends, then as many by the physical one. */
void test_timer(void)
{
    uint32_t v = timer_intid();
    uint32_t p = fdt_irq(fdt_compatible("arm,armv8-timer", 0), 1);
    ready();
    irq_enable(v);
    unsigned n = 0;
    for (; n < 50U; n++) {
        timer_set(timer_now() + timer_freq() / 1000U);
        for (unsigned i = 0; i < 1000000U && taken[0][v] == n; i++) {
            sleep_for_irq();
        }
    }
    report_number("timer", "virtual", (int64_t)taken[0][v]);
    irq_enable(p);
    for (n = 0; n < 50U; n++) {
        WRITE_SYSREG(cntp_cval_el0, READ_SYSREG(cntpct_el0) + timer_freq() / 1000U);
        WRITE_SYSREG(cntp_ctl_el0, 1);
        for (unsigned i = 0; i < 1000000U && taken[0][p] == n; i++) {
            sleep_for_irq();
        }
    }
    report_number("timer", "physical", (int64_t)taken[0][p]);
}

/* What a GICv2 has of its own: targets, SGIs by source, the CPU interface, and nothing where a GICv3 has its frames. */
static void gicv2_frames(void)
{
    uint64_t d = gic_dist_base();
    uint64_t c = gic_cpu_base();
    report("gic", "GICD_PIDR2", try_read(d + 0xfe8U, 4));
    report("gic", "GICD behind", try_read(d + 0x1000U, 4));
    report("gic", "GICD_ITARGETSR0", try_read(d + 0x800U, 4));
    mmio_write32(d + 0x800U + 32U, UINT32_MAX); /* SPIs 32..35, of which 33 is this VM's */
    report("gic", "GICD_ITARGETSR8 all ones", try_read(d + 0x800U + 32U, 4));
    mmio_write32(d + 0xf20U, UINT32_MAX);
    report("gic", "GICD_SPENDSGIR0 all ones", try_read(d + 0xf20U, 4));
    mmio_write32(d + 0xf10U, UINT32_MAX);
    report("gic", "GICD_CPENDSGIR0", try_read(d + 0xf10U, 4));
    report("gic", "GICC_CTLR", try_read(c, 4));
    report("gic", "GICC_IIDR", try_read(c + 0xfcU, 4));
    report("gic", "GICC_IAR", try_read(c + 0xcU, 4));
    report("gic", "GICC_DIR page", try_read(c + 0x1ffcU, 4));
    report("gic", "GICC behind", try_read(c + 0x2000U, 4));
    report("gic", "GICC fetch", try_fetch(c));
    report("gic", "GICH", try_read(d + 0x30000U, 4));
    report("gic", "GICV", try_read(d + 0x40000U, 4));
}

static void gicv3_frames(void)
{
    uint64_t d = gic_dist_base();
    uint64_t r = gic_redist_base();
    report("gic", "GICD_PIDR2", try_read(d + 0xffe8U, 4));
    report("gic", "GICR_TYPER", try_read(r + 0x8U, 8));
    report("gic", "GICD reserved", try_read(d + 0xc000U, 4));
    report("gic", "GICR behind the last", try_read(r + 0x20000U * bootarg_number("cpus", 1), 4));
}

/* Registers at the edge: odd widths, reserved offsets, interrupts that are another VM's. */
void test_gic(void)
{
    ready();
    uint64_t d = gic_dist_base();
    report("gic", "GICD_CTLR", try_read(d, 4));
    report("gic", "GICD_TYPER", try_read(d + 0x4U, 4));
    report("gic", "GICD_IIDR", try_read(d + 0x8U, 4));
    report("gic", "GICD_CTLR 1 byte", try_read(d, 1));
    report("gic", "GICD_CTLR 8 bytes", try_read(d, 8));
    if (gic_version() == 2U) {
        gicv2_frames();
    } else {
        gicv3_frames();
    }
    for (uint64_t n = 1; n < 32U; n++) {
        mmio_write32(d + 0x100U + 4U * n, UINT32_MAX);
    }
    uint64_t owned = 0;
    for (uint64_t n = 1; n < 32U; n++) {
        uint32_t w = mmio_read32(d + 0x100U + 4U * n);
        mmio_write32(d + 0x180U + 4U * n, UINT32_MAX);
        for (; w != 0U; w &= w - 1U) {
            owned++;
        }
    }
    report_number("gic", "SPIs that could be enabled", (int64_t)owned);
}
