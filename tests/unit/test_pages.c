/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/pages.h"
#include "hv/arch_ops.h"
#include "memory_fixture.h"

#define POOL 0x40211000ULL /* page-aligned, no more */

static int setup(void **state)
{
    (void)state;
    memory_reset(POOL, 64);
    return 0;
}

static void pages_init_refuses_bad_pools(void **state)
{
    struct pages p;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL + 8U), 4), HV_ERR_ALIGN);
    assert_int_equal(pages_init(&p, PA(POOL), 0), HV_ERR_RANGE);
    assert_int_equal(pages_init(&p, PA(POOL), UINT64_MAX / 2U), HV_ERR_RANGE);
    assert_int_equal(pages_init(&p, PA(0xfffffffffffff000), 2), HV_ERR_RANGE);
    assert_int_equal(pages_init(&p, PA(0xfffffffffffff000), 1), HV_OK);
}

static void pages_alloc_hands_out_zeroed_pages_in_order(void **state)
{
    struct pages p;
    paddr_t a, b;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL), 8), HV_OK);
    assert_int_equal(pages_alloc(&p, 1, &a), HV_OK);
    assert_int_equal(pages_alloc(&p, 1, &b), HV_OK);
    assert_int_equal(a.v, POOL);
    assert_int_equal(b.v, POOL + PAGE_SIZE);
    uint64_t word;
    for (uint64_t at = POOL; at < POOL + (2U * PAGE_SIZE); at += 8U) {
        assert_true(memory_read(NULL, at, &word));
        assert_int_equal(word, 0);
    }
    assert_true(memory_read(NULL, POOL + (2U * PAGE_SIZE), &word));
    assert_int_not_equal(word, 0); /* not its own yet */
    assert_int_equal(p.used, 2);
}

static void pages_alloc_aligns_to_the_count_and_loses_the_padding(void **state)
{
    struct pages p;
    paddr_t a;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL), 64), HV_OK);
    assert_int_equal(pages_alloc(&p, 4, &a), HV_OK);
    assert_int_equal(a.v, 0x40214000);
    assert_int_equal(p.used, 3U + 4U);
    assert_int_equal(pages_alloc(&p, 16, &a), HV_OK);
    assert_int_equal(a.v, 0x40220000);
    assert_int_equal(p.used, 31);
}

static void pages_alloc_refuses_counts_that_are_no_power_of_two(void **state)
{
    static const unsigned counts[] = { 0, 3, 6, 12 };
    struct pages p;
    paddr_t a;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL), 64), HV_OK);
    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        assert_int_equal(pages_alloc(&p, counts[i], &a), HV_ERR_INVAL);
    }
    assert_int_equal(p.used, 0);
}

static void pages_alloc_leaves_an_exhausted_pool_as_it_was(void **state)
{
    struct pages p;
    paddr_t a;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL), 6), HV_OK);
    assert_int_equal(pages_alloc(&p, 4, &a), HV_ERR_NOMEM); /* 3 pages of padding */
    assert_int_equal(p.used, 0);
    for (unsigned i = 0; i < 6U; i++) {
        assert_int_equal(pages_alloc(&p, 1, &a), HV_OK);
    }
    assert_int_equal(pages_alloc(&p, 1, &a), HV_ERR_NOMEM);
    assert_int_equal(p.used, 6);
}

static void *no_map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    (void)pa;
    (void)size;
    (void)attr;
    return NULL;
}

static void pages_alloc_answers_nomem_when_the_page_cannot_be_mapped(void **state)
{
    struct pages p;
    paddr_t a;
    (void)state;
    assert_int_equal(pages_init(&p, PA(POOL), 6), HV_OK);
    void *(*map)(paddr_t, uint64_t, enum map_attr) = arch_ops.mmu.map;
    arch_ops.mmu.map = no_map;
    enum hv_status st = pages_alloc(&p, 1, &a);
    arch_ops.mmu.map = map;
    assert_int_equal(st, HV_ERR_NOMEM);
    assert_int_equal(p.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pages_init_refuses_bad_pools, setup),
        cmocka_unit_test_setup(pages_alloc_hands_out_zeroed_pages_in_order, setup),
        cmocka_unit_test_setup(pages_alloc_aligns_to_the_count_and_loses_the_padding, setup),
        cmocka_unit_test_setup(pages_alloc_refuses_counts_that_are_no_power_of_two, setup),
        cmocka_unit_test_setup(pages_alloc_leaves_an_exhausted_pool_as_it_was, setup),
        cmocka_unit_test_setup(pages_alloc_answers_nomem_when_the_page_cannot_be_mapped, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
