/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor takes of its own memory for the CPUs, VMs and channels of a plan, and how much a plan says that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "core/own.h"
#include "hv/arch_ops.h"
#include "plan_fixture.h"

static struct {
    uint64_t first, size;
} taken[8];
static unsigned nr_taken;
static uint8_t bytes[HV_REGION_SIZE];
static const void *stack[HV_MAX_CPUS];

static void *own(uint64_t first, uint64_t size)
{
    taken[nr_taken].first = first;
    taken[nr_taken++].size = size;
    return bytes + first;
}

static void give_stack(unsigned cpu, void *page)
{
    stack[cpu] = page;
}

/* Of the good plan, where what is taken begins in the region; it is from there on that memory is taken now. */
static uint64_t begin(struct plan_fixture *f)
{
    plan_fixture_good(f);
    own_begin(&f->p);
    return f->p.pool_pa - f->p.hv_base + f->p.pool_pages * PAGE_SIZE;
}

static int setup(void **state)
{
    (void)state;
    arch_ops.mmu.own = own;
    arch_ops.mmu.stack = give_stack;
    memset(stack, 0, sizeof(stack));
    nr_taken = 0;
    return 0;
}

static void memory_is_taken_behind_the_pool_piece_by_piece(void **state)
{
    struct plan_fixture f;
    uint64_t at = begin(&f);

    (void)state;
    assert_ptr_equal(own_take(1), bytes + at);
    assert_ptr_equal(own_take(2U * OWN_ALIGN), bytes + at + OWN_ALIGN);
    assert_ptr_equal(own_take(0), bytes + at + 3U * OWN_ALIGN);
    assert_ptr_equal(own_take(OWN_ALIGN + 1U), bytes + at + 3U * OWN_ALIGN);
    assert_ptr_equal(own_take(8), bytes + at + 5U * OWN_ALIGN);
    assert_int_equal(taken[3].size, OWN_ALIGN + 1U);
    own_begin(&f.p);
    assert_ptr_equal(own_take(8), bytes + at);
}

static void each_cpu_of_the_plan_gets_a_page_as_its_stack(void **state)
{
    struct plan_fixture f;
    uint64_t at = begin(&f);

    (void)state;
    own_stacks(&f.p);
    for (unsigned cpu = 0; cpu < HV_MAX_CPUS; cpu++) {
        assert_ptr_equal(stack[cpu], cpu < f.p.cpus.count ? bytes + at + cpu * PAGE_SIZE : NULL);
    }
}

static void a_plan_counts_what_each_of_its_entries_takes(void **state)
{
    struct plan_fixture f;
    uint64_t before;

    (void)state;
    plan_fixture_good(&f);
    before = plan_own_bytes(&f.p);
    assert_int_equal(before, 4U * OWN_CPU_BYTES + 2U * OWN_VM_BYTES);
    assert_int_equal(plan_own_pages(&f.p), (before + PAGE_SIZE - 1U) / PAGE_SIZE);
    f.p.channels.count = 3;
    assert_int_equal(plan_own_bytes(&f.p), before + 3U * OWN_CHANNEL_BYTES);
    f.p.channels.count = 0;
    f.p.console_irq = 33; /* the console's own ring, though nobody has a port */
    assert_int_equal(plan_own_bytes(&f.p), before + CONSOLE_OUT_BYTES);
    f.vms[1].vuart_irq = 33;
    assert_int_equal(plan_own_bytes(&f.p), before + 2U * CONSOLE_OUT_BYTES);
}

/* Of many VMs each has a shorter ring, so that all of them have room. */
static void rings_are_shorter_where_many_vms_share_the_console(void **state)
{
    static struct {
        struct plan p;
        struct plan_vm vms[HV_MAX_VMS];
    } many;

    (void)state;
    memset(&many, 0, sizeof(many));
    many.p.vms = (struct plan_table){(uint32_t)offsetof(__typeof__(many), vms), HV_MAX_VMS};
    many.p.cpus.count = HV_MAX_CPUS;
    many.p.channels.count = PLAN_MAX_CHANNELS;
    many.p.console_irq = 33;
    for (unsigned n = 0; n <= HV_MAX_VMS; n++) {
        uint64_t ring = n <= CONSOLE_MANY ? CONSOLE_OUT_BYTES : CONSOLE_OUT_FEWER;

        assert_int_equal(plan_ring_bytes(&many.p), ring);
        assert_int_equal(plan_own_bytes(&many.p), HV_MAX_CPUS * OWN_CPU_BYTES + HV_MAX_VMS * OWN_VM_BYTES +
                                                      PLAN_MAX_CHANNELS * OWN_CHANNEL_BYTES + (n + 1U) * ring);
        if (n < HV_MAX_VMS) {
            many.vms[n].vuart_irq = 33;
        }
    }
    /* The most that a plan can ask for leaves more than half of the region to the image and to tables. */
    assert_true(plan_own_bytes(&many.p) < HV_REGION_SIZE / 2U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_is_taken_behind_the_pool_piece_by_piece, setup),
        cmocka_unit_test_setup(each_cpu_of_the_plan_gets_a_page_as_its_stack, setup),
        cmocka_unit_test_setup(a_plan_counts_what_each_of_its_entries_takes, setup),
        cmocka_unit_test_setup(rings_are_shorter_where_many_vms_share_the_console, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
