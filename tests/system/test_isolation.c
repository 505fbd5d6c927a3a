/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can touch, and what becomes of one that touches what is not its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "system.h"

static void expect_abort(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        if (sim_guest_read(g, ipa, size, &v) != SIM_DATA_ABORT) {
            sim_fail("read of IPA 0x%lx, size %u, was answered", ipa, size);
        }
        if (sim_guest_write(g, ipa, size, 0xffffffffffffffffULL) != SIM_DATA_ABORT) {
            sim_fail("write of IPA 0x%lx, size %u, was done", ipa, size);
        }
    }
    if (sim_guest_read_pair(g, ipa) != SIM_DATA_ABORT) {
        sim_fail("read pair at IPA 0x%lx was answered", ipa);
    }
    if (sim_guest_fetch(g, ipa) != SIM_INSN_ABORT) {
        sim_fail("fetch from IPA 0x%lx was done", ipa);
    }
}

static void explores(struct sim_guest *g)
{
    /* RAM of VM one ends at 0x41200000; its device is one page; the GIC's IPAs are its virtual one's. */
    static const uint64_t not_mine[] = {
        0x3ffff000, 0x41200000, 0x42000000, 0x43fff000, 0x08012000, 0x08030000, 0x08040000, 0x0809f000, 0x08100000,
        0x08fffff0, 0x09001000, 0x09010000, 0x09040000, 0x0,        0x80000000, 0xfffff000, 0x100000000, 0xfffffffff000,
        0x0bfff000, 0x0c600000, 0x0d008000, 0x10000000, 0x10001000, 0x27fff000, 0x28002000, 0x28003000, 0x2800f000, 0x1fffffff000,
        0x20000000000,
    };
    uint64_t v = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(not_mine); i++) {
        expect_abort(g, not_mine[i]);
    }
    sim_expect(sim_guest_write(g, 0x411ffff8, 8, 0x1122334455667788) == SIM_OK);
    sim_expect(sim_guest_read(g, 0x411ffffc, 4, &v) == SIM_OK && v == 0x11223344U);
    sim_expect(sim_guest_fetch(g, 0x40000000) == SIM_OK);
    sim_expect(sim_guest_read(g, 0x09000000, 4, &v) == SIM_OK);
    sim_expect(sim_guest_fetch(g, 0x09000000) == SIM_INSN_ABORT);
    guest_power_off(g);
}

static void isolation(void *arg)
{
    static uint8_t before[SZ_2M];
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    memcpy(before, sim_ram(0x40600000, SZ_2M), SZ_2M);
    sim_guest_script(0, explores, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(memcmp(before, sim_ram(0x40600000, SZ_2M), SZ_2M) == 0);
    sim_expect(sim_ram_read(0x41fffff8) == 0x1122334455667788); /* the last word of its second region */
    sim_expect(count_console("stopped: fault") == 0U);
}

/* WALL-MEM-1 */
static void a_guest_reaches_its_own_memory_and_nothing_else(void **state)
{
    (void)state;
    run_on_seeds(isolation, 4);
}

/* Fetches what it may not, and has no handler that could be fetched: ends, alone. */
static void crashes(struct sim_guest *g)
{
    for (unsigned i = 0; i < 10U; i++) {
        g->regs->pc = 0x200; /* where the model puts the vector of a guest that set none */
        (void)sim_guest_fetch(g, 0x200);
    }
    sim_fail("the guest did not stop");
}

static void works_on(struct sim_guest *g)
{
    for (uint64_t i = 0; i < 200U; i++) {
        uint64_t v = 0;
        sim_expect(sim_guest_write(g, 0x40001000 + (i * 8U), 8, i) == SIM_OK);
        sim_expect(sim_guest_read(g, 0x40001000 + (i * 8U), 8, &v) == SIM_OK && v == i);
    }
    *(unsigned *)g->user += 1U;
    guest_power_off(g);
}

static void crash(void *arg)
{
    struct system s;
    unsigned finished = 0;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, crashes, NULL);
    sim_guest_script(1, works_on, &finished);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(finished == 1U);
    expect_console("vm one: stopped: fault: vcpu 0");
    expect_console("vm two: powered off");
}

/* WALL-CPU-2 */
static void a_guest_that_crashes_ends_alone_with_a_report(void **state)
{
    (void)state;
    run_on_seeds(crash, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_reaches_its_own_memory_and_nothing_else),
        cmocka_unit_test(a_guest_that_crashes_ends_alone_with_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
