/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two VMs of disjoint colours that lie among each other page by page: each has what is its own, and a restart of one touches no
 * page of the other's colours, whoever has that page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/vm.h"
#include "system.h"

#define FIRST     0x40400000ULL /* where coloured memory begins, and where it ends, pristine copies included */
#define LAST      0x41a20000ULL
#define WORD_ONE  0x40001000ULL /* in the RAM of both */
#define FOREIGN   0x3c3c3c3c3c3c3c3cULL
#define OLD       0xa5a5a5a5a5a5a5a5ULL

static bool one_is_done;

static uint64_t get64(struct sim_guest *g, uint64_t ipa)
{
    uint64_t v = 0;
    sim_expect(sim_guest_read(g, ipa, 8, &v) == SIM_OK);
    return v;
}

static void put64(struct sim_guest *g, uint64_t ipa, uint64_t v)
{
    sim_expect(sim_guest_write(g, ipa, 8, v) == SIM_OK);
}

static void prepare(struct system *s, uint64_t seed)
{
    system_prepare(s, seed);
    plan_fixture_coloured(&s->plan);
    s->machine.coloured = true;
    one_is_done = false;
}

static bool is_of_one(uint64_t pa)
{
    return (pa >> 12 & 8U) == 0U;
}

/* Fills every page of that VM's colours, whether it is memory of the VM or not. */
static void fill(bool of_one, uint64_t word)
{
    for (uint64_t pa = FIRST; pa < LAST; pa += 8U) {
        if (is_of_one(pa) == of_one) {
            memcpy(sim_ram(pa, 8), &word, 8);
        }
    }
}

/* What the walker says that a VM reaches is tested after each boot (system_audit); this is what its CPUs find there. */
static void reads_its_images(struct sim_guest *g)
{
    const struct system *s = g->user;
    unsigned first = g->cpu == 1U ? 2U : 0U, last = g->cpu == 1U ? 2U : 1U;

    for (unsigned i = first; i <= last; i++) {
        uint64_t ipa = i == 1U ? 0x40100000ULL : 0x40000000ULL;
        for (uint64_t at = 0; at < s->plan.images[i].size; at += PAGE_SIZE) {
            sim_expect(get64(g, ipa + at) == 0x1111111111111111ULL * (i + 1U));
        }
    }
}

static void writes_all_and_resets(struct sim_guest *g)
{
    const struct system *s = g->user;

    reads_its_images(g);
    sim_expect(get64(g, WORD_ONE) == (g->starts == 1U ? OLD : 0U));
    if (g->starts == 3U) {
        one_is_done = true;
        guest_power_off(g);
    }
    for (unsigned r = 0; r < 2U; r++) {
        const struct plan_region *m = &s->plan.regions[r];
        for (uint64_t at = 0; at < m->size; at += PAGE_SIZE) {
            put64(g, m->ipa + at + 0xff8U, OLD);
        }
    }
    put64(g, WORD_ONE, OLD);
    sim_guest_reset_vm(g);
    sim_fail("the call to reset returned");
}

static void counts(struct sim_guest *g)
{
    uint64_t n = 0;

    reads_its_images(g);
    put64(g, WORD_ONE, 0);
    while (!one_is_done) {
        sim_expect(get64(g, WORD_ONE) == n);
        put64(g, WORD_ONE, ++n);
    }
    sim_expect(n > 100U);
    guest_power_off(g);
}

/* After its last restart VM one has its images, and zeroes; what is of other colours is as it was, and was never cleaned. */
static void look(const struct system *s)
{
    uint64_t own = 0, zeroes = 0, foreign = 0;

    for (uint64_t pa = FIRST; pa < LAST; pa += 8U) {
        uint64_t is = sim_ram_read(pa);
        if (!is_of_one(pa)) {
            sim_expect(!sim_was_cleaned(pa));
            foreign += is == FOREIGN ? 1U : 0U;
        } else if (sim_was_cleaned(pa)) {
            own++;
            zeroes += is == 0U ? 1U : 0U;
        }
    }
    uint64_t images = (s->plan.images[0].size + s->plan.images[1].size) / 8U;
    sim_expect(own == 0x600000U / 8U && zeroes == own - images);
    /* VM two has written one word, and there are its image and the copy of it. */
    sim_expect(foreign == (LAST - FIRST) / 16U - 3U);
}

static void one_restarts(void *arg)
{
    struct system s;

    prepare(&s, SEED(arg));
    system_install(&s);
    fill(true, OLD);
    fill(false, FOREIGN);
    for (unsigned i = 0; i < 3U; i++) {
        for (uint64_t at = 0; at < s.plan.images[i].size; at += 8U) {
            uint64_t word = 0x1111111111111111ULL * (i + 1U);
            memcpy(sim_ram(system_image_pa(&s, i, at, false), 8), &word, 8);
            memcpy(sim_ram(system_image_pa(&s, i, at, true), 8), &word, 8);
        }
    }
    sim_guest_script(0, writes_all_and_resets, &s);
    sim_guest_script(1, counts, &s);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(vms[0].lives.restarts == 2U);
    look(&s);
}

/* WALL-FW-3, WALL-MEM-6 */
static void a_restart_touches_no_page_of_other_colours(void **state)
{
    (void)state;
    run_on_seeds(one_restarts, 4);
}

static void resets(struct sim_guest *g)
{
    reads_its_images(g);
    if (g->starts == 4U) {
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
    sim_guest_script(0, resets, &s);
    sim_guest_script(1, resets, &s);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(vms[0].lives.restarts == 3U && vms[1].lives.restarts == 3U);
}

static void both_restart_from_the_same_blocks_at_the_same_time(void **state)
{
    (void)state;
    run_on_seeds(both_restart, 8);
}

static void damaged(void *arg)
{
    struct system s;
    uint64_t pa;

    prepare(&s, 1);
    system_install(&s);
    pa = system_image_pa(&s, 1, 0x9008, SEED(arg) == 2U);
    *(uint8_t *)sim_ram(pa, 1) ^= 1U;
    sim_expect(system_boot(&s) == SIM_HALTED);
    expect_console(SEED(arg) == 2U ? "stopped: the guest image at 0x41801000 is damaged"
                                   : "stopped: the guest image at 0x40600000 is damaged");
}

static void an_image_that_is_damaged_in_one_of_its_pages_is_found(void **state)
{
    (void)state;
    run_on_seeds(damaged, 2);
}

/* What two VMs must not have in common, put in by hand: the audit after each boot sees it. */
static void wrong_colour(void *arg)
{
    struct system s;

    (void)arg;
    prepare(&s, 1);
    system_install(&s);
    s.plan.regions[0].colours = 0x80fe; /* what was not planned; the machine has the plan as it was */
    sim_guest_script(0, guest_power_off, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    (void)system_boot(&s);
}

/* WALL-MEM-2 */
static void the_audit_sees_a_page_of_another_colour(void **state)
{
    char text[8192];

    (void)state;
    assert_false(sim_outcome(wrong_colour, NULL, text, sizeof(text)));
    assert_non_null(strstr(text, "walker: vm one: IPA 0x40000000 reaches PA 0x40400000, which is not at 0x0 of the grant"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_touches_no_page_of_other_colours),
        cmocka_unit_test(both_restart_from_the_same_blocks_at_the_same_time),
        cmocka_unit_test(an_image_that_is_damaged_in_one_of_its_pages_is_found),
        cmocka_unit_test(the_audit_sees_a_page_of_another_colour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
