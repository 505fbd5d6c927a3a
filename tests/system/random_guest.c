/* SPDX-License-Identifier: Apache-2.0 */
#include "random_acts.h"

#include "hv/board.h"
#include "system.h"

uint64_t act_value(const struct random_vm *vm)
{
    switch (below(5)) {
    case 0:
        return 0;
    case 1:
        return ~0ULL;
    case 2:
        return 1ULL << below(64);
    case 3:
        return 1ULL << (act_spi(vm) % 32U);
    default:
        return sim_random();
    }
}

uint32_t act_spi(const struct random_vm *vm)
{
    uint64_t n = below(ARRAY_SIZE(vm->spis) + (vm->uart_irq != 0U ? 1U : 0U));
    return n < ARRAY_SIZE(vm->spis) ? vm->spis[n] : vm->uart_irq;
}

void act_put(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t v)
{
    TRACE("write", ipa, size, v, sim_guest_write(g, ipa, size, v));
}

uint64_t act_get(struct sim_guest *g, uint64_t ipa, unsigned size)
{
    uint64_t v = 0;
    enum sim_guest_result r = sim_guest_read(g, ipa, size, &v);
    TRACE("read", ipa, size, r, v);
    return v;
}

void act_access(struct sim_guest *g, const struct random_vm *vm, uint64_t ipa, unsigned size)
{
    if (one_in(2)) {
        (void)act_get(g, ipa, size);
    } else {
        act_put(g, ipa, size, act_value(vm));
    }
}

static void own_ram(struct sim_guest *g, struct random_vm *vm)
{
    bool high = one_in(3);
    uint64_t at = below(high ? vm->high_size : vm->ram_size) & ~7ULL;
    act_access(g, vm, (high ? RANDOM_HIGH : RANDOM_RAM) + at, 1U << below(4));
}

/* Own and others' RAM, the hypervisor, the controller's frames, devices, the edges, and anywhere. */
uint64_t act_ipa(const struct random_vm *vm)
{
    static const uint64_t near[] = { 0x0,         0x08000000,  0x080a0000,  0x08010000,  0x09000000,  0x0900f000,
                                     0x3ffff000,  0x40000000,  0x40200000,  0x40400000,  0x40420000,  0x40440000,
                                     0x7fffff000, 0xfffff000,  0x80000000,  0x43fff000,  0x09010000,  0xfffffffff000,
                                     0x0c000000,  0x0c200000,  0x0d000000,  0x10000000,  0x28000000,  0x28001000,
                                     0x0c201000,  0x1fffffff000, 0x20000000000 };
    switch (below(4)) {
    case 0:
        return sim_random() & 0xfffffffffULL & ~7ULL;
    case 1:
        return RANDOM_RAM + vm->ram_size - 8U + (8U * below(3));
    default:
        return near[below(ARRAY_SIZE(near))] + (below(512) * 8U);
    }
}

static void anywhere(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t ipa = act_ipa(vm);
    switch (below(4)) {
    case 0:
        TRACE("fetch", ipa, sim_guest_fetch(g, ipa));
        break;
    case 1:
        TRACE("read pair", ipa, sim_guest_read_pair(g, ipa));
        break;
    default:
        act_access(g, vm, ipa, 1U << below(4));
        break;
    }
}

static void cpu_on(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t entry = RANDOM_RAM + (4U * below(vm->ram_size / 4U));
    act_cpu_on(g, below(vm->nr_vcpus + (one_in(4) ? 3U : 0U)), one_in(8) ? act_ipa(vm) : entry);
}

/* The last one to go off ends the VM: not too often. */
static void cpu_off(struct sim_guest *g, struct random_vm *vm)
{
    bool other = one_in(8);
    for (unsigned i = 0; i < vm->nr_vcpus; i++) {
        other = other || (vm->cpus[i] != g->cpu && !sim_guest_vcpu_is_off(g, i));
    }
    if (other) {
        sim_guest_stop_vcpu(g);
        TRACE("cpu_off came back", 0);
    }
}

static void timer(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    sim_guest_timer(g, below(400));
}

static void wait(struct sim_guest *g, struct random_vm *vm)
{
    act_wakeable(g, vm);
    sim_guest_wfi(g);
    act_interrupts(g, vm);
}

/* Not each time, so that it gets to do other things as well. */
static bool ends(const struct random_vm *vm)
{
    return one_in(vm->hostile ? 2 : 4);
}

static void off(struct sim_guest *g, struct random_vm *vm)
{
    if (!ends(vm)) {
        return;
    }
    sim_guest_off(g);
    TRACE("off came back", 0);
}

static void reset(struct sim_guest *g, struct random_vm *vm)
{
    if (!ends(vm)) {
        return;
    }
    sim_guest_reset_vm(g);
    TRACE("reset came back", 0);
}

/* Cannot fetch its own handler. */
static void crash(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < 4U && ends(vm); i++) {
        g->regs->pc = 0x200;
        TRACE("crash", sim_guest_fetch(g, 0x200));
    }
}

static void serror(struct sim_guest *g, struct random_vm *vm)
{
    if (ends(vm)) {
        act_serror(g);
    }
}

/* How often of a thousand, for a guest that means well and for one that does not. */
static const struct kind {
    const char *name;
    void (*act)(struct sim_guest *g, struct random_vm *vm);
    unsigned calm, hostile;
} kinds[] = {
    { "own memory", own_ram, 82, 28 },
    { "anywhere", anywhere, 50, 110 },
    { "distributor", act_distributor, 130, 160 },
    { "private interrupts", act_private, 80, 110 },
    { "sgi", act_sgi, 100, 90 },
    { "system register", act_register, 40, 40 },
    { "call", act_firmware, 40, 50 },
    { "cpu_on", cpu_on, 60, 60 },
    { "cpu_off", cpu_off, 8, 10 },
    { "trap", act_trap, 20, 50 },
    { "interrupts", act_interrupts, 130, 40 },
    { "cpu interface", act_cpu_interface, 40, 50 },
    { "timer", timer, 30, 20 },
    { "wait", wait, 40, 10 },
    { "suspend", act_suspend, 21, 10 },
    { "set up", act_set_up, 15, 12 },
    { "prints", act_print, 40, 60 },
    { "uart", act_uart, 50, 70 },
    { "receives", act_receive, 20, 10 },
    { "off", off, 1, 3 },
    { "reset", reset, 1, 3 },
    { "crash", crash, 1, 2 },
    { "serror", serror, 1, 2 },
};

unsigned random_kinds(void)
{
    return ARRAY_SIZE(kinds) + (board.irqc == PLAN_IRQC_GICV2 ? 2U : 1U);
}

const char *random_kind(unsigned n)
{
    return n < ARRAY_SIZE(kinds) ? kinds[n].name : n == ARRAY_SIZE(kinds) ? "acknowledged" : "acknowledged from another";
}

void act_count_ack(struct random_vm *vm, uint32_t token)
{
    vm->count[ARRAY_SIZE(kinds)]++;
    vm->count[random_kinds() - 1U] += token > 1023U ? 1U : 0U;
}

static void act(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t n = below(1000);
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        unsigned weight = vm->hostile ? kinds[i].hostile : kinds[i].calm;
        if (n < weight) {
            vm->count[i]++;
            kinds[i].act(g, vm);
            return;
        }
        n -= weight;
    }
    sim_fail("the weights of random_guest.c are not a thousand in sum");
}

void random_guest(struct sim_guest *g)
{
    struct random_vm *vm = g->user;
    for (unsigned i = 0; i < 32U; i++) {
        g->regs->x[i] = sim_random();
    }
    TRACE("starts", g->pc, g->arg, g->starts);
    if (!one_in(4)) {
        act_set_up(g, vm);
    }
    for (unsigned i = 1; i < vm->nr_vcpus && g->starts == 1U && !one_in(4); i++) {
        act_cpu_on(g, i, RANDOM_RAM);
    }
    while (vm->done[g->cpu] < vm->actions) {
        vm->done[g->cpu]++;
        act(g, vm);
    }
}

void random_device(const struct random_vm *vm)
{
    if (one_in(64)) {
        sim_line(vm->spis[below(ARRAY_SIZE(vm->spis))], one_in(2));
    }
}
