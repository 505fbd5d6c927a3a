/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the loader, or from the firmware's CPU_ON, to C at the linked address.
 *
 * Until the MMU is on the code runs at its physical address: everything is reached by ADR or ADRP, never by an
 * absolute address. The identity map exists in a root of its own and is in force only between switching the MMU on
 * and the next TTBR0_EL2 write.
 */
#include "asm_offsets.h"
#include "hv/arch/armv8/layout.h"

/* HCR_EL2 (DDI 0487 D19.2.48): RW, EL1 is AArch64; AMO, IMO, FMO, interrupts are EL2's, so that they end its WFI.
 * All else off until reset.c; E2H = 0 throughout. */
#define HCR_BOOT (1 << 31 | 7 << 3)
/* SCTLR_EL2 (D19.2.124), RES1 bits: 29, 28, 23, 22, 18, 16, 11, 5, 4. */
#define SCTLR_OFF 0x30c50830
/* and on: M, A (the code is built with strict alignment), C, SA, I, WXN (whatever is writable never executes). */
#define SCTLR_ON (SCTLR_OFF | 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 19)
/* MAIR_EL2: attribute 0 Normal write-back read/write-allocate, attribute 1 Device-nGnRE. */
#define MAIR_VALUE 0x04ff
/* TCR_EL2 (D19.2.140): T0SZ, walks inner shareable and write-back, 4 KiB granule; bits 31 and 23 are RES1. */
#define TCR_VALUE (1 << 31 | 1 << 23 | 3 << 12 | 1 << 10 | 1 << 8 | (64 - LAYOUT_VA_BITS))
#define PS_48_BITS 5
/* What mmu_early_build needs of the boot stack, which is some fifty bytes, and much more. */
#define EARLY_STACK 1024

/* A 32-bit constant without a data access: until SCTLR_EL2.EE is known those may be big-endian. */
    .macro constant reg, value
    movz    \reg, #((\value) & 0xffff)
    movk    \reg, #(((\value) >> 16) & 0xffff), lsl #16
    .endm

/* Not at EL2: one line, and no more. At EL2 a loader may have left its guarded control stack on (FEAT_GCS, GCSCR_EL2): off, before the
 * first call would use it. Firmware lets EL2 at this register, and at those of el2_quiet, where the CPU has them (Linux
 * Documentation/arch/arm64/booting: SCR_EL3.GCSEn, TCR2En, SCTLR2En). */
    .macro el2_only
    mrs     x1, CurrentEL
    cmp     x1, #2 << 2
    b.ne    not_el2
    mrs     x1, id_aa64pfr1_el1
    ubfx    x1, x1, #44, #4         /* GCS */
    cbz     x1, 9f
    msr     s3_4_c2_c5_0, xzr
    isb
9:
    .endm

/* What is written with the MMU off. */
    .macro early start, end
    adrp    \start, hv_bss_start    /* a page's start */
    adrp    \end, hv_early_end
    add     \end, \end, :lo12:hv_early_end
    .endm

    .section .text.head, "ax"
    .global _start
_start:
    b       boot                    /* Linux Documentation/arch/arm64/booting: code0 */
    nop                             /* code1 */
    .quad   0                       /* text_offset: hvplan enters the board's load address - base of RAM */
    .quad   hv_size_in_memory       /* image_size with .bss; hvplan raises it to the whole packed file */
    .quad   0x2                     /* little-endian, 4 KiB pages; bit 3 clear: loaders put it at text_offset */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

boot:
    msr     daifset, #0xf
    msr     spsel, #1               /* the boot protocol does not say which stack pointer is selected */
    el2_only
    bl      el2_quiet               /* before the first access to memory */
    adr     x20, _start
    adr     x1, board
    ldr     x1, [x1, #BOARD_LOAD_BASE]
    adr     x0, text_address
    cmp     x20, x1
    b.ne    die
    bl      boot_uart_on
    early   x0, x1                  /* a dirty line left here must not be written back over what follows ... */
    bl      discard_lines
    adrp    x1, hv_boot_stack_end
    sub     x0, x1, #EARLY_STACK
    bl      discard_lines
    bl      clear_early
    mov     sp, x1                  /* hv_boot_stack_end */
    bl      mmu_early_build
    early   x0, x1                  /* ... and what was written past the caches must not be hidden by an old line */
    bl      discard_lines
    bl      mmu_on
    msr     tpidr_el2, xzr          /* a fault from here on takes it for the CPU's number */
    bl      clear_rest
    adrp    x0, hv_window + (LAYOUT_BOOT_STACK + LAYOUT_BOOT_STACK_PAGES) * LAYOUT_PAGE
    mov     sp, x0
    bl      quiet_cpu
    adrp    x0, hv_end              /* the plan's slot follows the image */
    mov     x1, x20
    bl      hv_main_boot
    b       guest_enter

/* Entered with X0 = logical CPU number (PSCI context), at EL2 with the MMU off (DEN 0022F 6.4.3). */
    .global boot_secondary
boot_secondary:
    msr     daifset, #0xf
    msr     spsel, #1
    mov     x19, x0
    el2_only
    bl      el2_quiet
    bl      mmu_on
    adr     x0, mmu_stacks          /* whatever the firmware passes, the stack is one that there is */
    ldr     x0, [x0]
    cmp     x19, x0
    b.hs    4f
    msr     tpidr_el2, x19
    adrp    x0, hv_window
    add     x1, x19, #1
    add     x0, x0, x1, lsl #LAYOUT_STACK_SLOT_SHIFT
    sub     sp, x0, #LAYOUT_FRAME_SLOT
    bl      quiet_cpu
    mov     w0, w19
    bl      hv_main_secondary
    b       guest_enter

not_el2:
    adr     x0, text_level
    b       die

/* EL2 in a known state with the MMU off, little-endian; no access to memory before that. A CPU that has only the VHE form of EL2 (FEAT_E2H0 absent, E2H reads as one)
 * is refused: every EL2 register value here is for E2H = 0. So FEAT_SRMASK, whose masks EL2 itself could not take back, cannot be there: it
 * makes E2H RES1 (D1.3, system register locking). */
el2_quiet:
    constant w1, HCR_BOOT
    msr     hcr_el2, x1
    isb
    mrs     x1, hcr_el2
    adr     x0, text_vhe
    tbnz    x1, #34, die
    mrs     x1, s3_0_c0_c7_4        /* ID_AA64MMFR4_EL1.E2H0 negative: E2H is RES1 and need not read back so */
    tbnz    x1, #27, die
    constant w1, SCTLR_OFF
    msr     sctlr_el2, x1
    mrs     x1, s3_0_c0_c7_3        /* ID_AA64MMFR3_EL1: extensions of TCR_EL2 (other permissions) and SCTLR_EL2 (SErrors) */
    ubfx    x2, x1, #0, #4          /* TCRX */
    cbz     x2, 1f
    msr     s3_4_c2_c0_3, xzr       /* TCR2_EL2 */
1:  ubfx    x2, x1, #4, #4          /* SCTLRX */
    cbz     x2, 2f
    msr     s3_4_c1_c0_3, xzr       /* SCTLR2_EL2 */
2:  adrp    x1, vectors             /* a fault before the MMU is on ends in the vectors' halt */
    add     x1, x1, :lo12:vectors
    msr     vbar_el2, x1
    isb
    ret

/* .bss must not depend on what a loader left there. Of what is written with the MMU off, which is the translation tables, there is
 * no more than has to be: the rest is cleared and used through the caches, and whatever line of it they held does not matter. */
clear_early:
    early   x0, x2
    adrp    x0, hv_cleared_start    /* mmu_early_build writes all of the table before it */
1:  .irp    offset, 16,32,48,64,80,96,112,128,144,160,176,192,208,224,240
    stp     xzr, xzr, [x0, #\offset] /* bound: a multiple of 256 */
    .endr
    stp     xzr, xzr, [x0], #256
    cmp     x0, x2
    b.lo    1b
    ret

clear_rest:
    early   x1, x0
    adrp    x2, hv_bss_end
    add     x2, x2, :lo12:hv_bss_end
    sub     x2, x2, x0
    mov     w1, #0
    b       memset

/* DC IVAC (D8 cache maintenance to the point of coherency) over [x0, x1) by the smallest line of CTR_EL0. */
discard_lines:
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x3, x3, x2
    sub     x4, x1, x3, lsl #3      /* from here on there are fewer than eight or just eight */
    b       2f
1:  .rept   8
    dc      ivac, x0                /* bound: the range by lines */
    add     x0, x0, x3
    .endr
2:  cmp     x0, x4
    b.ls    1b
    b       5f
3:  dc      ivac, x0                /* bound: seven */
    add     x0, x0, x3
5:  cmp     x0, x1
    b.lo    3b
    dsb     sy
    ret

/* X0, X1 = where the two pages of the boot stack at X2 go. They are copied with no write beside them. Then the tables of mmu_roots
 * come in force. They give other addresses to what is written as well, which asks for a break before the make (DDI 0487 D8.16.1):
 * that is the MMU off, from the identity map, and all of the TLB gone. Meanwhile no data is accessed but by mmu_on, and what the
 * caches hold stays there. */
    .global mmu_switch
mmu_switch:
    mov     x3, #LAYOUT_PAGE / 16
1:  ldp     x4, x5, [x2], #16       /* bound: a page */
    stp     x4, x5, [x0], #16
    subs    x3, x3, #1
    b.ne    1b
    mov     x3, #LAYOUT_PAGE / 16
2:  ldp     x4, x5, [x2], #16       /* bound: a page */
    stp     x4, x5, [x1], #16
    subs    x3, x3, #1
    b.ne    2b
    dsb     sy
    mov     x2, #HV_VA_OFFSET
    adrp    x1, mmu_boot_root       /* adds the identity map, and changes nothing */
    add     x1, x1, :lo12:mmu_boot_root
    sub     x1, x1, x2
    msr     ttbr0_el2, x1
    isb
    sub     x5, x30, x2             /* mmu_on returns at the linked address of this */
    adr     x30, 3f
    sub     x30, x30, x2
    ret                             /* to 3f, in the identity map */
3:  mov     x30, x5
    constant w1, SCTLR_OFF
    msr     sctlr_el2, x1
    isb

/* MMU and caches on, with the tables of mmu_roots; returns to the linked address of the caller with the identity map gone. */
mmu_on:
    ldr     x1, =MAIR_VALUE
    msr     mair_el2, x1
    mrs     x2, id_aa64mmfr0_el1
    ubfx    x2, x2, #0, #4          /* PARange; output addresses beyond 48 bits would need another format */
    mov     x3, #PS_48_BITS
    cmp     x2, x3
    csel    x2, x2, x3, lo
    ldr     x1, =TCR_VALUE & 0xffffffff
    orr     x1, x1, x2, lsl #16
    msr     tcr_el2, x1
    adrp    x1, mmu_roots           /* in memory: what wrote it did so past the caches, or cleaned it */
    add     x1, x1, :lo12:mmu_roots
    ldp     x1, x4, [x1]
    msr     ttbr0_el2, x1
    tlbi    alle2
    ic      iallu
    dsb     nsh
    isb
    ldr     w1, =SCTLR_ON
    msr     sctlr_el2, x1
    isb
    mov     x2, #HV_VA_OFFSET
    add     x30, x30, x2
    adr     x3, 1f
    add     x3, x3, x2
    mov     x5, x30
    mov     x30, x3
    ret                             /* to 1f, linked address: a plain branch could not leave the identity map */
1:  msr     ttbr0_el2, x4
    isb
    tlbi    alle2
    dsb     nsh
    adrp    x1, vectors
    add     x1, x1, :lo12:vectors
    msr     vbar_el2, x1
    isb
    mov     x30, x5
    ret

/* One line on the console, then for ever nothing. X0 = text. */
die:
    bl      boot_uart_on
1:  ldrb    w2, [x0], #1            /* bound: the text */
    cbz     w2, 4f
    bl      boot_uart_putc
    b       1b
4:  wfi
    b       4b

    .ltorg

    .section .rodata.boot, "a"
text_level:
    .asciz "[hv] stopped: not started at EL2: this machine or its firmware offers no virtualization\r\n"
text_address:
    .asciz "[hv] stopped: not where it is linked to run: load it by its arm64 Linux header (QEMU -kernel, U-Boot booti)\r\n"
text_vhe:
    .asciz "[hv] stopped: this CPU has no EL2 without E2H (FEAT_E2H0)\r\n"

    .section .stacks, "aw", %nobits
    .balign LAYOUT_PAGE
    .space  LAYOUT_BOOT_STACK_PAGES * LAYOUT_PAGE
