/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual timer of EL1 (DDI 0487 D11.2). */
#include "guest.h"

const char *timer_name(void)
{
    return "the virtual timer";
}

uint32_t timer_intid(void)
{
    /* Secure physical, physical, virtual, hypervisor physical (Linux binding arm,arch_timer). */
    return fdt_irq(fdt_compatible("arm,armv8-timer", 0), 2);
}

uint32_t timer_freq(void)
{
    return (uint32_t)READ_SYSREG(cntfrq_el0);
}

uint64_t timer_now(void)
{
    __asm__ volatile("isb" ::: "memory"); /* not read ahead of what came before */
    return READ_SYSREG(cntvct_el0);
}

void timer_set(uint64_t deadline)
{
    WRITE_SYSREG(cntv_cval_el0, deadline);
    WRITE_SYSREG(cntv_ctl_el0, 1);
    __asm__ volatile("isb" ::: "memory");
}

void timer_off(void)
{
    WRITE_SYSREG(cntv_ctl_el0, 0);
    __asm__ volatile("isb" ::: "memory");
}
