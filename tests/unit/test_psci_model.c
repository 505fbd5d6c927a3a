/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI power states against a model written from DEN 0022F 5.5 to 5.11 and 6.6: every sequence of calls up to
 * a depth, and every transition out of every state that can be reached at all, for two and three vCPUs. A
 * step is what happens without interruption: one exit of a vCPU to its end, or one turn of its waiting loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fw/psci.h"
#include "fw_fixture.h"

#define MAX_CPUS 3U

enum power { OFF, PENDING, ON };

/* The model: nothing but what the specification names, and that a VM ends when no vCPU is left. */
struct model {
    enum power power[MAX_CPUS];
    bool told[MAX_CPUS]; /* asked to stop */
    bool ending;
    bool ended;
    enum vm_end why;
};

static unsigned nr;
static struct model model;
static unsigned long steps;

/* Steps of vCPU n: 0 .. STEPS-1. */
enum {
    STEP_TURN,
    STEP_OFF,
    STEP_SYSTEM_OFF,
    STEP_SYSTEM_RESET,
    STEP_BAD_TARGET,
    STEP_BAD_ENTRY,
    STEP_ON,                        /* of vCPU 0, 1, 2 */
    STEP_INFO = STEP_ON + MAX_CPUS, /* about vCPU 0, 1, 2 */
    STEPS = STEP_INFO + MAX_CPUS
};

static void end_if_empty(void)
{
    bool any = false;
    for (unsigned i = 0; i < nr; i++) {
        any = any || model.power[i] != OFF;
    }
    if (!any && !model.ended) {
        model.ended = true;
        model.why = model.why == VM_END_NONE ? VM_END_OFF : model.why;
    }
}

static void model_system(enum vm_end why)
{
    model.ending = true;
    model.why = model.why == VM_END_NONE ? why : model.why;
    for (unsigned i = 0; i < nr; i++) {
        model.told[i] = true;
    }
}

/* The answer in X0, or 1 << 40 if there is none. */
#define NO_ANSWER (1LL << 40)
static int64_t model_call(unsigned n, unsigned step)
{
    switch (step) {
    case STEP_OFF:
        model.power[n] = OFF;
        return NO_ANSWER;
    case STEP_SYSTEM_OFF:
        model_system(VM_END_OFF);
        return NO_ANSWER;
    case STEP_SYSTEM_RESET:
        model_system(VM_END_RESET);
        return NO_ANSWER;
    case STEP_BAD_TARGET:
        return -2;
    case STEP_BAD_ENTRY:
        return -9;
    default:
        break;
    }
    if (step >= STEP_INFO) {
        static const int64_t info[] = {[ON] = 0, [OFF] = 1, [PENDING] = 2};
        return info[model.power[step - STEP_INFO]];
    }
    unsigned t = step - STEP_ON;
    if (model.power[t] == ON) {
        return -4;
    }
    if (model.power[t] == PENDING) {
        return -5;
    }
    if (model.ending) {
        return -3;
    }
    model.power[t] = PENDING;
    return 0;
}

static void model_step(unsigned n, unsigned step, int64_t *answer)
{
    *answer = NO_ANSWER;
    if (model.power[n] == ON) {
        if (step != STEP_TURN) {
            *answer = model_call(n, step);
        }
        if (model.told[n]) {
            model.told[n] = false;
            model.power[n] = OFF;
        }
    } else if (model.power[n] == PENDING) {
        model.power[n] = model.ending ? OFF : ON;
    }
    if (model.power[n] != ON) {
        end_if_empty();
    }
}

/* The same step by the hypervisor, as exit.c and run.c string it together. */
static int64_t real_step(unsigned n, unsigned step, bool *ended, enum vm_end *why)
{
    struct vcpu *v = &fw_vm->vcpus[n];
    int64_t answer = NO_ANSWER;
    bool out = true;
    if (atomic32_load(&v->state) == VCPU_ON) {
        static const uint32_t fid[] = {
            0, PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_CPU_ON64, PSCI_CPU_ON64};
        uint64_t t = step >= STEP_INFO ? step - STEP_INFO : step >= STEP_ON ? step - STEP_ON : 0;
        if (step != STEP_TURN) {
            uint32_t f = step >= STEP_INFO ? PSCI_AFFINITY_INFO64
                         : step >= STEP_ON ? PSCI_CPU_ON64
                                           : fid[step];
            enum exit_action a = fw_invoke(v, n == 1, 0, f, step == STEP_BAD_TARGET ? nr : t,
                                           step == STEP_BAD_ENTRY ? 0
                                           : step >= STEP_INFO    ? 0
                                                                  : FW_ENTRY,
                                           n);
            if (a == EXIT_ADVANCE_PC) {
                answer = (int64_t)v->regs.x[0];
            } else {
                assert_int_equal(a, EXIT_RESUME);
            }
        }
        out = vcpu_must_leave(v);
        if (out) {
            vcpu_left(v);
        }
    } else {
        out = !vcpu_take_start(v);
    }
    if (out) {
        *ended = vm_reap(fw_vm, why) || *ended;
    }
    return answer;
}

static void compare(bool ended, enum vm_end why)
{
    unsigned online = 0;
    for (unsigned i = 0; i < nr; i++) {
        assert_int_equal(atomic32_load(&fw_vm->vcpus[i].state), model.power[i]);
        assert_int_equal((atomic32_load(&fw_vm->vcpus[i].request) & VCPU_REQ_STOP) != 0, model.told[i]);
        online += model.power[i] != OFF;
    }
    assert_int_equal(fw_vm->online, online);
    assert_int_equal(ended, model.ended);
    if (ended) {
        assert_int_equal(why, model.why);
        assert_int_equal(atomic32_load(&fw_vm->state), VM_STOPPED);
    } else {
        assert_int_equal(atomic32_load(&fw_vm->state), model.ending ? VM_STOPPING : VM_RUNNING);
    }
}

static char seen[1 << 16];

static unsigned state_key(void)
{
    unsigned key = 0;
    for (unsigned i = 0; i < nr; i++) {
        key = (key * 6) + ((unsigned)model.power[i] * 2) + model.told[i];
    }
    return (((key * 2 + model.ending) * 2 + model.ended) * 4) + model.why;
}

/* Tries every step from here; deeper while depth lasts or, with depth 0, while states are new. */
static void explore(unsigned depth, bool exhaust, bool ended, enum vm_end why)
{
    struct model at = model;
    struct vm *saved = test_malloc(sizeof(*saved));
    memcpy(saved, fw_vm, sizeof(*saved));
    for (unsigned n = 0; n < nr; n++) {
        for (unsigned step = 0; step < STEPS; step++) {
            bool now_ended = ended;
            enum vm_end now_why = why;
            int64_t want;
            unsigned of = step >= STEP_INFO ? step - STEP_INFO : step >= STEP_ON ? step - STEP_ON : 0;
            if (of >= nr || (step != STEP_TURN && at.power[n] != ON)) {
                continue;
            }
            model_step(n, step, &want);
            int64_t got = real_step(n, step, &now_ended, &now_why);
            assert_int_equal(got, want);
            compare(now_ended, now_why);
            steps++;
            if (exhaust ? !seen[state_key()] : depth > 1) {
                seen[state_key()] = 1;
                explore(depth - 1, exhaust, now_ended, now_why);
            }
            model = at;
            memcpy(fw_vm, saved, sizeof(*saved));
        }
    }
    test_free(saved);
}

static void start(unsigned vcpus)
{
    nr = vcpus;
    steps = 0;
    memset(&model, 0, sizeof(model));
    memset(seen, 0, sizeof(seen));
    model.power[0] = ON;
    fw_reset(vcpus);
    fw_boot();
}

static void every_sequence_of_five_steps_of_two_vcpus_agrees_with_the_model(void **state)
{
    (void)state;
    start(2);
    explore(5, false, false, VM_END_NONE);
    assert_true(steps > 20000);
}

static void every_sequence_of_four_steps_of_three_vcpus_agrees_with_the_model(void **state)
{
    (void)state;
    start(3);
    explore(4, false, false, VM_END_NONE);
    assert_true(steps > 10000);
}

static void every_step_out_of_every_reachable_state_agrees_with_the_model(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= MAX_CPUS; n++) {
        start(n);
        explore(0, true, false, VM_END_NONE);
        unsigned states = 0;
        for (size_t i = 0; i < sizeof(seen); i++) {
            states += seen[i] != 0;
        }
        assert_true(states >= (1U << n)); /* each vCPU on or off at least */
        assert_true(seen[state_key()]);   /* and back at the start */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_five_steps_of_two_vcpus_agrees_with_the_model),
        cmocka_unit_test(every_sequence_of_four_steps_of_three_vcpus_agrees_with_the_model),
        cmocka_unit_test(every_step_out_of_every_reachable_state_agrees_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
