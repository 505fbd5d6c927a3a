/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which a guest finds its hart, and what HS level keeps to itself: one place for every register of the
 * hypervisor extension (privileged architecture 1.13, 18.2). A register of an extension is touched only if it is there.
 */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"

/* Exceptions that are the guest's own affair: misaligned and faulting accesses (0, 1, 4 to 7), illegal instructions (2),
 * breakpoints (3), its user mode's calls (8), its page faults (12, 13, 15), software checks (18). To HS level come its calls
 * (10), guest page faults (20, 21, 23), virtual instructions (22), and what nobody expects. */
#define HEDELEG_GUEST 0x4b1ffULL
/* VS software, timer and external interrupts; guest external ones (12) are enabled nowhere. */
#define HIDELEG_GUEST 0x444ULL
/* cycle, time, instret: Linux wants time, and they show what the hart itself did. hpmcounter3 to 31 would show the machine. A guest
 * begins with them given to its user mode too, as firmware leaves them: Linux without SBI's counters changes nothing there, and its
 * vDSO reads time. */
#define HCOUNTEREN_GUEST 7ULL
/* FIOM stays 0: memory fences are for memory, device fences for devices, as the guest writes them. CBIE, CBCFE, CBZE: cache
 * blocks are cleaned, flushed and zeroed by whoever may write them; an invalidation flushes, so that nobody's data is lost
 * (CBIE = 01). STCE: its own timer. Withheld: PBMTE, since memory that a guest could map as not cacheable would have to be
 * flushed line by line when its VM restarts (Svpbmt); ADUE, DTE, LPE, SSE, PMM. */
#define HENVCFG_CBIE_FLUSH (1ULL << 4)
#define HENVCFG_CBCFE      (1ULL << 6)
#define HENVCFG_CBZE       (1ULL << 7)
#define HENVCFG_STCE       (1ULL << 63)
#define HENVCFG_GUEST      (HENVCFG_CBIE_FLUSH | HENVCFG_CBCFE | HENVCFG_CBZE)
/* hstateen0 (Smstateen): SE0 (63) and ENVCFG (62), so that the guest's sstateen0 and senvcfg are its own; with a guest file
 * CSRIND (60), AIA (59) and IMSIC (58), which its interrupts need. Withheld: CONTEXT, and custom state. */
#define STATEEN_BASE ((uint64_t)3 << 62)
#define STATEEN_AIA  ((uint64_t)7 << 58)
/* vsstatus as after reset, with 64-bit user mode. */
#define VSSTATUS_RESET ((uint64_t)2 << 32)
#define SSTATUS_FS_VS  (3ULL << 13 | 3ULL << 9)

/* Nothing of what they enable is known here. Each is there only if the firmware has set SE0 of its mstateen; otherwise the
 * guest's sstateen is as illegal as this one (Smstateen, 2.1). */
static void reset_stateen_more(void)
{
    if (probe_csr_hstateen1()) {
        CSR_WRITE(CSR_HSTATEEN1, 0);
    }
    if (probe_csr_hstateen2()) {
        CSR_WRITE(CSR_HSTATEEN2, 0);
    }
    if (probe_csr_hstateen3()) {
        CSR_WRITE(CSR_HSTATEEN3, 0);
    }
}

/* What HS level keeps. VTSR, VTW, VTVM = 0: translation, SRET and WFI are the guest's, which has its hart alone. HU = 0: no
 * HLV in user mode. VGEIN names guest file 1, if there is one. */
static void reset_traps(void)
{
    CSR_WRITE(CSR_HEDELEG, HEDELEG_GUEST);
    CSR_WRITE(CSR_HIDELEG, HIDELEG_GUEST);
    CSR_WRITE(CSR_HVIP, 0);
    CSR_WRITE(CSR_HIE, 0);
    CSR_WRITE(CSR_HGEIE, 0);
    CSR_WRITE(CSR_HCOUNTEREN, HCOUNTEREN_GUEST);
    CSR_WRITE(CSR_HTIMEDELTA, 0); /* the board's time in all VMs */
    CSR_WRITE(CSR_HENVCFG, HENVCFG_GUEST | (features.sstc ? HENVCFG_STCE : 0U));
    CSR_WRITE(CSR_HSTATUS, HSTATUS_VSXL | HSTATUS_SPV | HSTATUS_SPVP | (features.guest_files != 0U ? HSTATUS_VGEIN : 0U));
}

/* The same of extensions that not every hart has. */
static void reset_more_traps(void)
{
    if (features.stateen) {
        CSR_WRITE(CSR_HSTATEEN0, STATEEN_BASE | (features.guest_files != 0U ? STATEEN_AIA : 0U));
        reset_stateen_more();
    }
    if (features.hvictl) { /* no virtual interrupts but those of hvip */
        CSR_WRITE(CSR_HVIEN, 0);
        CSR_WRITE(CSR_HVICTL, 0);
        CSR_WRITE(CSR_HVIPRIO1, 0);
        CSR_WRITE(CSR_HVIPRIO2, 0);
    }
}

static void reset_vs(void)
{
    CSR_WRITE(CSR_VSSTATUS, VSSTATUS_RESET);
    CSR_WRITE(CSR_VSIE, 0);
    CSR_WRITE(CSR_VSTVEC, 0);
    CSR_WRITE(CSR_VSSCRATCH, 0);
    CSR_WRITE(CSR_VSEPC, 0);
    CSR_WRITE(CSR_VSCAUSE, 0);
    CSR_WRITE(CSR_VSTVAL, 0);
    CSR_WRITE(CSR_VSATP, 0);
    CSR_WRITE(CSR_SCOUNTEREN, HCOUNTEREN_GUEST); /* these have no twin: the guest writes the real ones (12.1.4, 12.1.10) */
    CSR_WRITE(CSR_SENVCFG, 0);
    if (features.stateen) {
        CSR_WRITE(CSR_SSTATEEN0, 0);
    }
    if (features.scontext) {
        CSR_WRITE(CSR_SCONTEXT, 0);
    }
    timer_guest(UINT64_MAX);
}

/* The VM's translation; stale entries of its VMID, from an earlier life on this hart, go. */
static void install_stage2(const struct guest_reset *r)
{
    CSR_WRITE(CSR_HGATP, r->s2.base);
    __asm__ volatile(".option push\n\t.option arch, +h\n\thfence.gvma\n\thfence.vvma\n\t.option pop\n\tfence.i" : : : "memory");
}

void reset_guest(const struct guest_reset *r)
{
    reset_traps();
    reset_more_traps();
    CSR_SET(0x100, SSTATUS_FS_VS); /* sstatus: on, for what follows */
    fpsimd_clear();
    reset_vs();
    install_stage2(r);
}

/* Nothing asynchronous of its doing can come later: stores are complete behind the fence, and bus errors of stores are the
 * platform's, not the hart's. */
void reset_leave_guest(void)
{
    __asm__ volatile("fence rw, rw" : : : "memory");
}
