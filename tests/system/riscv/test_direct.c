/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Direct doorbells: an endpoint rings by a store to its peer's interrupt file. The hypervisor maps the files, and tells where a doorbell
 * goes; of the rings it sees nothing. On a board with a PLIC there is no such plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "doorbell_pair.h"
#include "guest_irqc.h"
#include "sbi_calls.h"
#include "sim/riscv/hart.h"

#define OTHERS 0x70000000ULL
#define FILE_PAGE(end, file) (OTHERS + plan_file_offset(end, file))

static uint32_t target_of(struct sim_guest *g, uint64_t page, unsigned end)
{
    return guest_get32(g, page + offsetof(struct channel_info, direct[end].target));
}

static void prepare(struct system *s, uint64_t seed)
{
    system_prepare(s, seed);
    plan_fixture_direct(&s->plan);
    one_vcpu_each(s);
}

static void ring(struct sim_guest *g, unsigned end, uint32_t target)
{
    guest_put32(g, FILE_PAGE(end, CHANNEL_TARGET_FILE(target)), CHANNEL_TARGET_ID(target));
}

static uint64_t exits_of_one(void)
{
    uint64_t sum = 0;

    for (unsigned k = 0; k < EXIT_KINDS; k++) {
        sum += counter64_read(&vms[0].vcpus[0].exits[k]);
    }
    return sum;
}

static void wait_until_done(struct sim_guest *g)
{
    while (!done) {
        sim_guest_step(g);
    }
}

/* It waits for nothing between: most rings come while the last is being served. */
static void writes_and_rings(struct sim_guest *g)
{
    wait_until_done(g);
    uint32_t target = target_of(g, PAGE_ONE, 1);
    uint64_t before = exits_of_one();

    sim_expect(target == CHANNEL_TARGET(0, BELL_TWO - RISCV_WIRED + 1U)); /* as guest_line_on() has it */
    for (unsigned n = 1; n <= TIMES; n++) {
        sim_expect(sim_guest_write(g, DATA_ONE, 8, n) == SIM_OK);
        ring(g, 1, target);
    }
    sim_expect(exits_of_one() == before);
    guest_power_off(g);
}

static bool refused(struct system *s)
{
    if (!AIA) {
        sim_expect(sim_run(s->plan_pa, s->load_pa) == SIM_HALTED);
        expect_console("direct doorbells without guest interrupt files");
    }
    return !AIA;
}

static void ring_and_read(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    system_install(&s);
    if (refused(&s)) {
        return;
    }
    sim_guest_script(0, writes_and_rings, NULL);
    sim_guest_script(1, reads_when_rung, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(interrupts >= 1U && interrupts <= TIMES + 2U);
}

/* WALL-IRQ-8: nor does the sender leave its guest for it. */
static void the_last_direct_ring_is_never_lost(void **state)
{
    (void)state;
    run_on_seeds(ring_and_read, 60);
}

/* Moves its doorbell about, and takes it away. What the page tells follows each of these. */
static void moves_it(struct sim_guest *g)
{
    uint32_t source = BELL_TWO - RISCV_WIRED;

    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + TARGET(source), 5); /* inactive */
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + SOURCECFG(source), APLIC_EDGE_RISE);
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + TARGET(source), 5);
    sim_expect(target_of(g, PAGE_TWO, 1) == CHANNEL_TARGET(0, 5));
    guest_put32(g, APLIC + TARGET(source), 6);
    sim_expect(target_of(g, PAGE_TWO, 1) == CHANNEL_TARGET(0, 6));
    guest_put32(g, APLIC + TARGET(source), 1U << 18 | 6U); /* it has no second vCPU */
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + TARGET(source), 7);
    guest_put32(g, APLIC + TARGET(source), 0);
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + TARGET(source), 7);
    guest_put32(g, APLIC + SOURCECFG(source), 0);
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U);
    guest_put32(g, APLIC + SOURCECFG(source + 1U), APLIC_EDGE_RISE); /* its other one is no doorbell */
    guest_put32(g, APLIC + TARGET(source + 1U), 9);
    sim_expect(target_of(g, PAGE_TWO, 1) == 0U && target_of(g, PAGE_TWO, 0) == 0U);
    guest_power_off(g);
}

static void move(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    system_install(&s);
    if (refused(&s)) {
        return;
    }
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, moves_it, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void the_page_tells_where_a_doorbell_goes_as_long_as_it_goes_there(void **state)
{
    (void)state;
    run_on_seeds(move, 4);
}

static void expect_nothing_at(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;

    sim_expect(sim_guest_write(g, ipa, 4, 1) == SIM_DATA_ABORT);
    sim_expect(sim_guest_read(g, ipa, 4, &v) == SIM_DATA_ABORT);
    sim_expect(sim_guest_fetch(g, ipa) == SIM_INSN_ABORT);
}

static void is_bothered(struct sim_guest *g)
{
    unsigned came = 0;

    guest_irq_on(g, 0);
    done = true;
    while (CHANNEL_STATE(state_of(g, PAGE_TWO, 0)) != CHANNEL_STATE_STOPPED) {
        if (guest_irq_ack(g) != GUEST_NO_IRQ) {
            came++;
            guest_irq_end(g);
        }
        sim_guest_step(g);
    }
    sim_expect(came != 0U);
    for (unsigned end = 0; end < 2U; end++) { /* it may not ring, and has no file of others */
        expect_nothing_at(g, FILE_PAGE(end, 0));
    }
    guest_power_off(g);
}

/* Whatever it stores there, and wherever: it is one page of one CPU. */
static void misuses_it(struct sim_guest *g)
{
    wait_until_done(g);
    for (uint32_t id = 0; id <= 300U; id++) {
        guest_put32(g, FILE_PAGE(1, 0), id);
        guest_put32(g, FILE_PAGE(1, 0) + 4U * (id + 1U), 0x01000000U * id);
    }
    guest_put32(g, FILE_PAGE(1, 0), UINT32_MAX);
    sim_expect(sim_guest_fetch(g, FILE_PAGE(1, 0)) == SIM_INSN_ABORT);
    expect_nothing_at(g, FILE_PAGE(0, 0)); /* its own, which it has elsewhere */
    expect_nothing_at(g, FILE_PAGE(1, 0) - PAGE_SIZE);
    expect_nothing_at(g, FILE_PAGE(1, 1));
    expect_nothing_at(g, FILE_PAGE(2, 0));
    guest_power_off(g);
}

static void misuse(void *seed)
{
    struct system s;

    prepare(&s, SEED(seed));
    s.plan.channels[0].end[1].rate = 0;
    s.plan.channels[0].end[1].burst = 0;
    s.plan.channels[0].files_ipa[1] = 0;
    plan_fixture_seal(&s.plan);
    system_install(&s);
    if (refused(&s)) {
        return;
    }
    sim_guest_script(0, misuses_it, NULL);
    sim_guest_script(1, is_bothered, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    for (unsigned cpu = 0; cpu < 4U; cpu++) { /* nobody else's file, and none of the hypervisor's, has anything of it */
        sim_expect(!sim_aia_seip(cpu));
        for (uint64_t n = 0; cpu != 1U && n <= 6U; n += 2U) {
            sim_expect(sim_aia_file_read(cpu, EIP0 + n) == 0U);
        }
    }
}

/* WALL-IRQ-8 */
static void a_sender_bothers_those_who_opted_in_and_nobody_else(void **state)
{
    (void)state;
    run_on_seeds(misuse, 20);
}

/* The receiver restarts; its peer rings at all times, also where the last life had its doorbell. */
static void rings_through_restarts(struct sim_guest *g)
{
    uint32_t stale = CHANNEL_TARGET(0, BELL_TWO - RISCV_WIRED + 1U);

    while (state_of(g, PAGE_ONE, 1) != (3U << 2 | CHANNEL_STATE_STOPPED)) {
        uint32_t target = target_of(g, PAGE_ONE, 1);

        sim_expect(target == 0U || target == stale);
        ring(g, 1, stale);
        sim_guest_step(g);
    }
    sim_expect(target_of(g, PAGE_ONE, 1) == 0U);
    sim_expect(sim_guest_sbi3(g, SBI_BULKHEAD, 4, 0, 1, 0).error == -10); /* the call says so */
    ring(g, 1, stale);
    guest_power_off(g);
}

static void is_rung_in_each_life(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    guest_line_on(g, BELL_TWO, 0, true);
    sim_expect(guest_irq_wait(g) == BELL_TWO);
    guest_irq_end(g);
    if (g->starts == 3U) {
        guest_power_off(g);
    }
    sim_guest_reset_vm(g);
}

static void restart(void *seed)
{
    struct system s;

    system_prepare(&s, SEED(seed));
    plan_fixture_restart(&s.plan);
    plan_fixture_direct(&s.plan);
    one_vcpu_each(&s);
    plan_fixture_seal(&s.plan);
    system_install(&s);
    if (refused(&s)) {
        return;
    }
    sim_guest_script(0, rings_through_restarts, NULL);
    sim_guest_script(1, is_rung_in_each_life, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void rings_reach_each_life_and_hurt_nobody_between(void **state)
{
    (void)state;
    run_on_seeds(restart, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_direct_ring_is_never_lost),
        cmocka_unit_test(the_page_tells_where_a_doorbell_goes_as_long_as_it_goes_there),
        cmocka_unit_test(a_sender_bothers_those_who_opted_in_and_nobody_else),
        cmocka_unit_test(rings_reach_each_life_and_hurt_nobody_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
