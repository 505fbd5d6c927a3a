/* SPDX-License-Identifier: Apache-2.0 */
/* Doorbells at a virtual PLIC: a gateway that takes edges, whoever rings. VM 0 has two vCPUs on CPUs 0 and 1, VM 1 one on CPU 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plic_world.h"
#include "vdev/vplic.h"

#define BELL  40U
#define OTHER 41U /* another doorbell of the same word */

static const struct world_source sources[] = {{0, 3, false}, {0, BELL, false}, {0, OTHER, false}, {1, 2, false}};
static struct vcpu *v0, *v1;

static int setup(void **state)
{
    (void)state;
    world_reset(2, 1, sources, ARRAY_SIZE(sources));
    vplic_add_doorbell(&vms[0], RISCV_WIRED + BELL);
    vplic_add_doorbell(&vms[0], RISCV_WIRED + OTHER);
    v0 = &vms[0].vcpus[0];
    v1 = &vms[0].vcpus[1];
    world_start(v0);
    world_start(v1);
    world_start(&vms[1].vcpus[0]);
    return 0;
}

static void let(struct vcpu *v, unsigned source)
{
    uint32_t word = ENABLE(v->index, source / 32U);

    world_write(v, PRIORITY(source), 1);
    world_write(v, word, world_read(v, word) | (uint32_t)1 << (source % 32U));
    world_settle();
}

static void ring(unsigned source)
{
    unsigned locks = rv.locks;

    rv.cpu = 4; /* VM 1's */
    vplic_ring(&vms[0], RISCV_WIRED + source);
    assert_int_equal(rv.locks, locks);
    world_settle();
}

static void rings_coalesce_until_they_are_claimed(void **state)
{
    (void)state;
    let(v1, BELL);
    ring(BELL);
    ring(BELL);
    assert_true(world_line(v1) && !world_line(v0));
    assert_int_equal(world_read(v1, CLAIM(1)), BELL);
    assert_false(world_line(v1));
    world_write(v1, CLAIM(1), BELL);
    assert_false(world_line(v1));
    assert_int_equal(world_read(v1, CLAIM(1)), 0);
}

/* A receiver that has it masked, or does not look, is interrupted once. */
static void a_doorbell_that_is_pending_costs_its_vm_nothing(void **state)
{
    (void)state;
    rv.cpu = 4;
    rv.ipis = 0;
    vplic_ring(&vms[0], RISCV_WIRED + BELL);
    assert_int_equal(rv.ipis, 1); /* CPU 0 */
    rv.ipis = 0;
    vplic_ring(&vms[0], RISCV_WIRED + BELL); /* not served yet */
    assert_int_equal(rv.ipis, 0);
    vplic_ring(&vms[0], RISCV_WIRED + OTHER);
    assert_int_equal(rv.ipis, 1);
    world_settle();
    rv.ipis = 0;
    rv.cpu = 4;
    for (unsigned i = 0; i < 10U; i++) {
        vplic_ring(&vms[0], RISCV_WIRED + BELL);
    }
    assert_int_equal(rv.ipis, 0);
    let(v0, BELL);
    assert_int_equal(world_read(v0, CLAIM(0)), BELL);
    rv.cpu = 4;
    vplic_ring(&vms[0], RISCV_WIRED + BELL); /* from the claim on it counts again */
    assert_int_equal(rv.ipis, 1);
}

static void a_ring_between_claim_and_completion_comes_again_once(void **state)
{
    (void)state;
    let(v0, BELL);
    ring(BELL);
    assert_int_equal(world_read(v0, CLAIM(0)), BELL);
    ring(BELL);
    ring(BELL);
    assert_false(world_line(v0)); /* the gateway forwards nothing before the completion */
    world_write(v0, CLAIM(0), BELL);
    assert_true(world_line(v0));
    assert_int_equal(world_read(v0, CLAIM(0)), BELL);
    world_write(v0, CLAIM(0), BELL);
    assert_false(world_line(v0));
}

static void doorbells_of_a_word_are_apart(void **state)
{
    (void)state;
    let(v0, BELL);
    let(v1, OTHER);
    ring(OTHER);
    assert_true(world_line(v1) && !world_line(v0));
    assert_int_equal(world_read(v0, PENDING(1)), 1U << (OTHER % 32U));
    ring(BELL);
    assert_true(world_line(v0));
}

static void what_is_rung_before_it_is_enabled_is_pending(void **state)
{
    (void)state;
    ring(BELL);
    assert_false(world_line(v0));
    assert_int_equal(world_read(v0, PENDING(1)), 1U << (BELL % 32U));
    let(v0, BELL);
    assert_true(world_line(v0));
}

/* CPU 0 is there for the VM also while its vCPU is off. */
static void a_vcpu_that_is_off_serves_the_others(void **state)
{
    (void)state;
    let(v1, BELL);
    world_stop(v0);
    ring(BELL);
    assert_true(world_line(v1));
}

static void a_ring_that_nobody_served_is_taken_as_a_vcpu_starts(void **state)
{
    (void)state;
    let(v1, BELL);
    world_stop(v0);
    rv.cpu = 4;
    vplic_ring(&vms[0], RISCV_WIRED + BELL);
    (void)atomic32_xchg(&v0->request, 0); /* as run_wait_start does before it starts the vCPU */
    world_start(v0);
    world_settle();
    assert_true(world_line(v1));
}

static void the_end_of_the_vm_ends_its_rings(void **state)
{
    (void)state;
    let(v0, BELL);
    rv.cpu = 4;
    vplic_ring(&vms[0], RISCV_WIRED + BELL);
    world_stop(v0);
    world_stop(v1);
    rv.cpu = v1->cpu;
    vplic_vm_stop(&vms[0]);
    world_start(v0);
    let(v0, BELL);
    world_settle();
    assert_false(world_line(v0));
    ring(BELL); /* it is a doorbell still */
    assert_true(world_line(v0));
}

static void what_is_no_doorbell_cannot_be_rung(void **state)
{
    static const unsigned no[] = {3, 2, 0, 1023};

    (void)state;
    let(v0, 3);
    for (unsigned i = 0; i < ARRAY_SIZE(no); i++) {
        ring(no[i]);
    }
    rv.cpu = 4;
    vplic_ring(&vms[0], 31);
    vplic_ring(&vms[0], RISCV_WIRED + 1024U);
    vplic_ring(&vms[0], UINT32_MAX);
    world_settle();
    for (unsigned w = 0; w < 32U; w++) {
        assert_int_equal(world_read(v0, PENDING(w)), 0);
    }
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(rings_coalesce_until_they_are_claimed),
        CASE(a_doorbell_that_is_pending_costs_its_vm_nothing),
        CASE(a_ring_between_claim_and_completion_comes_again_once),
        CASE(doorbells_of_a_word_are_apart),
        CASE(what_is_rung_before_it_is_enabled_is_pending),
        CASE(a_vcpu_that_is_off_serves_the_others),
        CASE(a_ring_that_nobody_served_is_taken_as_a_vcpu_starts),
        CASE(the_end_of_the_vm_ends_its_rings),
        CASE(what_is_no_doorbell_cannot_be_rung),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
