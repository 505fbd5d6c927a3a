/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller that the device tree names: a GICv3 or a GICv2. */
#include "gic_internal.h"

#define GICD_ICFGR    0xc00U
#define GICD_SGIR     0xf00U
#define GICR_SGI      0x10000U
#define INTID_MASK    0x3ffU
#define INTID_SPECIAL 1020U

static const struct gic_driver *driver;
static uint64_t frame[2];

bool irqc_init(void)
{
    uint64_t size[2] = {0, 0};
    uint32_t node = fdt_compatible("arm,gic-v3", 0);
    driver = node != FDT_NONE ? &gicv3_driver : &gicv2_driver;
    if (node == FDT_NONE) {
        node = fdt_compatible("arm,gic-400", 0);
    }
    if (node == FDT_NONE) {
        node = fdt_compatible("arm,cortex-a15-gic", 0);
    }
    return fdt_reg(node, 0, &frame[0], &size[0]) && fdt_reg(node, 1, &frame[1], &size[1]) &&
           driver->init(frame[0], frame[1], size[1]);
}

/* GIC binding, 3 cells: 0 an SPI, 1 a PPI; number; flags. */
uint32_t fdt_irq(uint32_t node, unsigned n)
{
    uint32_t type = 0;
    uint32_t number = 0;
    if (!fdt_cell(node, "interrupts", 3U * n, &type) || !fdt_cell(node, "interrupts", 3U * n + 1U, &number)) {
        return 0;
    }
    return number + (type == 1U ? 16U : 32U);
}

unsigned gic_version(void)
{
    return driver == &gicv2_driver ? 2U : 3U;
}

uint64_t gic_dist_base(void)
{
    return frame[0];
}

uint64_t gic_cpu_base(void)
{
    return driver == &gicv2_driver ? frame[1] : 0U;
}

uint64_t gic_redist_base(void)
{
    return driver == &gicv2_driver ? 0U : gicv3_redist_base();
}

uint64_t gic_private_base(void)
{
    return driver == &gicv2_driver ? frame[0] : gicv3_redist_base() + GICR_SGI;
}

void gic_sgi_others(uint32_t intid)
{
    if (driver == &gicv2_driver) {
        mmio_write32(frame[0] + GICD_SGIR, 1U << 24 | intid);
    } else {
        WRITE_SYSREG(icc_sgi1r_el1, (uint64_t)intid << 24 | 1ULL << 40 | 0xffffU);
    }
}

bool irqc_init_cpu(void)
{
    return driver->init_cpu();
}

/* IHI 0069H 12.9.9, IHI 0048B 4.3.13: two bits each, of which the upper one is the trigger. */
void irq_edge(uint32_t intid)
{
    uint64_t reg = gic_dist_base() + GICD_ICFGR + 4U * (intid / 16U);
    uint32_t bit = 2U << (2U * (intid % 16U));

    if (intid >= 32U) {
        mmio_write32(reg, mmio_read32(reg) | bit);
    }
}

void irq_enable(uint32_t intid)
{
    driver->enable(intid);
}

void irq_disable(uint32_t intid)
{
    driver->disable(intid);
}

void gic_sgi(uint32_t intid, uint32_t target_list)
{
    driver->sgi(intid, target_list);
}

uint32_t gic_acknowledge(void)
{
    uint32_t token = driver->acknowledge();
    barrier();
    return token;
}

bool gic_is_special(uint32_t token)
{
    return (token & INTID_MASK) >= INTID_SPECIAL;
}

uint32_t gic_intid(uint32_t token)
{
    return token & INTID_MASK;
}

void gic_end(uint32_t token)
{
    driver->end(token);
}
