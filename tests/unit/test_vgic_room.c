/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a list register gets one, also when another interrupt is taken before the maintenance interrupt. Which of
 * several pending interrupts of one priority comes first is IMPLEMENTATION DEFINED (IHI 0069H 4.8): here it is the lowest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"

#define GICD_SGIR (FX_GICD + 0xf00U)
#define WORD(n)   (4U * ((n) / 32U))
#define BIT(n)    (1U << ((n) % 32U))
#define UART      98U /* virtual */
#define LEVEL     33U

static const struct machine {
    unsigned version, nr_lrs;
    uint64_t seed; /* even, with a GICv2: every end traps */
} machines[] = { { 3, 1, 1 }, { 3, 2, 1 }, { 3, 4, 1 }, { 3, 16, 1 }, { 2, 1, 1 }, { 2, 4, 1 }, { 2, 1, 2 }, { 2, 4, 2 } };

static const struct machine *m;

static struct vcpu *begin(const struct machine *machine)
{
    m = machine;
    if (m->version == 2U) {
        fx_setup_v2(m->nr_lrs, m->seed);
    } else {
        fx_setup(m->nr_lrs, m->seed);
    }
    fx_start_all();

    struct vcpu *v = fx_vcpu(0, 0);
    uint64_t priv = m->version == 2U ? FX_GICD : FX_GICR + 0x10000U;
    fx_write(v, FX_GICD, 4, 3);
    fx_write(v, priv + 0x100U, 4, 0xffffffffU);
    for (uint32_t i = 32; i < FX_IRQS; i += 32U) {
        fx_write(v, FX_GICD + 0x100U + WORD(i), 4, 0xffffffffU);
    }
    for (uint32_t i = 32; m->version == 2U && i < FX_IRQS; i++) {
        fx_write(v, FX_GICD + 0x800U + i, 1, 1);
    }
    fx_take_irqs(v);
    return v;
}

static void sgi_to_self(struct vcpu *v, uint32_t n)
{
    if (m->version == 2U) {
        fx_write(v, GICD_SGIR, 4, 2ULL << 24 | n);
    } else {
        vgic_send_sgi(v, 1ULL | (uint64_t)n << 24, 0);
    }
}

static uint32_t ack(void)
{
    return sim_gic_guest_ack(fx_cpu(), 0);
}

static bool listed(uint32_t intid)
{
    for (unsigned n = 0; n < m->nr_lrs; n++) {
        uint64_t lr = sim_gic_read_lr(fx_cpu(), n);
        if ((lr & LR_STATE) != 0U && (lr & 0x3ffU) == intid) {
            return true;
        }
    }
    return false;
}

/* As many SGIs as there are list registers, and one more; all that are listed are acknowledged and then ended, so that the
 * maintenance interrupt is pending and not yet taken. The number of the one that waits. */
static uint32_t fill_and_end(struct vcpu *v)
{
    uint32_t waits = m->nr_lrs < 15U ? m->nr_lrs : 15U;
    sim_gic_guest_eoimode(fx_cpu(), true);
    if (m->nr_lrs == 16U) {
        sim_gic_line(LEVEL, true);
        fx_take_irqs(v);
        assert_true(listed(LEVEL));
    }
    for (uint32_t i = 0; i <= waits; i++) {
        sgi_to_self(v, i);
    }
    assert_false(listed(waits));
    for (unsigned n = 0; n < m->nr_lrs; n++) {
        uint32_t intid = ack();
        assert_int_not_equal(intid, SIM_GIC_NONE);
        sim_gic_guest_eoi(fx_cpu(), intid);
    }
    sim_gic_line(LEVEL, false);
    for (unsigned n = 0; n < m->nr_lrs; n++) {
        sim_gic_guest_dir(fx_cpu(), (uint32_t)sim_gic_read_lr(fx_cpu(), n) & 0x3ffU);
    }
    sim_gic_guest_eoimode(fx_cpu(), false);
    assert_true(sim_gic_irq(fx_cpu()));
    return waits;
}

static void what_waits_for_room_is_listed_though_a_timer_is_taken_first(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(machines); i++) {
        struct vcpu *v = begin(&machines[i]);
        uint32_t waits = fill_and_end(v);
        sim_gic_ppi(fx_cpu(), FX_PTIMER, true);
        fx_take_irqs(v);
        uint32_t first = ack();
        if (first == FX_PTIMER) {
            sim_gic_ppi(fx_cpu(), FX_PTIMER, false);
        }
        sim_gic_guest_eoi(fx_cpu(), first);
        fx_take_irqs(v);
        assert_int_equal(ack(), first == FX_PTIMER ? waits : FX_PTIMER);
    }
}

static void what_waits_for_room_is_listed_though_a_disabled_interrupt_is_given_back_first(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(machines); i++) {
        struct vcpu *v = begin(&machines[i]);
        uint32_t waits = fill_and_end(v);
        /* A timer is on its way; what another CPU's ICENABLER does meanwhile, up to its request. */
        sim_gic_ppi(fx_cpu(), FX_PTIMER, true);
        assert_int_equal(arch_ops.irqc.ack(), FX_PTIMER);
        arch_ops.irqc.drop(FX_PTIMER);
        vgics[0].vcpu[0].w.enabled.v &= ~BIT(FX_PTIMER);
        vgic_sync_private(v);
        vgic_take(v, FX_PTIMER);
        fx_take_irqs(v);
        assert_int_equal(ack(), waits);
    }
}

static void a_line_that_stays_high_is_signalled_again_though_a_timer_is_taken_first(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(machines); i++) {
        struct vcpu *v = begin(&machines[i]);
        virqc_set_line(&vms[0], UART, true);
        fx_take_irqs(v);
        assert_int_equal(ack(), UART);
        sim_gic_ppi(fx_cpu(), FX_PTIMER, true);
        sim_gic_guest_eoi(fx_cpu(), UART);
        fx_take_irqs(v);
        uint32_t first = ack();
        if (first == FX_PTIMER) {
            sim_gic_ppi(fx_cpu(), FX_PTIMER, false);
        }
        sim_gic_guest_eoi(fx_cpu(), first);
        fx_take_irqs(v);
        assert_int_equal(ack(), first == FX_PTIMER ? UART : FX_PTIMER);
    }
}

/* The way of every tick of a timer: nothing that is not needed may be done on it. */
static unsigned lr_reads, lr_writes;
static uint64_t (*real_read)(unsigned);
static void (*real_write)(unsigned, uint64_t);

static uint64_t count_read(unsigned n)
{
    lr_reads++;
    return real_read(n);
}

static void count_write(unsigned n, uint64_t lr)
{
    lr_writes++;
    real_write(n, lr);
}

static void a_tick_that_nothing_waits_beside_costs_one_write_of_a_list_register(void **state)
{
    (void)state;
    struct vcpu *v = begin(&machines[2]);
    real_read = arch_ops.virq.read_lr;
    real_write = arch_ops.virq.write_lr;
    arch_ops.virq.read_lr = count_read;
    arch_ops.virq.write_lr = count_write;
    for (unsigned i = 0; i < 10U; i++) {
        sim_gic_ppi(fx_cpu(), FX_PTIMER, true);
        lr_reads = 0;
        lr_writes = 0;
        fx_take_irqs(v);
        assert_int_equal(lr_reads, 0);
        assert_int_equal(lr_writes, 1);
        assert_int_equal(ack(), FX_PTIMER);
        sim_gic_ppi(fx_cpu(), FX_PTIMER, false);
        sim_gic_guest_eoi(fx_cpu(), FX_PTIMER);
        assert_false(sim_gic_irq(fx_cpu()));
    }
    arch_ops.virq.read_lr = real_read;
    arch_ops.virq.write_lr = real_write;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_for_room_is_listed_though_a_timer_is_taken_first),
        cmocka_unit_test(what_waits_for_room_is_listed_though_a_disabled_interrupt_is_given_back_first),
        cmocka_unit_test(a_line_that_stays_high_is_signalled_again_though_a_timer_is_taken_first),
        cmocka_unit_test(a_tick_that_nothing_waits_beside_costs_one_write_of_a_list_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
