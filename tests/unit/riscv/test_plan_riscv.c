/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(), plan_mapping() and the count of table pages for RISC-V, with PLIC and with AIA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/s2.h"
#include "ops_fixture.h"
#include "tests/unit/forgery.h"
#include "tests/unit/pte_fill.h"

static struct plan_report report;

static enum hv_status validate(struct plan_fixture *f)
{
    plan_fixture_seal(f);
    return plan_validate(f, sizeof(*f), FIXTURE_BOARD, PLAN_ISA_RISCV, &report);
}

static struct plan_fixture good(enum plan_irqc irqc)
{
    struct plan_fixture f;

    plan_fixture_good(&f);
    plan_fixture_riscv(&f, irqc);
    return f;
}

static const enum plan_irqc kinds[] = {PLAN_IRQC_PLIC, PLAN_IRQC_AIA};

static void a_good_plan_of_either_controller_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct plan_fixture f = good(kinds[i]);

        assert_int_equal(validate(&f), HV_OK);
        plan_fixture_seal(&f);
        assert_int_equal(plan_validate(&f, sizeof(f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
        assert_int_equal(report.issue[0].error, PLAN_E_BOARD);
    }
}

#define C(field, val, err, a, b) F(field, val, err, NONE, a, b)

static const struct forgery either[] = {
    H(isa, PLAN_ISA_ARMV8, PLAN_E_BOARD),
    H(isa, PLAN_ISA_ARMV8, PLAN_E_FIELD), /* the controller is none of that */
    H(isa, 3, PLAN_E_BOARD),
    H(isa, 3, PLAN_E_FIELD),
    H(irqc_version, PLAN_IRQC_GICV2, PLAN_E_FIELD),
    H(irqc_version, PLAN_IRQC_GICV3, PLAN_E_FIELD),
    H(irqc_version, 0, PLAN_E_FIELD),
    H(irqc_version, 1, PLAN_E_FIELD),
    H(irqc_version, 6, PLAN_E_FIELD),
    H(irqc_version, 0xffffffff, PLAN_E_FIELD),
    H(boot_flags, 1, PLAN_E_FIELD),
    H(reserved, 1, PLAN_E_FIELD),
    H(maint_irq, 25, PLAN_E_FIELD),
    H(vtimer_irq, 27, PLAN_E_FIELD),
    H(ptimer_irq, 30, PLAN_E_FIELD),
    H(htimer_irq, 26, PLAN_E_FIELD),
    H(htimer_irq, 0, PLAN_E_FIELD),
    H(timebase_hz, 0, PLAN_E_FIELD),
    H(nr_irqs, 33, PLAN_E_FIELD),
    H(nr_irqs, 1021, PLAN_E_FIELD),
    H(pa_bits_min, 31, PLAN_E_FIELD),
    H(pa_bits_min, 57, PLAN_E_FIELD),
    H(pa_bits_min, 64, PLAN_E_FIELD),
    H(irqc_base[2], 0x08040000, PLAN_E_FIELD),
    H(irqc_size[3], 0x1000, PLAN_E_FIELD),
    H(irqc_base[0], 0x40200000, PLAN_E_FIELD),
    H(irqc_base[0], 0x0c000800, PLAN_E_FIELD),
    H(irqc_size[0], 0, PLAN_E_FIELD),
    C(cpus[1].needs, PLAN_NEEDS_ALL + 1U, PLAN_E_FIELD, 1, NONE),
    C(cpus[1].needs, 0x80000000U, PLAN_E_FIELD, 1, NONE),
    C(cpus[3].hw_id, 1, PLAN_E_CPU_TWICE, 1, 3),
    C(cpus[3].irqc_index, 0x4000, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_index, 0xffffffff, PLAN_E_FIELD, 3, NONE),
    F(irqs[0].intid, 32, PLAN_E_IRQ_RANGE, 0, 0, NONE), /* there is no source 0 */
    F(irqs[0].intid, 5, PLAN_E_IRQ_RANGE, 0, 0, NONE),
    F(irqs[2].intid, 64, PLAN_E_IRQ_RANGE, 1, 2, NONE),
    F(vms[0].irqc_ipa[0], 0x0c000800, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], UINT64_MAX & ~0xfffULL, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], 0x40000000, PLAN_E_REGION_IRQC, 0, 0, NONE),
    F(vms[0].irqc_ipa[0], 0x80000000, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
};

static const struct forgery plic[] = {
    H(irqc_version, PLAN_IRQC_AIA, PLAN_E_FIELD),
    H(irqc_ids, 1, PLAN_E_FIELD),
    H(irqc_base[1], 0x28000000, PLAN_E_FIELD),
    H(irqc_size[1], 0x1000, PLAN_E_FIELD),
    H(irqc_size[0], 0x200000, PLAN_E_FIELD),
    C(p.irqc_size[0], 0x200000, PLAN_E_FIELD, 0, NONE),
    C(p.irqc_size[0], 0x1000, PLAN_E_FIELD, 0, NONE),
    C(p.irqc_size[0], 0x207000, PLAN_E_FIELD, 3, NONE), /* CPU 3 has context 7 */
    C(cpus[3].irqc_index, 0x400, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_index, 3, PLAN_E_CPU_TWICE, 1, 3),
    C(cpus[1].irqc_pa, 0x1000, PLAN_E_FIELD, 1, NONE),
    F(vms[0].irqc_ipa[1], 0x1000, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(regions[2].ipa, 0x0c5ff000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x0c5ff000, PLAN_E_REGION_IRQC, 0, 2, NONE),
};

static const struct forgery aia[] = {
    H(irqc_version, PLAN_IRQC_PLIC, PLAN_E_FIELD),
    H(irqc_ids, 0, PLAN_E_FIELD),
    H(irqc_ids, 2048, PLAN_E_FIELD),
    H(irqc_size[0], 0x3000, PLAN_E_FIELD),
    H(irqc_size[1], 0, PLAN_E_FIELD),
    H(irqc_size[1], 0x1000, PLAN_E_FIELD),
    H(irqc_size[1], 0x10800, PLAN_E_FIELD),
    H(irqc_base[1], 0x0d004000, PLAN_E_FIELD),
    H(irqc_base[1], 0x41000000, PLAN_E_FIELD), /* RAM, which would be mapped to a guest as a device */
    H(irqc_base[1], 0x20000000000, PLAN_E_FIELD),
    C(p.irqc_size[1], 0x7000, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_index, 1, PLAN_E_CPU_TWICE, 1, 3),
    C(cpus[3].irqc_pa, 0x28006800, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_pa, 0x2800f000, PLAN_E_FIELD, 3, NONE), /* the guest's page is beyond */
    C(cpus[3].irqc_pa, 0x27fff000, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_pa, UINT64_MAX & ~0xfffULL, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_pa, 0, PLAN_E_FIELD, 3, NONE),
    C(cpus[3].irqc_pa, 0x28000000, PLAN_E_CPU_TWICE, 0, 3),
    C(cpus[3].irqc_pa, 0x28001000, PLAN_E_CPU_TWICE, 0, 3), /* the supervisor's page would be CPU 0's guest's */
    C(cpus[3].irqc_pa, 0x28003000, PLAN_E_CPU_TWICE, 1, 3),
    F(vms[0].irqc_ipa[1], 0x28001000, PLAN_E_REGION_IRQC, 0, NONE, NONE), /* two vCPUs */
    F(vms[0].irqc_ipa[1], 0x28000800, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[1], 0x0d006000, PLAN_E_REGION_IRQC, 0, NONE, NONE), /* in the APLIC */
    F(vms[0].irqc_ipa[1], 0x41000000, PLAN_E_REGION_IRQC, 0, 1, NONE),
    F(vms[0].irqc_ipa[1], 0x80000000, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(regions[2].ipa, 0x28001000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].ipa, 0x0d007000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x28001000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x2800f000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x0d007000, PLAN_E_REGION_IRQC, 0, 2, NONE),
};

static struct plan_fixture good_direct(void)
{
    struct plan_fixture f = good(PLAN_IRQC_AIA);

    plan_fixture_direct(&f);
    return f;
}

/* Into one whose VMs have each other's files, VM 0 from 0x70000000 on those of endpoint 1 at 0x70008000, in 0x10000 of addresses. */
static const struct forgery direct[] = {
    F(channels[0].flags, 0, PLAN_E_FIELD, NONE, 0, 0),
    F(channels[0].flags, 3, PLAN_E_FIELD, NONE, 0, NONE),
    F(channels[0].files_ipa[2], 0x60100000, PLAN_E_FIELD, NONE, 0, 2),
    F(channels[0].files_ipa[0], 0x70000800, PLAN_E_DIRECT, 0, 0, 0),
    F(channels[0].files_ipa[0], 1, PLAN_E_DIRECT, 0, 0, 0),
    F(channels[0].files_ipa[0], UINT64_MAX & ~0xfffULL, PLAN_E_DIRECT, 0, 0, 0),
    F(channels[0].files_ipa[0], 0x80000000, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(channels[0].files_ipa[0], 0x7fff1000, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(channels[0].files_ipa[0], 0x40000000, PLAN_E_DIRECT, 0, 0, 0), /* RAM */
    F(channels[0].files_ipa[0], 0x411ff000, PLAN_E_DIRECT, 0, 0, 0),
    F(channels[0].files_ipa[0], 0x4fff0000, PLAN_E_DIRECT, 0, 0, 0), /* ends in the channel's page */
    F(channels[0].files_ipa[1], 0x09040000, PLAN_E_DIRECT, 1, 0, 1), /* a device */
    F(channels[0].files_ipa[0], 0x0d007000, PLAN_E_DIRECT, 0, 0, 0), /* the APLIC */
    F(channels[0].files_ipa[0], 0x28001000, PLAN_E_DIRECT, 0, 0, 0), /* its own files */
    F(vms[0].irqc_ipa[1], 0x7000e000, PLAN_E_DIRECT, 0, 0, 0),
    F(channels[0].end[1].rate, 0, PLAN_E_DIRECT, 1, 0, 1),
    F(p.irqc_version, PLAN_IRQC_PLIC, PLAN_E_DIRECT, NONE, 0, NONE),
};

static void assert_found_in(struct plan_fixture (*make)(void), const struct forgery *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct forgery *g = &list[i];
        struct plan_fixture f = make();

        memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
        if (validate(&f) == HV_OK || !forgery_reported(&report, g)) {
            fail_msg("%s: %u issues, first %d (vm %u, %u, %u), expected %d", g->what, report.count,
                     report.count != 0U ? (int)report.issue[0].error : 0, report.issue[0].vm, report.issue[0].a, report.issue[0].b,
                     g->error);
        }
    }
}

/* WALL-IRQ-8: a plan says where, and not which pages. */
static void every_wrong_place_for_others_files_is_reported(void **state)
{
    struct plan_fixture f = good_direct();

    (void)state;
    assert_int_equal(validate(&f), HV_OK);
    assert_found_in(good_direct, direct, ARRAY_SIZE(direct));
    f.vms[0].vuart_ipa = 0x7000f000;
    f.vms[0].vuart_irq = 50;
    (void)validate(&f);
    const struct forgery in_the_uart = {.error = PLAN_E_DIRECT, .vm = 0, .a = 0, .b = 0};

    assert_true(forgery_reported(&report, &in_the_uart));
    f.vms[0].vuart_irq = 0; /* it has none */
    (void)validate(&f);
    assert_false(forgery_reported(&report, &in_the_uart));
    f = good_direct(); /* just before, just behind; one endpoint alone */
    f.channels[0].files_ipa[0] = 0x4ffef000;
    f.channels[0].files_ipa[1] = 0;
    assert_int_equal(validate(&f), HV_OK);
    f.channels[0].files_ipa[0] = 0x50002000;
    assert_int_equal(validate(&f), HV_OK);
    f.channels[0].files_ipa[0] = 0x7fff0000;
    assert_int_equal(validate(&f), HV_OK);
}

/* The same addresses by two channels of a VM, and those of another VM, which are no matter. */
static void files_of_two_channels_have_addresses_of_their_own(void **state)
{
    static const struct forgery again = {.error = PLAN_E_DIRECT, .vm = 0, .a = 1, .b = 1};
    static const struct forgery other = {.error = PLAN_E_DIRECT, .vm = 1, .a = 1, .b = 0};
    struct plan_fixture f = good_direct();

    (void)state;
    f.channels[1] = (struct plan_channel){.nr_ends = 2, .flags = PLAN_CHANNEL_DIRECT, .end = {{1, 0, 1, 1}, {0, 0, 1, 1}},
                                          .files_ipa = {0x70010000, 0x7000f000}};
    f.p.channels.count = 2;
    (void)validate(&f);
    assert_true(forgery_reported(&report, &again));
    assert_false(forgery_reported(&report, &other));
    f.channels[1].files_ipa[1] = 0x70010000;
    (void)validate(&f);
    assert_false(forgery_reported(&report, &again));
    f.channels[0].files_ipa[1] = 0x71000000; /* where VM 0 has files, and VM 1 has not */
    f.channels[1].files_ipa[0] = 0x70000000;
    (void)validate(&f);
    assert_false(forgery_reported(&report, &other));
    f.channels[0].files_ipa[1] = 0; /* none, which is not at address 0 */
    f.channels[1].files_ipa[0] = PAGE_SIZE;
    (void)validate(&f);
    assert_false(forgery_reported(&report, &other));
    f.channels[0].nr_ends = UINT32_MAX; /* and nothing behind the plan is looked at */
    assert_int_equal(validate(&f), HV_ERR_INVAL);
}

static void assert_found(enum plan_irqc irqc, const struct forgery *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct forgery *g = &list[i];
        struct plan_fixture f = good(irqc);

        memcpy((uint8_t *)&f + g->offset, &g->value, g->size);
        if (validate(&f) == HV_OK || !forgery_reported(&report, g)) {
            fail_msg("%s: %s: %u issues, first %d (vm %u, %u, %u), expected %d", plan_irqc_text((uint32_t)irqc),
                     g->what, report.count, report.count != 0U ? (int)report.issue[0].error : 0,
                     report.issue[0].vm, report.issue[0].a, report.issue[0].b, g->error);
        }
    }
}

/* WALL-BOOT-1 */
static void every_forged_error_is_reported_by_its_name_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        assert_found(kinds[i], either, ARRAY_SIZE(either));
    }
    assert_found(PLAN_IRQC_PLIC, plic, ARRAY_SIZE(plic));
    assert_found(PLAN_IRQC_AIA, aia, ARRAY_SIZE(aia));
}

static void the_largest_values_are_accepted(void **state)
{
    struct plan_fixture f = good(PLAN_IRQC_AIA);

    (void)state;
    f.p.irqc_ids = 2047;
    f.p.nr_irqs = 1020;
    f.p.pa_bits_min = 56;
    f.cpus[3].irqc_index = 0x3fff;
    f.cpus[3].irqc_pa = 0x2800e000;
    f.irqs[2].intid = 1019;
    f.irqs[0].intid = 33;
    assert_int_equal(validate(&f), HV_OK);
    f = good(PLAN_IRQC_PLIC);
    f.p.irqc_size[0] = 0x208000;
    assert_int_equal(validate(&f), HV_OK);
}

static void an_armv8_plan_has_none_of_riscvs_fields(void **state)
{
    static const struct forgery armv8[] = {
        H(timebase_hz, 1, PLAN_E_FIELD),          H(irqc_ids, 1, PLAN_E_FIELD),
        H(irqc_version, 4, PLAN_E_FIELD),         H(irqc_version, 5, PLAN_E_FIELD),
        C(cpus[2].irqc_pa, 0x1000, PLAN_E_FIELD, 2, NONE), C(cpus[2].irqc_index, 1, PLAN_E_FIELD, 2, NONE),
        C(cpus[2].needs, PLAN_NEEDS_SSTC, PLAN_E_FIELD, 2, NONE),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(armv8); i++) {
        struct plan_fixture f;

        plan_fixture_good(&f);
        memcpy((uint8_t *)&f + armv8[i].offset, &armv8[i].value, armv8[i].size);
        plan_fixture_seal(&f);
        assert_int_equal(plan_validate(&f, sizeof(f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report), HV_ERR_INVAL);
        assert_true(forgery_reported(&report, &armv8[i]));
    }
}

/* AIA 1.0 3.6: the address bits above a file's page say which hart's it is, so n files are aligned to the next power of two. */
static void interrupt_files_are_aligned_to_the_next_power_of_two(void **state)
{
    static const unsigned align[] = {0, 1, 2, 4, 4, 8, 8, 8};

    (void)state;
    for (unsigned n = 1; n < ARRAY_SIZE(align); n++) {
        for (unsigned page = 0; page < 8U; page++) {
            struct plan_fixture f = good(PLAN_IRQC_AIA);

            f.p.cpus.count = 8;
            f.vms[0].nr_vcpus = n;
            for (unsigned i = 0; i < n; i++) {
                f.vms[0].cpus[i] = i == 0U ? 0U : i + 1U; /* CPU 1 is the other VM's */
            }
            for (unsigned i = n; i < VM_MAX_VCPUS; i++) {
                f.vms[0].cpus[i] = 0;
            }
            f.vms[0].irqc_ipa[1] = 0x28000000 + page * PAGE_SIZE;
            assert_int_equal(validate(&f) == HV_OK, page % align[n] == 0U);
        }
    }
}

static void each_vcpu_has_the_guest_file_of_its_cpu_and_a_plic_maps_nothing(void **state)
{
    struct plan_fixture f = good(PLAN_IRQC_AIA);
    struct plan_region r;

    (void)state;
    f.vms[0].irqc_ipa[1] = 0x28004000;
    for (uint32_t n = 0; n < 2U; n++) { /* CPUs 0 and 2 */
        assert_true(plan_mapping(&f.p, &f.vms[0], 3U + n, &r));
        assert_int_equal(r.ipa, 0x28004000 + n * PAGE_SIZE);
        assert_int_equal(r.pa, 0x28001000 + n * 0x4000ULL);
        assert_int_equal(r.size, PAGE_SIZE);
        assert_int_equal(r.kind, PLAN_REGION_DEVICE);
        assert_int_equal(r.rights, S2_R | S2_W);
    }
    assert_false(plan_mapping(&f.p, &f.vms[0], 5, &r));
    assert_true(plan_mapping(&f.p, &f.vms[1], 3, &r));
    assert_int_equal(r.pa, 0x28003000);
    assert_false(plan_mapping(&f.p, &f.vms[1], 4, &r));
    f = good(PLAN_IRQC_PLIC);
    assert_true(plan_mapping(&f.p, &f.vms[0], 2, &r));
    assert_false(plan_mapping(&f.p, &f.vms[0], 3, &r));
}

/* WALL-IRQ-8 */
static void direct_doorbells_map_the_files_of_peers_with_a_doorbell_for_who_may_ring(void **state)
{
    struct plan_fixture f = good_direct();
    struct plan_region r;

    (void)state;
    assert_true(plan_mapping(&f.p, &f.vms[0], 6, &r)); /* behind four regions and two files */
    assert_int_equal(r.ipa, 0x70000000 + (uint64_t)VM_MAX_VCPUS * PAGE_SIZE);
    assert_int_equal(r.pa, 0x28003000); /* CPU 1 */
    assert_int_equal(r.size, PAGE_SIZE);
    assert_int_equal(r.kind, PLAN_REGION_DEVICE);
    assert_int_equal(r.rights, S2_R | S2_W);
    assert_int_equal(r.colours, 0);
    assert_false(plan_mapping(&f.p, &f.vms[0], 7, &r));
    for (uint32_t n = 0; n < 2U; n++) { /* CPUs 0 and 2 */
        assert_true(plan_mapping(&f.p, &f.vms[1], 5U + n, &r));
        assert_int_equal(r.ipa, 0x70000000 + n * PAGE_SIZE);
        assert_int_equal(r.pa, 0x28001000 + n * 0x4000ULL);
    }
    assert_false(plan_mapping(&f.p, &f.vms[1], 7, &r));
    f.channels[0].end[0].intid = 0; /* there is no doorbell to be rung */
    assert_false(plan_mapping(&f.p, &f.vms[1], 5, &r));
    assert_true(plan_mapping(&f.p, &f.vms[0], 6, &r));
    f.channels[0].files_ipa[0] = 0;
    assert_false(plan_mapping(&f.p, &f.vms[0], 6, &r));
    f = good_direct();
    f.channels[1] = f.channels[0]; /* a second one is behind the first */
    f.channels[0].flags = 0;
    f.channels[1].files_ipa[0] = 0x71000000;
    f.p.channels.count = 2;
    assert_true(plan_mapping(&f.p, &f.vms[0], 6, &r));
    assert_int_equal(r.ipa, 0x71008000);
    f.channels[0].flags = PLAN_CHANNEL_DIRECT;
    assert_true(plan_mapping(&f.p, &f.vms[0], 6, &r));
    assert_int_equal(r.ipa, 0x70008000);
    assert_true(plan_mapping(&f.p, &f.vms[0], 7, &r));
    assert_int_equal(r.ipa, 0x71008000);
    assert_false(plan_mapping(&f.p, &f.vms[0], 8, &r));
    assert_true(plan_mappings_max(&f.p, &f.vms[0]) >= 8U);
}

/* What no accepted plan may do, said in other words than the validator's: no page is mapped twice, and none is of a
 * supervisor's interrupt file, an APLIC, a PLIC or the hypervisor. */
static void audit(const struct plan_fixture *f)
{
    struct plan_region all[2U * (FIXTURE_REGIONS + FIXTURE_MORE + 3U * HV_MAX_CPUS)];
    unsigned file[2] = {0}; /* where the files that a VM has of its CPUs, and others', begin */
    unsigned n = 0;

    for (unsigned vm = 0; vm < 2U; vm++) {
        unsigned first = n;

        file[vm] = n + f->vms[vm].nr_regions;

        for (uint32_t i = 0; plan_mapping(&f->p, &f->vms[vm], i, &all[n]); i++, n++) {
            for (unsigned k = first; k < n; k++) {
                assert_true(all[n].ipa >= all[k].ipa + all[k].size || all[k].ipa >= all[n].ipa + all[n].size);
            }
        }
    }
    for (unsigned a = 0; a < n; a++) {
        assert_false(all[a].pa < f->p.hv_base + HV_REGION_SIZE && all[a].pa + all[a].size > f->p.hv_base);
        assert_false(all[a].pa < f->p.irqc_base[0] + f->p.irqc_size[0] &&
                     all[a].pa + all[a].size > f->p.irqc_base[0]);
        for (unsigned b = 0; b < a; b++) { /* but for the memory of a channel, and files whose VM has it with the one that they are of */
            bool channel = all[a].kind == PLAN_REGION_CHANNEL && all[b].kind == PLAN_REGION_CHANNEL;
            bool file_of_a_peer = f->p.channels.count != 0U && (f->channels[0].flags & PLAN_CHANNEL_DIRECT) != 0U && a >= file[1] &&
                                  b >= file[0] && all[a].pa == all[b].pa && all[a].size == PAGE_SIZE && all[b].size == PAGE_SIZE;

            assert_true(channel || file_of_a_peer || all[a].pa >= all[b].pa + all[b].size || all[b].pa >= all[a].pa + all[a].size);
        }
        for (unsigned cpu = 0; f->p.irqc_version == PLAN_IRQC_AIA && cpu < f->p.cpus.count; cpu++) {
            assert_true(f->cpus[cpu].irqc_pa >= all[a].pa + all[a].size ||
                        all[a].pa >= f->cpus[cpu].irqc_pa + PAGE_SIZE);
        }
    }
}

static void a_flipped_bit_under_a_right_checksum_is_refused_or_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i <= ARRAY_SIZE(kinds); i++) {
        struct plan_fixture f = i < ARRAY_SIZE(kinds) ? good(kinds[i]) : good_direct();
        const struct plan_fixture kept = f;

        for (size_t bit = 0; bit < sizeof(f) * 8U; bit++) {
            f = kept;
            ((uint8_t *)&f)[bit / 8U] ^= (uint8_t)(1U << bit % 8U);
            if (f.p.length == sizeof(f) && validate(&f) == HV_OK) {
                audit(&f);
            }
        }
    }
}

/* ---- table pages: what s2_map() takes ---- */

#define POOL_PAGES 512U

static _Alignas(16384) uint8_t memory[POOL_PAGES * 4096U];
static uint64_t memory_pa;

static void *map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    (void)attr;
    assert_true(pa.v >= memory_pa && pa.v - memory_pa + size <= sizeof(memory));
    return memory + (pa.v - memory_pa);
}

static void pte_write(uint64_t *slot, uint64_t pte)
{
    *slot = pte;
}

static void table_pages_are_those_that_mapping_takes(void **state)
{
    (void)state;
    rv_reset();
    arch_ops.mmu.map = map;
    arch_ops.mmu.pte_write = pte_write;
    arch_ops.mmu.pte_fill = pte_fill_by_writes;
    for (unsigned round = 0; round < 64U; round++) {
        struct plan_fixture f = round % 4U == 3U ? good_direct() : good(kinds[round % 2U]);
        struct pages pool;

        f.channels[0].files_ipa[0] = 0x701f0000 + PAGE_SIZE * (round / 4U); /* in one 2 MiB, and in two */
        f.p.pa_bits_min = 56;
        f.p.pool_pa = memory_pa = 0x40230000ULL + PAGE_SIZE * (round / 8U);
        f.regions[1].pa += PAGE_SIZE * (round % 5U);
        f.vms[0].irqc_ipa[1] += round % 3U == 0U ? 0x1fe000U : 0U; /* ends at 2 MiB, and not */
        f.vms[1].ipa_bits = 31U + round % 20U;
        assert_int_equal(pages_init(&pool, PA(memory_pa), POOL_PAGES), HV_OK);
        for (uint32_t vm = 0; vm < 2U; vm++) {
            uint64_t before = pool.used;
            struct plan_region r;
            struct s2 s2;

            assert_int_equal(s2_init(&s2, &pool, f.vms[vm].ipa_bits, 56, VMID((uint16_t)(vm + 1U))), HV_OK);
            for (uint32_t i = 0; plan_mapping(&f.p, &f.vms[vm], i, &r); i++) {
                enum s2_mem mem = plan_region_is_memory(&r) ? S2_MEM_NORMAL : S2_MEM_DEVICE;

                assert_int_equal(s2_map(&s2, IPA(r.ipa), PA(r.pa), r.size, mem, r.rights), HV_OK);
            }
            assert_int_equal(plan_s2_pages(&f.p, vm), pool.used - before);
        }
    }
}

/* Files of others below, above and between all else that a VM has, by two channels whose windows come in either order. */
static void table_pages_are_those_that_mapping_takes_wherever_others_files_are(void **state)
{
    static const uint64_t at[] = {0x1000, 0x1f8000, 0x0cff0000, 0x27ff0000, 0x28010000, 0x281f9000, 0x3fff0000, 0x4ffef000, 0x50002000, 0x701f8000};

    (void)state;
    rv_reset();
    arch_ops.mmu.map = map;
    arch_ops.mmu.pte_write = pte_write;
    arch_ops.mmu.pte_fill = pte_fill_by_writes;
    for (unsigned round = 0; round < ARRAY_SIZE(at) * ARRAY_SIZE(at); round++) {
        struct plan_fixture f = good_direct();
        struct pages pool;
        uint64_t first = at[round % ARRAY_SIZE(at)];
        uint64_t second = at[round / ARRAY_SIZE(at)];

        if (first == second) {
            continue;
        }
        f.channels[1] = f.channels[0];
        f.p.channels.count = 2;
        f.channels[0].files_ipa[0] = first;
        f.channels[1].files_ipa[0] = second;
        f.channels[1].files_ipa[1] = 0;
        f.p.pool_pa = memory_pa = 0x40230000ULL;
        assert_int_equal(pages_init(&pool, PA(memory_pa), POOL_PAGES), HV_OK);
        struct plan_region r;
        struct s2 s2;

        assert_int_equal(s2_init(&s2, &pool, f.vms[0].ipa_bits, 56, VMID(1)), HV_OK);
        for (uint32_t i = 0; plan_mapping(&f.p, &f.vms[0], i, &r); i++) {
            assert_int_equal(s2_map(&s2, IPA(r.ipa), PA(r.pa), r.size, S2_MEM_DEVICE, r.rights & 3U), HV_OK);
        }
        assert_int_equal(plan_s2_pages(&f.p, 0), pool.used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_plan_of_either_controller_is_accepted),
        cmocka_unit_test(every_forged_error_is_reported_by_its_name_and_place),
        cmocka_unit_test(the_largest_values_are_accepted),
        cmocka_unit_test(an_armv8_plan_has_none_of_riscvs_fields),
        cmocka_unit_test(interrupt_files_are_aligned_to_the_next_power_of_two),
        cmocka_unit_test(each_vcpu_has_the_guest_file_of_its_cpu_and_a_plic_maps_nothing),
        cmocka_unit_test(direct_doorbells_map_the_files_of_peers_with_a_doorbell_for_who_may_ring),
        cmocka_unit_test(every_wrong_place_for_others_files_is_reported),
        cmocka_unit_test(files_of_two_channels_have_addresses_of_their_own),
        cmocka_unit_test(a_flipped_bit_under_a_right_checksum_is_refused_or_harmless),
        cmocka_unit_test(table_pages_are_those_that_mapping_takes),
        cmocka_unit_test(table_pages_are_those_that_mapping_takes_wherever_others_files_are),
    };

    return cmocka_run_group_tests_name("plan_riscv", tests, NULL, NULL);
}
