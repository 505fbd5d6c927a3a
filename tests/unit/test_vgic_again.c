/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts that come again while nobody has looked since the guest ended the last one (vgic_again.c): each as the first was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"

#define SPI        33U /* level-sensitive, its line low */
#define SPI_BIT    (1U << (SPI % 32U))
#define SGI        3U
#define ICENABLER  0x180U
#define ISPENDR    0x200U
#define IPRIORITYR 0x400U
#define IROUTER    0x6000U
#define SGI_FRAME(i) (FX_GICR + 0x20000U * (i) + 0x10000U)

static struct vcpu *a, *b;

static int setup(void **state)
{
    (void)state;
    fx_setup(4, 1);
    fx_enable_pair(SPI);
    a = fx_vcpu(0, 0);
    b = fx_vcpu(0, 1);
    return 0;
}

static void send(struct vcpu *from, uint32_t sgi)
{
    fx_as(from);
    fx_send(from, 1ULL | (uint64_t)sgi << 24);
}

static uint32_t acknowledged(struct vcpu *v)
{
    fx_as(v);
    fx_take_irqs(v);
    return sim_gic_guest_ack(v->cpu, 1);
}

/* Comes, is acknowledged and ended. */
static void once(struct vcpu *v, uint32_t intid)
{
    assert_int_equal(acknowledged(v), intid);
    sim_gic_guest_eoi(v->cpu, intid);
}

static uint64_t pending_lr(struct vcpu *v, uint32_t intid)
{
    fx_as(v);
    fx_take_irqs(v);
    for (unsigned n = 0; n < arch_ops.virq.nr_lrs(); n++) {
        uint64_t lr = arch_ops.virq.read_lr(n);

        if ((lr & LR_STATE) == LR_PENDING && (lr & 0xffffffffU) == intid) {
            return lr;
        }
    }
    return 0;
}

static void tick(struct vcpu *v)
{
    fx_as(v);
    sim_gic_ppi(v->cpu, FX_PTIMER, true);
    assert_int_equal(acknowledged(v), FX_PTIMER);
    sim_gic_ppi(v->cpu, FX_PTIMER, false);
    sim_gic_guest_eoi(v->cpu, FX_PTIMER);
}

static void an_sgi_comes_as_often_as_it_is_sent(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 5U; n++) {
        send(b, SGI);
        once(a, SGI);
        assert_int_equal(acknowledged(a), 1023);
        vgic_kick(a); /* it looks again, for another reason */
        assert_int_equal(acknowledged(a), 1023);
    }
}

static void an_sgi_has_the_priority_and_group_that_it_has_now(void **state)
{
    (void)state;
    send(b, SGI);
    once(a, SGI);
    fx_as(a);
    fx_write(a, SGI_FRAME(0) + IPRIORITYR + SGI, 1, 0x40);
    send(b, SGI);
    uint64_t lr = pending_lr(a, SGI);

    assert_int_equal(lr >> LR_PRIO_SHIFT & 0xffU, 0x40);
    assert_true((lr & LR_GROUP1) != 0U);
    once(a, SGI);
    fx_as(a);
    fx_write(a, SGI_FRAME(0) + 0x80U, 4, ~(uint32_t)(1U << SGI));
    send(b, SGI);
    lr = pending_lr(a, SGI);
    assert_true(lr != 0U && (lr & LR_GROUP1) == 0U);
}

static void a_tick_has_the_priority_and_group_that_it_has_now(void **state)
{
    (void)state;
    tick(a);
    fx_as(a);
    fx_write(a, SGI_FRAME(0) + IPRIORITYR + FX_PTIMER, 1, 0x60);
    sim_gic_ppi(a->cpu, FX_PTIMER, true);
    uint64_t lr = pending_lr(a, FX_PTIMER);

    assert_int_equal(lr >> LR_PRIO_SHIFT & 0xffU, 0x60);
    assert_true((lr & LR_GROUP1) != 0U && (lr & LR_HW) != 0U);
    sim_gic_ppi(a->cpu, FX_PTIMER, false);
    once(a, FX_PTIMER);
    fx_as(a);
    fx_write(a, SGI_FRAME(0) + 0x80U, 4, ~(uint32_t)(1U << FX_PTIMER));
    sim_gic_ppi(a->cpu, FX_PTIMER, true);
    lr = pending_lr(a, FX_PTIMER);
    assert_true(lr != 0U && (lr & LR_GROUP1) == 0U);
}

static void two_sgis_come_both(void **state)
{
    (void)state;
    send(b, SGI);
    once(a, SGI);
    send(b, SGI + 1U);
    once(a, SGI + 1U);
    send(b, SGI);
    send(b, SGI + 1U);
    once(a, SGI);
    once(a, SGI + 1U);
    assert_int_equal(acknowledged(a), 1023);
}

/* What is active in nobody's hand gets a list register, so that the guest can end it. */
static void an_orphan_is_adopted_when_an_sgi_comes_again(void **state)
{
    (void)state;
    send(b, SGI);
    once(a, SGI);
    vgic_disarm_all(&vgics[0]); /* as ISACTIVER leaves it */
    sim_gic_set(IRQC_ACTIVE, 0, 1, SPI_BIT);
    vgics[0].spi[1].orphan |= SPI_BIT;
    vgics[0].orphan_words |= 2U;
    send(b, SGI);
    assert_int_equal(acknowledged(a), SGI);
    bool listed = false;

    for (unsigned n = 0; n < arch_ops.virq.nr_lrs(); n++) {
        uint64_t lr = arch_ops.virq.read_lr(n);

        listed = listed || ((lr & LR_STATE) == LR_ACTIVE && (lr & 0xffffffffU) == SPI);
    }
    assert_true(listed);
}

/* In flight when it was disabled, or routed to another: back it goes. */
static void one_that_is_disabled_meanwhile_does_not_come(void **state)
{
    (void)state;
    tick(a);
    fx_as(a);
    vgics[0].vcpu[0].w.phys_en &= ~vgic_bit(FX_PTIMER); /* as if the disabling were on its way to the controller */
    sim_gic_ppi(a->cpu, FX_PTIMER, true);
    assert_false(virqc_take_again(a, FX_PTIMER));
}

static void one_that_is_routed_elsewhere_meanwhile_does_not_come(void **state)
{
    (void)state;
    fx_as(b);
    fx_write(b, FX_GICD + ISPENDR + 4U, 4, SPI_BIT);
    once(a, SPI);
    vgics[0].routed[0][SPI / 32U] &= ~SPI_BIT;
    fx_as(a);
    assert_false(virqc_take_again(a, SPI));
    vgics[0].routed[0][SPI / 32U] |= SPI_BIT;
    sim_gic_set(IRQC_ACTIVE, 0, 1, SPI_BIT); /* as after it was acknowledged */
    assert_true(virqc_take_again(a, SPI));
}

/* Software made it pending, and it is taken back before it was acknowledged: it stays pending, each time. */
static void what_software_made_pending_stays_so_when_it_is_given_back(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3U; n++) {
        fx_as(b);
        fx_write(b, FX_GICD + ISPENDR + 4U, 4, SPI_BIT);
        assert_true(pending_lr(a, SPI) != 0U);
        fx_as(a);
        fx_write(a, FX_GICD + ICENABLER + 4U, 4, SPI_BIT);
        assert_int_equal(fx_read(a, FX_GICD + ISPENDR + 4U, 4) & SPI_BIT, SPI_BIT);
        fx_write(a, FX_GICD + 0x104U, 4, SPI_BIT);
        once(a, SPI);
        fx_as(a);
        assert_int_equal(fx_read(a, FX_GICD + ISPENDR + 4U, 4) & SPI_BIT, 0);
    }
}

/* The first was software's, the second a line's that falls: nothing is left of either. */
static void a_line_that_comes_after_software_is_no_softwares(void **state)
{
    (void)state;
    fx_as(b);
    fx_write(b, FX_GICD + ISPENDR + 4U, 4, SPI_BIT);
    once(a, SPI);
    sim_gic_line(SPI, true);
    assert_true(pending_lr(a, SPI) != 0U);
    sim_gic_line(SPI, false);
    fx_as(a);
    fx_write(a, FX_GICD + ICENABLER + 4U, 4, SPI_BIT);
    assert_int_equal(fx_read(a, FX_GICD + ISPENDR + 4U, 4) & SPI_BIT, 0);
    fx_write(a, FX_GICD + 0x104U, 4, SPI_BIT);
    assert_int_equal(acknowledged(a), 1023);
}

/* A has ended it and not looked since; b has it in hand, from software. What a clears up is not b's. */
static void who_looks_late_takes_nothing_from_who_has_it_now(void **state)
{
    (void)state;
    fx_as(b);
    fx_write(b, FX_GICD + ISPENDR + 4U, 4, SPI_BIT);
    once(a, SPI);
    fx_as(b);
    fx_write(b, FX_GICD + IROUTER + 8U * SPI, 8, 1);
    fx_write(b, FX_GICD + ISPENDR + 4U, 4, SPI_BIT);
    assert_true(pending_lr(b, SPI) != 0U);
    tick(a);
    fx_as(b);
    fx_write(b, FX_GICD + ICENABLER + 4U, 4, SPI_BIT);
    assert_int_equal(fx_read(b, FX_GICD + ISPENDR + 4U, 4) & SPI_BIT, SPI_BIT);
    fx_write(b, FX_GICD + 0x104U, 4, SPI_BIT);
    once(b, SPI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_sgi_comes_as_often_as_it_is_sent, setup),
        cmocka_unit_test_setup(an_sgi_has_the_priority_and_group_that_it_has_now, setup),
        cmocka_unit_test_setup(a_tick_has_the_priority_and_group_that_it_has_now, setup),
        cmocka_unit_test_setup(two_sgis_come_both, setup),
        cmocka_unit_test_setup(an_orphan_is_adopted_when_an_sgi_comes_again, setup),
        cmocka_unit_test_setup(one_that_is_disabled_meanwhile_does_not_come, setup),
        cmocka_unit_test_setup(one_that_is_routed_elsewhere_meanwhile_does_not_come, setup),
        cmocka_unit_test_setup(what_software_made_pending_stays_so_when_it_is_given_back, setup),
        cmocka_unit_test_setup(a_line_that_comes_after_software_is_no_softwares, setup),
        cmocka_unit_test_setup(who_looks_late_takes_nothing_from_who_has_it_now, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
