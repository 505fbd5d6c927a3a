/* SPDX-License-Identifier: Apache-2.0 */
/* Generic timer (DDI 0487 D12). EL1's two timers belong to the guest, without a trap; EL2's own is the hypervisor's. */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"

/* CNTHCTL_EL2 (D19.12.5, E2H = 0): EL1PCTEN and EL1PCEN give EL1 and EL0 the physical counter and timer; no
 * event stream from EL2, no offset (ECV = 0), and none of the FEAT_ECV traps. */
#define CNTHCTL_GUEST 0x3U

uint64_t timer_now(void)
{
    isb(); /* the counter may otherwise be read early */
    return SYSREG_READ(cntpct_el0);
}

uint32_t timer_freq(void)
{
    return (uint32_t)SYSREG_READ(cntfrq_el0);
}

void timer_stop_guest(void)
{
    SYSREG_WRITE(cntp_ctl_el0, 0);
    SYSREG_WRITE(cntv_ctl_el0, 0);
    isb();
}

/* ENABLE and not IMASK: the condition is met from CVAL on (D12.2.4). */
void timer_alarm(uint64_t when)
{
    SYSREG_WRITE(cnthp_ctl_el2, 0);
    if (when != TIMER_NO_ALARM) {
        SYSREG_WRITE(cnthp_cval_el2, when);
        SYSREG_WRITE(cnthp_ctl_el2, 1);
    }
    isb();
}

void timer_reset_guest(void)
{
    SYSREG_WRITE(cnthctl_el2, CNTHCTL_GUEST);
    SYSREG_WRITE(cntvoff_el2, 0); /* virtual count = physical count: the board's time in all VMs */
    SYSREG_WRITE(cntp_ctl_el0, 0);
    SYSREG_WRITE(cntv_ctl_el0, 0);
    SYSREG_WRITE(cntp_cval_el0, 0);
    SYSREG_WRITE(cntv_cval_el0, 0);
    SYSREG_WRITE(cntkctl_el1, 0);
}
