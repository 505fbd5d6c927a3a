/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restart: whatever a VM was doing, its next life begins as its first did, word for word, while the other VM runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/restart.h"
#include "core/vm.h"
#include "guest_irq.h"
#include "sim/internal.h"
#include "system.h"

#define FLAG   0x40001000ULL /* words in the RAM of VM one: vCPU n is at + 8 n */
#define START  0x40002000ULL /* where its other vCPUs are started */
#define LIVES  8U
#define MAX_POOL (16U * PAGE_SIZE)

static unsigned nr_vcpus;

/* ---- Everything that is known of VM one, at the first instruction of a life ---- */

#define SPI    33U
#include "restart_isa.h" /* the ISA's */

struct snapshot {
    struct vm vm;
    struct isa_snapshot isa;
    uint64_t timer[VM_MAX_VCPUS];
    uint64_t pool_used;
    uint8_t pool[MAX_POOL];
};

/* Left out, by name: locks, which count their tickets; the lives, which count themselves. */
static void take_snapshot(struct snapshot *s)
{
    memset(s, 0, sizeof(*s));
    memcpy(&s->vm, &vms[0], sizeof(s->vm));
    memset(&s->vm.lock, 0, sizeof(s->vm.lock));
    memset(&s->vm.lives, 0, sizeof(s->vm.lives));
    for (unsigned i = 0; i < vms[0].nr_vcpus; i++) {
        s->timer[i] = sim_cores[vms[0].vcpus[i].cpu].timer;
    }
    isa_take_snapshot(&s->isa);
    s->pool_used = vms[0].s2.pool->used;
    sim_expect(s->pool_used * PAGE_SIZE <= MAX_POOL);
    memcpy(s->pool, sim_ram(vms[0].s2.pool->base.v, s->pool_used * PAGE_SIZE), s->pool_used * PAGE_SIZE);
}

#define SAME(member)                                                                                                \
    ((void)(memcmp(&now->member, &first->member, sizeof(now->member)) == 0 ||                                       \
            (sim_fail("life %u: %s is not as in the first", life, #member), 0)))

static void compare(const struct snapshot *now, const struct snapshot *first, unsigned life)
{
    for (unsigned i = 0; i < VM_MAX_VCPUS; i++) {
        SAME(vm.vcpus[i].regs);
        SAME(vm.vcpus[i].state);
        SAME(vm.vcpus[i].request);
        SAME(vm.vcpus[i].exits);
        SAME(vm.vcpus[i].fault);
        SAME(vm.vcpus[i]);
        SAME(timer[i]);
    }
    SAME(vm);
    ISA_SAME(SAME);
    SAME(pool_used);
    SAME(pool);
}

/* ---- A guest that leaves nothing as it was ---- */

static struct snapshot *first, *current;
static bool one_is_done;

static void put64(struct sim_guest *g, uint64_t ipa, uint64_t v)
{
    sim_expect(sim_guest_write(g, ipa, 8, v) == SIM_OK);
}

static uint64_t get64(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 8, &v) == SIM_OK);
    return v;
}

static void dirty(struct sim_guest *g)
{
    isa_dirty(g);
    if (sim_random() % 2U != 0U) { /* a device that interrupts, and does no more */
        sim_line(SPI, true);
        (void)guest_irq_ack(g);
        sim_line(SPI, false);
    }
    sim_guest_timer(g, 1U + (sim_random() % 200U));
    for (uint64_t n = sim_random() % 4U; n != 0U; n--) {
        (void)guest_irq_ack(g); /* active, and stays so */
    }
}

/* The other vCPUs: off at once, or busy, asleep, in standby, or asking for the restart themselves. */
static void other(struct sim_guest *g)
{
    uint64_t what = g->arg;
    unsigned index = g->cpu == 2U ? 1U : 2U;

    isa_expect_cold(g);
    if (what != 0U && sim_random() % 2U != 0U) {
        dirty(g);
    }
    put64(g, FLAG + (8U * index), 1);
    for (unsigned i = 0; what == 5U && i < 50U; i++) {
        sim_guest_step(g);
    }
    switch (what) {
    case 0:
        sim_guest_stop_vcpu(g);
        break;
    case 1:
        for (;;) {
            sim_guest_step(g);
        }
    case 2:
        for (;;) {
            sim_guest_wfi(g);
        }
    case 3:
        for (;;) {
            (void)sim_guest_suspend(g);
        }
    case 4:
    case 5:
        sim_guest_reset_vm(g);
        break;
    default:
        for (;;) {
            isa_stir(g, index);
        }
    }
    sim_fail("CPU %u: the call returned", g->cpu);
}

/* A sibling may have asked for the VM's reset in this moment: then it is not started, and who asked is stopped before long. */
static void start(struct sim_guest *g, unsigned i, uint64_t what)
{
    if (sim_guest_start_vcpu(g, i, START, what) != 0) {
        for (unsigned n = 0; n < 5000U; n++) {
            sim_guest_step(g);
        }
        sim_fail("vCPU %u was neither started nor is its VM ending", i);
    }
}

static void again_and_again(struct sim_guest *g)
{
    sim_line(SPI, false); /* the device is not reset; its last life may have ended with the line high */
    take_snapshot(g->starts == 1U ? first : current);
    if (g->starts != 1U) {
        compare(current, first, (unsigned)g->starts);
    }
    sim_expect(g->pc == 0x40000000U && g->arg == 0x40100000U);
    isa_expect_cold(g);
    sim_expect(get64(g, FLAG) == 0U && get64(g, FLAG + 8U) == 0U && get64(g, FLAG + 16U) == 0U);
    if (g->starts == LIVES) {
        one_is_done = true;
        guest_power_off(g);
    }
    dirty(g);
    for (unsigned i = 1; i < nr_vcpus; i++) {
        uint64_t what = sim_random() % 8U;
        if (what < 7U) { /* else it stays off */
            start(g, i, what);
        }
        for (unsigned n = 0; what < 7U && sim_random() % 4U != 0U && n < 5000U && get64(g, FLAG + (8U * i)) != 1U; n++) {
        }
    }
    if (sim_random() % 2U != 0U) {
        dirty(g);
    }
    put64(g, FLAG, 1);
    sim_guest_reset_vm(g);
    sim_fail("the call to reset returned");
}

/* VM two: its memory and its timer, undisturbed. */
static void goes_on(struct sim_guest *g)
{
    uint64_t n = 0;

    sim_expect(g->starts == 1U);
    guest_irq_on(g, 0);
    put64(g, FLAG, 0);
    while (!one_is_done) {
        sim_guest_timer(g, 50);
        sim_expect(guest_irq_wait(g) == guest_timer_irq);
        sim_guest_timer(g, 0);
        guest_irq_end(g);
        sim_expect(get64(g, FLAG) == n);
        put64(g, FLAG, ++n);
    }
    sim_expect(n != 0U);
    guest_power_off(g);
}

static void prepare(struct system *s, uint64_t seed)
{
    system_prepare(s, seed);
    s->plan.regions[1].size = 0x400000; /* less to clear */
    plan_fixture_restart(&s->plan);
    first = calloc(1, sizeof(*first));
    current = calloc(1, sizeof(*current));
    nr_vcpus = s->plan.vms[0].nr_vcpus;
}

static void with_vcpus(uint64_t seed, unsigned vcpus)
{
    static const uint32_t cpus[VM_MAX_VCPUS] = { 0, 2, 3 };
    struct system s;

    prepare(&s, seed);
    nr_vcpus = vcpus;
    s.plan.vms[0].nr_vcpus = vcpus;
    memset(s.plan.vms[0].cpus, 0, sizeof(cpus));
    memcpy(s.plan.vms[0].cpus, cpus, vcpus * sizeof(cpus[0]));
    s.machine.nr_lrs = seed % 3U == 0U ? 1U : 4U;
    system_install(&s);
    sim_guest_script(0, again_and_again, NULL);
    sim_guest_script(1, goes_on, NULL);
    sim_guest_script(2, other, NULL);
    sim_guest_script(3, other, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(vms[0].lives.restarts == LIVES - 1U);
    sim_expect(count_console("all VMs ended") == 1U);
    expect_console("[hv] vm one: restarted (1)\r\n");
    free(first);
    free(current);
}

static void one_vcpu(void *arg)
{
    with_vcpus(SEED(arg), 1);
}

static void three_vcpus(void *arg)
{
    with_vcpus(SEED(arg), 3);
}

/* WALL-FW-2, WALL-FW-3, WALL-IRQ-4 */
static void each_life_begins_as_the_first_did_with_one_vcpu(void **state)
{
    (void)state;
    run_on_seeds(one_vcpu, 6);
}

static void each_life_begins_as_the_first_did_whatever_three_vcpus_were_doing(void **state)
{
    (void)state;
    run_on_seeds(three_vcpus, 30);
}

/* ---- Memory ---- */

static void fills_all_ram(struct sim_guest *g)
{
    const struct system *s = g->user;

    if (g->starts == 2U) {
        one_is_done = true;
        guest_power_off(g);
    }
    for (unsigned i = 0; i < 2U; i++) {
        const struct plan_region *r = &s->plan.regions[i];
        put64(g, r->ipa + r->size - 8U, 1);
        memset(sim_ram(r->pa, r->size), 0xa5, r->size);
    }
    sim_guest_reset_vm(g);
    sim_fail("the call to reset returned");
}

static void only_the_images(void *arg)
{
    struct system s;

    prepare(&s, SEED(arg));
    system_install(&s);
    for (unsigned i = 0; i < s.plan.p.images.count; i++) { /* recognisable in every word */
        struct plan_image *m = &s.plan.images[i];
        for (uint64_t at = 0; at < m->size; at += 8U) {
            uint64_t v = 0x1234567800000000ULL * (i + 1U) + at;
            memcpy(sim_ram(m->pa + at, 8), &v, 8);
            memcpy(sim_ram(m->pristine_pa + at, 8), &v, 8);
        }
        m->flags = 0;
    }
    plan_fixture_seal(&s.plan);
    memcpy(sim_ram(s.plan_pa, sizeof(s.plan)), &s.plan, sizeof(s.plan));
    /* What lies between the pristine copies must not come through. */
    memset(sim_ram(0x40801000, 0x1000), 0xee, 0x1000);
    sim_guest_script(0, fills_all_ram, &s);
    sim_guest_script(1, goes_on, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    for (unsigned r = 0; r < 2U; r++) {
        for (uint64_t pa = s.plan.regions[r].pa; pa < s.plan.regions[r].pa + s.plan.regions[r].size; pa += 8U) {
            uint64_t want = 0;
            for (unsigned i = 0; i < 2U; i++) {
                const struct plan_image *m = &s.plan.images[i];
                want = pa - m->pa < m->size ? 0x1234567800000000ULL * (i + 1U) + (pa - m->pa) : want;
            }
            if (sim_ram_read(pa) != want) {
                sim_fail("0x%lx holds 0x%lx, not 0x%lx", pa, sim_ram_read(pa), want);
            }
        }
    }
}

/* WALL-FW-3 */
static void nothing_but_the_images_is_in_ram_after_a_restart(void **state)
{
    (void)state;
    run_on_seeds(only_the_images, 2);
}

/* ---- Policies ---- */

static void resets(struct sim_guest *g)
{
    if (g->starts == 5U) {
        guest_power_off(g);
    }
    sim_guest_reset_vm(g);
    sim_fail("the call to reset returned");
}

static void both_restart(void *arg)
{
    struct system s;

    prepare(&s, SEED(arg));
    system_install(&s);
    sim_guest_script(0, resets, NULL);
    sim_guest_script(1, resets, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    for (unsigned i = 0; i < 2U; i++) {
        sim_expect(vms[i].lives.restarts == 4U);
    }
    sim_expect(count_console(": restarted (") == 8U);
    sim_expect(count_console("all VMs ended") == 1U);
}

/* WALL-MEM-3: each CPU through windows of its own. */
static void two_vms_restart_at_the_same_time(void **state)
{
    (void)state;
    run_on_seeds(both_restart, 15);
}

/* Fetches what it may not, and has no handler that could be fetched. */
static void faults(struct sim_guest *g)
{
    (void)sim_guest_fetch(g, 0x10000000);
    g->regs->pc = 0x200;
    (void)sim_guest_fetch(g, 0x200);
    sim_fail("it runs on");
}

static void keeps_faulting(void *arg)
{
    struct system s;

    prepare(&s, SEED(arg));
    s.plan.vms[0].on_reset = PLAN_POLICY_HALT;
    s.plan.vms[0].on_fault = PLAN_POLICY_RESTART;
    system_install(&s);
    sim_guest_script(0, faults, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(vms[0].lives.restarts == RESTART_QUICK_FAULTS);
    sim_expect(count_console("vm one: restarted (") == RESTART_QUICK_FAULTS);
    sim_expect(count_console("vm one: stopped: fault:") == RESTART_QUICK_FAULTS + 1U);
    expect_console("vm one: ended after its fault: it faults within 1 s of each start");
}

static void a_vm_that_keeps_faulting_is_given_up(void **state)
{
    (void)state;
    run_on_seeds(keeps_faulting, 5);
}

static void resets_under_the_fault_policy(void *arg)
{
    struct system s;

    prepare(&s, SEED(arg));
    s.plan.vms[0].on_reset = PLAN_POLICY_HALT;
    s.plan.vms[0].on_fault = PLAN_POLICY_RESTART;
    s.plan.vms[1].on_fault = PLAN_POLICY_HALT;
    system_install(&s);
    sim_guest_script(0, resets, NULL);
    sim_guest_script(1, faults, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("vm one: reset requested; ended\r\n");
    expect_console("vm two: ended after its fault\r\n");
    sim_expect(count_console("restarted") == 0U);
}

static void one_policy_is_not_the_other(void **state)
{
    (void)state;
    run_on_seeds(resets_under_the_fault_policy, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_life_begins_as_the_first_did_with_one_vcpu),
        cmocka_unit_test(each_life_begins_as_the_first_did_whatever_three_vcpus_were_doing),
        cmocka_unit_test(nothing_but_the_images_is_in_ram_after_a_restart),
        cmocka_unit_test(two_vms_restart_at_the_same_time),
        cmocka_unit_test(a_vm_that_keeps_faulting_is_given_up),
        cmocka_unit_test(one_policy_is_not_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
