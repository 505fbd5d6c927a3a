/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual CPU interfaces: list registers, maintenance, and what the guest's ICC_* accesses do (IHI 0069H 6). */
#include "sim/armv8/gic_internal.h"

#include <string.h>

static struct sim_gic *const s = &sim_gic_state;

#define PENDING ((uint64_t)1 << 62)
#define ACTIVE  ((uint64_t)1 << 63)
#define STATE   (PENDING | ACTIVE)
#define HW      ((uint64_t)1 << 61)
#define EOI     ((uint64_t)1 << 41)
#define RES0    (((uint64_t)0xf << 56) | ((uint64_t)7 << 45))

static bool v2(void)
{
    return s->cfg.version == 2U;
}

static uint32_t vintid(uint64_t lr)
{
    return v2() ? (uint32_t)lr & 0x3ffU : (uint32_t)lr;
}

/* What the guest reads at acknowledge: GICv2 adds the source of an SGI (IHI 0048B 4.4.4). */
static uint32_t token_of(uint64_t lr)
{
    return v2() ? (uint32_t)lr & 0x1fffU : (uint32_t)lr;
}

/* Of GICv3's layout a GICv2's list register holds this: priority in five bits, INTIDs in ten, the source of an SGI. */
#define V2_HELD (STATE | HW | (uint64_t)1 << 60 | (uint64_t)0xf8 << 48 | (uint64_t)0x3ff << 32 | 0x1fffU)

static void check_v2(unsigned cpu, unsigned n, uint64_t lr)
{
    if ((lr & ~V2_HELD) != 0U) {
        sim_fail("gic: cpu %u list register %u: 0x%lx does not fit into GICH_LRn", cpu, n, lr);
    }
    if ((lr & 0x1c00U) != 0U && (vintid(lr) >= 16U || (lr & HW) != 0U)) {
        sim_fail("gic: cpu %u list register %u: 0x%lx is no SGI, yet it has a source", cpu, n, lr);
    }
    if ((lr >> 10 & 7U) >= s->cfg.nr_cpus) {
        sim_fail("gic: cpu %u list register %u: 0x%lx is from a CPU that does not exist", cpu, n, lr);
    }
}

static uint32_t pintid(uint64_t lr)
{
    return (uint32_t)(lr >> 32) & 0x1fffU;
}

static uint32_t prio(uint64_t lr)
{
    return (uint32_t)(lr >> 48) & 0xffU;
}

static unsigned group(uint64_t lr)
{
    return (unsigned)(lr >> 60) & 1U;
}

bool sim_gic_maintenance(unsigned cpu)
{
    const struct gic_cpu *c = &s->cpu[cpu];
    unsigned valid = 0;
    bool eoi = false;
    for (unsigned n = 0; n < s->cfg.nr_lrs; n++) {
        bool used = (c->lr[n] & STATE) != 0U;
        valid += used ? 1U : 0U;
        eoi = eoi || (!used && (c->lr[n] & (HW | EOI)) == EOI);
    }
    return eoi || (c->underflow && valid <= 1U);
}

static void check_lr(unsigned cpu, unsigned n)
{
    if (n >= s->cfg.nr_lrs) {
        sim_fail("gic: cpu %u has no list register %u", cpu, n);
    }
}

uint64_t sim_gic_read_lr(unsigned cpu, unsigned n)
{
    check_lr(cpu, n);
    return s->cpu[cpu].lr[n];
}

static void check_hw(unsigned cpu, unsigned n, uint64_t lr)
{
    uint32_t p = pintid(lr);
    if (p < 16U || p >= s->cfg.nr_irqs) {
        sim_fail("gic: cpu %u list register %u: physical INTID %u cannot be linked", cpu, n, p);
    }
    if ((sim_gic_word(cpu, p / 32U)->active & GIC_BIT(p)) == 0U) {
        sim_fail("gic: cpu %u list register %u has HW = 1, but physical %u is not active", cpu, n, p);
    }
    if ((lr & STATE) == STATE) {
        sim_fail("gic: cpu %u list register %u: pending and active with HW = 1 (12.4.6)", cpu, n);
    }
}

static void check_twins(unsigned cpu, unsigned n, uint64_t lr)
{
    for (unsigned i = 0; i < s->cfg.nr_lrs; i++) {
        uint64_t other = s->cpu[cpu].lr[i];
        if (i != n && (other & STATE) != 0U && vintid(other) == vintid(lr)) {
            sim_fail("gic: cpu %u: virtual INTID %u in list registers %u and %u", cpu, vintid(lr), i, n);
        }
    }
    for (unsigned k = 0; (lr & HW) != 0U && k < s->cfg.nr_cpus; k++) {
        for (unsigned i = 0; (k != cpu) && pintid(lr) >= 32U && i < s->cfg.nr_lrs; i++) {
            uint64_t other = s->cpu[k].lr[i];
            if ((other & STATE) != 0U && (other & HW) != 0U && pintid(other) == pintid(lr)) {
                sim_fail("gic: physical %u in list registers of cpus %u and %u", pintid(lr), cpu, k);
            }
        }
    }
}

void sim_gic_write_lr(unsigned cpu, unsigned n, uint64_t lr)
{
    check_lr(cpu, n);
    uint64_t old = s->cpu[cpu].lr[n];
    if ((lr & STATE) != 0U) {
        if ((old & STATE) != 0U && vintid(old) != vintid(lr)) {
            sim_fail("gic: cpu %u list register %u: %u overwritten by %u", cpu, n, vintid(old), vintid(lr));
        }
        if ((lr & RES0) != 0U || ((lr & HW) == 0U && ((lr >> 32) & 0x1dffU) != 0U) || vintid(lr) >= 1020U) {
            sim_fail("gic: cpu %u list register %u: 0x%lx is no valid value", cpu, n, lr);
        }
        if (v2()) {
            check_v2(cpu, n, lr);
        }
        if ((lr & HW) != 0U) {
            check_hw(cpu, n, lr);
        }
        check_twins(cpu, n, lr);
    } else if (lr != 0U) {
        sim_fail("gic: cpu %u list register %u: 0x%lx has no state", cpu, n, lr);
    }
    s->cpu[cpu].lr[n] = lr;
}

uint32_t sim_gic_empty(unsigned cpu)
{
    uint32_t set = 0;
    for (unsigned n = 0; n < s->cfg.nr_lrs; n++) {
        uint64_t lr = s->cpu[cpu].lr[n];
        /* ICH_ELRSR_EL2: state invalid, and no end of interrupt that waits to be noticed. */
        bool eoi = (lr & (HW | EOI)) == EOI;
        set |= (lr & STATE) == 0U && !eoi ? (uint32_t)1 << n : 0U;
    }
    return set;
}

void sim_gic_set_underflow(unsigned cpu, bool on)
{
    s->cpu[cpu].underflow = on;
}

void sim_gic_virq_reset(unsigned cpu)
{
    struct gic_cpu *c = &s->cpu[cpu];
    memset(c->lr, 0, sizeof(c->lr));
    c->underflow = false;
    c->groups = 0;
    c->split = false;
    c->depth = 0;
}

void sim_gic_audit(unsigned cpu)
{
    for (unsigned n = 0; n < s->cfg.nr_lrs; n++) {
        uint64_t lr = s->cpu[cpu].lr[n];
        if ((lr & STATE) != 0U && (lr & HW) != 0U) {
            check_hw(cpu, n, lr);
        }
    }
}

void sim_gic_guest_enable(unsigned cpu, unsigned groups)
{
    s->cpu[cpu].groups = groups;
}

void sim_gic_guest_eoimode(unsigned cpu, bool split)
{
    s->cpu[cpu].split = split;
}

/* Index of the pending list register of highest priority that the CPU may take; nr_lrs if none. */
static unsigned highest(unsigned cpu)
{
    const struct gic_cpu *c = &s->cpu[cpu];
    unsigned best = s->cfg.nr_lrs;
    uint32_t running = c->depth != 0U ? c->active_prio[c->depth - 1U] : GIC_IDLE;
    for (unsigned n = 0; n < s->cfg.nr_lrs; n++) {
        uint64_t lr = c->lr[n];
        if ((lr & STATE) == PENDING && ((c->groups >> group(lr)) & 1U) != 0U && prio(lr) < running &&
            (best == s->cfg.nr_lrs || prio(lr) < prio(c->lr[best]))) {
            best = n;
        }
    }
    return best;
}

bool sim_gic_guest_virq(unsigned cpu)
{
    sim_gic_audit(cpu);
    return highest(cpu) != s->cfg.nr_lrs;
}

uint32_t sim_gic_guest_ack(unsigned cpu, unsigned grp)
{
    struct gic_cpu *c = &s->cpu[cpu];
    sim_gic_audit(cpu);
    unsigned n = highest(cpu);
    if (n == s->cfg.nr_lrs || group(c->lr[n]) != grp) {
        return SIM_GIC_NONE;
    }
    c->lr[n] = (c->lr[n] & ~STATE) | ACTIVE;
    c->active_prio[c->depth++] = prio(c->lr[n]);
    return token_of(c->lr[n]);
}

static void deactivate(unsigned cpu, uint32_t intid)
{
    for (unsigned n = 0; n < s->cfg.nr_lrs; n++) {
        uint64_t *lr = &s->cpu[cpu].lr[n];
        if (token_of(*lr) == intid && (*lr & ACTIVE) != 0U) {
            *lr &= ~ACTIVE;
            if ((*lr & HW) != 0U) {
                sim_gic_deactivate(cpu, pintid(*lr));
            }
            return;
        }
    }
}

void sim_gic_guest_eoi(unsigned cpu, uint32_t intid)
{
    struct gic_cpu *c = &s->cpu[cpu];
    sim_gic_audit(cpu);
    if (c->depth != 0U) {
        c->depth--;
    }
    if (!c->split) {
        deactivate(cpu, intid);
    }
}

void sim_gic_guest_dir(unsigned cpu, uint32_t intid)
{
    sim_gic_audit(cpu);
    deactivate(cpu, intid);
}
