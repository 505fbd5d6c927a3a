/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plugin is tested on: an "hypervisor" whose instructions per exit can be counted by hand. Two CPUs, numbers 1 and
 * 2 in TPIDR_EL2, each run 64 HVCs of a guest at EL1. Exit n (0..63) of CPU c executes
 *   vector: 5, loop: 2 * (10 * c + n % 4), end: 3 with the ERET
 * that is 8 + 20 c + 2 (n % 4). Lies anywhere, with the MMU off; ends by PSCI SYSTEM_OFF when CPU 1 is done.
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
    adr     x1, second
    ldr     x0, =0xc4000003         /* CPU_ON of the second CPU, at EL2 */
    mov     x2, x1
    mov     x1, #1
    mov     x3, #0
    smc     #0
    mov     x19, #1
    b       common
second:
    mov     x19, #2
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
    hvc     #0
    add     x20, x20, #1
    cmp     x20, #EXITS
    b.lo    guest
    cmp     x19, #1
    b.ne    2f
    ldr     x21, =3000000           /* time for the other one */
1:  subs    x21, x21, #1
    b.ne    1b
    hvc     #1                      /* one exit more, which ends the run */
2:  wfi
    b       2b

    .balign 0x800
vectors:
    .space  0x400
    mrs     x0, tpidr_el2           /* 1 */
    mov     x1, #10                 /* 2 */
    and     x2, x20, #3             /* 3 */
    madd    x0, x0, x1, x2          /* 4 */
    b       loop                    /* 5 */
    .balign 0x800

loop:
    subs    x0, x0, #1
    b.ne    loop
    cmp     x20, #EXITS             /* 1 of the end */
    b.hs    over
    eret
over:
    ldr     x0, =0x84000008
    smc     #0
