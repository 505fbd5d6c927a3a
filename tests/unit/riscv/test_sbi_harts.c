/* SPDX-License-Identifier: Apache-2.0 */
/* Calls with a hart mask: IPI and RFENCE, against what SBI 2.0 3.1 says of masks, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"
#include "seeds.h"
#include "vdev/vhart.h"

#define IPI    0x735049ULL
#define RFENCE 0x52464e43ULL

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(4, 2, false);
    for (unsigned i = 0; i < 4; i++) {
        sbi_start(hart(i));
    }
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static uint64_t rnd;
static uint64_t failed; /* the seed under way; 0: none */

static int tell_seed(void **state)
{
    (void)state;
    if (failed != 0) {
        print_error("SBI_MASK_SEED=%lu\n", (unsigned long)failed);
        failed = 0;
    }
    return 0;
}

static uint64_t random64(void)
{
    rnd ^= rnd << 13;
    rnd ^= rnd >> 7;
    rnd ^= rnd << 17;
    return rnd;
}

/* The harts that a mask names, of nr; false if it is not valid. */
static bool model_harts(unsigned nr, uint64_t mask, uint64_t base, unsigned *harts)
{
    *harts = 0;
    if (base == ~0ULL) {
        *harts = (1U << nr) - 1U;
        return true;
    }
    bool valid = base < nr;
    for (unsigned bit = 0; bit < 64; bit++) {
        if ((mask >> bit) & 1) {
            uint64_t id = base + bit;
            bool there = id >= base && id < nr; /* it does not wrap */
            valid = valid && there;
            *harts |= there ? 1U << id : 0;
        }
    }
    return valid;
}

static uint64_t random_mask(void)
{
    switch (random64() % 5) {
    case 0:
        return random64();
    case 1:
        return 1ULL << (random64() % 64);
    case 2:
        return random64() % 2 ? 0 : ~0ULL;
    default:
        return random64() % 32;
    }
}

static uint64_t random_base(void)
{
    static const uint64_t edges[] = {~0ULL, ~1ULL, 1ULL << 63, 1ULL << 32, 0xffffffff, 63, 64, ~0ULL - 62};
    return random64() % 3 ? random64() % 6 : edges[random64() % ARRAY_SIZE(edges)];
}

/* Each started sibling takes what was sent to it; who then has a software interrupt pending, as bits. */
static unsigned interrupted(void)
{
    unsigned set = 0;
    for (unsigned i = 0; i < sbi_vm->nr_vcpus; i++) {
        struct vcpu *v = hart(i);
        rv.cpu = v->cpu;
        if (atomic32_load(&v->state) == VCPU_ON && (vcpu_take_requests(v) & VCPU_REQ_VIRQ) != 0) {
            vhart_serve(v);
        }
        set |= (rv.hvip[v->cpu] & HVIP_VSSIP) != 0 ? 1U << i : 0;
        rv.hvip[v->cpu] = 0;
    }
    return set;
}

static unsigned cpus(unsigned harts)
{
    unsigned set = 0;
    for (unsigned i = 0; i < 4; i++) {
        set |= (harts >> i) & 1 ? 1U << hart(i)->cpu : 0;
    }
    return set;
}

static void try_mask(unsigned nr, unsigned on, uint64_t mask, uint64_t base)
{
    unsigned harts;
    bool valid = model_harts(nr, mask, base, &harts);
    unsigned reached = valid ? harts & on : 0;
    rv.ipis = 0;
    assert_answer(sbi_call(hart(0), IPI, 0, SBI_ARGS(mask, base)), valid ? 0 : -3, 0);
    assert_int_equal(rv.ipis, cpus(reached & ~1U));
    assert_int_equal(interrupted(), reached);
    for (unsigned fid = 0; fid < 3; fid++) {
        unsigned calls = rv.fence.calls;
        assert_answer(sbi_call(hart(0), RFENCE, fid, SBI_ARGS(mask, base, 0x1000, 0x2000, 7)), valid ? 0 : -3, 0);
        assert_int_equal(rv.fence.calls - calls, reached != 0);
        if (reached != 0) {
            assert_int_equal(rv.fence.cpus, cpus(reached));
        }
    }
}

static void masks_name_the_harts_that_the_specification_says(void **state)
{
    (void)state;
    struct seeds s = seeds_of("SBI_MASK", 24);
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        failed = seed;
        rnd = seed * 0x9e3779b97f4a7c15ULL;
        unsigned nr = 1U + (unsigned)(random64() % 4);
        unsigned on = 1U | ((unsigned)random64() & ((1U << nr) - 1U));
        sbi_reset(nr, 2, false);
        for (unsigned i = 0; i < nr; i++) {
            if ((on >> i) & 1) {
                sbi_start(hart(i));
            }
        }
        for (unsigned i = 0; i < 500; i++) {
            try_mask(nr, on, random_mask(), random_base());
        }
    }
    failed = 0;
}

static void one_wrong_hart_in_a_mask_leaves_all_others_alone(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), IPI, 0, SBI_ARGS(0x1f, 0)), -3, 0);
    assert_answer(sbi_call(hart(0), IPI, 0, SBI_ARGS(0x3, 3)), -3, 0);
    assert_answer(sbi_call(hart(0), IPI, 0, SBI_ARGS(0, 4)), -3, 0);
    assert_answer(sbi_call(hart(0), RFENCE, 0, SBI_ARGS(0x1f, 0)), -3, 0);
    assert_int_equal(interrupted(), 0);
    assert_int_equal(rv.fence.calls, 0);
}

static void harts_that_are_not_started_yet_are_passed_over(void **state)
{
    (void)state;
    (void)sbi_call(hart(1), 0x48534d, 1, SBI_ARGS(0));
    assert_true(sbi_leave(hart(1)));
    assert_answer(sbi_call(hart(0), 0x48534d, 0, SBI_ARGS(1, SBI_RAM, 0)), 0, 0); /* start pending */
    rv.ipis = 0;
    assert_answer(sbi_call(hart(0), IPI, 0, SBI_ARGS(2, 0)), 0, 0);
    assert_answer(sbi_call(hart(0), RFENCE, 0, SBI_ARGS(2, 0)), 0, 0);
    assert_int_equal(rv.ipis, 0);
    assert_int_equal(rv.fence.calls, 0);
    assert_answer(sbi_call(hart(0), RFENCE, 0, SBI_ARGS(0, ~0ULL)), 0, 0);
    assert_int_equal(rv.fence.cpus, cpus(13));
}

static void fences_carry_their_range_and_asid(void **state)
{
    (void)state;
    const uint64_t start = 0xffffffff80001000ULL;
    assert_answer(sbi_call(hart(1), RFENCE, 0, SBI_ARGS(5, 0, start, ~5ULL, 9)), 0, 0);
    assert_int_equal(rv.fence.what, RISCV_FENCE_I);
    assert_int_equal(rv.fence.cpus, cpus(5));
    assert_answer(sbi_call(hart(1), RFENCE, 1, SBI_ARGS(1, 1, start, 0x3000, 9)), 0, 0);
    assert_int_equal(rv.fence.what, RISCV_SFENCE_VMA);
    assert_int_equal(rv.fence.cpus, cpus(2));
    assert_int_equal(rv.fence.start, start);
    assert_int_equal(rv.fence.size, 0x3000);
    assert_answer(sbi_call(hart(1), RFENCE, 2, SBI_ARGS(0, ~0ULL, start, 0x4000, 0xabcdef1234ULL)), 0, 0);
    assert_int_equal(rv.fence.what, RISCV_SFENCE_VMA_ASID);
    assert_int_equal(rv.fence.cpus, cpus(15));
    assert_int_equal(rv.fence.start, start);
    assert_int_equal(rv.fence.size, 0x4000);
    assert_int_equal(rv.fence.asid, 0x1234);
}

static void a_range_must_not_wrap_unless_it_means_all_addresses(void **state)
{
    (void)state;
    static const struct {
        uint64_t start, size;
        int64_t want;
    } cases[] = {
        {0, 0, 0},
        {0, ~0ULL, 0},
        {0x5000, ~0ULL, 0},
        {~0ULL, ~0ULL, 0},
        {0x5000, 0, 0},
        {~0ULL, 1, 0},
        {~0ULL, 2, -5},
        {~0xfffULL, 0x1000, 0},
        {~0xfffULL, 0x1001, -5},
        {1ULL << 63, 1ULL << 63, 0},
        {(1ULL << 63) + 1, 1ULL << 63, -5},
        {2, ~0ULL - 1, 0},
        {3, ~0ULL - 1, -5},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        for (unsigned fid = 1; fid < 3; fid++) {
            unsigned calls = rv.fence.calls;
            assert_answer(sbi_call(hart(0), RFENCE, fid, SBI_ARGS(1, 0, cases[i].start, cases[i].size, 0)),
                          cases[i].want, 0);
            assert_int_equal(rv.fence.calls - calls, cases[i].want == 0);
            if (cases[i].want == 0) {
                assert_int_equal(rv.fence.start, cases[i].start);
                assert_int_equal(rv.fence.size, cases[i].size);
            }
        }
    }
}

static void a_fence_that_the_firmware_refuses_has_failed(void **state)
{
    (void)state;
    rv.fence_answer = HV_ERR_FIRMWARE;
    for (unsigned fid = 0; fid < 3; fid++) {
        assert_answer(sbi_call(hart(0), RFENCE, fid, SBI_ARGS(3, 0)), -1, 0);
    }
}

static void hypervisor_fences_are_not_supported(void **state)
{
    (void)state;
    for (unsigned fid = 3; fid < 7; fid++) {
        assert_answer(sbi_call(hart(0), RFENCE, fid, SBI_ARGS(1, 0, 0, 0, 1)), -2, 0);
    }
    assert_int_equal(rv.fence.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(masks_name_the_harts_that_the_specification_says, setup, tell_seed),
        cmocka_unit_test_setup(one_wrong_hart_in_a_mask_leaves_all_others_alone, setup),
        cmocka_unit_test_setup(harts_that_are_not_started_yet_are_passed_over, setup),
        cmocka_unit_test_setup(fences_carry_their_range_and_asid, setup),
        cmocka_unit_test_setup(a_range_must_not_wrap_unless_it_means_all_addresses, setup),
        cmocka_unit_test_setup(a_fence_that_the_firmware_refuses_has_failed, setup),
        cmocka_unit_test_setup(hypervisor_fences_are_not_supported, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
