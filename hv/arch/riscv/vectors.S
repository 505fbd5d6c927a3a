/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HS level's trap vector (stvec, direct mode: privileged architecture 1.13, 12.1.2) and the way into a guest.
 *
 * While a guest runs, sscratch points at the top of its CPU's stack, where the address of its frame and the CPU's number
 * lie; while the hypervisor runs it is 0, and tp holds the number. So a trap with sscratch 0 is one of the hypervisor
 * itself: an access of .text.risky that was allowed to fail, or the end of this CPU.
 */
#include "asm_offsets.h"
#include "hv/arch/riscv/layout.h"

#define HSTATUS_SPV 0x80

    .macro save number
    sd      x\number, (REGS_X + 8 * \number)(t0)
    .endm
    .macro load number
    ld      x\number, (REGS_X + 8 * \number)(a0)
    .endm

    .section .text.vectors, "ax"
    .global vectors
    .balign 4
vectors:
    csrrw   sp, sscratch, sp
    beqz    sp, own_trap
    addi    sp, sp, -16
    sd      t0, 0(sp)
    ld      t0, 16(sp)              /* the frame */
    save    1
    save    3
    save    4
    .irp n, 6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    save    \n
    .endr
    ld      t1, 0(sp)
    sd      t1, (REGS_X + 8 * 5)(t0)
    csrrw   t1, sscratch, zero
    sd      t1, (REGS_X + 8 * 2)(t0)
    csrr    t1, sepc
    csrr    t2, sstatus
    sd      t1, REGS_PC(t0)
    sd      t2, REGS_PSTATE(t0)
    addi    sp, sp, 16
    ld      tp, 8(sp)
    mv      a0, t0
    csrr    a1, scause
    srli    a1, a1, 63              /* SRC_IRQ is 1, SRC_SYNC 0 */
    call    hv_trap
    ld      a0, 0(sp)
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

guest_resume:
    ld      t1, REGS_PC(a0)
    ld      t2, REGS_PSTATE(a0)
    csrw    sepc, t1
    csrw    sstatus, t2
    li      t1, HSTATUS_SPV         /* a trap of the hypervisor's own clears it */
    csrs    hstatus, t1
    csrw    sscratch, sp
    load    1
    load    2
    load    3
    load    4
    .irp n, 5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    load    \n
    .endr
    load    10
    sret

/* t5 = where to go on, set before each access that may trap. */
own_trap:
    csrrw   sp, sscratch, sp        /* back: sp the hypervisor's, sscratch 0 */
    csrr    t6, sepc
    la      t4, risky_first
    bltu    t6, t4, 1f
    la      t4, risky_last
    bgeu    t6, t4, 1f
    csrw    sepc, t5
    sret                            /* to the same level: SPP is 1, SPV is 0 */
1:  la      t4, halt                /* a trap while reporting a trap */
    csrw    stvec, t4
    la      t0, hv_window           /* the stack may be what faulted: start again at its top */
    addi    t1, tp, 1
    slli    t1, t1, LAYOUT_STACK_SLOT_SHIFT
    add     sp, t0, t1
    csrr    a0, scause
    mv      a1, t6
    csrr    a2, stval
    call    cpu_own_fault
    .balign 4
halt:
    csrw    sie, zero
1:  wfi
    j       1b

/*
 * Accesses that may trap: a0 = 1 if it did not. What they read goes to (a1), or in an order that the function says. Nothing is
 * held in t4, t5 and t6 across them but the way out.
 */
    .section .text.risky, "ax"
    .option push
    .option arch, +h

    .macro probe name, csr
    .global \name
\name:
    la      t5, 1f
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
    la      t5, risky_failed
    sw      a1, 0(a0)
    fence   iorw, iorw
    lw      t0, 0(a0)
    fence   iorw, iorw
    xor     a0, a1, t0
    seqz    a0, a0
    ret

/* bool mmu_probe_ram(volatile uint64_t *p): true if what is written to p can be read back; *p is then as it was. */
    .global mmu_probe_ram
mmu_probe_ram:
    la      t5, risky_failed
    ld      t0, 0(a0)
    fence   iorw, iorw
    not     t1, t0
    sd      t1, 0(a0)
    fence   iorw, iorw
    ld      t2, 0(a0)
    fence   iorw, iorw
    sd      t0, 0(a0)
    fence   iorw, iorw
    xor     a0, t1, t2
    seqz    a0, a0
    ret

/* bool guest_fetch16(uint64_t va, uint32_t *out) */
    .global guest_fetch16
guest_fetch16:
    la      t5, risky_failed
    hlvx.hu t0, (a0)
    sw      t0, 0(a1)
    li      a0, 1
    ret

/* bool guest_load8(uint64_t addr, uint8_t *out) */
    .global guest_load8
guest_load8:
    la      t5, risky_failed
    hlv.bu  t0, (a0)
    sb      t0, 0(a1)
    li      a0, 1
    ret

/* bool guest_store8(uint64_t addr, uint8_t value) */
    .global guest_store8
guest_store8:
    la      t5, risky_failed
    hsv.b   a1, (a0)
    li      a0, 1
    ret

risky_failed:
    li      a0, 0
    ret
risky_last:
    .option pop
