/* SPDX-License-Identifier: Apache-2.0 */
/* As many CPUs and VMs as the hypervisor has room for (of a GICv2, as it has CPU interfaces), parted at random, all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "guest_irq.h"
#include "hv/board.h"

#define RAM        0x40000000ULL
#define RAM_BYTES  0x4000U
#define RAM_PA(vm) (0x40800000ULL + 0x10000U * (vm))
#define START      (RAM + 0x1000U) /* where vCPU n of a VM is started: 4 n further */
#define LINE(vm)   (34U + (vm))
#define PULSES     4U
#define RWX        7U

static struct many_plan {
    struct plan p;
    struct plan_cpu cpus[HV_MAX_CPUS];
    struct plan_vm vms[HV_MAX_VMS];
    struct plan_region regions[HV_MAX_VMS];
    struct plan_irq irqs[HV_MAX_VMS];
    char log[16];
} plan;

static struct member {
    unsigned vm, vcpu;
} members[HV_MAX_CPUS]; /* by CPU */
static unsigned arrived, served;
static bool may_serve[HV_MAX_VMS], has_served[HV_MAX_VMS];

/* What each vCPU leaves in its VM's RAM, which is at the same place in all. */
static uint64_t mark(unsigned vm, unsigned vcpu)
{
    return 0x1000100010001ULL * (vm + 1U) + vcpu;
}

static void expect_word(struct sim_guest *g, unsigned vm, unsigned vcpu)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, RAM + 8U * vcpu, 8, &v) == SIM_OK && v == mark(vm, vcpu));
}

static void take(struct sim_guest *g, uint32_t intid)
{
    sim_expect(guest_irq_wait(g) == intid);
    guest_irq_end(g);
}

/* The VM's line, by its last vCPU, when the first says so. */
static void serve(struct sim_guest *g, const struct member *m)
{
    while (!may_serve[m->vm]) {
        sim_guest_step(g);
    }
    for (unsigned i = 0; i < PULSES; i++) {
        sim_line(LINE(m->vm), true);
        sim_line(LINE(m->vm), false);
        take(g, LINE(m->vm));
        served++;
    }
    sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
    has_served[m->vm] = true;
}

/* Rings the first vCPU and is rung back; then it goes off, or, if it is the last one, serves the line and is asleep when the VM ends. */
static void other_vcpu(struct sim_guest *g, const struct member *m)
{
    sim_expect(g->pc == START + 4U * m->vcpu && g->arg == m->vcpu);
    guest_irq_on(g, m->vcpu);
    sim_expect(sim_guest_write(g, RAM + 8U * m->vcpu, 8, mark(m->vm, m->vcpu)) == SIM_OK);
    guest_send_ipi(g, 0);
    take(g, guest_ipi);
    if (m->vcpu == plan.vms[m->vm].nr_vcpus - 1U) {
        serve(g, m);
        for (;;) {
            sim_guest_wfi(g);
        }
    }
    sim_guest_stop_vcpu(g);
    sim_fail("the call to stop returned");
}

/* Has the others do that, when all VMs are as far. */
static void first_vcpu(struct sim_guest *g, const struct member *m)
{
    unsigned n = plan.vms[m->vm].nr_vcpus;
    guest_irq_on(g, 0);
    guest_line_on(g, LINE(m->vm), n - 1U, true);
    sim_expect(sim_guest_write(g, RAM, 8, mark(m->vm, 0)) == SIM_OK);
    for (unsigned v = 1; v < n; v++) {
        sim_expect(sim_guest_start_vcpu(g, v, START + 4U * v, v) == 0);
        take(g, guest_ipi);
    }
    sim_expect(sim_guest_start_vcpu(g, n, START, 0) != 0); /* another VM's, if anybody's */
    for (arrived++; arrived < plan.p.vms.count;) {
        sim_guest_step(g);
    }
    for (unsigned v = 0; v < n; v++) {
        expect_word(g, m->vm, v);
    }
    for (unsigned v = 1; v < n; v++) {
        guest_send_ipi(g, v);
        while (v + 1U < n && !sim_guest_vcpu_is_off(g, v)) {
        }
    }
    may_serve[m->vm] = true;
    if (n == 1U) {
        serve(g, m);
    }
    while (!has_served[m->vm]) {
        sim_guest_step(g);
    }
    guest_power_off(g);
}

static void runs(struct sim_guest *g)
{
    const struct member *m = g->user;
    (m->vcpu == 0U ? first_vcpu : other_vcpu)(g, m);
}

/* ---- The plan ---- */

static uint64_t seed_state;

static unsigned pick(unsigned n)
{
    seed_state = seed_state * 0x5851f42d4c957f2dULL + 0x14057b7ef767814fULL;
    return (unsigned)(seed_state >> 33) % n;
}

/* How many vCPUs the next VM has: 1 each, as many as there may be, or any number. */
static unsigned next_size(uint64_t seed, unsigned left)
{
    unsigned n = seed % 3U == 1U ? 1U : seed % 3U == 2U ? VM_MAX_VCPUS : 1U + pick(VM_MAX_VCPUS);
    return n < left ? n : left;
}

static void add_vm(const struct plan_vm *like, const unsigned *cpus, unsigned nr_vcpus)
{
    unsigned n = plan.p.vms.count++;
    struct plan_vm *v = &plan.vms[n];
    *v = *like;
    snprintf(v->name, sizeof(v->name), "vm%u", n);
    memset(v->cpus, 0, sizeof(v->cpus));
    v->nr_vcpus = nr_vcpus;
    for (unsigned i = 0; i < nr_vcpus; i++) {
        v->cpus[i] = cpus[i];
        members[cpus[i]] = (struct member){n, i};
    }
    v->entry = RAM;
    v->dtb = 0;
    v->first_region = v->first_irq = n;
    v->nr_regions = v->nr_irqs = 1;
    v->first_image = v->nr_images = 0;
    plan.regions[n] = (struct plan_region){RAM, RAM_PA(n), RAM_BYTES, PLAN_REGION_RAM, RWX, 0};
    plan.irqs[n] = (struct plan_irq){LINE(n), PLAN_IRQ_EDGE};
}

#define TABLE(field, n) ((struct plan_table){(uint32_t)offsetof(struct many_plan, field), n})

/* Header and CPUs are the fixture's, of more CPUs: what the board has of each CPU goes on as it began. */
static void begin_plan(const struct system *s, unsigned nr_cpus)
{
    const struct plan_cpu *like = s->plan.cpus;
    memset(&plan, 0, sizeof(plan));
    plan.p = s->plan.p;
    plan.p.length = sizeof(plan);
    plan.p.nr_irqs = 96;
    if (board.irqc == PLAN_IRQC_GICV3) {
        plan.p.irqc_size[1] = 0x20000U * nr_cpus;
    } else if (board.irqc == PLAN_IRQC_AIA) {
        plan.p.irqc_size[1] = (like[1].irqc_pa - like[0].irqc_pa) * nr_cpus;
    }
    for (unsigned i = 0; i < nr_cpus; i++) {
        plan.cpus[i] = (struct plan_cpu){.hw_id = i,
                                         .irqc_pa = like[0].irqc_pa + (like[1].irqc_pa - like[0].irqc_pa) * i,
                                         .irqc_index = like[0].irqc_index + (like[1].irqc_index - like[0].irqc_index) * i};
    }
    plan.p.cpus = TABLE(cpus, nr_cpus);
    plan.p.vms = TABLE(vms, 0);
    plan.p.images = TABLE(log, 0);
    strcpy(plan.log, "many VMs\n");
    plan.p.log = TABLE(log, (uint32_t)strlen(plan.log));
}

static void fill_plan(const struct system *s, unsigned nr_cpus)
{
    struct plan *p = &plan.p;
    unsigned cpus[HV_MAX_CPUS];
    begin_plan(s, nr_cpus);
    for (unsigned i = 0; i < nr_cpus; i++) {
        unsigned j = pick(i + 1U);
        cpus[i] = cpus[j];
        cpus[j] = i;
    }
    for (unsigned next = 0, n; next < nr_cpus; next += n) {
        n = next_size(s->machine.seed, nr_cpus - next);
        add_vm(&s->plan.vms[0], &cpus[next], n);
    }
    p->regions = TABLE(regions, p->vms.count);
    p->irqs = TABLE(irqs, p->vms.count);
    p->pool_pages = (p->hv_base + p->hv_size - p->pool_pa - plan_own_bytes(p)) / PAGE_SIZE;
}

static void many(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    seed_state = SEED(arg);
    s.machine.nr_cpus = board.irqc == PLAN_IRQC_GICV2 ? PLAN_GICV2_CPUS : HV_MAX_CPUS;
    s.machine.nr_irqs = 96;
    s.machine.boot_cpu = pick(s.machine.nr_cpus);
    fill_plan(&s, s.machine.nr_cpus);
    sim_init(&s.machine);
    plan.p.hv_sum = plan_sum_words(sim_ram(plan.p.hv_base, plan.p.hv_size), plan.p.hv_image_size);
    plan.p.sum = plan_sum_self(&plan.p);
    memcpy(sim_ram(plan.p.plan_pa, sizeof(plan)), &plan, sizeof(plan));
    for (unsigned i = 0; i < s.machine.nr_cpus; i++) {
        sim_guest_script(i, runs, &members[i]);
    }
    sim_expect(sim_run(plan.p.plan_pa, s.load_pa) == SIM_POWERED_OFF);
    system_audit_plan(&plan.p);
    sim_expect(count_console("panic") == 0U);
    sim_expect(count_console(": powered off") == plan.p.vms.count);
    sim_expect(count_console("all VMs ended; powering off") == 1U);
    sim_expect(served == PULSES * plan.p.vms.count);
    for (unsigned i = 0; i < s.machine.nr_cpus; i++) {
        sim_expect(sim_ram_read(RAM_PA(members[i].vm) + 8U * members[i].vcpu) == mark(members[i].vm, members[i].vcpu));
    }
}

static void as_many_cpus_and_vms_as_there_may_be_run_at_once(void **state)
{
    (void)state;
    run_on_seeds(many, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_cpus_and_vms_as_there_may_be_run_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
