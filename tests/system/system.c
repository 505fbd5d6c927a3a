/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/vm.h"
#include "hv/board.h"
#include "seeds.h"
#include "system_walk.h"

/* What any plan of these tests takes behind the pool, and more. */
#define OWN_PAGES 64U

void system_plan(struct plan_fixture *f)
{
    struct plan *p = &f->p;
    strcpy(p->board, board.name);
    p->console_base = board.console_base;
    if (board.isa == PLAN_ISA_RISCV) {
        plan_fixture_riscv(f, board.irqc);
    } else if (board.irqc == PLAN_IRQC_GICV2) {
        plan_fixture_gicv2(f);
    }
    p->pool_pages = (p->hv_base + p->hv_size - p->pool_pa) / PAGE_SIZE - OWN_PAGES;
}

void system_prepare(struct system *s, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    plan_fixture_good(&s->plan);
    system_plan(&s->plan);
    s->machine = sim_default();
    s->machine.irqc_version = (uint32_t)board.irqc;
    s->machine.sstc = seed % 3U != 0U;
    s->machine.seed = seed;
    s->load_pa = s->plan.p.hv_base;
    s->plan_pa = s->plan.p.plan_pa;
}

/* So many bytes further in coloured memory: the one place in that period of which the walker's count says so. */
static uint64_t step_by_colour(const struct plan *p, uint64_t colours, uint64_t pa, uint64_t bytes)
{
    struct walker_cache cache = system_cache(p);
    uint64_t period = cache.unit * cache.colours;
    struct walker_grant g = {.pa = pa / period * period, .colours = colours, .cache = &cache};
    uint64_t is = 0, wanted;

    sim_expect(walker_coloured_offset(&g, pa, &is));
    wanted = is + bytes;
    pa = g.pa + wanted / (cache.unit * (uint64_t)__builtin_popcountll(colours)) * period + wanted % cache.unit;
    for (uint64_t end = pa + period; pa < end; pa += cache.unit) {
        if (walker_coloured_offset(&g, pa, &is) && is == wanted) {
            return pa;
        }
    }
    sim_fail("nothing is 0x%lx bytes into these colours", wanted);
}

uint64_t system_image_pa(const struct system *s, unsigned image, uint64_t at, bool pristine)
{
    const struct plan_fixture *f = &s->plan;
    const struct plan_image *m = &f->images[image];
    const struct plan_vm *v = &f->vms[image < f->vms[1].first_image ? 0 : 1];
    uint64_t colours = f->regions[v->first_region].colours; /* those of all its RAM in these tests */
    uint64_t pa = pristine ? m->pristine_pa : m->pa;
    return colours == 0U ? pa + at : step_by_colour(&f->p, colours, pa, at);
}

void system_install(struct system *s)
{
    struct plan *p = &s->plan.p;
    sim_init(&s->machine);
    uint8_t *image = sim_ram(p->hv_base, p->hv_size);
    for (uint64_t i = 0; i < p->hv_image_size; i++) {
        image[i] = (uint8_t)(i * 7U);
    }
    p->hv_sum = plan_sum_words(image, p->hv_image_size);
    for (unsigned i = 0; i < p->images.count; i++) {
        struct plan_image *m = &s->plan.images[i];
        struct plan_summing sum;
        plan_sum_start(&sum);
        for (uint64_t at = 0; at < m->size; at += 8U) {
            uint64_t word = 0x1111111111111111ULL * (i + 1U);
            plan_sum_more(&sum, &word, sizeof(word));
            memcpy(sim_ram(system_image_pa(s, i, at, false), 8), &word, 8);
            if (m->pristine_pa != 0U) {
                memcpy(sim_ram(system_image_pa(s, i, at, true), 8), &word, 8);
            }
        }
        m->sum = plan_sum_end(&sum);
    }
    plan_fixture_seal(&s->plan);
    memcpy(sim_ram(s->plan_pa, sizeof(s->plan)), &s->plan, sizeof(s->plan));
}

enum sim_end system_boot(struct system *s)
{
    enum sim_end end = sim_run(s->plan_pa, s->load_pa);
    if (count_console("panic") != 0U) {
        sim_fail("the hypervisor panicked");
    }
    if (nr_vms != 0U) {
        system_audit_plan(&s->plan.p);
    }
    return end;
}

/* Of tables: all of them are the hypervisor's, where it lives now. */
static bool read_ram(void *ctx, uint64_t pa, uint64_t *word)
{
    const struct sim_config *c = sim_config();
    uint64_t n;
    if (pa < c->ram_base || pa - c->ram_base >= c->ram_size || !plan_hv_offset(ctx, PA(pa), sizeof(*word), &n)) {
        return false;
    }
    *word = sim_ram_read(pa);
    return true;
}

static uint64_t audit_vm(const struct plan *p, unsigned i)
{
    const struct plan_vm *v = plan_vm(p, i);
    struct walker_grant grants[FIXTURE_REGIONS + FIXTURE_MORE + 3U * HV_MAX_CPUS];
    unsigned n = v->nr_regions;
    struct walker_cache cache = system_cache(p);
    for (unsigned k = 0; k < v->nr_regions; k++) {
        const struct plan_region *r = plan_region(p, v->first_region + k);
        grants[k] = (struct walker_grant){
            .ipa = r->ipa,
            .pa = r->pa,
            .size = r->size,
            .read = (r->rights & 1U) != 0U,
            .write = (r->rights & 2U) != 0U,
            .execute = (r->rights & 4U) != 0U,
            .type = r->kind != (uint32_t)PLAN_REGION_DEVICE && r->kind != (uint32_t)PLAN_REGION_SHARED ? WALKER_NORMAL_WB : WALKER_DEVICE,
            .colours = r->colours,
            .cache = &cache,
        };
    }
    n += system_irqc_grants(p, v, &grants[n]);
    struct plan plan = *p; /* without its tables, which the place of a page does not need */
    bool moved = plan.hv_colours != 0U;
    struct system_tree t = { .read = read_ram,
                             .ctx = &plan,
                             .hw = vms[i].s2.hw,
                             .ipa_bits = v->ipa_bits,
                             .vmid = i + 1U,
                             .tables_base = moved ? plan.hv_home : plan.pool_pa,
                             .tables_size = moved ? plan_hv_span(&plan) : plan.pool_pages * PAGE_SIZE };
    if (!system_walk(&t, grants, n)) {
        sim_fail("walker: vm %s: %s", v->name, t.error);
    }
    return t.tables;
}

/* Which page of the pool it is. */
static uint64_t pool_index(const struct plan *p, paddr_t pa)
{
    uint64_t n = 0;
    if (!plan_hv_offset(p, pa, PAGE_SIZE, &n) || n < p->pool_pa - p->hv_base) {
        sim_fail("0x%lx is no page of the pool", pa.v);
    }
    return (n - (p->pool_pa - p->hv_base)) / PAGE_SIZE;
}

void system_audit_plan(const struct plan *p)
{
    uint64_t tables = 0, planned = 0, lost = 0;
    uint64_t end = 0;
    for (unsigned i = 0; i < p->vms.count; i++) {
        uint64_t reached = audit_vm(p, i);
        /* The root is a VM's first allocation; what lies between it and the VM before was lost to alignment. */
        lost += pool_index(p, vms[i].s2.root) - end;
        end = pool_index(p, vms[i].s2.root) + reached;
        tables += reached;
        planned += plan_s2_pages(p, i);
    }
    if (sim_own_taken() > plan_own_bytes(p)) {
        sim_fail("0x%lx bytes taken of the hypervisor's memory, 0x%lx planned", sim_own_taken(), plan_own_bytes(p));
    }
    uint64_t used = vms[0].s2.pool->used;
    if (used != tables + lost || used != planned) {
        sim_fail("leak: %lu pages of the pool used, %lu planned, %lu in trees, %lu lost to alignment", used, planned,
                 tables, lost);
    }
}

void run_in_child(void (*body)(void *), void *arg)
{
    char text[8192];
    if (!sim_outcome(body, arg, text, sizeof(text))) {
        fail_msg("%s", text);
    }
}

void run_on_seeds(void (*body)(void *), unsigned n)
{
    struct seeds s = seeds_of("SYSTEM", n);
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        run_in_child(body, (void *)(uintptr_t)seed);
    }
}

unsigned count_console(const char *text)
{
    unsigned n = 0;
    const char *end = sim_console() + sim_console_length(); /* a guest may print NUL characters */
    for (const char *p = sim_console(); (p = memmem(p, (size_t)(end - p), text, strlen(text))) != NULL; p++) {
        n++;
    }
    return n;
}

void expect_console(const char *text)
{
    if (count_console(text) == 0U) {
        sim_fail("the console lacks \"%s\"", text);
    }
}

void guest_power_off(struct sim_guest *g)
{
    sim_guest_off(g);
    sim_fail("CPU %u: the call to power off returned", g->cpu);
}
