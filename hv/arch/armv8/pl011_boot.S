/* SPDX-License-Identifier: Apache-2.0 */
/* The board's PL011 (DDI 0183) for boot.S, MMU off and no stack: both leave its address in X1. */
#include "asm_offsets.h"

    .section .text.boot_uart, "ax"

/* UARTCR (3.3.8): enabled, with the line settings the firmware or reset left. Changes X1, X2. */
    .global boot_uart_on
boot_uart_on:
    adr     x1, board
    ldr     x1, [x1, #BOARD_CONSOLE_BASE]
    mov     w2, #0x301              /* UARTEN, TXE, RXE */
    str     w2, [x1, #0x30]
    ret

/* The character in W2. Bounded, the UART may be absent. Changes X3, X4. */
    .global boot_uart_putc
boot_uart_putc:
    mov     w3, #0x100000
1:  ldr     w4, [x1, #0x18]         /* UARTFR.TXFF */
    tbz     w4, #5, 2f
    subs    w3, w3, #1
    b.ne    1b
2:  str     w2, [x1]
    ret
