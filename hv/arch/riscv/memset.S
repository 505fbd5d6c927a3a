/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void *memset(void *dst, int c, size_t n): mem_zero(), and what GCC calls on its own (arch/builtins.c); boot.S clears .bss by it, with
 * the MMU off. a5 = where it is, a2 = bytes left, a1 = eight times the byte, a4 = where words end. These registers have compressed stores.
 *
 * Large zeroes are by CBO.ZERO (CMO extensions 1.0, Zicboz), which main memory always takes ("Traps"). No register of this level tells
 * whether a hart has it, whether the firmware allows it (menvcfg.CBZE) and how large a block is: each hart tries, as it comes.
 */
#define BLOCK     256
#define BLOCK_MAX 1024
#define SSTATUS_SDT (1 << 24) /* a trap sets it, and another one would then be a double trap (Ssdbltrp) */

    .macro cbo_zero reg
    .insn i 0x0f, 2, x0, \reg, 4
    .endm

    .section .text.memset, "ax"
    .global memset
    .type memset, %function
    .balign 4
memset:
    mv      a5, a0
    j       6f
5:  beqz    a2, 4f
    sb      a1, 0(a5)               /* bound: a word; nothing is written unaligned, as in all code */
    addi    a5, a5, 1
    addi    a2, a2, -1
6:  andi    a4, a5, 7
    bnez    a4, 5b
    andi    a1, a1, 0xff
    slli    a4, a1, 8
    or      a1, a1, a4
    slli    a4, a1, 16
    or      a1, a1, a4
    slli    a4, a1, 32
    or      a1, a1, a4
    li      a4, BLOCK
    bltu    a2, a4, 2f
    bnez    a1, 1f
    ld      a3, memset_block
    beqz    a3, 1f
    slli    t0, a3, 2
    bltu    a2, t0, 1f              /* fewer than four of them */
    neg     t1, a5
    addi    t2, a3, -1
    and     t1, t1, t2              /* up to the first of them */
    sub     a2, a2, t1
    add     t1, t1, a5
    beq     a5, t1, 9f
8:  sd      a1, 0(a5)               /* bound: one of them */
    addi    a5, a5, 8
    bne     a5, t1, 8b
9:  slli    t0, a3, 3
    neg     t0, t0
    and     t0, a2, t0
    sub     a2, a2, t0
    add     t0, t0, a5
    beq     a5, t0, 11f
10: .rept 8
    cbo_zero a5                     /* bound: n */
    add     a5, a5, a3
    .endr
    bne     a5, t0, 10b
11: bltu    a2, a3, 2f
    cbo_zero a5                     /* bound: seven of them */
    add     a5, a5, a3
    sub     a2, a2, a3
    j       11b
1:  .irp offset, 0,8,16,24,32,40,48,56,64,72,80,88,96,104,112,120,128,136,144,152,160,168,176,184,192,200,208,216,224,232,240,248
    sd      a1, \offset(a5)         /* bound: n */
    .endr
    addi    a5, a5, BLOCK
    addi    a2, a2, -BLOCK
    bgeu    a2, a4, 1b
2:  andi    a4, a2, -8
    add     a4, a4, a5
    andi    a2, a2, 7
    beq     a5, a4, 3f
7:  sd      a1, 0(a5)               /* bound: a block of either kind */
    addi    a5, a5, 8
    bne     a5, a4, 7b
3:  beqz    a2, 4f
    sb      a1, 0(a5)               /* bound: a word */
    addi    a5, a5, 1
    addi    a2, a2, -1
    j       3b
4:  ret
    .size memset, . - memset

/* uint64_t memset_try(void *page): the size of this hart's blocks, or 0 if it cannot, or if they are of no use here. Writes to the page, which
 * is RAM, and clears again what it wrote, with the MMU on or off. No stack is used. Takes the trap of an instruction that is illegal, or is not let
 * through. */
    .global memset_try
    .type memset_try, %function
    .balign 4
memset_try:
    li      t2, SSTATUS_SDT
    csrc    sstatus, t2
    la      t0, 2f
    csrrw   t1, stvec, t0
    .irp offset, 16,32,64,128,256,512,1024
    sd      t0, \offset(a0)
    .endr
    mv      a3, a0
    cbo_zero a0
    li      a1, 16
    ld      a2, 16(a0)
    bnez    a2, 2f                  /* 16 bytes or fewer */
1:  slli    a1, a1, 1               /* bound: BLOCK_MAX */
    li      a2, BLOCK_MAX
    bltu    a2, a1, 2f
    add     a2, a0, a1
    ld      a2, 0(a2)
    beqz    a2, 1b
    mv      a0, a1
    j       3f
    .balign 4
2:  li      a0, 0
3:  csrc    sstatus, t2
    csrw    stvec, t1
    .irp offset, 16,32,64,128,256,512,1024
    sd      zero, \offset(a3)      /* it is a stack, and how deep one was is told by what is not 0 */
    .endr
    ret
    .size memset_try, . - memset_try

/* What memset() goes by: the size of a block that all harts clear, or 0. boot.S writes it before it clears .bss, which this is no part of. */
    .section .found, "aw", %nobits
    .global memset_block
    .balign 8
memset_block:
    .space  8
