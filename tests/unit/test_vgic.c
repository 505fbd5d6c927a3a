/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual GIC: register tables, ownership, scope of SGIs, list registers, start and stop. One CPU acts at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "run.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"
#include "vgic_model.h"

static int four_lrs(void **state)
{
    (void)state;
    fx_setup(4, 1);
    fx_start_all();
    return 0;
}

static void write_dist(struct vcpu *v, uint32_t off, uint64_t val)
{
    fx_write(v, FX_GICD + off, 4, val);
}

static void write_sgi_frame(struct vcpu *v, unsigned target, uint32_t off, uint64_t val)
{
    fx_write(v, FX_GICR + 0x20000U * target + 0x10000U + off, 4, val);
}

/* Everything of the VM enabled, group 1, forwarded. */
static void open_all(struct vcpu *v)
{
    write_dist(v, 0, 3);
    for (uint32_t w = 1; w < FX_IRQS / 32U; w++) {
        write_dist(v, 0x80U + 4U * w, 0xffffffffU);
        write_dist(v, 0x100U + 4U * w, 0xffffffffU);
    }
    for (unsigned i = 0; i < v->vm->nr_vcpus; i++) {
        write_sgi_frame(v, i, 0x80, 0xffffffffU);
        write_sgi_frame(v, i, 0x100, 0xffffffffU);
    }
}

static void model_setup(struct model *m, unsigned vm)
{
    model_init(m, vms[vm].nr_vcpus, FX_IRQS);
    for (uint32_t i = 16; i < FX_IRQS; i++) {
        for (unsigned v = 0; i < 32U && v < vms[vm].nr_vcpus; v++) {
            m->priv[v][i].exists = fx_owned(vm, i);
        }
        if (i >= 32U) {
            m->spi[i].exists = fx_owned(vm, i);
            m->spi[i].edge = vm == 0U && fx_is_edge(i);
        }
    }
    for (unsigned v = 0; v < vms[vm].nr_vcpus; v++) {
        m->on[v] = true;
    }
}

static void register_tables_are_sorted_and_do_not_overlap(void **state)
{
    (void)state;
    const struct mmio_table *tables[] = { &vgic_dist_table, &vgic_redist_table, &vgic_v2_table };
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (uint32_t i = 1; i < tables[t]->count; i++) {
            const struct mmio_reg *r = &tables[t]->regs[i];
            assert_true(r[-1].offset + r[-1].length <= r->offset);
        }
    }
}

static void registers_are_found_from_the_granule_as_by_looking_at_all(void **state)
{
    static const struct { const struct mmio_table *t; uint32_t size; } frames[] = {
        { &vgic_dist_table, 0x10000 }, { &vgic_redist_table, 0x20000 }, { &vgic_v2_table, 0x1000 } };
    (void)state;
    for (unsigned f = 0; f < ARRAY_SIZE(frames); f++) {
        const struct mmio_table *t = frames[f].t;
        assert_int_equal(t->granules % MMIO_GRANULES, 0);
        for (uint32_t off = 0; off < frames[f].size; off++) {
            const struct mmio_reg *want = NULL;
            uint32_t last = 0;
            for (uint32_t i = 0; i < t->count; i++) {
                want = off >= t->regs[i].offset && off - t->regs[i].offset < t->regs[i].length ? &t->regs[i] : want;
                last = t->regs[i].offset <= off ? i : last;
            }
            assert_ptr_equal(mmio_find(t, off), want);
            if ((off & 0xf07fU) == 0U) { /* the first byte of a granule: no more steps than needed */
                assert_int_equal(t->start[(off >> 16) * MMIO_GRANULES + ((off & 0xfffU) >> MMIO_GRANULE_SHIFT)], last);
            }
        }
    }
}

/* What answers a word at once is what mmio_find() has there; of the registers that begin a granule of the distributor none is left out. */
static void a_word_is_answered_at_once_by_the_register_that_is_there_or_not_at_once(void **state)
{
    static const struct mmio_table *const tables[] = { &vgic_dist_table, &vgic_redist_table, &vgic_v2_table };
    struct vcpu *v = fx_vcpu(0, 0);
    (void)state;
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (uint32_t i = 0; i < tables[t]->count; i++) {
            assert_true((tables[t]->regs[i].widths & MMIO_W32) != 0U);
        }
        for (uint64_t off = 0; off < 0x30000U; off++) {
            struct mmio_access a;
            const struct mmio_reg *r = mmio_word(tables[t], v, &a, off, &a);
            const struct mmio_reg *want = mmio_find(tables[t], (uint32_t)off);
            bool begins = want != NULL && off < 0x1000U && off % 4U == 0U && off / 128U * 128U == want->offset / 128U * 128U &&
                          (want->offset % 128U == 0U && want == &tables[t]->regs[tables[t]->start[off / 128U]]);
            assert_true(r != NULL || !begins);
            if (r != NULL) {
                assert_true(off < 0x1000U && off % 4U == 0U);
                assert_ptr_equal(r, want);
                assert_true(a.v == v && a.dev == &a && a.offset == off - r->offset && a.size == 4U);
            }
        }
    }
    struct mmio_access a;
    assert_non_null(virqc_word(v, FX_GICD + 0x104U, &a));
    assert_null(virqc_word(v, FX_GICD - 4U, &a));
    assert_null(virqc_word(v, FX_GICD + 0x1000U, &a));
    assert_null(virqc_word(v, FX_GICD + (1ULL << 32), &a));
    assert_null(virqc_word(v, FX_GICR + 0x10100U, &a));
}

static void every_register_reads_as_specified_at_reset_in_every_width(void **state)
{
    (void)state;
    static struct model m;
    for (unsigned vm = 0; vm < 2U; vm++) {
        struct vcpu *v = fx_vcpu(vm, 0);
        fx_as(v);
        model_setup(&m, vm);
        for (unsigned size = 1; size <= 8U; size *= 2U) {
            for (uint32_t off = 0; off < 0x10000U; off += size) {
                assert_int_equal(fx_read(v, FX_GICD + off, size), model_gicd_read(&m, off, size));
            }
            for (uint32_t off = 0; off < 0x20000U * v->vm->nr_vcpus; off += size) {
                assert_int_equal(fx_read(v, FX_GICR + off, size),
                                 model_gicr_read(&m, off / 0x20000U, off % 0x20000U, size));
            }
        }
    }
}

/* All ones to every register in every width, CTLR last so that nothing is signalled meanwhile; then all compared. */
static void writes_of_all_ones_change_what_the_vm_owns_and_nothing_else(void **state)
{
    (void)state;
    static struct model m;
    struct vcpu *v = fx_vcpu(0, 0);
    model_setup(&m, 0);
    for (unsigned i = 1; i < FX_VCPUS; i++) { /* nobody here would answer a recall */
        fx_as(fx_vcpu(0, i));
        virqc_vcpu_stop(fx_vcpu(0, i));
    }
    fx_as(v);
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        for (uint32_t off = 0x10000U; off != 0U; off -= size) {
            uint32_t o = off - size;
            fx_write(v, FX_GICD + o, size, ~0ULL);
            model_gicd_write(&m, o, size, ~0ULL);
        }
        for (uint32_t off = 0; off < 0x20000U; off += size) {
            fx_write(v, FX_GICR + off, size, ~0ULL);
            model_gicr_write(&m, 0, off, size, ~0ULL);
        }
    }
    fx_take_irqs(v);
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        for (uint32_t off = 0; off < 0x10000U; off += size) {
            assert_int_equal(fx_read(v, FX_GICD + off, size), model_gicd_read(&m, off, size));
        }
        for (uint32_t off = 0; off < 0x20000U; off += size) {
            assert_int_equal(fx_read(v, FX_GICR + off, size), model_gicr_read(&m, 0, off, size));
        }
    }
    assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, 1) & (1U << 8), 0); /* INTID 40 is VM 1's */
    fx_as(fx_vcpu(1, 0));
    assert_int_equal(fx_read(fx_vcpu(1, 0), FX_GICD + 0x104U, 4), 0);
}

static void an_address_beside_the_frames_is_not_the_gics(void **state)
{
    (void)state;
    static const uint64_t beside[] = { FX_GICD - 4U, FX_GICD + 0x10000U, FX_GICR - 4U, FX_GICR + 0x60000U, 0, ~3ULL };
    struct vcpu *v = fx_vcpu(0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(beside); i++) {
        struct exit_mmio a = { .ipa = beside[i], .size = 4 };
        uint64_t val = 0;
        bool abort = false;
        assert_false(virqc_mmio(v, &a, &val, &abort));
    }
    struct exit_mmio other = { .ipa = FX_GICR + 0x20000U, .size = 4 }; /* VM 1 has one vCPU, so one redistributor */
    uint64_t val = 0;
    bool abort = false;
    fx_as(fx_vcpu(1, 0));
    assert_false(virqc_mmio(fx_vcpu(1, 0), &other, &val, &abort));
}

/* WALL-IRQ-2 */
static void an_sgi_reaches_the_vcpus_it_names_in_its_own_vm_alone(void **state)
{
    (void)state;
    static const struct {
        uint64_t sgir;
        uint32_t reached; /* vCPUs of VM 0 */
    } cases[] = {
        { 0x05000001, 1 },                   { 0x05000006, 6 },                   { 0x0500ffff, 7 },
        { 0x05000000, 0 },                   { 0x05000000 | 1ULL << 40, 6 },      { 0x0500ffff | 1ULL << 40, 6 },
        { 0x0501ffff, 0 },                   { 0x0500ffff | 1ULL << 32, 0 },      { 0x0500ffff | 1ULL << 48, 0 },
        { 0x0500ffff | 1ULL << 44, 0 },      { 0x0500fff8, 0 },                   { 0x05010002 | 1ULL << 40, 6 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        (void)four_lrs(state);
        for (unsigned vm = 0; vm < 2U; vm++) {
            fx_as(fx_vcpu(vm, 0));
            open_all(fx_vcpu(vm, 0));
        }
        fx_as(fx_vcpu(0, 0));
        fx_send(fx_vcpu(0, 0), cases[i].sgir);
        for (unsigned k = 0; k < FX_VCPUS; k++) {
            fx_as(fx_vcpu(0, k));
            fx_take_irqs(fx_vcpu(0, k));
            assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), (cases[i].reached >> k) & 1U ? 5U : SIM_GIC_NONE);
        }
        fx_as(fx_vcpu(1, 0));
        assert_false(sim_gic_irq(fx_cpu()));
        assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), SIM_GIC_NONE);
    }
}

static void a_group_0_sgi_write_does_not_reach_group_1(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    open_all(v);
    write_sgi_frame(v, 0, 0x80, 0xffffffdfU);
    vgic_send_sgi(v, 0x06000001, 0);
    assert_false(virqc_pending(v));
    vgic_send_sgi(v, 0x05000001, 0);
    assert_true(virqc_pending(v));
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 0), 5);
}

static void end_of_a_level_interrupt_needs_no_exit_and_a_line_still_high_comes_again(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    open_all(v);
    sim_gic_line(33, true);
    assert_true(sim_gic_irq(fx_cpu()));
    fx_take_irqs(v);
    assert_int_equal(sim_gic_read_lr(fx_cpu(), 0) >> 61, 3); /* pending, HW */
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 33);
    assert_false(sim_gic_irq(fx_cpu()));
    sim_gic_guest_eoi(fx_cpu(), 33);
    assert_true(sim_gic_irq(fx_cpu()));
    fx_take_irqs(v);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 33);
    sim_gic_line(33, false);
    sim_gic_guest_eoi(fx_cpu(), 33);
    assert_false(sim_gic_irq(fx_cpu()));
}

static void more_interrupts_than_list_registers_are_all_delivered_by_priority(void **state)
{
    (void)state;
    for (unsigned lrs = 1; lrs <= 16U; lrs++) {
        fx_setup(lrs, 1);
        fx_start_all();
        struct vcpu *v = fx_vcpu(0, 0);
        open_all(v);
        for (unsigned i = 0; i < fx_nr_spis; i++) { /* the later, the more urgent */
            fx_write(v, FX_GICD + 0x400U + fx_spis[i], 1, 0xf0U - 8U * i);
            sim_gic_line(fx_spis[i], true);
            fx_take_irqs(v);
        }
        for (unsigned i = 0; i < fx_nr_spis; i++) {
            uint32_t want = fx_spis[fx_nr_spis - 1U - i];
            assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), want);
            sim_gic_line(want, false);
            sim_gic_guest_eoi(fx_cpu(), want);
            fx_take_irqs(v);
        }
        assert_false(virqc_pending(v));
    }
}

static void an_interrupt_nobody_owns_is_disabled_and_deactivated(void **state)
{
    (void)state;
    static const uint32_t foreign[] = { 40, 41, 20 };
    struct vcpu *v = fx_vcpu(0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(foreign); i++) {
        unsigned w = foreign[i] / 32U;
        uint32_t bit = 1U << (foreign[i] % 32U);
        sim_gic_set(IRQC_ENABLE, fx_cpu(), w, bit);
        sim_gic_set(IRQC_ACTIVE, fx_cpu(), w, bit);
        vgic_take(v, foreign[i]);
        assert_int_equal(sim_gic_get(IRQC_ENABLE, fx_cpu(), w) & bit, 0);
        assert_int_equal(sim_gic_get(IRQC_ACTIVE, fx_cpu(), w) & bit, 0);
        assert_false(virqc_pending(v));
    }
}

/* Acknowledged on this CPU, and disabled, or sent elsewhere, before it was taken. */
static void an_interrupt_taken_by_a_cpu_that_waits_comes_back_when_its_vcpu_is_on(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    static const uint32_t kinds[] = { 33, 34 }; /* level, edge */
    open_all(v);
    for (unsigned i = 0; i < 2U; i++) {
        sim_gic_line(kinds[i], true);
        /* CPU_OFF comes between the controller's choice of this CPU and the disable. */
        vgics[0].on &= ~1U;
        fx_idle_irq(v);
        vgics[0].on |= 1U;
        for (unsigned w = 0; w < 2U; w++) {
            struct vgic_bank b = vgic_bank(&vgics[0], 0, w);
            vgic_sync_enable(&b);
        }
        fx_take_irqs(v);
        assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), kinds[i]);
        sim_gic_line(kinds[i], false);
        sim_gic_guest_eoi(fx_cpu(), kinds[i]);
    }
}

static void the_maintenance_interrupt_is_never_disabled(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    sim_gic_set(IRQC_PENDING, fx_cpu(), 0, 1U << FX_MAINT);
    fx_idle_irq(v);
    assert_int_equal(sim_gic_get(IRQC_ENABLE, fx_cpu(), 0) & (1U << FX_MAINT), 1U << FX_MAINT);
    assert_int_equal(sim_gic_get(IRQC_ACTIVE, fx_cpu(), 0) & (1U << FX_MAINT), 0);
}

static void an_interrupt_disabled_on_its_way_stays_pending_and_comes_back(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    static const uint32_t kinds[] = { 33, 34 }; /* level, edge */
    open_all(v);
    for (unsigned i = 0; i < 2U; i++) {
        uint32_t bit = 1U << (kinds[i] % 32U);
        sim_gic_line(kinds[i], true);
        assert_int_equal(arch_ops.irqc.ack(), kinds[i]);
        arch_ops.irqc.drop(kinds[i]);
        /* What another CPU's ICENABLER does up to its recall. */
        vgics[0].spi[1].enabled.v &= ~bit;
        struct vgic_bank b = vgic_bank(&vgics[0], 0, 1);
        vgic_sync_enable(&b);
        vgic_take(v, kinds[i]);
        assert_false(virqc_pending(v));
        assert_false(sim_gic_irq(fx_cpu()));
        assert_int_equal(fx_read(v, FX_GICD + 0x204U, 4) & bit, bit);
        write_dist(v, 0x104, bit);
        fx_take_irqs(v);
        assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), kinds[i]);
        sim_gic_line(kinds[i], false);
        sim_gic_guest_eoi(fx_cpu(), kinds[i]);
    }
}

static void an_interrupt_routed_to_a_vcpu_that_is_off_waits_for_it(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    struct vcpu *other = fx_vcpu(0, 1);
    open_all(v);
    fx_as(other);
    virqc_vcpu_stop(other);
    virqc_vcpu_stop(other); /* a second time changes nothing */
    fx_as(v);
    fx_write(v, FX_GICD + 0x6000U + 8U * 33U, 8, 1);
    sim_gic_line(33, true);
    assert_false(sim_gic_irq(v->cpu));
    assert_false(sim_gic_irq(other->cpu));
    fx_as(other);
    virqc_vcpu_start(other);
    sim_gic_guest_enable(fx_cpu(), 3);
    fx_take_irqs(other);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 33);
}

static void an_interrupt_made_active_by_software_is_ended_by_dir(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(1, 0);
    fx_as(v);
    open_all(v);
    sim_gic_guest_eoimode(fx_cpu(), true);
    write_dist(v, 0x304, 1U << 8);
    assert_int_equal(fx_read(v, FX_GICD + 0x304U, 4), 1U << 8);
    sim_gic_line(40, true);
    assert_false(sim_gic_irq(fx_cpu()));
    sim_gic_guest_dir(fx_cpu(), 40);
    assert_int_equal(fx_read(v, FX_GICD + 0x304U, 4), 0);
    fx_take_irqs(v);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 40);
}

static void a_stopped_vm_leaves_its_interrupts_disabled_inactive_and_the_other_vm_alone(void **state)
{
    (void)state;
    for (unsigned vm = 0; vm < 2U; vm++) {
        fx_as(fx_vcpu(vm, 0));
        open_all(fx_vcpu(vm, 0));
    }
    struct vcpu *v = fx_vcpu(0, 0);
    fx_as(v);
    for (unsigned i = 0; i < fx_nr_spis; i++) {
        sim_gic_line(fx_spis[i], true);
    }
    sim_gic_ppi(fx_cpu(), FX_VTIMER, true);
    fx_take_irqs(v);
    (void)sim_gic_guest_ack(fx_cpu(), 1);
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        fx_as(fx_vcpu(0, i));
        virqc_vcpu_stop(fx_vcpu(0, i));
    }
    virqc_vm_stop(&vms[0]);
    for (unsigned w = 1; w < FX_IRQS / 32U; w++) {
        uint32_t others = w == 1U ? 1U << 8 : w == 2U ? 1U << 6 : 0U;
        assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, w), others);
        assert_int_equal(sim_gic_get(IRQC_ACTIVE, 0, w), 0);
    }
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        unsigned cpu = fx_vcpu(0, i)->cpu;
        assert_int_equal(sim_gic_get(IRQC_ENABLE, cpu, 0), 1U << HV_IPI_INTID | 1U << VIRQ_TOLD_INTID | 1U << FX_MAINT);
        assert_int_equal(sim_gic_get(IRQC_ACTIVE, cpu, 0), 0);
        assert_false(sim_gic_irq(cpu));
    }
}

/* Affinity fields of GICD_IROUTER in either half alone (IHI 0069H 12.9, GICD_IROUTER). */
static void a_route_is_written_and_read_in_halves(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    uint64_t route = FX_GICD + 0x6000U + 8U * 33U;
    fx_write(v, route, 8, 0x5600000001ULL);
    fx_write(v, route + 4U, 4, 0x12);
    assert_int_equal(fx_read(v, route, 8), 0x1200000001ULL);
    fx_write(v, route, 4, 0x030201);
    assert_int_equal(fx_read(v, route, 8), 0x1200030201ULL);
    assert_int_equal(fx_read(v, route, 4), 0x030201);
    assert_int_equal(fx_read(v, route + 4U, 4), 0x12);
}

static void a_vm_that_ended_leaves_a_gic_as_at_reset(void **state)
{
    (void)state;
    static struct model m;
    struct vcpu *v = fx_vcpu(1, 0);
    fx_as(v);
    model_setup(&m, 1);
    open_all(v);
    for (uint32_t off = 0; off < 0x10000U; off += 4U) {
        fx_write(v, FX_GICD + off, 4, ~0ULL);
        fx_write(v, FX_GICR + 0x10000U + off, 4, ~0ULL);
    }
    fx_send(v, 0x05000001);
    virqc_vcpu_stop(v);
    virqc_vm_stop(v->vm);
    virqc_vcpu_start(v);
    for (uint32_t off = 0; off < 0x10000U; off += 4U) {
        assert_int_equal(fx_read(v, FX_GICD + off, 4), model_gicd_read(&m, off, 4));
    }
    for (uint32_t off = 0; off < 0x20000U; off += 4U) {
        assert_int_equal(fx_read(v, FX_GICR + off, 4), model_gicr_read(&m, 0, off, 4));
    }
}

static bool signalled(const struct vcpu *v)
{
    return sim_gic_guest_virq(v->cpu);
}

/* By the CPU that takes the interrupt, which then looks at it. */
static void set_line_here(struct vcpu *v, bool level)
{
    virqc_set_line(&vms[0], 98, level);
    fx_take_irqs(v);
}

static void a_virtual_line_is_signalled_until_it_falls_and_again_while_it_stays(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    open_all(v);
    set_line_here(v, true);
    assert_true(signalled(v));
    set_line_here(v, true); /* no news */
    assert_int_equal(fx_read(v, FX_GICD + 0x20cU, 4), 4);
    set_line_here(v, false);
    assert_false(signalled(v));
    assert_int_equal(fx_read(v, FX_GICD + 0x20cU, 4), 0);
    set_line_here(v, true);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 98);
    assert_int_equal(fx_read(v, FX_GICD + 0x30cU, 4), 4);
    sim_gic_guest_eoi(fx_cpu(), 98);
    fx_take_irqs(v); /* the end of a virtual SPI is always noticed */
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 98);
    set_line_here(v, false);
    sim_gic_guest_eoi(fx_cpu(), 98);
    fx_take_irqs(v);
    assert_false(signalled(v));
}

static void a_virtual_interrupt_made_pending_by_software_does_not_need_its_line(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    open_all(v);
    write_dist(v, 0x20cU, 4);
    set_line_here(v, true);
    set_line_here(v, false);
    assert_true(signalled(v));
    write_dist(v, 0x28cU, 4);
    assert_false(signalled(v));
    write_dist(v, 0xc18U, 0x20); /* 98 is edge-triggered from now on */
    set_line_here(v, true);
    set_line_here(v, false);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 98);
    sim_gic_guest_eoi(fx_cpu(), 98);
    fx_take_irqs(v);
    assert_false(signalled(v));
}

static void a_virtual_line_reaches_the_vcpu_it_is_routed_to_from_any_cpu(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    struct vcpu *other = fx_vcpu(0, 2);
    open_all(v);
    fx_write(v, FX_GICD + 0x6000U + 8U * 98U, 8, 2);
    fx_as(fx_vcpu(1, 0)); /* another VM's CPU serves the device */
    virqc_set_line(&vms[0], 98, true);
    assert_false(sim_gic_irq(v->cpu));
    fx_as(other);
    fx_take_irqs(other);
    assert_true(signalled(other));
    fx_as(v);
    virqc_set_line(&vms[0], 98, false);
    fx_as(other);
    fx_take_irqs(other);
    assert_false(signalled(other));
    assert_false(signalled(v));
}

static void a_virtual_interrupt_leaves_the_physical_one_of_its_number_alone(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    struct vcpu *b = fx_vcpu(1, 0);
    open_all(v);
    assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, 1) & 0x100U, 0);
    fx_write(v, FX_GICD + 0x6000U + 8U * 40U, 8, 1);
    assert_int_equal(sim_gic_route_of(40), b->cpu);
    write_dist(v, 0xc08U, 0x20000); /* trigger of 40 */
    write_dist(v, 0x204U, 0x100);
    for (unsigned i = 1; i < FX_VCPUS; i++) { /* nobody to wait for */
        fx_as(fx_vcpu(0, i));
        virqc_vcpu_stop(fx_vcpu(0, i));
    }
    fx_as(v);
    write_dist(v, 0x304U, 0x100);
    write_dist(v, 0x384U, 0x100);
    for (enum irqc_bit what = IRQC_ENABLE; what <= IRQC_ACTIVE; what++) {
        assert_int_equal(sim_gic_get(what, 0, 1) & 0x100U, 0);
    }
    fx_as(b);
    open_all(b);
    sim_gic_line(40, true);
    fx_take_irqs(b);
    assert_int_equal(sim_gic_guest_ack(b->cpu, 1), 40);
}

static void a_line_of_what_is_not_virtual_is_ignored(void **state)
{
    static const uint32_t intids[] = { 0, 15, 16, FX_VTIMER, 33, 99, FX_IRQS, 1019, 1023, 0xffffffffU };
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    open_all(v);
    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        virqc_set_line(&vms[0], intids[i], true);
        assert_false(signalled(v));
        assert_false(sim_gic_irq(v->cpu));
    }
    virqc_set_line(&vms[1], 98, true);
    assert_false(sim_gic_irq(fx_vcpu(1, 0)->cpu));
}

static void (*route)(uint32_t intid, unsigned cpu);
static uint32_t early;

/* The CPU that it goes to now acknowledges before the caller disables it. */
static void route_and_ack(uint32_t intid, unsigned cpu)
{
    route(intid, cpu);
    early = sim_gic_ack(cpu);
}

static void an_interrupt_that_comes_before_its_vcpu_ever_started_waits_for_it(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(0, 0);
    struct vcpu *other = fx_vcpu(0, 1);
    fx_setup(4, 1); /* and nobody has started */
    fx_as(v);
    virqc_vcpu_start(v);
    open_all(v);
    sim_gic_line(33, true);
    route = arch_ops.irqc.route;
    arch_ops.irqc.route = route_and_ack;
    fx_write(v, FX_GICD + 0x6000U + 8U * 33U, 8, 1);
    arch_ops.irqc.route = route;
    assert_int_equal(early, 33);
    fx_as(other);
    run_acknowledged(other, early, false);
    virqc_vcpu_start(other);
    sim_gic_guest_enable(fx_cpu(), 3);
    fx_take_irqs(other);
    assert_int_equal(sim_gic_guest_ack(fx_cpu(), 1), 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_tables_are_sorted_and_do_not_overlap),
        cmocka_unit_test(registers_are_found_from_the_granule_as_by_looking_at_all),
        cmocka_unit_test_setup(a_word_is_answered_at_once_by_the_register_that_is_there_or_not_at_once, four_lrs),
        cmocka_unit_test_setup(every_register_reads_as_specified_at_reset_in_every_width, four_lrs),
        cmocka_unit_test_setup(writes_of_all_ones_change_what_the_vm_owns_and_nothing_else, four_lrs),
        cmocka_unit_test_setup(an_address_beside_the_frames_is_not_the_gics, four_lrs),
        cmocka_unit_test(an_sgi_reaches_the_vcpus_it_names_in_its_own_vm_alone),
        cmocka_unit_test_setup(a_group_0_sgi_write_does_not_reach_group_1, four_lrs),
        cmocka_unit_test_setup(end_of_a_level_interrupt_needs_no_exit_and_a_line_still_high_comes_again, four_lrs),
        cmocka_unit_test(more_interrupts_than_list_registers_are_all_delivered_by_priority),
        cmocka_unit_test_setup(an_interrupt_nobody_owns_is_disabled_and_deactivated, four_lrs),
        cmocka_unit_test_setup(an_interrupt_taken_by_a_cpu_that_waits_comes_back_when_its_vcpu_is_on, four_lrs),
        cmocka_unit_test_setup(the_maintenance_interrupt_is_never_disabled, four_lrs),
        cmocka_unit_test_setup(an_interrupt_disabled_on_its_way_stays_pending_and_comes_back, four_lrs),
        cmocka_unit_test_setup(an_interrupt_routed_to_a_vcpu_that_is_off_waits_for_it, four_lrs),
        cmocka_unit_test(an_interrupt_that_comes_before_its_vcpu_ever_started_waits_for_it),
        cmocka_unit_test_setup(an_interrupt_made_active_by_software_is_ended_by_dir, four_lrs),
        cmocka_unit_test_setup(a_route_is_written_and_read_in_halves, four_lrs),
        cmocka_unit_test_setup(a_vm_that_ended_leaves_a_gic_as_at_reset, four_lrs),
        cmocka_unit_test_setup(a_virtual_line_is_signalled_until_it_falls_and_again_while_it_stays, four_lrs),
        cmocka_unit_test_setup(a_virtual_interrupt_made_pending_by_software_does_not_need_its_line, four_lrs),
        cmocka_unit_test_setup(a_virtual_line_reaches_the_vcpu_it_is_routed_to_from_any_cpu, four_lrs),
        cmocka_unit_test_setup(a_virtual_interrupt_leaves_the_physical_one_of_its_number_alone, four_lrs),
        cmocka_unit_test_setup(a_line_of_what_is_not_virtual_is_ignored, four_lrs),
        cmocka_unit_test_setup(a_stopped_vm_leaves_its_interrupts_disabled_inactive_and_the_other_vm_alone, four_lrs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
