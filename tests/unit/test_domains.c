/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's domains: what happens in one is the same whatever happens in another, and time at a shared lock is none,
 * nor that of what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "lib/atomic.h"
#include "sim/sim.h"

#define TURNS 200U

static struct spinlock lock, private_lock;
static atomic32_t left_out;
static bool named = true;
static bool share, busy; /* the second domain: does something */
static uint64_t between;
static struct seen {
    uint64_t cpu, now, random; /* time and chance as its domain has them */
} seen[2U * TURNS];
static unsigned nr_seen;

static void begin(void)
{
    struct sim_domains d = { .of = { 0, 0, 1, 1 }, .seed = { 7, 7, 8, 8 }, .between = between };
    d.shared[0] = share ? &lock : NULL;
    d.aside[0] = named ? &left_out : NULL;
    sim_domains_begin(&d);
}

/* CPUs 0 and 1: what each sees, in the order in which they do. */
static void observed(void)
{
    static bool begun;
    if (!begun) {
        begun = true;
        begin();
    }
    for (unsigned i = 0; i < TURNS; i++) {
        (void)arch_ops.cpu.id();
        if (i % 8U == 0U) {
            spin_lock(&lock);
            (void)arch_ops.cpu.id();
            spin_unlock(&lock);
        }
        for (unsigned k = 0; busy && k < i % 3U; k++) { /* in one of the runs alone */
            (void)atomic32_xchg(&left_out, k);
            sim_domain_aside(true);
            (void)arch_ops.cpu.id();
            sim_domain_aside(false);
        }
        seen[nr_seen++] = (struct seen){ sim_cpu(), sim_now(), sim_random() };
    }
}

static void other(void)
{
    for (unsigned i = 0; busy && i < 3U * TURNS; i++) {
        if (sim_random() % 2U == 0U) {
            spin_lock(&lock);
            arch_ops.cpu.relax();
            spin_unlock(&lock);
        } else {
            spin_lock(&private_lock);
            (void)arch_ops.cpu.id();
            spin_unlock(&private_lock);
        }
    }
}

static void run(void)
{
    static void (*const fn[])(void) = { observed, observed, other, other };
    struct sim_config c = sim_default();
    sim_init(&c);
    sim_expect(sim_run_functions(fn, 4) == SIM_IDLE);
    sim_expect(nr_seen == 2U * TURNS);
}

/* Children do not share `seen`: each sends a sum home as its text, by failing. */
static void says_what_it_saw(void *arg)
{
    uint64_t sum = 0;
    (void)arg;
    run();
    for (unsigned i = 0; i < nr_seen; i++) {
        sum = (sum ^ seen[i].cpu ^ seen[i].now << 8 ^ seen[i].random) * 0x9e3779b97f4a7c15ULL;
    }
    sim_fail("saw %lx.", sum);
}

static void what_one_domain_does_is_the_same_whatever_another_does(void **state)
{
    char quiet[8192], text[8192];
    (void)state;
    share = true;
    busy = false;
    assert_false(sim_outcome(says_what_it_saw, NULL, quiet, sizeof(quiet)));
    assert_non_null(strstr(quiet, "saw "));
    *strchr(quiet, '.') = '\0';
    busy = true;
    for (between = 1; between <= 20U; between++) {
        assert_false(sim_outcome(says_what_it_saw, NULL, text, sizeof(text)));
        *strchr(text, '.') = '\0';
        assert_string_equal(quiet, text);
    }
}

/* The same, had the word not been named. */
static void what_is_not_left_out_counts(void **state)
{
    char quiet[8192], text[8192];
    (void)state;
    share = true;
    busy = false;
    assert_false(sim_outcome(says_what_it_saw, NULL, quiet, sizeof(quiet)));
    named = false;
    busy = true;
    assert_false(sim_outcome(says_what_it_saw, NULL, text, sizeof(text)));
    named = true;
    *strchr(quiet, '.') = '\0';
    *strchr(text, '.') = '\0';
    assert_string_not_equal(quiet, text);
}

static void is_run(void *arg)
{
    (void)arg;
    run();
}

static void a_wait_at_a_lock_that_is_not_shared_fails(void **state)
{
    char text[8192];
    unsigned found = 0;
    (void)state;
    share = false;
    busy = true;
    for (between = 1; between <= 5U; between++) {
        found += !sim_outcome(is_run, NULL, text, sizeof(text)) && strstr(text, "shares with nobody") != NULL ? 1U : 0U;
    }
    assert_int_equal(found, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_domain_does_is_the_same_whatever_another_does),
        cmocka_unit_test(what_is_not_left_out_counts),
        cmocka_unit_test(a_wait_at_a_lock_that_is_not_shared_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
