/* SPDX-License-Identifier: Apache-2.0 */
#include "random_acts.h"

#include "hv/board.h"
#include "hv/sysreg_enc.h"
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
static uint64_t any_ipa(const struct random_vm *vm)
{
    static const uint64_t near[] = { 0x0,         0x08000000,  0x080a0000,  0x08010000,  0x09000000,  0x0900f000,
                                     0x3ffff000,  0x40000000,  0x40200000,  0x40400000,  0x40420000,  0x40440000,
                                     0x7fffff000, 0xfffff000,  0x80000000,  0x43fff000,  0x09010000,  0xfffffffff000 };
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
    uint64_t ipa = any_ipa(vm);
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

static void system_register(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t enc = one_in(2) ? SYSREG_ENC(3, 0, 0, (uint32_t)below(8), (uint32_t)below(8)) : (uint32_t)below(1U << 16);
    uint64_t v = act_value(vm);
    bool read = !one_in(3);
    enum sim_guest_result r = read ? sim_guest_mrs(g, enc, &v) : sim_guest_msr(g, enc, v);
    TRACE("system register", enc, read, r, v);
}

static void call(struct sim_guest *g, const char *what, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    uint64_t r = one_in(2) ? sim_guest_hvc(g, fid, a1, a2, a3) : sim_guest_smc(g, fid, a1, a2, a3);
    TRACE(what, fid, a1, a2, a3, r, g->regs->x[1]);
}

static void hypercall(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t ids[] = { PSCI_VERSION, PSCI_AFFINITY_INFO, PSCI_FEATURES, 0x80000000, 0x80000001, 0x86000000,
                                    0x86000001,   0x8600ff01,         0x8600ff03,    0x84000006, 0x84000004 };
    uint64_t fid = ids[below(ARRAY_SIZE(ids))];
    fid = one_in(4) ? (sim_random() & 0xffffffe0U) | 0x1fU : fid; /* none of those that end it */
    call(g, "call", fid, one_in(2) ? below(4) : act_value(vm), act_value(vm), sim_random());
}

static void cpu_on(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t entry = RANDOM_RAM + (4U * below(vm->ram_size / 4U));
    call(g, "cpu_on", PSCI_CPU_ON, below(vm->nr_vcpus + (one_in(4) ? 3U : 0U)), one_in(8) ? any_ipa(vm) : entry,
         sim_random());
}

/* The last one to go off ends the VM: not too often. */
static void cpu_off(struct sim_guest *g, struct random_vm *vm)
{
    bool other = one_in(8);
    for (unsigned i = 0; i < vm->nr_vcpus; i++) {
        other = other || (vm->cpus[i] != g->cpu && sim_guest_hvc(g, PSCI_AFFINITY_INFO, i, 0, 0) == 0U);
    }
    if (other) {
        call(g, "cpu_off", PSCI_CPU_OFF, 0, 0, 0);
    }
}

static void trap(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t ec = below(64);
    if (ec == 0x16U || ec == 0x17U || ec == 0x2fU) { /* calls and SError have their own */
        return;
    }
    uint64_t esr = ec << 26 | 1U << 25 | (one_in(2) ? below(1U << 25) : 1U << 24 | 6U | below(0x100) << 16);
    uint64_t ipa = any_ipa(vm);
    uint64_t far = one_in(2) ? ipa : sim_random();
    TRACE("trap", esr, far, ipa, sim_guest_trap(g, esr, far, (ipa >> 12) << 4));
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

static void suspend(struct sim_guest *g, struct random_vm *vm)
{
    act_wakeable(g, vm);
    call(g, "suspend", PSCI_CPU_SUSPEND, one_in(4) ? act_value(vm) : 0U, 0, 0);
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
    call(g, "off", PSCI_SYSTEM_OFF, 0, 0, 0);
}

static void reset(struct sim_guest *g, struct random_vm *vm)
{
    if (!ends(vm)) {
        return;
    }
    call(g, "reset", PSCI_SYSTEM_RESET, 0, 0, 0);
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
        TRACE("serror", sim_guest_trap(g, 0x2fULL << 26 | 1U << 25, 0, 0));
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
    { "system register", system_register, 40, 40 },
    { "call", hypercall, 40, 50 },
    { "cpu_on", cpu_on, 60, 60 },
    { "cpu_off", cpu_off, 8, 10 },
    { "trap", trap, 20, 50 },
    { "interrupts", act_interrupts, 130, 40 },
    { "cpu interface", act_cpu_interface, 40, 50 },
    { "timer", timer, 30, 20 },
    { "wait", wait, 40, 10 },
    { "suspend", suspend, 21, 10 },
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
    for (unsigned i = 0; i < 31U; i++) {
        g->regs->x[i] = sim_random();
    }
    TRACE("starts", g->pc, g->arg, g->starts);
    if (!one_in(4)) {
        act_set_up(g, vm);
    }
    for (unsigned i = 1; i < vm->nr_vcpus && g->starts == 1U && !one_in(4); i++) {
        call(g, "cpu_on", PSCI_CPU_ON, i, RANDOM_RAM, sim_random());
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
