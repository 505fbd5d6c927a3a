/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the portable code has of this ISA's own, by type: the build's include path chooses the ISA, nothing else does. Every
 * hv/arch/<isa>/include/hv/isa.h defines struct virq_ops, struct isa_ops and struct vcpu_isa; who looks inside them is of
 * that ISA as well. Rules for ops: hv/arch_ops.h.
 *
 * INTIDs of arch_ops.irqc on RISC-V. Below 32: a hart's own, by their number in scause, but for the software interrupt, which is
 * HV_IPI_INTID. From RISCV_WIRED on: source n of the PLIC or APLIC is RISCV_WIRED + n (n >= 1), so that word w of a set of
 * bits is word w - 1 of the controller's own registers. With a PLIC, drop() does nothing and deactivate() completes at the
 * context that claimed, whichever hart calls. With an APLIC in MSI mode deactivate() makes a level-sensitive source pending
 * again if its line is still high (setipnum, AIA 1.0 4.9.2).
 */
#ifndef HV_ISA_H
#define HV_ISA_H

#include "hv/status.h"
#include "hv/types.h"

#define RISCV_WIRED       32U
#define RISCV_INTID_TIMER 5U  /* supervisor timer interrupt: plan.htimer_irq */
#define RISCV_INTID_GUEST_TIMER 6U /* without Sstc: the time given to virq.timer has come */

/* Bits of hvip and vsip's counterparts at HS level (privileged architecture 1.13, 18.2.3). */
#define HVIP_VSSIP ((uint64_t)1 << 2)
#define HVIP_VSTIP ((uint64_t)1 << 6)
#define HVIP_VSEIP ((uint64_t)1 << 10)

/* How an APLIC source is delivered: sourcecfg.SM (AIA 1.0 4.5.2). */
enum aplic_mode {
    APLIC_INACTIVE = 0,
    APLIC_DETACHED = 1,
    APLIC_EDGE_RISE = 4,
    APLIC_EDGE_FALL = 5,
    APLIC_LEVEL_HIGH = 6,
    APLIC_LEVEL_LOW = 7
};

/* Virtual interrupts of the guest on the calling hart. */
struct virq_ops {
    /* Sets or clears bits HVIP_* of hvip. */
    void (*set)(uint64_t bits);
    void (*clear)(uint64_t bits);
    /* Bits HVIP_* that are pending for the guest, whether by hvip, vstimecmp or its guest interrupt file (hip), and of those
     * the ones it has enabled (vsie). */
    uint64_t (*pending)(void);
    uint64_t (*enabled)(void);
    /* The guest's timer interrupt is pending from `when` (ticks of timer.now) on, UINT64_MAX: never. With Sstc that is
     * vstimecmp, which the guest can write as well, and HVIP_VSTIP is not used; without, RISCV_INTID_GUEST_TIMER arrives
     * then, once. */
    void (*timer)(uint64_t when);
    /* The CPU has Sstc, and guests use it. Constant. */
    bool (*has_sstc)(void);
    /* Guest interrupt files of the hart (GEILEN); 0: no AIA. Constant. */
    unsigned (*guest_files)(void);
    /* The guest's interrupt file is as after reset: nothing enabled, pending or delivered (vsiselect, vsireg; AIA 1.0 3.8). */
    void (*file_reset)(void);
    /* APLIC: sourcecfg of a wired INTID (mode; its delegation bit is never set). */
    void (*source_mode)(uint32_t intid, enum aplic_mode mode);
    /* APLIC: MSIs of a wired INTID go to the guest file of a CPU, with this interrupt identity (target, AIA 1.0 4.5.16);
     * irqc.route makes them the hypervisor's again. */
    void (*target)(uint32_t intid, unsigned cpu, uint32_t identity);
    /* Raises an interrupt identity (1 .. plan.irqc_ids) in the guest file of a CPU, which need not be the caller's: a write to
     * seteipnum_le of the file's page (AIA 1.0 3.5). */
    void (*send_msi)(unsigned cpu, uint32_t identity);
    /* PLIC and APLIC: the wired inputs of the 32 INTIDs of a word that are high (in_clrip, AIA 1.0 4.5.7; a PLIC: pending). */
    uint32_t (*inputs)(unsigned word);
};

/* Fences a guest asks for at other harts (SBI 2.0 chapter 8). */
enum riscv_fence { RISCV_FENCE_I = 0, RISCV_SFENCE_VMA, RISCV_SFENCE_VMA_ASID };

struct exit_raw;
struct isa_ops {
    /* What arch_ops.cpu.read_exit has of a synchronous exit, but for an instruction that is in no register: insn is 0 then. */
    void (*read_access)(struct exit_raw *out);
    /* Carries out a fence on the CPUs of a set (bit n: logical CPU n), all of the calling hart's VM, its own among them or
     * not: the firmware's remote FENCE.I or HFENCE.VVMA under the calling hart's VMID (SBI 2.0 8.1, 8.6, 8.7). Complete on
     * return. size UINT64_MAX, or start and size 0: all addresses. HV_ERR_FIRMWARE if the firmware refuses. */
    enum hv_status (*remote_fence)(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid);
    /* mvendorid, marchid and mimpid as the firmware tells them (SBI 2.0 4.5 to 4.7), by which = 0, 1, 2. */
    uint64_t (*machine_id)(unsigned which);
    /* Copies len bytes, at most a page, between a buffer of the hypervisor and guest-physical memory of the VM that runs on
     * the calling hart, which stage 2 maps: HLV and HSV with vsatp Bare (privileged architecture 1.13, 18.3). False if an
     * access faults; what was copied until then stays. The caller has checked that all of it is RAM of the VM. */
    bool (*read_guest)(void *to, ipaddr_t from, uint32_t len);
    bool (*write_guest)(ipaddr_t to, const void *from, uint32_t len);
};

/* Of a vCPU; all zero when it starts. Owner CPU only. */
struct vcpu_isa {
    uint64_t timer; /* what SBI set_timer asked for last, without Sstc */
};

/* General registers that a call keeps, bit n: number n, so that they need not be in a vCPU's frame (hv.h): gp, which is not used, s0 to s11, t3 to t6. As the vectors have it. */
#define VCPU_REGS_KEPT 0xfffc0308ULL

#endif
