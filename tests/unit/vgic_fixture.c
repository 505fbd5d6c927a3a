/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_fixture.h"
#include "own_fixture.h"

#include <string.h>

#include "run.h"
#include "vdev/vgic_state.h"

const uint32_t fx_spis[] = { 33, 34, 35, 36, 63, 64, 95, 97, 128, 159 };
const unsigned fx_nr_spis = ARRAY_SIZE(fx_spis);
const uint32_t fx_virtual[] = { 40, 98, 130 };
const unsigned fx_nr_virtual = ARRAY_SIZE(fx_virtual);

static struct {
    struct plan plan;
    struct plan_vm vms[2];
    struct plan_irq irqs[12];
} blob;

unsigned fx_in_hypervisor;
static unsigned acting;
static bool in_cores;

bool fx_is_edge(uint32_t intid)
{
    return intid == 34U || intid == 63U || intid == 97U;
}

bool fx_is_virtual(uint32_t intid)
{
    for (unsigned i = 0; i < fx_nr_virtual; i++) {
        if (fx_virtual[i] == intid) {
            return true;
        }
    }
    return false;
}

bool fx_owned(unsigned vm, uint32_t intid)
{
    if (intid < 16U || intid == FX_VTIMER || intid == FX_PTIMER || (vm == 0U && fx_is_virtual(intid))) {
        return true;
    }
    for (unsigned i = 0; vm == 0U && i < fx_nr_spis; i++) {
        if (fx_spis[i] == intid) {
            return true;
        }
    }
    return vm == 1U && (intid == 40U || intid == 70U);
}

unsigned fx_cpu(void)
{
    return in_cores ? sim_cpu() : acting;
}

static uint32_t irq_ack(void)
{
    return sim_gic_ack(fx_cpu());
}

static void irq_drop(uint32_t intid)
{
    sim_gic_drop(fx_cpu(), intid);
}

static void irq_deactivate(uint32_t intid)
{
    sim_gic_deactivate(fx_cpu(), intid);
}

static unsigned nr_lrs_now;

static unsigned lr_count(void)
{
    return nr_lrs_now;
}

static uint64_t lr_read(unsigned n)
{
    return sim_gic_read_lr(fx_cpu(), n);
}

static void lr_write(unsigned n, uint64_t lr)
{
    sim_gic_write_lr(fx_cpu(), n, lr);
}

static uint32_t lr_empty(void)
{
    return sim_gic_empty(fx_cpu());
}

static void lr_reset(void)
{
    sim_gic_virq_reset(fx_cpu());
}

static unsigned lr_prio_bits(void)
{
    return 5;
}

/* Another core may come before and after each access to the physical controller, also while a lock is held. */
static void maybe_switch(void)
{
    if (in_cores) {
        arch_ops.cpu.relax();
    }
}

static void word_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    sim_gic_check_banked(fx_cpu(), cpu, word);
    maybe_switch();
    sim_gic_set(what, cpu, word, mask);
    maybe_switch();
}

static void word_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    sim_gic_check_banked(fx_cpu(), cpu, word);
    maybe_switch();
    sim_gic_clear(what, cpu, word, mask);
    maybe_switch();
}

static uint32_t word_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    sim_gic_check_banked(fx_cpu(), cpu, word);
    maybe_switch();
    return sim_gic_get(what, cpu, word);
}

static void spi_route(uint32_t intid, unsigned cpu)
{
    maybe_switch();
    sim_gic_route(intid, cpu);
    maybe_switch();
}

static void send_ipi(unsigned cpu)
{
    sim_gic_send_ipi(fx_cpu(), cpu);
}

static void tell(unsigned cpu)
{
    maybe_switch();
    sim_gic_send_sgi(fx_cpu(), cpu, VIRQ_TOLD_INTID);
}

static void install_ops(void)
{
    arch_ops.irqc.ack = irq_ack;
    arch_ops.irqc.drop = irq_drop;
    arch_ops.irqc.deactivate = irq_deactivate;
    arch_ops.irqc.set = word_set;
    arch_ops.irqc.clear = word_clear;
    arch_ops.irqc.get = word_get;
    arch_ops.irqc.set_edge = sim_gic_set_edge;
    arch_ops.irqc.route = spi_route;
    arch_ops.irqc.send_ipi = send_ipi;
    arch_ops.virq.nr_lrs = lr_count;
    arch_ops.virq.read_lr = lr_read;
    arch_ops.virq.write_lr = lr_write;
    arch_ops.virq.empty = lr_empty;
    arch_ops.virq.reset = lr_reset;
    arch_ops.virq.priority_bits = lr_prio_bits;
    arch_ops.virq.tell = tell;
    arch_ops.cpu.id = fx_cpu;
}

static void make_plan(unsigned version)
{
    static const uint32_t cpus[2][FX_VCPUS] = { { 2, 0, 1 }, { 3 } };
    memset(&blob, 0, sizeof(blob));
    blob.plan.irqc_version = version;
    blob.plan.nr_irqs = FX_IRQS;
    blob.plan.vtimer_irq = FX_VTIMER;
    blob.plan.ptimer_irq = FX_PTIMER;
    blob.plan.maint_irq = FX_MAINT;
    blob.plan.vms = (struct plan_table){ offsetof(__typeof__(blob), vms), 2 };
    blob.plan.irqs = (struct plan_table){ offsetof(__typeof__(blob), irqs), 12 };
    blob.plan.cpus.count = 4;
    for (unsigned i = 0; i < 2U; i++) {
        struct plan_vm *p = &blob.vms[i];
        strcpy(p->name, i == 0U ? "a" : "b");
        p->nr_vcpus = i == 0U ? FX_VCPUS : 1U;
        memcpy(p->cpus, cpus[i], sizeof(cpus[i]));
        p->irqc_ipa[0] = FX_GICD;
        p->irqc_ipa[1] = FX_GICR;
        p->first_irq = i == 0U ? 0U : fx_nr_spis;
        p->nr_irqs = i == 0U ? fx_nr_spis : 2U;
    }
    for (unsigned i = 0; i < fx_nr_spis; i++) {
        blob.irqs[i] = (struct plan_irq){ fx_spis[i], fx_is_edge(fx_spis[i]) ? PLAN_IRQ_EDGE : 0U };
    }
    blob.irqs[10].intid = 40;
    blob.irqs[11].intid = 70;
}

static void setup(unsigned nr_lrs, uint64_t seed, unsigned version)
{
    struct sim_config config = sim_default();
    config.seed = seed;
    config.nr_lrs = nr_lrs;
    config.max_steps = 400000000;
    config.ram_size = config.own_base + config.own_size - config.ram_base; /* nobody here looks at RAM */
    sim_init(&config);
    sim_gic_reset(&(struct sim_gic_config){ 4, FX_IRQS, nr_lrs, FX_MAINT, version });
    nr_lrs_now = nr_lrs;
    acting = 0;
    fx_in_hypervisor = 0;
    in_cores = false;
    install_ops();
    make_plan(version);
    own_fixture_vms();
    nr_vms = 2;
    for (unsigned i = 0; i < 2U; i++) {
        struct vm *vm = &vms[i];
        vm->plan = &blob.vms[i];
        vm->binary = &blob.plan;
        vm->name = vm->plan->name;
        vm->index = i;
        vm->nr_vcpus = vm->plan->nr_vcpus;
        for (unsigned k = 0; k < vm->nr_vcpus; k++) {
            vm->vcpus[k].vm = vm;
            vm->vcpus[k].index = k;
            vm->vcpus[k].cpu = vm->plan->cpus[k];
        }
    }
    for (unsigned cpu = 0; cpu < 4U; cpu++) {
        sim_gic_cpu_on(cpu);
        sim_gic_set(IRQC_ENABLE, cpu, 0, 1U << HV_IPI_INTID | 1U << VIRQ_TOLD_INTID | 1U << FX_MAINT);
    }
    virqc_init_all(&blob.plan);
    for (unsigned i = 0; i < fx_nr_virtual; i++) {
        virqc_add_virtual(&vms[0], fx_virtual[i]);
    }
}

void fx_setup(unsigned nr_lrs, uint64_t seed)
{
    setup(nr_lrs, seed, 3);
}

void fx_setup_v2(unsigned nr_lrs, uint64_t seed)
{
    setup(nr_lrs, seed, 2);
    vgics[0].ends_trap = seed % 2U == 0U;
}

struct vcpu *fx_vcpu(unsigned vm, unsigned index)
{
    return &vms[vm].vcpus[index];
}

void fx_as(const struct vcpu *v)
{
    in_cores = v == NULL;
    acting = v == NULL ? 0U : v->cpu;
}

/* As exit.c does it. */
static void take_one(struct vcpu *v)
{
    uint32_t intid = arch_ops.irqc.ack();

    if (!virqc_take_armed(v, intid)) {
        run_acknowledged(v, intid, true);
    }
}

void fx_take_irqs(struct vcpu *v)
{
    for (unsigned i = 0; sim_gic_irq(fx_cpu()); i++) {
        if (i == 1000U) {
            sim_fail("cpu %u: interrupts for ever", fx_cpu());
        }
        fx_in_hypervisor++;
        take_one(v);
        fx_in_hypervisor--;
    }
}

void fx_idle_irq(struct vcpu *v)
{
    run_interrupt(v, false);
}

void fx_start_all(void)
{
    for (unsigned vm = 0; vm < 2U; vm++) {
        for (unsigned i = 0; i < vms[vm].nr_vcpus; i++) {
            fx_as(fx_vcpu(vm, i));
            virqc_vcpu_start(fx_vcpu(vm, i));
            sim_gic_guest_enable(fx_cpu(), 3);
        }
    }
    fx_as(fx_vcpu(0, 0));
}

void fx_enable_pair(uint32_t spi)
{
    struct vcpu *first = fx_vcpu(0, 0);

    fx_start_all();
    fx_write(first, FX_GICD, 4, 3);
    for (unsigned i = 0; i < 2U; i++) {
        struct vcpu *v = fx_vcpu(0, i);
        uint64_t sgi_base = FX_GICR + 0x20000U * i + 0x10000U;

        fx_as(v);
        fx_write(v, sgi_base + 0x80U, 4, 0xffffffffU);
        fx_write(v, sgi_base + 0x100U, 4, 0xffffffffU);
    }
    fx_as(first);
    fx_write(first, FX_GICD + 0x80U + 4U * (spi / 32U), 4, 0xffffffffU);
    fx_write(first, FX_GICD + 0x400U + spi, 1, 0x80);
    fx_write(first, FX_GICD + 0x100U + 4U * (spi / 32U), 4, 1U << (spi % 32U));
}

static unsigned words; /* accesses of 32 bits */

/* As exit.c does of the registers that each exit saves, if the register is found so. */
static bool word(struct vcpu *v, uint64_t ipa, bool write, uint64_t *val)
{
    struct mmio_access a;
    const struct mmio_reg *r = virqc_word(v, ipa, &a);
    if (r == NULL || (write ? r->write == NULL : r->read == NULL)) {
        return false;
    }
    if (write) {
        r->write(&a, (uint32_t)*val);
    } else {
        *val = (uint32_t)r->read(&a);
    }
    return true;
}

static void access(struct vcpu *v, uint64_t ipa, unsigned size, bool write, uint64_t *val)
{
    struct exit_mmio a = { .ipa = ipa, .size = (uint8_t)size, .write = write };
    bool abort = true;
    if (size == 4U && ++words % 2U == 0U && word(v, ipa, write, val)) { /* which does not matter */
        return;
    }
    if (!virqc_mmio(v, &a, val, &abort) || abort) {
        sim_fail("access to 0x%lx, %u bytes, was refused", ipa, size);
    }
}

uint64_t fx_read(struct vcpu *v, uint64_t ipa, unsigned size)
{
    uint64_t val = 0xdeadbeefdeadbeefULL;
    access(v, ipa, size, false, &val);
    return val;
}

void fx_write(struct vcpu *v, uint64_t ipa, unsigned size, uint64_t val)
{
    access(v, ipa, size, true, &val);
}

/* As exit.c does it. */
void fx_send(struct vcpu *v, uint64_t sgir)
{
    if (!virqc_send(v, sgir)) {
        vgic_send_sgi(v, sgir, 1);
    }
}
