/* SPDX-License-Identifier: Apache-2.0 */
/* PLIC (PLIC specification 1.0.0): all sources at one priority. */
#include "irqc_internal.h"

#define ENABLE         0x2000U
#define ENABLE_STRIDE  0x80U
#define CONTEXT        0x200000U
#define CONTEXT_STRIDE 0x1000U
#define THRESHOLD      0x0U
#define CLAIM          0x4U
#define HARTS          8U

static uint32_t plic_node;
static uint32_t context[HARTS]; /* of each hart's S mode */

static bool init(void)
{
    plic_node = fdt_compatible("riscv,plic0", 0);
    if (plic_node == FDT_NONE) {
        plic_node = fdt_compatible("sifive,plic-1.0.0", 0);
    }
    return fdt_reg(plic_node, 0, &irqc_place.base, &irqc_place.size) &&
           fdt_cell(plic_node, "riscv,ndev", 0, &irqc_place.sources);
}

uint32_t irqc_context(unsigned hart)
{
    return hart_entry(plic_node, hart);
}

static uint64_t enable_word(uint32_t source)
{
    return irqc_place.base + ENABLE + (uint64_t)ENABLE_STRIDE * context[cpu_id() % HARTS] + 4U * (source / 32U);
}

static uint64_t context_base(void)
{
    return irqc_place.base + CONTEXT + (uint64_t)CONTEXT_STRIDE * context[cpu_id() % HARTS];
}

static bool init_cpu(void)
{
    uint32_t c = irqc_context(cpu_id());
    if (c == UINT32_MAX) {
        return false;
    }
    context[cpu_id() % HARTS] = c;
    for (uint32_t s = 0; s <= irqc_place.sources; s += 32U) {
        mmio_write32(enable_word(s), 0);
    }
    mmio_write32(context_base() + THRESHOLD, 0);
    return true;
}

static void enable(uint32_t irq)
{
    uint32_t source = irq - IRQ_WIRED;
    uint64_t word = enable_word(source);
    if (source == 0U || source > irqc_place.sources) {
        return;
    }
    mmio_write32(word, mmio_read32(word) | 1U << (source % 32U));
    mmio_write32(irqc_place.base + 4U * source, 1); /* last: QEMU's PLIC looks for what is pending only then */
}

static void disable(uint32_t irq)
{
    uint32_t source = irq - IRQ_WIRED;
    uint64_t word = enable_word(source);
    if (source == 0U || source > irqc_place.sources) {
        return;
    }
    mmio_write32(word, mmio_read32(word) & ~(1U << (source % 32U)));
}

static uint32_t claim(void)
{
    return mmio_read32(context_base() + CLAIM);
}

/* Its gateways take edges and levels as the sources are. */
static void edge(uint32_t irq)
{
    (void)irq;
}

static uint32_t number(uint32_t token)
{
    return IRQ_WIRED + token;
}

static void complete(uint32_t token)
{
    mmio_write32(context_base() + CLAIM, token);
}

const struct irqc_driver plic_driver = {init, init_cpu, edge, enable, disable, claim, number, complete, 1};
