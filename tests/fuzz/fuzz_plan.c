/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a binary plan. What plan_validate() accepts must be safe, as judged here entry against entry from the
 * contract in hv/plan.h; the VMs must build, in exactly the pages that were foreseen, on the smallest machine the plan
 * allows and on a larger one; and the independent walker must find in each VM's tables what the plan grants and nothing
 * else. The mutator (plan_mutate.c) makes the checksum right again, or nothing would get past it.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/own.h"
#include "core/vm.h"
#include "hv/arch_ops.h"
#include "plan_fixture.h"
#include "sim/sim.h"
#include "walker/walker.h"

static bool apart(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a_size != 0U && b_size != 0U && a <= UINT64_MAX - (a_size - 1U) && b <= UINT64_MAX - (b_size - 1U) &&
           (a > b + (b_size - 1U) || b > a + (a_size - 1U));
}

static bool inside(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a >= b && a - b < b_size && a_size <= b_size - (a - b);
}

/* Physical bytes among which memory lies: of coloured, whole periods. */
static uint64_t span_of(const struct plan *p, uint64_t size, uint64_t colours)
{
    if (colours == 0U) {
        return size;
    }
    uint64_t period = p->llc.size / p->llc.ways;
    uint64_t share = period / p->llc.colours * (uint64_t)__builtin_popcountll(colours);
    FUZZ_EXPECT(period != 0U && (p->llc.colours == 64U || colours >> p->llc.colours == 0U));
    return (size / share + (size % share != 0U ? 1U : 0U)) * period;
}

/* Apart by addresses, or by colours. */
static bool memory_apart(const struct plan *p, uint64_t a, uint64_t a_size, uint64_t a_colours, uint64_t b, uint64_t b_size,
                         uint64_t b_colours)
{
    return (a_colours != 0U && b_colours != 0U && (a_colours & b_colours) == 0U) ||
           apart(a, span_of(p, a_size, a_colours), b, span_of(p, b_size, b_colours));
}

/* True if the bytes from a on, as they lie in memory of these colours, are all in it. */
static bool memory_inside(const struct plan *p, uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size, uint64_t colours)
{
    struct walker_cache cache = {.colours = p->llc.colours};
    struct walker_grant g = {.pa = b, .colours = colours, .cache = &cache};
    uint64_t offset = 0;
    if (colours == 0U) {
        return inside(a, a_size, b, b_size);
    }
    cache.unit = p->llc.size / p->llc.ways / p->llc.colours;
    memcpy(cache.hash, p->llc.hash, sizeof(cache.hash));
    return walker_coloured_offset(&g, a, &offset) && inside(offset, a_size, 0, b_size);
}

/* The hypervisor's coloured memory: inside RAM, and nobody else's. */
static void judge_home(const struct plan *p)
{
    if (p->hv_colours == 0U) {
        FUZZ_EXPECT(p->hv_home == 0U);
        return;
    }
    FUZZ_EXPECT(p->hv_home % (p->llc.size / p->llc.ways) == 0U &&
                inside(p->hv_home, span_of(p, p->hv_size, p->hv_colours), p->ram_base, p->ram_size));
    FUZZ_EXPECT(memory_apart(p, p->hv_home, p->hv_size, p->hv_colours, p->hv_base, p->hv_size, 0));
    for (uint32_t i = 0; i < p->regions.count; i++) {
        const struct plan_region *r = plan_region(p, i);
        FUZZ_EXPECT(memory_apart(p, p->hv_home, p->hv_size, p->hv_colours, r->pa, r->size, r->colours));
    }
    for (uint32_t i = 0; i < p->vms.count; i++) {
        const struct plan_vm *v = plan_vm(p, i);
        FUZZ_EXPECT(v->pristine_size == 0U || memory_apart(p, p->hv_home, p->hv_size, p->hv_colours, v->pristine_pa, v->pristine_size,
                                                           plan_region(p, v->first_region)->colours));
    }
}

/* Memory: nobody else's, of the right kind. */
static void judge_region(const struct plan *p, uint32_t vm, uint32_t i)
{
    const struct plan_region *r = plan_region(p, i);
    const struct plan_vm *v = plan_vm(p, vm);
    uint64_t size = span_of(p, r->size, r->colours);
    FUZZ_EXPECT(r->size != 0U && (r->size | r->pa | r->ipa) % 4096U == 0U);
    bool memory = r->kind == PLAN_REGION_RAM || r->kind == PLAN_REGION_CHANNEL;
    FUZZ_EXPECT(r->colours == 0U || (memory && r->pa % (p->llc.size / p->llc.ways) == 0U));
    FUZZ_EXPECT(r->colours == 0U || (v->flags & PLAN_VM_TRUSTED_DMA) == 0U);
    FUZZ_EXPECT(apart(r->pa, size, p->hv_base, p->hv_size));
    for (unsigned k = 0; k < (p->irqc_version == 3U ? 2U : 4U); k++) {
        FUZZ_EXPECT(apart(r->pa, size, p->irqc_base[k], p->irqc_size[k]));
        FUZZ_EXPECT(k != 3U || apart(p->ram_base, p->ram_size, p->irqc_base[k], p->irqc_size[k]));
    }
    FUZZ_EXPECT(apart(r->ipa, r->size, v->irqc_ipa[0], p->irqc_version == 3U ? 0x10000U : 0x1000U));
    FUZZ_EXPECT(apart(r->ipa, r->size, v->irqc_ipa[1], p->irqc_version == 3U ? 0x20000ULL * v->nr_vcpus : 0x2000U));
    FUZZ_EXPECT(memory ? inside(r->pa, size, p->ram_base, p->ram_size)
                       : apart(r->pa, r->size, p->ram_base, p->ram_size));
    FUZZ_EXPECT((r->rights & 1U) != 0U && r->rights < 8U && (r->kind == PLAN_REGION_RAM || (r->rights & 4U) == 0U));
    for (uint32_t k = 0; k < p->regions.count; k++) {
        const struct plan_region *o = plan_region(p, k);
        bool same = r->pa == o->pa && r->size == o->size && r->colours == o->colours;
        bool alike = r->kind == o->kind && (r->kind == PLAN_REGION_SHARED || (r->kind == PLAN_REGION_CHANNEL && same));
        bool common = alike && (k < v->first_region || k - v->first_region >= v->nr_regions);
        FUZZ_EXPECT(k == i || common || memory_apart(p, r->pa, r->size, r->colours, o->pa, o->size, o->colours));
    }
}

/* Pristine copies: there if the VM may restart, whole blocks of RAM, and apart from all that anybody has. */
static void judge_pristine(const struct plan *p, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(p, vm);
    const uint64_t colours = v->nr_regions != 0U ? plan_region(p, v->first_region)->colours : 0U;
    const uint64_t block = 2ULL << 20;
    const uint64_t size = span_of(p, v->pristine_size, colours);
    if (v->on_reset != 1U && v->on_fault != 1U) {
        FUZZ_EXPECT(v->pristine_pa == 0U && v->pristine_size == 0U);
        return;
    }
    FUZZ_EXPECT(v->pristine_size != 0U && (colours != 0U || (v->pristine_pa | v->pristine_size) % block == 0U));
    FUZZ_EXPECT(inside(v->pristine_pa, size, p->ram_base, p->ram_size));
    FUZZ_EXPECT(apart(v->pristine_pa, size, p->hv_base, p->hv_size));
    for (uint32_t i = 0; i < p->regions.count; i++) {
        const struct plan_region *r = plan_region(p, i);
        FUZZ_EXPECT(memory_apart(p, v->pristine_pa, v->pristine_size, colours, r->pa, r->size, r->colours));
        FUZZ_EXPECT(i < v->first_region || i >= v->first_region + v->nr_regions || r->kind != PLAN_REGION_RAM ||
                    r->colours != 0U || (r->pa | r->size) % block == 0U);
    }
    for (uint32_t other = 0; other < p->vms.count; other++) {
        const struct plan_vm *o = plan_vm(p, other);
        uint64_t o_colours = o->nr_regions != 0U ? plan_region(p, o->first_region)->colours : 0U;
        FUZZ_EXPECT(other == vm || o->pristine_size == 0U ||
                    memory_apart(p, v->pristine_pa, v->pristine_size, colours, o->pristine_pa, o->pristine_size, o_colours));
    }
    for (uint32_t i = 0; i < v->nr_images; i++) {
        const struct plan_image *m = plan_image(p, v->first_image + i);
        FUZZ_EXPECT(m->pristine_pa % 8U == 0U && memory_inside(p, m->pristine_pa, m->size, v->pristine_pa, v->pristine_size, colours));
    }
}

static void judge_vm(const struct plan *p, uint32_t vm)
{
    const struct plan_vm *v = plan_vm(p, vm);
    bool runs = false;
    FUZZ_EXPECT(v->nr_vcpus >= 1U && v->nr_vcpus <= VM_MAX_VCPUS);
    FUZZ_EXPECT(memchr(v->name, '\0', sizeof(v->name)) != NULL && v->name[0] != '\0');
    for (uint32_t i = 0; i < v->nr_vcpus; i++) {
        FUZZ_EXPECT(v->cpus[i] < p->cpus.count && vcpu_of_cpu(v->cpus[i]) == &vms[vm].vcpus[i]);
    }
    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(p, v->first_region + i);
        judge_region(p, vm, v->first_region + i);
        runs = runs || ((r->rights & 4U) != 0U && inside(v->entry, 4, r->ipa, r->size));
    }
    FUZZ_EXPECT(runs);
    judge_pristine(p, vm);
    for (uint32_t i = 0; i < v->nr_images; i++) {
        const struct plan_image *m = plan_image(p, v->first_image + i);
        bool found = false;
        for (uint32_t k = 0; k < v->nr_regions; k++) {
            const struct plan_region *r = plan_region(p, v->first_region + k);
            found = found || (r->kind == PLAN_REGION_RAM && memory_inside(p, m->pa, m->size, r->pa, r->size, r->colours));
        }
        FUZZ_EXPECT(found);
    }
}

/* Every entry of the shared tables belongs to one VM, and every interrupt number stands there once. */
static void judge(const struct plan *p)
{
    uint32_t regions = 0, irqs = 0;
    bool taken[1020] = { false };
    judge_home(p);
    for (uint32_t vm = 0; vm < p->vms.count; vm++) {
        judge_vm(p, vm);
        FUZZ_EXPECT(plan_vm(p, vm)->first_region == regions && plan_vm(p, vm)->first_irq == irqs);
        regions += plan_vm(p, vm)->nr_regions;
        irqs += plan_vm(p, vm)->nr_irqs;
    }
    FUZZ_EXPECT(regions == p->regions.count && irqs == p->irqs.count);
    for (uint32_t i = 0; i < irqs; i++) {
        uint32_t intid = plan_irq(p, i)->intid;
        FUZZ_EXPECT(intid >= 32U && intid < 1020U && intid < p->nr_irqs && !taken[intid]);
        taken[intid] = true;
    }
}

static bool read_table(void *ctx, uint64_t pa, uint64_t *word)
{
    const struct sim_config *c = ctx;
    if (!inside(pa, 8, c->ram_base, c->ram_size)) {
        return false;
    }
    *word = sim_ram_read(pa);
    return true;
}

static void walk(const struct plan *p, uint32_t vm, struct sim_config *machine)
{
    const struct plan_vm *v = plan_vm(p, vm);
    struct walker_grant grants[PLAN_MAX_REGIONS + 1U];
    unsigned nr_grants = v->nr_regions;
    struct walker_cache cache = {.colours = p->llc.colours};
    memcpy(cache.hash, p->llc.hash, sizeof(cache.hash));
    cache.unit = p->llc.size == 0U ? 0U : p->llc.size / p->llc.ways / p->llc.colours;
    for (uint32_t i = 0; i < v->nr_regions; i++) {
        const struct plan_region *r = plan_region(p, v->first_region + i);
        grants[i] = (struct walker_grant){
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
    if (p->irqc_version == 2U) { /* the virtual CPU interface, where the guest has its GICC */
        grants[nr_grants++] = (struct walker_grant){ .ipa = v->irqc_ipa[1],
                                                     .pa = plan_gic_cpu_frame(p, PLAN_GICV).v,
                                                     .size = 0x2000,
                                                     .read = true,
                                                     .write = true,
                                                     .type = WALKER_DEVICE };
    }
    struct walker w = {
        .read = read_table,
        .ctx = machine,
        .vtcr = vms[vm].s2.hw.ctrl,
        .vttbr = vms[vm].s2.hw.base,
        .ipa_bits = v->ipa_bits < 32U ? 32U : v->ipa_bits,
        .vmid = vm + 1U,
        .tables_base = p->hv_colours != 0U ? p->hv_home : p->pool_pa,
        .tables_size = p->hv_colours != 0U ? span_of(p, p->hv_size, p->hv_colours) : p->pool_pages * 4096U,
    };
    if (!walker_audit(&w, grants, nr_grants)) {
        sim_fail("walker: vm %s: %s", v->name, w.error);
    }
}

#define RAM_MAX (1ULL << 30) /* that the simulator is asked for */

/* RAM is the hypervisor's region alone, or reaches from it to its coloured memory: nothing else may be touched to build VMs. */
static void build(const struct plan *p, unsigned pa_bits)
{
    struct sim_config machine = sim_default();
    struct pages pool = pages_of_plan(p);
    uint64_t planned = 0;
    machine.ram_base = machine.own_base = p->hv_base;
    machine.ram_size = machine.own_size = p->hv_size;
    if (p->hv_colours != 0U) {
        uint64_t home_end = p->hv_home + span_of(p, p->hv_size, p->hv_colours);
        machine.ram_base = p->hv_home < p->hv_base ? p->hv_home : p->hv_base;
        machine.ram_size = (home_end > p->hv_base + p->hv_size ? home_end : p->hv_base + p->hv_size) - machine.ram_base;
        if (machine.ram_size > RAM_MAX) {
            return;
        }
    }
    machine.pa_bits = pa_bits;
    machine.max_steps = UINT64_MAX;
    sim_init(&machine);
    FUZZ_EXPECT(p->hv_colours == 0U || arch_ops.mmu.move(p) == HV_OK);
    own_begin(p);
    FUZZ_EXPECT(vm_build_all(p, &pool) == HV_OK);
    FUZZ_EXPECT(nr_vms == p->vms.count && nr_vms >= 1U && nr_vms <= HV_MAX_VMS);
    judge(p);
    for (uint32_t vm = 0; vm < nr_vms; vm++) {
        planned += plan_s2_pages(p, vm);
        walk(p, vm, &machine);
    }
    FUZZ_EXPECT(pool.used == planned && pool.used <= pool.total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan_report report, again;
    uint8_t *copy = malloc(size + 1U); /* 16-byte aligned, and a byte too far is noticed */
    memset(&report, 0xa5, sizeof(report));
    memcpy(copy, data, size);
    const struct plan *p = (const struct plan *)(void *)copy;
    enum hv_status st = plan_validate(copy, size, FIXTURE_BOARD, PLAN_ISA_ARMV8, &report);
    FUZZ_EXPECT(memcmp(copy, data, size) == 0);
    FUZZ_EXPECT((st == HV_OK) == (report.count == 0U));
    for (uint32_t i = 0; i < report.count && i < 32U; i++) {
        FUZZ_EXPECT(report.issue[i].error > PLAN_OK && report.issue[i].error < PLAN_ERRORS);
        FUZZ_EXPECT(plan_error_text(report.issue[i].error)[0] != '\0');
    }
    FUZZ_EXPECT(plan_validate(copy, size, FIXTURE_BOARD, PLAN_ISA_ARMV8, &again) == st && again.count == report.count);
    if (st == HV_OK) {
        build(p, p->pa_bits_min);
        build(p, 52);
    }
    free(copy);
    return 0;
}
