/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes on by itself on a CPU, whoever set it going: the loader, before this CPU was the hypervisor's, or a guest that has
 * left it. Buffers that the CPU fills (FEAT_SPE, FEAT_TRBE) are written wherever their pointers say; an external debugger's
 * controls may keep EL2's interrupts from it (EDSCR.INTdis); an SError that pends hits who lets it through next.
 *
 * QEMU has none of these (10.0: PMSVer, TraceFilt and TraceBuffer are 0 on every CPU, no EDSCR, no SError), so no test meets
 * what is done here but by its running at each boot and each end of a vCPU.
 */
#include "arch/armv8/arch.h"
#include "arch/armv8/features.h"
#include "arch/armv8/sysreg.h"

#define IDR_P         (1U << 4) /* PMBIDR_EL1 and TRBIDR_EL1: the buffer is a higher exception level's */
#define MAX_SERRORS   8U        /* one that comes again and again is the machine's, and left to be reported */

#define PSB_CSYNC() __asm__ volatile("hint #17" : : : "memory")
#define TSB_CSYNC() __asm__ volatile("hint #18" : : : "memory")

static void dsb_nsh(void)
{
    __asm__ volatile("dsb nsh" : : : "memory");
}

/* Profiling stops, what was sampled is written, and then the buffer is off (DDI 0487 D17.2, D17.7). */
static void stop_profiling(uint64_t dfr0)
{
    if (sysreg_field(dfr0, DFR0_PMSVER) == 0U || (SYSREG_READ(s3_0_c9_c10_7) & IDR_P) != 0U) {
        return;
    }
    SYSREG_WRITE(s3_0_c9_c9_0, 0); /* PMSCR_EL1 */
    SYSREG_WRITE(s3_4_c9_c9_0, 0); /* PMSCR_EL2 */
    isb();
    PSB_CSYNC();
    dsb_nsh();
    SYSREG_WRITE(s3_0_c9_c10_0, 0); /* PMBLIMITR_EL1 */
    isb();
}

/* The same for trace: filters that let nothing through, then the buffer (D6.3, D5.2). */
static void stop_trace(uint64_t dfr0)
{
    if (sysreg_field(dfr0, DFR0_TRACEFILT) == 0U) {
        return;
    }
    SYSREG_WRITE(s3_0_c1_c2_1, 0); /* TRFCR_EL1 */
    SYSREG_WRITE(s3_4_c1_c2_1, 0); /* TRFCR_EL2 */
    isb();
    TSB_CSYNC();
    dsb_nsh();
    if (sysreg_field(dfr0, DFR0_TRACEBUFFER) != 0U && (SYSREG_READ(s3_0_c9_c11_7) & IDR_P) == 0U) {
        SYSREG_WRITE(s3_0_c9_c11_0, 0); /* TRBLIMITR_EL1 */
        isb();
    }
}

static void drop_serrors(void)
{
    for (unsigned i = 0; i < MAX_SERRORS && quiet_serror(); i++) {
    }
}

__attribute__((used)) void quiet_cpu(void)
{
    uint64_t dfr0 = SYSREG_READ(id_aa64dfr0_el1);
    reset_debugger();
    stop_profiling(dfr0);
    stop_trace(dfr0);
    drop_serrors();
}

/* The barrier is quiet_serror's. No more is needed: all else that quiet_cpu stops is kept from guests by MDCR_EL2. */
void quiet_leave_guest(void)
{
    drop_serrors();
}
