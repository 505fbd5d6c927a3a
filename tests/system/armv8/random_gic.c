/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's interrupt controller: a GICv3 (IHI 0069H 12) or a GICv2 (IHI 0048B 4), as the machine has it. */
#include "random_acts.h"

#include "hv/sysreg_enc.h"
#include "sim/armv8/gic.h"

#define GICD     0x08000000ULL
#define GICR(n)  (0x080a0000ULL + ((n) * 0x20000ULL))
#define SGI_BASE 0x10000ULL
#define VTIMER   27U
#define NONE     1023U

/* GICv2 */
#define ITARGETSR 0x800U
#define SGIR      0xf00U
#define PENDSGIR  0xf10U /* CPENDSGIR, and SPENDSGIR behind it */

static bool v2(void)
{
    return sim_config()->irqc_version == 2U;
}

/* Of a family of registers: where it begins, and its bits per interrupt. */
struct family {
    uint32_t offset, bits;
};

static const struct family regs_v3[] = { { 0x000, 0 },  { 0x080, 1 }, { 0x100, 1 },  { 0x180, 1 },  { 0x200, 1 },
                                         { 0x280, 1 },  { 0x300, 1 }, { 0x380, 1 },  { 0x400, 8 },  { 0xc00, 2 },
                                         { 0x6000, 64 }, { 0x100, 1 }, { 0x004, 0 },  { 0x008, 0 },  { 0xf00, 0 },
                                         { 0x800, 8 },  { 0xffe8, 0 }, { 0x200, 1 } };
static const struct family regs_v2[] = { { 0x000, 0 },  { 0x080, 1 }, { 0x100, 1 },  { 0x180, 1 },  { 0x200, 1 },
                                         { 0x280, 1 },  { 0x300, 1 }, { 0x380, 1 },  { 0x400, 8 },  { 0xc00, 2 },
                                         { ITARGETSR, 8 }, { 0x100, 1 }, { 0x004, 0 },  { 0x008, 0 },  { 0x200, 1 },
                                         { ITARGETSR, 8 }, { 0xfe8, 0 }, { ITARGETSR, 8 } };

/* vCPUs, also of those that it has not; a bit each, in each byte. */
static uint64_t any_targets(const struct random_vm *vm)
{
    return one_in(4) ? act_value(vm) : 0x01010101U * below(1ULL << vm->nr_vcpus);
}

static uint64_t any_route(const struct random_vm *vm)
{
    return below(vm->nr_vcpus + (one_in(4) ? 2U : 0U));
}

void act_distributor(struct sim_guest *g, struct random_vm *vm)
{
    struct family r = v2() ? regs_v2[below(ARRAY_SIZE(regs_v2))] : regs_v3[below(ARRAY_SIZE(regs_v3))];
    uint32_t intid = one_in(4) ? (uint32_t)below(128) : act_spi(vm);
    uint32_t at = r.offset + (r.bits == 64U ? 8U * intid : (intid * r.bits / 32U) * 4U);
    unsigned size = r.bits == 64U ? 8U : 4U;
    uint64_t v = r.offset == 0U ? (one_in(3) ? below(4) : 3U) : act_value(vm);
    if (r.bits == 64U) {
        v = any_route(vm);
    } else if (v2() && r.offset == ITARGETSR) {
        v = any_targets(vm);
    }
    if (r.bits == 8U && one_in(3)) {
        at = r.offset + intid;
        size = 1;
    }
    if (one_in(8)) { /* any offset, any width */
        at = (uint32_t)below(v2() ? 0x1000 : 0x10000);
        size = 1U << below(4);
        at &= ~(size - 1U);
    }
    if (one_in(3)) {
        (void)act_get(g, GICD + at, size);
    } else {
        act_put(g, GICD + at, size, v);
    }
}

/* The registers of INTIDs 0..31, which a vCPU has for itself. */
static void banked(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t regs[] = { 0x080, 0x100, 0x100, 0x180, 0x200, 0x200, 0x280, 0x300, 0x380, 0x400, 0x418,
                                     0x800, 0xc04, 0xf10, 0xf14, 0xf20, 0xf2c };
    uint64_t at = regs[below(ARRAY_SIZE(regs))];
    act_access(g, vm, GICD + at, one_in(10) ? 1U << below(4) : 4U);
}

void act_private(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t regs[] = { 0x080, 0x100, 0x100, 0x180, 0x200, 0x200, 0x280, 0x300, 0x380, 0x400, 0x418, 0xc04 };
    if (v2()) {
        banked(g, vm);
        return;
    }
    uint64_t frame = GICR(below(vm->nr_vcpus + (one_in(8) ? 4U : 0U)));
    uint64_t at = SGI_BASE + regs[below(ARRAY_SIZE(regs))];
    if (one_in(6)) {
        at = below(0x20000) & ~3ULL;
    }
    act_access(g, vm, frame + at, one_in(10) ? 1U << below(4) : 4U);
}

/* Of any filter and list; or made pending from a source, or no longer. */
static void sgi_v2(struct sim_guest *g, struct random_vm *vm)
{
    if (one_in(4)) {
        unsigned size = one_in(2) ? 4U : 1U;
        uint64_t at = PENDSGIR + (below(32) & ~(uint64_t)(size - 1U));
        act_put(g, GICD + at, size, any_targets(vm));
        return;
    }
    uint64_t v = below(16) | (one_in(4) ? 0xffU : below(1ULL << (vm->nr_vcpus + 1U))) << 16;
    v |= one_in(3) ? below(4) << 24 : 0U;
    v = one_in(10) ? sim_random() : v;
    act_put(g, GICD + SGIR, 4, v);
}

void act_sgi(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t regs[] = { SYSREG_ENC(3, 0, 12, 11, 5), SYSREG_ENC(3, 0, 12, 11, 5),
                                     SYSREG_ENC(3, 0, 12, 11, 6), SYSREG_ENC(3, 0, 12, 11, 7) };
    if (v2() && !one_in(16)) {
        sgi_v2(g, vm);
        return;
    }
    uint64_t v = below(16) << 24 | (one_in(4) ? 0xffffU : below(1ULL << (vm->nr_vcpus + 1U)));
    v |= one_in(4) ? 1ULL << 40 : 0U;
    v = one_in(10) ? sim_random() : v;
    uint32_t reg = regs[below(ARRAY_SIZE(regs))];
    TRACE("sgi", reg, v, sim_guest_msr(g, reg, v));
}

/* On a GICv2 what was acknowledged has the source of an SGI above its INTID, and so has what is ended. */
static uint32_t serve(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t token = sim_guest_ack(g);
    TRACE("acknowledged", token);
    if (token != NONE) {
        act_count_ack(vm, token);
        if (token == VTIMER) {
            sim_guest_timer(g, 0);
        } else if (token == vm->uart_irq) {
            act_uart_handler(g, vm);
        }
        sim_guest_eoi(g, token);
    }
    return token;
}

void act_interrupts(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < 4U && serve(g, vm) != NONE; i++) {
    }
}

static uint32_t any_token(const struct random_vm *vm)
{
    uint32_t intid = one_in(2) ? act_spi(vm) : (uint32_t)below(48);
    return v2() && intid < 16U ? intid | (uint32_t)below(vm->nr_vcpus + 1U) << 10 : intid;
}

/* Ends of what was never begun, and other misuse of the CPU interface. */
void act_cpu_interface(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t token = any_token(vm);
    switch (below(7)) {
    case 0:
        TRACE("acknowledged, kept", sim_guest_ack(g));
        break;
    case 1:
        sim_gic_guest_eoimode(g->cpu, one_in(4));
        break;
    case 2:
        sim_gic_guest_dir(g->cpu, token);
        break;
    case 3:
        sim_gic_guest_enable(g->cpu, one_in(4) ? (unsigned)below(4) : 3U);
        break;
    case 4:
        TRACE("acknowledged in a group, kept", sim_gic_guest_ack(g->cpu, (unsigned)below(2)));
        break;
    default:
        sim_guest_eoi(g, token);
        break;
    }
}

static unsigned index_of(const struct sim_guest *g, const struct random_vm *vm)
{
    unsigned i = 0;
    while (vm->cpus[i] != g->cpu) {
        i++;
    }
    return i;
}

/* Where its private interrupts are. */
static uint64_t private_frame(const struct sim_guest *g, const struct random_vm *vm)
{
    return v2() ? GICD : GICR(index_of(g, vm)) + SGI_BASE;
}

/* The group in which a kernel has its interrupts. */
static uint64_t all_in_group(void)
{
    return v2() ? 0U : 0xffffffffU;
}

void act_wakeable(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t frame = private_frame(g, vm);
    act_put(g, GICD, 4, 3);
    act_put(g, frame + 0x80U, 4, all_in_group());
    act_put(g, frame + 0x100U, 4, 1U << VTIMER);
    sim_gic_guest_enable(g->cpu, 3);
    sim_gic_guest_eoimode(g->cpu, false);
    act_interrupts(g, vm);
    for (unsigned i = 0; i < 8U; i++) {
        sim_guest_eoi(g, VTIMER); /* what it kept, and the priorities of it */
    }
    for (unsigned i = 0; i < ARRAY_SIZE(vm->spis); i++) {
        act_put(g, GICD + 0x380U + (vm->spis[i] / 32U * 4U), 4, 0xffffffff);
    }
    act_put(g, frame + 0x380U, 4, 0xffffffff);
    sim_guest_timer(g, 20U + below(300));
}

static void set_up_spi(struct sim_guest *g, const struct random_vm *vm, uint32_t n)
{
    act_put(g, GICD + 0x80U + (n / 32U * 4U), 4, all_in_group());
    if (v2()) {
        act_put(g, GICD + ITARGETSR + n, 1, 1ULL << below(vm->nr_vcpus));
    } else {
        act_put(g, GICD + 0x6000U + (8U * n), 8, below(vm->nr_vcpus));
    }
    act_put(g, GICD + 0x100U + (n / 32U * 4U), 4, 1U << (n % 32U));
}

void act_set_up(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vm->spis); i++) {
        set_up_spi(g, vm, vm->spis[i]);
    }
    if (vm->uart_irq != 0U) {
        set_up_spi(g, vm, vm->uart_irq);
    }
    uint64_t frame = private_frame(g, vm);
    act_put(g, frame + 0x80U, 4, all_in_group());
    act_put(g, frame + 0x100U, 4, 0x0800ffff);
    act_put(g, GICD, 4, v2() ? 1 : 2);
    sim_guest_gic_enable(g);
}
