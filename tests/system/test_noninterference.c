/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two-run non-interference: a VM (the victim) runs a seeded script of all that a guest can do; once beside a VM that sits
 * in WFI, then beside the same VM doing at random whatever a guest can (the attacker), a few attackers for each victim.
 * Everything of the victim has to be the same in each run: the registers at each exit and entry, its RAM, its virtual
 * interrupt controller, its interrupts at the physical one, its power states, the result of each access, and every
 * operation of its CPUs on the machine with arguments and results, in one order and at the same time by its own clock.
 *
 * That is a fair question since each VM's CPUs are a domain of the simulator (sim_domains_begin). What the runs may differ
 * in is left out here, all of it:
 *   - how long the victim waits for one of the locks that all VMs share, which hv/README.md names: the victim's clock stands
 *     still meanwhile. A wait at any other lock for a CPU of another VM is a failure;
 *   - other VMs' bits in a word that the hypervisor reads from the interrupt controller (trace_ops.c).
 * A third VM ("keeper") never ends, so that the end of the machine, which is nobody's, does not belong to the victim's run.
 *
 * NONINTERFERENCE_SEED and NONINTERFERENCE_RUNS choose other victims (tests/unit/seeds.h); a failure tells its seed.
 * WALL-MEM-1, WALL-IRQ-1, WALL-IRQ-2, WALL-IRQ-3, WALL-CPU-2, WALL-CPU-3, WALL-TIME-1, WALL-FW-1, WALL-FW-2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "core/log.h"
#include "random_guest.h"
#include "seeds.h"
#include "sim/gic.h"
#include "system.h"
#include "trace.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#define VICTIMS   80U /* unless the environment says otherwise */
#define ATTACKERS 3U  /* for each victim */
#define ACTIONS   120U /* of each vCPU */
#define MAX_KINDS 40U
#define SPIS      4U
#define VMS       3U
#define RAM_BYTES 0x4000U
#define HIGH_BYTES 0x2000U
#define RWX       7U
#define RW        3U

enum role { VICTIM = 0, ATTACKER, KEEPER };

/* All VMs have the same INTIDs' neighbours: words and trigger registers are shared. */
static const uint32_t spis[VMS][SPIS] = { { 33, 35, 47, 70 }, { 34, 36, 46, 71 }, { 37, 38, 48, 72 } };

static struct big_plan {
    struct plan p;
    struct plan_cpu cpus[HV_MAX_CPUS];
    struct plan_vm vms[VMS];
    struct plan_region regions[3U * VMS];
    struct plan_irq irqs[SPIS * VMS];
    char log[16];
} plan;

struct defect {
    const char *name;
    void (*act)(void); /* on one of the attacker's CPUs, at any of its operations */
};

/* What is shared with the parent. */
static struct counts {
    uint32_t kind[VMS][MAX_KINDS];
    uint64_t entries;
    uint32_t whole; /* victims that came to the end of their script */
} *counts;

static struct run {
    uint64_t seed;    /* of the machine and the victim */
    unsigned attacker; /* 0: sits in WFI */
    const struct defect *defect;
} run;

static struct trace *trace; /* shared with the parent, as counts */
static struct random_vm guests[VMS];
static unsigned index_of_role[VMS]; /* the VM's index in the plan */
static uint32_t cpus_of_role[VMS];
static uint32_t arrived;
static bool begun, defect_done;
static const void *shared_locks[2];

/* ---- The machine, from the seed ---- */

static uint64_t seed_state;

static uint64_t pick(uint64_t n)
{
    uint64_t z = (seed_state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    return ((z ^ (z >> 27)) >> 16) % n;
}

static void shuffle(unsigned *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        a[i] = i;
    }
    for (unsigned i = n - 1U; i > 0U; i--) {
        unsigned j = (unsigned)pick(i + 1U), t = a[i];
        a[i] = a[j];
        a[j] = t;
    }
}

static void fill_vm(unsigned n, enum role role, unsigned nr_vcpus, const unsigned *cpus)
{
    static const char *const names[] = { "victim", "attacker", "keeper" };
    struct plan_vm *v = &plan.vms[n];
    struct random_vm *g = &guests[role];
    strcpy(v->name, names[role]);
    *g = (struct random_vm){ .hostile = role == ATTACKER, .nr_vcpus = nr_vcpus, .ram_size = RAM_BYTES,
                             .high_size = HIGH_BYTES, .actions = ACTIONS, .count = counts->kind[role] };
    memcpy(g->spis, spis[role], sizeof(g->spis));
    v->nr_vcpus = nr_vcpus;
    memset(v->cpus, 0, sizeof(v->cpus));
    index_of_role[role] = n;
    cpus_of_role[role] = 0;
    for (unsigned i = 0; i < nr_vcpus; i++) {
        v->cpus[i] = cpus[i];
        g->cpus[i] = cpus[i];
        cpus_of_role[role] |= 1U << cpus[i];
    }
    v->entry = RANDOM_RAM;
    v->dtb = 0;
    v->first_region = 3U * n;
    v->nr_regions = 3;
    v->first_irq = SPIS * n;
    v->nr_irqs = SPIS;
    v->first_image = 0;
    v->nr_images = 0;
    uint64_t pa = 0x40400000U + (0x20000U * n);
    plan.regions[3U * n] = (struct plan_region){ RANDOM_RAM, pa, RAM_BYTES, PLAN_REGION_RAM, RWX };
    plan.regions[(3U * n) + 1U] = (struct plan_region){ RANDOM_HIGH, pa + 0x10000U, HIGH_BYTES, PLAN_REGION_RAM, RWX };
    plan.regions[(3U * n) + 2U] = (struct plan_region){ RANDOM_DEVICE, 0x09000000U + (0x1000U * n), 0x1000,
                                                        PLAN_REGION_DEVICE, RW };
    for (unsigned i = 0; i < SPIS; i++) {
        plan.irqs[(SPIS * n) + i] = (struct plan_irq){ spis[role][i], pick(2) != 0U ? PLAN_IRQ_EDGE : 0U };
    }
}

#define TABLE(field, n) ((struct plan_table){ (uint32_t)offsetof(struct big_plan, field), n })

static void fill_plan(struct sim_config *machine, uint64_t seed)
{
    static const unsigned lrs[] = { 1, 2, 4 };
    struct system s;
    unsigned order[VMS], cpu[HV_MAX_CPUS];
    system_prepare(&s, seed);
    *machine = s.machine;
    seed_state = seed;
    unsigned sizes[VMS] = { [VICTIM] = 1U + (unsigned)pick(2), [ATTACKER] = 1U + (unsigned)pick(3), [KEEPER] = 1 };
    unsigned nr_cpus = sizes[VICTIM] + sizes[ATTACKER] + sizes[KEEPER];
    shuffle(order, VMS);
    shuffle(cpu, nr_cpus);
    memset(&plan, 0, sizeof(plan));
    plan.p = s.plan.p;
    plan.p.length = sizeof(plan);
    plan.p.nr_irqs = 96;
    plan.p.irqc_size[1] = HV_MAX_CPUS * 0x20000U;
    plan.p.cpus = TABLE(cpus, nr_cpus);
    plan.p.vms = TABLE(vms, VMS);
    plan.p.regions = TABLE(regions, 3U * VMS);
    plan.p.irqs = TABLE(irqs, SPIS * VMS);
    plan.p.images = TABLE(log, 0);
    strcpy(plan.log, "three VMs\n");
    plan.p.log = TABLE(log, (uint32_t)strlen(plan.log));
    for (unsigned i = 0; i < nr_cpus; i++) {
        plan.cpus[i].hw_id = i;
    }
    unsigned next = 0;
    for (unsigned n = 0; n < VMS; n++) {
        enum role role = (enum role)order[n];
        plan.vms[n] = s.plan.vms[0];
        fill_vm(n, role, sizes[role], &cpu[next]);
        next += sizes[role];
    }
    machine->nr_cpus = nr_cpus;
    machine->boot_cpu = (unsigned)pick(nr_cpus);
    machine->nr_lrs = lrs[pick(ARRAY_SIZE(lrs))];
}

static void install(const struct sim_config *machine)
{
    struct plan *p = &plan.p;
    sim_init(machine);
    p->hv_sum = plan_sum_words(sim_ram(p->hv_base, p->hv_size), p->hv_image_size, (struct plan_sum){ 0, 0 });
    p->sum = plan_sum_self(p);
    memcpy(sim_ram(p->plan_pa, sizeof(plan)), &plan, sizeof(plan));
}

/* ---- What is compared ---- */

static uint32_t victims_bits(unsigned word)
{
    uint32_t bits = word == 0U ? 0xffffffffU : 0U; /* a CPU's own */
    for (unsigned i = 0; i < SPIS; i++) {
        bits |= word != 0U && spis[VICTIM][i] / 32U == word ? 1U << (spis[VICTIM][i] % 32U) : 0U;
    }
    return bits;
}

static uint64_t power_sum(const struct vm *vm)
{
    const uint32_t words[] = { vm->state.v,     vm->end,           vm->online,        vm->inside,
                               vm->lock.next.v, vm->lock.owner.v,  vm->nr_vcpus,      vm->index };
    return trace_sum(words, sizeof(words)) ^ trace_sum(vm->vcpus, vm->nr_vcpus * sizeof(vm->vcpus[0]));
}

/* The victim's interrupts and its CPUs' interfaces at the physical controller. */
static uint64_t physical_sum(void)
{
    uint64_t words[128];
    unsigned n = 0;
    for (unsigned w = 1; w < 3U; w++) {
        for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
            words[n++] = sim_gic_get((enum irqc_bit)k, 0, w) & victims_bits(w);
        }
        words[n++] = sim_gic_edges(0, w) & victims_bits(w);
    }
    for (unsigned i = 0; i < SPIS; i++) {
        words[n++] = sim_gic_route_of(spis[VICTIM][i]);
    }
    for (unsigned i = 0; i < guests[VICTIM].nr_vcpus; i++) {
        unsigned cpu = guests[VICTIM].cpus[i];
        for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
            words[n++] = sim_gic_get((enum irqc_bit)k, cpu, 0);
        }
        for (unsigned k = 0; k < sim_config()->nr_lrs; k++) {
            words[n++] = sim_gic_read_lr(cpu, k);
        }
        words[n++] = sim_gic_empty(cpu);
        words[n++] = sim_gic_irq(cpu);
        words[n++] = vgic_cpus[cpu].used;
    }
    return trace_sum(words, n * sizeof(words[0]));
}

static uint64_t vgic_sum(void)
{
    uint64_t sum = trace_sum(&vgics[index_of_role[VICTIM]], sizeof(vgics[0]));
    for (unsigned i = 0; i < guests[VICTIM].nr_vcpus; i++) {
        sum = (sum * 31U) + trace_sum(&vgic_cpus[guests[VICTIM].cpus[i]], sizeof(vgic_cpus[0]));
    }
    return sum;
}

static uint64_t ram_sum(void)
{
    const struct plan_region *r = &plan.regions[3U * index_of_role[VICTIM]];
    return trace_sum(sim_ram(r[0].pa, r[0].size), r[0].size) ^ trace_sum(sim_ram(r[1].pa, r[1].size), r[1].size);
}

static void last_state(void)
{
    trace_put_last("at the end: virtual GIC, physical GIC, power states, RAM",
                   (const uint64_t[TRACE_VALUES]){ vgic_sum(), physical_sum(), power_sum(&vms[index_of_role[VICTIM]]),
                                                   ram_sum() });
}

static void watch(const struct sim_guest *g, bool entering)
{
    static unsigned turn;
    if (!trace_is_on()) {
        return;
    }
    if (!entering) {
        TRACE("leaves the guest", trace_sum(g->regs, sizeof(*g->regs)), g->regs->pc, g->regs->pstate);
        return;
    }
    TRACE("enters the guest: registers, pc, virtual GIC, physical GIC, power states, RAM",
          trace_sum(g->regs, sizeof(*g->regs)), g->regs->pc, vgic_sum(), physical_sum(),
          power_sum(&vms[index_of_role[VICTIM]]), turn++ % 8U == 0U ? ram_sum() : 0U);
}

/* ---- The runs ---- */

static void before_op(void)
{
    uint32_t self = 1U << sim_cpu();
    if (!begun) {
        return;
    }
    if ((cpus_of_role[VICTIM] & self) != 0U) {
        random_device(&guests[VICTIM]);
    } else if (run.attacker != 0U && (cpus_of_role[ATTACKER] & self) != 0U) {
        random_device(&guests[ATTACKER]);
        if (run.defect != NULL && !defect_done && sim_random() % 256U == 0U) {
            defect_done = true;
            run.defect->act();
        }
    }
}

/* The last VM that is up parts them. */
static void meet(struct sim_guest *g, enum role role)
{
    struct sim_domains d = { .between = run.seed * 1000003U + run.attacker };
    arrived |= 1U << role;
    if (arrived != (1U << VMS) - 1U) {
        while (!begun) {
            sim_guest_step(g);
        }
        return;
    }
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        d.of[i] = VMS;
        for (unsigned k = 0; k < VMS; k++) {
            d.of[i] = ((cpus_of_role[k] >> i) & 1U) != 0U ? k : d.of[i];
        }
        d.seed[i] = (run.seed << 8) + i;
    }
    d.seed[ATTACKER] += (uint64_t)run.attacker << 40;
    d.shared[0] = shared_locks[0];
    d.shared[1] = shared_locks[1];
    begun = true;
    trace_begin(trace, cpus_of_role[VICTIM]);
    sim_domains_begin(&d);
}

static void victim(struct sim_guest *g)
{
    if (!begun) {
        meet(g, VICTIM);
    }
    random_guest(g);
    counts->whole++;
}

static void attacker(struct sim_guest *g)
{
    if (!begun) {
        meet(g, ATTACKER);
    }
    if (run.attacker != 0U) {
        random_guest(g);
    }
    sim_guest_wfi(g);
}

static void keeper(struct sim_guest *g)
{
    meet(g, KEEPER);
    sim_guest_wfi(g);
}

/* What hv/README.md names as shared by all VMs, found by taking it. */
static void find_shared_locks(void)
{
    log_line("which lock?");
    shared_locks[0] = sim_last_lock();
    vgic_conf_set_trigger(0, spis[VICTIM][0], false);
    shared_locks[1] = sim_last_lock();
    sim_expect(shared_locks[0] != shared_locks[1] && shared_locks[1] != NULL);
}

/* One run: recorded, or held against the record. */
static void body(void *arg)
{
    static const sim_guest_fn scripts[VMS] = { victim, attacker, keeper };
    struct sim_config machine;
    run = *(struct run *)arg;
    find_shared_locks();
    fill_plan(&machine, run.seed);
    install(&machine);
    trace_ops(before_op, victims_bits);
    sim_guest_watch(watch);
    for (unsigned role = 0; role < VMS; role++) {
        for (unsigned i = 0; i < guests[role].nr_vcpus; i++) {
            sim_guest_script(guests[role].cpus[i], scripts[role], &guests[role]);
        }
    }
    enum sim_end end = sim_run(plan.p.plan_pa, plan.p.hv_base);
    sim_expect(begun && end == SIM_IDLE && count_console("panic") == 0U);
    sim_expect(run.defect == NULL || defect_done);
    last_state();
    counts->entries += trace_end();
}

/* What guards against a test that looks at little: it has seen all kinds of actions on both sides. */
static void expect_busy(uint64_t runs)
{
    for (unsigned i = 0; i < random_kinds(); i++) {
        if (counts->kind[VICTIM][i] == 0U || counts->kind[ATTACKER][i] == 0U) {
            fail_msg("no victim, or no attacker, did \"%s\"", random_kind(i));
        }
    }
    assert_true(counts->entries > runs * 500U);
    assert_true(counts->whole > runs / 4U);
}

static void a_vm_runs_the_same_whatever_its_neighbour_does(void **state)
{
    struct seeds s = seeds_of("NONINTERFERENCE", VICTIMS);
    (void)state;
    memset(counts, 0, sizeof(*counts));
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        trace_clear(trace);
        for (unsigned n = 0; n <= ATTACKERS; n++) {
            char text[8192];
            struct run r = { .seed = seed, .attacker = n };
            if (!sim_outcome(body, &r, text, sizeof(text))) {
                fail_msg("NONINTERFERENCE_SEED=%lu (attacker %u): %s", seed, n, text);
            }
        }
    }
    printf("noninterference: victims of seeds %lu to %lu, %u attackers each: %lu entries\n", s.first,
           s.first + s.count - 1U, ATTACKERS, counts->entries);
    if (s.count >= VICTIMS) {
        expect_busy(s.count * (ATTACKERS + 1U));
    }
}

/* ---- What the test is for, done on purpose ---- */

static struct vm *victim_vm(void)
{
    return &vms[index_of_role[VICTIM]];
}

static struct vgic *victim_vgic(void)
{
    return &vgics[index_of_role[VICTIM]];
}

static void sends_ipi(void)
{
    arch_ops.irqc.send_ipi(guests[VICTIM].cpus[0]);
}

static void asks_vcpu(void)
{
    (void)atomic32_or(&victim_vm()->vcpus[0].request, VCPU_REQ_VIRQ);
}

static void posts_sgi(void)
{
    struct vcpu another = { .vm = victim_vm(), .index = HV_MAX_CPUS - 1U };
    vgic_send_sgi(&another, 0x0a000001, 1);
}

static void raises_spi(void)
{
    arch_ops.irqc.set(IRQC_PENDING, 0, spis[VICTIM][0] / 32U, 1U << (spis[VICTIM][0] % 32U));
}

static void enables_and_disables_spis(void)
{
    uint32_t on = arch_ops.irqc.get(IRQC_ENABLE, 0, 1) & victims_bits(1);
    arch_ops.irqc.set(IRQC_ENABLE, 0, 1, victims_bits(1) & ~on);
    arch_ops.irqc.clear(IRQC_ENABLE, 0, 1, on);
}

static void routes_spi(void)
{
    arch_ops.irqc.route(spis[VICTIM][1], guests[ATTACKER].cpus[0]);
}

static void changes_priority(void)
{
    victim_vgic()->prio[spis[VICTIM][2]] ^= 0x80U;
}

static void writes_ram(void)
{
    *(uint8_t *)sim_ram(plan.regions[3U * index_of_role[VICTIM]].pa + 0x1238U, 1) ^= 1U;
}

static void changes_register(void)
{
    victim_vm()->vcpus[0].regs.x[28] ^= 1U;
}

static void holds_lock(void)
{
    spin_lock(&victim_vgic()->lock);
    for (unsigned i = 0; i < 40U; i++) {
        arch_ops.cpu.relax();
    }
    spin_unlock(&victim_vgic()->lock);
}

#define SEEDS_PER_DEFECT 6U

static bool finds(const struct defect *defect, uint64_t seed)
{
    char text[8192];
    struct run quiet = { .seed = seed }, loud = { .seed = seed, .attacker = 1, .defect = defect };
    trace_clear(trace);
    if (!sim_outcome(body, &quiet, text, sizeof(text))) {
        fail_msg("%s", text);
    }
    return !sim_outcome(body, &loud, text, sizeof(text)) &&
           (strstr(text, "interference: ") != NULL || strstr(text, "shares with nobody") != NULL);
}

static void interference_of_each_kind_is_found(void **state)
{
    static const struct defect defects[] = {
        { "an IPI too many", sends_ipi },
        { "a request to a vCPU", asks_vcpu },
        { "an SGI to another VM", posts_sgi },
        { "a foreign interrupt made pending", raises_spi },
        { "foreign interrupts enabled and disabled", enables_and_disables_spis },
        { "a foreign interrupt routed", routes_spi },
        { "a foreign priority", changes_priority },
        { "a byte of foreign RAM", writes_ram },
        { "a foreign register", changes_register },
        { "a foreign lock held", holds_lock },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(defects); i++) {
        unsigned found = 0;
        for (uint64_t seed = 1; seed <= SEEDS_PER_DEFECT; seed++) {
            found += finds(&defects[i], seed) ? 1U : 0U;
        }
        printf("noninterference: %s: found in %u of %u runs\n", defects[i].name, found, SEEDS_PER_DEFECT);
        assert_true(found >= SEEDS_PER_DEFECT / 2U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vm_runs_the_same_whatever_its_neighbour_does),
        cmocka_unit_test(interference_of_each_kind_is_found),
    };
    trace = trace_new();
    counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
