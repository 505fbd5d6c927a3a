/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the firmware (SBI 2.0, chapter 3): harts, IPIs, the end. */
#include "guest.h"

#define SRST_SHUTDOWN    0U
#define SRST_COLD_REBOOT 1U
#define STATE_STARTED    0U
#define STATE_STOPPED    1U

struct sbi sbi6(uint64_t eid, uint64_t fid, const uint64_t a[6])
{
    register uint64_t a0 __asm__("a0") = a[0];
    register uint64_t a1 __asm__("a1") = a[1];
    register uint64_t a2 __asm__("a2") = a[2];
    register uint64_t a3 __asm__("a3") = a[3];
    register uint64_t a4 __asm__("a4") = a[4];
    register uint64_t a5 __asm__("a5") = a[5];
    register uint64_t a6 __asm__("a6") = fid;
    register uint64_t a7 __asm__("a7") = eid;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
    return (struct sbi){(int64_t)a0, a1};
}

struct sbi sbi(uint64_t eid, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2)
{
    const uint64_t a[6] = {a0, a1, a2, 0, 0, 0};
    return sbi6(eid, fid, a);
}

int64_t ipi_send(uint64_t mask, uint64_t base)
{
    barrier();
    return sbi(SBI_IPI, 0, mask, base, 0).error;
}

int64_t cpu_start(unsigned cpu, uint64_t arg)
{
    barrier();
    return sbi(SBI_HSM, HSM_START, cpu, (uint64_t)(uintptr_t)secondary_entry, arg).error;
}

int64_t cpu_stop(void)
{
    return sbi(SBI_HSM, HSM_STOP, 0, 0, 0).error;
}

int64_t cpu_state(unsigned cpu)
{
    struct sbi r = sbi(SBI_HSM, HSM_STATUS, cpu, 0, 0);
    if (r.error != 0) {
        return r.error;
    }
    return r.value == STATE_STARTED ? CPU_STATE_ON : r.value == STATE_STOPPED ? CPU_STATE_OFF : (int64_t)r.value;
}

int64_t system_off(void)
{
    return sbi(SBI_SRST, 0, SRST_SHUTDOWN, 0, 0).error;
}

int64_t system_reset(void)
{
    return sbi(SBI_SRST, 0, SRST_COLD_REBOOT, 0, 0).error;
}
