/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S-mode start-up of a bare-metal guest. Position-independent: it runs wherever it was put; a0 = hart, a1 = device
 * tree, MMU off. The first 64 bytes are the Linux RISC-V image header, so that any loader of such images takes it.
 */
    .section .head, "ax"
    .option norelax
    .global _start
    .hidden __image_end, __bss_start, __bss_end, __rela_start, __rela_end, __stacks
_start:
    .option push
    .option norvc
    j       primary
    nop
    .option pop
    .quad   0                       /* text_offset: at the start of RAM */
    .quad   __image_end - _start          /* with .bss and stacks */
    .quad   0                       /* little-endian */
    .long   2                       /* version 0.2 of the header */
    .long   0
    .quad   0
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .long   0

/* tp = hart, its stack (8 of 8 KiB stand from __stacks up, guest.lds), its trap vector; no interrupt enabled. */
    .macro  own_hart
    mv      tp, a0
    andi    t0, a0, 7
    addi    t0, t0, 1
    slli    t0, t0, 13
    lla     sp, __stacks
    add     sp, sp, t0
    csrw    sie, zero
    lla     t0, trap
    csrw    stvec, t0
    .endm

    .text
primary:
    own_hart
    lla     t0, __bss_start
    lla     t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    sd      zero, 8(t0)
    addi    t0, t0, 16
    j       1b
2:
    /* R_RISCV_RELATIVE entries: offset, info, addend. */
    lla     t0, __rela_start
    lla     t1, __rela_end
    lla     t2, _start
    li      t3, 3
3:  bgeu    t0, t1, 4f
    ld      t4, 0(t0)
    lwu     t5, 8(t0)
    ld      t6, 16(t0)
    addi    t0, t0, 24
    bne     t5, t3, 3b
    add     t4, t4, t2
    add     t6, t6, t2
    sd      t6, 0(t4)
    j       3b
4:  fence   rw, rw
    fence.i
    mv      a0, a1
    call    guest_start
5:  wfi
    j       5b

/* Where SBI HSM hart_start starts another hart: a0 = hart, a1 = the opaque argument. */
    .global secondary_entry
    .balign 4
secondary_entry:
    own_hart
    mv      a0, a1
    call    guest_secondary
6:  wfi
    j       6b

/* The frame: x1..x31, sepc, sstatus, scause, stval = struct frame of guest.h, 288 bytes. The guest never leaves S mode,
 * so that the stack and tp are its own. */
    .balign 4
trap:
    addi    sp, sp, -288
    sd      x1, 8(sp)
    sd      x5, 40(sp)
    addi    x5, sp, 288
    sd      x5, 16(sp)
    .irp    n, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, 8*\n(sp)
    .endr
    csrr    t0, sepc
    csrr    t1, sstatus
    csrr    t2, scause
    csrr    t3, stval
    sd      t0, 256(sp)
    sd      t1, 264(sp)
    sd      t2, 272(sp)
    sd      t3, 280(sp)
    mv      a0, sp
    call    guest_exception
    ld      t0, 256(sp)
    ld      t1, 264(sp)
    csrw    sepc, t0
    csrw    sstatus, t1
    ld      x1, 8(sp)
    ld      x5, 40(sp)
    .irp    n, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, 8*\n(sp)
    .endr
    addi    sp, sp, 288
    sret

    .section .note.GNU-stack, "", %progbits
