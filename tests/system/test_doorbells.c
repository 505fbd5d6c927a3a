/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doorbells of channels, and what the discovery page tells: a ring after the receiver's last acknowledgement is seen, no more rings come
 * than the plan's rate, and who runs stands in the page before its peers are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "doorbell_isa.h"
#include "doorbell_pair.h"
#include "hv/arch_ops.h"

#define BELL_ONE 33U

#define RUNG     0
#define INVALID  (-3)
#define DENIED   (-4)
#define NO_PEER  (-10)
#define BUSY     (-12)

static void prepare(struct system *s, uint64_t seed)
{
    system_prepare(s, seed);
    plan_fixture_doorbells(&s->plan);
    one_vcpu_each(s);
    s->plan.channels[0].end[0].rate = PLAN_MAX_RATE;
    s->plan.channels[0].end[0].burst = 2;
}

static int64_t ring_until_rung(struct sim_guest *g, unsigned end)
{
    int64_t r = BUSY;

    while (r == BUSY) { /* its time comes */
        r = guest_ring(g, 0, end);
    }
    return r;
}

static void wait_for_peer(struct sim_guest *g, uint64_t page, unsigned end)
{
    while (CHANNEL_STATE(state_of(g, page, end)) != CHANNEL_STATE_RUNNING) {
        sim_guest_step(g);
    }
}

/* It waits for nothing between: most rings come while the last is being served. */
static void writes_and_rings(struct sim_guest *g)
{
    wait_for_peer(g, PAGE_ONE, 1);
    while (!done) { /* until the other has its interrupt on */
        sim_guest_step(g);
    }
    for (unsigned n = 1; n <= TIMES; n++) {
        sim_expect(sim_guest_write(g, DATA_ONE, 8, n) == SIM_OK);
        int64_t r = ring_until_rung(g, 1);

        sim_expect(r == RUNG || (r == NO_PEER && n == TIMES)); /* it may have seen the last number already, and gone */
    }
    guest_power_off(g);
}

static void ring_and_read(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    system_install(&s);
    sim_guest_script(0, writes_and_rings, NULL);
    sim_guest_script(1, reads_when_rung, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(interrupts >= 1U && interrupts <= TIMES + 2U); /* it may have been told of the peer's start and end */
}

/* WALL-IRQ-7 */
static void the_last_ring_is_never_lost(void **state)
{
    (void)state;
    run_on_seeds(ring_and_read, 60);
}

static void is_told_what_is_wrong(struct sim_guest *g)
{
    wait_for_peer(g, PAGE_ONE, 1);
    sim_expect(guest_ring(g, 1, 1) == INVALID); /* there is a second, in which it has no part */
    sim_expect(guest_ring(g, 2, 1) == INVALID);
    sim_expect(guest_ring(g, 1ULL << 32 | 2U, 1) == INVALID);
    sim_expect(guest_ring(g, UINT64_MAX, 1) == INVALID);
    sim_expect(guest_ring(g, 0, 0) == INVALID); /* itself */
    sim_expect(guest_ring(g, 0, 2) == INVALID);
    sim_expect(guest_ring(g, 0, UINT64_MAX) == INVALID);
    sim_expect(guest_ring(g, 0, 1) == DENIED);
    sim_expect(sim_guest_write(g, PAGE_ONE + 8U, 4, 0) == SIM_DATA_ABORT);
    sim_expect(sim_guest_fetch(g, PAGE_ONE) == SIM_INSN_ABORT);
    done = true;
    guest_power_off(g);
}

static void rings_one_that_has_ended(struct sim_guest *g)
{
    while (CHANNEL_STATE(state_of(g, PAGE_TWO, 0)) != CHANNEL_STATE_STOPPED) {
        sim_guest_step(g);
    }
    sim_expect(done && guest_ring(g, 0, 0) == NO_PEER);
    sim_expect(guest_ring(g, 0, 0) == NO_PEER); /* which costs nothing of the one ring that it has */
    guest_power_off(g);
}

static void wrong_rings(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    s.plan.channels[0].end[0].rate = 0;
    s.plan.channels[0].end[0].burst = 0;
    system_install(&s);
    sim_guest_script(0, is_told_what_is_wrong, NULL);
    sim_guest_script(1, rings_one_that_has_ended, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void every_wrong_ring_has_its_answer(void **state)
{
    (void)state;
    run_on_seeds(wrong_rings, 10);
}

/* 1000 per second, 4 at once: of a flood so many go through, and the receiver is interrupted no more often. */
static void floods(struct sim_guest *g)
{
    unsigned rung = 0;

    wait_for_peer(g, PAGE_ONE, 1);
    while (!done) {
        sim_guest_step(g);
    }
    uint64_t start = sim_now();

    for (unsigned i = 0; i < 200U; i++) {
        int64_t r = guest_ring(g, 0, 1);

        sim_expect(r == RUNG || r == BUSY);
        rung += r == RUNG ? 1U : 0U;
        sim_expect(i >= 4U || r == RUNG);
    }
    uint64_t passed = (sim_now() - start) * 1000U / arch_ops.timer.freq();

    sim_expect(rung >= 4U && rung <= 4U + passed + 1U);
    sim_expect(rung < 100U);
    interrupts = rung;
    guest_power_off(g);
}

static void counts_rings(struct sim_guest *g)
{
    unsigned came = 0;

    guest_irq_on(g, 0);
    guest_line_on(g, BELL_TWO, 0, true);
    done = true;
    while (CHANNEL_STATE(state_of(g, PAGE_TWO, 0)) != CHANNEL_STATE_STOPPED) {
        if (guest_irq_ack(g) == BELL_TWO) {
            came++;
            guest_irq_end(g);
        }
        sim_guest_step(g);
    }
    sim_expect(came <= interrupts + 2U);
    guest_power_off(g);
}

static void flood(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    s.plan.channels[0].end[0].rate = 1000;
    s.plan.channels[0].end[0].burst = 4;
    system_install(&s);
    sim_guest_script(0, floods, NULL);
    sim_guest_script(1, counts_rings, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void a_flood_ends_at_the_senders_rate(void **state)
{
    (void)state;
    run_on_seeds(flood, 20);
}

/* Both vCPUs of VM one at once: their rings are counted together. */
static unsigned rung_by[2];
static uint64_t flood_start, flood_end;

static void floods_too(struct sim_guest *g)
{
    unsigned self = g->cpu == 0U ? 0U : 1U;

    if (self == 0U) {
        wait_for_peer(g, PAGE_ONE, 1);
        flood_start = sim_now();
        sim_expect(sim_guest_start_vcpu(g, 1, 0x40000000, 0) == 0);
    }
    for (unsigned i = 0; i < 60U; i++) {
        rung_by[self] += guest_ring(g, 0, 1) == RUNG ? 1U : 0U;
    }
    if (self == 1U) {
        sim_guest_stop_vcpu(g);
    }
    while (!sim_guest_vcpu_is_off(g, 1)) {
        sim_guest_step(g);
    }
    flood_end = sim_now();
    guest_power_off(g);
}

static void is_there(struct sim_guest *g)
{
    while (CHANNEL_STATE(state_of(g, PAGE_TWO, 0)) != CHANNEL_STATE_STOPPED) {
        sim_guest_step(g);
    }
    guest_power_off(g);
}

static void flood_by_two(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_doorbells(&s.plan);
    system_install(&s);
    sim_guest_script(0, floods_too, NULL);
    sim_guest_script(2, floods_too, NULL);
    sim_guest_script(1, is_there, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    unsigned rung = rung_by[0] + rung_by[1];
    uint64_t passed = (flood_end - flood_start) * 1000U / arch_ops.timer.freq();

    sim_expect(rung >= 4U && rung <= 4U + passed + 1U);
}

static void vcpus_of_a_vm_have_one_rate_together(void **state)
{
    (void)state;
    run_on_seeds(flood_by_two, 30);
}

/* VM one has the doorbell on its second vCPU, and its first is off, as far as its peer's rings are concerned for good. */
static void leaves_it_to_the_other(struct sim_guest *g)
{
    if (g->cpu == 0U) {
        sim_expect(sim_guest_start_vcpu(g, 1, 0x40000000, 0) == 0);
        sim_guest_stop_vcpu(g);
    }
    guest_irq_on(g, 1);
    guest_line_on(g, BELL_ONE, 1, true);
    while (!sim_guest_vcpu_is_off(g, 0)) {
        sim_guest_step(g);
    }
    done = true;
    for (uint64_t seen = 0; seen != 1U;) {
        sim_expect(guest_irq_wait(g) == BELL_ONE);
        sim_expect(sim_guest_read(g, DATA_ONE + 0x1000U, 8, &seen) == SIM_OK);
        guest_irq_end(g);
    }
    guest_power_off(g);
}

static void rings_once(struct sim_guest *g)
{
    while (!done) {
        sim_guest_step(g);
    }
    sim_expect(sim_guest_write(g, DATA_TWO + 0x1000U, 8, 1) == SIM_OK);
    sim_expect(guest_ring(g, 0, 0) == RUNG);
    guest_power_off(g);
}

static void ring_the_second(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_doorbells(&s.plan);
    s.plan.regions[7].rights = 3;
    done = false;
    system_install(&s);
    sim_guest_script(0, leaves_it_to_the_other, NULL);
    sim_guest_script(2, leaves_it_to_the_other, NULL);
    sim_guest_script(1, rings_once, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void a_doorbell_comes_to_any_vcpu(void **state)
{
    (void)state;
    run_on_seeds(ring_the_second, 30);
}

/* It ends, comes back and ends for good; its peer hears of each by its doorbell, with the page written before. */
static void comes_and_goes(struct sim_guest *g)
{
    sim_expect(state_of(g, PAGE_ONE, 0) == (g->starts << 2 | CHANNEL_STATE_RUNNING));
    while (!done) {
        sim_guest_step(g);
    }
    done = false; /* the peer says when it has heard of this life */
    if (g->starts == 3U) {
        guest_power_off(g);
    }
    sim_guest_reset_vm(g);
}

static void hears_of_it(struct sim_guest *g)
{
    uint32_t known = 1U << 2 | CHANNEL_STATE_RUNNING;

    guest_irq_on(g, 0);
    guest_line_on(g, BELL_TWO, 0, true);
    while (state_of(g, PAGE_TWO, 0) != known) {
        sim_guest_step(g);
    }
    while (guest_irq_ack(g) == BELL_TWO) { /* it may have been told of that; from here on it looks when it is rung alone */
        guest_irq_end(g);
    }
    done = true;
    while (known != (3U << 2 | CHANNEL_STATE_STOPPED)) {
        sim_expect(guest_irq_wait(g) == BELL_TWO);
        uint32_t now = state_of(g, PAGE_TWO, 0);

        guest_irq_end(g);
        sim_expect(now >= known && CHANNEL_GENERATION(now) >= CHANNEL_GENERATION(known));
        done = CHANNEL_STATE(now) == CHANNEL_STATE_RUNNING; /* who stands as stopped comes back, and only that ring tells it */
        known = now;
    }
    sim_expect(guest_ring(g, 0, 0) == NO_PEER);
    guest_power_off(g);
}

static void come_and_go(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_restart(&s.plan);
    plan_fixture_doorbells(&s.plan);
    one_vcpu_each(&s);
    plan_fixture_seal(&s.plan);
    system_install(&s);
    sim_guest_script(0, comes_and_goes, NULL);
    sim_guest_script(1, hears_of_it, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void a_peer_hears_of_each_life(void **state)
{
    (void)state;
    run_on_seeds(come_and_go, 40);
}

/* As if the firmware had kept an interrupt to itself: it reads as zero, and ignores writes. */
static void (*set)(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);

static void set_but_one(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    set(what, cpu, word, what == IRQC_PENDING && word == BELL_TWO / 32U ? mask & ~(1U << (BELL_TWO % 32U)) : mask);
}

static void boot_with_one_kept(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    system_install(&s);
    set = arch_ops.irqc.set;
    arch_ops.irqc.set = set_but_one;
    if (s.plan.p.irqc_version == PLAN_IRQC_PLIC) { /* it is not asked */
        sim_guest_script(0, guest_power_off, NULL);
        sim_guest_script(1, guest_power_off, NULL);
        sim_expect(system_boot(&s) == SIM_POWERED_OFF);
        return;
    }
    sim_expect(sim_run(s.plan_pa, s.load_pa) == SIM_HALTED);
    expect_console("stopped: interrupt 40, a doorbell of vm two, cannot be made pending");
}

static void a_doorbell_that_cannot_be_rung_stops_the_boot(void **state)
{
    (void)state;
    run_on_seeds(boot_with_one_kept, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_ring_is_never_lost),
        cmocka_unit_test(every_wrong_ring_has_its_answer),
        cmocka_unit_test(a_flood_ends_at_the_senders_rate),
        cmocka_unit_test(vcpus_of_a_vm_have_one_rate_together),
        cmocka_unit_test(a_doorbell_comes_to_any_vcpu),
        cmocka_unit_test(a_peer_hears_of_each_life),
        cmocka_unit_test(a_doorbell_that_cannot_be_rung_stops_the_boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
