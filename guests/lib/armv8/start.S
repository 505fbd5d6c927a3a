/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL1 start-up of a bare-metal guest. Position-independent: it runs wherever it was put; x0 = device tree, MMU off.
 * The first 64 bytes are the Linux arm64 image header, so that any loader of such images takes it.
 */
    .section .head, "ax"
    .global _start
    .hidden __image_end, __bss_start, __bss_end, __rela_start, __rela_end, __stacks
_start:
    b       primary
    .long   0
    .quad   0                       /* text_offset: at the start of RAM */
    .quad   __image_end - _start          /* with .bss and stacks */
    .quad   0xa                     /* little-endian, 4 KiB pages, anywhere in RAM */
    .quad   0, 0, 0
    .ascii  "ARMd"
    .long   0

/* This CPU's stack, by MPIDR_EL1.Aff0: 8 stacks of 8 KiB stand from __stacks up (guest.lds). */
    .macro  own_stack, tmp, tmp2
    mrs     \tmp, mpidr_el1
    and     \tmp, \tmp, #7
    adrp    \tmp2, __stacks
    add     \tmp2, \tmp2, :lo12:__stacks
    add     \tmp, \tmp, #1
    add     \tmp2, \tmp2, \tmp, lsl #13
    mov     sp, \tmp2
    .endm

    .text
primary:
    mov     x19, x0
    /* No FP traps to EL1: the compiler is told not to use it, tests may. */
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    adrp    x0, vectors
    add     x0, x0, :lo12:vectors
    msr     vbar_el1, x0
    isb

    adrp    x0, __bss_start
    add     x0, x0, :lo12:__bss_start
    adrp    x1, __bss_end
    add     x1, x1, :lo12:__bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0], #16
    b       1b
2:
    /* R_AARCH64_RELATIVE entries: offset, info, addend. */
    adrp    x4, _start
    add     x4, x4, :lo12:_start
    adrp    x0, __rela_start
    add     x0, x0, :lo12:__rela_start
    adrp    x1, __rela_end
    add     x1, x1, :lo12:__rela_end
3:  cmp     x0, x1
    b.hs    4f
    ldp     x2, x3, [x0], #16
    ldr     x5, [x0], #8
    cmp     w3, #1027
    b.ne    3b
    add     x5, x5, x4
    str     x5, [x2, x4]
    b       3b
4:  dsb     sy
    isb
    own_stack x0, x1
    mov     x0, x19
    bl      guest_start
5:  wfi
    b       5b

/* Where PSCI CPU_ON starts another CPU: x0 = the context argument. */
    .global secondary_entry
secondary_entry:
    mov     x19, x0
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    adrp    x0, vectors
    add     x0, x0, :lo12:vectors
    msr     vbar_el1, x0
    isb
    own_stack x0, x1
    mov     x0, x19
    bl      guest_secondary
6:  wfi
    b       6b

/* The frame: x0..x30, elr, spsr, esr, far = struct frame of guest.h, 288 bytes. */
    .macro  vector, number
    .balign 128
    sub     sp, sp, #288
    stp     x0, x1, [sp]
    mov     x0, #\number
    b       entry_common
    .endm

    .balign 2048
    .global vectors
vectors:
    vector  0
    vector  1
    vector  2
    vector  3
    vector  4
    vector  5
    vector  6
    vector  7
    vector  8
    vector  9
    vector  10
    vector  11
    vector  12
    vector  13
    vector  14
    vector  15

entry_common:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    mrs     x4, esr_el1
    mrs     x5, far_el1
    stp     x30, x2, [sp, #240]
    stp     x3, x4, [sp, #256]
    str     x5, [sp, #272]
    mov     x1, sp
    bl      guest_exception
    ldp     x30, x2, [sp, #240]
    ldr     x3, [sp, #256]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp], #16
    add     sp, sp, #272
    eret

    .section .note.GNU-stack, "", %progbits
