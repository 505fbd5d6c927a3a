/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvsim FILE [SEED]: boots a file that hvplan packed in the simulator, on a machine as the plan describes it, with
 * guests that power off at once, and prints the console. Exit code 0: powered off; 1: not; 2: used wrongly.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/board.h"
#include "hv/plan.h"
#include "sim/sim.h"

#define PSCI_SYSTEM_OFF  0x84000008U
#define MAX_FILE         (1024UL << 20)

static void power_off(struct sim_guest *g)
{
    (void)sim_guest_hvc(g, PSCI_SYSTEM_OFF, 0, 0, 0);
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

int main(int argc, char **argv)
{
    size_t size = 0;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: hvsim FILE [SEED]\n");
        return 2;
    }
    uint8_t *file = read_whole(argv[1], &size);
    const struct plan *plan = file != NULL ? find_plan(file, size) : NULL;
    if (plan == NULL) {
        fprintf(stderr, "hvsim: %s: cannot be read, or holds no plan\n", argv[1]);
        return 2;
    }
    struct sim_config c = sim_default();
    struct plan_report report;
    c.seed = argc == 3 ? strtoull(argv[2], NULL, 0) : 1U;
    if (plan_validate(plan, plan->length, plan->board, PLAN_ISA_ARMV8, &report) != HV_OK) {
        fprintf(stderr, "hvsim: the plan is wrong: %s\n", plan_error_text(report.issue[0].error));
        return 1;
    }
    c.nr_cpus = plan->cpus.count;
    for (unsigned i = 0; i < plan->cpus.count; i++) {
        c.hw_id[i] = plan_cpu(plan, i)->hw_id;
    }
    c.ram_base = plan->ram_base;
    c.ram_size = plan->ram_size;
    c.own_base = plan->hv_base;
    c.own_size = plan->hv_size;
    c.pa_bits = plan->pa_bits_min > 40U ? 48U : 40U;
    c.nr_irqs = plan->nr_irqs;
    c.maint_irq = plan->maint_irq;
    c.vtimer_irq = plan->vtimer_irq;
    sim_init(&c);
    memcpy(sim_ram(plan->hv_base, size), file, size);
    for (unsigned i = 0; i < c.nr_cpus; i++) {
        sim_guest_script(i, power_off, NULL);
    }
    enum sim_end end = sim_run(plan->plan_pa, plan->hv_base);
    fputs(sim_console(), stdout);
    free(file);
    return end == SIM_POWERED_OFF ? 0 : 1;
}
