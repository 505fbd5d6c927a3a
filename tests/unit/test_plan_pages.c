/* SPDX-License-Identifier: Apache-2.0 */
/* plan_s2_pages() against what s2_map() really takes from the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/s2.h"
#include "memory_fixture.h"
#include "plan_fixture.h"

#define POOL       0x40220000ULL
#define POOL_PAGES 480U
#define PA_BITS    40U

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
}

/* Builds the VMs' tables as the hypervisor does; after each VM its pages must be what the plan says. */
static void assert_same(const struct plan_fixture *f, const char *what)
{
    struct pages pool;

    memory_reset(f->p.pool_pa, POOL_PAGES);
    assert_int_equal(pages_init(&pool, PA(f->p.pool_pa), POOL_PAGES), HV_OK);
    for (uint32_t vm = 0; vm < f->p.vms.count; vm++) {
        const struct plan_vm *v = plan_vm(&f->p, vm);
        uint64_t before = pool.used;
        struct s2 s2;

        assert_int_equal(s2_init(&s2, &pool, v->ipa_bits, PA_BITS, VMID((uint16_t)(vm + 1U))), HV_OK);
        struct plan_region r;

        for (uint32_t i = 0; plan_mapping(&f->p, v, i, &r); i++) {
            assert_int_equal(s2_map(&s2, IPA(r.ipa), PA(r.pa), r.size, S2_MEM_NORMAL, 7), HV_OK);
        }
        if (plan_s2_pages(&f->p, vm) != pool.used - before) {
            fail_msg("%s: vm %u: planned %u pages, taken %u", what, vm, (unsigned)plan_s2_pages(&f->p, vm),
                     (unsigned)(pool.used - before));
        }
    }
}

static void the_sample_plan_takes_what_it_says(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.pool_pa = POOL;
    assert_same(&f, "fixture");
}

static void the_sample_plan_on_a_gicv2_takes_what_it_says(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.pool_pa = POOL;
    uint64_t without = plan_s2_pages(&f.p, 0);

    plan_fixture_gicv2(&f);
    assert_same(&f, "fixture with a GICv2");
    assert_int_equal(plan_s2_pages(&f.p, 0), without + 1U); /* no device of the VM lies in the same 2 MiB */
}

static void table_pages_agree_for_chosen_regions(void **state)
{
    static const struct {
        const char *what;
        struct plan_region r[3]; /* of VM 0 */
    } cases[] = {
        {"blocks of 1 GiB",
         {{0x40000000, 0x80000000, 0x80000000, 0, 7, 0}, {0, 0, 0x1000, 0, 7, 0}, {0x1000, 0x1000, 0x1000, 0, 7, 0}}},
        {"1 GiB apart by 2 MiB",
         {{0x40000000, 0x80200000, 0x80000000, 0, 7, 0}, {0, 0, 0x1000, 0, 7, 0}, {0x1000, 0, 0x1000, 0, 7, 0}}},
        {"one ragged piece in one block",
         {{0x40001000, 0x80001000, 0x3000, 0, 7, 0}, {0, 0, 0x1000, 0, 7, 0}, {0x40004000, 0, 0x1000, 0, 7, 0}}},
        {"ragged on both sides",
         {{0x401ff000, 0x801ff000, 0x202000, 0, 7, 0}, {0, 0, 0x1000, 0, 7, 0}, {0x40401000, 0, 0x1000, 0, 7, 0}}},
        {"never aligned alike",
         {{0x40000000, 0x80001000, 0x600000, 0, 7, 0}, {0, 0, 0x1000, 0, 7, 0}, {0x7fffffff000, 0, 0x1000, 0, 7, 0}}},
        {"regions that share tables",
         {{0x1000, 0x80001000, 0x1000, 0, 7, 0}, {0x3000, 0, 0x1000, 0, 7, 0}, {0x200000, 0, 0x1000, 0, 7, 0}}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        for (uint32_t bits = 31; bits <= PA_BITS; bits++) {
            struct plan_fixture f;

            plan_fixture_good(&f);
            f.p.pool_pa = POOL;
            f.p.pa_bits_min = PA_BITS;
            memcpy(f.regions, cases[i].r, sizeof(cases[i].r));
            f.regions[2].ipa &= ((uint64_t)1 << bits) - 1U;
            f.regions[0].ipa &= ((uint64_t)1 << bits) - 1U;
            f.vms[0].ipa_bits = bits;
            if (((f.regions[0].ipa + f.regions[0].size - 1U) >> bits) == 0U) {
                assert_same(&f, cases[i].what);
            }
        }
    }
}

/* Regions one after the other with gaps, each aligned as the die falls. */
static void draw_regions(struct plan_fixture *f, unsigned first, unsigned count, uint32_t bits)
{
    static const uint64_t unit[] = {0x1000, 0x10000, 0x200000, 0x40000000};
    uint64_t next = 0;

    for (unsigned i = first; i < first + count; i++) {
        uint64_t align = unit[draw(bits > 32U ? 4 : 3)];
        uint64_t size = align * (1U + draw(3)) + (draw(2) != 0U ? draw(5) * PAGE_SIZE : 0U);
        uint64_t skew = draw(3) == 0U && size < 0x1000000U ? PAGE_SIZE * draw(600) : 0U;

        next = align_up(next, draw(2) != 0U ? align : PAGE_SIZE);
        f->regions[i] = (struct plan_region){next, next + skew, size, PLAN_REGION_RAM, 7, 0};
        next += size + PAGE_SIZE * draw(700);
    }
}

static void table_pages_agree_for_regions_drawn_by_seed(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct plan_fixture f;

        seed = round + 1U;
        plan_fixture_good(&f);
        f.p.pool_pa = POOL + PAGE_SIZE * draw(16);
        f.p.pa_bits_min = PA_BITS;
        for (unsigned vm = 0; vm < 2U; vm++) {
            f.vms[vm].ipa_bits = 32U + (uint32_t)draw(9);
            draw_regions(&f, 3U * vm, 3, f.vms[vm].ipa_bits);
            const struct plan_region *last = &f.regions[3U * vm + 2U];

            while ((last->ipa + last->size) >> f.vms[vm].ipa_bits != 0U) {
                f.vms[vm].ipa_bits++;
            }
        }
        struct plan_region kept = f.regions[2]; /* their order in the table is any */

        f.regions[2] = f.regions[round % 3U];
        f.regions[round % 3U] = kept;
        char what[32];

        snprintf(what, sizeof(what), "seed %u", round + 1U);
        assert_same(&f, what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_plan_takes_what_it_says),
        cmocka_unit_test(the_sample_plan_on_a_gicv2_takes_what_it_says),
        cmocka_unit_test(table_pages_agree_for_chosen_regions),
        cmocka_unit_test(table_pages_agree_for_regions_drawn_by_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
