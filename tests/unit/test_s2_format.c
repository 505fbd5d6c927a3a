/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hv/s2_format.h"

static void s2_geometry_is_the_deepest_legal_start_level(void **state)
{
    static const struct {
        unsigned ipa_bits, pa_bits, bits, level, pages;
    } cases[] = {
        { 1, 40, 32, 2, 4 },   { 31, 40, 32, 2, 4 },  { 32, 32, 32, 2, 4 },  { 33, 36, 33, 2, 8 },
        { 34, 40, 34, 2, 16 }, { 35, 40, 35, 1, 1 },  { 39, 40, 39, 1, 1 },  { 40, 40, 40, 1, 2 },
        { 41, 44, 41, 1, 4 },  { 42, 42, 42, 1, 8 },  { 43, 44, 43, 1, 16 }, { 44, 44, 44, 0, 1 },
        { 48, 48, 48, 0, 1 },  { 48, 52, 48, 0, 1 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct s2_geometry g;
        assert_int_equal(s2_geometry(cases[i].ipa_bits, cases[i].pa_bits, &g), HV_OK);
        assert_int_equal(g.ipa_bits, cases[i].bits);
        assert_int_equal(g.start_level, cases[i].level);
        assert_int_equal(g.root_pages, cases[i].pages);
    }
}

/* DDI 0487 D8.2.2: a CPU with 40 or 42 PA bits may not start at level 0. */
static void s2_geometry_never_starts_at_level_0_on_a_cpu_with_few_pa_bits(void **state)
{
    (void)state;
    for (unsigned pa = 32; pa <= 43; pa++) {
        for (unsigned ipa = 1; ipa <= pa; ipa++) {
            struct s2_geometry g;
            assert_int_equal(s2_geometry(ipa, pa, &g), HV_OK);
            assert_true(g.start_level > 0U);
            assert_true(g.root_pages <= 16U);
        }
    }
}

static void s2_geometry_refuses_sizes_the_cpu_or_the_format_has_not(void **state)
{
    static const unsigned cases[][2] = { { 0, 40 }, { 41, 40 }, { 33, 32 }, { 32, 31 }, { 49, 52 }, { 64, 64 } };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct s2_geometry g;
        assert_int_equal(s2_geometry(cases[i][0], cases[i][1], &g), HV_ERR_RANGE);
    }
}

/* Written out by hand from DDI 0487 D19.2.150 (VTCR_EL2) and D19.2.151 (VTTBR_EL2). */
static void s2_hw_has_the_architecture_s_bit_patterns(void **state)
{
    static const struct {
        unsigned ipa_bits, pa_bits, vmid;
        uint64_t root, ctrl, base;
    } cases[] = {
        { 32, 32, 1, 0x40204000, 0x80003520, 0x0001000040204000 },
        { 34, 36, 7, 0x40210000, 0x8001351e, 0x0007000040210000 },
        { 40, 40, 1, 0x40204000, 0x80023558, 0x0001000040204000 },
        { 40, 42, 2, 0x40204000, 0x80033558, 0x0002000040204000 },
        { 44, 44, 255, 0xfffffffff000, 0x80043594, 0x00fffffffffff000 },
        { 48, 48, 3, 0x40205000, 0x80053590, 0x0003000040205000 },
        { 48, 52, 3, 0x40205000, 0x80053590, 0x0003000040205000 },
        { 32, 39, 3, 0x40204000, 0x80013520, 0x0003000040204000 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct s2_geometry g;
        assert_int_equal(s2_geometry(cases[i].ipa_bits, cases[i].pa_bits, &g), HV_OK);
        struct s2_hw hw = s2_hw(&g, PA(cases[i].root), VMID((uint16_t)cases[i].vmid), cases[i].pa_bits);
        assert_int_equal(hw.ctrl, cases[i].ctrl);
        assert_int_equal(hw.base, cases[i].base);
    }
}

/* DDI 0487 D8.3.2: MemAttr [5:2], S2AP [7:6], SH [9:8], AF [10], XN [54:53]. */
static void s2_format_attributes_are_the_architecture_s(void **state)
{
    static const struct {
        enum s2_mem mem;
        unsigned rights;
        uint64_t attr;
    } cases[] = {
        { S2_MEM_NORMAL, 0, 0 },
        { S2_MEM_NORMAL, S2_R, 0x004000000000077c },
        { S2_MEM_NORMAL, S2_W, 0 },
        { S2_MEM_NORMAL, S2_R | S2_W, 0x00400000000007fc },
        { S2_MEM_NORMAL, S2_X, 0 },
        { S2_MEM_NORMAL, S2_R | S2_X, 0x000000000000077c },
        { S2_MEM_NORMAL, S2_W | S2_X, 0 },
        { S2_MEM_NORMAL, S2_R | S2_W | S2_X, 0x00000000000007fc },
        { S2_MEM_DEVICE, 0, 0 },
        { S2_MEM_DEVICE, S2_R, 0x0040000000000644 },
        { S2_MEM_DEVICE, S2_W, 0 },
        { S2_MEM_DEVICE, S2_R | S2_W, 0x00400000000006c4 },
        { S2_MEM_DEVICE, S2_X, 0 },
        { S2_MEM_DEVICE, S2_R | S2_X, 0 },
        { S2_MEM_DEVICE, S2_W | S2_X, 0 },
        { S2_MEM_DEVICE, S2_R | S2_W | S2_X, 0 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(s2_format.attr[cases[i].mem][cases[i].rights], cases[i].attr);
    }
    assert_int_equal(s2_format.table_bits, 3);
    assert_int_equal(s2_format.block_bits, 1);
    assert_int_equal(s2_format.page_bits, 3);
    assert_int_equal(s2_format.addr_mask, 0x0000fffffffff000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s2_geometry_is_the_deepest_legal_start_level),
        cmocka_unit_test(s2_geometry_never_starts_at_level_0_on_a_cpu_with_few_pa_bits),
        cmocka_unit_test(s2_geometry_refuses_sizes_the_cpu_or_the_format_has_not),
        cmocka_unit_test(s2_hw_has_the_architecture_s_bit_patterns),
        cmocka_unit_test(s2_format_attributes_are_the_architecture_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
