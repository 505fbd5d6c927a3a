/* SPDX-License-Identifier: Apache-2.0 */
/* What guests read from identification registers: the field table, field by field, and three real CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "unit/vidreg_table.h"
#include "vdev/vidreg.h"

#define ENC(crm, op2) SYSREG_ENC(3, 0, 0, crm, op2)

static uint64_t ones(unsigned width)
{
    return width == 64 ? ~0ULL : (1ULL << width) - 1;
}

static uint64_t mask_of(const struct vidreg_row *r)
{
    return ones(r->width) << r->shift;
}

static void every_field_lies_in_a_trapped_register_and_overlaps_no_other(void **state)
{
    (void)state;
    uint64_t used[8][8] = {{0}};
    for (size_t i = 0; i < ARRAY_SIZE(vidreg_table); i++) {
        const struct vidreg_row *r = &vidreg_table[i];
        assert_in_range(r->crm, 1, 7);
        assert_in_range(r->op2, 0, 7);
        assert_in_range(r->width, 1, 64);
        assert_true(r->shift + r->width <= 64);
        assert_int_equal(used[r->crm][r->op2] & mask_of(r), 0);
        used[r->crm][r->op2] |= mask_of(r);
    }
}

static void every_field_has_a_reason_and_a_value_that_its_policy_can_use(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(vidreg_table); i++) {
        const struct vidreg_row *r = &vidreg_table[i];
        assert_true(strlen(r->why) > 0);
        if (r->policy == VIDREG_CAP) {
            assert_true(r->value > 0 && r->value < ones(r->width)); /* a cap that can cut */
        } else {
            assert_int_equal(r->value, 0);
        }
    }
}

/* WALL-REG-2 */
static void each_field_is_given_hidden_or_capped_as_listed_whatever_the_cpu_has(void **state)
{
    (void)state;
    static const uint64_t around[] = {0, ~0ULL};
    for (size_t i = 0; i < ARRAY_SIZE(vidreg_table); i++) {
        const struct vidreg_row *r = &vidreg_table[i];
        for (uint64_t f = 0; f <= 255 && f <= ones(r->width); f++) {
            for (size_t a = 0; a < ARRAY_SIZE(around); a++) {
                uint64_t host = (around[a] & ~mask_of(r)) | (f << r->shift);
                uint64_t got = (vidreg_value(ENC(r->crm, r->op2), host) & mask_of(r)) >> r->shift;
                uint64_t want = r->policy == VIDREG_GIVE   ? f
                                : r->policy == VIDREG_HIDE ? 0
                                : f < r->value             ? f
                                                           : r->value;
                assert_int_equal(got, want);
            }
        }
    }
}

static void what_is_not_listed_reads_as_zero(void **state)
{
    (void)state;
    for (unsigned crm = 1; crm < 8; crm++) {
        for (unsigned op2 = 0; op2 < 8; op2++) {
            uint64_t listed = 0;
            for (size_t i = 0; i < ARRAY_SIZE(vidreg_table); i++) {
                if (vidreg_table[i].crm == crm && vidreg_table[i].op2 == op2) {
                    listed |= mask_of(&vidreg_table[i]);
                }
            }
            assert_int_equal(vidreg_value(ENC(crm, op2), ~0ULL) & ~listed, 0);
        }
    }
}

static void only_the_trapped_registers_are_identification_registers(void **state)
{
    (void)state;
    for (uint32_t enc = 0; enc < 0x10000; enc++) {
        unsigned op0 = enc >> 14, op1 = (enc >> 11) & 7, crn = (enc >> 7) & 15, crm = (enc >> 3) & 15;
        bool want = op0 == 3 && op1 == 0 && crn == 0 && crm >= 1 && crm <= 7;
        assert_int_equal(vidreg_is(enc), want);
        if (!want) {
            assert_int_equal(vidreg_value(enc, ~0ULL), 0);
        }
    }
    assert_false(vidreg_is(0xffffffff));
}

/* Values as QEMU 10.0's models have them under an EL2, and what a guest must see, worked out by hand. */
struct known {
    unsigned crm, op2;
    uint64_t host, guest;
};

static void check_known(const struct known *k, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(vidreg_value(ENC(k[i].crm, k[i].op2), k[i].host), k[i].guest);
    }
}

static void a_cortex_a53_and_a72_show_no_el2_no_pmu_and_a_gicv3(void **state)
{
    (void)state;
    static const struct known k[] = {
        {1, 0, 0x00000131, 0x00000131}, {1, 1, 0x10011001, 0x10010000}, {1, 2, 0x03000006, 0x00000006},
        {1, 4, 0x10101105, 0x10101105}, {1, 4, 0x10201105, 0x10201105}, {1, 5, 0x40000000, 0x40000000},
        {1, 6, 0x01260000, 0x01260000}, {1, 7, 0x02102211, 0x02102211}, {2, 0, 0x02101110, 0x02101110},
        {2, 1, 0x13112111, 0x13112111}, {2, 2, 0x21232042, 0x21232042}, {2, 3, 0x01112131, 0x01112131},
        {2, 4, 0x00011142, 0x00010142}, {2, 5, 0x00011121, 0x00011121}, {3, 0, 0x10110222, 0x10110222},
        {3, 1, 0x12111111, 0x12111111}, {3, 2, 0x00000043, 0x00000043}, {4, 0, 0x01000222, 0x01000012},
        {5, 0, 0x10305106, 0x10305006}, {6, 0, 0x00011120, 0x00011120}, {7, 0, 0x00001122, 0x00000022},
        {7, 0, 0x00001124, 0x00000024},
    };
    check_known(k, ARRAY_SIZE(k));
}

static void the_newest_model_shows_what_needs_no_el2_state_and_nothing_else(void **state)
{
    (void)state;
    static const struct known k[] = {
        {1, 0, 0x11020131, 0x01010131},
        {1, 2, 0x0600000a, 0x0000000a},
        {2, 5, 0x11011121, 0x11011121},
        {2, 6, 0x20021110, 0x00021010},
        {2, 7, 0x01111111, 0x01111111},
        {3, 4, 0x00000011, 0x00000011},
        {3, 5, 0x00000010, 0x00000000},
        {3, 6, 0x00000002, 0x00000002},
        {4, 0, 0x1301001121110222, 0x1101000001110012},
        {4, 1, 0x0000001001000121, 0x0000000000000021},
        {4, 4, 0x0110110100210021, 0},
        {4, 5, 0x80f100fd00000000, 0},
        {5, 0, 0x100000001030560a, 0x000000001030500a},
        {6, 0, 0x1221111110212120, 0x1221111110212120},
        {6, 1, 0x0111211110211502, 0x0111211110211502},
        {6, 2, 0x0000000000110012, 0x0000000000100012},
        {7, 0, 0x2100032310201126, 0x1000000010200026},
        {7, 1, 0x0110112010312122, 0x0110102000302002},
        {7, 2, 0x1221011112011011, 0x1001001110010011},
        {7, 3, 0x1000000000000000, 0x1000000000000000},
    };
    check_known(k, ARRAY_SIZE(k));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_lies_in_a_trapped_register_and_overlaps_no_other),
        cmocka_unit_test(every_field_has_a_reason_and_a_value_that_its_policy_can_use),
        cmocka_unit_test(each_field_is_given_hidden_or_capped_as_listed_whatever_the_cpu_has),
        cmocka_unit_test(what_is_not_listed_reads_as_zero),
        cmocka_unit_test(only_the_trapped_registers_are_identification_registers),
        cmocka_unit_test(a_cortex_a53_and_a72_show_no_el2_no_pmu_and_a_gicv3),
        cmocka_unit_test(the_newest_model_shows_what_needs_no_el2_state_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
