/* SPDX-License-Identifier: Apache-2.0 */
/* The lines to a hart, and the irqc ops over the models of PLIC, or APLIC and IMSICs: traced, failable, on the
 * running core. */
#include "hv/plan.h"
#include "sim/riscv/hart.h"

bool sim_has_aia(void)
{
    return sim_cfg.irqc_version == (unsigned)PLAN_IRQC_AIA;
}

void sim_check_source(const char *op, uint32_t source)
{
    if (source == 0U || source >= sim_cfg.nr_irqs - RISCV_WIRED || source >= MAX_SOURCES) {
        sim_fail("interrupt controller: %s of source %u: there is none", op, source);
    }
}

uint32_t sim_source_of(const char *op, uint32_t intid)
{
    uint32_t source = intid - RISCV_WIRED;
    sim_check_source(op, intid < RISCV_WIRED ? 0U : source);
    return source;
}

/* ---- Lines ---- */

void sim_line(uint32_t intid, bool level)
{
    if (sim_has_aia()) {
        sim_aia_line(sim_source_of("line", intid), level);
    } else {
        sim_plic_line(sim_source_of("line", intid), level);
    }
}

static bool seip(unsigned core)
{
    return sim_has_aia() ? sim_aia_seip(core) : sim_plic_seip(core);
}

/* sip.STIP: stimecmp, or without Sstc the firmware's timer, which is set to the sooner of both times. */
static bool stip(struct core *c)
{
    uint64_t now = sim_core_now(c);
    return now >= c->alarm || (!sim_cfg.sstc && c->timer != 0U && now >= c->timer);
}

bool sim_irq_line(struct core *c)
{
    const struct hart *h = &sim_harts[c->index];
    if (sim_uart_on()) { /* else a test may use the line */
        sim_line(sim_cfg.uart_irq, sim_uart_line());
    }
    return h->on && (h->ssip || (h->stie && stip(c)) || seip(c->index));
}

bool sim_irq_is_ipi(struct core *c)
{
    const struct hart *h = &sim_harts[c->index];
    return h->ssip && !(h->stie && stip(c)) && !seip(c->index);
}

bool sim_virq_line(struct core *c)
{
    return (sim_hip(c) & sim_harts[c->index].vsie) != 0U;
}

/* ---- irqc ---- */

/* What the plan says of the CPUs' places has to be the machine's. */
static void check_cpus(const struct plan *plan)
{
    for (unsigned n = 0; n < plan->cpus.count; n++) {
        const struct plan_cpu *cpu = plan_cpu(plan, n);
        for (unsigned core = 0; core < sim_cfg.nr_cpus; core++) {
            if (sim_cfg.hw_id[core] == cpu->hw_id &&
                (cpu->irqc_index != (sim_has_aia() ? core : 2U * core + 1U) ||
                 cpu->irqc_pa != (sim_has_aia() ? SIM_IMSIC_PA(core) : 0U))) {
                sim_fail("the plan's CPU %u is at index %u, 0x%lx of the interrupt controller: this machine's is not", n,
                         cpu->irqc_index, cpu->irqc_pa);
            }
        }
    }
}

static enum hv_status irqc_init(const struct plan *plan)
{
    if (sim_op("irqc.init", true) || plan->nr_irqs > sim_cfg.nr_irqs || plan->irqc_version != sim_cfg.irqc_version ||
        plan->irqc_ids > sim_cfg.nr_ids) {
        return HV_ERR_MACHINE;
    }
    check_cpus(plan);
    sim_core_plan(plan);
    return HV_OK;
}

static enum hv_status irqc_init_cpu(unsigned cpu)
{
    if (sim_op("irqc.init_cpu", true)) {
        return HV_ERR_MACHINE;
    }
    if (sim_core_of(cpu) != sim_cpu()) {
        sim_fail("irqc.init_cpu(%u) on another CPU", cpu);
    }
    sim_harts[sim_cpu()].on = true;
    return HV_OK;
}

static uint32_t timer_came(struct core *c)
{
    if (!sim_cfg.sstc && c->timer != 0U && sim_now() >= c->timer) {
        c->timer = 0;
        return RISCV_INTID_GUEST_TIMER;
    }
    return RISCV_INTID_TIMER;
}

/* As the image has it: the timer first, IPIs last. */
static uint32_t irqc_ack(void)
{
    struct core *c = sim_self();
    struct hart *h = &sim_harts[c->index];
    (void)sim_op("irqc.ack", false);
    if (!h->on) {
        return IRQC_NONE;
    }
    if (h->stie && stip(c)) {
        return timer_came(c);
    }
    uint32_t source = sim_has_aia() ? sim_aia_claim(c->index) : sim_plic_claim(c->index);
    if (source != 0U) {
        return RISCV_WIRED + source;
    }
    bool ipi = h->ssip;
    h->ssip = false;
    return ipi ? HV_IPI_INTID : IRQC_NONE;
}

static void irqc_drop(uint32_t intid)
{
    (void)sim_op("irqc.drop", false);
    (void)intid;
}

static void irqc_deactivate(uint32_t intid)
{
    (void)sim_op("irqc.deactivate", false);
    if (intid < RISCV_WIRED) {
        return;
    }
    if (sim_has_aia()) {
        sim_aia_set_pending(sim_source_of("deactivate", intid), true);
    } else {
        sim_plic_complete(sim_source_of("deactivate", intid));
    }
}

static void change(enum irqc_bit what, uint32_t source, bool on)
{
    if (sim_has_aia()) {
        if (what == IRQC_ENABLE) {
            sim_aia_enable(source, on);
        } else if (what == IRQC_PENDING) {
            sim_aia_set_pending(source, on);
        }
    } else if (what == IRQC_ENABLE) {
        sim_plic_enable(source, on);
    }
}

static void change_word(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask, bool on)
{
    if (word == 0U) {
        if (what != IRQC_ENABLE || (mask & ~(1U << RISCV_INTID_TIMER)) != 0U || sim_core_of(cpu) != sim_cpu()) {
            sim_fail("interrupt controller: change %d of 0x%x among CPU %u's own interrupts", (int)what, mask, cpu);
        }
        sim_harts[sim_cpu()].stie = on ? sim_harts[sim_cpu()].stie || mask != 0U : sim_harts[sim_cpu()].stie && mask == 0U;
        return;
    }
    for (uint32_t i = 0; i < 32U; i++) {
        if ((mask >> i & 1U) != 0U) {
            change(what, sim_source_of("change", 32U * word + i), on);
        }
    }
}

static void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)sim_op("irqc.set", false);
    change_word(what, cpu, word, mask, true);
}

static void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)sim_op("irqc.clear", false);
    change_word(what, cpu, word, mask, false);
}

static uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)sim_op("irqc.get", false);
    (void)cpu;
    if (word == 0U || 32U * word >= sim_cfg.nr_irqs) {
        return 0;
    }
    return sim_has_aia() ? sim_aia_get(what, word - 1U) : sim_plic_get(what, word - 1U);
}

static void irqc_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    (void)sim_op("irqc.set_edge", false);
    (void)cpu;
    if (sim_has_aia()) {
        sim_aia_mode(sim_source_of("set_edge", intid), edge ? APLIC_EDGE_RISE : APLIC_LEVEL_HIGH);
    }
}

static void irqc_route(uint32_t intid, unsigned cpu)
{
    uint32_t source = sim_source_of("route", intid);
    (void)sim_op("irqc.route", false);
    if (sim_has_aia()) {
        sim_aia_target(source, sim_core_of(cpu), false, source);
    } else {
        sim_plic_route(source, sim_core_of(cpu));
    }
}

static void irqc_send_ipi(unsigned cpu)
{
    (void)sim_op("irqc.send_ipi", false);
    sim_harts[sim_core_of(cpu)].ssip = true;
}

const struct irqc_ops sim_irqc_ops = {
    .init = irqc_init,
    .init_cpu = irqc_init_cpu,
    .ack = irqc_ack,
    .drop = irqc_drop,
    .deactivate = irqc_deactivate,
    .set = irqc_set,
    .clear = irqc_clear,
    .get = irqc_get,
    .set_edge = irqc_set_edge,
    .route = irqc_route,
    .send_ipi = irqc_send_ipi,
};
