/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All vCPUs of a VM at once: register accesses that recall, SGIs and stops collide in every way the seed finds. Whatever
 * they do, nobody waits for ever, the simulated GIC finds no fault, and no interrupt is lost in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "seeds.h"
#include "vgic_fixture.h"

#define STEPS 150U

static unsigned running;   /* cores that still do steps */
static unsigned arrived;   /* cores that have come to the last act */
static uint32_t level_seen;
static bool v2; /* the machine has a GICv2 */

static unsigned rnd(unsigned n)
{
    return (unsigned)(sim_random() % n);
}

/* Where a vCPU finds private registers: those of any in a GICv3, its own in a GICv2. */
static uint64_t private_frame(unsigned t)
{
    return v2 ? FX_GICD : FX_GICR + 0x20000U * t + 0x10000U;
}

static void write_route(struct vcpu *v, uint32_t intid, unsigned vcpu)
{
    if (v2) {
        fx_write(v, FX_GICD + 0x800U + intid, 1, 1U << vcpu);
    } else {
        fx_write(v, FX_GICD + 0x6000U + 8U * intid, 8, vcpu);
    }
}

static void send_sgi(struct vcpu *v, uint32_t intid, uint32_t targets)
{
    if (v2) {
        fx_write(v, FX_GICD + 0xf00U, 4, targets << 16 | intid);
    } else {
        fx_send(v, (uint64_t)intid << 24 | targets);
    }
}

static unsigned nr_all(void)
{
    return fx_nr_spis + fx_nr_virtual;
}

static uint32_t spi_of(unsigned i)
{
    return i < fx_nr_spis ? fx_spis[i] : fx_virtual[i - fx_nr_spis];
}

static uint32_t any_spi(void)
{
    return spi_of(rnd(nr_all()));
}

static void set_line(uint32_t intid, bool level)
{
    if (fx_is_virtual(intid)) {
        virqc_set_line(&vms[0], intid, level);
    } else {
        sim_gic_line(intid, level);
    }
}

static struct vcpu *self(void)
{
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        if (fx_vcpu(0, i)->cpu == sim_cpu()) {
            return fx_vcpu(0, i);
        }
    }
    return NULL;
}

static void handle(struct vcpu *v)
{
    uint32_t intid = sim_gic_guest_ack(v->cpu, 1);
    if (intid == SIM_GIC_NONE) {
        intid = sim_gic_guest_ack(v->cpu, 0);
    }
    if (intid != SIM_GIC_NONE) {
        arch_ops.cpu.relax();
        fx_take_irqs(v);
        sim_gic_guest_eoi(v->cpu, intid);
    }
}

static void word_access(struct vcpu *v)
{
    static const uint32_t families[] = { 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380 };
    uint32_t reg = families[rnd(7)];
    unsigned w = rnd(FX_IRQS / 32U);
    uint64_t ipa = w == 0U ? private_frame(rnd(FX_VCPUS)) + reg : FX_GICD + reg + 4U * w;
    if (rnd(3) == 0U) {
        (void)fx_read(v, ipa, 4);
    } else if (reg != 0x300U || rnd(8) == 0U) {
        fx_write(v, ipa, 4, (uint64_t)1 << rnd(32) | (uint64_t)1 << (w == 1U ? rnd(4) + 1U : rnd(16)));
    }
}

/* Registers that are a read or a write under the lock and no more. */
static void plain_access(struct vcpu *v)
{
    uint32_t spi = any_spi();
    uint64_t waker = v2 ? FX_GICD + 0xf20U : FX_GICR + 0x20000U * rnd(FX_VCPUS) + 0x14U; /* or sources of SGIs */
    switch (rnd(6)) {
    case 0:
        (void)fx_read(v, FX_GICD, 4);
        break;
    case 1:
        (void)fx_read(v, FX_GICD + 0x400U + spi, 1);
        break;
    case 2:
        if (rnd(2) == 0U) {
            (void)fx_read(v, FX_GICD + 0xc00U + 4U * (spi / 16U), 4);
        } else {
            fx_write(v, FX_GICD + 0xc00U + 4U * (spi / 16U), 4, sim_random());
        }
        break;
    case 3:
        (void)fx_read(v, v2 ? FX_GICD + 0x800U + spi : FX_GICD + 0x6000U + 8U * spi, v2 ? 1U : 8U);
        break;
    case 4:
        (void)fx_read(v, waker, 4);
        break;
    default:
        fx_write(v, waker, 4, rnd(2) * 2U);
        break;
    }
}

static void step(struct vcpu *v)
{
    uint32_t spi = any_spi();
    switch (rnd(11)) {
    case 0:
        write_route(v, spi, rnd(FX_VCPUS));
        break;
    case 1:
        fx_write(v, FX_GICD + 0x400U + spi, 1, sim_random() & 0xffU);
        break;
    case 2:
        send_sgi(v, rnd(16), rnd(8));
        break;
    case 3:
        set_line(spi, rnd(2) != 0U);
        break;
    case 4:
        fx_write(v, FX_GICD, 4, rnd(8) == 0U ? rnd(4) : 3U);
        break;
    case 5:
        if (rnd(4) == 0U) {
            virqc_vcpu_stop(v);
            for (unsigned i = rnd(4); i > 0U; i--) {
                fx_idle_irq(v);
                arch_ops.cpu.relax();
            }
            virqc_vcpu_start(v);
            sim_gic_guest_enable(v->cpu, 3);
        }
        break;
    case 6:
        (void)virqc_pending(v);
        break;
    case 7:
        plain_access(v);
        break;
    default:
        word_access(v);
        break;
    }
}

/* vCPU 0 alone puts things in order; then every level that is high must reach it. */
static void last_act(struct vcpu *v)
{
    for (uint32_t w = 0; w < FX_IRQS / 32U; w++) {
        for (unsigned t = 0; t < (w == 0U && !v2 ? FX_VCPUS : 1U); t++) {
            uint64_t base = w == 0U ? private_frame(t) : FX_GICD + 4U * w;
            fx_write(v, base + 0x180U, 4, 0xffffffffU);
            fx_write(v, base + 0x380U, 4, 0xffffffffU);
            fx_write(v, base + 0x280U, 4, 0xffffffffU);
            sim_expect(fx_read(v, base + 0x300U, 4) == 0U);
        }
    }
    fx_write(v, FX_GICD, 4, 3);
    for (unsigned i = 0; i < nr_all(); i++) {
        fx_write(v, FX_GICD + 0xc00U + 4U * (spi_of(i) / 16U), 4, 0);
    }
    for (unsigned i = 0; i < nr_all(); i++) {
        uint32_t intid = spi_of(i);
        write_route(v, intid, 0);
        set_line(intid, false);
        set_line(intid, true);
        fx_write(v, FX_GICD + 0x100U + 4U * (intid / 32U), 4, (uint64_t)1 << (intid % 32U));
    }
    level_seen = 0;
    for (unsigned n = 0; n < 4U * nr_all(); n++) {
        fx_take_irqs(v);
        uint32_t intid = sim_gic_guest_ack(v->cpu, 1);
        intid = intid == SIM_GIC_NONE ? sim_gic_guest_ack(v->cpu, 0) : intid;
        for (unsigned i = 0; i < nr_all(); i++) {
            if (spi_of(i) == intid) {
                level_seen |= 1U << i;
                set_line(intid, false);
            }
        }
        if (intid != SIM_GIC_NONE) {
            sim_gic_guest_eoi(v->cpu, intid);
        }
        arch_ops.cpu.relax();
    }
    sim_expect(level_seen == (1U << nr_all()) - 1U);
}

static void core_main(void)
{
    struct vcpu *v = self();
    virqc_vcpu_start(v);
    sim_gic_guest_enable(v->cpu, 3);
    for (unsigned i = 0; i < STEPS; i++) {
        fx_take_irqs(v);
        handle(v);
        step(v);
        arch_ops.cpu.relax();
    }
    virqc_vcpu_stop(v); /* drops whatever it was handling */
    virqc_vcpu_start(v);
    sim_gic_guest_enable(v->cpu, 3);
    arrived++;
    while (arrived < FX_VCPUS) {
        fx_take_irqs(v);
        arch_ops.cpu.relax();
    }
    if (v->index == 0U) {
        last_act(v);
        running = 0;
    }
    while (running != 0U) {
        fx_take_irqs(v);
        arch_ops.cpu.relax();
    }
    virqc_vcpu_stop(v);
}

static void run_all(unsigned lrs, bool gicv2)
{
    static void (*const cores[])(void) = { core_main, core_main, core_main };
    struct seeds s = seeds_of("VGIC", 20);
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        v2 = gicv2;
        if (v2) {
            fx_setup_v2(lrs, seed);
        } else {
            fx_setup(lrs, seed);
        }
        fx_as(NULL);
        running = FX_VCPUS;
        arrived = 0;
        (void)sim_run_functions(cores, FX_VCPUS);
        fx_as(fx_vcpu(0, 0));
        virqc_vm_stop(&vms[0]);
        for (unsigned w = 1; w < FX_IRQS / 32U; w++) {
            assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, w), 0);
            assert_int_equal(sim_gic_get(IRQC_ACTIVE, 0, w), 0);
        }
    }
}

static void colliding_vcpus_neither_hang_nor_lose_an_interrupt_with_1_list_register(void **state)
{
    (void)state;
    run_all(1, false);
}

static void colliding_vcpus_neither_hang_nor_lose_an_interrupt_with_4_list_registers(void **state)
{
    (void)state;
    run_all(4, false);
}

static void colliding_vcpus_neither_hang_nor_lose_an_interrupt_of_a_gicv2(void **state)
{
    (void)state;
    run_all(1, true);
    run_all(4, true);
}

/* vCPU 0 makes an edge interrupt of vCPU 1 pending once; however the two collide, it is seen once. */
#define EDGE 34U

static unsigned seen, pended;
static void (*real_set)(enum irqc_bit, unsigned, unsigned, uint32_t);

static void slow_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    real_set(what, cpu, word, mask);
    for (unsigned i = 0; i < 6U; i++) {
        arch_ops.cpu.relax();
    }
}

static void pends_once(void)
{
    struct vcpu *v = fx_vcpu(0, 0);
    fx_write(v, FX_GICD + 0x204U, 4, 1U << (EDGE % 32U));
    for (unsigned i = 0; i < 60U; i++) {
        fx_take_irqs(v);
        arch_ops.cpu.relax();
    }
    pended = 1;
}

static void counts(void)
{
    struct vcpu *v = fx_vcpu(0, 1);
    while (pended == 0U) {
        fx_take_irqs(v);
        if (sim_gic_guest_ack(v->cpu, 1) == EDGE) {
            seen++;
            sim_gic_guest_eoi(v->cpu, EDGE);
        }
        arch_ops.cpu.relax();
    }
}

static void idles(void)
{
}

static void one_software_pending_is_one_interrupt(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40U; seed++) {
        void (*cores[FX_VCPUS])(void) = { idles, idles, idles };
        fx_setup(4, seed);
        for (unsigned i = 0; i < 2U; i++) {
            fx_as(fx_vcpu(0, 1U - i));
            virqc_vcpu_start(fx_vcpu(0, 1U - i));
            sim_gic_guest_enable(fx_cpu(), 3);
        }
        struct vcpu *v = fx_vcpu(0, 0);
        fx_write(v, FX_GICD, 4, 3);
        fx_write(v, FX_GICD + 0x84U, 4, 0xffffffffU);
        fx_write(v, FX_GICD + 0x6000U + 8U * EDGE, 8, 1);
        fx_write(v, FX_GICD + 0x104U, 4, 1U << (EDGE % 32U));
        seen = 0;
        pended = 0;
        fx_as(NULL);
        real_set = arch_ops.irqc.set;
        arch_ops.irqc.set = slow_set;
        cores[fx_vcpu(0, 0)->cpu] = pends_once;
        cores[fx_vcpu(0, 1)->cpu] = counts;
        (void)sim_run_functions(cores, FX_VCPUS);
        assert_int_equal(seen, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_software_pending_is_one_interrupt),
        cmocka_unit_test(colliding_vcpus_neither_hang_nor_lose_an_interrupt_with_1_list_register),
        cmocka_unit_test(colliding_vcpus_neither_hang_nor_lose_an_interrupt_with_4_list_registers),
        cmocka_unit_test(colliding_vcpus_neither_hang_nor_lose_an_interrupt_of_a_gicv2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
