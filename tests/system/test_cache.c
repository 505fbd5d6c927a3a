/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A victim with a fixed trace beside a hog, in the simulator's shared cache, stage-2 walks included. In disjoint colours, the
 * hypervisor in others, it loses no line and misses as often as alone, also if the cache hashes its sets as the plan says; a page of
 * data or of tables in a wrong colour is seen, and so is a hash that the plan does not know. Its trace is as large as its colours'
 * share, and goes through more pages than a TLB has entries: each access of it is a walk as well.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "core/vm.h"
#include "hv/arch_ops.h"
#include "hv/extent.h"
#include "system.h"

#define LINE    64U
#define ROUNDS  3U
#define SEEDS   2U
#define ACCESSES (ROUNDS * 4096U)
#define VICTIMS 0x40000000ULL
#define HOGS    0x40200000ULL
#define HOG_SIZE 0x200000ULL /* twice the cache */
#define WRONG   0x42008000ULL /* colour 8, which is the victim's; nobody's memory */

enum wrong { NOTHING, A_PAGE, A_TABLE };
enum cache { BY_ADDRESS, HASHED, HASHED_UNKNOWN /* to the plan */ };
/* By bit of the colour; of bits that no base of the plan has. */
static const uint64_t hash[LLC_COLOUR_BITS] = {0x60000, 0x80000, 0, 0x120000};
static struct {
    bool hog; /* there is one */
    enum wrong wrong;
    uint64_t hog_passes;
    bool done;
    uint64_t *slot, as_planned; /* a descriptor that is wrong, and what it was */
    struct sim_llc_counts count; /* of the victim's trace */
} run;

static struct sim_llc_counts less(struct sim_llc_counts a, struct sim_llc_counts b)
{
    return (struct sim_llc_counts){a.accesses - b.accesses, a.walks - b.walks, a.misses - b.misses, a.lost - b.lost};
}

static void wait_for_a_pass(struct sim_guest *g)
{
    for (uint64_t n = run.hog_passes; run.hog && run.hog_passes < n + 1U;) {
        sim_guest_step(g);
    }
}

/* Eight lines of each of 512 pages, such that every set of four colours gets as many as it has ways. */
static void trace(struct sim_guest *g)
{
    for (unsigned i = 0; i < 4096U; i++) {
        uint64_t page = i % 512U, line = (8U * (page / 4U) + i / 512U) % 64U, value;
        sim_expect(sim_guest_read(g, VICTIMS + page * PAGE_SIZE + line * LINE, 8, &value) == SIM_OK);
    }
}

static void victim(struct sim_guest *g)
{
    struct sim_llc_counts before;

    wait_for_a_pass(g);
    before = sim_llc_counts(vms[1].index + 1U);
    for (unsigned round = 0; round < ROUNDS; round++) {
        trace(g);
        wait_for_a_pass(g);
    }
    run.count = less(sim_llc_counts(vms[1].index + 1U), before);
    run.done = true;
    guest_power_off(g);
}

/* The descriptor in the hypervisor's pool whose address is pa; there is one. */
static uint64_t *descriptor_of(const struct plan *p, uint64_t pa)
{
    uint64_t address = pa >> s2_format.addr_rshift & s2_format.addr_mask;
    for (uint64_t n = p->pool_pa - p->hv_base; n < HV_REGION_SIZE; n += 8U) {
        uint64_t *d = sim_ram(plan_hv_pa(p, n).v, 8);
        if ((*d & s2_format.valid_mask) == s2_format.valid_mask && (*d & s2_format.addr_mask) == address) {
            return d;
        }
    }
    sim_fail("no descriptor of 0x%lx", pa);
}

static uint64_t page_of(const struct plan *p, const uint64_t *slot)
{
    for (uint64_t n = p->pool_pa - p->hv_base; n < HV_REGION_SIZE; n += PAGE_SIZE) {
        uint64_t pa = plan_hv_pa(p, n).v;
        if ((uint64_t)((const char *)slot - (const char *)sim_ram(pa, PAGE_SIZE)) < PAGE_SIZE) {
            return pa;
        }
    }
    sim_fail("a descriptor outside the pool");
}

/* What a hypervisor would do that takes a page of another colour. Nobody has walked there yet. */
static void put_wrong(const struct system *s)
{
    const struct plan *p = &s->plan.p;
    struct extent e = extent_of_region(p, &s->plan.regions[1]);

    run.slot = descriptor_of(p, extent_pa(&e, 0).v);
    if (run.wrong == A_TABLE) {
        uint64_t table = page_of(p, run.slot);
        memcpy(sim_ram(WRONG, PAGE_SIZE), sim_ram(table, PAGE_SIZE), PAGE_SIZE);
        run.slot = descriptor_of(p, table);
    }
    run.as_planned = *run.slot;
    *run.slot = (*run.slot & ~s2_format.addr_mask) | (WRONG >> s2_format.addr_rshift & s2_format.addr_mask);
}

static void hog(struct sim_guest *g)
{
    if (run.wrong != NOTHING) {
        put_wrong(g->user);
    }
    while (run.hog && !run.done) {
        for (uint64_t at = 0; at < HOG_SIZE && !run.done; at += LINE) {
            sim_expect(sim_guest_write(g, HOGS + at, 8, at) == SIM_OK);
        }
        run.hog_passes++;
    }
    if (run.wrong != NOTHING) {
        *run.slot = run.as_planned; /* what the audit would say is not what is asked here */
    }
    guest_power_off(g);
}

static void coloured(struct system *s)
{
    plan_fixture_coloured(&s->plan);
    s->plan.regions[3].colours = 0x0f00;
    plan_fixture_hv_colours(&s->plan, 0xf000);
    s->machine.coloured = true;
}

static void begin_cache(enum cache c)
{
    sim_llc_begin(0x100000, 16, LINE);
    for (unsigned n = 0; c != BY_ADDRESS && n < 4U; n++) {
        sim_llc_hash(12U + n, hash[n]); /* 16 colours of a page each */
    }
}

struct asked {
    uint64_t seed;
    enum cache cache;
    bool colours, hog;
    enum wrong wrong;
};
static struct sim_llc_counts *answer; /* of the child that ran it */

static void boot(void *arg)
{
    const struct asked *a = arg;
    struct system s;

    system_prepare(&s, a->seed);
    if (a->colours) {
        coloured(&s);
    }
    if (a->cache == HASHED) {
        memcpy(s.plan.p.llc.hash, hash, sizeof(hash));
    }
    run.hog = a->hog;
    run.wrong = a->wrong;
    system_install(&s);
    begin_cache(a->cache);
    sim_guest_script(0, hog, &s);
    sim_guest_script(1, victim, &s);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(run.done && run.count.accesses == ACCESSES + run.count.walks);
    *answer = run.count;
}

static struct sim_llc_counts counted(uint64_t seed, enum cache cache, bool colours, bool with_hog, enum wrong wrong)
{
    struct asked a = {seed, cache, colours, with_hog, wrong};
    char text[8192];

    answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(answer != MAP_FAILED);
    if (!sim_outcome(boot, &a, text, sizeof(text))) {
        fail_msg("seed %" PRIu64 ": %s", seed, text);
    }
    struct sim_llc_counts c = *answer;
    munmap(answer, sizeof(*answer));
    printf("  %s, %s%s%s: walks %" PRIu64 ", misses %" PRIu64 ", lines lost %" PRIu64 "\n", colours ? "coloured" : "not coloured",
           with_hog ? "beside the hog" : "alone", wrong == A_PAGE ? ", a page miscoloured" : wrong == A_TABLE ? ", a table miscoloured" : "",
           cache == HASHED ? ", sets hashed" : cache == HASHED_UNKNOWN ? ", sets hashed and the plan does not say so" : "",
           c.walks, c.misses, c.lost);
    return c;
}

static void expect_no_loss(enum cache cache)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_llc_counts alone = counted(seed, cache, true, false, NOTHING), beside = counted(seed, cache, true, true, NOTHING);
        assert_true(alone.walks >= ACCESSES);
        assert_int_equal(alone.lost, 0);
        assert_true(alone.misses >= ACCESSES / ROUNDS); /* each line of the trace once: none was there before */
        assert_int_equal(beside.walks, alone.walks);
        assert_int_equal(beside.lost, 0);
        assert_int_equal(beside.misses, alone.misses);
    }
}

/* WALL-MEM-6, WALL-MEM-7 */
static void in_colours_of_its_own_a_victim_loses_no_line_and_misses_as_alone(void **state)
{
    (void)state;
    expect_no_loss(BY_ADDRESS);
}

/* WALL-MEM-6, WALL-MEM-7 */
static void that_holds_in_a_cache_with_the_hash_that_the_plan_says(void **state)
{
    (void)state;
    expect_no_loss(HASHED);
}

static void with_a_hash_that_the_plan_does_not_know_it_does_not(void **state)
{
    struct sim_llc_counts beside = counted(1, HASHED_UNKNOWN, true, true, NOTHING);

    (void)state;
    assert_true(beside.lost > 1000U);
}

static void without_colours_a_hog_takes_its_lines(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_llc_counts alone = counted(seed, BY_ADDRESS, false, false, NOTHING), beside = counted(seed, BY_ADDRESS, false, true, NOTHING);
        assert_int_equal(alone.lost, 0);
        assert_true(beside.lost > 1000U);
        assert_true(beside.misses > 2U * alone.misses);
    }
}

static void one_page_of_data_or_of_tables_in_a_wrong_colour_is_seen(void **state)
{
    struct sim_llc_counts alone = counted(1, BY_ADDRESS, true, false, NOTHING);

    (void)state;
    for (enum wrong w = A_PAGE; w <= A_TABLE; w++) {
        struct sim_llc_counts beside = counted(1, BY_ADDRESS, true, true, w);
        assert_true(beside.lost >= PAGE_SIZE / LINE);
        assert_true(beside.misses > alone.misses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_colours_of_its_own_a_victim_loses_no_line_and_misses_as_alone),
        cmocka_unit_test(that_holds_in_a_cache_with_the_hash_that_the_plan_says),
        cmocka_unit_test(with_a_hash_that_the_plan_does_not_know_it_does_not),
        cmocka_unit_test(without_colours_a_hog_takes_its_lines),
        cmocka_unit_test(one_page_of_data_or_of_tables_in_a_wrong_colour_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
