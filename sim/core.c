/* SPDX-License-Identifier: Apache-2.0 */
/* What a CPU does of itself: comes up in the hypervisor, runs its guest, answers the cpu and power ops. */
#include "hv.h"
#include "hv/plan.h"
#include "sim/internal.h"

/* Core that a logical CPU number means. NO_CORE: not on this board. */
#define NO_CORE SIM_MAX_CPUS
static unsigned core_of_cpu[SIM_MAX_CPUS];

void sim_core_reset(void)
{
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        sim_cores[i].hw_id = sim_cfg.hw_id[i];
        sim_cores[i].guest.cpu = i;
        core_of_cpu[i] = i < sim_cfg.nr_cpus ? i : NO_CORE;
    }
}

void sim_core_plan(const struct plan *plan)
{
    for (unsigned n = 0; n < SIM_MAX_CPUS; n++) {
        core_of_cpu[n] = NO_CORE; /* also of a board's CPU that is not in the plan */
    }
    for (unsigned n = 0; n < plan->cpus.count; n++) {
        for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
            if (sim_cfg.hw_id[i] == plan_cpu(plan, n)->hw_id) {
                core_of_cpu[n] = i;
            }
        }
    }
}

unsigned sim_core_of(unsigned cpu)
{
    if (cpu >= SIM_MAX_CPUS || core_of_cpu[cpu] == NO_CORE) {
        sim_fail("interrupt controller: CPU %u is not on this board", cpu);
    }
    return core_of_cpu[cpu];
}

void sim_core_main(struct core *c)
{
    struct vcpu_regs *regs;
    if (c->index == sim_cfg.boot_cpu) {
        const void *plan;
        uint64_t load_pa;
        sim_boot_arguments(&plan, &load_pa);
        regs = hv_main_boot(plan, load_pa);
    } else {
        regs = hv_main_secondary(c->id);
    }
    c->guest.regs = regs;
    if (c->resets == 0U) {
        sim_fail("CPU %u entered a guest without cpu.reset_guest", c->index);
    }
    sim_guest_main(c);
}

static unsigned cpu_id(void)
{
    (void)sim_op("cpu.id", false);
    return sim_self()->id;
}

static void cpu_set_id(unsigned id)
{
    (void)sim_op("cpu.set_id", false);
    sim_self()->id = id;
}

static void cpu_wait(void)
{
    (void)sim_op("cpu.wait", false);
    sim_sleep(sim_irq_line);
}

/* Accesses of the simulator's CPUs are in order. */
static void cpu_fence(void)
{
    (void)sim_op("cpu.fence", false);
}

static void cpu_relax(void)
{
    (void)sim_op("cpu.relax", false);
    sim_yield_to_others();
}

static uint64_t cpu_syndrome(void)
{
    (void)sim_op("cpu.syndrome", false);
    return sim_self()->raw.esr;
}

static void cpu_read_exit(enum exit_source source, struct exit_raw *out)
{
    struct core *c = sim_self();
    (void)sim_op("cpu.read_exit", false);
    *out = c->raw;
    out->source = source;
}

static void cpu_reset_guest(const struct guest_reset *r)
{
    struct core *c = sim_self();
    (void)sim_op("cpu.reset_guest", false);
    c->s2 = r->s2;
    c->resets++;
    c->timer = 0;
    sim_isa_reset_guest(c);
}

static void cpu_leave_guest(void)
{
    (void)sim_op("cpu.leave_guest", false);
    sim_self()->unfinished = false;
    sim_isa_leave_guest(sim_self());
}

static void cpu_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    struct core *c = sim_self();
    (void)sim_op("cpu.inject", false);
    (void)va;
    c->injected = true;
    c->inject = kind;
    regs->pc = 0x200; /* where the vector of a guest that set none seems to be, on any ISA */
}

static unsigned cpu_pa_bits(void)
{
    (void)sim_op("cpu.pa_bits", false);
    return sim_cfg.pa_bits;
}

static uint32_t cpu_lacks(uint32_t needs)
{
    (void)sim_op("cpu.lacks", false);
    return needs & (sim_cfg.lacks[sim_self()->index] | (sim_cfg.sstc ? 0U : PLAN_NEEDS_SSTC));
}

static uint64_t cpu_hw_id(void)
{
    (void)sim_op("cpu.hw_id", false);
    return sim_self()->hw_id;
}

static void cpu_halt(void)
{
    (void)sim_op("cpu.halt", false);
    sim_halt();
}

const struct cpu_ops sim_cpu_ops = {
    .id = cpu_id,
    .set_id = cpu_set_id,
    .wait = cpu_wait,
    .relax = cpu_relax,
    .fence = cpu_fence,
    .syndrome = cpu_syndrome,
    .read_exit = cpu_read_exit,
    .reset_guest = cpu_reset_guest,
    .leave_guest = cpu_leave_guest,
    .inject = cpu_inject,
    .pa_bits = cpu_pa_bits,
    .lacks = cpu_lacks,
    .hw_id = cpu_hw_id,
    .halt = cpu_halt,
};

/* PSCI CPU_ON (DEN 0022F 5.6), or SBI hart_start (SBI 2.0 9.1), of a board whose firmware knows the configured CPUs. */
static enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id)
{
    if (sim_op("power.cpu_on", true)) {
        return HV_ERR_FIRMWARE;
    }
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        struct core *c = &sim_cores[i];
        if (c->hw_id == hw_id && c->state == CORE_OFF) {
            c->id = cpu;
            sim_race_edge(sim_actor(), i);
            sim_core_start(c);
            return HV_OK;
        }
    }
    return HV_ERR_FIRMWARE;
}

static void power_system_off(void)
{
    if (!sim_op("power.system_off", true)) {
        sim_stop(SIM_POWERED_OFF);
    }
}

static uint32_t power_version(void)
{
    (void)sim_op("power.version", false);
    return 0x10001;
}

static const char *power_lacks(void)
{
    (void)sim_op("power.lacks", false);
    return NULL;
}

const struct power_ops sim_power_ops = {
    .cpu_on = power_cpu_on,
    .system_off = power_system_off,
    .version = power_version,
    .lacks = power_lacks,
};
