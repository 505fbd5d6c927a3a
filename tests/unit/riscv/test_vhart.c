/* SPDX-License-Identifier: Apache-2.0 */
/* A hart's software and timer interrupts: with Sstc and without, and in the moments between a sibling's doing and its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"
#include "seeds.h"
#include "vdev/vhart.h"

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(3, 3, false);
    sbi_start(hart(0));
    sbi_start(hart(1));
    sbi_start(&sbi_other->vcpus[0]);
    sbi_start(&sbi_other->vcpus[1]);
    return 0;
}

static int setup_without_sstc(void **state)
{
    (void)setup(state);
    rv.sstc = false;
    return 0;
}

static bool pends(const struct vcpu *v, uint64_t bit)
{
    return (rv.hvip[v->cpu] & bit) != 0;
}

/* An IPI of the hypervisor arrives at a CPU that is in its guest. */
static void arrive(struct vcpu *v)
{
    rv.cpu = v->cpu;
    if ((vcpu_take_requests(v) & VCPU_REQ_VIRQ) != 0) {
        vhart_serve(v);
    }
}

static void ipi(struct vcpu *from, uint32_t harts)
{
    rv.cpu = from->cpu;
    vhart_send_ipi(from, harts);
}

static void with_sstc_set_timer_writes_the_comparator_and_nothing_else(void **state)
{
    (void)state;
    rv.now = 1000;
    assert_answer(sbi_call(hart(0), 0x54494d45, 0, SBI_ARGS(2000)), 0, 0);
    assert_int_equal(rv.guest_timer[hart(0)->cpu], 2000);
    assert_answer(sbi_call(hart(0), 0x54494d45, 0, SBI_ARGS(1)), 0, 0);
    assert_int_equal(rv.guest_timer[hart(0)->cpu], 1);
    assert_int_equal(rv.hvip[hart(0)->cpu], 0);
    rv.cpu = hart(0)->cpu;
    vhart_timer_came(hart(0)); /* nobody's: the comparator is the guest's */
    assert_int_equal(rv.guest_timer[hart(0)->cpu], 1);
    assert_int_equal(rv.hvip[hart(0)->cpu], 0);
}

static void without_sstc_the_timer_pends_once_its_time_has_come(void **state)
{
    (void)state;
    struct vcpu *v = hart(0);
    rv.now = 1000;
    assert_answer(sbi_call(v, 0x54494d45, 0, SBI_ARGS(2000)), 0, 0);
    assert_int_equal(rv.guest_timer[v->cpu], 2000);
    assert_false(pends(v, HVIP_VSTIP));
    rv.now = 2000;
    vhart_timer_came(v);
    assert_true(pends(v, HVIP_VSTIP));
    assert_answer(sbi_call(v, 0x54494d45, 0, SBI_ARGS(2001)), 0, 0);
    assert_false(pends(v, HVIP_VSTIP)); /* the call takes it back */
    assert_answer(sbi_call(v, 0x54494d45, 0, SBI_ARGS(2000)), 0, 0);
    assert_true(pends(v, HVIP_VSTIP)); /* not in the future: at once */
    assert_answer(sbi_call(v, 0x54494d45, 0, SBI_ARGS(~0ULL)), 0, 0);
    assert_false(pends(v, HVIP_VSTIP));
    assert_int_equal(rv.guest_timer[v->cpu], ~0ULL);
}

static uint64_t rnd;
static uint64_t failed; /* the seed under way; 0: none */

static uint64_t random64(void)
{
    rnd ^= rnd << 13;
    rnd ^= rnd >> 7;
    rnd ^= rnd << 17;
    return rnd;
}

static int tell_seed(void **state)
{
    (void)state;
    if (failed != 0) {
        print_error("VHART_SEED=%lu\n", (unsigned long)failed);
        failed = 0;
    }
    return 0;
}

/* The timer as SBI has it: pending from the time on that was asked for last. Interrupts come late, or for a time that has been
 * replaced; once all that are due have come, the two agree, and before that none pends too early. */
static void without_sstc_no_sequence_of_times_loses_the_timer_or_brings_it_early(void **state)
{
    (void)state;
    struct seeds s = seeds_of("VHART", 20);
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        struct vcpu *v = hart(0);
        uint64_t asked = ~0ULL;
        failed = seed;
        rnd = seed * 0x9e3779b97f4a7c15ULL;
        setup_without_sstc(NULL);
        for (unsigned i = 0; i < 2000; i++) {
            rv.now += random64() % 8;
            rv.cpu = v->cpu;
            switch (random64() % 4) {
            case 0:
                asked = random64() % 8 == 0 ? ~0ULL : rv.now + random64() % 32 - 8;
                (void)sbi_call(v, random64() % 2 ? 0x54494d45 : 0, 0, SBI_ARGS(asked));
                break;
            case 1:
                rv.guest_timer[v->cpu] = ~0ULL; /* it arrives once */
                vhart_timer_came(v);            /* of an earlier time, or due */
                break;
            default:
                break;
            }
            assert_false(pends(v, HVIP_VSTIP) && rv.now < asked);
            if (rv.guest_timer[v->cpu] <= rv.now && !pends(v, HVIP_VSTIP)) {
                vhart_timer_came(v);
            }
            assert_int_equal(pends(v, HVIP_VSTIP), rv.now >= asked);
        }
    }
    failed = 0;
}

static void an_ipi_pends_at_each_started_hart_of_the_set_alone(void **state)
{
    (void)state;
    ipi(hart(0), 0xfffffff6); /* 1, 2, and many that are not there */
    assert_int_equal(rv.ipis, 1U << hart(1)->cpu);
    assert_false(pends(hart(1), HVIP_VSSIP)); /* no CPU reaches into another's registers */
    arrive(hart(1));
    assert_true(pends(hart(1), HVIP_VSSIP));
    assert_false(pends(hart(0), HVIP_VSSIP));
    for (unsigned i = 0; i < 2; i++) {
        arrive(&sbi_other->vcpus[i]);
        assert_false(pends(&sbi_other->vcpus[i], HVIP_VSSIP));
    }
}

/* In the first life, and asked again for another reason. */
static void an_ipi_is_taken_once(void **state)
{
    (void)state;
    struct vcpu *v = hart(1);
    for (unsigned n = 0; n < 3U; n++) {
        ipi(hart(0), 2);
        arrive(v);
        assert_true(pends(v, HVIP_VSSIP));
        rv.hvip[v->cpu] = 0; /* the guest has seen it */
        vcpu_request(v, VCPU_REQ_VIRQ);
        arrive(v);
        assert_false(pends(v, HVIP_VSSIP));
    }
}

static void an_ipi_to_oneself_pends_at_once(void **state)
{
    (void)state;
    ipi(hart(1), 2);
    assert_true(pends(hart(1), HVIP_VSSIP));
    assert_int_equal(rv.ipis, 0);
}

static void an_ipi_that_comes_while_the_guest_clears_the_last_one_is_not_lost(void **state)
{
    (void)state;
    ipi(hart(0), 2);
    arrive(hart(1));
    ipi(hart(0), 2);
    rv.hvip[hart(1)->cpu] &= ~HVIP_VSSIP; /* csrc sip, without an exit */
    arrive(hart(1));
    assert_true(pends(hart(1), HVIP_VSSIP));
    rv.hvip[hart(1)->cpu] &= ~HVIP_VSSIP;
    arrive(hart(1));
    assert_false(pends(hart(1), HVIP_VSSIP)); /* and none comes twice */
}

static void clear_ipi_tells_what_it_took_back(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(1), 3, 9, SBI_ARGS(0, 5)), 0, 5);
    ipi(hart(0), 2);
    assert_answer(sbi_call(hart(1), 3, 9, SBI_ARGS(0, 5)), 1, 5); /* not even delivered */
    arrive(hart(1));
    assert_false(pends(hart(1), HVIP_VSSIP));
    ipi(hart(0), 2);
    arrive(hart(1));
    assert_answer(sbi_call(hart(1), 3, 9, SBI_ARGS(0, 5)), 1, 5);
    assert_false(pends(hart(1), HVIP_VSSIP));
    assert_answer(sbi_call(hart(1), 3, 9, SBI_ARGS(0, 5)), 0, 5);
}

static void a_hart_starts_with_no_interrupt_of_the_time_before(void **state)
{
    (void)state;
    struct vcpu *v = hart(1);
    rv.sstc = false;
    ipi(hart(0), 2); /* on its way when the hart stops */
    (void)sbi_call(v, 0x54494d45, 0, SBI_ARGS(0));
    (void)sbi_call(v, 0x48534d, 1, SBI_ARGS(0));
    ipi(hart(0), 2); /* stopped, still inside */
    assert_true(sbi_leave(v));
    assert_int_equal(rv.hvip[v->cpu], 0);
    assert_int_equal(rv.guest_timer[v->cpu], ~0ULL);
    ipi(hart(0), 2); /* stopped */
    (void)sbi_call(hart(0), 0x48534d, 0, SBI_ARGS(1, SBI_RAM, 0));
    ipi(hart(0), 2); /* start pending */
    rv.hvip[v->cpu] = HVIP_VSSIP | HVIP_VSTIP; /* whatever the CPU had */
    rv.guest_timer[v->cpu] = 0;
    sbi_start(v);
    assert_int_equal(rv.hvip[v->cpu], 0);
    assert_int_equal(rv.guest_timer[v->cpu], ~0ULL);
    arrive(v);
    vhart_timer_came(v);
    assert_int_equal(rv.hvip[v->cpu], 0);
}

/* What hart 1 does in the middle of its sibling's call: before the n-th atomic operation of it. */
static struct {
    void (*what)(void);
    unsigned before;
} meanwhile;

static void at_sync(void)
{
    if (meanwhile.before-- == 0) {
        unsigned cpu = rv.cpu;
        rv.at_sync = NULL;
        meanwhile.what();
        rv.cpu = cpu;
    }
}

/* The sibling's IPI, with something in the middle of it; false once the call has not so many operations. */
static bool ipi_and(void (*what)(void), unsigned before)
{
    meanwhile.what = what;
    meanwhile.before = before;
    rv.at_sync = at_sync;
    ipi(hart(0), 2);
    bool done = rv.at_sync == NULL;
    rv.at_sync = NULL;
    return done;
}

static void stop_and_leave(void)
{
    (void)sbi_call(hart(1), 0x48534d, 1, SBI_ARGS(0));
    assert_true(sbi_leave(hart(1)));
}

static void end_of_start(void)
{
    rv.cpu = hart(1)->cpu;
    (void)vcpu_take_requests(hart(1));
    vhart_reset(hart(1));
}

static void clear_and_serve(void)
{
    rv.hvip[hart(1)->cpu] &= ~HVIP_VSSIP; /* csrc sip, without an exit */
    arrive(hart(1));
}

static void an_ipi_to_a_hart_that_stops_meanwhile_does_not_reach_its_next_life(void **state)
{
    bool in_the_middle = true;
    for (unsigned n = 0; in_the_middle; n++) {
        (void)setup(state);
        in_the_middle = ipi_and(stop_and_leave, n);
        if (!in_the_middle) {
            assert_true(n > 3);
            stop_and_leave();
        }
        sbi_start(hart(1));
        arrive(hart(1));
        assert_false(pends(hart(1), HVIP_VSSIP));
        ipi(hart(0), 2);
        arrive(hart(1));
        assert_true(pends(hart(1), HVIP_VSSIP)); /* but what comes then does */
    }
}

/* Between becoming STARTED and its first instruction a hart takes requests, and then resets its interrupts. */
static void an_ipi_to_a_hart_that_has_just_become_started_is_not_lost(void **state)
{
    bool in_the_middle = true;
    for (unsigned n = 0; in_the_middle; n++) {
        (void)setup(state);
        stop_and_leave();
        (void)sbi_call(hart(0), 0x48534d, 0, SBI_ARGS(1, SBI_RAM, 0));
        assert_true(vcpu_take_start(hart(1)));
        in_the_middle = ipi_and(end_of_start, n);
        if (!in_the_middle) {
            end_of_start();
        }
        arrive(hart(1));
        assert_true(pends(hart(1), HVIP_VSSIP));
    }
}

static void an_ipi_sent_while_the_one_before_is_cleared_and_requests_are_served_is_not_lost(void **state)
{
    bool in_the_middle = true;
    for (unsigned n = 0; in_the_middle; n++) {
        (void)setup(state);
        ipi(hart(0), 2);
        arrive(hart(1));
        in_the_middle = ipi_and(clear_and_serve, n);
        arrive(hart(1));
        assert_true(pends(hart(1), HVIP_VSSIP));
    }
}

static void sending_takes_no_lock(void **state)
{
    (void)state;
    unsigned locks = rv.locks;
    ipi(hart(0), ~0U);
    assert_int_equal(rv.locks, locks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(with_sstc_set_timer_writes_the_comparator_and_nothing_else, setup),
        cmocka_unit_test_setup(without_sstc_the_timer_pends_once_its_time_has_come, setup_without_sstc),
        cmocka_unit_test_setup_teardown(without_sstc_no_sequence_of_times_loses_the_timer_or_brings_it_early,
                                        setup_without_sstc, tell_seed),
        cmocka_unit_test_setup(an_ipi_pends_at_each_started_hart_of_the_set_alone, setup),
        cmocka_unit_test_setup(an_ipi_is_taken_once, setup),
        cmocka_unit_test_setup(an_ipi_to_oneself_pends_at_once, setup),
        cmocka_unit_test_setup(an_ipi_that_comes_while_the_guest_clears_the_last_one_is_not_lost, setup),
        cmocka_unit_test_setup(clear_ipi_tells_what_it_took_back, setup),
        cmocka_unit_test_setup(a_hart_starts_with_no_interrupt_of_the_time_before, setup),
        cmocka_unit_test(an_ipi_to_a_hart_that_stops_meanwhile_does_not_reach_its_next_life),
        cmocka_unit_test(an_ipi_to_a_hart_that_has_just_become_started_is_not_lost),
        cmocka_unit_test(an_ipi_sent_while_the_one_before_is_cleared_and_requests_are_served_is_not_lost),
        cmocka_unit_test_setup(sending_takes_no_lock, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
