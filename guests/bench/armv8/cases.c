/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#define HYPERCALL_NULL 0x86000000U
#define GICD_CTLR      0x000U
#define GICD_ISENABLER 0x100U
#define UART_DR        0x00U
#define UART_IMSC      0x38U
#define UART_ICR       0x44U
#define UART_TX        0x20U /* DDI 0183G 3.3.10: TXIM, and TXIC of ICR */
#define SGI            3U

static uint64_t uart;
static uint32_t uart_irq;

void bench_hypercall(void)
{
    (void)hvc(HYPERCALL_NULL, 0, 0, 0);
}

void bench_firmware(void)
{
    (void)psci(PSCI_VERSION, 0, 0, 0);
}

void bench_irqc_read(void)
{
    (void)mmio_read32(gic_dist_base() + GICD_CTLR);
}

void bench_enable_read(void)
{
    (void)mmio_read32(gic_dist_base() + GICD_ISENABLER + 4U);
}

void bench_enable_write(void)
{
    mmio_write32(gic_dist_base() + GICD_ISENABLER + 4U * (uart_irq / 32U), 1U << (uart_irq % 32U));
}

uint32_t bench_wired_init(void)
{
    uint64_t size = 0;
    uint32_t node = fdt_compatible("arm,pl011", 0);
    uart_irq = fdt_reg(node, 0, &uart, &size) ? fdt_irq(node, 0) : 0U;
    return uart_irq;
}

/* Behind each character sent its level is reached; no bit of the controller's is written for it. */
void bench_wired_raise(void)
{
    mmio_write32(uart + UART_IMSC, UART_TX);
    mmio_write32(uart + UART_DR, '.');
}

void bench_wired_clear(void)
{
    mmio_write32(uart + UART_IMSC, 0);
    mmio_write32(uart + UART_ICR, UART_TX);
}

bool bench_has_file(void)
{
    return false;
}

void bench_ipi_enable(void)
{
    irq_enable(SGI);
}

void bench_ipi_send(unsigned cpu, bool by_file)
{
    (void)by_file;
    gic_sgi(SGI, 1U << cpu);
}
