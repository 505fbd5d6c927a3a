/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the loader, or from the firmware's hart_start, to C at the linked address.
 *
 * Until the MMU is on the code runs at its physical address: everything is reached relative to the PC, never by an
 * absolute address. The step to the linked address is a jump, from the identity map that mmu_boot_root has besides.
 */
#include "asm_offsets.h"
#include "hv/arch/riscv/layout.h"

#define SATP_SV39 8
#define SBI_LEGACY_PUTCHAR 1

    .section .text.head, "ax"
    .global _start
_start:
    j       boot                    /* Linux Documentation/arch/riscv/boot-image-header: code0 */
    .balign 4
    .word   0                       /* code1 */
    .balign 8
    .dword  0                       /* text_offset: hvplan enters the board's load address - base of RAM */
    .dword  hv_size_in_memory       /* image_size with .bss; hvplan raises it to the whole packed file */
    .dword  0                       /* flags: little-endian */
    .word   2                       /* version 0.2 */
    .word   0
    .dword  0
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .word   0

/* a0 = hart id, at S level with the MMU off (SBI 2.0 9.1; Linux Documentation/arch/riscv/boot). Other harts are stopped. */
boot:
    csrw    sie, zero
    csrw    satp, zero
    mv      s0, a0
    la      s1, _start
    la      t0, no_hypervisor       /* the first access to a register of the extension tells */
    csrw    stvec, t0
    csrw    hgatp, zero
    la      t0, halt_here           /* a fault from here on, and before the MMU is on, ends this hart */
    csrw    stvec, t0
    la      t0, board
    ld      t0, BOARD_LOAD_BASE(t0)
    la      a1, text_address
    bne     s1, t0, die
    la      a0, hv_boot_stack       /* not in use yet */
    call    memset_try
    la      t0, memset_block
    sd      a0, 0(t0)
clear_bss:
    la      a0, hv_cleared_start    /* mmu_early_build writes all of the table before it */
    la      a2, hv_bss_end
    sub     a2, a2, a0
    li      a1, 0
    call    memset
    la      sp, hv_boot_stack_end
    call    mmu_early_build
    call    mmu_on
    mv      tp, zero
    la      sp, hv_window + (LAYOUT_BOOT_STACK + LAYOUT_BOOT_STACK_PAGES) * LAYOUT_PAGE
    mv      a0, s0
    call    cpu_set_hart
    call    features_find
    la      a0, hv_end              /* the plan's slot follows the image */
    mv      a1, s1
    call    hv_main_boot
    j       guest_enter

/* a0 = hart id, a1 = logical CPU number (the opaque argument). */
    .global boot_secondary
    .balign 4
boot_secondary:
    csrw    sie, zero
    la      t0, halt_here
    csrw    stvec, t0
    mv      s0, a0
    mv      s1, a1
    call    mmu_on
    la      t0, mmu_stacks          /* whatever the firmware passes, the stack is one that there is */
    ld      t0, 0(t0)
    bgeu    s1, t0, halt_here
    mv      tp, s1
    la      t0, hv_window
    addi    t1, s1, 1
    slli    t1, t1, LAYOUT_STACK_SLOT_SHIFT
    add     sp, t0, t1
    addi    sp, sp, -LAYOUT_FRAME_SLOT
    li      t0, LAYOUT_PAGE - LAYOUT_FRAME_SLOT
    sub     a0, sp, t0              /* its stack's page */
    call    memset_try
    ld      t0, memset_block        /* a hart whose blocks are others ends their use before it ever clears anything itself */
    beq     t0, a0, 1f
    la      t0, memset_block
    sd      zero, 0(t0)
1:  mv      a0, s0
    call    cpu_set_hart
    mv      a0, s1
    call    hv_main_secondary
    j       guest_enter

/* a0, a1 = where the two pages of the boot stack at a2 go. They are copied with no write beside them. Then the tables of mmu_roots
 * come in force. They give other addresses, and no translation of the old ones may be left (12.2.1): paging is off between, from
 * the identity map. */
    .global mmu_switch
    .balign 4
mmu_switch:
    li      t2, LAYOUT_PAGE
    add     t2, t2, a2
1:  ld      t0, 0(a2)               /* bound: a page */
    ld      t1, 8(a2)
    sd      t0, 0(a0)
    sd      t1, 8(a0)
    addi    a2, a2, 16
    addi    a0, a0, 16
    bne     a2, t2, 1b
    li      t2, LAYOUT_PAGE
    add     t2, t2, a2
2:  ld      t0, 0(a2)               /* bound: a page */
    ld      t1, 8(a2)
    sd      t0, 0(a1)
    sd      t1, 8(a1)
    addi    a2, a2, 16
    addi    a1, a1, 16
    bne     a2, t2, 2b
    fence   rw, rw
    li      a6, HV_VA_OFFSET
    la      t1, mmu_boot_root       /* adds the identity map, and changes nothing */
    sub     t1, t1, a6
    srli    t1, t1, 12
    li      t2, SATP_SV39 << 60
    or      t1, t1, t2
    csrw    satp, t1
    sfence.vma
    mv      t0, ra
    la      ra, 3f
    sub     ra, ra, a6
    ret                             /* to 3f, in the identity map */
    .balign 4
3:  sub     ra, t0, a6              /* mmu_on returns at the linked address of this */
    csrw    satp, zero

/* MMU on, with the tables of mmu_roots; returns to the linked address of the caller with the identity map gone. Here and in the hypervisor's own code
 * supervisor memory access to user pages is off (SUM, MXR = 0), and interrupts stay masked (SIE = 0). */
mmu_on:
    li      t0, (1 << 1) | (1 << 5) | (1 << 18) | (1 << 19) | (1 << 24) /* SIE, SPIE, SUM, MXR, SDT */
    csrc    sstatus, t0
    li      a6, HV_VA_OFFSET
    la      t0, 1f
    add     t0, t0, a6
    csrw    stvec, t0
    la      a7, mmu_roots
    ld      t1, 0(a7)
    ld      a7, 8(a7)
    srli    t1, t1, 12
    li      t2, SATP_SV39 << 60
    or      t1, t1, t2
    srli    a7, a7, 12
    or      a7, a7, t2
    sfence.vma
    csrw    satp, t1
    sfence.vma
    fence.i                         /* the image was written by another hart */
    jr      t0                      /* from the identity map to the linked address */
    .balign 4
1:  csrw    satp, a7
    sfence.vma
    la      t0, vectors
    csrw    stvec, t0
    csrw    sscratch, zero
    add     ra, ra, a6
    ret

    .balign 4
no_hypervisor:
    la      a1, text_extension
/* One line by the firmware's console (SBI 2.0 5.2), then for ever nothing. a1 = text. */
die:
    mv      s2, a1
1:  lbu     a0, 0(s2)               /* bound: the text */
    beqz    a0, halt_here
    li      a7, SBI_LEGACY_PUTCHAR
    ecall
    addi    s2, s2, 1
    j       1b
    .balign 4
halt_here:
    wfi
    j       halt_here

    .section .rodata.boot, "a"
text_extension:
    .asciz "[hv] stopped: this CPU has no hypervisor extension (H)\r\n"
text_address:
    .asciz "[hv] stopped: not where it is linked to run: load it by its RISC-V Linux header (QEMU -kernel, U-Boot booti)\r\n"

    .section .stacks, "aw", %nobits
    .balign LAYOUT_PAGE
    .space  LAYOUT_BOOT_STACK_PAGES * LAYOUT_PAGE
