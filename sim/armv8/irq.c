/* SPDX-License-Identifier: Apache-2.0 */
/* The irqc and virq ops over the GIC model: traced, failable, on the running core; and the lines to the CPUs. */
#include "hv/plan.h"
#include "sim/armv8/gic.h"
#include "sim/internal.h"

bool sim_irq_line(struct core *c)
{
    sim_gic_ppi(c->index, sim_cfg.vtimer_irq, c->timer != 0U && sim_core_now(c) >= c->timer);
    sim_gic_ppi(c->index, sim_cfg.htimer_irq, sim_core_now(c) >= c->alarm);
    if (sim_uart_on()) { /* else a test may use the line */
        sim_gic_line(sim_cfg.uart_irq, sim_uart_line());
    }
    return sim_gic_irq(c->index);
}

bool sim_irq_is_ipi(struct core *c)
{
    uint32_t intid = sim_gic_highest(c->index);
    return intid == HV_IPI_INTID || intid == VIRQ_TOLD_INTID;
}

bool sim_virq_line(struct core *c)
{
    return sim_gic_guest_virq(c->index);
}

void sim_line(uint32_t intid, bool level)
{
    sim_gic_line(intid, level);
}

void sim_guest_gic_enable(struct sim_guest *g)
{
    /* all in group 0, as Linux has them; or group 1 */
    sim_gic_guest_enable(g->cpu, sim_cfg.irqc_version == 2U ? 1U : 2U);
}

uint32_t sim_guest_ack(struct sim_guest *g)
{
    sim_guest_step(g);
    return sim_gic_guest_ack(g->cpu, sim_cfg.irqc_version == 2U ? 0U : 1U);
}

void sim_guest_eoi(struct sim_guest *g, uint32_t intid)
{
    sim_guest_step(g);
    sim_gic_guest_eoi(g->cpu, intid);
}

static enum hv_status irqc_init(const struct plan *plan)
{
    if (sim_op("irqc.init", true) || plan->nr_irqs > sim_cfg.nr_irqs || plan->irqc_version != sim_cfg.irqc_version) {
        return HV_ERR_MACHINE;
    }
    sim_gic_urgent(plan->htimer_irq);
    sim_gic_urgent(plan->console_irq);
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
    sim_gic_cpu_on(sim_cpu());
    sim_gic_set(IRQC_ENABLE, sim_cpu(), 0, 1U << HV_IPI_INTID | 1U << VIRQ_TOLD_INTID);
    sim_gic_set(IRQC_ENABLE, sim_cpu(), 0, 1U << sim_cfg.maint_irq);
    return HV_OK;
}

static uint32_t irqc_ack(void)
{
    (void)sim_op("irqc.ack", false);
    return sim_gic_ack(sim_cpu());
}

static void irqc_drop(uint32_t intid)
{
    (void)sim_op("irqc.drop", false);
    sim_gic_drop(sim_cpu(), intid);
}

static void irqc_deactivate(uint32_t intid)
{
    (void)sim_op("irqc.deactivate", false);
    sim_gic_deactivate(sim_cpu(), intid);
}

static unsigned core_of_word(unsigned cpu, unsigned word)
{
    sim_gic_check_banked(sim_cpu(), word == 0U ? sim_core_of(cpu) : 0U, word);
    return word == 0U ? sim_core_of(cpu) : 0U;
}

static void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)sim_op("irqc.set", false);
    sim_gic_set(what, core_of_word(cpu, word), word, mask);
}

static void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)sim_op("irqc.clear", false);
    sim_gic_clear(what, core_of_word(cpu, word), word, mask);
}

static uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)sim_op("irqc.get", false);
    return sim_gic_get(what, core_of_word(cpu, word), word);
}

/* A register of sixteen interrupts is read, changed and written, as on hardware: another CPU may come between. */
static void irqc_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    unsigned core = core_of_word(cpu, intid / 32U);
    uint32_t bit = 1U << (intid % 32U);
    uint32_t old = sim_gic_edges(core, intid / 32U);
    (void)sim_op("irqc.set_edge", false);
    sim_gic_set_edges(core, intid / 32U, edge ? old | bit : old & ~bit, intid % 32U < 16U ? 0xffffU : 0xffff0000U);
}

static void irqc_route(uint32_t intid, unsigned cpu)
{
    (void)sim_op("irqc.route", false);
    sim_gic_route(intid, sim_core_of(cpu));
}

static void irqc_send_ipi(unsigned cpu)
{
    (void)sim_op("irqc.send_ipi", false);
    sim_gic_send_ipi(sim_cpu(), sim_core_of(cpu));
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

static unsigned virq_nr_lrs(void)
{
    (void)sim_op("virq.nr_lrs", false);
    return sim_cfg.nr_lrs;
}

static uint64_t virq_read_lr(unsigned n)
{
    (void)sim_op("virq.read_lr", false);
    return sim_gic_read_lr(sim_cpu(), n);
}

static void virq_write_lr(unsigned n, uint64_t lr)
{
    (void)sim_op("virq.write_lr", false);
    sim_gic_write_lr(sim_cpu(), n, lr);
}

static uint32_t virq_empty(void)
{
    (void)sim_op("virq.empty", false);
    return sim_gic_empty(sim_cpu());
}

static void virq_reset(void)
{
    (void)sim_op("virq.reset", false);
    sim_gic_virq_reset(sim_cpu());
}

static unsigned virq_priority_bits(void)
{
    (void)sim_op("virq.priority_bits", false);
    return 5;
}

static void virq_tell(unsigned cpu)
{
    (void)sim_op("virq.tell", false);
    sim_gic_send_sgi(sim_cpu(), sim_core_of(cpu), VIRQ_TOLD_INTID);
}

const struct virq_ops sim_virq_ops = {
    .nr_lrs = virq_nr_lrs,
    .read_lr = virq_read_lr,
    .write_lr = virq_write_lr,
    .empty = virq_empty,
    .reset = virq_reset,
    .priority_bits = virq_priority_bits,
    .tell = virq_tell,
};
