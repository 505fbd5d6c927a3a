/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and rules of the virtual PLIC, one by one. VM 0 has two vCPUs on CPUs 0 and 1, VM 1 one on CPU 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/vcpu.h"
#include "plic_world.h"
#include "vdev/vplic.h"

#define NOBODYS 4U /* no VM has it */
#define UART    10U /* VM 0: an emulated device's; VM 1: the physical one */

static const struct world_source sources[] = {
    {0, 1, false}, {0, 3, false}, {0, 31, false}, {0, 32, false}, {0, 40, false}, {0, UART, true}, {0, 1023, false},
    {1, 2, false}, {1, UART, false}, {1, 33, false},
};
static struct vcpu *v0, *v1, *other;

/* All three vCPUs are on. */
static int setup(void **state)
{
    (void)state;
    world_reset(2, 1, sources, ARRAY_SIZE(sources));
    v0 = &vms[0].vcpus[0];
    v1 = &vms[0].vcpus[1];
    other = &vms[1].vcpus[0];
    world_start(v0);
    world_start(v1);
    world_start(other);
    return 0;
}

/* A guest lets a source interrupt a vCPU. */
static void let(struct vcpu *v, unsigned source, unsigned priority)
{
    uint32_t word = ENABLE(v->index, source / 32U);
    world_write(v, PRIORITY(source), priority);
    world_write(v, word, world_read(v, word) | (uint32_t)1 << (source % 32U));
    world_settle();
}

static void raise_line(unsigned source)
{
    hw_line(source, true);
    world_settle();
}

static void uart_line(bool level)
{
    rv.cpu = 7; /* another VM's, or nobody's */
    vplic_set_line(&vms[0], RISCV_WIRED + UART, level);
    world_settle();
}

/* ---- registers ---- */

static void a_vm_has_the_sources_of_its_plan_and_its_virtual_ones_alone(void **state)
{
    (void)state;
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        bool own = s == 1U || s == 3U || s == 31U || s == 32U || s == 40U || s == UART || s == 1023U;
        world_write(v0, PRIORITY(s), 5);
        assert_int_equal(world_read(v0, PRIORITY(s)), own ? 5 : 0);
    }
    for (unsigned w = 0; w < 32U; w++) {
        world_write(v0, ENABLE(1, w), 0xffffffff);
        uint32_t want = w == 0U ? 0x8000040a : w == 1U ? 0x101 : w == 31U ? 0x80000000 : 0;
        assert_int_equal(world_read(v0, ENABLE(1, w)), want);
        assert_int_equal(world_read(v0, ENABLE(0, w)), 0);
    }
}

static void priorities_and_thresholds_have_three_bits(void **state)
{
    (void)state;
    world_write(v0, PRIORITY(3), 0xfffffffd);
    world_write(v0, THRESHOLD(1), 0xfffffffe);
    assert_int_equal(world_read(v0, PRIORITY(3)), 5);
    assert_int_equal(world_read(v0, PRIORITY(1)), 0);
    assert_int_equal(world_read(v0, THRESHOLD(1)), 6);
    assert_int_equal(world_read(v0, THRESHOLD(0)), 0);
}

static void pending_bits_cannot_be_written_and_show_no_other_vms_sources(void **state)
{
    (void)state;
    world_write(v0, PENDING(0), 0xffffffff);
    assert_int_equal(world_read(v0, PENDING(0)), 0);
    raise_line(3);
    raise_line(2); /* VM 1's */
    assert_int_equal(world_read(v0, PENDING(0)), 1U << 3);
    world_write(v0, PENDING(0), 0);
    assert_int_equal(world_read(v0, PENDING(0)), 1U << 3);
    let(v0, 3, 1); /* now it is claimed at the physical PLIC, and pending here */
    assert_false(hw.ip[3]);
    assert_int_equal(world_read(v0, PENDING(0)), 1U << 3);
}

static void contexts_beyond_the_vcpus_read_as_zero_and_ignore_writes(void **state)
{
    (void)state;
    let(v0, 3, 1);
    raise_line(3);
    for (unsigned c = 2; c < 1024U; c += c < 16U ? 1U : 97U) {
        world_write(v0, ENABLE(c, 0), 0xffffffff);
        world_write(v0, THRESHOLD(c), 7);
        assert_int_equal(world_read(v0, ENABLE(c, 0)), 0);
        assert_int_equal(world_read(v0, THRESHOLD(c)), 0);
        assert_int_equal(world_read(v0, CLAIM(c)), 0);
        world_write(v0, CLAIM(c), 3);
        assert_int_equal(hw.completions[3], 0);
    }
    assert_int_equal(world_read(v0, ENABLE(0, 0)), 1U << 3);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
}

static void what_is_no_aligned_word_reads_as_zero_and_ignores_writes(void **state)
{
    static const struct {
        uint32_t offset;
        unsigned size;
    } odd[] = {{PRIORITY(3), 1}, {PRIORITY(3), 2},  {PRIORITY(2), 8},  {PRIORITY(3) + 2U, 4}, {ENABLE(0, 0), 8},
               {ENABLE(0, 0), 1}, {THRESHOLD(0), 8}, {THRESHOLD(0), 2}, {CLAIM(0), 1},         {CLAIM(0), 2},
               {CLAIM(0) - 2U, 4}};
    (void)state;
    let(v0, 3, 2);
    raise_line(3);
    for (unsigned i = 0; i < ARRAY_SIZE(odd); i++) {
        assert_int_equal(world_read_as(v0, odd[i].offset, odd[i].size), 0);
        world_write_as(v0, odd[i].offset, odd[i].size, 0x03030303);
    }
    assert_int_equal(world_read(v0, PRIORITY(3)), 2);
    assert_int_equal(world_read(v0, ENABLE(0, 0)), 1U << 3);
    assert_int_equal(world_read(v0, THRESHOLD(0)), 0);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
}

static void the_frame_is_as_large_as_the_boards(void **state)
{
    struct exit_mmio a = {.size = 4};
    uint64_t val = 0;
    bool abort = true;
    (void)state;
    a.ipa = 0x0c000000 - 4;
    assert_false(vplic_mmio(v0, &a, &val, &abort));
    a.ipa = 0x0c600000;
    assert_false(vplic_mmio(v0, &a, &val, &abort));
    a.ipa = 0x0c5ffffc;
    val = 1;
    assert_true(vplic_mmio(v0, &a, &val, &abort));
    assert_int_equal(val, 0);
    assert_false(abort);
}

/* ---- claim, threshold, completion ---- */

static void a_claim_takes_the_highest_priority_then_the_lowest_source(void **state)
{
    static const struct {
        unsigned source, priority;
    } s[] = {{1, 2}, {3, 6}, {31, 7}, {32, 7}, {40, 6}, {1023, 7}};
    static const unsigned order[] = {31, 32, 1023, 3, 40, 1, 0};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(s); i++) {
        let(v0, s[i].source, s[i].priority);
        raise_line(s[i].source);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        assert_true(world_line(v0) == (order[i] != 0U));
        assert_int_equal(world_read(v0, CLAIM(0)), order[i]);
    }
}

static void a_threshold_holds_the_line_back_but_not_a_claim(void **state)
{
    (void)state;
    world_write(v0, THRESHOLD(0), 4);
    let(v0, 3, 4);
    raise_line(3);
    assert_false(world_line(v0));
    world_write(v0, THRESHOLD(0), 3);
    assert_true(world_line(v0));
    world_write(v0, THRESHOLD(0), 7);
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
}

static void priority_0_never_interrupts_and_is_not_claimed(void **state)
{
    (void)state;
    let(v0, 3, 0);
    raise_line(3);
    assert_false(world_line(v0));
    assert_false(hw.enable[0][3]);
    assert_int_equal(world_read(v0, CLAIM(0)), 0);
    world_write(v0, PRIORITY(3), 1);
    world_settle();
    assert_true(world_line(v0));
    world_write(v0, PRIORITY(3), 0);
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 0);
}

static void a_line_that_stays_high_interrupts_again_after_the_completion_and_not_before(void **state)
{
    (void)state;
    let(v0, 3, 1);
    raise_line(3);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    world_settle();
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 0);
    world_write(v0, CLAIM(0), 3);
    world_settle();
    assert_true(world_line(v0));
    assert_int_equal(hw.completions[3], 1);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    hw_line(3, false);
    world_write(v0, CLAIM(0), 3);
    world_settle();
    assert_false(world_line(v0));
    assert_int_equal(hw.completions[3], 2);
}

static void a_completion_is_ignored_where_the_source_is_not_enabled_or_is_none(void **state)
{
    static const uint32_t wrong[] = {0, NOBODYS, 2, 33, 1024, 1024 + 3, 0x80000003, 0xffffffff};
    (void)state;
    let(v0, 3, 1);
    raise_line(3);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    world_write(v1, CLAIM(1), 3);
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        world_write(v0, CLAIM(0), wrong[i]);
    }
    assert_int_equal(hw.completions[3], 0);
    world_write(v0, CLAIM(0), 3);
    assert_int_equal(hw.completions[3], 1);
    world_write(v0, CLAIM(0), 3); /* nothing is in service any more: the physical PLIC must not hear of it */
    assert_int_equal(hw.completions[3], 1);
}

static void a_completion_before_the_claim_is_ignored(void **state)
{
    (void)state;
    let(v0, 3, 1);
    let(v0, UART, 1);
    raise_line(3);
    uart_line(true);
    world_write(v0, CLAIM(0), 3);
    world_write(v0, CLAIM(0), UART);
    assert_int_equal(hw.completions[3], 0);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    assert_int_equal(world_read(v0, CLAIM(0)), UART);
    uart_line(false);
    uart_line(true);
    assert_false(world_line(v0)); /* both are in service still */
}

static void a_completion_on_another_context_completes_where_it_was_claimed(void **state)
{
    (void)state;
    let(v0, 3, 1);
    let(v1, 3, 1);
    raise_line(3);
    assert_int_equal(hw.claimed_by[3], 0);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    hw_line(3, false);
    world_write(v1, CLAIM(1), 3); /* plic_hw.c says if it is lost */
    assert_int_equal(hw.completions[3], 1);
}

static void a_claim_clears_the_lines_of_all_vcpus(void **state)
{
    (void)state;
    let(v0, 3, 1);
    let(v1, 3, 1);
    raise_line(3);
    assert_true(world_line(v0) && world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), 3);
    assert_false(world_line(v1));
    assert_int_equal(rv.ipis, 1U << v0->cpu);
    world_settle();
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 0);
}

static void a_vcpu_is_asked_once_until_it_looks(void **state)
{
    (void)state;
    let(v1, 3, 1);
    raise_line(3);
    world_write(v0, THRESHOLD(1), 7);
    assert_int_equal(rv.ipis, 1U << v1->cpu);
    rv.ipis = 0;
    world_write(v0, THRESHOLD(1), 6);
    assert_int_equal(rv.ipis, 0);
    rv.cpu = v1->cpu;
    vplic_serve(v1, true);
    assert_false(world_line(v1));
    world_write(v0, THRESHOLD(1), 0);
    assert_int_equal(rv.ipis, 1U << v1->cpu);
}

static void a_vcpu_that_was_asked_and_stops_first_is_asked_again_after_its_next_start(void **state)
{
    (void)state;
    let(v1, 3, 1);
    raise_line(3);
    world_write(v0, THRESHOLD(1), 7);
    world_stop(v1); /* and its start drops what it was asked */
    world_start(v1);
    rv.ipis = 0;
    world_write(v0, THRESHOLD(1), 0);
    assert_int_equal(rv.ipis, 1U << v1->cpu);
    world_settle();
    assert_true(world_line(v1));
}

/* ---- the physical side ---- */

static void a_source_in_service_is_not_pending_whatever_the_physical_plic_shows(void **state)
{
    (void)state;
    let(v0, 3, 1);
    raise_line(3);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    hw.ip[3] = true; /* as a PLIC does whose gateway does not wait for the completion */
    assert_int_equal(world_read(v0, PENDING(0)), 0);
}

static void a_source_is_enabled_at_the_lowest_vcpu_that_is_on_and_has_it_enabled(void **state)
{
    (void)state;
    let(v1, 3, 1);
    assert_true(!hw.enable[0][3] && hw.enable[1][3]);
    let(v0, 3, 1);
    assert_true(hw.enable[0][3] && !hw.enable[1][3]);
    world_stop(v0);
    assert_true(!hw.enable[0][3] && hw.enable[1][3]);
    world_start(v0);
    assert_true(hw.enable[0][3] && !hw.enable[1][3]);
    world_write(v1, ENABLE(0, 0), 0);
    world_write(v1, ENABLE(1, 0), 0);
    assert_true(!hw.enable[0][3] && !hw.enable[1][3]);
}

static void what_is_in_service_is_neither_disabled_nor_routed_elsewhere_until_it_is_completed(void **state)
{
    (void)state;
    let(v0, 3, 1);
    let(v1, 3, 1);
    raise_line(3);
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
    unsigned routings = hw.routings;
    world_write(v0, ENABLE(0, 0), 0);
    world_write(v0, PRIORITY(3), 0);
    world_write(v0, PRIORITY(3), 2);
    world_stop(v0);
    assert_int_equal(hw.routings, routings);
    assert_true(hw.enable[0][3] && !hw.enable[1][3]);
    world_write(v1, CLAIM(1), 3);
    assert_true(!hw.enable[0][3] && hw.enable[1][3]);
    world_settle(); /* the line is still high */
    assert_int_equal(hw.claimed_by[3], 1);
    assert_true(world_line(v1));
}

static void what_arrives_as_it_is_disabled_stays_pending(void **state)
{
    (void)state;
    let(v0, 3, 1);
    hw_line(3, true);
    rv.cpu = 0;
    assert_int_equal(arch_ops.irqc.ack(), RISCV_WIRED + 3U); /* CPU 0 has claimed it, and goes on later */
    world_write(v1, ENABLE(0, 0), 0);
    world_write(v1, ENABLE(1, 0), 1U << 3); /* routed to CPU 1, which cannot complete it */
    hw.transit[3] = false;
    rv.cpu = 0;
    vplic_take(v0, RISCV_WIRED + 3U, true);
    world_settle();
    assert_true(hw.enable[0][3] && !hw.enable[1][3]);
    assert_true(!world_line(v0) && world_line(v1));
    world_write(v1, ENABLE(1, 0), 0);
    world_settle();
    assert_false(world_line(v1));
    assert_int_equal(world_read(v1, PENDING(0)), 1U << 3);
    let(v1, 3, 1);
    assert_true(world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), 3);
    hw_line(3, false);
    world_write(v1, CLAIM(1), 3);
    assert_true(!hw.enable[0][3] && hw.enable[1][3]);
}

static void an_interrupt_that_is_not_the_vms_is_completed_and_then_disabled(void **state)
{
    (void)state;
    hw.owner[NOBODYS] = HW_NONE;
    hw.enable[0][NOBODYS] = true; /* left by whoever ran before */
    raise_line(NOBODYS);
    assert_int_equal(hw.completions[NOBODYS], 1);
    assert_false(hw.enable[0][NOBODYS]);
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, PENDING(0)), 0);
}

/* ---- emulated devices ---- */

static void a_virtual_source_is_level_sensitive_and_has_no_physical_side(void **state)
{
    (void)state;
    let(v1, UART, 1);
    uart_line(true);
    assert_true(world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), UART);
    uart_line(false);
    uart_line(true);
    assert_false(world_line(v1)); /* the gateway waits for the completion */
    world_write(v1, CLAIM(1), UART);
    assert_true(world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), UART);
    uart_line(false);
    world_write(v1, CLAIM(1), UART);
    assert_false(world_line(v1));
}

static void a_request_once_forwarded_stays_when_the_line_falls(void **state)
{
    (void)state;
    let(v0, UART, 1);
    uart_line(true);
    uart_line(false);
    assert_true(world_line(v0));
    assert_int_equal(world_read(v0, PENDING(0)), 1U << UART);
    assert_int_equal(world_read(v0, CLAIM(0)), UART);
    world_write(v0, CLAIM(0), UART);
    assert_false(world_line(v0));
}

static void the_line_of_what_is_not_virtual_is_ignored(void **state)
{
    static const uint32_t intids[] = {0, 31, RISCV_WIRED, RISCV_WIRED + 3U, RISCV_WIRED + NOBODYS, RISCV_WIRED + 1024U,
                                      0xffffffff};
    (void)state;
    let(v0, 3, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        vplic_set_line(&vms[0], intids[i], true);
    }
    vplic_set_line(&vms[1], RISCV_WIRED + UART, true); /* VM 1's is physical */
    world_settle();
    for (unsigned w = 0; w < 32U; w++) {
        assert_int_equal(world_read(v0, PENDING(w)) | world_read(other, PENDING(w)), 0);
    }
}

static void source_0_exists_for_nobody(void **state)
{
    (void)state;
    vplic_add_virtual(&vms[0], RISCV_WIRED);
    vplic_add_virtual(&vms[0], 31);
    vplic_set_line(&vms[0], RISCV_WIRED, true);
    let(v0, 0, 7);
    assert_int_equal(world_read(v0, PRIORITY(0)), 0);
    assert_int_equal(world_read(v0, ENABLE(0, 0)), 0);
    assert_int_equal(world_read(v0, PENDING(0)), 0);
    assert_false(world_line(v0));
}

/* ---- life ---- */

static void a_vcpu_that_starts_finds_what_is_pending_and_one_that_stops_has_no_line(void **state)
{
    (void)state;
    let(v1, 3, 1);
    raise_line(3);
    assert_true(world_line(v1));
    world_stop(v1);
    assert_false(world_line(v1));
    world_write(v0, THRESHOLD(1), 7);
    world_write(v0, THRESHOLD(1), 0);
    world_settle();
    assert_false(world_line(v1));
    world_start(v1);
    assert_true(world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), 3);
}

static void stop_all(void)
{
    world_stop(v0);
    world_stop(v1);
    rv.cpu = v1->cpu;
    vplic_vm_stop(&vms[0]);
}

static void the_end_of_a_vm_leaves_nothing_of_it_and_all_of_the_other(void **state)
{
    (void)state;
    let(other, 2, 1);
    let(v0, 1, 3);
    let(v0, UART, 3);
    let(v1, 40, 3);
    world_write(v0, THRESHOLD(0), 1);
    raise_line(1);
    raise_line(40);
    raise_line(3); /* physically pending, never enabled */
    uart_line(true);
    assert_int_equal(world_read(v1, CLAIM(1)), 40);
    hw_line(1, false);
    hw_line(3, false);
    hw_line(40, false);
    stop_all();
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        assert_true(hw.claimed_by[s] == HW_NONE && !hw.ip[s]);
        assert_true(hw.enable[4][s] == (s == 2U));
        assert_true(!hw.enable[0][s] && !hw.enable[1][s]);
    }
    world_start(v0);
    assert_false(world_line(v0));
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        assert_int_equal(world_read(v0, PRIORITY(s)), 0);
    }
    for (unsigned w = 0; w < 32U; w++) {
        assert_int_equal(world_read(v0, PENDING(w)) | world_read(v0, ENABLE(0, w)) | world_read(v0, ENABLE(1, w)), 0);
    }
    assert_int_equal(world_read(v0, THRESHOLD(0)), 0);
    assert_int_equal(world_read(other, ENABLE(0, 0)), 1U << 2);
}

static void what_was_claimed_before_the_end_and_comes_after_it_is_completed_and_disabled(void **state)
{
    (void)state;
    let(v0, 3, 1);
    hw_line(3, true);
    rv.cpu = 0;
    assert_int_equal(arch_ops.irqc.ack(), RISCV_WIRED + 3U);
    stop_all();
    hw.transit[3] = false;
    hw.line[3] = false;
    rv.cpu = 0;
    vplic_take(v0, RISCV_WIRED + 3U, false);
    assert_int_equal(hw.claimed_by[3], HW_NONE);
    assert_int_equal(hw.completions[3], 1);
    assert_false(hw.enable[0][3]);
    world_start(v0);
    assert_int_equal(world_read(v0, PENDING(0)), 0);
}

static void what_comes_between_the_last_stop_and_the_next_start_is_kept(void **state)
{
    (void)state;
    let(v0, 3, 1);
    world_stop(v1);
    hw_line(3, true);
    hw_line(3, false); /* an edge */
    rv.cpu = 0;
    assert_int_equal(arch_ops.irqc.ack(), RISCV_WIRED + 3U);
    world_stop(v0);
    hw.transit[3] = false;
    rv.cpu = 0;
    vplic_take(v0, RISCV_WIRED + 3U, false);
    world_start(v0);
    assert_true(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), 3);
}

static void pending_is_what_the_guest_has_enabled_in_vsie(void **state)
{
    (void)state;
    let(v1, 3, 1);
    raise_line(3);
    rv.cpu = v1->cpu;
    assert_false(vplic_pending(v1));
    rv.vsie[v1->cpu] = HVIP_VSEIP;
    assert_true(vplic_pending(v1));
    world_write(v0, THRESHOLD(1), 1); /* v1 has been asked, and has not looked yet */
    rv.cpu = v1->cpu;
    assert_false(vplic_pending(v1));
    rv.vsie[v1->cpu] = HVIP_VSTIP;
    rv.hvip[v1->cpu] |= HVIP_VSTIP;
    assert_true(vplic_pending(v1));
}

static void the_capacity_is_the_boards_sources(void **state)
{
    (void)state;
    assert_int_equal(vplic_capacity(), rv_plan()->nr_irqs - 33U);
    rv_plan()->nr_irqs = 32;
    vplic_init_all(rv_plan());
    assert_int_equal(vplic_capacity(), 0);
}

static int setup_at_once(void **state)
{
    world_at_once = true;
    return setup(state);
}

static int teardown_at_once(void **state)
{
    (void)state;
    world_at_once = false;
    return 0;
}

/* Each by both ways of a claim and a completion. */
#define CASE(f) cmocka_unit_test_setup(f, setup), {#f " at once", f, setup_at_once, teardown_at_once, NULL}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_vm_has_the_sources_of_its_plan_and_its_virtual_ones_alone),
        CASE(priorities_and_thresholds_have_three_bits),
        CASE(pending_bits_cannot_be_written_and_show_no_other_vms_sources),
        CASE(contexts_beyond_the_vcpus_read_as_zero_and_ignore_writes),
        CASE(what_is_no_aligned_word_reads_as_zero_and_ignores_writes),
        CASE(the_frame_is_as_large_as_the_boards),
        CASE(a_claim_takes_the_highest_priority_then_the_lowest_source),
        CASE(a_threshold_holds_the_line_back_but_not_a_claim),
        CASE(priority_0_never_interrupts_and_is_not_claimed),
        CASE(a_line_that_stays_high_interrupts_again_after_the_completion_and_not_before),
        CASE(a_completion_is_ignored_where_the_source_is_not_enabled_or_is_none),
        CASE(a_completion_before_the_claim_is_ignored),
        CASE(a_completion_on_another_context_completes_where_it_was_claimed),
        CASE(a_claim_clears_the_lines_of_all_vcpus),
        CASE(a_vcpu_is_asked_once_until_it_looks),
        CASE(a_vcpu_that_was_asked_and_stops_first_is_asked_again_after_its_next_start),
        CASE(a_source_in_service_is_not_pending_whatever_the_physical_plic_shows),
        CASE(a_source_is_enabled_at_the_lowest_vcpu_that_is_on_and_has_it_enabled),
        CASE(what_is_in_service_is_neither_disabled_nor_routed_elsewhere_until_it_is_completed),
        CASE(what_arrives_as_it_is_disabled_stays_pending),
        CASE(an_interrupt_that_is_not_the_vms_is_completed_and_then_disabled),
        CASE(a_virtual_source_is_level_sensitive_and_has_no_physical_side),
        CASE(a_request_once_forwarded_stays_when_the_line_falls),
        CASE(the_line_of_what_is_not_virtual_is_ignored),
        CASE(source_0_exists_for_nobody),
        CASE(a_vcpu_that_starts_finds_what_is_pending_and_one_that_stops_has_no_line),
        CASE(the_end_of_a_vm_leaves_nothing_of_it_and_all_of_the_other),
        CASE(what_was_claimed_before_the_end_and_comes_after_it_is_completed_and_disabled),
        CASE(what_comes_between_the_last_stop_and_the_next_start_is_kept),
        CASE(pending_is_what_the_guest_has_enabled_in_vsie),
        CASE(the_capacity_is_the_boards_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
