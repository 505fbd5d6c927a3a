/* SPDX-License-Identifier: Apache-2.0 */
/* The UART that the tree names, driven by its kind. */
#include "guest_uart.h"

static const struct guest_uart *const kinds[] = {&guest_pl011, &guest_cadence};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct guest_uart *uart;
static uint64_t uart_base; /* 0: there is none */

bool uart_init(void)
{
    uint32_t len = 0;
    uint64_t size = 0;
    const char *path = fdt_prop(fdt_path("/chosen"), "stdout-path", &len);
    uint32_t named = path != NULL ? fdt_path(path) : FDT_NONE;

    uart_base = 0;
    for (unsigned i = 0; i < NR_KINDS && uart_base == 0U; i++) {
        uart = kinds[i];
        uint32_t node = named == FDT_NONE ? fdt_compatible(uart->compatible, 0) : named;
        if (!fdt_has_string(node, "compatible", uart->compatible) || !fdt_reg(node, 0, &uart_base, &size)) {
            uart_base = 0;
        }
    }
    if (uart_base != 0U) {
        uart->init(uart_base);
    }
    return uart_base != 0U;
}

void uart_putc(char c)
{
    if (uart_base == 0U) {
        return;
    }
    for (uint32_t i = 0; i < 10000000U && uart->full(uart_base); i++) {
    }
    uart->put(uart_base, (uint8_t)c);
}

int uart_getc(void)
{
    return uart_base == 0U ? -1 : uart->get(uart_base);
}

uint32_t uart_listen(void)
{
    return 0; /* polled here: what is lent to a guest may have no interrupt line */
}
