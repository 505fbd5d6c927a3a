/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual GICv2: register table, banked registers, targets, SGIs by source, start and stop. One CPU acts at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "hv/sysreg_enc.h"
#include "vdev/vgic_state.h"
#include "vdev/vsysreg.h"
#include "vgic_fixture.h"
#include "vgic_model.h"

#define SGIR       (FX_GICD + 0xf00U)
#define CPENDSGIR  (FX_GICD + 0xf10U)
#define SPENDSGIR  (FX_GICD + 0xf20U)
#define TARGET(n)  (FX_GICD + 0x800U + (n))
#define ISENABLER(n) (FX_GICD + 0x100U + 4U * ((n) / 32U))
#define BIT(n)     (1U << ((n) % 32U))

static int four_lrs(void **state)
{
    (void)state;
    fx_setup_v2(4, 1);
    fx_start_all();
    return 0;
}

static struct vcpu *as(unsigned vcpu)
{
    struct vcpu *v = fx_vcpu(0, vcpu);
    fx_as(v);
    fx_take_irqs(v);
    return v;
}

/* Private interrupts of every vCPU, by itself, and the SPIs; group 0, all enabled, forwarded. */
static void open_all(void)
{
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        fx_write(as(i), ISENABLER(0), 4, 0xffffffff);
    }
    for (uint32_t w = 1; w < FX_IRQS / 32U; w++) {
        fx_write(as(0), ISENABLER(32U * w), 4, 0xffffffff);
    }
    fx_write(as(0), FX_GICD, 4, 3);
}

static void model_setup(struct model *m, unsigned vm)
{
    model_init(m, vms[vm].nr_vcpus, FX_IRQS);
    for (uint32_t i = 16; i < FX_IRQS; i++) {
        for (unsigned v = 0; i < 32U && v < vms[vm].nr_vcpus; v++) {
            m->priv[v][i].exists = fx_owned(vm, i);
        }
        if (i >= 32U) {
            m->spi[i].exists = fx_owned(vm, i);
            m->spi[i].edge = vm == 0U && fx_is_edge(i);
        }
    }
    model_make_v2(m);
}

static void the_register_table_is_sorted_and_does_not_overlap(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < vgic_v2_table.count; i++) {
        const struct mmio_reg *r = &vgic_v2_table.regs[i];
        assert_true(r[-1].offset + r[-1].length <= r->offset);
    }
}

static void every_register_reads_as_specified_at_reset_in_every_width(void **state)
{
    (void)state;
    static struct model m;
    for (unsigned vm = 0; vm < 2U; vm++) {
        model_setup(&m, vm);
        for (unsigned i = 0; i < vms[vm].nr_vcpus; i++) {
            struct vcpu *v = fx_vcpu(vm, i);
            fx_as(v);
            for (unsigned size = 1; size <= 8U; size *= 2U) {
                for (uint32_t off = 0; off < 0x1000U; off += size) {
                    assert_int_equal(fx_read(v, FX_GICD + off, size), model_dist2_read(&m, i, off, size));
                }
            }
        }
    }
}

/* CTLR and SGIR last, so that nothing is signalled meanwhile; then all compared. */
static void writes_of_all_ones_change_what_the_vm_owns_and_nothing_else(void **state)
{
    (void)state;
    static struct model m;
    model_setup(&m, 0);
    for (unsigned i = 1; i < FX_VCPUS; i++) { /* nobody here would answer a recall */
        virqc_vcpu_stop(as(i));
    }
    struct vcpu *v = as(0);
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        for (uint32_t off = 0x1000U; off != 0U; off -= size) {
            fx_write(v, FX_GICD + off - size, size, ~0ULL);
            model_dist2_write(&m, 0, off - size, size, ~0ULL);
        }
    }
    fx_take_irqs(v);
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        for (uint32_t off = 0; off < 0x1000U; off += size) {
            assert_int_equal(fx_read(v, FX_GICD + off, size), model_dist2_read(&m, 0, off, size));
        }
    }
    assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, 1) & BIT(40), 0); /* is VM 1's */
    struct vcpu *other = fx_vcpu(1, 0);
    fx_as(other);
    assert_int_equal(fx_read(other, ISENABLER(33), 4), 0);
    assert_int_equal(fx_read(other, ISENABLER(0), 4), 0);
}

static void an_address_beside_the_distributor_is_not_the_gics(void **state)
{
    (void)state;
    static const uint64_t beside[] = {FX_GICD - 4U, FX_GICD + 0x1000U, FX_GICD + 0x10000U, FX_GICR, FX_GICR + 0x10080U, 0};
    struct vcpu *v = as(0);
    for (unsigned i = 0; i < ARRAY_SIZE(beside); i++) {
        struct exit_mmio a = {.ipa = beside[i], .size = 4};
        uint64_t val = 0;
        bool abort = false;
        assert_false(virqc_mmio(v, &a, &val, &abort));
    }
}

static void a_vcpu_sees_and_changes_its_own_private_registers_alone(void **state)
{
    (void)state;
    fx_write(as(1), ISENABLER(0), 4, BIT(FX_VTIMER));
    fx_write(as(1), FX_GICD + 0x400U + FX_VTIMER, 1, 0x80);
    assert_int_equal(fx_read(as(0), ISENABLER(0), 4), 0);
    assert_int_equal(fx_read(as(0), FX_GICD + 0x400U + FX_VTIMER, 1), 0);
    assert_int_equal(fx_read(as(1), ISENABLER(0), 4), BIT(FX_VTIMER));
    assert_int_equal(fx_read(as(0), TARGET(0), 4), 0x01010101);
    assert_int_equal(fx_read(as(2), TARGET(0), 4), 0x04040404);
}

/* Whose interface is in question only its own CPU can open: it is asked, with nothing else pending to ask it for. */
static void one_vcpu_turns_the_distributor_on_and_off_for_all(void **state)
{
    (void)state;
    fx_write(as(1), ISENABLER(0), 4, BIT(FX_VTIMER));
    sim_gic_ppi(fx_vcpu(0, 1)->cpu, FX_VTIMER, true);
    (void)as(1);
    assert_false(sim_gic_guest_virq(fx_vcpu(0, 1)->cpu));
    fx_write(as(0), FX_GICD, 4, 1);
    (void)as(1);
    assert_true(sim_gic_guest_virq(fx_vcpu(0, 1)->cpu));
}

/* The same SGI from two vCPUs is two interrupts, each with its source, and the second comes after the end of the first. */
static void an_sgi_is_pending_and_acknowledged_by_source(void **state)
{
    (void)state;
    open_all();
    fx_write(as(1), SGIR, 4, 0x00010005);
    fx_write(as(2), SGIR, 4, 0x00010005);
    fx_write(as(2), SGIR, 4, 0x00010005); /* once pending is once */
    struct vcpu *v = as(0);
    assert_int_equal(fx_read(v, SPENDSGIR + 4U, 4), 0x0600);
    assert_int_equal(fx_read(v, CPENDSGIR + 5U, 1), 6);
    assert_int_equal(fx_read(v, FX_GICD + 0x200U, 4), BIT(5));
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), 5U | 1U << 10);
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), SIM_GIC_NONE);
    assert_int_equal(fx_read(v, SPENDSGIR + 5U, 1), 4);
    sim_gic_guest_eoi(v->cpu, 5U | 1U << 10);
    fx_take_irqs(v);
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), 5U | 2U << 10);
    sim_gic_guest_eoi(v->cpu, 5U | 2U << 10);
    fx_take_irqs(v);
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), SIM_GIC_NONE);
}

static void filters_of_sgir_name_all_others_or_oneself_and_never_another_vm(void **state)
{
    (void)state;
    static const struct {
        uint32_t sgir;
        unsigned at; /* vCPUs at which it is pending */
    } cases[] = {{0x00ff0003, 7}, {0x01000003, 5}, {0x01ff0003, 5}, {0x02000003, 2}, {0x02ff0003, 2},
                 {0x03ff0003, 0}, {0x00000003, 0}, {0x00f80003, 0}, {0x00048003, 4}};
    for (unsigned c = 0; c < ARRAY_SIZE(cases); c++) {
        (void)four_lrs(NULL);
        fx_write(as(1), SGIR, 4, cases[c].sgir);
        for (unsigned i = 0; i < FX_VCPUS; i++) {
            assert_int_equal(fx_read(as(i), SPENDSGIR + 3U, 1), ((cases[c].at >> i) & 1U) << 1);
        }
        struct vcpu *other = fx_vcpu(1, 0);
        fx_as(other);
        assert_false(sim_gic_irq(other->cpu));
        assert_int_equal(fx_read(other, SPENDSGIR, 4), 0);
    }
}

static void pending_registers_of_sgis_are_read_only_and_sources_those_of_the_vm(void **state)
{
    (void)state;
    struct vcpu *v = as(0);
    fx_write(v, FX_GICD + 0x200U, 4, 0xffff);
    assert_int_equal(fx_read(v, FX_GICD + 0x200U, 4), 0);
    fx_write(v, SPENDSGIR, 4, 0xffffffff);
    assert_int_equal(fx_read(v, SPENDSGIR, 4), 0x07070707);
    fx_write(v, FX_GICD + 0x280U, 4, 0xffff);
    assert_int_equal(fx_read(v, SPENDSGIR, 4), 0x07070707);
    fx_write(v, CPENDSGIR + 1U, 1, 5);
    assert_int_equal(fx_read(v, SPENDSGIR, 4), 0x07070207);
}

static void an_spi_goes_to_the_lowest_of_its_targets_and_to_nobody_without_one(void **state)
{
    (void)state;
    open_all();
    fx_write(as(0), TARGET(33), 1, 0xfe); /* vCPUs 1 and 2, and some that do not exist */
    assert_int_equal(fx_read(as(0), TARGET(33), 1), 6);
    assert_int_equal(sim_gic_route_of(33), fx_vcpu(0, 1)->cpu);
    sim_gic_line(33, true);
    (void)as(2);
    assert_false(sim_gic_guest_virq(fx_vcpu(0, 2)->cpu));
    (void)as(1);
    assert_true(sim_gic_guest_virq(fx_vcpu(0, 1)->cpu));
    fx_write(as(1), TARGET(33), 1, 0xf8);
    assert_int_equal(fx_read(as(1), TARGET(33), 1), 0);
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        (void)as(i);
        assert_false(sim_gic_guest_virq(fx_vcpu(0, i)->cpu));
    }
    assert_int_equal(sim_gic_get(IRQC_ENABLE, 0, 1) & BIT(33), 0);
    fx_write(as(1), TARGET(32), 4, 0x00000400); /* with its neighbours, which are not the VM's */
    (void)as(2);
    assert_true(sim_gic_guest_virq(fx_vcpu(0, 2)->cpu));
}

static void with_one_vcpu_target_registers_do_not_exist(void **state)
{
    (void)state;
    struct vcpu *v = fx_vcpu(1, 0);
    fx_as(v);
    fx_write(v, TARGET(40), 1, 0);
    assert_int_equal(fx_read(v, TARGET(40), 1), 0);
    assert_int_equal(fx_read(v, FX_GICD + 4U, 4) >> 5 & 7U, 0);
    fx_write(v, FX_GICD, 4, 1);
    fx_write(v, ISENABLER(40), 4, BIT(40));
    sim_gic_line(40, true);
    fx_take_irqs(v);
    assert_true(sim_gic_guest_virq(v->cpu));
}

/* The last CPU to leave cannot reach what the others have banked: each does it itself when it starts again. */
static void private_interrupts_of_a_vm_that_ended_are_silent_at_its_next_start(void **state)
{
    (void)state;
    open_all();
    unsigned cpu = fx_vcpu(0, 1)->cpu;
    fx_write(as(1), FX_GICD + 0x300U, 4, BIT(FX_VTIMER));
    fx_write(as(1), FX_GICD + 0x200U, 4, BIT(FX_PTIMER));
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        virqc_vcpu_stop(as(2U - i));
    }
    virqc_vm_stop(&vms[0]);
    assert_int_equal(sim_gic_get(IRQC_ENABLE, cpu, 0), BIT(HV_IPI_INTID) | BIT(VIRQ_TOLD_INTID) | BIT(FX_MAINT));
    struct vcpu *v = fx_vcpu(0, 1);
    fx_as(v);
    virqc_vcpu_start(v);
    assert_int_equal(sim_gic_get(IRQC_ACTIVE, cpu, 0), 0);
    assert_int_equal(sim_gic_get(IRQC_PENDING, cpu, 0) & ~(BIT(HV_IPI_INTID) | BIT(VIRQ_TOLD_INTID)), 0);
    assert_int_equal(fx_read(v, FX_GICD + 0x300U, 4), 0);
    assert_int_equal(fx_read(v, FX_GICD + 0x200U, 4), 0);
    assert_int_equal(fx_read(v, SPENDSGIR, 4), 0);
}

/* WALL-IRQ-4: one that does not start again is asked to. */
static void private_interrupts_of_a_vm_that_ended_are_silent_before_any_next_start(void **state)
{
    (void)state;
    open_all();
    struct vcpu *v = as(1);
    sim_gic_ppi(v->cpu, FX_VTIMER, true);
    fx_take_irqs(v);
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), FX_VTIMER);
    sim_gic_ppi(v->cpu, FX_VTIMER, false);
    fx_write(v, FX_GICD + 0x200U, 4, BIT(FX_PTIMER));
    for (unsigned i = FX_VCPUS; i-- > 0U;) {
        fx_as(fx_vcpu(0, i));
        virqc_vcpu_stop(fx_vcpu(0, i));
    }
    assert_int_not_equal(sim_gic_get(IRQC_ACTIVE, v->cpu, 0), 0);
    virqc_vm_stop(&vms[0]);
    for (unsigned i = 1; i < FX_VCPUS; i++) {
        fx_as(fx_vcpu(0, i));
        fx_idle_irq(fx_vcpu(0, i)); /* outside the guest */
        assert_false(sim_gic_irq(fx_cpu()));
    }
    assert_int_equal(sim_gic_get(IRQC_ACTIVE, v->cpu, 0), 0);
    assert_int_equal(sim_gic_get(IRQC_PENDING, v->cpu, 0), 0);
    assert_int_equal(vgics[0].unsilenced, 0);
}

static void an_sgi_to_a_vcpu_that_is_off_waits_with_its_source(void **state)
{
    (void)state;
    open_all();
    virqc_vcpu_stop(as(2));
    fx_write(as(1), SGIR, 4, 0x00040007);
    struct vcpu *v = fx_vcpu(0, 2);
    fx_as(v);
    virqc_vcpu_start(v);
    sim_gic_guest_enable(v->cpu, 3);
    assert_int_equal(sim_gic_guest_ack(v->cpu, 0), 7U | 1U << 10);
}

static uint64_t with_gic(uint32_t enc)
{
    return enc == SYSREG_ENC(3, 0, 0, 4, 0) ? 0x01000011 : 0;
}

static void there_are_no_system_registers_of_a_gic(void **state)
{
    (void)state;
    struct vcpu *v = as(0);
    arch_ops.isa.id_reg = with_gic;
    for (uint32_t op2 = 5; op2 < 8U; op2++) { /* ICC_SGI1R, ICC_ASGI1R, ICC_SGI0R */
        struct exit e = {.kind = EXIT_SYSREG, .insn_len = 4, .u.sysreg = {.enc = SYSREG_ENC(3, 0, 12, 11, op2), .reg = 3, .write = true}};
        v->regs.x[3] = 1;
        assert_int_equal(vsysreg_access(v, &e), EXIT_INJECT_UNDEF);
    }
    assert_int_equal(fx_read(v, SPENDSGIR, 4), 0);
    struct exit pfr0 = {.kind = EXIT_SYSREG, .insn_len = 4, .u.sysreg = {.enc = SYSREG_ENC(3, 0, 0, 4, 0), .reg = 3}};
    assert_int_equal(vsysreg_access(v, &pfr0), EXIT_ADVANCE_PC);
    assert_int_equal(v->regs.x[3], 0x11);
}

/* The simulated GICv2 finds what only a GICv3 allows. */
static void reach_for_banked(void *arg)
{
    (void)arg;
    sim_gic_check_banked(0, 1, 0);
}

static void write_wide_lr(void *arg)
{
    sim_gic_write_lr(0, 0, *(const uint64_t *)arg);
}

static void what_a_gicv2_has_not_is_an_error(void **state)
{
    (void)state;
    char text[512];
    uint64_t low_priority = (uint64_t)1 << 62 | (uint64_t)0x04 << 48 | 3U;
    uint64_t sourced_spi = (uint64_t)1 << 62 | (uint64_t)0x08 << 48 | 1U << 10 | 40U;
    uint64_t nobody = (uint64_t)1 << 62 | 7U << 10 | 3U;
    fx_as(fx_vcpu(0, 1));
    assert_false(sim_outcome(reach_for_banked, NULL, text, sizeof(text)));
    assert_false(sim_outcome(write_wide_lr, &low_priority, text, sizeof(text)));
    assert_false(sim_outcome(write_wide_lr, &sourced_spi, text, sizeof(text)));
    assert_false(sim_outcome(write_wide_lr, &nobody, text, sizeof(text)));
}

static void the_hypervisors_sgi_is_pending_by_source(void **state)
{
    (void)state;
    sim_gic_send_ipi(1, 0);
    sim_gic_send_ipi(3, 0);
    sim_gic_send_ipi(3, 0);
    for (unsigned i = 0; i < 2U; i++) {
        assert_int_equal(sim_gic_ack(0), HV_IPI_INTID);
        sim_gic_drop(0, HV_IPI_INTID);
        sim_gic_deactivate(0, HV_IPI_INTID);
    }
    assert_int_equal(sim_gic_ack(0), SIM_GIC_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_register_table_is_sorted_and_does_not_overlap),
        cmocka_unit_test_setup(every_register_reads_as_specified_at_reset_in_every_width, four_lrs),
        cmocka_unit_test_setup(writes_of_all_ones_change_what_the_vm_owns_and_nothing_else, four_lrs),
        cmocka_unit_test_setup(an_address_beside_the_distributor_is_not_the_gics, four_lrs),
        cmocka_unit_test_setup(a_vcpu_sees_and_changes_its_own_private_registers_alone, four_lrs),
        cmocka_unit_test_setup(one_vcpu_turns_the_distributor_on_and_off_for_all, four_lrs),
        cmocka_unit_test_setup(an_sgi_is_pending_and_acknowledged_by_source, four_lrs),
        cmocka_unit_test(filters_of_sgir_name_all_others_or_oneself_and_never_another_vm),
        cmocka_unit_test_setup(pending_registers_of_sgis_are_read_only_and_sources_those_of_the_vm, four_lrs),
        cmocka_unit_test_setup(an_spi_goes_to_the_lowest_of_its_targets_and_to_nobody_without_one, four_lrs),
        cmocka_unit_test_setup(with_one_vcpu_target_registers_do_not_exist, four_lrs),
        cmocka_unit_test_setup(private_interrupts_of_a_vm_that_ended_are_silent_at_its_next_start, four_lrs),
        cmocka_unit_test_setup(private_interrupts_of_a_vm_that_ended_are_silent_before_any_next_start, four_lrs),
        cmocka_unit_test_setup(an_sgi_to_a_vcpu_that_is_off_waits_with_its_source, four_lrs),
        cmocka_unit_test_setup(there_are_no_system_registers_of_a_gic, four_lrs),
        cmocka_unit_test_setup(what_a_gicv2_has_not_is_an_error, four_lrs),
        cmocka_unit_test_setup(the_hypervisors_sgi_is_pending_by_source, four_lrs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
