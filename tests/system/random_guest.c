/* SPDX-License-Identifier: Apache-2.0 */
#include "random_guest.h"

#include <string.h>

#include "hv/sysreg_enc.h"
#include "sim/gic.h"
#include "system.h"
#include "trace.h"

#define GICD     0x08000000ULL
#define GICR(n)  (0x080a0000ULL + ((n) * 0x20000ULL))
#define SGI_BASE 0x10000ULL
#define VTIMER   27U
#define NONE     1023U

static uint64_t below(uint64_t n)
{
    return sim_random() % n;
}

static bool one_in(uint64_t n)
{
    return below(n) == 0U;
}

/* A value with few bits, all, none, or any. */
static uint64_t value(const struct random_vm *vm)
{
    switch (below(5)) {
    case 0:
        return 0;
    case 1:
        return ~0ULL;
    case 2:
        return 1ULL << below(64);
    case 3:
        return 1ULL << (vm->spis[below(4)] % 32U);
    default:
        return sim_random();
    }
}

static void put(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t v)
{
    TRACE("write", ipa, size, v, sim_guest_write(g, ipa, size, v));
}

static void get(struct sim_guest *g, uint64_t ipa, unsigned size)
{
    uint64_t v = 0;
    enum sim_guest_result r = sim_guest_read(g, ipa, size, &v);
    TRACE("read", ipa, size, r, v);
}

static void access(struct sim_guest *g, const struct random_vm *vm, uint64_t ipa, unsigned size)
{
    if (one_in(2)) {
        get(g, ipa, size);
    } else {
        put(g, ipa, size, value(vm));
    }
}

static void own_ram(struct sim_guest *g, struct random_vm *vm)
{
    bool high = one_in(3);
    uint64_t at = below(high ? vm->high_size : vm->ram_size) & ~7ULL;
    access(g, vm, (high ? RANDOM_HIGH : RANDOM_RAM) + at, 1U << below(4));
}

/* Own and others' RAM, the hypervisor, the controller's frames, devices, the edges, and anywhere. */
static uint64_t any_ipa(const struct random_vm *vm)
{
    static const uint64_t near[] = { 0x0,         0x08000000,  0x080a0000,  0x08100000,  0x09000000,  0x0900f000,
                                     0x3ffff000,  0x40000000,  0x40200000,  0x40400000,  0x40420000,  0x40440000,
                                     0x7fffff000, 0xfffff000,  0x80000000,  0x43fff000,  0x09001000,  0xfffffffff000 };
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
        access(g, vm, ipa, 1U << below(4));
        break;
    }
}

static void distributor(struct sim_guest *g, struct random_vm *vm)
{
    static const struct {
        uint32_t offset, bits;
    } regs[] = { { 0x000, 0 },  { 0x080, 1 },  { 0x100, 1 },    { 0x180, 1 },    { 0x200, 1 },  { 0x280, 1 },
                 { 0x300, 1 },  { 0x380, 1 },  { 0x400, 8 },    { 0xc00, 2 },    { 0x6000, 64 }, { 0x100, 1 },
                 { 0x004, 0 },  { 0x008, 0 },  { 0xf00, 0 },    { 0x800, 8 },    { 0xffe8, 0 }, { 0x200, 1 } };
    unsigned n = (unsigned)below(ARRAY_SIZE(regs));
    uint32_t intid = one_in(4) ? (uint32_t)below(128) : vm->spis[below(4)];
    uint32_t at = regs[n].offset + (regs[n].bits == 64U ? 8U * intid : (intid * regs[n].bits / 32U) * 4U);
    unsigned size = regs[n].bits == 64U ? 8U : 4U;
    uint64_t v = regs[n].offset == 0U ? (one_in(3) ? below(4) : 3U) : value(vm);
    if (regs[n].bits == 64U) {
        v = below(vm->nr_vcpus + (one_in(4) ? 2U : 0U));
    }
    if (one_in(8)) { /* any offset, any width */
        at = (uint32_t)below(0x10000);
        size = 1U << below(4);
        at &= ~(size - 1U);
    }
    if (one_in(3)) {
        get(g, GICD + at, size);
    } else {
        put(g, GICD + at, size, v);
    }
}

static void redistributor(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t regs[] = { 0x080, 0x100, 0x100, 0x180, 0x200, 0x200, 0x280, 0x300, 0x380, 0x400, 0x418, 0xc04 };
    uint64_t frame = GICR(below(vm->nr_vcpus + (one_in(8) ? 4U : 0U)));
    uint64_t at = SGI_BASE + regs[below(ARRAY_SIZE(regs))];
    if (one_in(6)) {
        at = below(0x20000) & ~3ULL;
    }
    access(g, vm, frame + at, one_in(10) ? 1U << below(4) : 4U);
}

static void sgi(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t regs[] = { SYSREG_ENC(3, 0, 12, 11, 5), SYSREG_ENC(3, 0, 12, 11, 5),
                                     SYSREG_ENC(3, 0, 12, 11, 6), SYSREG_ENC(3, 0, 12, 11, 7) };
    uint64_t v = below(16) << 24 | (one_in(4) ? 0xffffU : below(1ULL << (vm->nr_vcpus + 1U)));
    v |= one_in(4) ? 1ULL << 40 : 0U;
    v = one_in(10) ? sim_random() : v;
    uint32_t reg = regs[below(ARRAY_SIZE(regs))];
    TRACE("sgi", reg, v, sim_guest_msr(g, reg, v));
}

static void system_register(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t enc = one_in(2) ? SYSREG_ENC(3, 0, 0, (uint32_t)below(8), (uint32_t)below(8)) : (uint32_t)below(1U << 16);
    uint64_t v = value(vm);
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
    call(g, "call", fid, one_in(2) ? below(4) : value(vm), value(vm), sim_random());
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

static uint32_t serve(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t intid = sim_guest_ack(g);
    TRACE("acknowledged", intid);
    if (intid != NONE) {
        vm->count[random_kinds() - 1U]++;
        if (intid == VTIMER) {
            sim_guest_timer(g, 0);
        }
        sim_guest_eoi(g, intid);
    }
    return intid;
}

static void interrupts(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < 4U && serve(g, vm) != NONE; i++) {
    }
}

/* Ends of what was never begun, and other misuse of the CPU interface. */
static void cpu_interface(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t intid = one_in(2) ? vm->spis[below(4)] : (uint32_t)below(48);
    switch (below(6)) {
    case 0:
        TRACE("acknowledged, kept", sim_guest_ack(g));
        break;
    case 1:
        sim_gic_guest_eoimode(g->cpu, one_in(4));
        break;
    case 2:
        sim_gic_guest_dir(g->cpu, intid);
        break;
    case 3:
        sim_gic_guest_enable(g->cpu, one_in(4) ? (unsigned)below(4) : 3U);
        break;
    default:
        sim_guest_eoi(g, intid);
        break;
    }
}

static void timer(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    sim_guest_timer(g, below(400));
}

static unsigned index_of(const struct sim_guest *g, const struct random_vm *vm)
{
    unsigned i = 0;
    while (vm->cpus[i] != g->cpu) {
        i++;
    }
    return i;
}

/* Sees to it that a timer can wake it. */
static void wakeable(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t frame = GICR(index_of(g, vm)) + SGI_BASE;
    put(g, GICD, 4, 3);
    put(g, frame + 0x80U, 4, 0xffffffff);
    put(g, frame + 0x100U, 4, 1U << VTIMER);
    sim_gic_guest_enable(g->cpu, 3);
    sim_gic_guest_eoimode(g->cpu, false);
    interrupts(g, vm);
    for (unsigned i = 0; i < 8U; i++) {
        sim_guest_eoi(g, VTIMER); /* what it kept, and the priorities of it */
    }
    for (unsigned i = 0; i < ARRAY_SIZE(vm->spis); i++) {
        put(g, GICD + 0x380U + (vm->spis[i] / 32U * 4U), 4, 0xffffffff);
    }
    put(g, frame + 0x380U, 4, 0xffffffff);
    sim_guest_timer(g, 20U + below(300));
}

static void wait(struct sim_guest *g, struct random_vm *vm)
{
    wakeable(g, vm);
    sim_guest_wfi(g);
    interrupts(g, vm);
}

static void suspend(struct sim_guest *g, struct random_vm *vm)
{
    wakeable(g, vm);
    call(g, "suspend", PSCI_CPU_SUSPEND, one_in(4) ? value(vm) : 0U, 0, 0);
}

/* What a kernel does at start. */
static void set_up(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vm->spis); i++) {
        uint32_t n = vm->spis[i];
        put(g, GICD + 0x80U + (n / 32U * 4U), 4, 0xffffffff);
        put(g, GICD + 0x6000U + (8U * n), 8, below(vm->nr_vcpus));
        put(g, GICD + 0x100U + (n / 32U * 4U), 4, 1U << (n % 32U));
    }
    uint64_t frame = GICR(index_of(g, vm)) + SGI_BASE;
    put(g, frame + 0x80U, 4, 0xffffffff);
    put(g, frame + 0x100U, 4, 0x0800ffff);
    put(g, GICD, 4, 2);
    sim_guest_gic_enable(g);
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
    { "own memory", own_ram, 122, 48 },
    { "anywhere", anywhere, 50, 150 },
    { "distributor", distributor, 160, 200 },
    { "redistributor", redistributor, 80, 110 },
    { "sgi", sgi, 120, 100 },
    { "system register", system_register, 40, 50 },
    { "call", hypercall, 50, 60 },
    { "cpu_on", cpu_on, 60, 60 },
    { "cpu_off", cpu_off, 8, 10 },
    { "trap", trap, 20, 60 },
    { "interrupts", interrupts, 130, 40 },
    { "cpu interface", cpu_interface, 40, 50 },
    { "timer", timer, 30, 20 },
    { "wait", wait, 50, 10 },
    { "suspend", suspend, 21, 10 },
    { "set up", set_up, 15, 12 },
    { "off", off, 1, 3 },
    { "reset", reset, 1, 3 },
    { "crash", crash, 1, 2 },
    { "serror", serror, 1, 2 },
};

unsigned random_kinds(void)
{
    return ARRAY_SIZE(kinds) + 1U;
}

const char *random_kind(unsigned n)
{
    return n < ARRAY_SIZE(kinds) ? kinds[n].name : "acknowledged";
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
        set_up(g, vm);
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
        sim_line(vm->spis[below(4)], one_in(2));
    }
}
