/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a doorbell is rung: what the sender stored is visible before its interrupt is, and a state before who is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "hv/channel_info.h"
#include "own_fixture.h"
#include "vdev/doorbell.h"

static struct {
    struct plan p;
    struct plan_channel channel;
} plan;
static _Alignas(64) uint8_t page[PAGE_SIZE];
static char calls[128];
static uint32_t pended;

static void note(const char *what)
{
    strcat(calls, what);
}

static void *map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    (void)pa;
    (void)size;
    (void)attr;
    return page;
}

static void clean(const void *p, uint64_t size)
{
    const struct channel_info *info = (const void *)page;

    assert_true((uintptr_t)p >= (uintptr_t)page && size <= PAGE_SIZE);
    note(CHANNEL_STATE(info->end[0].state) == CHANNEL_STATE_RUNNING ? "clean-runs " : "clean ");
}

static void fence(void)
{
    note("fence ");
}

static void set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    assert_int_equal(what, IRQC_PENDING);
    assert_int_equal(cpu, 0);
    pended = 32U * word + (uint32_t)__builtin_ctz(mask);
    note("pend ");
}

static uint64_t get_now(void)
{
    return 1000;
}

static uint32_t get_freq(void)
{
    return 1000;
}

static int setup(void **state)
{
    (void)state;
    own_fixture_vms();
    arch_ops.mmu.map = map;
    arch_ops.cache.clean = clean;
    arch_ops.cpu.fence = fence;
    arch_ops.irqc.set = set;
    arch_ops.timer.now = get_now;
    arch_ops.timer.freq = get_freq;
    plan.p.channels = (struct plan_table){(uint32_t)offsetof(__typeof__(plan), channel), 1};
    plan.channel = (struct plan_channel){.nr_ends = 2, .end = {{0, 40, 10, 1}, {1, 71, 10, 1}}};
    for (uint32_t i = 0; i < 2U; i++) {
        vms[i].index = i;
        vms[i].nr_vcpus = 1;
        vms[i].lives.restarts = 0;
    }
    assert_int_equal(channels_init(&plan.p), HV_OK);
    calls[0] = '\0';
    return 0;
}

static void a_ring_is_behind_what_its_sender_stored(void **state)
{
    (void)state;
    doorbell_vm_runs(&vms[1]);
    calls[0] = '\0';
    assert_int_equal(doorbell_ring(&vms[0], 0, 1), CHANNEL_RING);
    assert_string_equal(calls, "fence pend ");
    assert_int_equal(pended, 71);
    calls[0] = '\0';
    assert_int_equal(doorbell_ring(&vms[0], 0, 1), CHANNEL_BUSY);
    assert_int_equal(doorbell_ring(&vms[0], 1, 1), CHANNEL_NONE);
    assert_string_equal(calls, "");
}

static void peers_are_told_behind_the_state(void **state)
{
    (void)state;
    doorbell_vm_runs(&vms[1]); /* its peer does not run yet */
    assert_string_equal(calls, "clean fence ");
    calls[0] = '\0';
    doorbell_vm_runs(&vms[0]);
    assert_string_equal(calls, "clean-runs fence pend ");
    assert_int_equal(pended, 71);
    calls[0] = '\0';
    doorbell_vm_stopped(&vms[0]);
    assert_string_equal(calls, "clean fence pend ");
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_ring_is_behind_what_its_sender_stored),
        CASE(peers_are_told_behind_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
