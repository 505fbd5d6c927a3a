/* SPDX-License-Identifier: Apache-2.0 */
/* List registers of GICv2 (IHI 0048B 5.3, GICH_LRn) from and to GICv3's layout (IHI 0069H 12.4.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "arch/armv8/gicv2_lr.h"

static void each_field_has_its_place_in_both(void **state)
{
    static const struct {
        uint64_t v3;
        uint32_t v2;
    } same[] = {
        {0, 0},
        {(uint64_t)1 << 63, 1U << 29},                       /* active */
        {(uint64_t)1 << 62, 1U << 28},                       /* pending */
        {(uint64_t)3 << 62, 3U << 28},                       /* both */
        {(uint64_t)1 << 61, 1U << 31},                       /* HW */
        {(uint64_t)1 << 60, 1U << 30},                       /* group 1 */
        {(uint64_t)0xf8 << 48, 0x1fU << 23},                 /* priority: the upper five bits */
        {(uint64_t)0x80 << 48, 0x10U << 23},
        {(uint64_t)1 << 61 | (uint64_t)0x3fb << 32, 1U << 31 | 0x3fbU << 10}, /* physical INTID */
        {(uint64_t)1 << 41, 1U << 19},                       /* EOI, without HW */
        {(uint64_t)5 << 10 | 7U, 5U << 10 | 7U},             /* source of an SGI */
        {0x3fbU, 0x3fbU},                                    /* virtual INTID */
        {(uint64_t)1 << 62 | (uint64_t)1 << 61 | (uint64_t)0xa0 << 48 | (uint64_t)33 << 32 | 33U,
         1U << 28 | 1U << 31 | 0x14U << 23 | 33U << 10 | 33U},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        assert_int_equal(gicv2_lr_pack(same[i].v3), same[i].v2);
        assert_int_equal(gicv2_lr_unpack(same[i].v2), same[i].v3);
    }
}

/* With HW = 1 bits [19:10] are the physical INTID, so neither EOI nor a source can be said. */
static void what_gicv2_cannot_hold_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(gicv2_lr_pack((uint64_t)1 << 61 | (uint64_t)7 << 10 | 33U), 1U << 31 | 33U);
    assert_int_equal(gicv2_lr_pack((uint64_t)0x07 << 48), 0); /* lower bits of the priority */
    assert_int_equal(gicv2_lr_pack((uint64_t)0x1234 << 13), 0);
}

static void every_list_register_value_comes_back(void **state)
{
    (void)state;
    uint32_t v = 1;
    for (unsigned i = 0; i < 100000U; i++) {
        v = v * 1664525U + 1013904223U;
        uint32_t lr = (v >> 31) != 0U ? v & ~(7U << 20) : v & 0x7f881fffU; /* [22:20] SBZ; without HW [18:13] too */
        assert_int_equal(gicv2_lr_pack(gicv2_lr_unpack(lr)), lr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_has_its_place_in_both),
        cmocka_unit_test(what_gicv2_cannot_hold_is_dropped),
        cmocka_unit_test(every_list_register_value_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
