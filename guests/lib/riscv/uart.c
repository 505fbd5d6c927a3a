/* SPDX-License-Identifier: Apache-2.0 */
/* ns16550A: sends polled; receives polled, or as its interrupt says. */
#include "guest.h"

#define UART_DATA 0U
#define UART_IER  1U
#define UART_FCR  2U
#define UART_LCR  3U
#define UART_MCR  4U
#define UART_LSR  5U
#define IER_RX    0x1U
#define FCR_FIFO  0x1U
#define LCR_8N1   0x3U
#define MCR_LINES 0xbU /* DTR, RTS, and OUT2, which lets the interrupt out */
#define LSR_DR    0x1U
#define LSR_THRE  0x20U

static uint64_t uart_base;
static uint32_t uart_node;
static uint32_t reg_shift;
static bool words; /* its registers are read and written as 32 bits */

static uint8_t reg_read(uint32_t reg)
{
    uint64_t a = uart_base + ((uint64_t)reg << reg_shift);
    return words ? (uint8_t)mmio_read32(a) : mmio_read8(a);
}

static void reg_write(uint32_t reg, uint8_t v)
{
    uint64_t a = uart_base + ((uint64_t)reg << reg_shift);
    if (words) {
        mmio_write32(a, v);
    } else {
        mmio_write8(a, v);
    }
}

bool uart_init(void)
{
    uint32_t len = 0;
    uint64_t size = 0;
    uint32_t width = 1;
    const char *path = fdt_prop(fdt_path("/chosen"), "stdout-path", &len);
    uart_node = path != NULL ? fdt_path(path) : FDT_NONE;
    if (uart_node == FDT_NONE) {
        uart_node = fdt_compatible("ns16550a", 0);
    }
    if (!fdt_reg(uart_node, 0, &uart_base, &size)) {
        uart_base = 0;
        return false;
    }
    (void)fdt_cell(uart_node, "reg-shift", 0, &reg_shift);
    (void)fdt_cell(uart_node, "reg-io-width", 0, &width);
    words = width == 4U;
    /* The rate is left as whoever used the UART before set it; QEMU has none. */
    reg_write(UART_IER, 0);
    reg_write(UART_LCR, LCR_8N1);
    reg_write(UART_FCR, FCR_FIFO);
    reg_write(UART_MCR, MCR_LINES);
    return true;
}

void uart_putc(char c)
{
    if (uart_base == 0U) {
        return;
    }
    for (uint32_t i = 0; i < 10000000U && (reg_read(UART_LSR) & LSR_THRE) == 0U; i++) {
    }
    reg_write(UART_DATA, (uint8_t)c);
}

int uart_getc(void)
{
    if (uart_base == 0U || (reg_read(UART_LSR) & LSR_DR) == 0U) {
        return -1;
    }
    return (int)reg_read(UART_DATA);
}

uint32_t uart_listen(void)
{
    uint32_t irq = uart_base != 0U ? fdt_irq(uart_node, 0) : 0U;
    if (irq != 0U) {
        irq_enable(irq);
        reg_write(UART_IER, IER_RX);
    }
    return irq;
}
