/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plugin is tested on: an "hypervisor" whose instructions can be counted by hand. CPUs 0 and 1, numbered in
 * TPIDR_EL2, each run 64 HVCs of a guest at EL1, and one more from which they do not come back. CPU c executes
 *   boot   up to the first ERET: 20 on CPU 0, 13 on CPU 1
 *   exit n (0..63): vector 6, loop 2 * (10 * (c + 1) + n % 4), around an exception of its own 9, a store and a load 3, end 3
 *          with the ERET, that is 41 + 20 c + 2 (n % 4), and 2 data accesses
 *   the last exit: 40 + 20 c, then CPU 0 powers the board off with 3 more, and CPU 1 waits with 2 more
 *   guest  a mark, 4 for each HVC, 1 that asks which CPU it is, on CPU 0 6000001 that give the other time, and the last HVC
 * Lies anywhere, with the MMU off.
 */
#define EXITS 64

    .text
    .global _start
_start:
    b       first
    .long   0
    .quad   0, 0x10000, 0xa, 0, 0, 0 /* text_offset, image_size, flags */
    .ascii  "ARMd"
    .long   0

first:
    adr     x2, second
    ldr     x0, =0xc4000003         /* CPU_ON of the second CPU, at EL2 */
    mov     x1, #1
    mov     x3, #0
    smc     #0
    mov     x19, #0
    b       common
second:
    mov     x19, #1
common:
    msr     tpidr_el2, x19
    adr     x1, vectors
    msr     vbar_el2, x1
    mov     x1, #(1 << 31)          /* HCR_EL2.RW */
    msr     hcr_el2, x1
    adr     x1, guest
    msr     elr_el2, x1
    mov     x1, #0x3c5              /* EL1h, all masked */
    msr     spsr_el2, x1
    isb
    mov     x20, #0                 /* n: kept in the guest's registers */
    eret

guest:
    movz    xzr, #5                 /* the mark */
1:  hvc     #0
    add     x20, x20, #1
    cmp     x20, #EXITS
    b.lo    1b
    cbnz    x19, 3f
    ldr     x21, =3000000
2:  subs    x21, x21, #1
    b.ne    2b
3:  hvc     #1

    .balign 0x800
vectors:
    .space  0x200
    mrs     x5, elr_el2             /* its own: goes on behind it */
    add     x5, x5, #4
    msr     elr_el2, x5
    eret
    .balign 0x400
    mrs     x0, tpidr_el2           /* 1 */
    add     x0, x0, #1              /* 2 */
    mov     x1, #10                 /* 3 */
    and     x2, x20, #3             /* 4 */
    madd    x0, x0, x1, x2          /* 5 */
    b       loop                    /* 6 */
    .balign 0x800

loop:
    subs    x0, x0, #1
    b.ne    loop
    mrs     x3, elr_el2             /* 1 of 9 */
    mrs     x4, spsr_el2
    brk     #0                      /* 3, and 4 of what it leads to */
    msr     elr_el2, x3
    msr     spsr_el2, x4
    adr     x5, word                /* 1 of 3 */
    str     x0, [x5]
    ldr     x0, [x5]
    cmp     x20, #EXITS             /* 1 of the end */
    b.hs    over
    eret
over:
    cbnz    x19, 1f
    ldr     x0, =0x84000008
    smc     #0
1:  wfi
    b       1b
    .balign 8
word:
    .quad   0
