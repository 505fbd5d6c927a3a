/* SPDX-License-Identifier: Apache-2.0 */
/* The walker against trees of s2.c: it accepts them, and no single bit can change unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/s2.h"
#include "sim/sim.h"
#include "walker/walker.h"

#define POOL       0x40220000ULL
#define POOL_PAGES 16U

static struct pages pool;
static struct s2 s2;
static struct walker w;

static bool read_ram(void *ctx, uint64_t pa, uint64_t *word)
{
    const struct sim_config *c = sim_config();
    (void)ctx;
    if (pa < c->ram_base || pa - c->ram_base >= c->ram_size) {
        return false;
    }
    *word = *(uint64_t *)sim_ram(pa, 8);
    return true;
}

static const struct walker_grant sample[] = {
    { 0x09000000, 0x09000000, 0x1000, true, true, false, WALKER_DEVICE, 0, NULL },
    { 0x09001000, 0x41000000, 0x3000, true, false, false, WALKER_NORMAL_WB, 0, NULL },
    { 0x09200000, 0x41200000, 0x200000, true, true, true, WALKER_NORMAL_WB, 0, NULL },
    { 0x40000000, 0x80000000, 0x40000000, true, false, true, WALKER_NORMAL_WB, 0, NULL },
};

static int setup(void **state)
{
    struct sim_config c = sim_default();
    (void)state;
    sim_init(&c);
    assert_int_equal(pages_init(&pool, PA(POOL), POOL_PAGES), HV_OK);
    assert_int_equal(s2_init(&s2, &pool, 36, 40, VMID(1)), HV_OK);
    for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
        unsigned rights = S2_R | (sample[i].write ? S2_W : 0U) | (sample[i].execute ? S2_X : 0U);
        enum s2_mem mem = sample[i].type == WALKER_DEVICE ? S2_MEM_DEVICE : S2_MEM_NORMAL;
        assert_int_equal(s2_map(&s2, IPA(sample[i].ipa), PA(sample[i].pa), sample[i].size, mem, rights), HV_OK);
    }
    w = (struct walker){ .read = read_ram,
                         .vtcr = s2.hw.ctrl,
                         .vttbr = s2.hw.base,
                         .ipa_bits = 36,
                         .vmid = 1,
                         .tables_base = POOL,
                         .tables_size = POOL_PAGES * PAGE_SIZE };
    return 0;
}

static bool audit(void)
{
    return walker_audit(&w, sample, ARRAY_SIZE(sample));
}

static void walker_accepts_the_tree_of_its_grants(void **state)
{
    (void)state;
    if (!audit()) {
        fail_msg("%s", w.error);
    }
    assert_int_equal(w.tables, 3);
    assert_int_equal(w.tables, pool.used);
}

/* Bits of a descriptor that DDI 0487 D8.3 has the hardware ignore at stage 2 (VTCR_EL2.HWU59..62 = 0). */
static uint64_t ignored(uint64_t d, unsigned level)
{
    if ((d & 1U) == 0U) {
        return ~1ULL; /* invalid descriptor: bits [63:1] */
    }
    if (level < 3U && (d & 2U) != 0U) {
        return (0xffULL << 51) | 0xffcU; /* table: [58:51], [11:2] */
    }
    uint64_t leaf = 0x1ffULL << 55; /* block or page: [63:59], and [58:55], which are software's */
    bool device = ((d >> 2) & 0xfU) == 1U;
    return leaf | (device ? 3ULL << 8 : 0U); /* SH of device memory: outer shareable whatever it says (D8.6) */
}

static void walker_sees_every_bit_that_the_hardware_does_not_ignore(void **state)
{
    unsigned seen = 0;
    (void)state;
    for (uint64_t page = 0; page < pool.used; page++) {
        uint64_t *table = sim_ram(POOL + (page * PAGE_SIZE), PAGE_SIZE);
        for (unsigned i = 0; i < 512U && (page != 0U || i < 64U); i++) { /* 36 bits: the root has 64 entries */
            uint64_t good = table[i];
            uint64_t skip = ignored(good, 1U + (unsigned)page);
            for (unsigned bit = 0; bit < 64U; bit++) {
                table[i] = good ^ (1ULL << bit);
                bool passed = audit();
                table[i] = good;
                if (passed != (((skip >> bit) & 1U) != 0U)) {
                    fail_msg("bit %u of entry %u of table %u (0x%lx): %s", bit, i, (unsigned)page, good,
                             passed ? "went unseen" : w.error);
                }
                seen += passed ? 0U : 1U;
            }
        }
    }
    assert_true(seen > 512U);
}

static void walker_sees_every_bit_of_the_control_registers(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64U; bit++) {
        w.vtcr = s2.hw.ctrl ^ (1ULL << bit);
        /* PS, 40 to 42 bits: a larger PA size is no change of what is reachable, as all output addresses fit the smaller one. */
        bool harmless = bit == 16U;
        if (audit() != harmless) {
            fail_msg("VTCR bit %u", bit);
        }
        w.vtcr = s2.hw.ctrl;
        w.vttbr = s2.hw.base ^ (1ULL << bit);
        if (audit()) {
            fail_msg("VTTBR bit %u", bit);
        }
        w.vttbr = s2.hw.base;
    }
}

static void walker_sees_a_grant_that_is_missing_or_too_much(void **state)
{
    struct walker_grant g[ARRAY_SIZE(sample)];
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
        for (unsigned what = 0; what < 7U; what++) {
            for (unsigned k = 0; k < ARRAY_SIZE(sample); k++) {
                g[k] = sample[k];
            }
            switch (what) {
            case 0: g[i].size += 0x1000; break;
            case 1: g[i].size -= 0x1000; break;
            case 2: g[i].pa += 0x1000; break;
            case 3: g[i].write = !g[i].write; break;
            case 4: g[i].execute = !g[i].execute; break;
            case 5: g[i].read = false; break;
            default: g[i].type = g[i].type == WALKER_DEVICE ? WALKER_NORMAL_WB : WALKER_DEVICE; break;
            }
            if (i == 0U && what == 0U) {
                continue; /* runs into the next grant: not a case, grants do not overlap */
            }
            assert_false(walker_audit(&w, g, ARRAY_SIZE(sample)));
        }
    }
    assert_false(walker_audit(&w, sample, ARRAY_SIZE(sample) - 1U));
}

static void walker_sees_tables_outside_their_place(void **state)
{
    (void)state;
    w.tables_size = 2U * PAGE_SIZE;
    assert_false(audit());
    w.tables_base = POOL + PAGE_SIZE;
    w.tables_size = POOL_PAGES * PAGE_SIZE;
    assert_false(audit());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(walker_accepts_the_tree_of_its_grants, setup),
        cmocka_unit_test_setup(walker_sees_every_bit_that_the_hardware_does_not_ignore, setup),
        cmocka_unit_test_setup(walker_sees_every_bit_of_the_control_registers, setup),
        cmocka_unit_test_setup(walker_sees_a_grant_that_is_missing_or_too_much, setup),
        cmocka_unit_test_setup(walker_sees_tables_outside_their_place, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
