/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who answers for the virtual interrupt controller on a board, included by one test for each: it defines BOARD_IRQC,
 * and OURS as the name of the controller that is to be asked. Both controllers and the hart are stand-ins that note
 * what they are asked.
 */
#ifndef TESTS_UNIT_RISCV_VIRQC_CASES_H
#define TESTS_UNIT_RISCV_VIRQC_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "hv/board.h"
#include "ops_fixture.h"
#include "vdev/vaplic.h"
#include "vdev/vhart.h"
#include "vdev/virqc.h"
#include "vdev/vplic.h"

#define STANDIN __attribute__((weak))

const struct board board = {.name = "test", .isa = PLAN_ISA_RISCV, .irqc = BOARD_IRQC};

static char calls[256]; /* "name(arguments) " for each call */

#define NOTE(...) \
    (void)snprintf(calls + strlen(calls), sizeof(calls) - strlen(calls), __VA_ARGS__)

#define CONTROLLER(name)                                                                                        \
    STANDIN void name##_init_all(const struct plan *p) { NOTE(#name "_init_all(%d) ", p == rv_plan()); }              \
    STANDIN void name##_add_virtual(struct vm *vm, uint32_t i) { NOTE(#name "_add_virtual(%u,%u) ", vm->index, i); }  \
    STANDIN void name##_set_line(struct vm *vm, uint32_t i, bool l)                                                   \
    {                                                                                                                 \
        NOTE(#name "_set_line(%u,%u,%d) ", vm->index, i, l);                                                          \
    }                                                                                                                 \
    STANDIN void name##_vcpu_start(struct vcpu *v) { NOTE(#name "_vcpu_start(%u) ", v->index); }                      \
    STANDIN void name##_vcpu_stop(struct vcpu *v) { NOTE(#name "_vcpu_stop(%u) ", v->index); }                        \
    STANDIN void name##_vm_stop(struct vm *vm) { NOTE(#name "_vm_stop(%u) ", vm->index); }                            \
    STANDIN void name##_take(struct vcpu *v, uint32_t i, bool in) { NOTE(#name "_take(%u,%u,%d) ", v->index, i, in); } \
    STANDIN void name##_serve(struct vcpu *v, bool in) { NOTE(#name "_serve(%u,%d) ", v->index, in); }                \
    STANDIN bool name##_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort)                   \
    {                                                                                                                 \
        NOTE(#name "_mmio(%u,%lx) ", v->index, (unsigned long)a->ipa);                                                \
        *val = 7;                                                                                                     \
        *abort = true;                                                                                                \
        return a->write;                                                                                              \
    }                                                                                                                 \
    STANDIN bool name##_pending(struct vcpu *v)                                                                       \
    {                                                                                                                 \
        NOTE(#name "_pending(%u) ", v->index);                                                                        \
        return rv.vsie[0] != 0U;                                                                                      \
    }

CONTROLLER(vplic)
CONTROLLER(vaplic)
STANDIN unsigned vplic_capacity(void) { return 95; }
STANDIN void vplic_add_doorbell(struct vm *vm, uint32_t i) { NOTE("vplic_add_doorbell(%u,%u) ", vm->index, i); }
STANDIN void vplic_ring(struct vm *vm, uint32_t i) { NOTE("vplic_ring(%u,%u) ", vm->index, i); }
static bool armed; /* what the controllers can do at once */
static bool asked;
STANDIN bool vplic_asked(const struct vcpu *of) { NOTE("vplic_asked(%u) ", of->index); return asked; }
STANDIN bool vplic_take_armed(const struct vcpu *of, uint32_t i) { NOTE("vplic_take_armed(%u,%u) ", of->index, i); return armed; }
STANDIN bool vplic_claim_armed(const struct vcpu *of, uint64_t ipa, uint32_t *val)
{
    NOTE("vplic_claim_armed(%u,%lx) ", of->index, (unsigned long)ipa);
    *val = 5;
    return armed;
}
STANDIN bool vplic_complete_armed(const struct vcpu *of, uint64_t ipa, uint32_t val)
{
    NOTE("vplic_complete_armed(%u,%lx,%u) ", of->index, (unsigned long)ipa, val);
    return armed;
}
STANDIN bool vaplic_end_armed(const struct vcpu *of, uint64_t ipa, uint32_t val)
{
    NOTE("vaplic_end_armed(%u,%lx,%u) ", of->index, (unsigned long)ipa, val);
    return armed;
}
static void no_start(void) {}
static void no_events(bool received, bool room) { (void)received; (void)room; }
STANDIN void vhart_init_all(void) { NOTE("vhart_init_all(%u) ", nr_vms); }
STANDIN void vhart_reset(struct vcpu *v) { NOTE("vhart_reset(%u) ", v->index); }
STANDIN void vhart_serve(struct vcpu *v) { NOTE("vhart_serve(%u) ", v->index); }
STANDIN void vhart_timer_came(struct vcpu *v) { NOTE("vhart_timer_came(%u,%u) ", v->index, rv.completed[0]); }

static struct vm *vm;
static struct vcpu *v;

static int setup(void **state)
{
    (void)state;
    rv_reset();
    rv.guest_files = 3;
    vm = rv_add_vm(2, 0);
    v = &vm->vcpus[1];
    calls[0] = '\0';
    armed = false;
    asked = false;
    arch_ops.console.start = no_start;
    arch_ops.console.events = no_events;
    console_start(7);
    atomic32_store(&v->request, 0);
    return 0;
}

static void each_question_goes_to_the_boards_controller(void **state)
{
    (void)state;
    virqc_init_all(rv_plan());
    virqc_add_virtual(vm, 42);
    virqc_set_line(vm, 42, true);
    virqc_vm_stop(vm);
    virqc_take(v, 35, true);
    virqc_take(v, RISCV_INTID_TIMER, false);
    assert_string_equal(calls, "vhart_init_all(1) " OURS "_init_all(1) " OURS "_add_virtual(0,42) " OURS "_set_line(0,42,1) " OURS
                               "_vm_stop(0) " OURS "_take(1,35,1) " OURS "_take(1,5,0) ");
}

/* A source of an APLIC is made pending at the physical one, without its VM's virtual one. */
static void a_doorbell_is_rung_as_the_controller_can(void **state)
{
    (void)state;
    assert_true(virqc_add_doorbell(vm, 75));
    if (BOARD_IRQC == PLAN_IRQC_AIA) { /* tried, and as it was */
        assert_int_equal(rv.pending[2], 0);
        assert_int_equal(rv.mode[75], APLIC_INACTIVE);
    }
    virqc_ring(vm, 75);
    if (BOARD_IRQC == PLAN_IRQC_AIA) {
        assert_string_equal(calls, "");
        assert_int_equal(rv.pending[2], 1U << 11);
    } else {
        assert_string_equal(calls, "vplic_add_doorbell(0,75) vplic_ring(0,75) ");
        assert_int_equal(rv.pending[2], 0);
    }
}

static void a_vcpu_starts_and_stops_with_no_interrupt_of_its_own(void **state)
{
    (void)state;
    virqc_vcpu_start(v);
    virqc_vcpu_stop(v);
    assert_string_equal(calls, "vhart_reset(1) " OURS "_vcpu_start(1) " OURS "_vcpu_stop(1) vhart_reset(1) ");
}

static void the_guests_timer_is_the_harts_and_is_ended_first(void **state)
{
    (void)state;
    virqc_take(v, RISCV_INTID_GUEST_TIMER, true);
    assert_string_equal(calls, "vhart_timer_came(1,64) ");
}

static void what_siblings_sent_is_served_in_the_guest_alone(void **state)
{
    (void)state;
    virqc_serve(v, true);
    virqc_serve(v, false);
    assert_string_equal(calls, "vhart_serve(1) " OURS "_serve(1,1) " OURS "_serve(1,0) ");
}

static void an_access_is_answered_as_the_controller_says(void **state)
{
    struct exit_mmio a = {.ipa = 0xc000, .size = 4, .write = true};
    uint64_t val = 0;
    bool abort = false;
    (void)state;
    assert_true(virqc_mmio(v, &a, &val, &abort));
    assert_true(abort);
    assert_int_equal(val, 7);
    a.write = false;
    assert_false(virqc_mmio(v, &a, &val, &abort));
    assert_string_equal(calls, OURS "_mmio(1,c000) " OURS "_mmio(1,c000) ");
}

static void what_the_controller_can_do_at_once_is_done_at_once(void **state)
{
    bool plic = BOARD_IRQC == PLAN_IRQC_PLIC;
    uint32_t val = 0;
    (void)state;
    for (unsigned i = 0; i < 2U; i++) {
        armed = i == 1U;
        calls[0] = '\0';
        assert_int_equal(virqc_take_armed(v, 35), plic && armed);
        assert_int_equal(virqc_read_armed(v, 0xc004, &val), plic && armed); /* no register of an APLIC is read at each interrupt */
        assert_int_equal(virqc_write_armed(v, 0xc004, 3), armed);
        assert_string_equal(calls, plic ? "vplic_take_armed(1,35) vplic_claim_armed(1,c004) vplic_complete_armed(1,c004,3) "
                                        : "vaplic_end_armed(1,c004,3) ");
    }
    assert_int_equal(val, plic ? 5 : 0);
}

static void an_ipi_of_the_guests_is_served_at_once(void **state)
{
    (void)state;
    atomic32_store(&v->request, VCPU_REQ_VIRQ);
    assert_true(virqc_take_armed(v, HV_IPI_INTID));
    assert_int_equal(atomic32_load(&v->request), 0);
    assert_string_equal(calls, BOARD_IRQC == PLAN_IRQC_PLIC ? "vhart_serve(1) vplic_asked(1) " : "vhart_serve(1) ");
    atomic32_store(&v->request, VCPU_REQ_VIRQ);
    calls[0] = '\0';
    asked = true; /* a PLIC's line may have to change */
    assert_true(virqc_take_armed(v, HV_IPI_INTID));
    assert_int_equal(atomic32_load(&v->request), 0);
    assert_string_equal(calls, BOARD_IRQC == PLAN_IRQC_PLIC ? "vhart_serve(1) vplic_asked(1) vplic_serve(1,1) " : "vhart_serve(1) ");
}

static void an_ipi_that_asks_for_more_keeps_its_request(void **state)
{
    static const uint32_t requests[] = {0, VCPU_REQ_STOP, VCPU_REQ_KEYS, VCPU_REQ_VIRQ | VCPU_REQ_STOP, VCPU_REQ_VIRQ | VCPU_REQ_KEYS};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
        atomic32_store(&v->request, requests[i]);
        assert_false(virqc_take_armed(v, HV_IPI_INTID));
        assert_int_equal(atomic32_load(&v->request), requests[i]);
    }
    atomic32_store(&v->request, VCPU_REQ_VIRQ);
    console_start(v->cpu); /* it may be of the console's */
    assert_false(virqc_take_armed(v, HV_IPI_INTID));
    console_start(7);
    assert_string_equal(calls, "");
}

static void before_a_standby_what_siblings_sent_is_served(void **state)
{
    (void)state;
    assert_false(virqc_pending(v));
    rv.vsie[0] = 1;
    assert_true(virqc_pending(v));
    assert_string_equal(calls, "vhart_serve(1) " OURS "_pending(1) vhart_serve(1) " OURS "_pending(1) ");
}

static void the_log_tells_what_carries_interrupts(void **state)
{
    const char *words = "";
    (void)state;
    assert_int_equal(virqc_capacity(&words), CAPACITY);
    assert_string_equal(words, CARRIERS);
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_question_goes_to_the_boards_controller),
        CASE(a_doorbell_is_rung_as_the_controller_can),
        CASE(a_vcpu_starts_and_stops_with_no_interrupt_of_its_own),
        CASE(the_guests_timer_is_the_harts_and_is_ended_first),
        CASE(what_siblings_sent_is_served_in_the_guest_alone),
        CASE(an_access_is_answered_as_the_controller_says),
        CASE(what_the_controller_can_do_at_once_is_done_at_once),
        CASE(an_ipi_of_the_guests_is_served_at_once),
        CASE(an_ipi_that_asks_for_more_keeps_its_request),
        CASE(before_a_standby_what_siblings_sent_is_served),
        CASE(the_log_tells_what_carries_interrupts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
