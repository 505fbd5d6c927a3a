/* SPDX-License-Identifier: Apache-2.0 */
/* Redistributor frames of a vCPU: RD_base and SGI_base, 64 KiB each (IHI 0069H 12.10, 12.11). No LPIs. */
#include "vdev/mmio.h"
#include "vdev/vgic_state.h"

#define WAKER_PROCESSOR_SLEEP ((uint32_t)1 << 1)
#define WAKER_CHILDREN_ASLEEP ((uint32_t)1 << 2)
#define TYPER_LAST            ((uint64_t)1 << 4)

#define PPI_CFG_LEVEL 0U

static uint64_t read_iidr(const struct mmio_access *a)
{
    (void)a;
    return VGIC_IIDR;
}

static uint64_t read_pidr2(const struct mmio_access *a)
{
    (void)a;
    return VGIC_PIDR2;
}

static uint64_t read_typer(const struct mmio_access *a)
{
    const struct vgic_frame *f = vgic_frame_of(a);
    uint64_t typer = ((uint64_t)f->vcpu << 32) | ((uint64_t)f->vcpu << 8);

    if (f->vcpu + 1U == f->g->vm->nr_vcpus) {
        typer |= TYPER_LAST;
    }
    return typer >> (8U * a->offset); /* the upper half alone, if that is what is read */
}

static uint64_t read_waker(const struct mmio_access *a)
{
    return atomic32_load(&vgic_frame_of(a)->r->sleep) != 0U ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0U;
}

/* Sleep is remembered and gates nothing: a vCPU that sleeps in this sense has masked its interrupts before. */
static void write_waker(const struct mmio_access *a, uint64_t val)
{
    atomic32_store(&vgic_frame_of(a)->r->sleep, (uint32_t)val & WAKER_PROCESSOR_SLEEP);
}

/* SGIs are edge-triggered; the PPIs given, those of the timers, are level-sensitive, and that is fixed (IHI 0069H
 * 12.11.7: whether a PPI's field is programmable is IMPLEMENTATION DEFINED). */
static uint64_t read_config(const struct mmio_access *a)
{
    return a->offset == 0U ? 0xaaaaaaaaU : PPI_CFG_LEVEL;
}

static const struct mmio_reg regs[] = {
    {"GICR_CTLR", 0x0000, 4, MMIO_W32, 0, NULL, NULL},
    {"GICR_IIDR", 0x0004, 4, MMIO_W32, 0, read_iidr, NULL},
    {"GICR_TYPER", 0x0008, 8, MMIO_W32 | MMIO_W64, 0, read_typer, NULL},
    {"GICR_STATUSR", 0x0010, 4, MMIO_W32, 0, NULL, NULL},
    {"GICR_WAKER", 0x0014, 4, MMIO_W32, 0, read_waker, write_waker},
    {"GICR_SYNCR", 0x00c0, 4, MMIO_W32, 0, NULL, NULL},
    {"GICR_PIDR2", 0xffe8, 4, MMIO_W32, 0, read_pidr2, NULL},
    {"GICR_IGROUPR0", 0x10080, 4, MMIO_W32, 1, vgic_bits_read_group, vgic_bits_write_group},
    {"GICR_ISENABLER0", 0x10100, 4, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_set_enable},
    {"GICR_ICENABLER0", 0x10180, 4, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_clear_enable},
    {"GICR_ISPENDR0", 0x10200, 4, MMIO_W32, 1, vgic_bits_read_pending, vgic_bits_set_pending},
    {"GICR_ICPENDR0", 0x10280, 4, MMIO_W32, 1, vgic_bits_read_pending, vgic_bits_clear_pending},
    {"GICR_ISACTIVER0", 0x10300, 4, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_set_active},
    {"GICR_ICACTIVER0", 0x10380, 4, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_clear_active},
    {"GICR_IPRIORITYR", 0x10400, 32, MMIO_W8 | MMIO_W32, 8, vgic_bits_read_priority, vgic_bits_write_priority},
    {"GICR_ICFGR", 0x10c00, 8, MMIO_W32, 2, read_config, NULL},
    MMIO_END,
};

static const uint8_t start[2U * MMIO_GRANULES] = {
    0,  4,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5,  5, /* RD_base */
    6,  7,  8,  9,  10, 11, 12, 13, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 15, 15, 15, 15, 15, 15, 15, 15, /* SGI_base */
};

const struct mmio_table vgic_redist_table = {regs, ARRAY_SIZE(regs) - 1U, ARRAY_SIZE(start), start};

void vgic_redist_access(struct vcpu *v, unsigned target, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    struct vgic *g = vgic_of(v);
    struct vgic_frame frame = {.g = g, .r = &g->vcpu[target], .vcpu = target};

    mmio_access(mmio_find(&vgic_redist_table, offset), v, &frame, offset, size, write, val);
}
