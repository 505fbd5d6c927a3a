/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HS level's trap vector (stvec, direct mode: privileged architecture 1.13, 12.1.2) and the way into a guest.
 *
 * While a guest runs, sscratch points at the top of its CPU's stack, where the address of its frame and the CPU's number
 * lie; while the hypervisor runs it is 0, and tp holds the number. So a trap with sscratch 0 is one of the hypervisor
 * itself: an access of .text.risky that was allowed to fail, or the end of this CPU.
 *
 * sstatus and hstatus stay as the guest's exit left them, and by them it is gone back to. An access that is allowed to fail changes
 * them: guest_memory.c puts them back, and is all that makes one while an exit is answered.
 */
#include "asm_offsets.h"
#include "hv/arch/riscv/layout.h"

#define HSTATUS_SPV 0x80

    .macro save number
    sd      x\number, (REGS_X + 8 * \number)(a0)
    .endm
    .macro load number
    ld      x\number, (REGS_X + 8 * \number)(a0)
    .endm

/* What a call may change, and tp; a0 and sp apart. Of the psABI's ra, t0 to t6 and a0 to a7 a call keeps t3 to t6, by the flags of
 * hv.mk. All else: VCPU_REGS_KEPT. gp no code of ours uses. */
#define SCRATCH 1,4,5,6,7,11,12,13,14,15,16,17
#define KEPT    3,8,9,18,19,20,21,22,23,24,25,26,27,28,29,30,31

    .section .text.vectors, "ax"
    .global vectors
    .balign 4
vectors:
    csrrw   sp, sscratch, sp
    beqz    sp, own_trap
    sd      a0, -8(sp)
    ld      a0, 0(sp)               /* the frame */
    .irp n, SCRATCH
    save    \n
    .endr
    ld      t0, -8(sp)
    csrrw   t1, sscratch, zero
    sd      t0, (REGS_X + 8 * 10)(a0)
    sd      t1, (REGS_X + 8 * 2)(a0)
    csrr    t0, scause
    ld      tp, 8(sp)
    bltz    t0, guest_irq
    csrr    t1, sepc
    li      a1, SRC_SYNC
    sd      t1, REGS_PC(a0)
    call    hv_trap                 /* what it answers: hv.h */
    bltz    a0, 2f
    ld      a0, 0(sp)
    ld      t0, REGS_PC(a0)         /* which behind an ECALL has moved, too */
    csrw    sepc, t0
1:  csrw    sscratch, sp
    .irp n, SCRATCH
    load    \n
    .endr
    load    2
    load    10
    sret
2:  addi    t1, a0, 1               /* HV_RESUME_ALL */
    ld      a0, 0(sp)
    beqz    t1, guest_resume
    .irp n, KEPT                    /* HV_SAVE_ALL */
    save    \n
    .endr
    csrr    t0, sstatus
    sd      t0, REGS_PSTATE(a0)
    call    hv_trap_all
    ld      a0, 0(sp)
    j       guest_resume

/* hv_irq changes nothing of the guest's but what a call may; sepc and sstatus stay as they are. */
guest_irq:
    call    hv_irq
    mv      a1, a0
    ld      a0, 0(sp)
    addi    t0, a1, 1               /* HV_IRQ_DONE */
    beqz    t0, 1b
    csrr    t0, sepc
    sd      t0, REGS_PC(a0)
    call    hv_irq_taken
    mv      t0, a0
    ld      a0, 0(sp)
    beqz    t0, 1b
    j       guest_resume

/* a0 = frame that hv_main_boot or hv_main_secondary returned. From now on this CPU is on its own stack. */
    .global guest_enter
guest_enter:
    la      t0, hv_window
    addi    t1, tp, 1
    slli    t1, t1, LAYOUT_STACK_SLOT_SHIFT
    add     sp, t0, t1
    addi    sp, sp, -LAYOUT_FRAME_SLOT
    sd      a0, 0(sp)
    sd      tp, 8(sp)

/* a0 is the frame. */
guest_resume:
    ld      t0, REGS_PC(a0)
    ld      t1, REGS_PSTATE(a0)
    csrw    sepc, t0
    csrw    sstatus, t1
    li      t0, HSTATUS_SPV
    csrs    hstatus, t0
    .irp n, KEPT
    load    \n
    .endr
    j       1b

/* t2 = where to go on, set before each access that may trap. */
own_trap:
    csrrw   sp, sscratch, sp        /* back: sp the hypervisor's, sscratch 0 */
    csrr    t1, sepc
    la      t0, risky_first
    bltu    t1, t0, 1f
    la      t0, risky_last
    bgeu    t1, t0, 1f
    csrw    sepc, t2
    sret                            /* to the same level: SPP is 1, SPV is 0 */
1:  la      t0, halt                /* a trap while reporting a trap */
    csrw    stvec, t0
    mv      a1, t1
    la      t0, hv_window           /* the stack may be what faulted: start again at its top */
    addi    t1, tp, 1
    slli    t1, t1, LAYOUT_STACK_SLOT_SHIFT
    add     sp, t0, t1
    csrr    a0, scause
    csrr    a2, stval
    call    cpu_own_fault
    .balign 4
halt:
    csrw    sie, zero
1:  wfi
    j       1b

/*
 * Accesses that may trap: a0 = 1 if it did not. What they read goes to (a1), or in an order that the function says. Nothing is
 * held in t0, t1 and t2 across them but the way out.
 */
    .section .text.risky, "ax"
    .option push
    .option arch, +h

    .macro probe name, csr
    .global \name
\name:
    la      t2, 1f
    csrr    t0, \csr
    li      a0, 1
    ret
1:  li      a0, 0
    ret
    .endm

risky_first:
    probe   probe_csr_stimecmp, 0x14d
    probe   probe_csr_hstateen, 0x60c
    probe   probe_csr_hstateen1, 0x60d
    probe   probe_csr_hstateen2, 0x60e
    probe   probe_csr_hstateen3, 0x60f
    probe   probe_csr_siselect, 0x150
    probe   probe_csr_hvictl, 0x609
    probe   probe_csr_scontext, 0x5a8

/* bool probe_write32(volatile uint32_t *p, uint32_t value) */
    .global probe_write32
probe_write32:
    la      t2, risky_failed
    sw      a1, 0(a0)
    fence   iorw, iorw
    lw      a3, 0(a0)
    fence   iorw, iorw
    xor     a0, a1, a3
    seqz    a0, a0
    ret

/* bool mmu_probe_ram(volatile uint64_t *p): true if what is written to p can be read back; *p is then as it was. */
    .global mmu_probe_ram
mmu_probe_ram:
    la      t2, risky_failed
    ld      a3, 0(a0)
    fence   iorw, iorw
    not     a4, a3
    sd      a4, 0(a0)
    fence   iorw, iorw
    ld      a5, 0(a0)
    fence   iorw, iorw
    sd      a3, 0(a0)
    fence   iorw, iorw
    xor     a0, a4, a5
    seqz    a0, a0
    ret

/* bool guest_fetch16(uint64_t va, uint32_t *out) */
    .global guest_fetch16
guest_fetch16:
    la      t2, risky_failed
    hlvx.hu a2, (a0)
    sw      a2, 0(a1)
    li      a0, 1
    ret

/* bool guest_load8(uint64_t addr, uint8_t *out) */
    .global guest_load8
guest_load8:
    la      t2, risky_failed
    hlv.bu  a2, (a0)
    sb      a2, 0(a1)
    li      a0, 1
    ret

/* bool guest_store8(uint64_t addr, uint8_t value) */
    .global guest_store8
guest_store8:
    la      t2, risky_failed
    hsv.b   a1, (a0)
    li      a0, 1
    ret

risky_failed:
    li      a0, 0
    ret
risky_last:
    .option pop
