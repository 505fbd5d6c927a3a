/* SPDX-License-Identifier: Apache-2.0 */
/* AIA 1.0: the hart's interrupt file, and an APLIC in MSI mode that sends into it. */
#include "irqc_internal.h"

/* IMSIC, by siselect and sireg (3.8); each hart's page, in the order of interrupts-extended (3.6). */
#define EIDELIVERY   0x70U
#define EITHRESHOLD  0x72U
#define EIP0         0x80U
#define EIE0         0xc0U
#define PAGE         4096U
#define SETEIPNUM_LE 0x0U
/* The identity of APLIC source n; those below are for MSIs that software sends. */
#define WIRED_IDS 16U

/* APLIC (4.5). */
#define DOMAINCFG     0x0000U
#define SOURCECFG     0x0000U /* + 4 x source, from 1 on */
#define SETIPNUM_LE   0x2000U
#define SETIENUM      0x1edcU
#define CLRIENUM      0x1fdcU
#define TARGET        0x3000U /* + 4 x source, from 1 on */
#define DOMAINCFG_IE  0x100U
#define DOMAINCFG_DM  0x4U
#define SM_EDGE_RISE  4U
#define SM_LEVEL_HIGH 6U

static uint32_t imsic_node = FDT_NONE;
static uint64_t imsic_base;
static uint32_t last_id;

/* The one that is S level's: M level's is in the board's tree as well. */
static uint32_t find_imsic(void)
{
    uint32_t node = fdt_compatible("riscv,imsics", 0);
    for (unsigned n = 1; node != FDT_NONE && hart_entry(node, cpu_id()) == UINT32_MAX; n++) {
        node = fdt_compatible("riscv,imsics", n);
    }
    return node;
}

static bool init(void)
{
    uint64_t size = 0;
    uint32_t phandle = 0;
    uint32_t parent = 0;
    imsic_node = find_imsic();
    if (!fdt_cell(imsic_node, "phandle", 0, &phandle) || !fdt_reg(imsic_node, 0, &imsic_base, &size) ||
        !fdt_cell(imsic_node, "riscv,num-ids", 0, &last_id)) {
        return false;
    }
    uint32_t node = fdt_compatible("riscv,aplic", 0);
    for (unsigned n = 1; node != FDT_NONE; n++) {
        if (fdt_cell(node, "msi-parent", 0, &parent) && parent == phandle) {
            break;
        }
        node = fdt_compatible("riscv,aplic", n);
    }
    if (node == FDT_NONE) {
        irqc_place.sources = 0; /* MSIs only */
        return true;
    }
    if (!fdt_reg(node, 0, &irqc_place.base, &irqc_place.size) ||
        !fdt_cell(node, "riscv,num-sources", 0, &irqc_place.sources)) {
        return false;
    }
    mmio_write32(irqc_place.base + DOMAINCFG, DOMAINCFG_IE | DOMAINCFG_DM);
    return true;
}

uint64_t imsic_page(unsigned hart)
{
    uint32_t index = imsic_node != FDT_NONE ? hart_entry(imsic_node, hart) : UINT32_MAX;
    return index != UINT32_MAX ? imsic_base + (uint64_t)PAGE * index : 0U;
}

uint32_t imsic_last_id(void)
{
    return last_id;
}

void msi_send(unsigned hart, uint32_t id)
{
    barrier();
    mmio_write32(imsic_page(hart) + SETEIPNUM_LE, id);
}

static void file_write(uint64_t reg, uint64_t v)
{
    WRITE_CSR(CSR_SISELECT, reg);
    WRITE_CSR(CSR_SIREG, v);
}

/* Bit `id` of the array that begins at reg: with XLEN = 64 only even registers are there, of 64 bits each (3.8.3). */
static void file_bit(uint64_t reg, uint32_t id, bool on)
{
    WRITE_CSR(CSR_SISELECT, reg + 2U * (id / 64U));
    if (on) {
        SET_CSR(CSR_SIREG, (uint64_t)1 << (id % 64U));
    } else {
        CLEAR_CSR(CSR_SIREG, (uint64_t)1 << (id % 64U));
    }
}

static bool init_cpu(void)
{
    if (imsic_page(cpu_id()) == 0U) {
        return false;
    }
    for (uint32_t i = 0; i <= last_id; i += 64U) {
        file_write(EIE0 + 2U * (i / 64U), 0);
        file_write(EIP0 + 2U * (i / 64U), 0);
    }
    file_write(EITHRESHOLD, 0);
    file_write(EIDELIVERY, 1);
    return true;
}

#define MAX_SOURCES 1023U /* 4.5 */
static uint32_t edges[(MAX_SOURCES + 1U) / 32U];

static bool is_wired(uint32_t irq)
{
    return irq > IRQ_WIRED && irq - IRQ_WIRED <= irqc_place.sources && irq - IRQ_WIRED + WIRED_IDS <= last_id;
}

static bool is_edge(uint32_t source)
{
    return (edges[source / 32U] & 1U << (source % 32U)) != 0U;
}

static void edge(uint32_t irq)
{
    if (is_wired(irq)) {
        edges[(irq - IRQ_WIRED) / 32U] |= 1U << ((irq - IRQ_WIRED) % 32U);
    }
}

static void enable(uint32_t irq)
{
    if (irq > IRQ_MSI && irq - IRQ_MSI <= last_id) {
        file_bit(EIE0, irq - IRQ_MSI, true);
    } else if (is_wired(irq)) {
        uint32_t source = irq - IRQ_WIRED;
        file_bit(EIE0, WIRED_IDS + source, true);
        mmio_write32(irqc_place.base + SOURCECFG + 4U * source, is_edge(source) ? SM_EDGE_RISE : SM_LEVEL_HIGH);
        mmio_write32(irqc_place.base + TARGET + 4U * source,
                     hart_entry(imsic_node, cpu_id()) << 18 | (WIRED_IDS + source));
        mmio_write32(irqc_place.base + SETIENUM, source);
        if (!is_edge(source)) {
            mmio_write32(irqc_place.base + SETIPNUM_LE, source); /* pending if its line is high already (4.9.2) */
        }
    } else {
        return;
    }
}

static void disable(uint32_t irq)
{
    if (irq > IRQ_MSI && irq - IRQ_MSI <= last_id) {
        file_bit(EIE0, irq - IRQ_MSI, false);
    } else if (is_wired(irq)) {
        mmio_write32(irqc_place.base + CLRIENUM, irq - IRQ_WIRED);
        file_bit(EIE0, WIRED_IDS + irq - IRQ_WIRED, false);
    } else {
        return;
    }
}

/* Read and written at once: the write claims what was read (3.10). */
static uint32_t claim(void)
{
    uint64_t v;
    __asm__ volatile("csrrw %0, " CSR_TEXT(CSR_STOPEI) ", zero" : "=r"(v)::"memory");
    return (uint32_t)(v >> 16) & 0x7ffU;
}

static uint32_t number(uint32_t token)
{
    return token > WIRED_IDS ? IRQ_WIRED + token - WIRED_IDS : IRQ_MSI + token;
}

/* The MSI of a level-sensitive source was sent when its line rose; if the line is high still, there is to be another
 * (4.9.2). */
static void complete(uint32_t token)
{
    if (token > WIRED_IDS && token - WIRED_IDS <= irqc_place.sources && !is_edge(token - WIRED_IDS)) {
        mmio_write32(irqc_place.base + SETIPNUM_LE, token - WIRED_IDS);
    }
}

const struct irqc_driver aia_driver = {init, init_cpu, edge, enable, disable, claim, number, complete, 2};
