/* SPDX-License-Identifier: Apache-2.0 */
/* The physical side of the GIC: distributor, redistributors, CPU interfaces. The virtual side is gic_virt.c. */
#include "sim/armv8/gic_internal.h"

#include <string.h>

struct sim_gic sim_gic_state;
static struct sim_gic *const s = &sim_gic_state;

void sim_gic_reset(const struct sim_gic_config *config)
{
    memset(s, 0, sizeof(*s));
    s->cfg = *config;
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        s->cpu[i].priv.edge = 0xffff; /* SGIs */
    }
}

static void check_word(const char *op, unsigned cpu, unsigned word)
{
    if (word >= s->cfg.nr_irqs / 32U || (word == 0U && cpu >= s->cfg.nr_cpus)) {
        sim_fail("gic: %s of word %u, cpu %u: there is none", op, word, cpu);
    }
}

struct gic_word *sim_gic_word(unsigned cpu, unsigned word)
{
    check_word("access", cpu, word);
    return word == 0U ? &s->cpu[cpu].priv : &s->spi[word];
}

static void line(struct gic_word *w, uint32_t intid, bool level)
{
    uint32_t bit = GIC_BIT(intid);
    if (level && (w->line & bit) == 0U) {
        w->latch |= w->edge & bit;
    }
    w->line = level ? w->line | bit : w->line & ~bit;
}

void sim_gic_line(uint32_t intid, bool level)
{
    line(sim_gic_word(0, intid / 32U), intid, level);
}

void sim_gic_ppi(unsigned cpu, uint32_t intid, bool level)
{
    line(&s->cpu[cpu].priv, intid, level);
}

static uint32_t pending(const struct gic_word *w)
{
    return w->latch | (w->line & ~w->edge);
}

void sim_gic_cpu_on(unsigned cpu)
{
    s->cpu[cpu].on = true;
}

void sim_gic_urgent(uint32_t intid)
{
    if (intid != 0U) {
        s->urgent[intid / 32U] |= GIC_BIT(intid);
    }
}

/* Lowest INTID that is pending, enabled, inactive and urgent, or not; priorities are equal among each of the two. */
static uint32_t lowest(unsigned cpu, bool urgent)
{
    for (uint32_t word = 0; word < s->cfg.nr_irqs / 32U; word++) {
        const struct gic_word *w = sim_gic_word(cpu, word);
        uint32_t set = pending(w) & w->enable & ~w->active & (urgent ? s->urgent[word] : ~s->urgent[word]);
        for (; set != 0U; set &= set - 1U) {
            uint32_t intid = 32U * word + (uint32_t)__builtin_ctz(set);
            if (word == 0U || s->route[intid] == cpu) {
                return intid;
            }
        }
    }
    return SIM_GIC_NONE;
}

static uint32_t candidate(unsigned cpu)
{
    s->cpu[cpu].priv.line &= ~GIC_BIT(s->cfg.maint_irq);
    if (sim_gic_maintenance(cpu)) {
        s->cpu[cpu].priv.line |= GIC_BIT(s->cfg.maint_irq);
    }
    uint32_t first = lowest(cpu, true);
    return first != SIM_GIC_NONE ? first : lowest(cpu, false);
}

uint32_t sim_gic_highest(unsigned cpu)
{
    return candidate(cpu);
}

bool sim_gic_irq(unsigned cpu)
{
    return s->cpu[cpu].on && !s->cpu[cpu].running && candidate(cpu) != SIM_GIC_NONE;
}

static bool is_own_sgi(uint32_t intid)
{
    return intid == HV_IPI_INTID || intid == VIRQ_TOLD_INTID;
}

uint32_t sim_gic_ack(unsigned cpu)
{
    if (!sim_gic_irq(cpu)) {
        return SIM_GIC_NONE;
    }
    uint32_t intid = candidate(cpu);
    struct gic_word *w = sim_gic_word(cpu, intid / 32U);
    w->latch &= ~GIC_BIT(intid);
    w->active |= GIC_BIT(intid);
    if (is_own_sgi(intid)) { /* GICv2: one source is acknowledged, the others stay pending (IHI 0048B 4.3.16) */
        uint32_t *from = &s->cpu[cpu].ipi_from[intid];
        *from &= *from - 1U;
        w->latch |= *from != 0U ? GIC_BIT(intid) : 0U;
    }
    s->cpu[cpu].running = true;
    s->cpu[cpu].running_intid = intid;
    return intid;
}

void sim_gic_drop(unsigned cpu, uint32_t intid)
{
    if (!s->cpu[cpu].running || s->cpu[cpu].running_intid != intid) {
        sim_fail("gic: cpu %u drops the priority of %u, which it has not acknowledged last", cpu, intid);
    }
    s->cpu[cpu].running = false;
}

void sim_gic_deactivate(unsigned cpu, uint32_t intid)
{
    struct gic_word *w = sim_gic_word(cpu, intid / 32U);
    if ((w->active & GIC_BIT(intid)) == 0U) {
        sim_fail("gic: cpu %u deactivates %u, which is not active", cpu, intid);
    }
    w->active &= ~GIC_BIT(intid);
}

static void check_own_sgis(const char *op, unsigned word, uint32_t mask)
{
    if (word == 0U && (mask & 0xffffU & ~(GIC_BIT(HV_IPI_INTID) | GIC_BIT(VIRQ_TOLD_INTID))) != 0U) {
        sim_fail("gic: %s of SGIs 0x%x, of which the hypervisor has but two", op, mask & 0xffffU);
    }
}

void sim_gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    struct gic_word *w = sim_gic_word(cpu, word);
    check_own_sgis("set", word, mask);
    if (what == IRQC_ENABLE) {
        w->enable |= mask;
    } else if (what == IRQC_PENDING) {
        w->latch |= mask;
    } else {
        w->active |= mask;
    }
}

void sim_gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    struct gic_word *w = sim_gic_word(cpu, word);
    check_own_sgis("clear", word, mask & ~0xffffU);
    if (what == IRQC_ENABLE) {
        w->enable &= ~mask;
    } else if (what == IRQC_PENDING) {
        w->latch &= ~mask;
    } else {
        w->active &= ~mask;
    }
}

uint32_t sim_gic_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    const struct gic_word *w = sim_gic_word(cpu, word);
    return what == IRQC_ENABLE ? w->enable : what == IRQC_PENDING ? pending(w) : w->active;
}

uint32_t sim_gic_edges(unsigned cpu, unsigned word)
{
    return sim_gic_word(cpu, word)->edge;
}

void sim_gic_set_edges(unsigned cpu, unsigned word, uint32_t edges, uint32_t mask)
{
    struct gic_word *w = sim_gic_word(cpu, word);
    uint32_t change = (w->edge ^ edges) & mask;
    if ((word == 0U && (change & 0xffffU) != 0U) || (change & w->enable) != 0U) {
        sim_fail("gic: triggers 0x%x of word %u changed while enabled (IHI 0069H 12.9.9), or of an SGI", change, word);
    }
    w->edge ^= change;
}

void sim_gic_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    sim_gic_set_edges(cpu, intid / 32U, edge ? GIC_BIT(intid) : 0U, GIC_BIT(intid));
}

void sim_gic_route(uint32_t intid, unsigned cpu)
{
    (void)sim_gic_word(0, intid / 32U);
    if (intid < 32U || cpu >= s->cfg.nr_cpus) {
        sim_fail("gic: %u routed to cpu %u: not an SPI, or no such CPU", intid, cpu);
    }
    s->route[intid] = (uint8_t)cpu;
}

unsigned sim_gic_route_of(uint32_t intid)
{
    return s->route[intid];
}

void sim_gic_check_banked(unsigned caller, unsigned cpu, unsigned word)
{
    if (s->cfg.version == 2U && word == 0U && caller != cpu) {
        sim_fail("gic: cpu %u reaches for the banked registers of cpu %u", caller, cpu);
    }
}

void sim_gic_send_sgi(unsigned from, unsigned cpu, uint32_t intid)
{
    if (!is_own_sgi(intid)) {
        sim_fail("gic: cpu %u sends SGI %u, which is not the hypervisor's", from, intid);
    }
    s->cpu[cpu].ipi_from[intid] |= s->cfg.version == 2U ? 1U << from : 0U;
    sim_gic_word(cpu, 0)->latch |= GIC_BIT(intid);
}

void sim_gic_send_ipi(unsigned from, unsigned cpu)
{
    sim_gic_send_sgi(from, cpu, HV_IPI_INTID);
}
