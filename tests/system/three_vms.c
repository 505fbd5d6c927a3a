/* SPDX-License-Identifier: Apache-2.0 */
#include "three_vms.h"

#include <stddef.h>
#include <string.h>

#include "system.h"

#define RAM_BYTES  0x4000U
#define HIGH_BYTES 0x2000U
#define RWX        7U
#define RW         3U
#define UART_IRQ   40U /* the board's */

const char *const three_names[] = { "victim", "attacker", "keeper", "hv" };
const uint32_t three_spis[THREE_VMS][THREE_SPIS] = { { 33, 35, 47, 70 }, { 34, 36, 46, 71 }, { 37, 38, 48, 72 } };

struct three_plan three_plan;
struct three_role three_roles[THREE_VMS];
enum three_server three_server;
enum role three_focus;

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

/* A virtual interrupt may have the number of the board's UART, or of a physical one of another VM. */
static uint32_t uart_irq(enum role role)
{
    static const uint32_t irqs[THREE_VMS][3] = { { UART_IRQ, 46, 72 }, { UART_IRQ, 47, 33 }, { UART_IRQ, 33, 35 } };
    return three_server == SERVER_NONE ? 0U : irqs[role][pick(3)];
}

static void fill_vm(unsigned n, enum role role, unsigned nr_vcpus, const unsigned *cpus)
{
    struct plan_vm *v = &three_plan.vms[n];
    struct three_role *r = &three_roles[role];
    struct random_vm *g = &r->guest;
    strcpy(v->name, three_names[role]);
    *r = (struct three_role){ .index = n };
    *g = (struct random_vm){ .hostile = role == ATTACKER, .nr_vcpus = nr_vcpus, .ram_size = RAM_BYTES,
                             .high_size = HIGH_BYTES, .uart_irq = uart_irq(role) };
    memcpy(g->spis, three_spis[role], sizeof(g->spis));
    v->nr_vcpus = nr_vcpus;
    memset(v->cpus, 0, sizeof(v->cpus));
    for (unsigned i = 0; i < nr_vcpus; i++) {
        v->cpus[i] = cpus[i];
        g->cpus[i] = cpus[i];
        r->cpus |= 1U << cpus[i];
    }
    v->entry = RANDOM_RAM;
    v->dtb = 0;
    v->vuart_irq = g->uart_irq;
    v->vuart_ipa = g->uart_irq != 0U ? RANDOM_UART : 0U;
    v->first_region = 3U * n;
    v->nr_regions = 3;
    v->first_irq = THREE_SPIS * n;
    v->nr_irqs = THREE_SPIS;
    v->first_image = 0;
    v->nr_images = 0;
    uint64_t pa = 0x40400000U + (0x20000U * n);
    struct plan_region *regions = &three_plan.regions[3U * n];
    regions[0] = (struct plan_region){ RANDOM_RAM, pa, RAM_BYTES, PLAN_REGION_RAM, RWX, 0};
    regions[1] = (struct plan_region){ RANDOM_HIGH, pa + 0x10000U, HIGH_BYTES, PLAN_REGION_RAM, RWX, 0};
    regions[2] = (struct plan_region){ RANDOM_DEVICE, 0x09010000U + (0x1000U * n), 0x1000, PLAN_REGION_DEVICE, RW, 0};
    for (unsigned i = 0; i < THREE_SPIS; i++) {
        three_plan.irqs[(THREE_SPIS * n) + i] = (struct plan_irq){ three_spis[role][i],
                                                                   pick(2) != 0U ? PLAN_IRQ_EDGE : 0U };
    }
}

#define TABLE(field, n) ((struct plan_table){ (uint32_t)offsetof(struct three_plan, field), n })

static void fill_tables(const struct system *s, unsigned nr_cpus)
{
    struct plan *p = &three_plan.p;
    memset(&three_plan, 0, sizeof(three_plan));
    *p = s->plan.p;
    p->length = sizeof(three_plan);
    p->nr_irqs = 96;
    if (p->irqc_version == 3U) {
        p->irqc_size[1] = nr_cpus * 0x20000U;
    }
    p->cpus = TABLE(cpus, nr_cpus);
    p->vms = TABLE(vms, THREE_VMS);
    p->regions = TABLE(regions, 3U * THREE_VMS);
    p->irqs = TABLE(irqs, THREE_SPIS * THREE_VMS);
    p->images = TABLE(log, 0);
    strcpy(three_plan.log, "three VMs\n");
    p->log = TABLE(log, (uint32_t)strlen(three_plan.log));
    for (unsigned i = 0; i < nr_cpus; i++) {
        three_plan.cpus[i] = s->plan.cpus[i];
        three_plan.cpus[i].hw_id = i;
    }
}

static void share_console(struct sim_config *machine, const unsigned *cpu_of_role, unsigned spare)
{
    static const unsigned rates[] = { 0, 10, 40, 100 };
    struct plan *p = &three_plan.p;
    if (three_server == SERVER_NONE) {
        return;
    }
    p->console_size = 0x1000;
    p->console_irq = UART_IRQ;
    p->console_cpu = three_server == SERVER_KEEPER     ? cpu_of_role[KEEPER]
                     : three_server == SERVER_ATTACKER ? cpu_of_role[ATTACKER]
                                                       : spare;
    machine->uart_irq = UART_IRQ;
    machine->uart_rate = rates[pick(ARRAY_SIZE(rates))];
}

static void fill_plan(struct sim_config *machine, uint64_t seed, bool console)
{
    static const unsigned lrs[] = { 1, 2, 4 };
    struct system s;
    unsigned order[THREE_VMS], cpu[HV_MAX_CPUS], cpu_of_role[THREE_VMS], next = 0;
    system_prepare(&s, seed);
    *machine = s.machine;
    seed_state = seed;
    unsigned sizes[THREE_VMS] = { [VICTIM] = 1U + (unsigned)pick(2), [ATTACKER] = 1U + (unsigned)pick(3), [KEEPER] = 1 };
    unsigned server = (unsigned)pick(8);
    three_server = console || server > (unsigned)SERVER_NONE ? SERVER_NOBODY : (enum three_server)server;
    three_focus = (enum role)pick(THREE_VMS);
    unsigned nr_cpus = sizes[VICTIM] + sizes[ATTACKER] + sizes[KEEPER] + 1U;
    shuffle(order, THREE_VMS);
    shuffle(cpu, nr_cpus);
    fill_tables(&s, nr_cpus);
    for (unsigned n = 0; n < THREE_VMS; n++) {
        enum role role = (enum role)order[n];
        three_plan.vms[n] = s.plan.vms[0];
        cpu_of_role[role] = cpu[next];
        fill_vm(n, role, sizes[role], &cpu[next]);
        next += sizes[role];
    }
    machine->nr_cpus = nr_cpus;
    machine->nr_irqs = three_plan.p.nr_irqs;
    machine->boot_cpu = (unsigned)pick(nr_cpus);
    machine->nr_lrs = lrs[pick(ARRAY_SIZE(lrs))];
    share_console(machine, cpu_of_role, cpu[nr_cpus - 1U]);
}

void three_install(uint64_t seed, bool console)
{
    struct sim_config machine;
    struct plan *p = &three_plan.p;
    fill_plan(&machine, seed, console);
    sim_init(&machine);
    p->hv_sum = plan_sum_words(sim_ram(p->hv_base, p->hv_size), p->hv_image_size);
    p->sum = plan_sum_self(p);
    memcpy(sim_ram(p->plan_pa, sizeof(three_plan)), &three_plan, sizeof(three_plan));
}

void three_domains(struct sim_domains *d)
{
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        d->of[i] = THREE_VMS;
        for (unsigned k = 0; k < THREE_VMS; k++) {
            d->of[i] = ((three_roles[k].cpus >> i) & 1U) != 0U ? k : d->of[i];
        }
    }
    d->uart = d->of[three_plan.p.console_cpu];
}
