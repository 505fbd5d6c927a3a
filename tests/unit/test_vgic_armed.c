/* SPDX-License-Identifier: Apache-2.0 */
/* What is armed is taken without the lock (vgic_armed.c); whatever changes, it is armed no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"

#define SPI     33U /* level-sensitive */
#define SPI_BIT (1U << (SPI % 32U))
#define PPI_BIT (1U << FX_PTIMER)
#define GICR(i) (FX_GICR + 0x20000U * (i))
#define SGIS(i) (GICR(i) + 0x10000U)

static struct vcpu *a, *b;

static bool is_armed(const struct vcpu *v, uint32_t intid)
{
    unsigned entry = intid % VGIC_ARMED + (intid < 16U ? VGIC_ARMED : 0U);

    return atomic32_load(&vgic_cpus[v->cpu].armed[entry].key) == intid + 1U;
}

static uint32_t acknowledged(struct vcpu *v)
{
    fx_as(v);
    fx_take_irqs(v);
    return sim_gic_guest_ack(v->cpu, 1);
}

static void tick(void)
{
    fx_as(a);
    sim_gic_ppi(a->cpu, FX_PTIMER, true);
    assert_int_equal(acknowledged(a), FX_PTIMER);
    sim_gic_ppi(a->cpu, FX_PTIMER, false);
    sim_gic_guest_eoi(a->cpu, FX_PTIMER);
}

static void once(void)
{
    fx_as(a);
    sim_gic_line(SPI, true);
    assert_int_equal(acknowledged(a), SPI);
    sim_gic_line(SPI, false);
    sim_gic_guest_eoi(a->cpu, SPI);
}

/* Both armed on a's CPU, each beside the other. */
static int setup(void **state)
{
    (void)state;
    fx_setup(4, 1);
    fx_enable_pair(SPI);
    a = fx_vcpu(0, 0);
    b = fx_vcpu(0, 1);
    tick();
    once();
    tick();
    once();
    return 0;
}

static void what_comes_again_is_armed_and_comes_as_before(void **state)
{
    (void)state;
    assert_true(is_armed(a, FX_PTIMER) && is_armed(a, SPI));
    for (unsigned n = 0; n < 5U; n++) {
        uint32_t next = vgics[0].lock.next.v;

        tick();
        once();
        assert_int_equal(vgics[0].lock.next.v, next); /* nobody took the lock */
    }
    assert_true(is_armed(a, FX_PTIMER) && is_armed(a, SPI));
}

static void what_is_not_ended_is_not_overwritten(void **state)
{
    (void)state;
    fx_as(a);
    sim_gic_line(SPI, true);
    assert_int_equal(acknowledged(a), SPI);
    assert_false(virqc_take_armed(a, SPI)); /* active */
    sim_gic_guest_eoi(a->cpu, SPI);
    assert_false(virqc_take_armed(a, SPI + VGIC_ARMED)); /* another one of the same entry */
    assert_false(virqc_take_armed(b, SPI)); /* another CPU's */
    assert_false(virqc_take_armed(a, IRQC_NONE));
}

/* A write by either vCPU: what it does to the interrupt is in force from the next one on. */
static const struct change {
    uint64_t at;
    unsigned size;
    uint64_t val;
} changes[] = {
    {FX_GICD, 4, 3},                     /* even if it says what it said */
    {FX_GICD + 0x184U, 4, SPI_BIT},      /* ICENABLER */
    {FX_GICD + 0x84U, 4, 0},             /* IGROUPR */
    {FX_GICD + 0x400U + SPI, 1, 0x40},   /* IPRIORITYR */
    {FX_GICD + 0x204U, 4, SPI_BIT},      /* ISPENDR */
    {FX_GICD + 0x284U, 4, SPI_BIT},      /* ICPENDR */
    {FX_GICD + 0xc08U, 4, 0xaaaaaaaaU},  /* ICFGR */
    {FX_GICD + 0x6000U + 8U * SPI, 8, 1} /* IROUTER: to b */
};

static void any_change_by_any_vcpu_disarms(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(changes); i++) {
        for (unsigned by = 0; by < 2U; by++) {
            (void)setup(NULL);
            assert_true(is_armed(a, SPI));
            struct vcpu *v = by == 0U ? a : b;

            fx_as(v);
            fx_write(v, changes[i].at, changes[i].size, changes[i].val);
            assert_false(is_armed(a, SPI));
            assert_false(is_armed(a, FX_PTIMER));
        }
    }
}

static void what_is_read_disarms_nothing(void **state)
{
    (void)state;
    static const uint32_t reads[] = {0x0, 0x4, 0x84, 0x104, 0x184, 0x420, 0xc08, 0x6108};

    for (unsigned i = 0; i < ARRAY_SIZE(reads); i++) {
        fx_as(b);
        (void)fx_read(b, FX_GICD + reads[i], 4);
    }
    assert_true(is_armed(a, FX_PTIMER) && is_armed(a, SPI));
}

static void the_end_of_a_vcpu_and_of_the_vm_disarm(void **state)
{
    (void)state;
    fx_as(a);
    virqc_vcpu_stop(a);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
    virqc_vcpu_start(a);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
    (void)setup(NULL);
    fx_as(b);
    virqc_vcpu_stop(b);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
}

/* Pending by software, and level-sensitive: taken the long way, since the books change. */
static void what_software_made_pending_is_not_armed(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3U; n++) {
        fx_as(b);
        fx_write(b, FX_GICD + 0x204U, 4, SPI_BIT);
        assert_int_equal(acknowledged(a), SPI);
        assert_false(is_armed(a, SPI));
        sim_gic_guest_eoi(a->cpu, SPI);
    }
    once();
    once();
    assert_true(is_armed(a, SPI));
}

/* An SGI to itself looks at all list registers; one from a sibling that comes again at its own alone. */
static void sgis_of_others_leave_it_armed(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3U; n++) {
        fx_as(b);
        fx_send(b, 1ULL | 3ULL << 24);
        assert_int_equal(acknowledged(a), 3);
        sim_gic_guest_eoi(a->cpu, 3);
        tick();
        once();
    }
    tick();
    assert_true(is_armed(a, FX_PTIMER) && is_armed(a, SPI));
    fx_as(a);
    fx_send(a, 1ULL | 3ULL << 24);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
}

static unsigned looked;
static uint32_t (*real_get)(enum irqc_bit, unsigned, unsigned);

static uint32_t get_disarmed(enum irqc_bit what, unsigned cpu, unsigned word)
{
    if (what == IRQC_ACTIVE) {
        looked++;
        assert_false(is_armed(a, SPI) || is_armed(a, FX_PTIMER));
    }
    return real_get(what, cpu, word);
}

/* The order is what counts: disarmed first, and only then is it asked what is active. */
static void it_is_disarmed_before_it_is_asked_what_is_active(void **state)
{
    (void)state;
    looked = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(changes); i++) {
        for (unsigned by = 0; by < 2U; by++) {
            (void)setup(NULL);
            assert_true(is_armed(a, SPI));
            struct vcpu *v = by == 0U ? a : b;

            real_get = arch_ops.irqc.get;
            arch_ops.irqc.get = get_disarmed;
            fx_as(v);
            fx_write(v, changes[i].at, changes[i].size, changes[i].val);
            arch_ops.irqc.get = real_get;
        }
    }
    assert_true(looked > 8U);
}

/* One list register: another's interrupt takes it over the long way, or it is given to a virtual one. */
static void whose_list_register_goes_is_not_armed(void **state)
{
    (void)state;
    fx_setup(1, 1);
    fx_start_all();
    a = fx_vcpu(0, 0);
    fx_as(a);
    fx_write(a, FX_GICD, 4, 3);
    sim_gic_guest_enable(a->cpu, 3);
    fx_write(a, SGIS(0) + 0x80U, 4, 0xffffffffU);
    fx_write(a, SGIS(0) + 0x100U, 4, 0xffffffffU);
    fx_write(a, FX_GICD + 0x84U, 4, 0xffffffffU);
    fx_write(a, FX_GICD + 0x104U, 4, SPI_BIT);
    tick();
    assert_true(is_armed(a, FX_PTIMER));
    once(); /* no room but where the timer's was: vgic_take */
    assert_false(is_armed(a, FX_PTIMER));
    tick();
    once();
    tick();
}

static void maintenance_and_kicks_disarm(void **state)
{
    (void)state;
    fx_as(a);
    vgic_maintenance(a);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
    (void)setup(NULL);
    fx_as(a);
    (void)virqc_pending(a);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
    (void)setup(NULL);
    fx_as(b);
    fx_send(b, 1ULL | 5ULL << 24);
    fx_send(b, 1ULL | 6ULL << 24); /* two that it never had before: the long way */
    assert_int_equal(acknowledged(a), 5);
    assert_false(is_armed(a, FX_PTIMER) || is_armed(a, SPI));
}

#define SGI  3U
#define SGI2 8U /* of another entry */

/* It comes to a and is ended. */
static void sent(uint32_t sgi)
{
    fx_as(b);
    fx_send(b, 1ULL | (uint64_t)sgi << 24);
    assert_int_equal(acknowledged(a), sgi);
    sim_gic_guest_eoi(a->cpu, sgi);
}

/* Armed on a's CPU, with whatever is there beside it. */
static int setup_sgis(void **state)
{
    (void)setup(state);
    for (unsigned n = 0; n < 2U; n++) {
        sent(SGI);
        sent(SGI2);
    }
    return 0;
}

static void an_sgi_that_comes_again_takes_no_lock_neither_here_nor_there(void **state)
{
    (void)state;
    assert_true(is_armed(a, SGI) && is_armed(a, SGI2));
    for (unsigned n = 0; n < 5U; n++) {
        uint32_t next = vgics[0].lock.next.v;

        sent(SGI);
        sent(SGI2);
        assert_int_equal(vgics[0].lock.next.v, next);
    }
    assert_int_equal(atomic32_load(&vgics[0].vcpu[0].w.pend), 0);
    assert_false(sim_gic_irq(a->cpu));
    tick();
    once();
    tick();
    once();
    assert_true(is_armed(a, SGI) && is_armed(a, SGI2) && is_armed(a, SPI) && is_armed(a, FX_PTIMER));
}

static void sgis_that_come_at_once_are_all_taken(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3U; n++) {
        fx_as(b);
        fx_send(b, 1ULL | (uint64_t)SGI2 << 24);
        fx_send(b, 1ULL | (uint64_t)SGI << 24);
        fx_send(b, 1ULL | (uint64_t)(SGI + 2U) << 24); /* never had before */
        uint32_t came = 0;
        for (unsigned k = 0; k < 3U; k++) { /* equally urgent: in any order (IHI 0069H 4.8) */
            uint32_t sgi = acknowledged(a);
            assert_true(sgi < 16U && (came >> sgi & 1U) == 0U);
            came |= 1U << sgi;
            sim_gic_guest_eoi(a->cpu, sgi);
        }
        assert_int_equal(came, 1U << SGI | 1U << SGI2 | 1U << (SGI + 2U));
        assert_int_equal(acknowledged(a), 1023);
    }
}

static void an_sgi_that_is_not_ended_is_not_overwritten(void **state)
{
    (void)state;
    fx_as(b);
    fx_send(b, 1ULL | (uint64_t)SGI << 24);
    assert_int_equal(acknowledged(a), SGI);
    fx_as(b);
    fx_send(b, 1ULL | (uint64_t)SGI << 24); /* while it is active */
    fx_as(a);
    assert_int_equal(acknowledged(a), 1023);
    sim_gic_guest_eoi(a->cpu, SGI);
    assert_int_equal(acknowledged(a), SGI);
    sim_gic_guest_eoi(a->cpu, SGI);
    assert_int_equal(acknowledged(a), 1023);
}

static unsigned told;

static void tell_nobody(unsigned cpu)
{
    assert_int_equal(cpu, a->cpu);
    told++;
}

static void who_has_been_told_is_not_told_again_until_it_has_looked(void **state)
{
    (void)state;
    void (*real)(unsigned) = arch_ops.virq.tell;

    for (unsigned n = 0; n < 2U; n++) {
        arch_ops.virq.tell = tell_nobody;
        told = 0;
        fx_as(b);
        for (unsigned k = 0; k < 3U; k++) {
            fx_send(b, 1ULL | (uint64_t)SGI << 24);
        }
        assert_int_equal(told, 1);
        arch_ops.virq.tell = real;
        arch_ops.virq.tell(a->cpu);
        assert_int_equal(acknowledged(a), SGI);
        sim_gic_guest_eoi(a->cpu, SGI);
        assert_int_equal(acknowledged(a), 1023); /* once: pending is pending */
    }
}

static void who_is_told_for_nothing_goes_on(void **state)
{
    (void)state;
    arch_ops.virq.tell(a->cpu);
    assert_int_equal(acknowledged(a), 1023);
    assert_true(is_armed(a, SGI));
    assert_int_equal(sim_gic_get(IRQC_ACTIVE, a->cpu, 0) & 0xffffU, 0);
}

/* What either vCPU writes about it is in force from the next one on; with the list register that has it now. */
static const struct {
    uint32_t at; /* in a's SGI frame */
    unsigned size;
    uint64_t val;
} sgi_changes[] = {
    {0x180, 4, 1U << SGI}, {0x80, 4, 0}, {0x400 + SGI, 1, 0x40}, {0x200, 4, 1U << SGI}, {0x280, 4, 1U << SGI}, {0x300, 4, 1U << SGI},
};

static jmp_buf waits;

static void wait_for_the_other(void)
{
    longjmp(waits, 1);
}

/* b's have what a has in hand recalled, which a would serve. */
static void write_or_wait(struct vcpu *v, uint64_t ipa, unsigned size, uint64_t val)
{
    arch_ops.cpu.relax = wait_for_the_other;
    fx_as(v);
    if (setjmp(waits) == 0) {
        fx_write(v, ipa, size, val);
    }
}

static void a_change_of_an_sgi_by_any_vcpu_disarms_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sgi_changes); i++) {
        for (unsigned by = 0; by < 2U; by++) {
            (void)setup_sgis(NULL);
            write_or_wait(by == 0U ? a : b, SGIS(0) + sgi_changes[i].at, sgi_changes[i].size, sgi_changes[i].val);
            assert_false(is_armed(a, SGI) || is_armed(a, SGI2));
        }
    }
    (void)setup_sgis(NULL);
    fx_as(a);
    fx_write(a, SGIS(0) + 0x180U, 4, 1U << SGI);
    fx_as(b);
    fx_send(b, 1ULL | (uint64_t)SGI << 24);
    assert_int_equal(acknowledged(a), 1023); /* disabled: it waits */
    fx_write(a, SGIS(0) + 0x100U, 4, 1U << SGI);
    assert_int_equal(acknowledged(a), SGI);
}

/* What holds an SGI back is taken away by another vCPU: it comes at once, and so does the next one. Nobody tells of a bit that is set. */
static void an_sgi_that_waited_for_anothers_write_comes(void **state)
{
    (void)state;
    fx_setup(1, 1);
    fx_enable_pair(SPI);
    a = fx_vcpu(0, 0);
    b = fx_vcpu(0, 1);
    fx_as(a);
    sim_gic_ppi(a->cpu, FX_PTIMER, true);
    assert_int_equal(acknowledged(a), FX_PTIMER); /* the only list register */
    sim_gic_ppi(a->cpu, FX_PTIMER, false);
    fx_write(a, SGIS(0) + 0x300U, 4, 1U << SGI); /* active, in none */
    fx_as(b);
    fx_send(b, 1ULL | (uint64_t)SGI << 24);
    assert_int_equal(acknowledged(a), 1023);
    fx_as(b);
    fx_write(b, SGIS(0) + 0x380U, 4, 1U << SGI);
    fx_as(a);
    fx_take_irqs(a);
    sim_gic_guest_eoi(a->cpu, FX_PTIMER);
    for (unsigned n = 0; n < 2U; n++) {
        assert_int_equal(acknowledged(a), SGI);
        sim_gic_guest_eoi(a->cpu, SGI);
        fx_as(b);
        fx_send(b, 1ULL | (uint64_t)SGI << 24);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_comes_again_is_armed_and_comes_as_before, setup),
        cmocka_unit_test_setup(what_is_not_ended_is_not_overwritten, setup),
        cmocka_unit_test_setup(any_change_by_any_vcpu_disarms, setup),
        cmocka_unit_test_setup(what_is_read_disarms_nothing, setup),
        cmocka_unit_test_setup(the_end_of_a_vcpu_and_of_the_vm_disarm, setup),
        cmocka_unit_test_setup(what_software_made_pending_is_not_armed, setup),
        cmocka_unit_test_setup(sgis_of_others_leave_it_armed, setup),
        cmocka_unit_test_setup(it_is_disarmed_before_it_is_asked_what_is_active, setup),
        cmocka_unit_test_setup(whose_list_register_goes_is_not_armed, setup),
        cmocka_unit_test_setup(maintenance_and_kicks_disarm, setup),
        cmocka_unit_test_setup(an_sgi_that_comes_again_takes_no_lock_neither_here_nor_there, setup_sgis),
        cmocka_unit_test_setup(sgis_that_come_at_once_are_all_taken, setup_sgis),
        cmocka_unit_test_setup(an_sgi_that_is_not_ended_is_not_overwritten, setup_sgis),
        cmocka_unit_test_setup(who_has_been_told_is_not_told_again_until_it_has_looked, setup_sgis),
        cmocka_unit_test_setup(who_is_told_for_nothing_goes_on, setup_sgis),
        cmocka_unit_test_setup(a_change_of_an_sgi_by_any_vcpu_disarms_it, setup_sgis),
        cmocka_unit_test(an_sgi_that_waited_for_anothers_write_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
