/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's detectors: each sees the defect it is for, and none sees one where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/s2.h"
#include "hv/plan.h"
#include "sim/internal.h"

#define POOL  0x40220000ULL
#define GUEST 0x40000000ULL
#define RAM   0x41000000ULL

static struct pages pool;
static struct s2 s2, other;

static void set_up(unsigned nr_cpus)
{
    struct sim_config c = sim_default();
    c.nr_cpus = nr_cpus;
    sim_init(&c);
    assert_int_equal(pages_init(&pool, PA(POOL), 64), HV_OK);
    assert_int_equal(s2_init(&s2, &pool, 36, 40, VMID(1)), HV_OK);
    assert_int_equal(s2_map(&s2, IPA(GUEST), PA(RAM), SZ_2M, S2_MEM_NORMAL, 7), HV_OK);
    assert_int_equal(s2_init(&other, &pool, 36, 40, VMID(2)), HV_OK);
    assert_int_equal(s2_map(&other, IPA(GUEST), PA(RAM + SZ_2M), SZ_2M, S2_MEM_NORMAL, 7), HV_OK);
}

static int setup(void **state)
{
    (void)state;
    set_up(4);
    return 0;
}

/* The slot of GUEST's block: third entry of the only second-level table, which follows the root. */
static uint64_t *slot(void)
{
    uint64_t *table = arch_ops.mmu.map(PA(POOL + PAGE_SIZE), PAGE_SIZE, MAP_RW);
    return &table[(GUEST >> 21) % 512U];
}

static void expect_failure(void (*body)(void *), const char *text)
{
    char got[4096];
    if (sim_outcome(body, NULL, got, sizeof(got))) {
        fail_msg("\"%s\" went unseen: %s", text, got);
    }
    if (strstr(got, text) == NULL) {
        fail_msg("\"%s\" instead of \"%s\"", got, text);
    }
}

static void expect_success(void (*body)(void *))
{
    char got[4096];
    if (!sim_outcome(body, NULL, got, sizeof(got))) {
        fail_msg("%s", got);
    }
}

/* ---- The machine ---- */

static void too_many_cpus(void *arg)
{
    struct sim_config c = sim_default();
    (void)arg;
    c.nr_cpus = SIM_MAX_CPUS + 1U;
    sim_init(&c);
}

static void boots_on_none(void *arg)
{
    struct sim_config c = sim_default();
    (void)arg;
    c.boot_cpu = c.nr_cpus;
    sim_init(&c);
}

static void gicv2_of_nine_cpus(void *arg)
{
    struct sim_config c = sim_default();
    (void)arg;
    c.irqc_version = PLAN_IRQC_GICV2;
    c.nr_cpus = 9;
    sim_init(&c);
}

static void as_many_cpus_as_there_may_be(void *arg)
{
    struct sim_config c = sim_default();
    (void)arg;
    c.nr_cpus = SIM_MAX_CPUS;
    sim_init(&c);
    c.irqc_version = PLAN_IRQC_GICV2;
    c.nr_cpus = 8;
    sim_init(&c);
}

static void more_functions_than_cpus(void *arg)
{
    static void (*const fn[5])(void);
    (void)arg;
    (void)sim_run_functions(fn, 5);
}

static void a_machine_has_no_more_cpus_than_it_says(void **state)
{
    (void)state;
    expect_failure(too_many_cpus, "a machine of 33 CPUs");
    expect_failure(boots_on_none, "that boots on CPU 4");
    expect_failure(gicv2_of_nine_cpus, "a GICv2 with 9 CPUs");
    expect_failure(more_functions_than_cpus, "5 functions on a machine of 4 CPUs");
    expect_success(as_many_cpus_as_there_may_be);
}

/* ---- TLB ---- */

static void tlb_keeps_an_entry_until_it_is_invalidated(void **state)
{
    struct core *c = &sim_cores[0];
    (void)state;
    c->s2 = sim_cores[1].s2 = s2.hw;
    assert_int_equal(sim_translate(c, GUEST + 0x1234U, SIM_ACC_READ).pa, RAM + 0x1234U);
    arch_ops.mmu.pte_write(slot(), 0);
    assert_int_equal(sim_translate(c, GUEST, SIM_ACC_READ).pa, RAM); /* stale */
    assert_true(sim_translate(&sim_cores[1], GUEST, SIM_ACC_READ).fault);
    arch_ops.tlb.flush_vm(&other.hw); /* another VMID */
    assert_int_equal(sim_translate(c, GUEST, SIM_ACC_READ).pa, RAM);
    arch_ops.tlb.flush_ipa(&s2.hw, IPA(GUEST + SZ_2M));
    assert_int_equal(sim_translate(c, GUEST, SIM_ACC_READ).pa, RAM);
    arch_ops.tlb.flush_ipa(&s2.hw, IPA(GUEST + 0x5000U));
    assert_true(sim_translate(c, GUEST, SIM_ACC_READ).fault);
}

static void every_cpus_tlb_is_invalidated(void **state)
{
    (void)state;
    set_up(SIM_MAX_CPUS);
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        sim_cores[i].s2 = s2.hw;
        assert_false(sim_translate(&sim_cores[i], GUEST, SIM_ACC_READ).fault);
    }
    arch_ops.mmu.pte_write(slot(), 0);
    arch_ops.tlb.flush_ipa(&s2.hw, IPA(GUEST));
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        assert_true(sim_translate(&sim_cores[i], GUEST, SIM_ACC_READ).fault);
    }
}

static void translation_faults_say_what_and_at_which_level(void **state)
{
    struct core *c = &sim_cores[0];
    (void)state;
    assert_int_equal(s2_map(&s2, IPA(0x1000), PA(RAM), PAGE_SIZE, S2_MEM_NORMAL, S2_R), HV_OK);
    c->s2 = s2.hw;
    assert_int_equal(sim_translate(c, 0x2000, SIM_ACC_READ).fsc, 0x07);
    assert_int_equal(sim_translate(c, GUEST + SZ_2M, SIM_ACC_READ).fsc, 0x06);
    assert_int_equal(sim_translate(c, 4U * SZ_1G, SIM_ACC_READ).fsc, 0x05);
    assert_int_equal(sim_translate(c, 1ULL << 36, SIM_ACC_READ).fsc, 0x04);
    assert_int_equal(sim_translate(c, 0x1000, SIM_ACC_WRITE).fsc, 0x0f);
    assert_int_equal(sim_translate(c, 0x1000, SIM_ACC_FETCH).fsc, 0x0f);
    assert_false(sim_translate(c, 0x1000, SIM_ACC_READ).fault);
}

/* ---- Break-before-make ---- */

static void change_in_place(void *arg)
{
    (void)arg;
    arch_ops.mmu.pte_write(slot(), *slot() ^ (1ULL << 21));
}

static void change_without_flush(void *arg)
{
    uint64_t old = *slot();
    (void)arg;
    arch_ops.mmu.pte_write(slot(), 0);
    arch_ops.mmu.pte_write(slot(), old ^ (1ULL << 21));
}

static void change_with_flush_of(const struct s2 *s, uint64_t ipa)
{
    uint64_t old = *slot();
    arch_ops.mmu.pte_write(slot(), 0);
    arch_ops.tlb.flush_ipa(&s->hw, IPA(ipa));
    arch_ops.mmu.pte_write(slot(), old ^ (1ULL << 21));
}

static void flush_elsewhere(void *arg)
{
    (void)arg;
    change_with_flush_of(&s2, GUEST + SZ_2M);
}

static void flush_another_vm(void *arg)
{
    (void)arg;
    change_with_flush_of(&other, GUEST);
}

/* The first of nine in a row: s2_map() makes several at a time. */
static void map_elsewhere_without_flush(void *arg)
{
    (void)arg;
    arch_ops.mmu.pte_write(slot(), 0);
    if (s2_map(&s2, IPA(GUEST), PA(RAM + 16U * SZ_2M), 9U * SZ_2M, S2_MEM_NORMAL, S2_R) != HV_OK) {
        sim_fail("not mapped");
    }
}

static void fill_over_a_valid_entry(void *arg)
{
    (void)arg;
    arch_ops.mmu.pte_fill(slot(), *slot(), 0, 1);
}

static void by_the_book(void *arg)
{
    (void)arg;
    change_with_flush_of(&s2, GUEST + SZ_2M - 1U);
    uint64_t old = *slot();
    arch_ops.mmu.pte_write(slot(), 0);
    arch_ops.tlb.flush_vm(&s2.hw);
    arch_ops.mmu.pte_write(slot(), old ^ (1ULL << 7));
    arch_ops.mmu.pte_write(slot(), *slot() ^ (1ULL << 55)); /* software's own bit */
}

static void break_before_make_is_held_to(void **state)
{
    (void)state;
    expect_failure(change_in_place, "break-before-make");
    expect_failure(change_without_flush, "break-before-make");
    expect_failure(flush_elsewhere, "break-before-make");
    expect_failure(flush_another_vm, "break-before-make");
    expect_failure(map_elsewhere_without_flush, "break-before-make");
    expect_failure(fill_over_a_valid_entry, "over a valid entry");
    expect_success(by_the_book);
}

/* ---- Scheduling ---- */

static atomic32_t counter;
static uint32_t plain;
static struct spinlock lock;

static void add_in_two_steps(void)
{
    for (unsigned i = 0; i < 20U; i++) {
        atomic32_store(&counter, atomic32_load(&counter) + 1U);
    }
}

static void add_in_one(void)
{
    for (unsigned i = 0; i < 20U; i++) {
        (void)atomic32_add(&counter, 1);
    }
}

static void add_locked(void)
{
    for (unsigned i = 0; i < 20U; i++) {
        spin_lock(&lock);
        uint32_t v = plain;
        (void)arch_ops.timer.now(); /* a place to switch at */
        plain = v + 1U;
        spin_unlock(&lock);
    }
}

static void add_unlocked(void)
{
    for (unsigned i = 0; i < 20U; i++) {
        uint32_t v = plain;
        (void)arch_ops.timer.now();
        plain = v + 1U;
    }
}

static uint32_t sum_of(void (*fn)(void), uint64_t seed)
{
    void (*const two[])(void) = { fn, fn };
    struct sim_config c = sim_default();
    c.seed = seed;
    sim_init(&c);
    counter.v = 0;
    plain = 0;
    assert_int_equal(sim_run_functions(two, 2), SIM_IDLE);
    return counter.v + plain;
}

static unsigned lost_on_seeds(void (*fn)(void))
{
    unsigned lost = 0;
    for (uint64_t seed = 1; seed <= 20U; seed++) {
        lost += sum_of(fn, seed) != 40U ? 1U : 0U;
    }
    return lost;
}

static void every_atomic_and_op_is_a_place_to_switch_cpus(void **state)
{
    (void)state;
    assert_true(lost_on_seeds(add_in_two_steps) > 10U);
    assert_true(lost_on_seeds(add_unlocked) > 10U);
    assert_int_equal(lost_on_seeds(add_in_one), 0);
    assert_int_equal(lost_on_seeds(add_locked), 0);
}

static void the_same_seed_gives_the_same_run(void **state)
{
    bool differ = false;
    (void)state;
    for (uint64_t seed = 1; seed <= 10U; seed++) {
        uint32_t first = sum_of(add_in_two_steps, seed);
        uint64_t steps = sim_now();
        assert_int_equal(sum_of(add_in_two_steps, seed), first);
        assert_int_equal(sim_now(), steps);
        differ = differ || sum_of(add_in_two_steps, seed + 1U) != first;
    }
    assert_true(differ);
}

static void take_twice(void)
{
    spin_lock(&lock);
    spin_lock(&lock);
}

static void deadlock(void *arg)
{
    void (*const one[])(void) = { take_twice };
    struct sim_config c = sim_default();
    (void)arg;
    c.max_steps = 10000;
    sim_init(&c);
    (void)sim_run_functions(one, 1);
}

static void deadlock_on_the_host(void *arg)
{
    (void)arg;
    take_twice();
}

static void a_lock_taken_twice_is_seen(void **state)
{
    (void)state;
    expect_failure(deadlock, "hung");
    expect_failure(deadlock_on_the_host, "deadlock");
}

/* ---- Races: the accesses are announced as the compiler would ---- */
void __tsan_read4(void *a);
void __tsan_write4(void *a);
void __tsan_write1(void *a);

static uint32_t shared;
static atomic32_t ready;

static void writes(void)
{
    for (unsigned i = 0; i < 4U; i++) {
        (void)arch_ops.timer.now();
        __tsan_write4(&shared);
    }
}

static void reads(void)
{
    for (unsigned i = 0; i < 4U; i++) {
        (void)arch_ops.timer.now();
        __tsan_read4(&shared);
    }
}

static void writes_locked(void)
{
    for (unsigned i = 0; i < 4U; i++) {
        spin_lock(&lock);
        __tsan_write4(&shared);
        spin_unlock(&lock);
    }
}

static void publishes(void)
{
    __tsan_write4(&shared);
    atomic32_store(&ready, 1);
}

static void awaits(void)
{
    while (atomic32_load(&ready) == 0U) {
        arch_ops.cpu.relax();
    }
    __tsan_write4(&shared);
}

static void writes_low_byte(void)
{
    __tsan_write1(&shared);
}

static void writes_high_byte(void)
{
    __tsan_write1((char *)&shared + 3);
}

static void two_at_a_time(void (*a)(void), void (*b)(void))
{
    void (*const two[])(void) = { a, b };
    ready.v = 0;
    assert_int_equal(sim_run_functions(two, 2), SIM_IDLE);
}

static void nothing(void)
{
}

/* The same on the last of many CPUs. */
static void last_two_at_a_time(void (*a)(void), void (*b)(void))
{
    void (*all[SIM_MAX_CPUS])(void);
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        all[i] = i == SIM_MAX_CPUS - 2U ? a : i == SIM_MAX_CPUS - 1U ? b : nothing;
    }
    set_up(SIM_MAX_CPUS);
    assert_int_equal(sim_run_functions(all, SIM_MAX_CPUS), SIM_IDLE);
}

static void race_of_the_last(void *arg)
{
    (void)arg;
    last_two_at_a_time(writes, writes);
}

static void no_race_of_the_last(void *arg)
{
    (void)arg;
    last_two_at_a_time(writes_locked, writes_locked);
}

static void race_write_write(void *arg)
{
    (void)arg;
    two_at_a_time(writes, writes);
}

static void race_read_write(void *arg)
{
    (void)arg;
    two_at_a_time(reads, writes);
}

static void race_half_locked(void *arg)
{
    (void)arg;
    two_at_a_time(writes_locked, writes);
}

static void no_race(void *arg)
{
    (void)arg;
    two_at_a_time(reads, reads);
    setup(NULL);
    two_at_a_time(writes_locked, writes_locked);
    setup(NULL);
    two_at_a_time(publishes, awaits);
    setup(NULL);
    two_at_a_time(writes_low_byte, writes_high_byte);
}

static void unordered_accesses_to_shared_data_are_seen(void **state)
{
    (void)state;
    expect_failure(race_write_write, "race on");
    expect_failure(race_read_write, "race on");
    expect_failure(race_half_locked, "race on");
    expect_success(no_race);
    expect_failure(race_of_the_last, "race on");
    expect_success(no_race_of_the_last);
}

/* ---- Memory and ops ---- */

static void map_nothing(void *arg)
{
    (void)arg;
    (void)arch_ops.mmu.map(PA(0x40000000 + (64ULL << 20)), PAGE_SIZE, MAP_RO);
}

static void unmap_what_is_not_mapped(void *arg)
{
    void *p = arch_ops.mmu.map(PA(RAM), PAGE_SIZE, MAP_RO);
    (void)arg;
    arch_ops.mmu.unmap(p, PAGE_SIZE);
    arch_ops.mmu.unmap(p, PAGE_SIZE);
}

static void pte_outside_memory(void *arg)
{
    uint64_t local = 0;
    (void)arg;
    arch_ops.mmu.pte_write(&local, 1);
}

static void memory_ops_are_held_to_their_contract(void **state)
{
    (void)state;
    expect_failure(map_nothing, "no such RAM");
    expect_failure(unmap_what_is_not_mapped, "not mapped");
    expect_failure(pte_outside_memory, "not memory for tables");
}

#if defined(__SANITIZE_ADDRESS__)
static void touch_after_unmap(void *arg)
{
    volatile char *p = arch_ops.mmu.map(PA(RAM), PAGE_SIZE, MAP_RO);
    (void)arg;
    (void)p[0];
    arch_ops.mmu.unmap((const void *)p, PAGE_SIZE);
    (void)p[0];
}

static void memory_that_is_not_mapped_cannot_be_touched(void **state)
{
    (void)state;
    expect_failure(touch_after_unmap, "use-after-poison");
}
#endif

static void map_fails_when_the_windows_are_used_up(void **state)
{
    void *p[8];
    (void)state;
    for (unsigned i = 0; i < 8U; i++) {
        p[i] = arch_ops.mmu.map(PA(RAM + (i * PAGE_SIZE)), PAGE_SIZE, MAP_RO);
        assert_non_null(p[i]);
    }
    assert_null(arch_ops.mmu.map(PA(RAM + (8U * PAGE_SIZE)), PAGE_SIZE, MAP_RO));
    assert_non_null(arch_ops.mmu.map(PA(POOL), PAGE_SIZE, MAP_RO)); /* its own region costs nothing */
    arch_ops.mmu.unmap(p[3], PAGE_SIZE);
    assert_non_null(arch_ops.mmu.map(PA(RAM + (8U * PAGE_SIZE)), PAGE_SIZE, MAP_RO));
}

static void the_nth_op_that_can_fail_fails_once(void **state)
{
    (void)state;
    sim_fault_arm(3);
    assert_true(arch_ops.mmu.probe(PA(RAM)));
    (void)arch_ops.timer.now(); /* cannot fail, so does not count */
    assert_true(arch_ops.console.try_putc('x'));
    assert_false(sim_fault_fired());
    assert_false(arch_ops.mmu.probe(PA(RAM)));
    assert_true(sim_fault_fired());
    assert_string_equal(sim_fault_op(), "mmu.probe");
    assert_true(arch_ops.mmu.probe(PA(RAM)));
    assert_string_equal(sim_console(), "x");
}

static void no_op_is_null(void **state)
{
    void *const *op = (void *const *)&arch_ops;
    (void)state;
    for (size_t i = 0; i < sizeof(arch_ops) / sizeof(*op); i++) {
        if (op[i] == NULL) {
            fail_msg("op %u is NULL", (unsigned)i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_machine_has_no_more_cpus_than_it_says, setup),
        cmocka_unit_test_setup(tlb_keeps_an_entry_until_it_is_invalidated, setup),
        cmocka_unit_test(every_cpus_tlb_is_invalidated),
        cmocka_unit_test_setup(translation_faults_say_what_and_at_which_level, setup),
        cmocka_unit_test_setup(break_before_make_is_held_to, setup),
        cmocka_unit_test_setup(every_atomic_and_op_is_a_place_to_switch_cpus, setup),
        cmocka_unit_test_setup(the_same_seed_gives_the_same_run, setup),
        cmocka_unit_test_setup(a_lock_taken_twice_is_seen, setup),
        cmocka_unit_test_setup(unordered_accesses_to_shared_data_are_seen, setup),
        cmocka_unit_test_setup(memory_ops_are_held_to_their_contract, setup),
#if defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test_setup(memory_that_is_not_mapped_cannot_be_touched, setup),
#endif
        cmocka_unit_test_setup(map_fails_when_the_windows_are_used_up, setup),
        cmocka_unit_test_setup(the_nth_op_that_can_fail_fails_once, setup),
        cmocka_unit_test_setup(no_op_is_null, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
