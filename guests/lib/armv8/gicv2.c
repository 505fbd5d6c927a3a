/* SPDX-License-Identifier: Apache-2.0 */
/* GICv2 (IHI 0048B) as a guest sees it: one security state, everything in group 0, which arrives as IRQ. */
#include "gic_internal.h"

#define GICD_CTLR       0x000U
#define GICD_ISENABLER  0x100U
#define GICD_ICENABLER  0x180U
#define GICD_IPRIORITYR 0x400U
#define GICD_ITARGETSR  0x800U
#define GICD_SGIR       0xf00U
#define GICC_CTLR       0x000U
#define GICC_PMR        0x004U
#define GICC_BPR        0x008U
#define GICC_IAR        0x00cU
#define GICC_EOIR       0x010U
#define PRIORITY        0xa0U

static uint64_t dist;
static uint64_t cpu;

static bool init(uint64_t first, uint64_t second, uint64_t second_size)
{
    (void)second_size;
    dist = first;
    cpu = second;
    mmio_write32(dist + GICD_CTLR, 1);
    return true;
}

static bool init_cpu(void)
{
    mmio_write32(dist + GICD_ICENABLER, UINT32_MAX);
    for (uint32_t i = 0; i < 32U; i += 4U) {
        mmio_write32(dist + GICD_IPRIORITYR + i, PRIORITY * 0x01010101U);
    }
    mmio_write32(cpu + GICC_PMR, 0xf0);
    mmio_write32(cpu + GICC_BPR, 0);
    mmio_write32(cpu + GICC_CTLR, 1);
    barrier();
    return true;
}

static void enable(uint32_t intid)
{
    if (intid >= 32U) {
        uint64_t priority = dist + GICD_IPRIORITYR + (intid & ~3U);
        uint64_t target = dist + GICD_ITARGETSR + (intid & ~3U);
        uint32_t shift = 8U * (intid % 4U);
        mmio_write32(priority, mmio_read32(priority) | PRIORITY << shift);
        mmio_write32(target, (mmio_read32(target) & ~(0xffU << shift)) | (1U << cpu_id()) << shift);
    }
    mmio_write32(dist + GICD_ISENABLER + 4U * (intid / 32U), 1U << (intid % 32U));
}

static void disable(uint32_t intid)
{
    mmio_write32(dist + GICD_ICENABLER + 4U * (intid / 32U), 1U << (intid % 32U));
    (void)mmio_read32(dist + GICD_ICENABLER + 4U * (intid / 32U));
}

static void sgi(uint32_t intid, uint32_t target_list)
{
    barrier();
    mmio_write32(dist + GICD_SGIR, (target_list & 0xffU) << 16 | intid);
    barrier();
}

static uint32_t acknowledge(void)
{
    return mmio_read32(cpu + GICC_IAR); /* of an SGI with its source, which the end must say again (4.4.5) */
}

static void end(uint32_t token)
{
    mmio_write32(cpu + GICC_EOIR, token);
}

const struct gic_driver gicv2_driver = {init, init_cpu, enable, disable, sgi, acknowledge, end};
