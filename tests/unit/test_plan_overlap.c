/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plan_validate() finds by going through regions in their order is what comparing each with each finds: plans drawn by seed,
 * good, nearly good and with tables that are not, against the pairs said here in the plainest way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/plan_check.h"
#include "core/plan_order.h"
#include "hv/s2_format.h"

#define ROUNDS 6000U
#define VMS    4U

static struct large {
    struct plan p;
    struct plan_vm vms[VMS];
    struct plan_region regions[PLAN_MAX_REGIONS];
    struct plan_irq irqs[PLAN_MAX_IRQS];
    struct plan_channel channels[PLAN_MAX_CHANNELS];
} f;

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
}

/* By chance 0, else 1 : odds. */
static bool rarely(uint64_t odds)
{
    return draw(odds) == 0U;
}

static struct plan_report found;
static struct plan_report wanted;

static void expect(enum plan_error e, uint32_t vm, uint32_t a, uint32_t b)
{
    if (wanted.count < ARRAY_SIZE(wanted.issue)) {
        wanted.issue[wanted.count] = (struct plan_issue){e, vm, a, b};
    }
    wanted.count++;
}

static uint32_t owner_of(uint32_t i)
{
    for (uint32_t vm = 0; vm < f.p.vms.count; vm++) {
        const struct plan_vm *v = &f.vms[vm];

        if (plan_check_has_regions(&f.p, vm) && i >= v->first_region && i < v->first_region + v->nr_regions) {
            return vm;
        }
    }
    return PLAN_NO_INDEX;
}

static bool may_share(uint32_t a, uint32_t b)
{
    const struct plan_region *r = &f.regions[a];
    const struct plan_region *o = &f.regions[b];
    bool equal = r->pa == o->pa && r->size == o->size && r->colours == o->colours;

    return owner_of(a) != owner_of(b) && r->kind == o->kind &&
           (r->kind == PLAN_REGION_SHARED || (r->kind == PLAN_REGION_CHANNEL && equal));
}

/* Each region against each before it. */
static void expect_overlaps(void)
{
    for (uint32_t i = 0; i < f.p.regions.count; i++) {
        for (uint32_t b = 0; b < i && plan_check_formed(&f.p, &f.regions[i]); b++) {
            const struct plan_region *r = &f.regions[i];
            const struct plan_region *o = &f.regions[b];
            struct extent e = extent_of_region(&f.p, r);
            struct extent g = extent_of_region(&f.p, o);
            uint32_t vm = owner_of(i);

            if (!plan_check_formed(&f.p, o)) {
                continue;
            }
            if (!may_share(i, b) && extents_meet(&e, &g)) {
                expect(PLAN_E_REGION_OVERLAP, vm, i, b);
            }
            if (vm != PLAN_NO_INDEX && b >= f.vms[vm].first_region && ranges_overlap(r->ipa, r->size, o->ipa, o->size)) {
                expect(PLAN_E_REGION_IPA_OVERLAP, vm, i, b);
            }
        }
    }
}

static void expect_irqs(void)
{
    for (uint32_t i = 0; i < f.p.irqs.count; i++) {
        for (uint32_t b = 0; b < i; b++) {
            if (f.irqs[i].intid == f.irqs[b].intid) {
                expect(PLAN_E_IRQ_TWICE, PLAN_NO_INDEX, i, b);
            }
        }
    }
}

static bool is_end(uint32_t n, uint32_t vm)
{
    for (uint32_t i = 0; i < f.channels[n].nr_ends; i++) {
        if (f.channels[n].end[i].vm == vm) {
            return true;
        }
    }
    return false;
}

static void expect_infos_of(uint32_t n, uint32_t vm)
{
    const struct plan_vm *v = &f.vms[vm];
    bool has = false;

    for (uint32_t i = v->first_region; plan_check_has_regions(&f.p, vm) && i < v->first_region + v->nr_regions; i++) {
        const struct plan_region *r = &f.regions[i];
        struct extent e = extent_of_region(&f.p, r);
        uint64_t offset;

        if (extent_span(&e) == 0U || !extent_offset(&e, PA(f.channels[n].info_pa), &offset)) {
            continue;
        }
        if (r->size == PAGE_SIZE && r->kind == PLAN_REGION_CHANNEL && r->rights == S2_R && is_end(n, vm)) {
            has = true;
        } else {
            expect(PLAN_E_CHANNEL_INFO, vm, n, i);
        }
    }
    if (!has && is_end(n, vm)) {
        expect(PLAN_E_CHANNEL_INFO, vm, n, PLAN_NO_INDEX);
    }
}

static void expect_infos(void)
{
    for (uint32_t n = 0; n < f.p.channels.count; n++) {
        uint64_t pa = f.channels[n].info_pa;

        for (uint32_t o = 0; o < n; o++) {
            if (f.channels[o].info_pa == pa) {
                expect(PLAN_E_CHANNEL_INFO, PLAN_NO_INDEX, n, PLAN_NO_INDEX);
            }
        }
        if (!range_ok(pa, PAGE_SIZE) || !is_aligned(pa, PAGE_SIZE)) {
            expect(PLAN_E_CHANNEL_INFO, PLAN_NO_INDEX, n, PLAN_NO_INDEX);
            continue;
        }
        for (uint32_t vm = 0; vm < f.p.vms.count; vm++) {
            expect_infos_of(n, vm);
        }
    }
}

/* Places on a grid on which each has room, in any order; now and then one that has not. */
static void draw_region(struct plan_region *r, uint32_t place)
{
    uint64_t at = 0x40000000U + 0x100000ULL * place;

    *r = (struct plan_region){at, at, PAGE_SIZE << draw(8), (uint32_t)draw(PLAN_REGION_KINDS), S2_R, 0};
    if (rarely(3)) {
        r->ipa += 0x10000000ULL * draw(3);
    }
    if (rarely(60)) {
        r->size = 0x40000ULL << draw(5);
    }
    if (rarely(40) && f.p.llc.size != 0U) {
        r->kind = PLAN_REGION_CHANNEL;
        r->colours = 1ULL << draw(17);
    }
    if (rarely(150)) {
        r->size = rarely(2) ? UINT64_MAX - 0xfffU : 0U;
    }
    if (rarely(150)) {
        r->pa = rarely(2) ? 0U : UINT64_MAX - 0xfffU;
    }
}

static void draw_tables(void)
{
    uint32_t left = f.p.regions.count;
    uint32_t next = 0;

    for (uint32_t vm = 0; vm < VMS; vm++) {
        uint32_t n = vm == VMS - 1U ? left : (uint32_t)draw(left + 1U);

        f.vms[vm].first_region = next;
        f.vms[vm].nr_regions = n;
        next += n;
        left -= n;
        if (rarely(40)) { /* of another's too, or beyond the table */
            f.vms[vm].first_region += (uint32_t)draw(5) - 2U;
        }
        if (rarely(40)) {
            f.vms[vm].nr_regions = (uint32_t)draw(200);
        }
    }
}

static void draw_plan(void)
{
    uint8_t place[PLAN_MAX_REGIONS];

    memset(&f, 0, sizeof(f));
    f.p.nr_irqs = 1020;
    f.p.vms = (struct plan_table){offsetof(struct large, vms), 1U + (uint32_t)draw(VMS)};
    f.p.regions = (struct plan_table){offsetof(struct large, regions), (uint32_t)draw(PLAN_MAX_REGIONS + 1U)};
    f.p.irqs = (struct plan_table){offsetof(struct large, irqs), (uint32_t)draw(PLAN_MAX_IRQS + 1U)};
    f.p.channels = (struct plan_table){offsetof(struct large, channels), (uint32_t)draw(PLAN_MAX_CHANNELS + 1U)};
    if (rarely(2)) {
        f.p.llc = (struct plan_llc){.size = 0x100000, .ways = 16, .line = 64, .colours = 16};
    }
    for (uint32_t i = 0; i < PLAN_MAX_REGIONS; i++) {
        place[i] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < f.p.regions.count; i++) {
        uint32_t other = i + (uint32_t)draw(PLAN_MAX_REGIONS - i);
        uint8_t mine = place[other];

        place[other] = place[i];
        place[i] = mine;
        draw_region(&f.regions[i], mine);
        if (i > 0U && rarely(12)) { /* a second of the same */
            f.regions[i] = f.regions[draw(i)];
        }
    }
    draw_tables();
    for (uint32_t i = 0; i < f.p.irqs.count; i++) {
        f.irqs[i].intid = 32U + i + (rarely(40) ? (uint32_t)draw(4) : 0U);
        f.irqs[i].intid = rarely(200) ? 1018U + (uint32_t)draw(8) : f.irqs[i].intid;
    }
    for (uint32_t n = 0; n < f.p.channels.count; n++) {
        struct plan_channel *ch = &f.channels[n];

        ch->nr_ends = 2;
        ch->end[1].vm = 1;
        ch->info_pa = 0x30000000U + PAGE_SIZE * n + (rarely(30) ? PAGE_SIZE : 0U) + (rarely(30) ? 8U : 0U);
        if (f.p.regions.count != 0U && rarely(2)) {
            uint32_t i = (uint32_t)draw(f.p.regions.count);

            ch->info_pa = f.regions[i].pa + (rarely(3) ? PAGE_SIZE * draw(40) : 0U);
            f.regions[i].kind = rarely(3) ? f.regions[i].kind : (uint32_t)PLAN_REGION_CHANNEL;
            f.regions[i].size = rarely(3) ? f.regions[i].size : PAGE_SIZE;
        }
    }
}

static bool is_pair(enum plan_error e)
{
    return e == PLAN_E_REGION_OVERLAP || e == PLAN_E_REGION_IPA_OVERLAP || e == PLAN_E_IRQ_TWICE || e == PLAN_E_CHANNEL_INFO;
}

/* How often the report has it; an interrupt's VM is another matter. */
static unsigned times(const struct plan_report *r, const struct plan_issue *i)
{
    unsigned n = 0;

    for (uint32_t k = 0; k < r->count; k++) {
        const struct plan_issue *o = &r->issue[k];

        n += o->error == i->error && (o->vm == i->vm || o->error == PLAN_E_IRQ_TWICE) && o->a == i->a && o->b == i->b ? 1U : 0U;
    }
    return n;
}

/* Both reports have all their issues, of these kinds the same. */
static void assert_same(void)
{
    for (uint32_t k = 0; k < wanted.count; k++) {
        const struct plan_issue *i = &wanted.issue[k];

        if (times(&found, i) != times(&wanted, i)) {
            fail_msg("seed %u: error %u of vm %x, entries %x %x: found %u times, not %u", (unsigned)seed, i->error, i->vm, i->a, i->b,
                     times(&found, i), times(&wanted, i));
        }
    }
    for (uint32_t k = 0; k < found.count; k++) {
        const struct plan_issue *i = &found.issue[k];

        if (is_pair(i->error) && times(&wanted, i) == 0U) {
            fail_msg("seed %u: error %u of vm %x, entries %x %x is none", (unsigned)seed, i->error, i->vm, i->a, i->b);
        }
    }
}

/* Of how many the reports held everything, and of these how many were of a plan with pairs. */
static unsigned compared;
static unsigned with_pairs;

static void compare(void (*check)(const struct plan_check *c), void (*want)(void))
{
    const struct plan_check c = {&f.p, &found};

    found.count = 0;
    wanted.count = 0;
    check(&c);
    want();
    if (found.count <= ARRAY_SIZE(found.issue) && wanted.count <= ARRAY_SIZE(wanted.issue)) {
        assert_same();
        compared++;
        with_pairs += wanted.count != 0U ? 1U : 0U;
    }
}

/* Pairs alone: what is wrong with one region fills no report. */
static void check_overlaps_alone(const struct plan_check *c)
{
    uint8_t owner[PLAN_MAX_REGIONS];

    plan_check_owners(c->p, owner);
    for (uint32_t i = 0; i < c->p->regions.count; i++) {
        assert_int_equal(owner[i] == PLAN_NO_OWNER ? PLAN_NO_INDEX : owner[i], owner_of(i));
    }
    plan_check_overlaps(c, owner);
}

static void each_is_compared_with_each_as_far_as_it_matters(void (*check)(const struct plan_check *c), void (*want)(void), unsigned least)
{
    compared = 0;
    with_pairs = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        seed = round;
        draw_plan();
        compare(check, want);
    }
    assert_in_range(compared, least, ROUNDS);
    assert_in_range(with_pairs, least / 2U, compared);
}

static void regions_that_overlap_are_all_found_and_no_others(void **state)
{
    (void)state;
    each_is_compared_with_each_as_far_as_it_matters(check_overlaps_alone, expect_overlaps, ROUNDS / 2U);
}

static void interrupts_of_two_are_all_found_and_no_others(void **state)
{
    (void)state;
    each_is_compared_with_each_as_far_as_it_matters(plan_check_irqs, expect_irqs, ROUNDS / 10U);
}

static void discovery_pages_in_the_wrong_place_are_all_found_and_no_others(void **state)
{
    (void)state;
    each_is_compared_with_each_as_far_as_it_matters(plan_check_channels, expect_infos, ROUNDS / 10U);
}

static void ranges_come_in_their_order_and_equal_ones_as_they_were(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct plan_order o;
        uint32_t n = (uint32_t)draw(PLAN_ORDER_MAX + 1U);

        seed = round;
        o.n = 0;
        for (uint32_t i = 0; i < n; i++) {
            plan_order_add(&o, i, rarely(4) ? i : draw(1U + round % 300U), 1);
        }
        plan_order_sort(&o);
        assert_int_equal(o.n, n);
        for (uint32_t k = 1; k < n; k++) {
            uint64_t before = o.first[o.entry[k - 1U]];

            assert_true(before < o.first[o.entry[k]] || (before == o.first[o.entry[k]] && o.entry[k - 1U] < o.entry[k]));
        }
    }
}

/* Ranges of a few addresses each: open beside one are those before it that meet it. */
static void open_ranges_are_those_before_that_meet(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct plan_order o;
        struct plan_open open = {.n = 0};

        seed = round;
        o.n = 0;
        for (uint32_t i = 0; i < 12U; i++) {
            plan_order_add(&o, i, draw(40), 1U + draw(6));
        }
        plan_order_sort(&o);
        for (uint32_t k = 0; k < o.n; k++) {
            uint32_t number = o.entry[k];
            uint32_t meet = 0;

            plan_open_keep(&open, &o, number);
            for (uint32_t before = 0; before < k; before++) {
                uint32_t other = o.entry[before];

                if (o.first[other] <= o.last[number] && o.first[number] <= o.last[other]) {
                    assert_true(meet < open.n && open.entry[meet] == other);
                    meet++;
                }
            }
            assert_int_equal(open.n, meet);
            plan_open_add(&open, number);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_that_overlap_are_all_found_and_no_others),
        cmocka_unit_test(interrupts_of_two_are_all_found_and_no_others),
        cmocka_unit_test(discovery_pages_in_the_wrong_place_are_all_found_and_no_others),
        cmocka_unit_test(ranges_come_in_their_order_and_equal_ones_as_they_were),
        cmocka_unit_test(open_ranges_are_those_before_that_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
