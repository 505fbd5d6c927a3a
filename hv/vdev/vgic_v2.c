/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributor frame of a GICv2 (IHI 0048B 4.3) without Security Extensions: the registers of INTIDs 0..31 are banked, each
 * vCPU sees its own. What is not in the table is RAZ/WI: NSACR, the implementation-defined ones.
 */
#include "vdev/mmio.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

#define PRIVATE     32U         /* INTIDs below it are banked */
#define SGI_CONFIG  0xaaaaaaaaU /* edge-triggered */
#define TYPER_CPU_SHIFT 5U      /* CPUNumber: one less than there are */

static uint32_t all_vcpus(const struct vgic *g)
{
    return ((uint32_t)1 << g->vm->nr_vcpus) - 1U;
}

static uint64_t read_ctlr(const struct mmio_access *a)
{
    return atomic32_load(&vgic_frame_of(a)->g->ctlr);
}

static uint64_t read_typer(const struct mmio_access *a)
{
    const struct vgic *g = vgic_frame_of(a)->g;

    return ((g->vm->nr_vcpus - 1U) << TYPER_CPU_SHIFT) | (g->nr_words - 1U);
}

static uint64_t read_iidr(const struct mmio_access *a)
{
    (void)a;
    return VGIC_IIDR;
}

static uint64_t read_pidr2(const struct mmio_access *a)
{
    (void)a;
    return VGIC_V2_PIDR2;
}

/* ISPENDR and ICPENDR of SGIs are read-only (4.3.7, 4.3.8): their sources have registers of their own. */
static uint64_t without_sgis(const struct mmio_access *a, uint64_t val)
{
    return a->offset == 0U ? val & ~(uint64_t)VGIC_SGIS : val;
}

static void set_pending(const struct mmio_access *a, uint64_t val)
{
    vgic_bits_set_pending(a, without_sgis(a, val));
}

static void clear_pending(const struct mmio_access *a, uint64_t val)
{
    vgic_bits_clear_pending(a, without_sgis(a, val));
}

/* Whether a PPI's trigger is programmable is IMPLEMENTATION DEFINED (4.3.13): those of the timers are level-sensitive. */
static uint64_t read_trigger(const struct mmio_access *a)
{
    if (4U * a->offset < PRIVATE) {
        return a->offset == 0U ? SGI_CONFIG : 0U;
    }
    return vgic_conf_read_trigger(a);
}

static void write_trigger(const struct mmio_access *a, uint64_t val)
{
    if (4U * a->offset >= PRIVATE) {
        vgic_conf_write_trigger(a, val);
    }
}

/* A byte per interrupt, a bit per vCPU (4.3.12): of a banked one the vCPU that reads. */
static uint64_t read_targets(const struct mmio_access *a)
{
    struct vgic_bank b = vgic_frame_bank(a, a->offset);
    uint32_t val = 0;

    if (b.g->vm->nr_vcpus == 1U) {
        return 0;
    }
    spin_lock(&b.g->lock);
    for (uint32_t i = 0; i < a->size; i++) { /* 1 or 4 turns */
        uint32_t targets = b.r != NULL ? (uint32_t)1 << b.vcpu : b.g->route[a->offset + i];

        val |= (b.w->owned & vgic_bit(a->offset + i)) != 0U ? targets << (8U * i) : 0U;
    }
    spin_unlock(&b.g->lock);
    return val;
}

/* Of an SPI with several targets the lowest takes it. */
static void retarget(const struct vgic_bank *b, uint32_t intid, uint32_t targets)
{
    struct vgic *g = b->g;
    uint32_t bit = vgic_bit(intid);

    g->route[intid] = targets;
    for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
        g->routed[i][b->word] &= ~bit;
    }
    if (targets != 0U) {
        unsigned vcpu = vgic_lowest(targets);

        g->routed[vcpu][b->word] |= bit;
        if ((b->w->virt & bit) == 0U) {
            arch_ops.irqc.route(intid, g->vm->vcpus[vcpu].cpu);
        }
    }
}

static void write_targets(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = vgic_frame_bank(a, a->offset);
    uint32_t change = 0;

    if (b.r != NULL || b.g->vm->nr_vcpus == 1U) {
        return;
    }
    vgic_lock(b.g);
    for (uint32_t i = 0; i < a->size; i++) { /* 1 or 4 turns */
        uint32_t intid = a->offset + i;
        uint32_t targets = (uint32_t)(val >> (8U * i)) & all_vcpus(b.g);

        if ((b.w->owned & vgic_bit(intid)) != 0U && b.g->route[intid] != targets) {
            retarget(&b, intid, targets);
            change |= vgic_bit(intid);
        }
    }
    vgic_sync_enable(&b);
    vgic_word_resettle(a->v, &b, change); /* unlocks */
}

static void write_sgir(const struct mmio_access *a, uint64_t val)
{
    vgic_send_sgir(a->v, (uint32_t)val);
}

/* CPENDSGIR and SPENDSGIR (4.3.16, 4.3.17): a byte per SGI, a bit per source. What is in a list register comes back first;
 * nobody but this vCPU can have it. */
static uint32_t sources(const struct mmio_access *a, uint32_t set, uint32_t clear)
{
    struct vgic_bank b = vgic_frame_bank(a, a->offset);
    uint32_t val = 0;

    vgic_lock(b.g);
    (void)vgic_lr_reap(a->v);
    vgic_fold_word(a->v, 0, ((a->size == 1U ? 1U : 0xfU) << a->offset));
    for (uint32_t i = 0; i < a->size; i++) { /* 1 or 4 turns */
        val |= (uint32_t)b.r->source[a->offset + i] << (8U * i);
        vgic_source_set(&b, a->offset + i, (set >> (8U * i)) & all_vcpus(b.g));
        vgic_source_clear(&b, a->offset + i, (clear >> (8U * i)) & all_vcpus(b.g));
    }
    vgic_fold_end(a->v);
    vgic_lr_fill(a->v);
    spin_unlock(&b.g->lock);
    return val;
}

static uint64_t read_sources(const struct mmio_access *a)
{
    return sources(a, 0, 0);
}

static void set_sources(const struct mmio_access *a, uint64_t val)
{
    (void)sources(a, (uint32_t)val, 0);
}

static void clear_sources(const struct mmio_access *a, uint64_t val)
{
    (void)sources(a, 0, (uint32_t)val);
}

static const struct mmio_reg regs[] = {
    {"GICD_CTLR", 0x000, 4, MMIO_W32, 0, read_ctlr, vgic_dist_write_ctlr},
    {"GICD_TYPER", 0x004, 4, MMIO_W32, 0, read_typer, NULL},
    {"GICD_IIDR", 0x008, 4, MMIO_W32, 0, read_iidr, NULL},
    {"GICD_IGROUPR", 0x080, 128, MMIO_W32, 1, vgic_bits_read_group, vgic_bits_write_group},
    {"GICD_ISENABLER", 0x100, 128, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_set_enable},
    {"GICD_ICENABLER", 0x180, 128, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_clear_enable},
    {"GICD_ISPENDR", 0x200, 128, MMIO_W32, 1, vgic_bits_read_pending, set_pending},
    {"GICD_ICPENDR", 0x280, 128, MMIO_W32, 1, vgic_bits_read_pending, clear_pending},
    {"GICD_ISACTIVER", 0x300, 128, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_set_active},
    {"GICD_ICACTIVER", 0x380, 128, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_clear_active},
    {"GICD_IPRIORITYR", 0x400, 1020, MMIO_W8 | MMIO_W32, 8, vgic_bits_read_priority, vgic_bits_write_priority},
    {"GICD_ITARGETSR", 0x800, 1020, MMIO_W8 | MMIO_W32, 8, read_targets, write_targets},
    {"GICD_ICFGR", 0xc00, 256, MMIO_W32, 2, read_trigger, write_trigger},
    {"GICD_SGIR", 0xf00, 4, MMIO_W32, 0, NULL, write_sgir},
    {"GICD_CPENDSGIR", 0xf10, 16, MMIO_W8 | MMIO_W32, 8, read_sources, clear_sources},
    {"GICD_SPENDSGIR", 0xf20, 16, MMIO_W8 | MMIO_W32, 8, read_sources, set_sources},
    {"GICD_PIDR2", 0xfe8, 4, MMIO_W32, 0, read_pidr2, NULL},
    MMIO_END,
};

static const uint8_t start[MMIO_GRANULES] = {0,  3,  4,  5,  6,  7,  8,  9,  10, 10, 10, 10, 10, 10, 10, 10,
                                             11, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12, 12, 12, 12, 13, 15};

const struct mmio_table vgic_v2_table = {regs, ARRAY_SIZE(regs) - 1U, ARRAY_SIZE(start), start};

void vgic_v2_access(struct vcpu *v, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    struct vgic *g = vgic_of(v);
    struct vgic_frame frame = {.g = g, .r = &g->vcpu[v->index], .vcpu = v->index};

    mmio_access(mmio_find(&vgic_v2_table, offset), v, &frame, offset, size, write, val);
}
