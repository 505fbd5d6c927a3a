/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributor frame (IHI 0069H 12.9) of a GIC with affinity routing always on (CTLR.ARE RAO/WI) and one security state
 * (CTLR.DS RAO/WI); no LPIs, message-based SPIs, extended SPIs, NMIs or 1-of-N routing (TYPER.No1N). INTIDs 0..31 are
 * the redistributors' (12.9.7 ff.: with ARE their fields here are RES0), and so are IGRPMODR, NSACR, SGIR,
 * ITARGETSR, SPENDSGIR and CPENDSGIR: not in the table, so RAZ/WI.
 */
#include "vdev/mmio.h"
#include "vdev/vgic_state.h"

#define CTLR_FIXED    0x50U /* DS, ARE */
#define CTLR_GROUPS   0x3U
#define TYPER_NO1N    ((uint32_t)1 << 25)
#define TYPER_A3V     ((uint32_t)1 << 24)
#define TYPER_IDBITS  (9U << 19) /* 10 bits of INTID */

static uint64_t read_ctlr(const struct mmio_access *a)
{
    return CTLR_FIXED | atomic32_load(&vgic_frame_of(a)->g->ctlr);
}

/* Takes what another CPU has pending out of its hand, since a group is no longer forwarded. */
static void recall_all(struct vcpu *v, struct vgic *g)
{
    vgic_recall_enter(v);
    vgic_recall(v, ~(uint32_t)0);
    vgic_lock(g);
    vgic_fold_end(v);
    spin_unlock(&g->lock);
    vgic_recall_leave(v);
}

void vgic_dist_write_ctlr(const struct mmio_access *a, uint64_t val)
{
    struct vgic *g = vgic_frame_of(a)->g;

    vgic_lock(g);
    uint32_t old = atomic32_locked(&g->ctlr);
    uint32_t gone = old & ~(uint32_t)val;
    uint32_t come = (uint32_t)val & CTLR_GROUPS & ~old;

    atomic32_store(&g->ctlr, (uint32_t)val & CTLR_GROUPS);
    for (unsigned w = 1; w < g->nr_words; w++) { /* at most 31 turns */
        struct vgic_bank b = vgic_bank(g, 0, w);

        vgic_sync_enable(&b);
        vgic_kick_virtual(a->v, &b, come != 0U ? vgic_virt_pending(b.w) : 0U);
    }
    for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
        struct vgic_bank b = vgic_bank(g, i, 0);

        vgic_sync_enable(&b);
    }
    spin_unlock(&g->lock);
    if (gone != 0U) {
        recall_all(a->v, g);
    }
    for (unsigned i = 0; come != 0U && i < g->vm->nr_vcpus; i++) {
        if (i != a->v->index && (g->v2 || atomic32_load(&g->vcpu[i].w.pend) != 0U)) {
            vgic_kick(&g->vm->vcpus[i]);
        }
    }
    vgic_lock(g);
    vgic_lr_fill(a->v);
    spin_unlock(&g->lock);
}

static uint64_t read_typer(const struct mmio_access *a)
{
    const struct vgic *g = vgic_frame_of(a)->g;

    return TYPER_NO1N | TYPER_A3V | TYPER_IDBITS | (g->nr_words - 1U);
}

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

static const struct mmio_reg regs[] = {
    {"GICD_CTLR", 0x0000, 4, MMIO_W32, 0, read_ctlr, vgic_dist_write_ctlr},
    {"GICD_TYPER", 0x0004, 4, MMIO_W32, 0, read_typer, NULL},
    {"GICD_IIDR", 0x0008, 4, MMIO_W32, 0, read_iidr, NULL},
    {"GICD_TYPER2", 0x000c, 4, MMIO_W32, 0, NULL, NULL},
    {"GICD_STATUSR", 0x0010, 4, MMIO_W32, 0, NULL, NULL},
    {"GICD_IGROUPR", 0x0080, 128, MMIO_W32, 1, vgic_bits_read_group, vgic_bits_write_group},
    {"GICD_ISENABLER", 0x0100, 128, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_set_enable},
    {"GICD_ICENABLER", 0x0180, 128, MMIO_W32, 1, vgic_bits_read_enable, vgic_bits_clear_enable},
    {"GICD_ISPENDR", 0x0200, 128, MMIO_W32, 1, vgic_bits_read_pending, vgic_bits_set_pending},
    {"GICD_ICPENDR", 0x0280, 128, MMIO_W32, 1, vgic_bits_read_pending, vgic_bits_clear_pending},
    {"GICD_ISACTIVER", 0x0300, 128, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_set_active},
    {"GICD_ICACTIVER", 0x0380, 128, MMIO_W32, 1, vgic_bits_read_active, vgic_bits_clear_active},
    {"GICD_IPRIORITYR", 0x0400, 1020, MMIO_W8 | MMIO_W32, 8, vgic_bits_read_priority, vgic_bits_write_priority},
    {"GICD_ICFGR", 0x0c00, 256, MMIO_W32, 2, vgic_conf_read_trigger, vgic_conf_write_trigger},
    {"GICD_IROUTER", 0x6000, 8160, MMIO_W32 | MMIO_W64, 64, vgic_conf_read_route, vgic_conf_write_route},
    {"GICD_PIDR2", 0xffe8, 4, MMIO_W32, 0, read_pidr2, NULL},
    MMIO_END,
};

static const uint8_t start[MMIO_GRANULES] = {0,  5,  6,  7,  8,  9,  10, 11, 12, 12, 12, 12, 12, 12, 12, 12,
                                             12, 12, 12, 12, 12, 12, 12, 12, 13, 13, 13, 13, 13, 13, 13, 13};

const struct mmio_table vgic_dist_table = {regs, ARRAY_SIZE(regs) - 1U, ARRAY_SIZE(start), start};

void vgic_dist_access(struct vcpu *v, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    struct vgic_frame frame = {.g = vgic_of(v), .r = NULL, .vcpu = 0};

    mmio_access(mmio_find(&vgic_dist_table, offset), v, &frame, offset, size, write, val);
}
