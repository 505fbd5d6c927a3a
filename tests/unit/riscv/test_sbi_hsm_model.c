/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hart states against a model written from SBI 2.0 chapters 9 and 10: every sequence of calls up to a depth, and every
 * transition out of every state that can be reached at all, for one, two and three harts. A step is what happens without
 * interruption: one exit of a hart to its end, or one turn of its waiting loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"

#define MAX_HARTS 3U

/* Numbered as hart_get_status does. */
enum hart_state { STARTED = 0, STOPPED = 1, START_PENDING = 2 };

/* The model: nothing but what the specification names, and that a VM ends when no hart is left. */
struct model {
    enum hart_state hart[MAX_HARTS];
    bool told[MAX_HARTS]; /* asked to leave */
    uint64_t opaque[MAX_HARTS];
    bool ending;
    bool ended;
    enum vm_end why;
};

static unsigned nr;
static struct model model;
static unsigned long steps;

/* Steps of hart n: 0 .. STEPS - 1. */
enum {
    STEP_TURN,
    STEP_STOP,
    STEP_SUSPEND,
    STEP_SHUTDOWN,
    STEP_COLD,
    STEP_WARM,
    STEP_LEGACY_SHUTDOWN,
    STEP_BAD_HART,
    STEP_BAD_ADDRESS,
    STEP_START,                            /* of hart 0, 1, 2 */
    STEP_STATUS = STEP_START + MAX_HARTS,  /* of hart 0, 1, 2 */
    STEPS = STEP_STATUS + MAX_HARTS
};

struct want {
    bool answer;
    int64_t error;
    uint64_t value;
};

static void end_if_empty(void)
{
    bool any = false;
    for (unsigned i = 0; i < nr; i++) {
        any = any || model.hart[i] != STOPPED;
    }
    if (!any && !model.ended) {
        model.ended = true;
        model.why = model.why == VM_END_NONE ? VM_END_OFF : model.why;
    }
}

static struct want model_reset(enum vm_end why)
{
    model.ending = true;
    model.why = model.why == VM_END_NONE ? why : model.why;
    for (unsigned i = 0; i < nr; i++) {
        model.told[i] = true;
    }
    return (struct want){.answer = false};
}

static struct want model_start(unsigned n, unsigned t)
{
    if (model.hart[t] != STOPPED) {
        return (struct want){true, -6, 0}; /* ALREADY_AVAILABLE */
    }
    if (model.ending) {
        return (struct want){true, -1, 0}; /* FAILED */
    }
    model.hart[t] = START_PENDING;
    model.opaque[t] = 0xabcd000ULL + n;
    return (struct want){true, 0, 0};
}

static struct want model_call(unsigned n, unsigned step)
{
    switch (step) {
    case STEP_STOP:
        model.hart[n] = STOPPED;
        return (struct want){.answer = false};
    case STEP_SUSPEND:
        return (struct want){true, 0, 0};
    case STEP_SHUTDOWN:
    case STEP_LEGACY_SHUTDOWN:
        return model_reset(VM_END_OFF);
    case STEP_COLD:
    case STEP_WARM:
        return model_reset(VM_END_RESET);
    case STEP_BAD_HART:
        return (struct want){true, -3, 0};
    case STEP_BAD_ADDRESS:
        return (struct want){true, -5, 0};
    default:
        break;
    }
    if (step >= STEP_STATUS) {
        return (struct want){true, 0, model.hart[step - STEP_STATUS]};
    }
    return model_start(n, step - STEP_START);
}

static struct want model_step(unsigned n, unsigned step)
{
    struct want w = {.answer = false};
    if (model.hart[n] == STARTED) {
        if (step != STEP_TURN) {
            w = model_call(n, step);
        }
        if (model.told[n]) {
            model.told[n] = false;
            model.hart[n] = STOPPED;
        }
    } else if (model.hart[n] == START_PENDING) {
        model.hart[n] = model.ending ? STOPPED : STARTED;
    }
    if (model.hart[n] != STARTED) {
        end_if_empty();
    }
    return w;
}

static struct sbi_answer real_call(struct vcpu *v, unsigned step)
{
    switch (step) {
    case STEP_STOP:
        return sbi_call(v, 0x48534d, 1, SBI_ARGS(0));
    case STEP_SUSPEND:
        return sbi_call(v, 0x48534d, 3, SBI_ARGS(0, 0, 0));
    case STEP_SHUTDOWN:
    case STEP_COLD:
    case STEP_WARM:
        return sbi_call(v, 0x53525354, 0, SBI_ARGS(step - STEP_SHUTDOWN, 0));
    case STEP_LEGACY_SHUTDOWN:
        return sbi_call(v, 8, 1, SBI_ARGS(1));
    case STEP_BAD_HART:
        return sbi_call(v, 0x48534d, 0, SBI_ARGS(nr, SBI_RAM, 0));
    case STEP_BAD_ADDRESS:
        return sbi_call(v, 0x48534d, 0, SBI_ARGS(nr - 1, SBI_THEIRS, 0));
    default:
        break;
    }
    if (step >= STEP_STATUS) {
        return sbi_call(v, 0x48534d, 2, SBI_ARGS(step - STEP_STATUS));
    }
    return sbi_call(v, 0x48534d, 0, SBI_ARGS(step - STEP_START, SBI_RAM + 2, 0xabcd000ULL + v->index));
}

/* The same step by the hypervisor, as exit.c and run.c string it together. */
static struct sbi_answer real_step(unsigned n, unsigned step, bool *ended, enum vm_end *why)
{
    struct vcpu *v = &sbi_vm->vcpus[n];
    struct sbi_answer a = {.back = false};
    bool out = true;
    if (atomic32_load(&v->state) == VCPU_ON) {
        if (step != STEP_TURN) {
            a = real_call(v, step);
        }
        out = vcpu_must_leave(v);
        if (out) {
            vcpu_left(v);
        }
    } else {
        out = !vcpu_take_start(v);
        if (!out) {
            assert_int_equal(v->regs.pc, SBI_RAM + 2);
            assert_int_equal(v->regs.x[10], n);
            assert_int_equal(v->regs.x[11], model.opaque[n]);
        }
    }
    if (out) {
        *ended = vm_reap(sbi_vm, why) || *ended;
    }
    return a;
}

static void compare(bool ended, enum vm_end why)
{
    static const enum vcpu_state is[] = {[STARTED] = VCPU_ON, [STOPPED] = VCPU_OFF, [START_PENDING] = VCPU_ON_PENDING};
    unsigned online = 0;
    for (unsigned i = 0; i < nr; i++) {
        assert_int_equal(atomic32_load(&sbi_vm->vcpus[i].state), is[model.hart[i]]);
        assert_int_equal((atomic32_load(&sbi_vm->vcpus[i].request) & VCPU_REQ_STOP) != 0, model.told[i]);
        online += model.hart[i] != STOPPED;
    }
    assert_int_equal(sbi_vm->online, online);
    assert_int_equal(ended, model.ended);
    if (ended) {
        assert_int_equal(why, model.why);
        assert_int_equal(atomic32_load(&sbi_vm->state), VM_STOPPED);
    } else {
        assert_int_equal(atomic32_load(&sbi_vm->state), model.ending ? VM_STOPPING : VM_RUNNING);
    }
}

static char seen[1 << 16];

static unsigned state_key(void)
{
    unsigned key = 0;
    for (unsigned i = 0; i < nr; i++) {
        key = (key * 6) + ((unsigned)model.hart[i] * 2) + model.told[i];
    }
    return (((key * 2 + model.ending) * 2 + model.ended) * 4) + model.why;
}

/* Tries every step from here; deeper while depth lasts or, to exhaust, while states are new. */
static void explore(unsigned depth, bool exhaust, bool ended, enum vm_end why)
{
    struct model at = model;
    struct vm *saved = test_malloc(sizeof(*saved));
    memcpy(saved, sbi_vm, sizeof(*saved));
    for (unsigned n = 0; n < nr; n++) {
        for (unsigned step = 0; step < STEPS; step++) {
            bool now_ended = ended;
            enum vm_end now_why = why;
            unsigned of = step >= STEP_STATUS ? step - STEP_STATUS : step >= STEP_START ? step - STEP_START : 0;
            if (of >= nr || (step != STEP_TURN && at.hart[n] != STARTED)) {
                continue;
            }
            struct want w = model_step(n, step);
            struct sbi_answer a = real_step(n, step, &now_ended, &now_why);
            assert_int_equal(a.back, w.answer);
            if (w.answer) {
                assert_int_equal(a.error, w.error);
                assert_int_equal(a.value, w.value);
            }
            compare(now_ended, now_why);
            steps++;
            if (exhaust ? !seen[state_key()] : depth > 1) {
                seen[state_key()] = 1;
                explore(depth - 1, exhaust, now_ended, now_why);
            }
            model = at;
            memcpy(sbi_vm, saved, sizeof(*saved));
        }
    }
    test_free(saved);
}

static void start(unsigned harts)
{
    nr = harts;
    steps = 0;
    memset(&model, 0, sizeof(model));
    memset(seen, 0, sizeof(seen));
    for (unsigned i = 1; i < nr; i++) {
        model.hart[i] = STOPPED;
    }
    sbi_reset(harts, 2, false);
    sbi_start(&sbi_vm->vcpus[0]);
    sbi_start(&sbi_other->vcpus[0]);
}

static void every_sequence_of_four_steps_of_two_harts_agrees_with_the_model(void **state)
{
    (void)state;
    start(2);
    explore(4, false, false, VM_END_NONE);
    assert_true(steps > 10000);
}

static void every_sequence_of_four_steps_of_three_harts_agrees_with_the_model(void **state)
{
    (void)state;
    start(3);
    explore(4, false, false, VM_END_NONE);
    assert_true(steps > 20000);
}

/* Powers of two harts: every state of every hart is reached, in life and while the VM ends. */
static void every_step_out_of_every_reachable_state_agrees_with_the_model(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= MAX_HARTS; n++) {
        start(n);
        explore(0, true, false, VM_END_NONE);
        unsigned states = 0;
        for (size_t i = 0; i < sizeof(seen); i++) {
            states += seen[i] != 0;
        }
        assert_true(states >= (n == 1 ? 3U : n == 2 ? 9U : 27U)); /* started, stopped or pending each, at least */
        assert_true(seen[state_key()]);                           /* and back at the start */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_four_steps_of_two_harts_agrees_with_the_model),
        cmocka_unit_test(every_sequence_of_four_steps_of_three_harts_agrees_with_the_model),
        cmocka_unit_test(every_step_out_of_every_reachable_state_agrees_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
