/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): every error forged into a good plan; nothing damaged or hostile is accepted or crashes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan_forgeries.h"

static struct plan_report report;

static enum hv_status validate(const struct plan_fixture *f)
{
    return plan_validate(f, sizeof(*f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report);
}

static void plan_validate_accepts_a_good_plan(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    assert_int_equal(validate(&f), HV_OK);
    assert_int_equal(report.count, 0);
}

static void seal_if_bounded(struct plan_fixture *f)
{
    if (f->p.length >= sizeof(struct plan) && f->p.length <= sizeof(*f)) {
        plan_fixture_seal(f);
    }
}

static void forge(const struct forgery_set *set, const struct forgery *g)
{
    struct plan_fixture f;

    plan_fixture_good(&f);
    if (set->change != NULL) {
        set->change(&f);
        assert_int_equal(validate(&f), HV_OK);
    }
    memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
    seal_if_bounded(&f);
    enum hv_status st = validate(&f);

    if (st == HV_OK || !forgery_reported(&report, g)) {
        fail_msg("%s: status %d, %u issues, first %d (vm %u, %u, %u), expected %d", g->what, st, report.count, report.issue[0].error,
                 report.issue[0].vm, report.issue[0].a, report.issue[0].b, g->error);
    }
}

/* WALL-BOOT-1 */
static void every_forged_error_is_reported_by_its_name_and_place(void **state)
{
    bool seen[PLAN_ERRORS] = {false};

    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(forgery_sets); k++) {
        for (size_t i = 0; i < forgery_sets[k].count; i++) {
            forge(&forgery_sets[k], &forgery_sets[k].forgery[i]);
            seen[forgery_sets[k].forgery[i].error] = true;
        }
    }
    seen[PLAN_OK] = seen[PLAN_E_CHECKSUM] = true; /* tests of their own */
    seen[PLAN_E_CONSOLE] = seen[PLAN_E_CONSOLE_GIVEN] = seen[PLAN_E_VUART] = true; /* test_plan_console.c */
    seen[PLAN_E_HV_COLOURS] = seen[PLAN_E_HV_HOME] = seen[PLAN_E_HV_ROOT] = true;         /* test_plan_hv.c */
    for (unsigned e = 0; e < PLAN_ERRORS; e++) {
        if (!seen[e]) {
            fail_msg("error %u has no forgery", e);
        }
    }
}

static void colours_of_no_cache_are_refused(void **state)
{
    const struct forgery wanted = {.error = PLAN_E_COLOURS, .vm = 1, .a = 3, .b = NONE};
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_coloured(&f);
    f.p.llc = (struct plan_llc){0};
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_true(forgery_reported(&report, &wanted));
}

/* Neither of the two policies asks for the other. */
static void a_vm_restarts_by_either_policy(void **state)
{
    (void)state;
    for (uint32_t policies = 1; policies < 4U; policies++) {
        struct plan_fixture f;

        plan_fixture_good(&f);
        plan_fixture_restart(&f);
        f.vms[0].on_reset = policies & 1U;
        f.vms[0].on_fault = policies >> 1;
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), HV_OK);
    }
}

/* Odd by as much at its start as in its size, so that neither hides the other. */
static void ram_that_may_restart_is_in_whole_blocks_at_both_ends(void **state)
{
    const struct forgery wanted = {.error = PLAN_E_RESTART_RAM, .vm = 0, .a = 0, .b = NONE};
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_restart(&f);
    f.regions[0].pa += 0x1000U;
    f.regions[0].size -= PLAN_RESTART_BLOCK - 0x1000U;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_true(forgery_reported(&report, &wanted));
}

static void pristine_copies_lie_on_no_frame_of_either_interrupt_controller(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        const struct forgery wanted = {.error = PLAN_E_PRISTINE, .vm = 1, .a = NONE, .b = NONE};
        struct plan_fixture f;

        plan_fixture_good(&f);
        plan_fixture_restart(&f);
        plan_fixture_gicv2(&f);
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), HV_OK);
        f.p.irqc_base[i] = 0x40c00000;
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), HV_ERR_INVAL);
        assert_true(forgery_reported(&report, &wanted));
    }
}

static void a_plan_that_is_cut_short_is_refused(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    for (size_t len = 0; len < sizeof(f); len += 8) {
        void *exact = malloc(len + 1U); /* so that AddressSanitizer sees a read beyond it */

        memcpy(exact, &f, len);
        assert_int_equal(plan_validate(exact, len, FIXTURE_BOARD, PLAN_ISA_ARMV8, &report), HV_ERR_CORRUPT);
        assert_int_equal(report.issue[0].error, PLAN_E_HEADER);
        free(exact);
    }
}

static void board_names_must_agree_to_the_last_letter(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    assert_int_equal(plan_validate(&f, sizeof(f), "fixtur", PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_BOARD);
    assert_int_equal(plan_validate(&f, sizeof(f), "fixtures", PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
    assert_int_equal(plan_validate(&f, sizeof(f), "", PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
    memset(f.p.board, 'x', sizeof(f.p.board)); /* not terminated */
    plan_fixture_seal(&f);
    assert_int_equal(
        plan_validate(&f, sizeof(f), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", PLAN_ISA_ARMV8, &report),
        HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_BOARD);
}

static void vm_names_are_told_apart_and_end(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    memcpy(f.vms[1].name, f.vms[0].name, sizeof(f.vms[0].name));
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_VM_NAME);
    assert_int_equal(report.issue[0].a, 0);
    memset(f.vms[0].name, 'x', sizeof(f.vms[0].name));
    memset(f.vms[1].name, 'x', sizeof(f.vms[1].name));
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.count, 3); /* two that do not end, and they are the same */
}

/* WALL-BOOT-1 */
static void every_flipped_bit_breaks_the_checksum(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    for (size_t bit = 0; bit < sizeof(f) * 8U; bit++) {
        uint8_t *byte = (uint8_t *)&f + bit / 8U;

        *byte ^= (uint8_t)(1U << bit % 8U);
        if (validate(&f) == HV_OK) {
            fail_msg("flipped bit %zu is accepted", bit);
        }
        *byte ^= (uint8_t)(1U << bit % 8U);
    }
    assert_int_equal(validate(&f), HV_OK);
}

static void swapped_words_break_the_checksum(void **state)
{
    struct plan_fixture f;
    uint64_t *word = (uint64_t *)f.regions;

    (void)state;
    plan_fixture_good(&f);
    uint64_t kept = word[0];

    word[0] = word[1];
    word[1] = kept;
    assert_int_equal(validate(&f), HV_ERR_CORRUPT);
    assert_int_equal(report.issue[0].error, PLAN_E_CHECKSUM);
}

/* What must hold of any accepted plan, said again in other words than the validator's. */
static void audit(const struct plan_fixture *f)
{
    for (unsigned a = 0; a < FIXTURE_REGIONS; a++) {
        const struct plan_region *r = &f->regions[a];

        assert_true(r->size >= PAGE_SIZE && r->pa % PAGE_SIZE == 0 && r->ipa % PAGE_SIZE == 0);
        assert_false(r->pa < f->p.hv_base + HV_REGION_SIZE && r->pa + r->size > f->p.hv_base);
        for (unsigned b = 0; b < a; b++) {
            assert_true(r->pa >= f->regions[b].pa + f->regions[b].size ||
                        f->regions[b].pa >= r->pa + r->size);
        }
    }
    for (unsigned a = 0; a < 2U; a++) {
        const struct plan_vm *v = &f->vms[a];

        for (unsigned b = 0; v->pristine_size != 0U && b < FIXTURE_REGIONS; b++) {
            assert_true(v->pristine_pa >= f->regions[b].pa + f->regions[b].size ||
                        f->regions[b].pa >= v->pristine_pa + v->pristine_size);
        }
    }
    for (unsigned a = 0; a < FIXTURE_IRQS; a++) {
        assert_in_range(f->irqs[a].intid, 32, f->p.nr_irqs - 1U);
        assert_true(a == 0 || f->irqs[a].intid != f->irqs[a - 1U].intid);
    }
    assert_true(f->vms[0].cpus[0] != f->vms[1].cpus[0] && f->vms[0].cpus[1] != f->vms[1].cpus[0]);
}

static void a_flipped_bit_under_a_right_checksum_is_refused_or_harmless(void **state)
{
    (void)state;
    for (unsigned restart = 0; restart < 2U; restart++) {
        struct plan_fixture f;

        plan_fixture_good(&f);
        if (restart != 0U) {
            plan_fixture_restart(&f);
        }
        for (size_t bit = 0; bit < sizeof(f) * 8U; bit++) {
            uint8_t *byte = (uint8_t *)&f + bit / 8U;

            *byte ^= (uint8_t)(1U << bit % 8U);
            seal_if_bounded(&f);
            if (validate(&f) == HV_OK) {
                audit(&f);
            }
            *byte ^= (uint8_t)(1U << bit % 8U);
        }
    }
}

/* Wherever it stands among the eight that are looked at together, or behind them. */
static void log_text_is_printable_or_ends_lines(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 19U; at++) {
        for (unsigned c = 0; c < 256U; c++) {
            struct plan_fixture f;
            bool good = c == '\n' || (c >= ' ' && c <= '~');

            plan_fixture_good(&f);
            memset(f.log, at % 2U != 0U ? '~' : ' ', sizeof(f.log)); /* the last and the first that are printable */
            f.log[at] = (char)c;
            f.p.log.count = 19;
            plan_fixture_seal(&f);
            assert_int_equal(validate(&f), good ? HV_OK : HV_ERR_INVAL);
            f.p.log.count = at; /* what lies behind the text is none of it */
            plan_fixture_seal(&f);
            assert_int_equal(validate(&f), HV_OK);
        }
    }
}

static void random_bytes_are_never_trusted(void **state)
{
    struct plan_fixture f;
    uint64_t seed = 0x9e3779b97f4a7c15ULL;

    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        plan_fixture_good(&f);
        for (unsigned n = 0; n < 1U + round % 8U; n++) {
            static const uint64_t odd[] = {0,          1,          8,          0x1000,
                                           UINT32_MAX, UINT64_MAX, 1ULL << 63, UINT64_MAX & ~0xfffULL};

            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            size_t at = 24U + (seed >> 33) % (sizeof(f) - 32U);

            memcpy((uint8_t *)&f + at, &odd[(seed >> 20) % ARRAY_SIZE(odd)], (seed >> 12) % 8U + 1U);
        }
        f.p.length = sizeof(f);
        plan_fixture_seal(&f);
        if (validate(&f) == HV_OK) {
            audit(&f);
        }
    }
}

/* Tables larger than any board needs: bounded work, one issue, nothing behind them looked at. */
static void too_many_entries_are_an_issue_of_their_own(void **state)
{
    static struct {
        struct plan_fixture f;
        uint8_t room[PLAN_MAX_BYTES - sizeof(struct plan_fixture)];
    } big;
    static const size_t tables[] = {offsetof(struct plan, cpus), offsetof(struct plan, vms),
                                    offsetof(struct plan, regions), offsetof(struct plan, irqs),
                                    offsetof(struct plan, images), offsetof(struct plan, channels)};
    static const uint32_t counts[] = {HV_MAX_CPUS, HV_MAX_VMS, PLAN_MAX_REGIONS, PLAN_MAX_IRQS,
                                      PLAN_MAX_IMAGES, PLAN_MAX_CHANNELS};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        struct plan_table *t = (struct plan_table *)((uint8_t *)&big.f.p + tables[i]);

        plan_fixture_good(&big.f);
        big.f.p.length = sizeof(big);
        t->offset = sizeof(struct plan_fixture);
        t->count = counts[i] + 1U;
        plan_fixture_seal(&big.f);
        assert_int_equal(plan_validate(&big, sizeof(big), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report),
                         HV_ERR_INVAL);
        assert_int_equal(report.count, 1);
        assert_int_equal(report.issue[0].error, PLAN_E_COUNT);
    }
}

/* Two would write each other's words. */
static void two_channels_have_not_one_discovery_page(void **state)
{
    static const struct forgery want = {.error = PLAN_E_CHANNEL_INFO, .vm = NONE, .a = 1, .b = NONE};
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_doorbells(&f);
    f.channels[1] = f.channels[0];
    f.channels[1].end[0] = (struct plan_endpoint){1, 0, 0, 0};
    f.channels[1].end[1] = (struct plan_endpoint){0, 0, 0, 0};
    f.p.channels.count = 2;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_true(forgery_reported(&report, &want));
}

/* Of two VMs, and only if the plan says so of both. */
static void pages_of_devices_may_be_shared_by_two_vms_that_both_say_so(void **state)
{
    static const uint32_t kinds[] = {PLAN_REGION_DEVICE, PLAN_REGION_SHARED};
    struct plan_fixture f;

    (void)state;
    for (unsigned i = 0; i < 4U; i++) {
        bool both = i == 3U;

        plan_fixture_good(&f);
        f.regions[2].kind = kinds[i % 2U];
        f.regions[4].kind = kinds[i / 2U];
        f.regions[4].pa = f.regions[2].pa;
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), both ? HV_OK : HV_ERR_INVAL);
        assert_int_equal(report.count, both ? 0 : 1);
        assert_true(both || report.issue[0].error == PLAN_E_REGION_OVERLAP);
    }
    plan_fixture_good(&f); /* of one VM: the same registers at two addresses */
    f.regions[4].kind = PLAN_REGION_SHARED;
    f.regions[5].kind = PLAN_REGION_SHARED;
    f.regions[5].pa = f.regions[4].pa;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_OVERLAP);
}

/* Each with the rights that it has, but not twice. */
static void a_channel_is_in_two_vms_and_once_in_each(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_channel(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.regions[5].rights = f.regions[2].rights; /* two writers */
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.regions[4] = f.regions[5];
    f.regions[4].ipa += 0x10000000;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_OVERLAP);
    assert_int_equal(report.issue[0].a, 5);
    assert_int_equal(report.issue[0].b, 4);
}

/* Where it is in the same colours, at the same place: colours keep those apart that are not the same. */
static void a_channel_may_be_coloured(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_coloured(&f);
    plan_fixture_channel(&f);
    f.regions[2].colours = f.regions[5].colours = 0xff00;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.regions[5].colours = 0xff80;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_OVERLAP);
}

/* Whatever byte of its description it is. */
static void of_a_cache_that_colours_nothing_nothing_is_said(void **state)
{
    struct plan_fixture f;

    (void)state;
    for (unsigned i = 0; i < sizeof(f.p.llc); i++) {
        plan_fixture_good(&f);
        ((uint8_t *)&f.p.llc)[i] = 0x40;
        plan_fixture_seal(&f);
        assert_int_equal(validate(&f), HV_ERR_INVAL);
        assert_int_equal(report.count, 1);
        assert_int_equal(report.issue[0].error, PLAN_E_LLC);
    }
}

static void issues_beyond_the_report_are_counted(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    for (unsigned i = 0; i < FIXTURE_REGIONS; i++) {
        f.regions[i].pa = f.p.hv_base;
        f.regions[i].ipa = f.vms[0].irqc_ipa[0];
        f.regions[i].rights = 0;
    }
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_true(report.count > ARRAY_SIZE(report.issue));
}

static void statuses_tell_damage_from_age_from_mistakes(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.minor = PLAN_MINOR + 1U;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_UNSUPPORTED);
    plan_fixture_good(&f);
    f.p.sum.s0++;
    assert_int_equal(validate(&f), HV_ERR_CORRUPT);
    assert_int_equal(report.issue[0].error, PLAN_E_CHECKSUM);
    assert_int_equal(report.count, 1);
}

static void an_ipa_size_the_table_format_has_not_is_refused(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.pa_bits_min = 52;
    f.vms[1].ipa_bits = 49;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_IPA_BITS);
    assert_int_equal(report.issue[0].vm, 1);
}

/* Found by fuzzing: a CPU may have 52 physical address bits, but descriptors without FEAT_LPA2 hold 48 (DDI 0487 D8.3),
 * so that what was accepted here could not be mapped at boot. */
static void memory_that_the_table_format_cannot_reach_is_refused(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.pa_bits_min = 52;
    f.regions[2].pa = (1ULL << 48) - 0x1000U;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.regions[2].pa += 0x1000U;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_IPA_BITS);
    assert_int_equal(report.issue[0].vm, 0);
    assert_int_equal(report.issue[0].a, 2);
}

/* The same for the tables themselves, which lie in RAM. */
static void tables_that_the_table_format_cannot_reach_are_refused(void **state)
{
    struct plan_fixture f;
    const uint64_t far = 1ULL << 48;

    (void)state;
    plan_fixture_good(&f);
    f.p.pa_bits_min = 52;
    f.p.ram_base += far;
    f.p.hv_base += far;
    f.p.plan_pa += far;
    f.p.pool_pa += far;
    for (unsigned i = 0; i < FIXTURE_REGIONS; i++) {
        f.regions[i].pa += f.regions[i].kind == PLAN_REGION_RAM ? far : 0U;
    }
    for (unsigned i = 0; i < FIXTURE_IMAGES; i++) {
        f.images[i].pa += far;
    }
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_HV_LAYOUT);
}

static void ram_ends_at_the_end_of_the_physical_addresses_at_most(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.p.ram_size = ((uint64_t)1 << f.p.pa_bits_min) - f.p.ram_base;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.p.ram_size += PAGE_SIZE;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_HV_LAYOUT);
}

static void gicv2_frames_are_smaller(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    plan_fixture_gicv2(&f);
    f.vms[0].irqc_ipa[1] = 0x08001000;
    f.vms[1].irqc_ipa[1] = 0x08001000;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_OK);
    f.vms[1].irqc_ipa[1] = 0x08000000;
    plan_fixture_seal(&f);
    assert_int_equal(validate(&f), HV_ERR_INVAL);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_IRQC);
}

/* Each frame that the hypervisor or a guest touches is there whole, apart from the others, from the hypervisor and from
 * RAM, and no device of a VM. */
static const struct forgery gicv2_forgeries[] = {
    H(irqc_version, 3, PLAN_E_FIELD), /* which has two frames alone */
    H(irqc_size[0], 0, PLAN_E_FIELD),
    H(irqc_size[1], 0x1000, PLAN_E_FIELD),
    H(irqc_size[2], 0, PLAN_E_FIELD),
    H(irqc_size[2], 0x800, PLAN_E_FIELD),
    H(irqc_size[3], 0x1000, PLAN_E_FIELD),
    H(irqc_base[2], 0x08000000, PLAN_E_FIELD),
    H(irqc_base[2], 0x0801f000, PLAN_E_FIELD),
    H(irqc_base[3], 0x08030000, PLAN_E_FIELD),
    H(irqc_base[3], 0x08010000, PLAN_E_FIELD),
    H(irqc_base[3], 0x08040800, PLAN_E_FIELD),
    H(irqc_base[3], UINT64_MAX & ~0xfffULL, PLAN_E_FIELD),
    H(irqc_base[2], 0x40200000, PLAN_E_FIELD),
    H(irqc_base[3], 0x40200000, PLAN_E_FIELD),
    H(irqc_base[3], 0x41000000, PLAN_E_FIELD),   /* the RAM of a VM */
    H(irqc_base[3], 0x3fff8000, PLAN_E_FIELD),   /* its end */
    H(irqc_base[3], 0x1000000000, PLAN_E_FIELD), /* beyond pa_bits_min */
    F(regions[2].pa, 0x08000000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x08011000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x08030000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x08040000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x0804f000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].ipa, 0x08010000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].ipa, 0x08011000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(vms[1].irqc_ipa[1], 0x09040000, PLAN_E_REGION_IRQC, 1, 4, NONE),
    F(vms[0].irqc_ipa[1], 0x08010800, PLAN_E_REGION_IRQC, 0, NONE, NONE),
};

static void each_forgery_of_a_gicv2_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(gicv2_forgeries); i++) {
        const struct forgery *g = &gicv2_forgeries[i];
        struct plan_fixture f;

        plan_fixture_good(&f);
        plan_fixture_gicv2(&f);
        memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
        plan_fixture_seal(&f);
        assert_int_not_equal(validate(&f), HV_OK);
        if (report.count < 1U || report.issue[0].error != g->error || report.issue[0].vm != g->vm ||
            report.issue[0].a != g->a || report.issue[0].b != g->b) {
            fail_msg("%s: error %d vm %u a %u b %u", g->what, (int)report.issue[0].error, report.issue[0].vm,
                     report.issue[0].a, report.issue[0].b);
        }
    }
}

/* What a guest sees of it is two pages; a region of 128 KiB holds each 16 times, and the two that differ meet at 0xf000. */
static void a_gicv2_maps_its_virtual_cpu_interface_and_a_gicv3_nothing(void **state)
{
    struct plan_fixture f;
    struct plan_region r;

    (void)state;
    plan_fixture_good(&f);
    assert_true(plan_mapping(&f.p, &f.vms[0], 2, &r));
    assert_int_equal(r.pa, 0x09000000);
    assert_false(plan_mapping(&f.p, &f.vms[0], 3, &r));
    plan_fixture_gicv2(&f);
    assert_true(plan_mapping(&f.p, &f.vms[0], 3, &r));
    assert_int_equal(r.ipa, 0x08010000);
    assert_int_equal(r.pa, 0x08040000);
    assert_int_equal(r.size, 0x2000);
    assert_int_equal(r.kind, PLAN_REGION_DEVICE);
    assert_int_equal(r.rights, 3);
    assert_false(plan_mapping(&f.p, &f.vms[0], 4, &r));
    f.p.irqc_size[PLAN_GICV] = 0x20000;
    assert_true(plan_mapping(&f.p, &f.vms[0], 3, &r));
    assert_int_equal(r.pa, 0x0804f000);
    f.p.irqc_size[PLAN_GICV] = 0x1f000;
    assert_int_equal(plan_gic_cpu_frame(&f.p, PLAN_GICV).v, 0x08040000);
    assert_int_equal(plan_gic_cpu_frame(&f.p, PLAN_GICC).v, 0x08010000);
}

static void every_error_has_one_line_of_text(void **state)
{
    (void)state;
    for (unsigned e = 0; e < PLAN_ERRORS; e++) {
        const char *text = plan_error_text((enum plan_error)e);

        assert_non_null(text);
        assert_true(strlen(text) > 8 && text[strlen(text) - 1U] != '.' && strchr(text, '\n') == NULL);
        for (unsigned o = 0; o < e; o++) {
            assert_string_not_equal(text, plan_error_text((enum plan_error)o));
        }
    }
    assert_string_equal(plan_error_text((enum plan_error)PLAN_ERRORS), "unknown error");
}

static void extensions_are_named_and_others_are_not(void **state)
{
    (void)state;
    assert_string_equal(plan_needs_text(PLAN_NEEDS_SSTC), "sstc");
    assert_string_equal(plan_needs_text(PLAN_NEEDS_V), "v");
    assert_string_equal(plan_needs_text(PLAN_NEEDS_ALL), "sstc v");
    assert_string_equal(plan_needs_text(0), "unknown extensions");
    assert_string_equal(plan_needs_text(PLAN_NEEDS_ALL + 1U), "unknown extensions");
    assert_string_equal(plan_needs_text(UINT32_MAX), "unknown extensions");
}

/* What else could be said of it would be nonsense. */
static void of_a_malformed_region_nothing_else_is_said(void **state)
{
    struct plan_fixture f;

    (void)state;
    plan_fixture_good(&f);
    f.regions[5].size = 0;
    plan_fixture_seal(&f);
    assert_int_equal(plan_validate(&f, sizeof(f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.issue[0].error, PLAN_E_REGION_ALIGN);
    assert_int_equal(report.issue[0].a, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_validate_accepts_a_good_plan),
        cmocka_unit_test(every_forged_error_is_reported_by_its_name_and_place),
        cmocka_unit_test(colours_of_no_cache_are_refused),
        cmocka_unit_test(a_vm_restarts_by_either_policy),
        cmocka_unit_test(ram_that_may_restart_is_in_whole_blocks_at_both_ends),
        cmocka_unit_test(pristine_copies_lie_on_no_frame_of_either_interrupt_controller),
        cmocka_unit_test(a_plan_that_is_cut_short_is_refused),
        cmocka_unit_test(board_names_must_agree_to_the_last_letter),
        cmocka_unit_test(vm_names_are_told_apart_and_end),
        cmocka_unit_test(every_flipped_bit_breaks_the_checksum),
        cmocka_unit_test(swapped_words_break_the_checksum),
        cmocka_unit_test(a_flipped_bit_under_a_right_checksum_is_refused_or_harmless),
        cmocka_unit_test(log_text_is_printable_or_ends_lines),
        cmocka_unit_test(random_bytes_are_never_trusted),
        cmocka_unit_test(too_many_entries_are_an_issue_of_their_own),
        cmocka_unit_test(two_channels_have_not_one_discovery_page),
        cmocka_unit_test(pages_of_devices_may_be_shared_by_two_vms_that_both_say_so),
        cmocka_unit_test(a_channel_is_in_two_vms_and_once_in_each),
        cmocka_unit_test(a_channel_may_be_coloured),
        cmocka_unit_test(of_a_cache_that_colours_nothing_nothing_is_said),
        cmocka_unit_test(issues_beyond_the_report_are_counted),
        cmocka_unit_test(statuses_tell_damage_from_age_from_mistakes),
        cmocka_unit_test(an_ipa_size_the_table_format_has_not_is_refused),
        cmocka_unit_test(memory_that_the_table_format_cannot_reach_is_refused),
        cmocka_unit_test(tables_that_the_table_format_cannot_reach_are_refused),
        cmocka_unit_test(ram_ends_at_the_end_of_the_physical_addresses_at_most),
        cmocka_unit_test(gicv2_frames_are_smaller),
        cmocka_unit_test(each_forgery_of_a_gicv2_is_found),
        cmocka_unit_test(a_gicv2_maps_its_virtual_cpu_interface_and_a_gicv3_nothing),
        cmocka_unit_test(every_error_has_one_line_of_text),
        cmocka_unit_test(extensions_are_named_and_others_are_not),
        cmocka_unit_test(of_a_malformed_region_nothing_else_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
