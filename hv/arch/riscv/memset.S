/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void *memset(void *dst, int c, size_t n): mem_zero(), and what GCC calls on its own (arch/builtins.c); boot.S clears .bss by it, with
 * the MMU off. t0 = where it is, a2 = bytes left, a1 = eight times the byte, t1 = 128.
 */
    .section .text.memset, "ax"
    .global memset
    .type memset, %function
    .balign 4
memset:
    mv      t0, a0
    j       6f
5:  beqz    a2, 4f
    sb      a1, 0(t0)               /* bound: a word; nothing is written unaligned, as in all code */
    addi    t0, t0, 1
    addi    a2, a2, -1
6:  andi    t1, t0, 7
    bnez    t1, 5b
    andi    a1, a1, 0xff
    slli    t1, a1, 8
    or      a1, a1, t1
    slli    t1, a1, 16
    or      a1, a1, t1
    slli    t1, a1, 32
    or      a1, a1, t1
    li      t1, 128
    bltu    a2, t1, 2f
1:  .irp offset, 0,8,16,24,32,40,48,56,64,72,80,88,96,104,112,120
    sd      a1, \offset(t0)         /* bound: n */
    .endr
    addi    t0, t0, 128
    addi    a2, a2, -128
    bgeu    a2, t1, 1b
2:  li      t1, 8
    bltu    a2, t1, 3f
    sd      a1, 0(t0)               /* bound: 128 bytes */
    addi    t0, t0, 8
    addi    a2, a2, -8
    j       2b
3:  beqz    a2, 4f
    sb      a1, 0(t0)               /* bound: n */
    addi    t0, t0, 1
    addi    a2, a2, -1
    j       3b
4:  ret
    .size memset, . - memset
