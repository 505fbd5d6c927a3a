/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvsim [-p BITS] [-d PREFIX] FILE [SEED]: boots a file that hvplan packed in the simulator, on a machine as the plan
 * describes it. Each VM starts all its vCPUs and then powers off. Prints the console. Exit code 0: powered off; 1:
 * not, or the
 * dump could not be written; 2: used wrongly.
 *
 *   -p BITS     physical address bits of the simulated CPU (as ID_AA64MMFR0_EL1.PARange would say; RISC-V: 41 with
 * Sv39x4 alone,
 *               50 with Sv48x4); without it, what the plan needs, rounded up
 *   -d PREFIX   what stage 2 came to, for a comparison with another machine that booted the same file:
 *               PREFIX.pool  the whole page-table pool, byte for byte
 *               PREFIX.regs  a line "pool ADDRESS BYTES", then one line per vCPU: "vcpu VM INDEX hw_id ID" and
 *                            "vtcr VALUE vttbr VALUE", or "hgatp VALUE" on RISC-V, where ID is the MPIDR affinity,
 * or hart id,
 *                            of its CPU and the values are those that the CPU was given when the vCPU last started
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hv/board.h"
#include "hv/plan.h"
#include "sim/internal.h"
#include "sim/sim.h"

#define RISCV           (board.isa == PLAN_ISA_RISCV)
#define MAX_FILE        (1024UL << 20)
#define MAX_PATH        4096U

/* What a VM's scripts share. They are coroutines of one thread. */
struct run {
    const struct plan_vm *vm;
    unsigned started; /* vCPUs that have come up */
};

static void wait_for_end(struct sim_guest *g)
{
    struct run *run = g->user;
    run->started++;
    for (;;) { /* ends with the VM; a machine that hangs is ended by the scheduler */
        sim_guest_step(g);
    }
}

static void start_all_and_power_off(struct sim_guest *g)
{
    struct run *run = g->user;
    for (unsigned i = 1; i < run->vm->nr_vcpus; i++) {
        if (sim_guest_start_vcpu(g, i, run->vm->entry, 0) != 0) {
            sim_fail("vm %s: vCPU %u does not start", run->vm->name, i);
        }
    }
    while (run->started + 1U < run->vm->nr_vcpus) {
        sim_guest_step(g);
    }
    sim_guest_off(g);
}

static uint8_t *read_whole(const char *name, size_t *size)
{
    FILE *f = fopen(name, "rb");
    uint8_t *p = NULL;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0) {
        long n = ftell(f);
        rewind(f);
        if (n > 0 && (size_t)n < MAX_FILE && (p = malloc((size_t)n)) != NULL) {
            *size = fread(p, 1, (size_t)n, f);
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return p;
}

/* The plan lies on a page boundary in the first 2 MiB and names its own place. */
static const struct plan *find_plan(const uint8_t *file, size_t size)
{
    for (size_t at = 0; at + sizeof(struct plan) <= size && at < HV_REGION_SIZE; at += PAGE_SIZE) {
        const struct plan *p = (const struct plan *)(const void *)(file + at);
        if (p->magic == PLAN_MAGIC && p->plan_pa - p->hv_base == at && p->length <= size - at) {
            return p;
        }
    }
    return NULL;
}

/* How far the pages of a hart's interrupt files reach: to those of the next hart. */
static unsigned file_pages(const struct plan *plan)
{
    return (unsigned)((plan_cpu(plan, 1)->irqc_pa - plan_cpu(plan, 0)->irqc_pa) / PAGE_SIZE);
}

static void power_on(const struct plan *plan, uint64_t seed, unsigned pa_bits)
{
    if (plan->cpus.count > SIM_MAX_CPUS) {
        fprintf(stderr, "hvsim: the plan has %u CPUs, the simulator's machine %u at most\n", plan->cpus.count, SIM_MAX_CPUS);
        exit(1);
    }
    struct sim_config c = sim_default();
    c.seed = seed;
    c.nr_cpus = plan->cpus.count;
    for (unsigned i = 0; i < plan->cpus.count; i++) {
        c.hw_id[i] = plan_cpu(plan, i)->hw_id;
    }
    c.ram_base = plan->ram_base;
    c.ram_size = plan->ram_size;
    c.own_base = plan->hv_base;
    c.own_size = plan->hv_size;
    c.pa_bits = pa_bits != 0U ? pa_bits : RISCV ? 50U : plan->pa_bits_min > 40U ? 48U : 40U;
    c.nr_irqs = plan->nr_irqs;
    c.maint_irq = plan->maint_irq;
    c.vtimer_irq = plan->vtimer_irq;
    c.htimer_irq = plan->htimer_irq;
    c.nr_ids = plan->irqc_ids;
    if (plan->irqc_version == (uint32_t)PLAN_IRQC_AIA && plan->cpus.count > 1U) {
        c.file_pages = file_pages(plan);
    }
    c.irqc_version = plan->irqc_version;
    sim_init(&c);
}

static void give_scripts(const struct plan *plan)
{
    static struct run runs[HV_MAX_VMS];
    for (unsigned i = 0; i < plan->vms.count; i++) {
        runs[i].vm = plan_vm(plan, i);
        for (unsigned v = 0; v < runs[i].vm->nr_vcpus; v++) {
            sim_guest_script(runs[i].vm->cpus[v], v == 0U ? start_all_and_power_off : wait_for_end, &runs[i]);
        }
    }
}

static FILE *create(const char *prefix, const char *suffix)
{
    char path[MAX_PATH];
    int n = snprintf(path, sizeof(path), "%s%s", prefix, suffix);
    FILE *f = n > 0 && (size_t)n < sizeof(path) ? fopen(path, "wb") : NULL;
    if (f == NULL) {
        fprintf(stderr, "hvsim: cannot write %s%s\n", prefix, suffix);
    }
    return f;
}

static uint64_t pool_page(const struct plan *plan, uint64_t i)
{
    return plan_hv_pa(plan, plan->pool_pa - plan->hv_base + i * PAGE_SIZE).v;
}

static bool dump_pool(const struct plan *plan, const char *prefix)
{
    FILE *f = create(prefix, ".pool");
    bool ok = f != NULL;
    for (uint64_t i = 0; ok && i < plan->pool_pages; i++) {
        ok = fwrite(sim_ram(pool_page(plan, i), PAGE_SIZE), 1, PAGE_SIZE, f) == PAGE_SIZE;
    }
    return f != NULL && fclose(f) == 0 && ok;
}

/* Where the bytes of PREFIX.pool lie: a line for each run of pages. */
static bool dump_places(const struct plan *plan, FILE *f)
{
    uint64_t n = 1;
    for (uint64_t i = 0; i < plan->pool_pages; i += n) {
        for (n = 1; i + n < plan->pool_pages && pool_page(plan, i + n) == pool_page(plan, i) + n * PAGE_SIZE; n++) {
        }
        if (fprintf(f, "pool 0x%lx %lu\n", pool_page(plan, i), n * PAGE_SIZE) < 0) {
            return false;
        }
    }
    return true;
}

static bool dump_regs(const struct plan *plan, const char *prefix)
{
    FILE *f = create(prefix, ".regs");
    if (f == NULL) {
        return false;
    }
    bool ok = dump_places(plan, f);
    for (unsigned i = 0; i < plan->vms.count; i++) {
        const struct plan_vm *vm = plan_vm(plan, i);
        for (unsigned v = 0; v < vm->nr_vcpus; v++) {
            const struct core *c = &sim_cores[vm->cpus[v]];
            ok = ok && fprintf(f, "vcpu %s %u hw_id 0x%lx ", vm->name, v, c->hw_id) > 0;
            ok = ok && (RISCV ? fprintf(f, "hgatp 0x%lx\n", c->s2.base)
                              : fprintf(f, "vtcr 0x%lx vttbr 0x%lx\n", c->s2.ctrl, c->s2.base)) > 0;
        }
    }
    return fclose(f) == 0 && ok;
}

static int boot(const struct plan *plan, const uint8_t *file, size_t size, const char *dump)
{
    memcpy(sim_ram(plan->hv_base, size), file, size);
    give_scripts(plan);
    enum sim_end end = sim_run(plan->plan_pa, plan->hv_base);
    fputs(sim_console(), stdout);
    bool ok = end == SIM_POWERED_OFF;
    if (ok && dump != NULL) {
        ok = dump_pool(plan, dump) && dump_regs(plan, dump);
    }
    return ok ? 0 : 1;
}

static int usage(void)
{
    fprintf(stderr, "usage: hvsim [-p BITS] [-d PREFIX] FILE [SEED]\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *dump = NULL;
    unsigned pa_bits = 0;
    size_t size = 0;
    int option;
    while ((option = getopt(argc, argv, "p:d:")) != -1) {
        if (option == 'd') {
            dump = optarg;
        } else if (option == 'p') {
            pa_bits = (unsigned)strtoul(optarg, NULL, 10);
            if (pa_bits < 32U || pa_bits > 50U) {
                return usage();
            }
        } else {
            return usage();
        }
    }
    if (argc - optind < 1 || argc - optind > 2) {
        return usage();
    }
    uint8_t *file = read_whole(argv[optind], &size);
    const struct plan *plan = file != NULL ? find_plan(file, size) : NULL;
    if (plan == NULL) {
        fprintf(stderr, "hvsim: %s: cannot be read, or holds no plan\n", argv[optind]);
        free(file);
        return 2;
    }
    struct plan_report report;
    if (plan_validate(plan, plan->length, plan->board, board.isa, &report) != HV_OK) {
        fprintf(stderr, "hvsim: the plan is wrong: %s\n", plan_error_text(report.issue[0].error));
        free(file);
        return 1;
    }
    power_on(plan, argc - optind == 2 ? strtoull(argv[optind + 1], NULL, 0) : 1U, pa_bits);
    int code = boot(plan, file, size, dump);
    free(file);
    return code;
}
