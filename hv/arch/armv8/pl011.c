/* SPDX-License-Identifier: Apache-2.0 */
/* The board's PL011 (DDI 0183). Its speed is the loader's; where it is lent to a VM, all its settings are that VM's. */
#include "arch/armv8/arch.h"

#define UARTDR    0x00U
#define UARTFR    0x18U
#define UARTLCR_H 0x2cU
#define UARTCR    0x30U
#define UARTIMSC  0x38U
#define UARTICR   0x44U

#define FR_BUSY   (1U << 3)
#define FR_RXFE   (1U << 4)
#define FR_TXFF   (1U << 5)
#define LCR_H_8N1 (3U << 5) /* 8 bits, no parity, one stop bit */
#define LCR_H_FEN (1U << 4)
#define CR_ON     0x301U /* UARTEN, TXE, RXE */
#define CR_MODEM  0xc00U /* RTS, DTR */
#define INT_RX    (1U << 4)
#define INT_TX    (1U << 5)
#define INT_RT    (1U << 6) /* something has waited in the receive FIFO for a while */
#define INT_ALL   0x7ffU

/* Longer than a full FIFO takes to go out at 9600 baud, and a bound. */
#define MAX_POLLS 2000000U

static uint32_t read_reg(uint32_t offset)
{
    const volatile uint32_t *uart = mmu_console();
    return uart[offset / 4U];
}

static void write_reg(uint32_t offset, uint32_t value)
{
    volatile uint32_t *uart = mmu_console();
    uart[offset / 4U] = value;
}

bool console_try_putc(char c)
{
    if ((read_reg(UARTFR) & FR_TXFF) != 0U) {
        return false;
    }
    write_reg(UARTDR, (uint8_t)c);
    return true;
}

/* With an error of the line the character is what arrived; of a break, 0. */
bool console_try_getc(uint8_t *c)
{
    if ((read_reg(UARTFR) & FR_RXFE) != 0U) {
        return false;
    }
    *c = (uint8_t)read_reg(UARTDR);
    return true;
}

/* UARTLCR_H may not change while the UART is on, nor the UART be turned off while it sends (3.3.8). */
void console_uart_start(void)
{
    uint32_t modem = read_reg(UARTCR) & CR_MODEM;
    for (uint32_t i = 0; i < MAX_POLLS && (read_reg(UARTFR) & FR_BUSY) != 0U; i++) {
    }
    write_reg(UARTCR, 0);
    write_reg(UARTIMSC, 0);
    write_reg(UARTICR, INT_ALL);
    write_reg(UARTLCR_H, LCR_H_8N1 | LCR_H_FEN);
    write_reg(UARTCR, CR_ON | modem);
}

/* The transmit interrupt is latched when the FIFO has run down to its level: also before it is unmasked here. */
void console_uart_events(bool received, bool room)
{
    write_reg(UARTIMSC, (received ? INT_RX | INT_RT : 0U) | (room ? INT_TX : 0U));
}
