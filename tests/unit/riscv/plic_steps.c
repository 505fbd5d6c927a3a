/* SPDX-License-Identifier: Apache-2.0 */
/* See steps.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plic_model.h"
#include "plic_world.h"
#include "steps.h"
#include "vdev/vplic.h"

#define MANY  40U /* sources drawn, at most */

static struct plic_model models[2];
static struct world_source given[MANY];
static unsigned nr_given;

static uint32_t draw(uint32_t n)
{
    return steps_draw(n);
}

static bool is_given(unsigned vm, unsigned source, bool virt)
{
    for (unsigned i = 0; i < nr_given; i++) {
        bool same_place = given[i].vm == vm || (!given[i].virt && !virt); /* a physical one is one VM's */
        if (given[i].source == source && same_place) {
            return true;
        }
    }
    return false;
}

/* Sources in two words and a few beyond, so that some neighbours are the other VM's, and some nobody's. */
static void draw_world(void)
{
    nr_given = 0;
    for (unsigned tries = 8U + draw(MANY - 8U); tries != 0U; tries--) {
        static const uint16_t far[] = {31, 32, 63, 64, 95, 992, 1023};
        unsigned source = draw(8) == 0U ? far[draw(7)] : 1U + draw(63);
        struct world_source s = {.vm = draw(3) == 0U ? 1U : 0U, .source = source, .virt = draw(4) == 0U};
        if (!is_given(s.vm, s.source, s.virt)) {
            given[nr_given++] = s;
        }
    }
    world_reset(1U + draw(4), 1U + draw(2), given, nr_given);
    memset(models, 0, sizeof(models));
    for (unsigned i = 0; i < nr_given; i++) {
        models[given[i].vm].exists[given[i].source] = true;
    }
    for (unsigned i = 0; i < 2U; i++) {
        models[i].contexts = vms[i].nr_vcpus;
    }
}

static bool any_on(const struct vm *vm)
{
    bool any = false;
    for (unsigned i = 0; i < vm->nr_vcpus; i++) {
        any = any || world_on(&vm->vcpus[i]);
    }
    return any;
}

static struct vcpu *draw_on(struct vm *vm)
{
    struct vcpu *v;
    do {
        v = &vm->vcpus[draw(vm->nr_vcpus)];
    } while (!world_on(v)); /* one is */
    return v;
}

static unsigned draw_source(const struct vm *vm)
{
    for (unsigned tries = 0; tries < 20U && draw(10) != 0U; tries++) {
        unsigned i = draw(nr_given);
        if (given[i].vm == vm->index) {
            return given[i].source;
        }
    }
    return draw(4) == 0U ? draw(1200) : draw(70);
}

/* ---- what must hold when all is quiet ---- */

static int wanted_on(const struct vm *vm, unsigned s)
{
    const struct plic_model *m = &models[vm->index];
    for (unsigned c = 0; m->priority[s] != 0U && c < vm->nr_vcpus; c++) {
        if (world_on(&vm->vcpus[c]) && m->ie[c][s]) {
            return (int)vm->vcpus[c].cpu;
        }
    }
    return HW_NONE;
}

static void check_physical(void)
{
    for (unsigned i = 0; i < nr_given; i++) {
        unsigned s = given[i].source;
        if (given[i].virt) {
            continue;
        }
        int want = hw.claimed_by[s] != HW_NONE ? hw.claimed_by[s] : wanted_on(&vms[given[i].vm], s);
        for (unsigned c = 0; c < RV_CPUS; c++) {
            if (hw.enable[c][s] != ((int)c == want)) {
                hw_wrong("source %u is %s at CPU %u", s, hw.enable[c][s] ? "enabled" : "disabled", c);
            }
        }
    }
}

static void check_lines(void)
{
    for (unsigned i = 0; i < 2U; i++) {
        for (unsigned c = 0; c < vms[i].nr_vcpus; c++) {
            struct vcpu *v = &vms[i].vcpus[c];
            bool want = world_on(v) && model_eip(&models[i], c);
            if (world_line(v) != want) {
                hw_wrong("VSEIP of vCPU %u of VM %u is %d, the model says %d", c, i, world_line(v), want);
            }
        }
    }
}

static void read_both(struct vcpu *v, uint32_t offset, unsigned size)
{
    uint32_t have = world_read_as(v, offset, size);
    uint32_t want = model_read(&models[v->vm->index], offset, size);
    if (have != want) {
        hw_wrong("VM %u reads 0x%x at 0x%x, the model 0x%x", v->vm->index, have, offset, want);
    }
}

static void write_both(struct vcpu *v, uint32_t offset, unsigned size, uint32_t val)
{
    world_write_as(v, offset, size, val);
    model_write(&models[v->vm->index], offset, size, val);
}

/* Every register but the claims. */
static void read_all(struct vcpu *v)
{
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        read_both(v, PRIORITY(s), 4);
    }
    for (unsigned w = 0; w < 33U; w++) {
        read_both(v, PENDING(w), 4);
        for (unsigned c = 0; c < RV_CPUS + 1U; c++) {
            read_both(v, ENABLE(c, w), 4);
        }
    }
    for (unsigned c = 0; c < RV_CPUS + 1U; c++) {
        read_both(v, THRESHOLD(c), 4);
    }
}

/* ---- steps ---- */

static void line_step(void)
{
    const struct world_source *s = &given[draw(nr_given)];
    bool level = draw(3) != 0U;
    if (s->virt) {
        rv.cpu = draw(RV_CPUS); /* whoever serves the console */
        vplic_set_line(&vms[s->vm], RISCV_WIRED + s->source, level);
    } else {
        hw_line(s->source, level);
    }
    model_line(&models[s->vm], s->source, level);
}

static uint32_t draw_word(void)
{
    return draw(3) == 0U ? draw(0) : ~0U;
}

static void register_step(struct vcpu *v, unsigned context)
{
    uint32_t s = draw_source(v->vm);
    switch (draw(8)) {
    case 0:
        write_both(v, PRIORITY(s), 4, draw(2) == 0U ? draw(0) : draw(9));
        break;
    case 1:
    case 2:
        write_both(v, ENABLE(draw(v->vm->nr_vcpus + 2U), s / 32U % 33U), 4, draw_word() & draw_word());
        break;
    case 3:
        write_both(v, THRESHOLD(context), 4, draw(3) == 0U ? draw(9) : 0U);
        break;
    case 4:
        write_both(v, CLAIM(draw(v->vm->nr_vcpus + 1U)), 4, s); /* a completion, of whatever it is */
        break;
    case 5:
        write_both(v, PENDING(s / 32U % 33U), 4, draw(0));
        break;
    case 6:
        read_both(v, PENDING(s / 32U % 33U), 4);
        break;
    default:
        read_both(v, draw(2) == 0U ? ENABLE(context, s / 32U % 33U) : PRIORITY(s), 4);
        break;
    }
}

/* Any width and offset but a claim's; nothing of it may do more than the model says. */
static void odd_step(struct vcpu *v)
{
    unsigned size = 1U << draw(4);
    uint32_t offset = draw(2) == 0U ? draw(0x4000) : draw(0x600000);
    if (draw(3) == 0U) {
        offset = THRESHOLD(draw(10)) + draw(16);
    }
    if (offset >= 0x200000U && offset % 0x1000U == 4U && size == 4U) {
        return;
    }
    if (draw(2) == 0U) {
        read_both(v, offset, size);
    } else {
        write_both(v, offset, size, draw(0));
    }
}

static void power_step(struct vm *vm)
{
    struct vcpu *v = &vm->vcpus[draw(vm->nr_vcpus)];
    if (!world_on(v)) {
        world_start(v);
    } else if (draw(3) == 0U) {
        world_stop(v);
        world_settle();
        if (!any_on(vm) && draw(2) == 0U) {
            rv.cpu = v->cpu;
            vplic_vm_stop(vm);
            for (unsigned i = 0; i < nr_given; i++) {
                bool fell = given[i].vm == vm->index && given[i].virt;
                models[vm->index].level[given[i].source] &= !fell;
            }
            model_reset(&models[vm->index]);
        }
    }
}

/* As a driver does: a claim on a context that is on, and mostly the completion, sometimes elsewhere. */
static void claim_step(struct vcpu *v)
{
    unsigned context = draw_on(v->vm)->index;
    uint32_t source = model_read(&models[v->vm->index], CLAIM(context), 4);
    uint32_t have = world_read(v, CLAIM(context));
    if (have != source) {
        hw_wrong("context %u of VM %u claims %u, the model %u", context, v->vm->index, have, source);
    }
    if (source != 0U && draw(4) != 0U) {
        world_settle();
        check_lines();
        write_both(draw_on(v->vm), CLAIM(draw(4) == 0U ? draw(v->vm->nr_vcpus) : context), 4, source);
    }
}

static void step(void)
{
    struct vm *vm = &vms[draw(3) == 0U ? 1 : 0];
    uint32_t kind = draw(20);
    if (kind < 5U) {
        line_step();
    } else if (kind < 7U || !any_on(vm)) {
        power_step(vm);
    } else if (kind < 13U) {
        register_step(draw_on(vm), draw(vm->nr_vcpus));
    } else if (kind < 14U) {
        odd_step(draw_on(vm));
    } else {
        claim_step(draw_on(vm));
    }
}

void plic_steps_begin(void)
{
    draw_world();
}

void plic_step(bool all)
{
    world_at_once = draw(4) != 0U;
    step();
    world_settle();
    check_lines();
    check_physical();
    for (unsigned i = 0; all && i < 2U; i++) {
        if (any_on(&vms[i])) {
            read_all(draw_on(&vms[i]));
        }
    }
}

/* ---- CPUs that are late, guests that do anything ---- */

static uint32_t late[RV_CPUS]; /* what a CPU has claimed and not told yet; IRQC_NONE: nothing */

static struct vcpu *vcpu_at(unsigned cpu)
{
    struct vm *vm = &vms[cpu < 4U ? 0 : 1];
    return cpu % 4U < vm->nr_vcpus ? &vm->vcpus[cpu % 4U] : NULL;
}

static void tell(unsigned cpu)
{
    rv.cpu = cpu;
    hw.transit[late[cpu] - RISCV_WIRED] = false;
    vplic_take(vcpu_at(cpu), late[cpu], world_on(vcpu_at(cpu)));
    late[cpu] = IRQC_NONE;
}

static void anything(struct vcpu *v)
{
    uint32_t s = draw_source(v->vm);
    unsigned context = draw(v->vm->nr_vcpus + 1U);
    switch (draw(8)) {
    case 0:
        world_write(v, PRIORITY(s), draw(9));
        break;
    case 1:
    case 2:
        world_write(v, ENABLE(context, s / 32U % 33U), draw_word());
        break;
    case 3:
        world_write(v, THRESHOLD(context), draw(9));
        break;
    case 4:
    case 5:
        s = world_read(v, CLAIM(context));
        if (s != 0U && !models[v->vm->index].exists[s]) {
            hw_wrong("VM %u claims source %u, which it has not", v->vm->index, s);
        }
        if (draw(2) == 0U) {
            break;
        }
        world_write(v, CLAIM(draw(3) == 0U ? draw(v->vm->nr_vcpus) : context), s);
        break;
    default:
        world_write(v, CLAIM(context), s);
        break;
    }
}

static void silent(unsigned vm)
{
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        for (unsigned c = 0; hw.owner[s] == (int)vm && c < RV_CPUS; c++) {
            if (hw.enable[c][s] || (hw.claimed_by[s] != HW_NONE && !hw.transit[s])) {
                hw_wrong("source %u is enabled or in service after the end of VM %u", s, vm);
            }
        }
    }
}

static bool ended[2];

static void late_step(unsigned cpu)
{
    struct vcpu *v = vcpu_at(cpu);
    if (late[cpu] != IRQC_NONE) {
        tell(cpu); /* interrupts are masked between the claim and this: nothing else happens here */
        return;
    }
    rv.cpu = cpu;
    uint32_t kind = draw(12);
    if (kind == 0U) {
        late[cpu] = arch_ops.irqc.ack();
    } else if (kind == 1U) {
        (void)world_look(cpu);
    } else if (kind == 2U && world_on(v)) {
        world_stop(v);
    } else if (kind < 5U && !world_on(v)) {
        world_start(v);
        ended[v->vm->index] = false;
    } else if (kind == 5U && !any_on(v->vm)) {
        vplic_vm_stop(v->vm);
        ended[v->vm->index] = true;
        silent(v->vm->index);
    } else if (kind < 8U) {
        line_step();
    } else if (world_on(v)) {
        anything(v);
    }
}

/* A guest with one vCPU on completes what may be in service, and claims until nothing comes. `seen`: what came. */
static void drain(struct vcpu *v, bool *seen)
{
    memset(seen, 0, HW_SOURCES * sizeof(*seen));
    for (unsigned s = 1; s < HW_SOURCES; s++) {
        world_write(v, PRIORITY(s), 1U + s % 7U);
        world_write(v, ENABLE(v->index, s / 32U), ~0U);
        world_write(v, CLAIM(v->index), s);
    }
    world_settle();
    for (unsigned n = 0; n < 3U * HW_SOURCES; n++) {
        uint32_t s = world_read(v, CLAIM(v->index));
        if (s == 0U) {
            return;
        }
        seen[s] = true;
        rv.cpu = v->cpu;
        if (hw.owner[s] == (int)v->vm->index) {
            hw_line(s, false); /* its driver serves the device */
        } else {
            vplic_set_line(v->vm, RISCV_WIRED + s, false);
        }
        world_write(v, CLAIM(v->index), s);
        world_settle();
    }
    hw_wrong("claims do not cease");
}

static void check_nothing_lost(struct vm *vm)
{
    static bool was_high[HW_SOURCES];
    static bool seen[HW_SOURCES];
    struct vcpu *v = &vm->vcpus[draw(vm->nr_vcpus)];
    for (unsigned i = 0; i < vm->nr_vcpus; i++) {
        if (world_on(&vm->vcpus[i]) && &vm->vcpus[i] != v) {
            world_stop(&vm->vcpus[i]);
        }
    }
    if (!world_on(v)) {
        world_start(v);
    }
    world_settle();
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        was_high[s] = hw.owner[s] == (int)vm->index && hw.line[s];
    }
    drain(v, seen);
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        if (was_high[s] && !seen[s]) {
            hw_wrong("source %u is lost", s);
        }
        if (hw.owner[s] == (int)vm->index && (hw.claimed_by[s] != HW_NONE || hw.ip[s])) {
            hw_wrong("source %u is still pending or in service", s);
        }
    }
    world_stop(v);
    rv.cpu = v->cpu;
    vplic_vm_stop(vm);
    silent(vm->index);
}

void plic_late_begin(void)
{
    draw_world();
    for (unsigned cpu = 0; cpu < RV_CPUS; cpu++) {
        late[cpu] = IRQC_NONE;
    }
    ended[0] = ended[1] = false;
}

void plic_late_step(void)
{
    unsigned cpu = draw(RV_CPUS);
    world_at_once = draw(4) != 0U;
    if (vcpu_at(cpu) != NULL) {
        late_step(cpu);
    }
}

void plic_late_end(void)
{
    for (unsigned cpu = 0; cpu < RV_CPUS; cpu++) {
        if (late[cpu] != IRQC_NONE) {
            tell(cpu);
        }
    }
    for (unsigned i = 0; i < 2U; i++) {
        if (ended[i]) {
            silent(i);
        }
        check_nothing_lost(&vms[i]);
    }
}
