/* SPDX-License-Identifier: Apache-2.0 */
/* A program for Linux that makes the mark its argument names (bench/plugin): e 0, i 20, s 21, w 22. */
    .text
    .global _start
_start:
    ldr     x1, [sp, #16]           /* argv[1] */
    ldrb    w1, [x1]
    mov     x8, #93                 /* exit(0) */
    mov     x0, #0
    cmp     w1, #'i'
    b.eq    1f
    cmp     w1, #'s'
    b.eq    2f
    cmp     w1, #'w'
    b.eq    3f
    movz    xzr, #0
    svc     #0
1:  movz    xzr, #20
    svc     #0
2:  movz    xzr, #21
    svc     #0
3:  movz    xzr, #22
    svc     #0
