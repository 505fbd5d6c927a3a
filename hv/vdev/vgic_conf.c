/* SPDX-License-Identifier: Apache-2.0 */
/* What the distributor knows of each SPI beyond a bit: trigger and route (IHI 0069H 12.9.9, 12.9.22). */
#include "vdev/vgic_state.h"

#include "hv/arch_ops.h"

/* Bit n of a half-word -> bit 2n + 1: the edge bit of ICFGR fields. */
static uint32_t spread(uint32_t v)
{
    v &= 0xffffU;
    v = (v | (v << 8)) & 0x00ff00ffU;
    v = (v | (v << 4)) & 0x0f0f0f0fU;
    v = (v | (v << 2)) & 0x33333333U;
    v = (v | (v << 1)) & 0x55555555U;
    return v << 1;
}

static uint32_t gather(uint32_t v)
{
    v = (v >> 1) & 0x55555555U;
    v = (v | (v >> 1)) & 0x33333333U;
    v = (v | (v >> 2)) & 0x0f0f0f0fU;
    v = (v | (v >> 4)) & 0x00ff00ffU;
    v = (v | (v >> 8)) & 0x0000ffffU;
    return v;
}

uint64_t vgic_conf_read_trigger(const struct mmio_access *a)
{
    uint32_t first = 4U * a->offset;
    struct vgic_bank b = vgic_frame_bank(a, first);

    spin_lock(&b.g->lock);
    uint32_t val = b.w->edge >> (first % 32U);

    spin_unlock(&b.g->lock);
    return spread(val);
}

/* One trigger register holds sixteen interrupts, which may belong to several VMs, and can only be written as
 * a whole: without this lock a VM could undo what another has just set. Taken with vgic.lock held. */
static struct spinlock trigger_lock;

void vgic_conf_set_trigger(unsigned cpu, uint32_t intid, bool edge)
{
    spin_lock(&trigger_lock);
    arch_ops.irqc.set_edge(cpu, intid, edge);
    spin_unlock(&trigger_lock);
}

/* The architecture leaves a change while the interrupt is enabled UNPREDICTABLE (12.9.9): here it is disabled
 * at the physical controller meanwhile. */
void vgic_conf_write_trigger(const struct mmio_access *a, uint64_t val)
{
    struct vgic_bank b = vgic_frame_bank(a, 4U * a->offset);
    uint32_t shift = 4U * a->offset % 32U;

    vgic_lock(b.g);
    uint32_t change = (b.w->edge ^ (gather((uint32_t)val) << shift)) & b.w->owned & (0xffffU << shift);
    uint32_t on = change & b.w->phys_en;

    b.w->edge ^= change;
    change &= ~b.w->virt;
    if (on != 0U) {
        arch_ops.irqc.clear(IRQC_ENABLE, b.cpu, b.word, on);
    }
    while (change != 0U) { /* at most 16 turns */
        uint32_t i = (uint32_t)__builtin_ctz(change);

        change &= change - 1U;
        vgic_conf_set_trigger(b.cpu, 32U * b.word + i, (b.w->edge & ((uint32_t)1 << i)) != 0U);
    }
    if (on != 0U) {
        arch_ops.irqc.set(IRQC_ENABLE, b.cpu, b.word, on);
    }
    spin_unlock(&b.g->lock);
}

static bool owned_spi(const struct vgic_bank *b, uint32_t intid)
{
    return (b->w->owned & vgic_bit(intid)) != 0U;
}

/* 64 bits per interrupt; the upper half holds Aff3 alone, and IRM (bit 31) is RES0 without 1-of-N (12.9.22).
 */
uint64_t vgic_conf_read_route(const struct mmio_access *a)
{
    uint32_t intid = a->offset / 8U;
    struct vgic_bank b = vgic_frame_bank(a, intid);

    if (!owned_spi(&b, intid)) {
        return 0;
    }
    spin_lock(&b.g->lock);
    uint32_t aff = b.g->route[intid];

    spin_unlock(&b.g->lock);
    uint64_t val = ((uint64_t)(aff >> 24) << 32) | (aff & 0x00ffffffU);

    return val >> (8U * (a->offset % 8U));
}

static uint32_t new_affinity(uint32_t old, const struct mmio_access *a, uint64_t val)
{
    if (a->offset % 8U != 0U) {
        return (old & 0x00ffffffU) | ((uint32_t)(val & 0xffU) << 24);
    }
    if (a->size == 4U) {
        return (old & 0xff000000U) | ((uint32_t)val & 0x00ffffffU);
    }
    return ((uint32_t)((val >> 32) & 0xffU) << 24) | ((uint32_t)val & 0x00ffffffU);
}

void vgic_conf_write_route(const struct mmio_access *a, uint64_t val)
{
    uint32_t intid = a->offset / 8U;
    struct vgic_bank b = vgic_frame_bank(a, intid);
    struct vgic *g = b.g;
    uint32_t bit = vgic_bit(intid);

    if (!owned_spi(&b, intid)) {
        return;
    }
    vgic_lock(g);
    uint32_t aff = new_affinity(g->route[intid], a, val);

    if (aff == g->route[intid]) {
        spin_unlock(&g->lock);
        return;
    }
    g->route[intid] = aff;
    for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
        g->routed[i][b.word] = i == aff ? g->routed[i][b.word] | bit : g->routed[i][b.word] & ~bit;
    }
    if (aff < g->vm->nr_vcpus && (b.w->virt & bit) == 0U) {
        arch_ops.irqc.route(intid, g->vm->vcpus[aff].cpu);
    }
    vgic_sync_enable(&b);
    vgic_word_resettle(a->v, &b, bit);
}
