/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/s2.c over RISC-V's format, Sv39x4 and Sv48x4, against a walker that knows the manual alone, and a list of what
 * was mapped. TLBs are as unhelpful as the architecture allows: before every change of a table they hold what it
 * still says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/s2.h"
#include "hv/arch_ops.h"
#include "memory_fixture.h"
#include "seeds.h"
#include "tests/unit/pte_fill.h"
#include "walker/walker_riscv.h"

#define POOL       0x80221000ULL /* a page beyond a multiple of 16 KiB */
#define POOL_PAGES 300U
#define GUEST      0x80000000ULL
#define RAM        0x100000000ULL
#define RWX        (S2_R | S2_W | S2_X)
#define VM         5U

static struct pages pool;
static struct s2 s2;

static struct walker_riscv walker(void)
{
    return (struct walker_riscv){
        .read = memory_read,
        .hgatp = s2.hw.base,
        .ipa_bits = s2.geo.ipa_bits,
        .vmid = VM,
        .tables_base = POOL,
        .tables_size = POOL_PAGES * PAGE_SIZE,
    };
}

static uint64_t the_seed; /* of a sequence that is drawn */
static unsigned the_step;

#define WHERE      "RISCV_S2_SEED=%lu, step %u: "
#define WHERE_ARGS (unsigned long)the_seed, the_step

/* ---- TLBs of the harts: what they may still hold of some addresses. ---- */

#define PROBES 24U

static uint64_t probes[PROBES];
static unsigned nr_probes;
static struct walker_riscv_leaf cached[PROBES]; /* size 0: nothing */
static unsigned flushes;
static bool broken[POOL_PAGES * 512U]; /* entries that went, and nobody has flushed since */

static void fill(void)
{
    struct walker_riscv w = walker();
    for (unsigned i = 0; i < nr_probes; i++) {
        if (cached[i].size == 0U && !walker_riscv_translate(&w, probes[i], &cached[i])) {
            cached[i].size = 0;
        }
    }
}

static void pte_write(uint64_t *slot, uint64_t pte)
{
    bool *gone = &broken[slot - (uint64_t *)memory_at(POOL, PAGE_SIZE)];

    assert_true(((uintptr_t)slot & 7U) == 0U);
    fill();
    if ((pte & 1U) != 0U) { /* break before make, as s2.h has it */
        assert_false((*slot & 1U) != 0U || *gone);
    } else {
        *gone = true;
    }
    *slot = pte;
}

static void flush_ipa(const struct s2_hw *hw, ipaddr_t ipa)
{
    assert_ptr_equal(hw, &s2.hw);
    fill();
    for (unsigned i = 0; i < nr_probes; i++) {
        if (ipa.v - cached[i].ipa < cached[i].size) {
            cached[i].size = 0;
        }
    }
    memset(broken, 0, sizeof(broken));
    flushes++;
}

static void flush_vm(const struct s2_hw *hw)
{
    assert_ptr_equal(hw, &s2.hw);
    memset(cached, 0, sizeof(cached));
    memset(broken, 0, sizeof(broken));
    flushes++;
}

/* Nothing is cached any more that the tables do not say. */
static void assert_tlbs_agree(void)
{
    struct walker_riscv w = walker();
    for (unsigned i = 0; i < nr_probes; i++) {
        struct walker_riscv_leaf now;
        const struct walker_riscv_leaf *was = &cached[i];
        if (was->size == 0U) {
            continue;
        }
        if (!walker_riscv_translate(&w, probes[i], &now) ||
            now.pa + (probes[i] - now.ipa) != was->pa + (probes[i] - was->ipa) || now.read != was->read ||
            now.write != was->write || now.execute != was->execute) {
            fail_msg(WHERE "IPA 0x%lx is still translated to 0x%lx", WHERE_ARGS, probes[i],
                     was->pa + (probes[i] - was->ipa));
        }
    }
}

static void probe(uint64_t ipa)
{
    if (nr_probes < PROBES) {
        probes[nr_probes++] = ipa;
    }
}

/* ---- What was mapped, as a list. ---- */

#define MAX_GRANTS WALKER_MAX_GRANTS

static struct walker_grant grants[MAX_GRANTS];
static unsigned nr_grants;

static void grant(uint64_t ipa, uint64_t pa, uint64_t size, unsigned rights)
{
    assert_true(nr_grants < MAX_GRANTS);
    grants[nr_grants++] = (struct walker_grant){.ipa = ipa,
                                                .pa = pa,
                                                .size = size,
                                                .read = (rights & S2_R) != 0U,
                                                .write = (rights & S2_W) != 0U,
                                                .execute = (rights & S2_X) != 0U};
}

static void revoke(uint64_t ipa, uint64_t size)
{
    struct walker_grant old[MAX_GRANTS];
    unsigned n = nr_grants;

    memcpy(old, grants, sizeof(old));
    nr_grants = 0;
    for (unsigned i = 0; i < n; i++) {
        struct walker_grant g = old[i];
        uint64_t end = g.ipa + g.size;
        unsigned rights = (g.read ? S2_R : 0U) | (g.write ? S2_W : 0U) | (g.execute ? S2_X : 0U);
        uint64_t left = ipa <= g.ipa ? 0U : ipa >= end ? g.size : ipa - g.ipa;
        uint64_t right = ipa + size >= end ? 0U : ipa + size <= g.ipa ? g.size : end - (ipa + size);
        if (left == g.size || right == g.size) {
            grant(g.ipa, g.pa, g.size, rights);
            continue;
        }
        if (left != 0U) {
            grant(g.ipa, g.pa, left, rights);
        }
        if (right != 0U) {
            grant(end - right, g.pa + (g.size - right), right, rights);
        }
    }
}

/* How many bytes of [ipa, ipa + size) are mapped. */
static uint64_t mapped(uint64_t ipa, uint64_t size)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < nr_grants; i++) {
        uint64_t from = grants[i].ipa > ipa ? grants[i].ipa : ipa;
        uint64_t to = grants[i].ipa + grants[i].size < ipa + size ? grants[i].ipa + grants[i].size : ipa + size;
        sum += from < to ? to - from : 0U;
    }
    return sum;
}

static void assert_as_granted(void)
{
    struct walker_riscv w = walker();
    if (!walker_riscv_audit(&w, grants, nr_grants)) {
        fail_msg(WHERE "walker: %s", WHERE_ARGS, w.error);
    }
    assert_tlbs_agree();
}

/* ---- The code under test; after each step the hardware's view is what the list says. ---- */

static enum hv_status map_as(uint64_t ipa, uint64_t pa, uint64_t size, enum s2_mem mem, unsigned rights)
{
    enum hv_status st = s2_map(&s2, IPA(ipa), PA(pa), size, mem, rights);
    if (st == HV_OK) {
        grant(ipa, pa, size, rights);
    }
    assert_as_granted();
    return st;
}

static enum hv_status map(uint64_t ipa, uint64_t pa, uint64_t size)
{
    return map_as(ipa, pa, size, S2_MEM_NORMAL, RWX);
}

static enum hv_status unmap(uint64_t ipa, uint64_t size)
{
    unsigned before = flushes;
    fill();
    enum hv_status st = s2_unmap(&s2, IPA(ipa), size);
    if (st == HV_OK) {
        revoke(ipa, size);
        assert_true(flushes > before);
    }
    assert_as_granted();
    return st;
}

static void start(unsigned ipa_bits)
{
    memory_reset(POOL, POOL_PAGES);
    arch_ops.mmu.pte_write = pte_write;
    arch_ops.mmu.pte_fill = pte_fill_by_writes;
    arch_ops.tlb.flush_ipa = flush_ipa;
    arch_ops.tlb.flush_vm = flush_vm;
    nr_grants = 0;
    nr_probes = 0;
    memset(cached, 0, sizeof(cached));
    memset(broken, 0, sizeof(broken));
    assert_int_equal(pages_init(&pool, PA(POOL), POOL_PAGES), HV_OK);
    assert_int_equal(s2_init(&s2, &pool, ipa_bits, 50, VMID(VM)), HV_OK);
    assert_as_granted();
}

static int setup(void **state)
{
    (void)state;
    start(41);
    return 0;
}

static void assert_level(uint64_t ipa, uint64_t pa, unsigned level)
{
    struct s2_mapping m;
    assert_int_equal(s2_walk(&s2, IPA(ipa), &m), HV_OK);
    assert_int_equal(m.pa.v, pa);
    assert_int_equal(m.level, level);
    assert_int_equal(m.attr, s2_format.attr[S2_MEM_NORMAL][RWX]);
}

static void assert_unmapped(uint64_t ipa)
{
    struct s2_mapping m;
    assert_int_equal(s2_walk(&s2, IPA(ipa), &m), HV_ERR_NOENT);
}

/* ---- The format itself, written out by hand: V 1, R 2, W 4, X 8, U 10, A 40, D 80. ---- */

static void the_format_is_the_architecture_s(void **state)
{
    static const unsigned normal[8] = {[S2_R] = 2, [S2_R | S2_W] = 6, [S2_R | S2_X] = 10, [RWX] = 14};
    static const unsigned device[8] = {[S2_R] = 2, [S2_R | S2_W] = 6};
    (void)state;
    for (unsigned rights = 0; rights < 8U; rights++) {
        assert_int_equal(s2_format.attr[S2_MEM_NORMAL][rights], normal[rights]);
        assert_int_equal(s2_format.attr[S2_MEM_DEVICE][rights], device[rights]);
    }
    assert_int_equal(s2_format.table_bits, 0x01);
    assert_int_equal(s2_format.block_bits, 0xd1);
    assert_int_equal(s2_format.page_bits, 0xd1);
    assert_int_equal(s2_format.addr_mask, 0x003ffffffffffc00);
    assert_int_equal(s2_format.max_ipa_bits, 50);
}

static void entries_are_the_architecture_s(void **state)
{
    (void)state;
    assert_int_equal(map_as(0, 0x0000876543210000, PAGE_SIZE, S2_MEM_NORMAL, S2_R | S2_X), HV_OK);
    assert_int_equal(map_as(SZ_1G, 0x00ffffffc0000000, SZ_1G, S2_MEM_DEVICE, S2_R | S2_W), HV_OK);
    const uint64_t *root = memory_at(s2.root.v, 4U * PAGE_SIZE);
    assert_int_equal(root[0], ((s2.root.v + 0x4000U) >> 2) | 1U);
    assert_int_equal(root[1], 0x003ffffff00000d7);
    const uint64_t *last = memory_at(s2.root.v + 0x5000U, PAGE_SIZE);
    assert_int_equal(last[0], 0x000021d950c840db);
}

static void s2_geometry_is_sv39x4_where_41_bits_do_and_sv48x4_up_to_50(void **state)
{
    (void)state;
    for (unsigned ipa = 0; ipa < 70U; ipa++) {
        for (unsigned pa = 0; pa < 70U; pa++) {
            struct s2_geometry g = {0, 9, 9};
            enum hv_status st = s2_geometry(ipa, pa, &g);
            if (ipa == 0U || ipa > pa || ipa > 50U) {
                assert_int_equal(st, HV_ERR_RANGE);
                continue;
            }
            assert_int_equal(st, HV_OK);
            assert_int_equal(g.ipa_bits, ipa <= 41U ? 41 : 50);
            assert_int_equal(g.start_level, ipa <= 41U ? 1 : 0);
            assert_int_equal(g.root_pages, 4);
        }
    }
}

/* 18.2.10, by hand. */
static void s2_hw_has_the_architecture_s_bit_patterns(void **state)
{
    static const struct {
        unsigned ipa_bits, vmid;
        uint64_t root, hgatp;
    } cases[] = {
        {31, 1, 0x80224000, 0x8000100000080224},
        {41, 8, 0x80224000, 0x8000800000080224},
        {42, 1, 0x80224000, 0x9000100000080224},
        {50, 0x3fff, 0x00ffffffffffc000, 0x93fffffffffffffc},
        {50, 0, 0x4000, 0x9000000000000004},
        {41, 0xc001, 0x4000, 0x8000100000000004}, /* VMIDs have 14 bits */
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct s2_geometry g;
        assert_int_equal(s2_geometry(cases[i].ipa_bits, 50, &g), HV_OK);
        struct s2_hw hw = s2_hw(&g, PA(cases[i].root), VMID((uint16_t)cases[i].vmid), 50);
        assert_int_equal(hw.ctrl, 0);
        assert_int_equal(hw.base, cases[i].hgatp);
    }
}

static void the_root_is_four_pages_aligned_to_16_kib_wherever_the_pool_begins(void **state)
{
    (void)state;
    for (uint64_t skew = 0; skew < 8U; skew++) {
        for (uint64_t size = 1; size <= 8U; size++) {
            uint64_t base = 0x80220000 + skew * PAGE_SIZE;
            uint64_t padding = (4U - skew % 4U) % 4U;
            struct s2 t = {0};
            struct pages p;
            memory_reset(base, size);
            assert_int_equal(pages_init(&p, PA(base), size), HV_OK);
            enum hv_status st = s2_init(&t, &p, 41, 50, VMID(VM));
            assert_int_equal(st, padding + 4U <= size ? HV_OK : HV_ERR_NOMEM);
            assert_int_equal(p.used, st == HV_OK ? padding + 4U : 0U);
            if (st == HV_OK) {
                struct walker_riscv w = {memory_read, NULL, t.hw.base, 41, VM, base, size * PAGE_SIZE, 0, {0}};
                assert_true(walker_riscv_audit(&w, NULL, 0)); /* all of it was zeroed */
                assert_int_equal(w.tables, 4);
            }
        }
    }
}

static void s2_init_refuses_what_the_machine_cannot(void **state)
{
    struct s2 t;
    (void)state;
    assert_int_equal(s2_init(&t, &pool, 42, 41, VMID(2)), HV_ERR_RANGE); /* no Sv48x4 */
    assert_int_equal(s2_init(&t, &pool, 0, 50, VMID(2)), HV_ERR_RANGE);
    assert_int_equal(s2_init(&t, &pool, 51, 56, VMID(2)), HV_ERR_RANGE);
    assert_int_equal(pool.used, 3U + 4U);
}

static void s2_map_uses_the_largest_blocks_that_fit(void **state)
{
    static const unsigned bits[] = {41, 50};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
        start(bits[i]);
        uint64_t used = pool.used;
        uint64_t ipa = GUEST - SZ_2M - PAGE_SIZE;
        /* a page, 2 MiB, two of 1 GiB, 2 MiB, a page */
        assert_int_equal(map(ipa, RAM - SZ_2M - PAGE_SIZE, 2U * (SZ_1G + SZ_2M + PAGE_SIZE)), HV_OK);
        assert_level(ipa + 0x123U, RAM - SZ_2M - PAGE_SIZE + 0x123U, 3);
        assert_level(GUEST - 1U, RAM - 1U, 2);
        assert_level(GUEST, RAM, 1);
        assert_level(GUEST + (2U * SZ_1G) - 1U, RAM + (2U * SZ_1G) - 1U, 1);
        assert_level(GUEST + (2U * SZ_1G), RAM + (2U * SZ_1G), 2);
        assert_level(GUEST + (2U * SZ_1G) + SZ_2M, RAM + (2U * SZ_1G) + SZ_2M, 3);
        assert_unmapped(ipa - 1U);
        assert_unmapped(GUEST + (2U * SZ_1G) + SZ_2M + PAGE_SIZE);
        assert_int_equal(pool.used - used, 4U + (bits[i] == 50U ? 1U : 0U));
    }
}

static void s2_map_uses_no_block_where_one_address_is_not_aligned(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM + PAGE_SIZE, SZ_2M), HV_OK);
    assert_level(GUEST, RAM + PAGE_SIZE, 3);
    assert_int_equal(map(4U * SZ_1G, RAM + SZ_2M, SZ_1G), HV_OK);
    assert_level(4U * SZ_1G, RAM + SZ_2M, 2);
}

/* With Sv48x4 an entry of the root is 512 GiB, but no leaf is. */
static void s2_map_makes_512_gib_of_leaves_of_1_gib(void **state)
{
    (void)state;
    start(50);
    assert_int_equal(map(512U * SZ_1G, 1024U * SZ_1G, 512U * SZ_1G), HV_OK);
    assert_level((512U * SZ_1G) + 5U, (1024U * SZ_1G) + 5U, 1);
}

static void s2_map_reaches_the_last_page_and_not_beyond(void **state)
{
    (void)state;
    for (unsigned bits = 32; bits <= 50U; bits++) {
        start(bits);
        uint64_t end = (uint64_t)1 << (bits <= 41U ? 41U : 50U);
        assert_int_equal(map(end - SZ_2M, RAM, SZ_2M), HV_OK);
        assert_level(end - 1U, RAM + SZ_2M - 1U, 2);
        assert_unmapped(end - SZ_2M - 1U);
        assert_unmapped(end);
        assert_unmapped(0);
        assert_int_equal(map(end, RAM, PAGE_SIZE), HV_ERR_RANGE);
        assert_int_equal(map(end - (3U * PAGE_SIZE), RAM, 4U * PAGE_SIZE), HV_ERR_RANGE);
        assert_int_equal(unmap(end - PAGE_SIZE, PAGE_SIZE), HV_OK);
        assert_int_equal(unmap(end - SZ_2M, SZ_2M - PAGE_SIZE), HV_OK);
    }
}

static void s2_map_rejects_bad_arguments_and_changes_nothing(void **state)
{
    static const struct {
        uint64_t ipa, pa, size;
        enum s2_mem mem;
        unsigned rights;
        enum hv_status want;
    } cases[] = {
        {GUEST + 1U, RAM, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN},
        {GUEST, RAM + 0x800U, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN},
        {GUEST, RAM, PAGE_SIZE + 1U, S2_MEM_NORMAL, RWX, HV_ERR_ALIGN},
        {GUEST, RAM, 0, S2_MEM_NORMAL, RWX, HV_ERR_RANGE},
        {0x20000000000, RAM, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE},
        {0xfffffffffffff000, RAM, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE},
        {GUEST, 0xfffffffffffff000, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE},
        {GUEST, 0x0100000000000000, PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE}, /* 56 bits are all there are */
        {GUEST, 0x00fffffffffff000, 2U * PAGE_SIZE, S2_MEM_NORMAL, RWX, HV_ERR_RANGE},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, 0, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, S2_W, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, S2_X, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, S2_W | S2_X, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_NORMAL, 8, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_DEVICE, S2_R | S2_X, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEM_DEVICE, RWX, HV_ERR_INVAL},
        {GUEST, RAM, PAGE_SIZE, S2_MEMS, RWX, HV_ERR_INVAL},
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        enum hv_status st = map_as(cases[i].ipa, cases[i].pa, cases[i].size, cases[i].mem, cases[i].rights);
        assert_int_equal(st, cases[i].want);
        assert_int_equal(pool.used, 7);
    }
}

/* What tells a leaf from a table is a right here: each has to survive. */
static void a_block_that_is_split_keeps_its_rights(void **state)
{
    (void)state;
    for (unsigned mem = 0; mem < S2_MEMS; mem++) {
        for (unsigned rights = 0; rights < 8U; rights++) {
            if (s2_format.attr[mem][rights] == 0U) {
                continue;
            }
            start(41);
            assert_int_equal(map_as(SZ_1G, RAM, SZ_1G, (enum s2_mem)mem, rights), HV_OK);
            assert_int_equal(unmap(SZ_1G + SZ_2M + PAGE_SIZE, PAGE_SIZE), HV_OK);
            assert_int_equal(pool.used, 7U + 2U);
            for (unsigned level = 2; level <= 3U; level++) {
                struct s2_mapping m;
                assert_int_equal(s2_walk(&s2, IPA(SZ_1G + (level == 2U ? 0U : SZ_2M)), &m), HV_OK);
                assert_int_equal(m.level, level);
                assert_int_equal(m.attr, s2_format.attr[mem][rights]);
            }
        }
    }
}

static void s2_map_that_runs_out_of_pages_is_undone(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, 2U * PAGE_SIZE), HV_OK);
    uint64_t used = pool.used;
    for (uint64_t spare = 0; spare < 2U; spare++) {
        pool.total = used + spare;
        assert_int_equal(map(GUEST + (2U * PAGE_SIZE), RAM + (2U * PAGE_SIZE), SZ_1G), HV_ERR_NOMEM);
        assert_int_equal(pool.used, used);
    }
    pool.total = used + 2U;
    assert_int_equal(map(GUEST + (2U * PAGE_SIZE), RAM + (2U * PAGE_SIZE), SZ_1G), HV_OK);
    assert_int_equal(pool.used, used + 2U);
}

static void s2_unmap_without_pages_to_split_leaves_every_translation(void **state)
{
    (void)state;
    assert_int_equal(map(GUEST, RAM, 2U * SZ_1G), HV_OK);
    probe(GUEST);
    probe(GUEST + SZ_1G + PAGE_SIZE);
    for (uint64_t spare = 0; spare < 4U; spare++) {
        pool.total = 7U + spare;
        assert_int_equal(unmap(GUEST + PAGE_SIZE, (2U * SZ_1G) - (2U * PAGE_SIZE)), HV_ERR_NOMEM);
    }
    pool.total = 7U + 4U;
    assert_int_equal(unmap(GUEST + PAGE_SIZE, (2U * SZ_1G) - (2U * PAGE_SIZE)), HV_OK);
}

static void s2_unmap_takes_effect_for_each_page_at_once(void **state)
{
    static const uint64_t sizes[] = {PAGE_SIZE, 2U * PAGE_SIZE, 5U * PAGE_SIZE, SZ_2M, SZ_2M + PAGE_SIZE, SZ_1G};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (unsigned bits = 41; bits <= 50U; bits += 9U) {
            start(bits);
            assert_int_equal(map(GUEST, RAM, 2U * SZ_1G), HV_OK);
            for (uint64_t at = 0; at < 6U; at++) {
                probe(GUEST + at * PAGE_SIZE);
                probe(GUEST + sizes[i] - 1U + at);
            }
            assert_int_equal(unmap(GUEST, sizes[i]), HV_OK);
            assert_unmapped(GUEST);
            assert_unmapped(GUEST + sizes[i] - 1U);
            assert_level(GUEST + (2U * SZ_1G) - 1U, RAM + (2U * SZ_1G) - 1U, 1);
        }
    }
}

/* ---- Drawn by seed ---- */

static uint64_t seed_state;

static uint64_t draw(uint64_t below)
{
    seed_state = seed_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed_state >> 33) % below;
}

/* 16 GiB each from 0 and from 64 GiB on, and at the end of the space. */
static uint64_t draw_ipa(uint64_t end)
{
    static const uint64_t unit[] = {PAGE_SIZE, PAGE_SIZE, SZ_2M, SZ_1G};
    uint64_t u = unit[draw(ARRAY_SIZE(unit))];
    uint64_t base = draw(3) == 0U ? 0U : draw(2) == 0U ? 64U * SZ_1G : end - (16U * SZ_1G);
    uint64_t ragged = draw(4) == 0U ? PAGE_SIZE * draw(1200) : 0U;
    return base + (SZ_1G * draw(16)) + (u * draw(u == SZ_1G ? 1U : 16U)) + ragged;
}

static uint64_t draw_size(void)
{
    static const uint64_t unit[] = {PAGE_SIZE, SZ_2M, SZ_1G};
    uint64_t u = unit[draw(ARRAY_SIZE(unit))];
    return (u * (1U + draw(u == SZ_1G ? 2U : 4U))) + (draw(3) == 0U ? PAGE_SIZE * draw(5) : 0U);
}

/* So many tables a map or unmap may have to add at the most. */
static uint64_t tables_for(uint64_t size)
{
    return (size / SZ_2M) + 1U + (size / SZ_1G) + 1U + 4U;
}

static unsigned seen[HV_ERR_NOENT + 1][2]; /* by status and whether it was a map */

/* NOMEM is right where the pool could not give as many tables as it might take. */
static void judge(enum hv_status st, enum hv_status want, bool is_map, uint64_t tables)
{
    if (st != want && !(st == HV_ERR_NOMEM && want == HV_OK && pool.total - pool.used < tables)) {
        fail_msg(WHERE "status %d instead of %d", WHERE_ARGS, (int)st, (int)want);
    }
    assert_true(st < ARRAY_SIZE(seen));
    seen[st][is_map ? 1 : 0]++;
}

static void step_map(uint64_t end)
{
    static const unsigned rights[] = {S2_R, S2_R | S2_W, S2_R | S2_X, RWX};
    uint64_t ipa = draw(16) == 0U ? end - PAGE_SIZE : draw_ipa(end);
    uint64_t size = draw_size();
    uint64_t pa = RAM + (draw(3) != 0U ? ipa % (8U * SZ_1G) : SZ_2M * draw(700));
    enum s2_mem mem = draw(4) == 0U ? S2_MEM_DEVICE : S2_MEM_NORMAL;
    unsigned r = rights[draw(mem == S2_MEM_DEVICE ? 2U : 4U)];
    uint64_t used = pool.used;

    if (draw(8) == 0U) {
        pa += PAGE_SIZE;
    }
    if (!is_aligned(ipa ^ pa, SZ_2M) && size >= SZ_1G) {
        size = SZ_2M; /* thousands of pages */
    }
    bool fits = ipa < end && size <= end - ipa;
    enum hv_status want = !fits ? HV_ERR_RANGE : mapped(ipa, size) != 0U ? HV_ERR_OVERLAP : HV_OK;
    for (unsigned i = 0; i < 8U; i++) {
        probe(ipa + draw(size));
    }
    enum hv_status st = map_as(ipa, pa, size, mem, r);
    judge(st, want, true, tables_for(size));
    if (st != HV_OK) {
        assert_int_equal(pool.used, used);
    }
}

static void step_unmap(uint64_t end)
{
    uint64_t ipa = draw(16) == 0U ? end - PAGE_SIZE : draw_ipa(end);
    uint64_t size = draw_size();

    if (nr_grants != 0U && draw(4) != 0U) { /* some of what is there */
        const struct walker_grant *g = &grants[draw(nr_grants)];
        ipa = g->ipa + (draw(2) == 0U ? 0U : draw(g->size / PAGE_SIZE) * PAGE_SIZE);
        size = draw(2) == 0U ? g->ipa + g->size - ipa : PAGE_SIZE * (1U + draw((g->ipa + g->size - ipa) / PAGE_SIZE));
    }
    for (unsigned i = 0; i < 8U; i++) {
        probe(ipa + draw(size));
    }
    probe(ipa);
    probe(ipa + size - 1U);
    probe(ipa + size);
    probe(ipa - 1U);
    bool fits = ipa < end && size <= end - ipa;
    enum hv_status want = !fits ? HV_ERR_RANGE : mapped(ipa, size) != size ? HV_ERR_NOENT : HV_OK;
    judge(unmap(ipa, size), want, false, 5);
}

static void what_harts_translate_is_what_was_mapped_for_sequences_drawn_by_seed(void **state)
{
    struct seeds seeds = seeds_of("RISCV_S2", 24);
    (void)state;
    memset(seen, 0, sizeof(seen));
    for (the_seed = seeds.first; the_seed < seeds.first + seeds.count; the_seed++) {
        seed_state = the_seed;
        start((the_seed & 1U) != 0U ? 41 : 50);
        pool.total = pool.used + 20U + draw(POOL_PAGES - 27U);
        uint64_t end = (uint64_t)1 << s2.geo.ipa_bits;
        for (the_step = 0; the_step < 150U && nr_grants < MAX_GRANTS - 2U; the_step++) {
            nr_probes = 0;
            memset(cached, 0, sizeof(cached));
            if (draw(5) < 3U) {
                step_map(end);
            } else {
                step_unmap(end);
            }
        }
    }
    if (seeds.count >= 24U) { /* the draw reaches every answer */
        static const enum hv_status both[] = {HV_OK, HV_ERR_RANGE, HV_ERR_NOMEM};
        for (unsigned i = 0; i < ARRAY_SIZE(both); i++) {
            assert_true(seen[both[i]][0] > 10U && seen[both[i]][1] > 10U);
        }
        assert_true(seen[HV_ERR_OVERLAP][1] > 10U && seen[HV_ERR_NOENT][0] > 10U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_format_is_the_architecture_s),
        cmocka_unit_test_setup(entries_are_the_architecture_s, setup),
        cmocka_unit_test(s2_geometry_is_sv39x4_where_41_bits_do_and_sv48x4_up_to_50),
        cmocka_unit_test(s2_hw_has_the_architecture_s_bit_patterns),
        cmocka_unit_test(the_root_is_four_pages_aligned_to_16_kib_wherever_the_pool_begins),
        cmocka_unit_test_setup(s2_init_refuses_what_the_machine_cannot, setup),
        cmocka_unit_test(s2_map_uses_the_largest_blocks_that_fit),
        cmocka_unit_test_setup(s2_map_uses_no_block_where_one_address_is_not_aligned, setup),
        cmocka_unit_test(s2_map_makes_512_gib_of_leaves_of_1_gib),
        cmocka_unit_test(s2_map_reaches_the_last_page_and_not_beyond),
        cmocka_unit_test_setup(s2_map_rejects_bad_arguments_and_changes_nothing, setup),
        cmocka_unit_test(a_block_that_is_split_keeps_its_rights),
        cmocka_unit_test_setup(s2_map_that_runs_out_of_pages_is_undone, setup),
        cmocka_unit_test_setup(s2_unmap_without_pages_to_split_leaves_every_translation, setup),
        cmocka_unit_test(s2_unmap_takes_effect_for_each_page_at_once),
        cmocka_unit_test(what_harts_translate_is_what_was_mapped_for_sequences_drawn_by_seed),
    };
    return cmocka_run_group_tests_name("riscv s2", tests, NULL, NULL);
}
