/* SPDX-License-Identifier: Apache-2.0 */
#include "again.h"

#define JUNK    0x00005a5a5a5a5a50ULL
#define SGIS    0x3U

/* What a guest may write of its own CPU, but what it runs by: MMU off, vectors, stack. */
static void change_registers(void)
{
    WRITE_SYSREG(ttbr0_el1, JUNK);
    WRITE_SYSREG(ttbr1_el1, JUNK);
    WRITE_SYSREG(tcr_el1, 0x10);
    WRITE_SYSREG(mair_el1, JUNK);
    WRITE_SYSREG(contextidr_el1, 0x5a5a);
    WRITE_SYSREG(tpidr_el0, JUNK);
    WRITE_SYSREG(tpidrro_el0, JUNK);
    WRITE_SYSREG(tpidr_el1, JUNK);
    WRITE_SYSREG(par_el1, JUNK);
    WRITE_SYSREG(far_el1, JUNK);
    WRITE_SYSREG(esr_el1, 0x5a5a5a);
    WRITE_SYSREG(afsr0_el1, JUNK);
    WRITE_SYSREG(sp_el0, JUNK);
    WRITE_SYSREG(elr_el1, JUNK);
    WRITE_SYSREG(spsr_el1, 0x3c5);
    WRITE_SYSREG(csselr_el1, 2);
    WRITE_SYSREG(cntkctl_el1, 0x3);
    WRITE_SYSREG(cntp_cval_el0, JUNK);
    WRITE_SYSREG(cntp_ctl_el0, 1);
    WRITE_SYSREG(cntv_cval_el0, 1);
    WRITE_SYSREG(cntv_ctl_el0, 1);
    WRITE_SYSREG(oslar_el1, 0);
    WRITE_SYSREG(mdscr_el1, 1U << 12);
    WRITE_SYSREG(dbgbvr0_el1, JUNK);
    WRITE_SYSREG(dbgbcr0_el1, 0x1e0);
    WRITE_SYSREG(dbgwvr1_el1, JUNK);
    WRITE_SYSREG(dbgwcr1_el1, 0x1e8);
    WRITE_SYSREG(s2_0_c7_c8_6, 0x5a); /* DBGCLAIMSET_EL1 */
    WRITE_SYSREG(fpcr, 0x03c00000);
    WRITE_SYSREG(fpsr, 0x1f);
    __asm__ volatile("movi v0.16b, #0x5a\n\tmovi v31.16b, #0xa5" ::: "memory");
}

static void change_interrupts(void)
{
    if (!irqc_init_cpu()) {
        print("guest: unexpected interrupt controller\n");
    }
    /* The frame of this CPU's own interrupts, laid out alike in both versions. */
    uint64_t own = gic_version() == 2U ? gic_dist_base() : gic_redist_base() + 0x10000U;

    irq_enable(timer_intid());
    mmio_write32(own + 0x100U, SGIS);       /* ISENABLER0 */
    mmio_write32(own + 0x400U, 0x10203040); /* IPRIORITYR0 */
    gic_sgi(0, 3);
    gic_sgi(1, 3);
    (void)gic_acknowledge(); /* active, and never ended */
    barrier();
}

void change_all(void)
{
    change_registers();
    change_interrupts();
}

void look_at_interrupts(void)
{
}
