/* SPDX-License-Identifier: Apache-2.0 */
/* Channels as the hypervisor keeps them: who may ring whom, and how often to the tick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/channel.h"
#include "hv/arch_ops.h"
#include "hv/channel_info.h"
#include "own_fixture.h"

#define FREQ 1000000U

static struct {
    struct plan p;
    struct plan_channel channel[3];
} plan;
static _Alignas(64) uint8_t pages[3][PAGE_SIZE];
static uint64_t now;
static unsigned maps, cleans;

static void *map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    assert_true(size == PAGE_SIZE && attr == MAP_PAGE);
    maps++;
    return pa.v / PAGE_SIZE < 3U ? pages[pa.v / PAGE_SIZE] : NULL;
}

static void clean(const void *p, uint64_t size)
{
    (void)p;
    (void)size;
    cleans++;
}

static uint64_t get_now(void)
{
    return now;
}

static uint32_t get_freq(void)
{
    return FREQ;
}

/* Channel 0: VMs 0 and 1, of which 0 may make 10 rings per second, 3 at once; channel 1: VMs 1, 2 and 0, of which 1 has no doorbell and
 * 2 makes none; channel 2 has no page that can be mapped. */
static int setup(void **state)
{
    (void)state;
    own_fixture_vms();
    arch_ops.mmu.map = map;
    arch_ops.cache.clean = clean;
    arch_ops.timer.now = get_now;
    arch_ops.timer.freq = get_freq;
    memset(&plan, 0, sizeof(plan));
    memset(pages, 0x55, sizeof(pages));
    plan.p.channels = (struct plan_table){(uint32_t)offsetof(__typeof__(plan), channel), 2};
    plan.channel[0] = (struct plan_channel){.nr_ends = 2, .end = {{0, 40, 10, 3}, {1, 41, 7, 1}}};
    plan.channel[1] = (struct plan_channel){.info_pa = PAGE_SIZE, .nr_ends = 3,
                                            .end = {{1, 0, PLAN_MAX_RATE, PLAN_MAX_BURST}, {2, 43, 0, 0}, {0, 44, 1, 1}}};
    plan.channel[2] = (struct plan_channel){.info_pa = 3 * PAGE_SIZE, .nr_ends = 2, .end = {{0, 0, 0, 0}, {1, 0, 0, 0}}};
    for (uint32_t i = 0; i < 4U; i++) {
        vms[i].index = i;
        vms[i].nr_vcpus = 1;
        vms[i].lives.restarts = 0;
    }
    now = 1000000000;
    maps = cleans = 0;
    assert_int_equal(channels_init(&plan.p), HV_OK);
    return 0;
}

static enum channel_ring ring(unsigned vm, uint64_t channel, uint64_t end)
{
    const struct channel_end *to = NULL;
    enum channel_ring r = channel_ring(&vms[vm], channel, end, &to);

    assert_true(r != CHANNEL_RING || to == channel_nth((uint32_t)channel, (uint32_t)end));
    return r;
}

static const struct channel_info *page(unsigned n)
{
    return (const void *)pages[n];
}

static void at_boot_nobody_has_started_whatever_the_page_says(void **state)
{
    (void)state;
    assert_int_equal(maps, 2);
    assert_int_equal(cleans, 2);
    for (unsigned i = 0; i < 2U; i++) {
        assert_int_equal(page(0)->end[i].state, CHANNEL_STATE_ABSENT);
        assert_int_equal(page(0)->end[i].name[0], 0x55); /* what hvplan wrote stays */
    }
    assert_int_equal(page(1)->end[2].state, CHANNEL_STATE_ABSENT);
    assert_int_equal(page(0)->end[2].state, 0x55555555);
}

static void a_page_that_cannot_be_mapped_stops_the_boot(void **state)
{
    (void)state;
    plan.p.channels.count = 3;
    assert_int_equal(channels_init(&plan.p), HV_ERR_NOMEM);
}

static void a_vms_state_stands_in_all_its_pages_and_no_others(void **state)
{
    (void)state;
    channels_vm_runs(&vms[0]);
    assert_int_equal(page(0)->end[0].state, 1U << 2 | CHANNEL_STATE_RUNNING);
    assert_int_equal(page(1)->end[2].state, 1U << 2 | CHANNEL_STATE_RUNNING);
    assert_int_equal(page(0)->end[1].state, CHANNEL_STATE_ABSENT);
    assert_int_equal(cleans, 4);
    channels_vm_stopped(&vms[0]);
    assert_int_equal(page(0)->end[0].state, 1U << 2 | CHANNEL_STATE_STOPPED);
    vms[0].lives.restarts = 1;
    channels_vm_runs(&vms[0]);
    assert_int_equal(page(1)->end[2].state, 2U << 2 | CHANNEL_STATE_RUNNING);
    vms[0].lives.restarts = UINT32_MAX >> 2; /* the 2^30th life: generations are counted modulo that */
    channels_vm_runs(&vms[0]);
    assert_int_equal(page(0)->end[0].state, CHANNEL_STATE_RUNNING);
    channels_vm_runs(&vms[3]); /* in no channel */
    assert_int_equal(cleans, 10);
}

/* Channel 1 is direct: who may ring there has to know where to. */
static void where_a_direct_doorbell_goes_stands_in_its_page_alone(void **state)
{
    (void)state;
    assert_int_equal(page(1)->direct[2].target, 0x55555555);
    plan.channel[1].flags = PLAN_CHANNEL_DIRECT;
    plan.channel[1].files_ipa[0] = PAGE_SIZE;
    assert_int_equal(channels_init(&plan.p), HV_OK);
    assert_int_equal(page(1)->direct[2].target, 0);
    cleans = 0;
    channel_moved(&vms[0], 44, 2, 1023);
    assert_int_equal(page(1)->direct[2].target, 2U << 16 | 1023U);
    assert_int_equal(CHANNEL_TARGET_FILE(page(1)->direct[2].target), 2);
    assert_int_equal(CHANNEL_TARGET_ID(page(1)->direct[2].target), 1023);
    assert_int_equal(page(1)->direct[2].offset, 0x5555555555555555); /* what hvplan wrote stays */
    assert_int_equal(cleans, 1);
    channel_moved(&vms[0], 40, 1, 7); /* a doorbell of a channel that is not direct */
    channel_moved(&vms[0], 43, 1, 7); /* another VM's */
    channel_moved(&vms[3], 44, 1, 7);
    assert_int_equal(page(1)->direct[0].target, 0);
    assert_int_equal(page(1)->direct[1].target, 0);
    assert_int_equal(page(0)->direct[0].target, 0x55555555);
    assert_int_equal(cleans, 1);
    channel_moved(&vms[0], 44, 2, 0);
    assert_int_equal(page(1)->direct[2].target, 0);
    channel_moved(&vms[0], 44, 0, 9);
    channels_vm_stopped(&vms[0]);
    assert_int_equal(page(1)->direct[2].target, 0);
    assert_int_equal(page(0)->direct[0].target, 0x55555555);
}

static void wrong_rings_are_told_apart(void **state)
{
    static const uint64_t no_channel[] = {2, 3, 16, 1ULL << 32, UINT64_MAX};
    static const uint64_t no_end[] = {0, 2, 8, 1ULL << 32, UINT64_MAX};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(no_channel); i++) {
        assert_int_equal(ring(0, no_channel[i], 1), CHANNEL_NONE);
        assert_int_equal(ring(0, 0, no_end[i]), CHANNEL_NONE);
    }
    assert_int_equal(ring(2, 0, 0), CHANNEL_NONE); /* no endpoint of it */
    assert_int_equal(ring(0, 0, 1), CHANNEL_STOPPED);
    assert_int_equal(ring(2, 1, 2), CHANNEL_DENIED); /* whether the other runs or not */
    channels_vm_runs(&vms[0]);
    channels_vm_runs(&vms[1]);
    assert_int_equal(ring(0, 0, 1), CHANNEL_RING);
    assert_int_equal(ring(0, 1, 0), CHANNEL_DENIED); /* no doorbell */
    assert_int_equal(ring(2, 1, 2), CHANNEL_DENIED); /* no rings */
    now = 0;
    assert_int_equal(ring(2, 1, 2), CHANNEL_DENIED);
    now = UINT64_MAX - 1U;
    assert_int_equal(ring(2, 1, 2), CHANNEL_DENIED); /* and never any */
    now = 1000000000;
    assert_int_equal(ring(1, 1, 1), CHANNEL_STOPPED);
    channels_vm_stopped(&vms[1]);
    assert_int_equal(ring(0, 0, 1), CHANNEL_STOPPED);
}

static void who_is_told_runs_and_has_a_doorbell(void **state)
{
    (void)state;
    channels_vm_runs(&vms[0]);
    channels_vm_runs(&vms[1]);
    assert_true(channel_tells(channel_nth(0, 1), &vms[0]));
    assert_false(channel_tells(channel_nth(0, 0), &vms[0])); /* itself */
    assert_false(channel_tells(channel_nth(1, 0), &vms[0])); /* no doorbell */
    assert_false(channel_tells(channel_nth(1, 1), &vms[0])); /* does not run */
    assert_null(channel_nth(0, 2));
    assert_ptr_equal(channel_end_of(1, &vms[0]), channel_nth(1, 2));
    assert_null(channel_end_of(1, &vms[3]));
}

/* 10 per second and 3 at once: then one each 100,000 ticks, not a tick earlier. */
static void the_rate_holds_to_the_tick(void **state)
{
    (void)state;
    channels_vm_runs(&vms[1]);
    for (unsigned i = 0; i < 3U; i++) {
        assert_int_equal(ring(0, 0, 1), CHANNEL_RING);
    }
    for (unsigned i = 0; i < 5U; i++) {
        assert_int_equal(ring(0, 0, 1), CHANNEL_BUSY);
        now += 99999;
        assert_int_equal(ring(0, 0, 1), CHANNEL_BUSY);
        now++;
        assert_int_equal(ring(0, 0, 1), CHANNEL_RING);
    }
    now += 1000000000; /* a long rest saves no more than the burst */
    for (unsigned i = 0; i < 3U; i++) {
        assert_int_equal(ring(0, 0, 1), CHANNEL_RING);
    }
    assert_int_equal(ring(0, 0, 1), CHANNEL_BUSY);
}

/* What is refused is not counted. */
static void refused_rings_cost_nothing_of_the_rate(void **state)
{
    (void)state;
    channels_vm_runs(&vms[0]);
    assert_int_equal(ring(1, 0, 0), CHANNEL_RING);
    now += 142858; /* a seventh of a second */
    for (unsigned i = 0; i < 10U; i++) {
        assert_int_equal(ring(1, 0, 5), CHANNEL_NONE);
        assert_int_equal(ring(1, 1, 1), CHANNEL_STOPPED);
    }
    assert_int_equal(ring(1, 0, 0), CHANNEL_RING);
    for (unsigned i = 0; i < 10U; i++) {
        assert_int_equal(ring(1, 0, 0), CHANNEL_BUSY);
    }
    now += 142857;
    assert_int_equal(ring(1, 0, 0), CHANNEL_BUSY); /* an interval is rounded up */
    now++;
    assert_int_equal(ring(1, 0, 0), CHANNEL_RING);
}

/* At the first tick of the counter, and where its rate is the counter's. */
static void rates_hold_at_the_ends_of_their_ranges(void **state)
{
    (void)state;
    channels_vm_runs(&vms[0]);
    now = 0;
    for (unsigned i = 0; i < PLAN_MAX_BURST; i++) {
        assert_int_equal(ring(1, 1, 2), CHANNEL_RING);
    }
    assert_int_equal(ring(1, 1, 2), CHANNEL_BUSY);
    now = 1;
    assert_int_equal(ring(1, 1, 2), CHANNEL_RING);
    assert_int_equal(ring(1, 1, 2), CHANNEL_BUSY);
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(at_boot_nobody_has_started_whatever_the_page_says),
        CASE(a_page_that_cannot_be_mapped_stops_the_boot),
        CASE(a_vms_state_stands_in_all_its_pages_and_no_others),
        CASE(where_a_direct_doorbell_goes_stands_in_its_page_alone),
        CASE(wrong_rings_are_told_apart),
        CASE(who_is_told_runs_and_has_a_doorbell),
        CASE(the_rate_holds_to_the_tick),
        CASE(refused_rings_cost_nothing_of_the_rate),
        CASE(rates_hold_at_the_ends_of_their_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
