/* SPDX-License-Identifier: Apache-2.0 */
/* The walker of RISC-V's tables against trees of s2.c: it accepts them, and no single bit can change unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/s2.h"
#include "memory_fixture.h"
#include "walker/walker_riscv.h"

#define POOL       0x80224000ULL
#define POOL_PAGES 16U

static struct pages pool;
static struct s2 s2;
static struct walker_riscv w;

static const struct walker_grant sample[] = {
    { 0x09000000, 0x09000000, 0x1000, true, true, false, WALKER_DEVICE, 0, NULL },
    { 0x09001000, 0x81000000, 0x3000, true, false, false, WALKER_NORMAL_WB, 0, NULL },
    { 0x09200000, 0x81200000, 0x200000, true, true, true, WALKER_NORMAL_WB, 0, NULL },
    { 0x40000000, 0xffffc0000000, 0x40000000, true, false, true, WALKER_NORMAL_WB, 0, NULL },
};

static void build(unsigned bits)
{
    memory_reset(POOL, POOL_PAGES);
    assert_int_equal(pages_init(&pool, PA(POOL), POOL_PAGES), HV_OK);
    assert_int_equal(s2_init(&s2, &pool, bits, 50, VMID(1)), HV_OK);
    for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
        unsigned rights = S2_R | (sample[i].write ? S2_W : 0U) | (sample[i].execute ? S2_X : 0U);
        enum s2_mem mem = sample[i].type == WALKER_DEVICE ? S2_MEM_DEVICE : S2_MEM_NORMAL;
        assert_int_equal(s2_map(&s2, IPA(sample[i].ipa), PA(sample[i].pa), sample[i].size, mem, rights), HV_OK);
    }
    w = (struct walker_riscv){.read = memory_read,
                              .hgatp = s2.hw.base,
                              .ipa_bits = bits,
                              .vmid = 1,
                              .tables_base = POOL,
                              .tables_size = POOL_PAGES * PAGE_SIZE};
}

static int setup(void **state)
{
    (void)state;
    build(41);
    return 0;
}

static bool audit(void)
{
    return walker_riscv_audit(&w, sample, ARRAY_SIZE(sample));
}

static void walker_accepts_the_tree_of_its_grants(void **state)
{
    static const unsigned bits[] = {41, 50};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
        build(bits[i]);
        if (!audit()) {
            fail_msg("%s", w.error);
        }
        assert_int_equal(w.tables, pool.used);
    }
}

/* Bits that the privileged architecture 1.13, 12.4.1, leaves to software, or that no access can tell. */
static uint64_t ignored(uint64_t pte)
{
    if ((pte & 1U) == 0U) {
        return ~1ULL;
    }
    bool leaf = (pte & 0xaU) != 0U;
    bool writable = (pte & 4U) != 0U;
    return (3ULL << 8) | (leaf && !writable ? 1ULL << 7 : 0U); /* RSW; D of what is never stored to */
}

static void walker_sees_every_bit_that_the_hardware_does_not_ignore(void **state)
{
    unsigned seen = 0;
    (void)state;
    for (uint64_t page = 0; page < pool.used; page++) {
        uint64_t *table = memory_at(POOL + (page * PAGE_SIZE), PAGE_SIZE);
        for (unsigned i = 0; i < 512U; i++) {
            uint64_t good = table[i];
            if (good == 0U && i % 37U != 0U) {
                continue; /* some of the empty ones */
            }
            for (unsigned bit = 0; bit < 64U; bit++) {
                table[i] = good ^ (1ULL << bit);
                bool passed = audit();
                table[i] = good;
                if (passed != (((ignored(good) >> bit) & 1U) != 0U)) {
                    fail_msg("bit %u of entry %u of table %u (0x%lx): %s", bit, i, (unsigned)page, good,
                             passed ? "went unseen" : w.error);
                }
                seen += passed ? 0U : 1U;
            }
        }
    }
    assert_true(seen > 300U);
}

static void walker_sees_every_bit_of_hgatp(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64U; bit++) {
        w.hgatp = s2.hw.base ^ (1ULL << bit);
        if (audit()) {
            fail_msg("hgatp bit %u", bit);
        }
    }
}

static void walker_sees_a_grant_that_is_missing_or_too_much(void **state)
{
    struct walker_grant g[ARRAY_SIZE(sample)];
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
        for (unsigned what = 0; what < 6U; what++) {
            for (unsigned k = 0; k < ARRAY_SIZE(sample); k++) {
                g[k] = sample[k];
            }
            switch (what) {
            case 0: g[i].size += 0x1000; break;
            case 1: g[i].size -= 0x1000; break;
            case 2: g[i].pa += 0x1000; break;
            case 3: g[i].write = !g[i].write; break;
            case 4: g[i].execute = !g[i].execute; break;
            default: g[i].read = false; break;
            }
            if (i == 0U && what == 0U) {
                continue; /* runs into the next grant: not a case, grants do not overlap */
            }
            assert_false(walker_riscv_audit(&w, g, ARRAY_SIZE(sample)));
        }
    }
    assert_false(walker_riscv_audit(&w, sample, ARRAY_SIZE(sample) - 1U));
}

static void walker_sees_tables_outside_their_place(void **state)
{
    (void)state;
    w.tables_size = (pool.used - 1U) * PAGE_SIZE;
    assert_false(audit());
    w.tables_size = POOL_PAGES * PAGE_SIZE;
    w.tables_base = POOL + PAGE_SIZE;
    assert_false(audit());
}

/* A translation of one address, and the audit of all: two ways through the same rules. */
static void walker_translates_what_was_granted_and_nothing_else(void **state)
{
    static const unsigned bits[] = {41, 50};
    (void)state;
    for (unsigned b = 0; b < ARRAY_SIZE(bits); b++) {
        build(bits[b]);
        for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
            const struct walker_grant *g = &sample[i];
            for (uint64_t at = 0; at < g->size; at += g->size / 4U) {
                struct walker_riscv_leaf leaf;
                assert_true(walker_riscv_translate(&w, g->ipa + at + 5U, &leaf));
                assert_int_equal(leaf.pa + (g->ipa + at + 5U - leaf.ipa), g->pa + at + 5U);
                assert_int_equal(leaf.read, g->read);
                assert_int_equal(leaf.write, g->write);
                assert_int_equal(leaf.execute, g->execute);
            }
        }
        static const uint64_t faults[] = {0, 0x08ffffff, 0x09004000, 0x091fffff, 0x09400000, 0x3fffffff, 0x80000000};
        for (unsigned i = 0; i < ARRAY_SIZE(faults); i++) {
            struct walker_riscv_leaf leaf;
            assert_false(walker_riscv_translate(&w, faults[i], &leaf));
            assert_false(walker_riscv_translate(&w, sample[2].ipa | (1ULL << (bits[b] - 1U - i)), &leaf));
        }
        struct walker_riscv_leaf leaf;
        assert_false(walker_riscv_translate(&w, sample[2].ipa | (1ULL << bits[b]), &leaf));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(walker_accepts_the_tree_of_its_grants, setup),
        cmocka_unit_test_setup(walker_sees_every_bit_that_the_hardware_does_not_ignore, setup),
        cmocka_unit_test_setup(walker_sees_every_bit_of_hgatp, setup),
        cmocka_unit_test_setup(walker_sees_a_grant_that_is_missing_or_too_much, setup),
        cmocka_unit_test_setup(walker_sees_tables_outside_their_place, setup),
        cmocka_unit_test_setup(walker_translates_what_was_granted_and_nothing_else, setup),
    };
    return cmocka_run_group_tests_name("riscv walker", tests, NULL, NULL);
}
