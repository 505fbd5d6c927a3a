/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#define EXTENSION   0x0a42484bU /* of the hypervisor's own calls */
#define PLIC_ENABLE 0x2000U     /* of context 0 */
#define PLIC_STRIDE 0x80U
#define APLIC_SETIENUM 0x1edcU
#define APLIC_SETIE 0x1e00U
#define UART_IER    1U
#define IER_TX      0x2U
#define MSI         3U

static uint64_t uart;
static uint32_t uart_irq;

void bench_hypercall(void)
{
    (void)sbi(EXTENSION, 0, 0, 0, 0);
}

void bench_firmware(void)
{
    (void)sbi(SBI_BASE, 0, 0, 0, 0);
}

void bench_irqc_read(void)
{
    (void)mmio_read32(irqc_base() + 4U); /* priority or sourcecfg of source 1 */
}

static uint64_t plic_word(void)
{
    return irqc_base() + PLIC_ENABLE + PLIC_STRIDE * irqc_context(cpu_id());
}

void bench_enable_read(void)
{
    (void)mmio_read32(irqc_kind() == IRQC_PLIC ? plic_word() : irqc_base() + APLIC_SETIE);
}

void bench_enable_write(void)
{
    uint32_t source = uart_irq - IRQ_WIRED;
    if (irqc_kind() == IRQC_PLIC) {
        mmio_write32(plic_word(), 1U << source); /* of the sources below 32 the one alone */
    } else {
        mmio_write32(irqc_base() + APLIC_SETIENUM, source);
    }
}

uint32_t bench_wired_init(void)
{
    uint64_t size = 0;
    uint32_t node = fdt_compatible("ns16550a", 0);
    uart_irq = fdt_reg(node, 0, &uart, &size) ? fdt_irq(node, 0) : 0U;
    return uart_irq;
}

/* The transmitter is empty, and says so as soon as it is asked. */
void bench_wired_raise(void)
{
    mmio_write8(uart + UART_IER, IER_TX);
}

void bench_wired_clear(void)
{
    mmio_write8(uart + UART_IER, 0);
}

bool bench_has_file(void)
{
    return irqc_kind() == IRQC_AIA;
}

void bench_ipi_enable(void)
{
    irq_enable(IRQ_SOFTWARE);
    if (bench_has_file()) {
        irq_enable(IRQ_MSI + MSI);
    }
}

void bench_ipi_send(unsigned cpu, bool by_file)
{
    if (by_file) {
        msi_send(cpu, MSI);
    } else {
        (void)ipi_send(1, cpu);
    }
}
