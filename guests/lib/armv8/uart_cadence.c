/* SPDX-License-Identifier: Apache-2.0 */
/* Cadence UART, polled (AMD UG1085; registers UG1087, UART module). */
#include "guest_uart.h"

#define UART_CONTROL 0x00U
#define UART_MODE    0x04U
#define UART_INT_DIS 0x0cU
#define UART_STATUS  0x2cU
#define UART_FIFO    0x30U
#define CONTROL_ON   0x14U /* TXEN, RXEN */
#define CONTROL_OFF  0x28U /* TXDIS, RXDIS */
#define MODE_CLOCK   0x1U  /* of the rate */
#define MODE_8N1     0x20U
#define INT_ALL      0x3fffU
#define STATUS_EMPTY 0x2U  /* REMPTY */
#define STATUS_FULL  0x10U /* TFUL */

/* Its mode may not change while it is on. */
static void init(uint64_t base)
{
    mmio_write32(base + UART_CONTROL, CONTROL_OFF);
    mmio_write32(base + UART_INT_DIS, INT_ALL);
    mmio_write32(base + UART_MODE, (mmio_read32(base + UART_MODE) & MODE_CLOCK) | MODE_8N1);
    mmio_write32(base + UART_CONTROL, CONTROL_ON);
}

static bool full(uint64_t base)
{
    return (mmio_read32(base + UART_STATUS) & STATUS_FULL) != 0U;
}

static void put(uint64_t base, uint8_t c)
{
    mmio_write32(base + UART_FIFO, c);
}

static int get(uint64_t base)
{
    return (mmio_read32(base + UART_STATUS) & STATUS_EMPTY) != 0U ? -1 : (int)(mmio_read32(base + UART_FIFO) & 0xffU);
}

const struct guest_uart guest_cadence = {"cdns,uart-r1p12", init, full, put, get};
