/* SPDX-License-Identifier: Apache-2.0 */
/* The board's Cadence UART (UG1087, UART module) for boot.S, MMU off and no stack: both leave its address in X1. */
#include "asm_offsets.h"

    .section .text.boot_uart, "ax"

/* Control_reg0: on, with the line settings the firmware or reset left. Changes X1, X2. */
    .global boot_uart_on
boot_uart_on:
    adr     x1, board
    ldr     x1, [x1, #BOARD_CONSOLE_BASE]
    mov     w2, #0x14               /* TXEN, RXEN; TXDIS, RXDIS clear */
    str     w2, [x1]
    ret

/* The character in W2. Bounded, the UART may be absent. Changes X3, X4. */
    .global boot_uart_putc
boot_uart_putc:
    mov     w3, #0x100000
1:  ldr     w4, [x1, #0x2c]         /* Channel_sts_reg0.TFUL */
    tbz     w4, #4, 2f
    subs    w3, w3, #1
    b.ne    1b
2:  str     w2, [x1, #0x30]         /* TX_RX_FIFO0 */
    ret
