/* SPDX-License-Identifier: Apache-2.0 */
/* The board's 16550 (PC16550D): registers of a byte, one after the other. Its speed is the loader's. */
#include "arch/riscv/arch.h"

#define RBR_THR 0U
#define IER     1U
#define FCR     2U
#define LCR     3U
#define MCR     4U
#define LSR     5U

#define IER_RX   1U
#define IER_TX   2U
#define FCR_ON   0x07U /* FIFOs on and empty, triggered by the first character */
#define LCR_8N1  3U
#define MCR_OUT2 0x0bU /* DTR, RTS and OUT2, which gates the interrupt on PCs */
#define LSR_DR   1U
#define LSR_THRE 0x20U

/* Longer than a full FIFO takes to go out at 9600 baud, and a bound. */
#define MAX_POLLS 2000000U

static uint8_t read_reg(unsigned reg)
{
    const volatile uint8_t *uart = mmu_console();

    return uart[reg];
}

static void write_reg(unsigned reg, uint8_t value)
{
    volatile uint8_t *uart = mmu_console();

    uart[reg] = value;
}

/* THRE says that the FIFO has run empty: one character at a time is what can be put without knowing its depth. */
bool console_try_putc(char c)
{
    if ((read_reg(LSR) & LSR_THRE) == 0U) {
        return false;
    }
    write_reg(RBR_THR, (uint8_t)c);
    return true;
}

bool console_try_getc(uint8_t *c)
{
    if ((read_reg(LSR) & LSR_DR) == 0U) {
        return false;
    }
    *c = read_reg(RBR_THR);
    return true;
}

void console_uart_start(void)
{
    for (uint32_t i = 0; i < MAX_POLLS && (read_reg(LSR) & LSR_THRE) == 0U; i++) {
    }
    write_reg(IER, 0);
    write_reg(LCR, LCR_8N1);
    write_reg(FCR, FCR_ON);
    write_reg(MCR, MCR_OUT2);
}

void console_uart_events(bool received, bool room)
{
    write_reg(IER, (uint8_t)((received ? IER_RX : 0U) | (room ? IER_TX : 0U)));
}
