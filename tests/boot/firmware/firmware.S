/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware that leaves the boot CPU, and the devices it reaches, as no kernel would like to find them, and then enters
 * the image as the arm64 boot protocol has it: at EL2, at its first byte. Each `CASE` below is built by itself
 * (-DCASE=n, in the order of the file, -DGIC=2 or 3); tests/boot/test_firmware.py runs them all.
 *
 * A `case` line is one comment: NAME, then "gic2" or "gic3" if it is of that interrupt controller alone, then options of
 * QEMU that it needs, or none.
 */
#define IMAGE 0x40200000
#define GICD  0x08000000
#define GICC  0x08010000
#define GICH  0x08030000
#define GICR  0x080a0000 /* of CPU 0; the others follow each 128 KiB */
#define SGI   0x10000    /* the second frame of a redistributor */
#define LPIS  0x7f100000 /* their tables: RAM that nobody owns yet */

    .macro imm reg, value
    movz    \reg, #((\value) & 0xffff)
    movk    \reg, #(((\value) >> 16) & 0xffff), lsl #16
    movk    \reg, #(((\value) >> 32) & 0xffff), lsl #32
    movk    \reg, #(((\value) >> 48) & 0xffff), lsl #48
    .endm

    .macro put name, value
    imm     x1, \value
    msr     \name, x1
    .endm

    .macro store address, value
    imm     x2, \address
    imm     x1, \value
    str     w1, [x2]
    .endm

    .text
    .global _start
_start:
#if GIC == 3
    put     s3_4_c12_c9_5, 0xf      /* ICC_SRE_EL2: the cases below may use the CPU interface */
    isb
#endif

#if CASE == 0 /* case nothing */
    nop

#elif CASE == 1 /* case stack-pointer */
    put     sp_el0, 0x123456789abcdef1
    imm     x1, 0xfedcba9876543217
    mov     sp, x1
    msr     spsel, #0

#elif CASE == 2 /* case registers */
    .irp    n, 0,1,2,3,4,5,6,7,8,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    imm     x\n, 0xbad0badbadbad001 + \n
    .endr
    .irp    name, tpidr_el2, tpidr_el1, tpidr_el0, vbar_el1, elr_el2, spsr_el2, sp_el1, elr_el1, esr_el2, far_el2, \
                  vttbr_el2, vpidr_el2, vmpidr_el2, contextidr_el1, ttbr0_el1, ttbr1_el1, tcr_el1, mair_el1, hstr_el2
    msr     \name, x3
    .endr
    put     vbar_el2, 0xbad000
    put     sctlr_el1, 0x30d5d99f
    put     cpacr_el1, 0

#elif CASE == 3 /* case mmu */
    /* MMU and caches on, 64 KiB granule, all of memory as itself through two blocks of 512 MiB a gigabyte. */
    adr     x3, table
    imm     x4, 0x0000000000000401  /* block, AF, attribute 0 (Device) */
    imm     x5, 0x0000000020000000
    mov     x6, #2
1:  cmp     x6, #1                  /* RAM from 1 GiB on: attribute 1 (Normal), inner shareable */
    b.ne    2f
    imm     x4, 0x0000000040000705
2:  str     x4, [x3], #8
    add     x4, x4, x5
    str     x4, [x3], #8
    add     x4, x4, x5
    subs    x6, x6, #1
    b.ne    1b
    adr     x3, table
    msr     ttbr0_el2, x3
    put     mair_el2, 0x4400
    put     tcr_el2, 0x80804020     /* T0SZ = 32, TG0 = 64 KiB, walks not cacheable */
    tlbi    alle2
    dsb     sy
    isb
    put     sctlr_el2, 0x30c5183d   /* M, C, SA, I */
    isb

#elif CASE == 4 /* case endianness */
    put     sctlr_el2, 0x32c50830   /* EE: data accesses are big-endian */
    isb

#elif CASE == 5 /* case interrupts */
    /* EL2's own timer is over and its interrupt signalled; exceptions are open, and their vectors nowhere. */
    put     vbar_el2, 0x10000000
#if GIC == 3
    store   GICD, 0x12
    store   GICR + 0x14, 0
    store   GICR + SGI + 0x80, 0xffffffff
    store   GICR + SGI + 0x100, 0xffff0000
    put     s3_0_c4_c6_0, 0xff      /* ICC_PMR_EL1 */
    put     s3_0_c12_c12_7, 1       /* ICC_IGRPEN1_EL1 */
#else
    store   GICD, 1
    store   GICD + 0x100, 0xffff0000
    store   GICC + 4, 0xff          /* GICC_PMR */
    store   GICC, 1
#endif
    put     cnthp_cval_el2, 0
    put     cnthp_ctl_el2, 1
    msr     daifclr, #0xf
    isb

#elif CASE == 6 /* case timers */
    put     cnthctl_el2, 0x2ff
    put     cntvoff_el2, 0x1234567890
    put     cntkctl_el1, 0x3ff
    put     cnthp_cval_el2, 0
    put     cnthp_ctl_el2, 1
    put     cntv_cval_el0, 0
    put     cntv_ctl_el0, 1
    put     cntp_cval_el0, 0
    put     cntp_ctl_el0, 1

#elif CASE == 7 /* case active-priorities gic3 */
    put     s3_0_c12_c9_0, 0x10001  /* ICC_AP1R0_EL1: as inside two interrupt handlers */
    put     s3_0_c4_c6_0, 0         /* ICC_PMR_EL1 */
    put     s3_0_c12_c12_3, 7       /* ICC_BPR1_EL1 */

#elif CASE == 8 /* case lpis gic3 */
    imm     x3, LPIS
    mov     w5, #0xa1               /* 8192: priority 0xa0, enabled */
    strb    w5, [x3]
    imm     x6, LPIS + 0x10000
    mov     w5, #1                  /* and pending */
    strb    w5, [x6, #1024]
    dsb     sy
    imm     x2, GICR
    add     x4, x3, #0xd            /* GICR_PROPBASER: 14 bits of INTID */
    str     x4, [x2, #0x70]
    str     x6, [x2, #0x78]         /* GICR_PENDBASER */
    mov     w4, #1
    str     w4, [x2]                /* GICR_CTLR.EnableLPIs */
    dsb     sy

#elif CASE == 9 /* case interrupt-states gic3 */
    /* Everything enabled, pending, active and urgent, at the boot CPU and beyond; groups of both kinds. */
    store   GICD, 0x12
    imm     x2, GICD
    mov     w1, #-1
    mov     x3, #4                  /* word 1 on */
1:  add     x4, x2, x3
    str     w1, [x4, #0x80]
    str     w1, [x4, #0x100]
    str     w1, [x4, #0x200]
    str     w1, [x4, #0x300]
    add     x3, x3, #4
    cmp     x3, #0x40
    b.ne    1b
    store   GICD + 0x88, 0x55555555
    imm     x2, GICR
    mov     w3, #4
2:  add     x4, x2, #SGI
    str     wzr, [x2, #0x14]
    str     w1, [x4, #0x80]
    str     w1, [x4, #0x100]
    str     w1, [x4, #0x200]
    str     w1, [x4, #0x300]
    str     wzr, [x4, #0x400]
    add     x2, x2, #0x20000
    subs    w3, w3, #1
    b.ne    2b
    dsb     sy

#elif CASE == 10 /* case redistributors-asleep gic3 */
    imm     x2, GICR
    mov     w3, #4
    mov     w1, #2                  /* GICR_WAKER.ProcessorSleep */
1:  str     w1, [x2, #0x14]
    add     x2, x2, #0x20000
    subs    w3, w3, #1
    b.ne    1b
    dsb     sy

#elif CASE == 11 /* case traps */
    put     cptr_el2, -1
    put     hstr_el2, 0xffff
    put     mdcr_el2, 0xfe0
    put     vtcr_el2, 0x80023558
    put     vttbr_el2, 0x7f000000
    put     hcr_el2, 0x00000001ffffbfff     /* not RW, TGE, nor E2H */
    isb

#elif CASE == 12 /* case host-of-el0 */
    put     hcr_el2, 0x08000000     /* TGE without E2H */
    isb

#elif CASE == 13 /* case vhe -cpu max */
    put     hcr_el2, 0x408000000    /* E2H, TGE: EL1 names mean EL2 registers now */
    isb
    put     sctlr_el1, 0x30c5183c
    put     cpacr_el1, 0
    isb

#elif CASE == 14 /* case debug */
    /* Debug exceptions at EL2, open; a breakpoint on the boot path, a watchpoint on the hypervisor's memory, and steps. */
    msr     oslar_el1, xzr
    put     dbgbvr0_el1, IMAGE + 0x1000
    put     dbgbcr0_el1, 0x21e7     /* E, PMC = any, BAS, HMC */
    put     dbgwvr0_el1, IMAGE + 0x20000
    put     dbgwcr0_el1, 0x1000003 | 16 << 24 | 0xff << 5 | 3 << 3 | 1 << 13
    put     mdcr_el2, 0x100         /* TDE */
    put     mdscr_el1, 0xa000       /* MDE, KDE */
    isb
    msr     daifclr, #8

#elif CASE == 15 /* case counters */
    put     pmcr_el0, 0x47
    put     pmccfiltr_el0, 0x8000000
    put     pmevtyper0_el0, 0x8000008
    put     pmcntenset_el0, 0x8000003f
    put     pmintenset_el1, 0x8000003f
    put     pmovsset_el0, 0x8000003f
    put     pmuserenr_el0, 0xf
    put     mdcr_el2, 0x80          /* HPME, HPMN = 0 */

#elif CASE == 16 /* case streaming -cpu max,sme=on */
    put     cptr_el2, 0x22ff & ~(1 << 12) /* TSM = 0 */
    isb
    put     s3_4_c1_c2_6, 0xf       /* SMCR_EL2, without FA64 */
    isb
    msr     s0_3_c4_c7_3, xzr       /* SMSTART: streaming mode, and ZA */
    isb

#elif CASE == 17 /* case serror */
    put     hcr_el2, 0x80000128     /* a virtual SError pends, for whom there is none */
    isb
    msr     daifclr, #4

#elif CASE == 18 /* case active-priorities-v2 gic2 */
    store   GICC + 0xd0, 0x10001    /* GICC_APR0: as inside two interrupt handlers */
    store   GICC + 0xe0, 0x10001
    store   GICC + 0x4, 0           /* GICC_PMR */
    store   GICC + 0x8, 7           /* GICC_BPR */
    store   GICC, 0x200             /* off, EOImode 1 */

#elif CASE == 19 /* case interrupt-states-v2 gic2 */
    /* Everything enabled, pending, active, urgent, aimed at every CPU; SGIs from every CPU. */
    store   GICD, 1
    imm     x2, GICD
    mov     w1, #-1
    mov     x3, #0
1:  add     x4, x2, x3
    str     w1, [x4, #0x100]
    str     w1, [x4, #0x200]
    str     w1, [x4, #0x300]
    add     x3, x3, #4
    cmp     x3, #0x24               /* 288 interrupts */
    b.ne    1b
    mov     x3, #0
2:  add     x4, x2, x3
    str     wzr, [x4, #0x400]
    str     w1, [x4, #0x800]
    add     x3, x3, #4
    cmp     x3, #0x120
    b.ne    2b
    str     w1, [x2, #0xf20]        /* GICD_SPENDSGIR */
    str     w1, [x2, #0xf24]
    str     w1, [x2, #0xf28]
    str     w1, [x2, #0xf2c]
    dsb     sy

#elif CASE == 20 /* case virtual-interface gic2 */
    /* As a hypervisor leaves it that was in the middle of things: every list register pending, active priorities. */
    imm     x2, GICH
    imm     x1, 0x9000a01b          /* virtual 27, of the physical 40 */
    mov     w3, #4
    add     x4, x2, #0x100
1:  str     w1, [x4], #4
    subs    w3, w3, #1
    b.ne    1b
    store   GICH + 0xf0, 0x80000001 /* GICH_APR */
    store   GICH + 0x8, 0xf8fc021f  /* GICH_VMCR */
    store   GICH, 0xff              /* GICH_HCR: all maintenance interrupts */
    dsb     sy

#else
#define NO_CASE
#endif

#ifdef NO_CASE
#error "no such case"
#endif
    imm     x9, IMAGE
    br      x9
    .balign 0x10000
table:
    .space  0x10000
