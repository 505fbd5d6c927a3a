/* SPDX-License-Identifier: Apache-2.0 */
/* A program for Linux that makes the mark its argument names (bench/plugin): e 0, i 20, s 21, w 22. */
    .text
    .global _start
_start:
    ld      a1, 16(sp)              /* argv[1] */
    lbu     a1, 0(a1)
    li      a7, 93                  /* exit(0) */
    li      a0, 0
    li      a2, 'i'
    beq     a1, a2, 1f
    li      a2, 's'
    beq     a1, a2, 2f
    li      a2, 'w'
    beq     a1, a2, 3f
    slti    x0, x0, 0
    ecall
1:  slti    x0, x0, 20
    ecall
2:  slti    x0, x0, 21
    ecall
3:  slti    x0, x0, 22
    ecall
