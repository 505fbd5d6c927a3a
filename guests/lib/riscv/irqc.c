/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller that the device tree names: AIA if there is one, else a PLIC. */
#include "irqc_internal.h"

#define NO_ENTRY UINT32_MAX

struct irqc_place irqc_place;

static const struct irqc_driver *driver;

bool irqc_init(void)
{
    static const struct irqc_driver *const drivers[] = {&aia_driver, &plic_driver};
    for (unsigned i = 0; i < 2U; i++) {
        if (drivers[i]->init()) {
            driver = drivers[i];
            return true;
        }
    }
    return false;
}

enum irqc_kind irqc_kind(void)
{
    return driver == NULL ? IRQC_NONE : driver == &aia_driver ? IRQC_AIA : IRQC_PLIC;
}

uint64_t irqc_base(void)
{
    return irqc_place.base;
}

uint64_t irqc_size(void)
{
    return irqc_place.size;
}

uint32_t irqc_sources(void)
{
    return irqc_place.sources;
}

bool irqc_init_cpu(void)
{
    if (!driver->init_cpu()) {
        return false;
    }
    SET_CSR(sie, 1U << IRQ_EXTERNAL);
    return true;
}

void irq_edge(uint32_t irq)
{
    if (irq > IRQ_WIRED && irq < IRQ_MSI) {
        driver->edge(irq);
    }
}

void irq_enable(uint32_t irq)
{
    if (irq < IRQ_WIRED) {
        SET_CSR(sie, (uint64_t)1 << irq);
    } else {
        driver->enable(irq);
    }
}

void irq_disable(uint32_t irq)
{
    if (irq < IRQ_WIRED) {
        CLEAR_CSR(sie, (uint64_t)1 << irq);
    } else {
        driver->disable(irq);
    }
}

uint32_t irqc_claim(void)
{
    return driver != NULL ? driver->claim() : 0U;
}

uint32_t irqc_number(uint32_t token)
{
    return driver->number(token);
}

void irqc_complete(uint32_t token)
{
    driver->complete(token);
}

uint32_t fdt_irq(uint32_t node, unsigned n)
{
    uint32_t source = 0;
    if (driver == NULL || !fdt_cell(node, "interrupts", n * driver->cells, &source) || source == 0U) {
        return 0;
    }
    return IRQ_WIRED + source;
}

uint32_t hart_node(unsigned hart)
{
    uint64_t reg = 0;
    uint64_t none = 0;
    uint32_t node = 0;
    for (unsigned n = 0; node != FDT_NONE; n++) {
        node = fdt_child(fdt_path("/cpus"), n);
        if (fdt_reg(node, 0, &reg, &none) && reg == hart) { /* cpu-map has no reg */
            break;
        }
    }
    return node;
}

/* Phandle of a hart's own interrupt controller, its only child that is one; 0: there is no such hart. */
static uint32_t hart_intc(unsigned hart)
{
    uint32_t phandle = 0;
    uint32_t child = 0;
    for (unsigned n = 0; child != FDT_NONE; n++) {
        child = fdt_child(hart_node(hart), n);
        if (fdt_has_string(child, "compatible", "riscv,cpu-intc") && fdt_cell(child, "phandle", 0, &phandle)) {
            break;
        }
    }
    return phandle;
}

uint32_t hart_entry(uint32_t node, unsigned hart)
{
    uint32_t intc = hart_intc(hart);
    uint32_t phandle = 0;
    uint32_t cause = 0;
    for (uint32_t i = 0; intc != 0U && fdt_cell(node, "interrupts-extended", 2U * i, &phandle) &&
                         fdt_cell(node, "interrupts-extended", 2U * i + 1U, &cause);
         i++) {
        if (phandle == intc && cause == IRQ_EXTERNAL) {
            return i;
        }
    }
    return NO_ENTRY;
}
