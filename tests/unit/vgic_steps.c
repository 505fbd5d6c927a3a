/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_steps.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "hv/arch_ops.h"
#include "vgic_model.h"

bool steps_off[FX_VCPUS];

static const struct steps *plan;
static struct model model;
static unsigned steps_left;
static unsigned turn; /* vCPU that does the next step */
static unsigned finished;
static char last[160];

static bool *const off = steps_off;

static unsigned rnd(unsigned n)
{
    return (unsigned)plan->draw(n);
}

static uint64_t any64(void)
{
    return plan->draw(0);
}

void steps_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(last, sizeof(last), fmt, ap);
    va_end(ap);
}

/* Whose private registers a vCPU can reach. */
static unsigned any_target(const struct vcpu *v)
{
    return plan->v2 ? v->index : rnd(FX_VCPUS);
}

/* The frame that has them. */
static uint64_t private_frame(unsigned t)
{
    return plan->v2 ? FX_GICD : FX_GICR + 0x20000U * t + 0x10000U;
}

static unsigned cpu_of(unsigned vcpu)
{
    return fx_vcpu(0, vcpu)->cpu;
}

/* A random interrupt that exists for VM 0. */
uint32_t steps_any_irq(void)
{
    unsigned k = rnd(18U + fx_nr_spis + 2U * fx_nr_virtual);
    if (k < 16U) {
        return k;
    }
    if (k >= 18U + fx_nr_spis) {
        return fx_virtual[k % fx_nr_virtual];
    }
    return k == 16U ? FX_VTIMER : k == 17U ? FX_PTIMER : fx_spis[k - 18U];
}

static bool quiet(void)
{
    if (fx_in_hypervisor != 0U) {
        return false;
    }
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        if (sim_gic_irq(cpu_of(i))) {
            return false;
        }
    }
    return true;
}

static void settle(struct vcpu *v)
{
    for (unsigned i = 0; !quiet(); i++) {
        if (i == 10000U) {
            sim_fail("%s: no end of interrupts", last);
        }
        if (!off[v->index]) {
            fx_take_irqs(v);
        } else if (sim_gic_irq(cpu_of(v->index))) {
            uint32_t intid = arch_ops.irqc.ack();
            sim_expect(intid == HV_IPI_INTID || intid == VIRQ_TOLD_INTID); /* a vCPU that is off gets nothing else */
            arch_ops.irqc.drop(intid);
            arch_ops.irqc.deactivate(intid);
        }
        arch_ops.cpu.relax();
    }
}

static bool full(unsigned vcpu)
{
    return model_active_here(&model, vcpu) >= plan->nr_lrs;
}

/* What a failure needs to be understood. */
static void dump(unsigned vcpu)
{
    for (unsigned n = 0; n < plan->nr_lrs; n++) {
        fprintf(stderr, "vCPU %u list register %u: 0x%lx\n", vcpu, n, sim_gic_read_lr(cpu_of(vcpu), n));
    }
    for (uint32_t i = 0; i < FX_IRQS; i++) {
        const struct model_irq *q = model_irq(&model, vcpu, i);
        if (model_forwarded(&model, vcpu, i) || q->active) {
            fprintf(stderr, "model: %u, priority 0x%x%s\n", i, q->prio, q->active ? ", active" : "");
        }
    }
}

static void compare(void)
{
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        if (off[i] || full(i)) {
            continue; /* with every list register taken by an active interrupt nothing can be signalled */
        }
        bool want = model_best(&model, i) < 256U;
        if (sim_gic_guest_virq(cpu_of(i)) != want) {
            dump(i);
            sim_fail("after %s: vCPU %u is%s signalled an interrupt", last, i, want ? " not" : "");
        }
    }
}

static void step_ack(unsigned vcpu)
{
    if (full(vcpu)) {
        return;
    }
    unsigned best = model_best(&model, vcpu);
    uint32_t intid = sim_gic_guest_ack(cpu_of(vcpu), 1);
    if (intid == SIM_GIC_NONE) {
        intid = sim_gic_guest_ack(cpu_of(vcpu), 0);
    }
    snprintf(last, sizeof(last), "vCPU %u acknowledges %u", vcpu, intid);
    if (best == 256U ? intid != SIM_GIC_NONE : !model_may_ack(&model, vcpu, intid)) {
        dump(vcpu);
        sim_fail("%s; the best priority is 0x%x", last, best);
    }
    if (intid != SIM_GIC_NONE) {
        model_ack(&model, vcpu, intid);
    }
}

static void step_eoi(unsigned vcpu)
{
    if (model.depth[vcpu] != 0U) {
        uint32_t intid = model_eoi(&model, vcpu);
        snprintf(last, sizeof(last), "vCPU %u ends %u", vcpu, intid);
        sim_gic_guest_eoi(cpu_of(vcpu), intid);
    }
}

/* Lines. What a list register with HW = 1 cannot take back is left out: a line that falls while its interrupt is
 * listed, a second edge before the first is acknowledged. */
void steps_line(void)
{
    unsigned vcpu = rnd(FX_VCPUS);
    uint32_t intid = steps_any_irq();
    struct model_irq *q = model_irq(&model, vcpu, intid);
    bool level = !q->line;
    if (intid < 16U) {
        return;
    }
    if (fx_is_virtual(intid)) {
        snprintf(last, sizeof(last), "virtual line %u goes %s", intid, level ? "high" : "low");
        model_line(&model, vcpu, intid, level);
        virqc_set_line(&vms[0], intid, level);
        return;
    }
    if (q->edge ? level && q->latch : !level && model_pending(q) && !q->active) {
        for (unsigned i = 0; i < FX_VCPUS; i++) {
            if (model_forwarded(&model, i, intid)) {
                return;
            }
        }
    }
    snprintf(last, sizeof(last), "line %u of vCPU %u goes %s", intid, vcpu, level ? "high" : "low");
    model_line(&model, vcpu, intid, level);
    if (intid < 32U) {
        sim_gic_ppi(cpu_of(vcpu), intid, level);
    } else {
        sim_gic_line(intid, level);
    }
}

static void write_both(struct vcpu *v, unsigned t, bool dist, uint32_t offset, unsigned size, uint64_t val);

/* GICD_SGIR, of any filter; GICD_CPENDSGIR and GICD_SPENDSGIR. */
static void step_sgi_v2(struct vcpu *v)
{
    uint64_t any = any64();
    if (rnd(4) != 0U) {
        write_both(v, 0, true, 0xf00, 4, (any & 0xffffffU) | (uint64_t)(rnd(4) == 0U ? rnd(4) : 0U) << 24);
    } else {
        unsigned size = rnd(2) != 0U ? 4U : 1U;
        write_both(v, 0, true, 0xf10U + (rnd(32) & ~(size - 1U)), size, rnd(3) == 0U ? any : any & 0x01020401U);
    }
}

static void step_sgi(struct vcpu *v)
{
    if (plan->v2) {
        step_sgi_v2(v);
        return;
    }
    uint64_t sgir = ((uint64_t)rnd(16) << 24) | rnd(16);
    unsigned group = rnd(8) != 0U;
    sgir |= rnd(4) == 0U ? (uint64_t)1 << 40 : 0U;
    sgir |= rnd(16) == 0U ? (uint64_t)1 << (rnd(2) != 0U ? 44 : 16) : 0U;
    snprintf(last, sizeof(last), "vCPU %u writes ICC_SGI%uR 0x%lx", v->index, group, sgir);
    if (group != 0U) {
        fx_send(v, sgir);
    } else {
        vgic_send_sgi(v, sgir, group);
    }
    model_sgi(&model, v->index, sgir, group);
}

/* ISACTIVER makes what nobody acknowledged active, ICACTIVER ends it; the rest of the word stays as it is. */
static void step_active(struct vcpu *v)
{
    uint32_t intid = steps_any_irq();
    unsigned t = any_target(v);
    uint32_t off_reg = (rnd(3) == 0U ? 0x300U : 0x380U) + intid / 32U * 4U;
    uint64_t bit = (uint64_t)1 << (intid % 32U);
    uint64_t base = intid < 32U ? private_frame(t) : FX_GICD;
    uint32_t last_acked = model.depth[t] != 0U ? model.stack_intid[t][model.depth[t] - 1U] : SIM_GIC_NONE;
    bool top = (plan->v2 ? last_acked & 0x3ffU : last_acked) == intid;
    if (model_on_a_stack(&model, t, intid) && !(top && off_reg >= 0x380U)) {
        return;
    }
    snprintf(last, sizeof(last), "vCPU %u writes bit %u to offset 0x%x (vCPU %u)", v->index, intid, off_reg, t);
    fx_write(v, base + off_reg, 4, bit);
    if (plan->v2) {
        model_dist2_write(&model, t, off_reg, 4, bit);
    } else if (intid < 32U) {
        model_gicr_write(&model, t, 0x10000U + off_reg, 4, bit);
    } else {
        model_gicd_write(&model, off_reg, 4, bit);
    }
    if (top) { /* the handler goes on and drops the priority */
        settle(v);
        sim_gic_guest_eoi(cpu_of(t), model_eoi(&model, t));
    }
}

static uint32_t word_reg(uint32_t intid)
{
    static const uint32_t families[] = { 0x080, 0x100, 0x100, 0x100, 0x180, 0x200, 0x280 };
    uint32_t f = families[rnd(ARRAY_SIZE(families))];
    return f + intid / 32U * 4U;
}

static uint64_t value(void)
{
    return rnd(3) == 0U ? any64() : (uint64_t)0x0101010101010101U << rnd(8);
}

static void write_both(struct vcpu *v, unsigned t, bool dist, uint32_t offset, unsigned size, uint64_t val)
{
    snprintf(last, sizeof(last), "vCPU %u writes 0x%lx (%u bytes) to %s%u offset 0x%x", v->index, val, size,
             dist ? "GICD" : "GICR", t, offset);
    fx_write(v, dist ? FX_GICD + offset : FX_GICR + 0x20000U * t + offset, size, val);
    if (plan->v2) {
        model_dist2_write(&model, v->index, offset, size, val);
    } else if (dist) {
        model_gicd_write(&model, offset, size, val);
    } else {
        model_gicr_write(&model, t, offset, size, val);
    }
}

/* A trigger may change only while the interrupt is disabled (IHI 0069H, GICD_ICFGR). */
static void step_trigger(struct vcpu *v)
{
    uint32_t intid = fx_virtual[rnd(fx_nr_virtual)];
    uint32_t reg = 0xc00U + 4U * (intid / 16U);
    uint64_t field = (uint64_t)2 << (2U * (intid % 16U));
    if (!model_irq(&model, 0, intid)->enabled) {
        uint64_t old = plan->v2 ? model_dist2_read(&model, 0, reg, 4) : model_gicd_read(&model, reg, 4);
        write_both(v, 0, true, reg, 4, old ^ field);
    }
}

static void step_write(struct vcpu *v)
{
    uint32_t intid = steps_any_irq();
    unsigned t = any_target(v);
    bool dist = plan->v2 || intid >= 32U;
    uint32_t base = dist ? 0U : 0x10000U;
    uint64_t bit = (uint64_t)1 << (intid % 32U);
    switch (rnd(8)) {
    case 0:
        write_both(v, t, true, 0, 4, rnd(3) == 0U ? any64() : 3U);
        break;
    case 1:
        write_both(v, t, dist, base + 0x400U + intid, 1, any64() & 0xffU);
        break;
    case 2:
        write_both(v, t, dist, base + 0x400U + (intid & ~3U), 4, any64());
        break;
    case 3:
        if (plan->v2) { /* targets: mostly one of them */
            unsigned size = rnd(2) != 0U ? 4U : 1U;
            uint64_t any = any64();
            write_both(v, t, true, 0x800U + (intid & ~(size - 1U)), size, rnd(4) == 0U ? any : any & 0x01020401U);
        } else if (dist) {
            unsigned size = rnd(2) != 0U ? 8U : 4U;
            write_both(v, t, true, 0x6000U + 8U * intid, size, rnd(8) == 0U ? any64() : rnd(FX_VCPUS));
        }
        break;
    case 4:
        write_both(v, t, dist, base + word_reg(intid), 4, value());
        break;
    case 5:
        step_trigger(v);
        break;
    default:
        write_both(v, t, dist, base + word_reg(intid), 4, bit);
        break;
    }
}

static void read_both(struct vcpu *v, unsigned t, bool dist, uint32_t offset, unsigned size)
{
    uint64_t got = fx_read(v, dist ? FX_GICD + offset : FX_GICR + 0x20000U * t + offset, size);
    uint64_t want = plan->v2 ? model_dist2_read(&model, v->index, offset, size)
                    : dist   ? model_gicd_read(&model, offset, size)
                             : model_gicr_read(&model, t, offset, size);
    if (got != want) {
        sim_fail("after %s: vCPU %u reads %s%u offset 0x%x, %u bytes: 0x%lx, not 0x%lx", last, v->index,
                 dist ? "GICD" : "GICR", t, offset, size, got, want);
    }
}

static void step_read_v2(struct vcpu *v)
{
    unsigned size = 1U << rnd(4);
    uint32_t intid = steps_any_irq();
    switch (rnd(4)) {
    case 0:
        read_both(v, 0, true, rnd(0x1000U) & ~(size - 1U), size);
        break;
    case 1:
        read_both(v, 0, true, 0x80U * (1U + rnd(7)) + intid / 32U * 4U, 4);
        break;
    case 2:
        read_both(v, 0, true, 0x400U * (1U + rnd(2)) + (intid & ~3U), 4);
        break;
    default:
        read_both(v, 0, true, 0xf10U + 4U * rnd(8), 4);
        break;
    }
}

static void step_read(struct vcpu *v)
{
    if (plan->v2) {
        step_read_v2(v);
        return;
    }
    unsigned size = 1U << rnd(4);
    unsigned t = rnd(FX_VCPUS);
    uint32_t intid = steps_any_irq();
    bool dist = rnd(2) != 0U;
    switch (rnd(4)) {
    case 0:
        read_both(v, t, dist, rnd(dist ? 0x10000U : 0x20000U) & ~(size - 1U), size);
        break;
    case 1:
        read_both(v, t, intid >= 32U, (intid < 32U ? 0x10000U : 0U) + 0x80U * (1U + rnd(7)) + intid / 32U * 4U, 4);
        break;
    case 2:
        read_both(v, t, true, 0x6000U + 8U * intid, size < 4U ? 4U : size);
        break;
    default:
        read_both(v, t, intid >= 32U, (intid < 32U ? 0x10000U : 0U) + 0x400U + (intid & ~3U), 4);
        break;
    }
}

void steps_power(struct vcpu *v)
{
    if (off[v->index]) {
        off[v->index] = false;
        model.on[v->index] = true;
        virqc_vcpu_start(v);
        sim_gic_guest_enable(v->cpu, 3);
        snprintf(last, sizeof(last), "vCPU %u starts", v->index);
    } else if (rnd(4) == 0U) {
        virqc_vcpu_stop(v);
        off[v->index] = true;
        model_vcpu_off(&model, v->index);
        snprintf(last, sizeof(last), "vCPU %u stops", v->index);
    }
}

static void step(struct vcpu *v)
{
    unsigned k = rnd(20);
    if (off[v->index]) {
        k = rnd(4) == 0U ? 19U : 14U;
    }
    if (k < 5U) {
        step_ack(v->index);
    } else if (k < 9U) {
        step_eoi(v->index);
    } else if (k < 12U) {
        step_write(v);
    } else if (k < 14U) {
        step_read(v);
    } else if (k < 16U) {
        steps_line();
    } else if (k < 18U) {
        step_sgi(v);
    } else if (k < 19U) {
        step_active(v);
    } else {
        steps_power(v);
    }
}

static void core_of_vm(void)
{
    struct vcpu *v = NULL;
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        if (cpu_of(i) == sim_cpu()) {
            v = fx_vcpu(0, i);
        }
    }
    virqc_vcpu_start(v);
    sim_gic_guest_enable(v->cpu, 3);
    model.on[v->index] = true;
    while (steps_left != 0U) {
        if (!off[v->index]) {
            fx_take_irqs(v);
        }
        if (turn == v->index && quiet()) {
            if (plan->step != NULL) {
                plan->step(v);
                settle(v);
            } else {
                step(v);
                settle(v);
                compare();
            }
            if (plan->after != NULL) {
                plan->after();
            }
            steps_left = plan->more == NULL || plan->more() ? steps_left - 1U : 0U;
            turn = rnd(FX_VCPUS);
        } else if (off[v->index]) {
            settle(v);
        }
        arch_ops.cpu.relax();
    }
    finished++;
    while (finished < FX_VCPUS) {
        if (!off[v->index]) {
            fx_take_irqs(v);
        }
        arch_ops.cpu.relax();
    }
    virqc_vcpu_stop(v);
}

void steps_run(const struct steps *s)
{
    static void (*const cores[])(void) = { core_of_vm, core_of_vm, core_of_vm };
    plan = s;
    if (s->v2) {
        fx_setup_v2(s->nr_lrs, s->seed);
    } else {
        fx_setup(s->nr_lrs, s->seed);
    }
    fx_as(NULL);
    model_init(&model, FX_VCPUS, FX_IRQS);
    if (s->v2) {
        model_make_v2(&model);
    }
    for (uint32_t i = 16; i < FX_IRQS; i++) {
        for (unsigned v = 0; i < 32U && v < FX_VCPUS; v++) {
            model.priv[v][i].exists = fx_owned(0, i);
        }
        if (i >= 32U) {
            model.spi[i].exists = fx_owned(0, i);
            model.spi[i].edge = fx_is_edge(i);
        }
    }
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        off[i] = false;
    }
    finished = 0;
    turn = 0;
    steps_left = s->count;
    snprintf(last, sizeof(last), "start");
    (void)sim_run_functions(cores, FX_VCPUS);
    fx_as(fx_vcpu(0, 0));
    virqc_vm_stop(&vms[0]);
    for (unsigned w = 1; w < FX_IRQS / 32U; w++) {
        sim_expect(sim_gic_get(IRQC_ENABLE, 0, w) == 0U);
        sim_expect(sim_gic_get(IRQC_ACTIVE, 0, w) == 0U);
    }
}
