/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time. With Sstc the guest has its own comparator, vstimecmp, and the hypervisor stimecmp; without, the firmware's timer
 * (SBI 2.0 chapter 6) is set to the sooner of both, and whose it was is found out when it comes.
 */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi_call.h"
#include "hv/board.h"

struct hart_times {
    uint64_t alarm; /* the hypervisor's; only the CPU that serves the console ever sets one */
    uint64_t guest; /* without Sstc */
};
static struct hart_times times[HV_MAX_CPUS]; /* each its CPU's */

uint64_t timer_now(void)
{
    uint64_t t;

    __asm__ volatile("rdtime %0" : "=r"(t) : : "memory");
    return t;
}

/* No register tells it; the plan's must be the board's (core/machine.c). */
uint32_t timer_freq(void)
{
    return board.timebase_hz;
}

static void arm(void)
{
    const struct hart_times *t = &times[cpu_id()];
    uint64_t first = t->alarm < t->guest ? t->alarm : t->guest;

    if (features.sstc) {
        CSR_WRITE(CSR_STIMECMP, t->alarm);
        return;
    }
    (void)sbi_call(SBI_TIME, 0, SBI_WITH(first));
    if (first != UINT64_MAX) {
        CSR_SET(CSR_SIE, SIP_STIP); /* for the hypervisor's alarm its own enable was set before */
    }
}

void timer_init_cpu(void)
{
    times[cpu_id()] = (struct hart_times){UINT64_MAX, UINT64_MAX};
    arm();
}

void timer_alarm(uint64_t when)
{
    times[cpu_id()].alarm = when;
    arm();
}

void timer_guest(uint64_t when)
{
    if (features.sstc) {
        CSR_WRITE(CSR_VSTIMECMP, when);
        return;
    }
    times[cpu_id()].guest = when;
    arm();
}

bool timer_has_sstc(void)
{
    return features.sstc;
}

void timer_stop_guest(void)
{
    timer_guest(UINT64_MAX);
}

uint32_t timer_came(void)
{
    struct hart_times *t = &times[cpu_id()];
    uint64_t now = timer_now();

    if (!features.sstc && t->guest <= now) {
        t->guest = UINT64_MAX;
        if (t->alarm == UINT64_MAX) {
            CSR_CLEAR(CSR_SIE, SIP_STIP); /* asserted until the firmware's timer is set anew: arm() listens again then */
        } else {
            arm();
        }
        return RISCV_INTID_GUEST_TIMER;
    }
    if (t->alarm <= now) {
        return RISCV_INTID_TIMER; /* asserted until the next alarm */
    }
    arm(); /* it came early */
    return IRQC_NONE;
}
