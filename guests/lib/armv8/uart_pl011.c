/* SPDX-License-Identifier: Apache-2.0 */
/* PL011, polled (DDI 0183). */
#include "guest_uart.h"

#define UART_DR   0x00U
#define UART_FR   0x18U
#define UART_LCRH 0x2cU
#define UART_CR   0x30U
#define UART_IMSC 0x38U
#define FR_RXFE   0x10U
#define FR_TXFF   0x20U
#define LCRH_8N1  0x70U /* with FIFOs */
#define CR_ENABLE 0x301U

static void init(uint64_t base)
{
    mmio_write32(base + UART_IMSC, 0);
    mmio_write32(base + UART_LCRH, LCRH_8N1);
    mmio_write32(base + UART_CR, CR_ENABLE);
}

static bool full(uint64_t base)
{
    return (mmio_read32(base + UART_FR) & FR_TXFF) != 0U;
}

static void put(uint64_t base, uint8_t c)
{
    mmio_write32(base + UART_DR, c);
}

static int get(uint64_t base)
{
    return (mmio_read32(base + UART_FR) & FR_RXFE) != 0U ? -1 : (int)(mmio_read32(base + UART_DR) & 0xffU);
}

const struct guest_uart guest_pl011 = {"arm,pl011", init, full, put, get};
