/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void *memset(void *dst, int c, size_t n): mem_zero(), and what GCC calls on its own (arch/builtins.c); boot.S clears .bss by it, with
 * the MMU off. a5 = where it is, a2 = bytes left, a1 = eight times the byte, a4 = where words end. These registers have compressed stores.
 */
#define BLOCK 256

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
7:  sd      a1, 0(a5)               /* bound: a block */
    addi    a5, a5, 8
    bne     a5, a4, 7b
3:  beqz    a2, 4f
    sb      a1, 0(a5)               /* bound: a word */
    addi    a5, a5, 1
    addi    a2, a2, -1
    j       3b
4:  ret
    .size memset, . - memset
