/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 (IHI 0069H), one security state as a guest sees it. */
#include "gic_internal.h"

#define GICD_CTLR       0x0000U
#define GICD_IGROUPR    0x0080U
#define GICD_ISENABLER  0x0100U
#define GICD_ICENABLER  0x0180U
#define GICD_IPRIORITYR 0x0400U
#define GICD_IROUTER    0x6000U
#define CTLR_RWP        (1U << 31)
#define CTLR_ARE_GRP1   ((1U << 4) | (1U << 1))

#define GICR_WAKER   0x0014U
#define GICR_TYPER   0x0008U
#define GICR_STRIDE  0x20000U
#define GICR_SGI     0x10000U
#define WAKER_SLEEP  2U
#define WAKER_ASLEEP 4U
#define TYPER_LAST   (1U << 4)

#define WAIT_MAX 1000000U
#define PRIORITY 0xa0U

static uint64_t dist;
static uint64_t redist; /* first frame of the region */
static uint64_t redist_size;

uint64_t gicv3_redist_base(void)
{
    uint32_t self = (uint32_t)(READ_SYSREG(mpidr_el1) & 0xffffffU);
    for (uint64_t f = redist; f < redist + redist_size; f += GICR_STRIDE) {
        uint64_t typer = mmio_read64(f + GICR_TYPER);
        if ((uint32_t)(typer >> 32) == self) {
            return f;
        }
        if ((typer & TYPER_LAST) != 0U) {
            break;
        }
    }
    return 0;
}

static bool wait_clear(uint64_t reg, uint32_t bits)
{
    for (uint32_t i = 0; i < WAIT_MAX; i++) {
        if ((mmio_read32(reg) & bits) == 0U) {
            return true;
        }
    }
    return false;
}

static bool init(uint64_t first, uint64_t second, uint64_t second_size)
{
    dist = first;
    redist = second;
    redist_size = second_size;
    mmio_write32(dist + GICD_CTLR, CTLR_ARE_GRP1);
    return wait_clear(dist + GICD_CTLR, CTLR_RWP);
}

static bool init_cpu(void)
{
    uint64_t r = gicv3_redist_base();
    if (r == 0U) {
        return false;
    }
    mmio_write32(r + GICR_WAKER, mmio_read32(r + GICR_WAKER) & ~WAKER_SLEEP);
    if (!wait_clear(r + GICR_WAKER, WAKER_ASLEEP)) {
        return false;
    }
    mmio_write32(r + GICR_SGI + GICD_ICENABLER, UINT32_MAX);
    mmio_write32(r + GICR_SGI + GICD_IGROUPR, UINT32_MAX);
    for (uint32_t i = 0; i < 32U; i += 4U) {
        mmio_write32(r + GICR_SGI + GICD_IPRIORITYR + i, PRIORITY * 0x01010101U);
    }
    WRITE_SYSREG(icc_sre_el1, 1);
    barrier();
    WRITE_SYSREG(icc_pmr_el1, 0xf0);
    WRITE_SYSREG(icc_bpr1_el1, 0);
    WRITE_SYSREG(icc_ctlr_el1, 0);
    WRITE_SYSREG(icc_igrpen1_el1, 1);
    barrier();
    return true;
}

static void enable(uint32_t intid)
{
    if (intid < 32U) {
        mmio_write32(gicv3_redist_base() + GICR_SGI + GICD_ISENABLER, 1U << intid);
        return;
    }
    uint64_t group = dist + GICD_IGROUPR + 4U * (intid / 32U);
    mmio_write32(group, mmio_read32(group) | 1U << (intid % 32U));
    uint64_t priority = dist + GICD_IPRIORITYR + (intid & ~3U);
    mmio_write32(priority, mmio_read32(priority) | PRIORITY << (8U * (intid % 4U)));
    mmio_write64(dist + GICD_IROUTER + 8U * intid, READ_SYSREG(mpidr_el1) & 0xffffffU);
    mmio_write32(dist + GICD_ISENABLER + 4U * (intid / 32U), 1U << (intid % 32U));
}

static void disable(uint32_t intid)
{
    uint64_t frame = intid < 32U ? gicv3_redist_base() + GICR_SGI : dist;
    mmio_write32(frame + GICD_ICENABLER + 4U * (intid / 32U), 1U << (intid % 32U));
    wait_clear(dist + GICD_CTLR, CTLR_RWP);
}

static void sgi(uint32_t intid, uint32_t target_list)
{
    barrier();
    WRITE_SYSREG(icc_sgi1r_el1, (uint64_t)intid << 24 | target_list);
    barrier();
}

static uint32_t acknowledge(void)
{
    return (uint32_t)READ_SYSREG(icc_iar1_el1) & 0xffffffU;
}

static void end(uint32_t token)
{
    WRITE_SYSREG(icc_eoir1_el1, token);
    __asm__ volatile("isb" ::: "memory");
}

const struct gic_driver gicv3_driver = {init, init_cpu, enable, disable, sgi, acknowledge, end};
