/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plugin is tested on, for RISC-V: an "hypervisor" whose instructions per exit can be counted by hand. Harts 0
 * and 1 each run 64 ECALLs of a guest in VS mode. Exit n (0..63) of hart h executes
 *   vector 8, loop 2 * (10 * (h + 1) + n % 4), a trap of its own 9, a device register 2, a look whether n is odd 2, and if
 *   so a call of the firmware 3, end 9 with the SRET
 * that is 30 + 20 (h + 1) + 2 (n % 4) + 3 (n % 2). The hypervisor's code lies in the first 4096 bytes, the guest's behind,
 * at 0x80200000 with the MMU off. Ends by SBI SRST when both harts are done.
 */
#define EXITS 64
#define SPV   0x80
#define SPP   0x100

    .option norvc
    .option arch, +h
    .text
    .global _start
_start:
    j       first
    .balign 8
    .quad   0, 0x10000, 0, 2, 0 /* text_offset, image_size, flags, version */
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .long   0

first:
    mv      s3, a0
    xori    a0, s3, 1               /* HSM hart_start */
    lla     a1, second
    li      a2, 0
    li      a7, 0x48534d
    li      a6, 0
    ecall
    j       common
second:
    mv      s3, a0
common:
    lla     t0, vectors
    csrw    stvec, t0
    csrw    hgatp, zero
    csrw    vsatp, zero
    csrw    sie, zero
    lla     t4, guest
    li      s4, 0                   /* n: kept in the guest's registers, as are the hart's number */
    j       enter_guest

    .balign 4
vectors:
    csrr    t2, scause              /* 1 */
    li      t3, 3                   /* 2: a breakpoint */
    beq     t2, t3, own             /* 3 */
    li      t0, 10                  /* 4 */
    addi    t1, s3, 1               /* 5 */
    mul     t0, t0, t1              /* 6 */
    andi    t1, s4, 3               /* 7 */
    add     t0, t0, t1              /* 8 */
loop:
    addi    t0, t0, -1
    bnez    t0, loop
    csrr    t4, sepc                /* 1 of the trap of its own */
    ebreak                          /* 2, and 7 of what it leads to */
    li      t0, 0x10000000          /* 1: the UART's line status */
    lbu     t0, 5(t0)               /* 2 */
    andi    t0, s4, 1               /* 1 */
    beqz    t0, end                 /* 2 */
    li      a7, 0x10                /* 1: SBI BASE get_spec_version */
    li      a6, 0                   /* 2 */
    ecall                           /* 3 */
end:
    li      t0, EXITS
    addi    t4, t4, 4               /* 2 of the end: 1 is the line above */
    bgeu    s4, t0, over            /* 3 */
enter_guest:
    csrw    sepc, t4                /* 4: the first time with nothing before */
    li      t0, SPV
    csrs    hstatus, t0
    li      t0, SPP
    csrs    sstatus, t0
    sret
over:                               /* no exit that ends */
    lla     t0, done
    li      t1, 1
    amoadd.w t1, t1, (t0)
    bnez    t1, off
1:  wfi
    j       1b
off:
    li      a7, 0x53525354
    li      a6, 0
    li      a0, 0
    li      a1, 0
    ecall
own:
    csrr    t2, sepc                /* 4 */
    addi    t2, t2, 4
    csrw    sepc, t2
    sret                            /* 7 */

    .balign 4096
guest:
    ecall
    addi    s4, s4, 1
    li      t0, EXITS
    bltu    s4, t0, guest
    ecall                           /* one more, from which it does not come back */
done:
    .long   0
