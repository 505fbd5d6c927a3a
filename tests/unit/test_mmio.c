/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vdev/mmio.h"

static struct mmio_access seen;
static uint64_t written;
static unsigned reads, writes;

static uint64_t on_read(const struct mmio_access *a)
{
    seen = *a;
    reads++;
    return 0x8877665544332211ULL;
}

static void on_write(const struct mmio_access *a, uint64_t val)
{
    seen = *a;
    written = val;
    writes++;
}

static const struct mmio_reg regs[] = {
    { "BYTES", 0x10, 16, MMIO_W8 | MMIO_W32, 8, on_read, on_write },
    { "BITS", 0x40, 8, MMIO_W32, 1, on_read, on_write },
    { "WIDE", 0x50, 16, MMIO_W32 | MMIO_W64, 64, on_read, on_write },
    { "NOTHING", 0x60, 4, MMIO_W32, 0, NULL, NULL },
};
static const struct mmio_table table = { .regs = regs, .count = ARRAY_SIZE(regs) };
static const struct mmio_table nothing = { .regs = regs };

static void a_register_is_found_by_every_offset_of_its_block_and_no_other(void **state)
{
    (void)state;
    for (uint32_t off = 0; off < 0x80U; off++) {
        const struct mmio_reg *want = NULL;
        for (unsigned i = 0; i < table.count; i++) {
            if (off >= regs[i].offset && off < regs[i].offset + regs[i].length) {
                want = &regs[i];
            }
        }
        assert_ptr_equal(mmio_find(&table, off), want);
        assert_null(mmio_find(&nothing, off));
    }
}

static void only_the_widths_and_alignments_of_a_register_reach_it(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, size;
        bool reaches;
    } cases[] = {
        { 0x10, 1, true },  { 0x13, 1, true },  { 0x10, 2, false }, { 0x10, 4, true },  { 0x12, 4, false },
        { 0x10, 8, false }, { 0x40, 1, false }, { 0x40, 4, true },  { 0x44, 4, true },  { 0x42, 4, false },
        { 0x40, 8, false }, { 0x50, 8, true },  { 0x54, 4, true },  { 0x54, 8, false }, { 0x58, 8, true },
        { 0x20, 4, false }, { 0x00, 4, false }, { 0x7c, 4, false },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t val = ~0ULL;
        reads = writes = 0;
        mmio_access(mmio_find(&table, cases[i].offset), NULL, NULL, cases[i].offset, cases[i].size, false, &val);
        assert_int_equal(reads, cases[i].reaches);
        assert_int_equal(val, cases[i].reaches ? 0x8877665544332211ULL & (~0ULL >> (64U - 8U * cases[i].size)) : 0U);
        val = 0xf0f1f2f3f4f5f6f7ULL;
        mmio_access(mmio_find(&table, cases[i].offset), NULL, NULL, cases[i].offset, cases[i].size, true, &val);
        assert_int_equal(writes, cases[i].reaches);
        if (cases[i].reaches) {
            assert_int_equal(written, 0xf0f1f2f3f4f5f6f7ULL & (~0ULL >> (64U - 8U * cases[i].size)));
        }
    }
}

static void a_handler_is_told_who_what_and_which_interrupts(void **state)
{
    (void)state;
    struct vcpu v;
    int dev;
    uint64_t val = 0;
    mmio_access(mmio_find(&table, 0x1c), &v, &dev, 0x1c, 4, false, &val);
    assert_ptr_equal(seen.v, &v);
    assert_ptr_equal(seen.dev, &dev);
    assert_int_equal(seen.offset, 12);
    assert_int_equal(seen.first, 12);
    assert_int_equal(seen.size, 4);
    mmio_access(mmio_find(&table, 0x44), &v, &dev, 0x44, 4, false, &val);
    assert_int_equal(seen.first, 32);
    mmio_access(mmio_find(&table, 0x5c), &v, &dev, 0x5c, 4, false, &val);
    assert_int_equal(seen.first, 1);
}

static void a_register_without_handlers_reads_as_zero_and_ignores_writes(void **state)
{
    (void)state;
    uint64_t val = 5;
    mmio_access(mmio_find(&table, 0x60), NULL, NULL, 0x60, 4, true, &val);
    mmio_access(mmio_find(&table, 0x60), NULL, NULL, 0x60, 4, false, &val);
    assert_int_equal(val, 0);
}

static void a_word_is_told_where_it_is(void **state)
{
    (void)state;
    static const uint8_t start[MMIO_GRANULES] = { 0 };
    const struct mmio_table granules = { .regs = regs, .count = ARRAY_SIZE(regs), .granules = MMIO_GRANULES, .start = start };
    struct mmio_access a;
    struct vcpu v;
    int dev;
    assert_ptr_equal(mmio_word(&granules, &v, &dev, 0x1c, &a), &regs[0]);
    assert_true(a.v == &v && a.dev == &dev && a.offset == 12U && a.size == 4U);
    assert_null(mmio_word(&granules, &v, &dev, 0x0c, &a));
    assert_null(mmio_word(&granules, &v, &dev, 0x1d, &a));
    assert_null(mmio_word(&granules, &v, &dev, 0x1e, &a));
    assert_null(mmio_word(&granules, &v, &dev, 0x20, &a));
    assert_null(mmio_word(&granules, &v, &dev, 0x40, &a)); /* not the first of its granule */
    assert_null(mmio_word(&granules, &v, &dev, 0x1010, &a));
    assert_null(mmio_word(&granules, &v, &dev, 0x100000010, &a));
    assert_null(mmio_word(&granules, &v, &dev, (uint64_t)0 - 4U, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_is_found_by_every_offset_of_its_block_and_no_other),
        cmocka_unit_test(only_the_widths_and_alignments_of_a_register_reach_it),
        cmocka_unit_test(a_handler_is_told_who_what_and_which_interrupts),
        cmocka_unit_test(a_word_is_told_where_it_is),
        cmocka_unit_test(a_register_without_handlers_reads_as_zero_and_ignores_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
