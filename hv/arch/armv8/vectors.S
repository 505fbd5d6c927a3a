/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2's exception vectors (DDI 0487 D1.3.1, VBAR_EL2) and the way into a guest.
 *
 * While a guest runs, SP_EL2 points at the top of its CPU's stack, where the address of its frame lies. EL2 code uses
 * SP_EL2 (PSTATE.SP = 1); a fault of the hypervisor itself goes on with SP_EL0, so that a second one takes the "SP_EL0"
 * vectors, which only halt: no fault can loop.
 */
#include "asm_offsets.h"
#include "hv/arch/armv8/layout.h"

    .macro halt_vector
    .balign 0x80
9:  wfi
    b       9b
    .endm

    .macro own_vector number
    .balign 0x80
    mov     x17, #\number           /* X16, X17: nobody needs them any more, as X9, and probe_ram holds nothing there */
    b       own_fault
    .endm

    .macro guest_vector source
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    mov     w1, #\source
    b       guest_exit
    .endm

    .section .text.vectors, "ax"
    .global vectors
    .balign 0x800
vectors:
    halt_vector                     /* current EL, SP_EL0: a fault while reporting a fault */
    halt_vector
    halt_vector
    halt_vector
    own_vector 4                    /* current EL, SP_EL2: synchronous, IRQ, FIQ, SError */
    own_vector 5
    own_vector 6
    own_vector 7
    guest_vector SRC_SYNC           /* lower EL, AArch64 */
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    b       guest_irq
    guest_vector SRC_FIQ
    guest_vector SRC_SERROR
    guest_vector SRC_SYNC           /* lower EL, AArch32: impossible with HCR_EL2.RW = 1 */
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    b       guest_irq
    guest_vector SRC_FIQ
    guest_vector SRC_SERROR

/* What a call may change: of AAPCS64's X0-X18 and X30 not X10-X15 and X18, by the flags of hv.mk. X0 is the frame. */
    .macro save_scratch
    ldr     x0, [sp, #16]           /* the frame */
    stp     x2, x3, [x0, #REGS_X + 8 * 2]
    ldp     x2, x3, [sp], #16
    stp     x4, x5, [x0, #REGS_X + 8 * 4]
    stp     x6, x7, [x0, #REGS_X + 8 * 6]
    stp     x8, x9, [x0, #REGS_X + 8 * 8]
    stp     x16, x17, [x0, #REGS_X + 8 * 16]
    str     x30, [x0, #REGS_X + 8 * 30]
    stp     x2, x3, [x0, #REGS_X]
    .endm

/* Uses X2 and X3, as the next. */
    .macro save_pc
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x2, x3, [x0, #REGS_PC]
    .endm

    .macro load_pc
    ldp     x2, x3, [x1, #REGS_PC]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    .endm

/* The rest of the frame, all of which a call keeps: VCPU_REGS_KEPT. */
    .macro save_kept
    stp     x10, x11, [x0, #REGS_X + 8 * 10]
    stp     x12, x13, [x0, #REGS_X + 8 * 12]
    stp     x14, x15, [x0, #REGS_X + 8 * 14]
    stp     x18, x19, [x0, #REGS_X + 8 * 18]
    stp     x20, x21, [x0, #REGS_X + 8 * 20]
    stp     x22, x23, [x0, #REGS_X + 8 * 22]
    stp     x24, x25, [x0, #REGS_X + 8 * 24]
    stp     x26, x27, [x0, #REGS_X + 8 * 26]
    stp     x28, x29, [x0, #REGS_X + 8 * 28]
    .endm

/* X1 is the frame. */
    .macro load_scratch
    ldp     x2, x3, [x1, #REGS_X + 8 * 2]
    ldp     x4, x5, [x1, #REGS_X + 8 * 4]
    ldp     x6, x7, [x1, #REGS_X + 8 * 6]
    ldp     x8, x9, [x1, #REGS_X + 8 * 8]
    ldp     x16, x17, [x1, #REGS_X + 8 * 16]
    ldr     x30, [x1, #REGS_X + 8 * 30]
    ldp     x0, x1, [x1, #REGS_X]
    eret
    dsb     nsh                     /* nothing after an exception return is executed, not even speculatively */
    isb
    .endm

/* What hv_trap answers: hv.h. */
    .balign 0x80
guest_exit:
    save_scratch
    save_pc
    bl      hv_trap
    ldr     x1, [sp]
    tbnz    w0, #31, 2f
    cbz     w0, 1f
    load_pc
1:  load_scratch
2:  cmn     w0, #1                  /* HV_RESUME_ALL */
    b.eq    guest_resume
    mov     x0, x1                  /* HV_SAVE_ALL */
    save_kept
    bl      hv_trap_all
    ldr     x1, [sp]
    b       guest_resume

/* hv_irq changes nothing of the guest's but what a call may; ELR_EL2 and SPSR_EL2 stay as they are. */
guest_irq:
    save_scratch
    bl      hv_irq
    ldr     x1, [sp]
    cmn     w0, #1                  /* HV_IRQ_DONE */
    b.ne    3f
    load_scratch
3:  mov     x4, x0
    mov     x0, x1
    save_pc
    mov     w1, w4
    bl      hv_irq_taken
    ldr     x1, [sp]
    cbnz    w0, guest_resume
    load_scratch

/* X0 = frame that hv_main_boot or hv_main_secondary returned. From now on this CPU is on its own stack. */
    .global guest_enter
guest_enter:
    mrs     x1, tpidr_el2
    add     x1, x1, #1
    adrp    x2, hv_window
    add     x2, x2, x1, lsl #LAYOUT_STACK_SLOT_SHIFT
    sub     sp, x2, #LAYOUT_FRAME_SLOT
    str     x0, [sp]
    mov     x1, x0

/* X1 is the frame. */
guest_resume:
    load_pc
    ldp     x10, x11, [x1, #REGS_X + 8 * 10]
    ldp     x12, x13, [x1, #REGS_X + 8 * 12]
    ldp     x14, x15, [x1, #REGS_X + 8 * 14]
    ldp     x18, x19, [x1, #REGS_X + 8 * 18]
    ldp     x20, x21, [x1, #REGS_X + 8 * 20]
    ldp     x22, x23, [x1, #REGS_X + 8 * 22]
    ldp     x24, x25, [x1, #REGS_X + 8 * 24]
    ldp     x26, x27, [x1, #REGS_X + 8 * 26]
    ldp     x28, x29, [x1, #REGS_X + 8 * 28]
    load_scratch

/* X17 = vector. A fault inside mmu_probe_ram is an answer, and so is an SError inside quiet_serror; any other ends this CPU. */
own_fault:
    mrs     x9, sctlr_el2
    tbz     x9, #0, 2f             /* the MMU is off: no stack, no console, nothing but to halt */
    mrs     x16, elr_el2
    adr     x9, probe_first
    cmp     x16, x9
    b.lo    1f
    adr     x9, probe_last
    cmp     x16, x9
    b.hi    1f                      /* the last access's abort may be taken right behind it */
    adr     x9, probe_failed
    b       3f
1:  adr     x9, serror_first
    cmp     x16, x9
    b.lo    4f
    adr     x9, serror_last
    cmp     x16, x9
    b.hi    4f
    cmp     x17, #7
    b.ne    4f
    adr     x9, serror_taken
3:  msr     elr_el2, x9
    eret
    dsb     nsh
    isb
4:  mrs     x4, tpidr_el2           /* the stack may be what faulted: start again at its top */
    add     x4, x4, #1
    adrp    x5, hv_window
    add     x5, x5, x4, lsl #LAYOUT_STACK_SLOT_SHIFT
    msr     spsel, #0
    mov     sp, x5
    mov     x0, x17
    mrs     x1, esr_el2
    mov     x2, x16
    mrs     x3, far_el2
    bl      cpu_own_fault
2:  wfi
    b       2b

/*
 * bool mmu_probe_ram(volatile uint64_t *p): true if what is written to p can be read back; *p is then as it was. An
 * external abort, synchronous or (SError is let through for these few instructions) not, means no.
 */
    .section .text.probe, "ax"
    .global mmu_probe_ram
mmu_probe_ram:
    msr     daifclr, #4
    isb
probe_first:
    ldr     x1, [x0]
    dsb     sy
    mvn     x2, x1
    str     x2, [x0]
    dsb     sy
    ldr     x3, [x0]
    dsb     sy
    str     x1, [x0]
    dsb     sy
    isb
probe_last:
    msr     daifset, #4
    cmp     x2, x3
    cset    w0, eq
    ret
probe_failed:
    msr     daifset, #4
    mov     w0, #0
    ret

/* bool quiet_serror(void). What is unmasked before an ISB and pends is taken before the instruction behind it (DDI 0487 D1.3, asynchronous exceptions);
 * nothing in the window accesses memory, so what is taken is older than it. */
    .global quiet_serror
quiet_serror:
    dsb     sy
    isb
    msr     daifclr, #4
serror_first:
    isb
serror_last:
    msr     daifset, #4
    mov     w0, #0
    ret
serror_taken:
    msr     daifset, #4
    mov     w0, #1
    ret
