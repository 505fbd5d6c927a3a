/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void *memset(void *dst, int c, size_t n): mem_zero(), and what GCC calls on its own (arch/builtins.c). Large zeroes are by DC ZVA,
 * so before the MMU is on it must not be called for them: what is Device memory then answers DC ZVA by an alignment fault (DDI
 * 0487 D7.4.9). X3 = where it is, X2 = bytes left, X4 = eight times the byte.
 */
#define BLOCK_64 4          /* DCZID_EL0 (D24.2.37): allowed, and of 64 bytes, which it is on all cores of the boards */
#define BLOCKS   8          /* in a turn */
#define LARGE    ((BLOCKS + 1) * 64)

    .section .text.memset, "ax"
    .global memset
    .type memset, %function
memset:
    mov     x3, x0
    and     w1, w1, #0xff
    b       8f
7:  cbz     x2, 6f
    strb    w1, [x3], #1            /* bound: a word; nothing is written unaligned, as in all code */
    sub     x2, x2, #1
8:  tst     x3, #7
    b.ne    7b
    mov     x4, #0x0101010101010101
    mul     x4, x4, x1
    cbnz    w1, 3f
    cmp     x2, #LARGE
    b.lo    3f
    mrs     x5, dczid_el0
    cmp     x5, #BLOCK_64
    b.ne    3f
1:  str     xzr, [x3], #8           /* bound: a block */
    sub     x2, x2, #8
    tst     x3, #63
    b.ne    1b
2:  .rept   BLOCKS
    dc      zva, x3                 /* bound: n; what is left is a turn's blocks or more */
    add     x3, x3, #64
    .endr
    sub     x2, x2, #BLOCKS * 64
    cmp     x2, #BLOCKS * 64
    b.hs    2b
3:  subs    x2, x2, #64             /* from here to 5 what is left, less one of what is stored at a time */
    b.lo    4f
31: stp     x4, x4, [x3, #16]       /* bound: n */
    stp     x4, x4, [x3, #32]
    stp     x4, x4, [x3, #48]
    stp     x4, x4, [x3], #64
    subs    x2, x2, #64
    b.hs    31b
4:  adds    x2, x2, #64 - 8
    b.lt    5f
41: str     x4, [x3], #8            /* bound: a block */
    subs    x2, x2, #8
    b.ge    41b
5:  add     x2, x2, #8
51: cbz     x2, 6f
    strb    w1, [x3], #1            /* bound: n */
    sub     x2, x2, #1
    b       51b
6:  ret
    .size memset, . - memset
