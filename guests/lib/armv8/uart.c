/* SPDX-License-Identifier: Apache-2.0 */
/* PL011, polled (DDI 0183). */
#include "guest.h"

#define UART_DR   0x00U
#define UART_FR   0x18U
#define UART_IBRD 0x24U
#define UART_FBRD 0x28U
#define UART_LCRH 0x2cU
#define UART_CR   0x30U
#define UART_IMSC 0x38U
#define FR_RXFE   0x10U
#define FR_TXFF   0x20U
#define LCRH_8N1  0x70U /* with FIFOs */
#define CR_ENABLE 0x301U

static uint64_t uart_base;

bool uart_init(void)
{
    uint32_t len = 0;
    uint64_t size = 0;
    const char *path = fdt_prop(fdt_path("/chosen"), "stdout-path", &len);
    uint32_t node = path != NULL ? fdt_path(path) : FDT_NONE;
    if (node == FDT_NONE) {
        node = fdt_compatible("arm,pl011", 0);
    }
    if (!fdt_reg(node, 0, &uart_base, &size)) {
        uart_base = 0;
        return false;
    }
    /* The rate is left as whoever used the UART before set it; QEMU has none. */
    mmio_write32(uart_base + UART_IMSC, 0);
    mmio_write32(uart_base + UART_LCRH, LCRH_8N1);
    mmio_write32(uart_base + UART_CR, CR_ENABLE);
    return true;
}

void uart_putc(char c)
{
    if (uart_base == 0U) {
        return;
    }
    for (uint32_t i = 0; i < 10000000U && (mmio_read32(uart_base + UART_FR) & FR_TXFF) != 0U; i++) {
    }
    mmio_write32(uart_base + UART_DR, (uint8_t)c);
}

int uart_getc(void)
{
    if (uart_base == 0U || (mmio_read32(uart_base + UART_FR) & FR_RXFE) != 0U) {
        return -1;
    }
    return (int)(mmio_read32(uart_base + UART_DR) & 0xffU);
}

uint32_t uart_listen(void)
{
    return 0; /* polled here: what is lent to a guest may have no interrupt line */
}
