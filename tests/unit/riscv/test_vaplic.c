/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual APLIC register by register. VM 0 has vCPUs on CPUs 2 and 3, and sources 3, 5 and 40; VM 1 has a vCPU on
 * CPU 4, and sources 6 and 41. Source 9 of VM 0 and source 5 of VM 1 are virtual. Random accesses:
 * test_vaplic_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/channel.h"
#include "hv/channel_info.h"
#include "ops_fixture.h"
#include "vdev/vaplic.h"

#define BASE        0x0d000000U
#define SIZE        0x8000U
#define IDS         255U
#define DOMAINCFG   0x0000U
#define SETIP       0x1c00U
#define SETIPNUM    0x1cdcU
#define IN_CLRIP    0x1d00U
#define CLRIPNUM    0x1ddcU
#define SETIE       0x1e00U
#define SETIENUM    0x1edcU
#define CLRIE       0x1f00U
#define CLRIENUM    0x1fdcU
#define SETIPNUM_LE 0x2000U
#define SETIPNUM_BE 0x2004U
#define GENMSI      0x3000U
#define IE          0x100U

static uint32_t sourcecfg(unsigned n) { return 4U * n; }
static uint32_t target(unsigned n) { return 0x3000U + 4U * n; }
static uint32_t to(unsigned vcpu, uint32_t id) { return vcpu << 18 | id; }

/* What was done to the machine, in order, as text. */
static char done[4096];
static struct irqc_ops plain_irqc;
static struct virq_ops plain_virq;

static void note(const char *what, uint32_t a, uint32_t b)
{
    size_t len = strlen(done);
    (void)snprintf(done + len, sizeof(done) - len, "%s %x %x;", what, a, b);
}

static void noted_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    note(what == IRQC_ENABLE ? "enable" : "pend", word, mask);
    plain_irqc.set(what, cpu, word, mask);
}

static void noted_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    note(what == IRQC_ENABLE ? "disable" : "unpend", word, mask);
    plain_irqc.clear(what, cpu, word, mask);
}

static uint32_t noted_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    note("get", word, what);
    return plain_irqc.get(what, cpu, word);
}

static void noted_deactivate(uint32_t intid) { note("deactivate", intid, 0); }

static void noted_mode(uint32_t intid, enum aplic_mode mode)
{
    note("mode", intid - RISCV_WIRED, mode);
    plain_virq.source_mode(intid, mode);
}

static void noted_target(uint32_t intid, unsigned cpu, uint32_t id)
{
    note("target", intid - RISCV_WIRED, cpu << 16 | id);
    plain_virq.target(intid, cpu, id);
}

static void noted_msi(unsigned cpu, uint32_t id)
{
    note("msi", cpu, id);
    plain_virq.send_msi(cpu, id);
}

static int setup(void **unused)
{
    (void)unused;
    rv_reset();
    rv_plan()->irqc_version = PLAN_IRQC_AIA;
    rv_plan()->irqc_base[0] = BASE;
    rv_plan()->irqc_size[0] = SIZE;
    rv_plan()->irqc_ids = IDS;
    struct vm *vm = rv_add_vm(2, 2);
    rv_add_irq(vm, RISCV_WIRED + 3);
    rv_add_irq(vm, RISCV_WIRED + 5);
    rv_add_irq(vm, RISCV_WIRED + 40);
    vm = rv_add_vm(1, 4);
    rv_add_irq(vm, RISCV_WIRED + 6);
    rv_add_irq(vm, RISCV_WIRED + 41);
    plain_irqc = arch_ops.irqc;
    plain_virq = arch_ops.virq;
    arch_ops.irqc.set = noted_set;
    arch_ops.irqc.clear = noted_clear;
    arch_ops.irqc.get = noted_get;
    arch_ops.irqc.deactivate = noted_deactivate;
    arch_ops.virq.source_mode = noted_mode;
    arch_ops.virq.target = noted_target;
    arch_ops.virq.send_msi = noted_msi;
    vaplic_init_all(rv_plan());
    vaplic_add_virtual(&vms[0], RISCV_WIRED + 9);
    vaplic_add_virtual(&vms[1], RISCV_WIRED + 5);
    done[0] = '\0';
    return 0;
}

static bool access(unsigned vm, uint64_t ipa, unsigned size, bool write, uint64_t *val)
{
    struct exit_mmio a = {.ipa = ipa, .size = (uint8_t)size, .write = write};
    bool abort = true;
    rv.cpu = vms[vm].vcpus[0].cpu;
    bool mine = vaplic_mmio(&vms[vm].vcpus[0], &a, val, &abort);
    assert_false(abort);
    return mine;
}

static void put(unsigned vm, uint32_t offset, uint32_t val)
{
    uint64_t v = val;
    assert_true(access(vm, BASE + offset, 4, true, &v));
}

static uint32_t get(unsigned vm, uint32_t offset)
{
    uint64_t v = ~(uint64_t)0;
    assert_true(access(vm, BASE + offset, 4, false, &v));
    assert_int_equal(v >> 32, 0);
    return (uint32_t)v;
}

static void bring_up(unsigned vm, unsigned source, uint32_t mode, uint32_t where)
{
    put(vm, DOMAINCFG, IE);
    put(vm, sourcecfg(source), mode);
    put(vm, target(source), where);
    put(vm, SETIENUM, source);
    done[0] = '\0';
}

static void domain_is_in_msi_mode_and_keeps_ie_alone(void **unused)
{
    (void)unused;
    assert_int_equal(get(0, DOMAINCFG), 0x80000004);
    put(0, DOMAINCFG, 0xffffffff);
    assert_int_equal(get(0, DOMAINCFG), 0x80000104);
    assert_int_equal(get(1, DOMAINCFG), 0x80000004);
    put(0, DOMAINCFG, ~IE);
    assert_int_equal(get(0, DOMAINCFG), 0x80000004);
}

static void what_a_source_left_behind_is_gone_before_the_first_guest(void **unused)
{
    (void)unused;
    rv.enable[2] = ~0U;
    rv.pending[2] = ~0U;
    memset(rv.mode, APLIC_LEVEL_HIGH, sizeof(rv.mode));
    vaplic_init_all(rv_plan());
    assert_int_equal(rv.enable[2], ~0x300U); /* 40 of VM 0, 41 of VM 1 */
    assert_int_equal(rv.pending[2], ~0x300U);
    assert_int_equal(rv.mode[RISCV_WIRED + 40], APLIC_INACTIVE);
    assert_int_equal(rv.mode[RISCV_WIRED + 41], APLIC_INACTIVE);
    assert_int_equal(rv.mode[RISCV_WIRED + 42], APLIC_LEVEL_HIGH);
}

static void intids_that_are_no_source_give_a_vm_none(void **unused)
{
    (void)unused;
    rv_add_irq(&vms[1], 5);
    rv_add_irq(&vms[1], RISCV_WIRED);
    rv_add_irq(&vms[1], RISCV_WIRED + 1024);
    vaplic_init_all(rv_plan());
    vaplic_add_virtual(&vms[1], RISCV_WIRED);
    vaplic_add_virtual(&vms[1], RISCV_WIRED + 1024 + 7);
    assert_null(strstr(done, "mode 0 "));
    assert_non_null(strstr(done, "disable 1 40;"));
    bring_up(1, 7, APLIC_DETACHED, to(0, 7));
    vaplic_take(&vms[1].vcpus[0], 3, false);
    assert_string_equal(done, "disable 0 8;deactivate 3 0;");
}

static void sourcecfg_takes_legal_modes_and_makes_all_else_inactive(void **unused)
{
    static const uint8_t mode[8] = {0, 1, 0, 0, 4, 5, 6, 7};
    (void)unused;
    for (uint32_t sm = 0; sm < 8; sm++) {
        put(0, sourcecfg(3), sm | 0xfffffbf8U); /* all else but D */
        assert_int_equal(get(0, sourcecfg(3)), mode[sm]);
        assert_int_equal(rv.mode[RISCV_WIRED + 3], mode[sm]);
    }
}

static void sourcecfg_that_delegates_makes_the_source_inactive(void **unused)
{
    (void)unused;
    bring_up(0, 3, APLIC_LEVEL_HIGH, to(1, 7));
    assert_int_equal(rv.enable[1], 1U << 3);
    put(0, sourcecfg(3), 0x400 | APLIC_LEVEL_HIGH);
    assert_string_equal(done, "disable 1 8;mode 3 0;");
    assert_int_equal(get(0, sourcecfg(3)), 0);
    assert_int_equal(get(0, target(3)), 0);
    assert_int_equal(get(0, SETIE), 0);
    put(0, sourcecfg(3), APLIC_LEVEL_HIGH); /* nothing of it comes back, nor is the stale target used */
    put(0, SETIENUM, 3);
    assert_int_equal(get(0, target(3)), 0);
    assert_int_equal(get(0, SETIE), 1U << 3);
    assert_int_equal(rv.enable[1], 0);
}

static void inactive_source_ignores_target_enable_and_pending(void **unused)
{
    (void)unused;
    put(0, DOMAINCFG, IE);
    put(0, target(3), to(0, 7));
    put(0, target(9), to(0, 7));
    put(0, SETIE, ~0U);
    put(0, SETIENUM, 9);
    put(0, SETIPNUM, 9);
    assert_int_equal(get(0, target(3)), 0);
    assert_int_equal(get(0, target(9)), 0);
    assert_int_equal(get(0, SETIE), 0);
    assert_int_equal(get(0, SETIP), 0);
    assert_string_equal(done, "");
}

static void source_is_enabled_once_enable_ie_and_target_are_there_in_any_order(void **unused)
{
    static const uint8_t order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (unsigned i = 0; i < 6; i++) {
        setup(unused);
        put(0, sourcecfg(40), APLIC_LEVEL_HIGH);
        for (unsigned k = 0; k < 3; k++) {
            assert_int_equal(rv.enable[2], 0);
            if (order[i][k] == 0) {
                put(0, DOMAINCFG, IE);
            } else if (order[i][k] == 1) {
                put(0, SETIENUM, 40);
            } else {
                put(0, target(40), to(1, 200));
            }
        }
        assert_int_equal(rv.enable[2], 1U << 8);
        assert_int_equal(rv.target_cpu[RISCV_WIRED + 40], 1 + 3);
        assert_int_equal(rv.target_id[RISCV_WIRED + 40], 200);
        assert_true(strstr(done, "target") < strstr(done, "enable"));
        put(0, DOMAINCFG, 0);
        assert_int_equal(rv.enable[2], 0);
        assert_int_equal(get(0, SETIE + 4), 1U << 8); /* the guest's bit stands */
        put(0, DOMAINCFG, IE);
        put(0, CLRIE + 4, 1U << 8);
        assert_int_equal(rv.enable[2], 0);
        put(0, SETIE + 4, ~0U);
        assert_int_equal(rv.enable[2], 1U << 8);
        put(0, CLRIENUM, 40);
        assert_int_equal(rv.enable[2], 0);
    }
}

static void target_of_no_vcpu_or_identity_disables_the_source_and_reads_back(void **unused)
{
    static const uint32_t bad[] = {2U << 18 | 7, 0x3fffU << 18 | 7, 1U << 18, 1U << 18 | (IDS + 1), 1U << 18 | 0x7ff};
    (void)unused;
    bring_up(0, 3, APLIC_LEVEL_HIGH, to(1, 7));
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(rv.enable[1], 1U << 3);
        done[0] = '\0';
        put(0, target(3), bad[i]);
        assert_string_equal(done, "disable 1 8;");
        assert_int_equal(get(0, target(3)), bad[i]);
        put(0, target(3), to(0, IDS));
        assert_string_equal(done, "disable 1 8;target 3 200ff;enable 1 8;");
    }
}

/* Source 40 of VM 0 is its doorbell of a direct channel with VM 1. */
static struct channel_info page;

static void *map_page(paddr_t pa, uint64_t size, enum map_attr attr)
{
    (void)pa;
    (void)size;
    (void)attr;
    return &page;
}

static void clean(const void *p, uint64_t size)
{
    (void)p;
    (void)size;
}

static uint32_t freq(void)
{
    return 1000;
}

static void target_of_a_direct_doorbell_is_told_to_those_who_ring_it(void **unused)
{
    static struct {
        struct plan p;
        struct plan_channel channel;
    } plan;
    static const uint32_t bad[] = {2U << 18 | 7, 1U << 18, 1U << 18 | (IDS + 1)};

    (void)unused;
    plan.p.channels = (struct plan_table){(uint32_t)offsetof(__typeof__(plan), channel), 1};
    plan.channel = (struct plan_channel){.nr_ends = 2, .flags = PLAN_CHANNEL_DIRECT,
                                         .end = {{1, RISCV_WIRED + 41, 0, 0}, {0, RISCV_WIRED + 40, 0, 0}}};
    arch_ops.mmu.map = map_page;
    arch_ops.cache.clean = clean;
    arch_ops.timer.freq = freq;
    assert_int_equal(channels_init(&plan.p), HV_OK);
    bring_up(0, 3, APLIC_EDGE_RISE, to(1, 9)); /* none of a channel */
    assert_int_equal(page.direct[1].target, 0);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bring_up(0, 40, APLIC_EDGE_RISE, to(1, 7));
        assert_int_equal(page.direct[1].target, CHANNEL_TARGET(1, 7));
        put(0, target(40), bad[i]);
        assert_int_equal(page.direct[1].target, 0);
    }
    bring_up(0, 40, APLIC_EDGE_RISE, to(0, IDS));
    assert_int_equal(page.direct[1].target, IDS);
    put(0, sourcecfg(40), APLIC_DETACHED); /* nothing but software makes it pending, which is all that ever does */
    assert_int_equal(page.direct[1].target, IDS);
    put(0, sourcecfg(40), 0);
    assert_int_equal(page.direct[1].target, 0);
    put(0, target(40), to(0, 5)); /* of an inactive source */
    assert_int_equal(page.direct[1].target, 0);
    assert_int_equal(page.direct[0].target, 0);
    nr_channels = 0;
}

static void guest_index_of_target_is_read_only_zero(void **unused)
{
    (void)unused;
    bring_up(0, 3, APLIC_LEVEL_HIGH, to(1, 7) | 0x3f000 | 0x800);
    assert_int_equal(get(0, target(3)), to(1, 7));
    assert_int_equal(rv.target_cpu[RISCV_WIRED + 3], 1 + 3);
}

static void end_of_a_level_interrupt_is_one_op_and_no_lock(void **unused)
{
    (void)unused;
    bring_up(0, 40, APLIC_LEVEL_HIGH, to(0, 7));
    unsigned locks = rv.locks;
    put(0, SETIPNUM_LE, 40);
    assert_string_equal(done, "pend 2 100;");
    assert_int_equal(rv.locks, locks);
}

static void numbers_and_bits_of_others_sources_do_nothing(void **unused)
{
    static const uint32_t regs[] = {SETIPNUM, SETIPNUM_LE, CLRIPNUM, SETIENUM, CLRIENUM};
    static const uint32_t numbers[] = {0, 1, 4, 6, 41, 1023, 1024, 1024 + 3, 0x10003, 0x80000003, 0xffffffff};
    (void)unused;
    bring_up(1, 6, APLIC_LEVEL_HIGH, to(0, 1));
    bring_up(1, 41, APLIC_LEVEL_HIGH, to(0, 2));
    for (unsigned r = 0; r < sizeof(regs) / sizeof(regs[0]); r++) {
        for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            put(0, regs[r], numbers[i]);
        }
    }
    put(0, sourcecfg(6), APLIC_INACTIVE);
    put(0, target(6), to(0, 9));
    put(0, CLRIE, ~0U);
    for (uint32_t k = 0; k < 32; k++) { /* VM 0 has sources in words 0 and 1 */
        uint32_t others = k == 0 ? ~0x28U : k == 1 ? ~0x100U : ~0U;
        put(0, SETIP + 4 * k, others);
        put(0, IN_CLRIP + 4 * k, others);
    }
    assert_string_equal(done, "");
    assert_int_equal(get(1, SETIE), 1U << 6);
    assert_int_equal(get(1, sourcecfg(6)), APLIC_LEVEL_HIGH);
}

static void pending_and_input_words_show_the_vms_own_sources_alone(void **unused)
{
    (void)unused;
    put(0, sourcecfg(3), APLIC_LEVEL_HIGH);
    put(0, sourcecfg(5), APLIC_DETACHED);
    put(0, sourcecfg(40), APLIC_EDGE_RISE);
    rv.pending[1] = rv.pending[2] = ~0U;
    rv.inputs[1] = rv.inputs[2] = ~0U;
    assert_int_equal(get(0, SETIP), 0x28);
    assert_int_equal(get(0, SETIP + 4), 0x100);
    assert_int_equal(get(0, IN_CLRIP), 0x08); /* a detached one has no input */
    assert_int_equal(get(0, IN_CLRIP + 4), 0x100);
    assert_int_equal(get(1, SETIP), 0); /* none of them active */
    assert_int_equal(get(1, IN_CLRIP), 0);
    put(0, SETIP, 0xffff0008);
    put(0, IN_CLRIP, 0xffff0008);
    put(0, CLRIPNUM, 40);
    assert_non_null(strstr(done, "pend 1 8;unpend 1 8;unpend 2 100;"));
}

static void write_only_and_refused_registers_read_zero_and_send_nothing(void **unused)
{
    static const uint32_t regs[] = {SETIPNUM, CLRIPNUM, SETIENUM, CLRIE, CLRIENUM, SETIPNUM_LE, SETIPNUM_BE, GENMSI,
                                    0x1bc0, 0x1bc4, 0x1bc8, 0x1bcc, 0x1000, 0x1c80, 0x2008, 0x4000, 0x4018, 0x7ffc};
    (void)unused;
    bring_up(0, 9, APLIC_DETACHED, to(1, 7));
    bring_up(0, 3, APLIC_DETACHED, to(1, 7));
    for (unsigned i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
        assert_int_equal(get(0, regs[i]), 0);
    }
    for (unsigned i = 6; i < sizeof(regs) / sizeof(regs[0]); i++) {
        put(0, regs[i], 9U << 24);
        put(0, regs[i], to(1, 9));
        assert_int_equal(get(0, regs[i]), 0);
    }
    assert_string_equal(done, "");
}

static void accesses_of_other_widths_do_nothing(void **unused)
{
    static const uint8_t sizes[] = {1, 2, 8};
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t val = IE | (uint64_t)IE << 32;
        assert_true(access(0, BASE + DOMAINCFG, sizes[i], true, &val));
        val = 5;
        assert_true(access(0, BASE + DOMAINCFG, sizes[i], false, &val));
        assert_int_equal(val, 0);
        val = 3;
        assert_true(access(0, BASE + SETIPNUM_LE, sizes[i], true, &val));
    }
    uint64_t val = 3;
    assert_true(access(0, BASE + SETIPNUM_LE + 1, 4, true, &val));
    assert_int_equal(get(0, DOMAINCFG), 0x80000004);
    assert_string_equal(done, "");
}

static void addresses_outside_the_frame_are_not_the_aplics(void **unused)
{
    uint64_t val = 3;
    (void)unused;
    assert_false(access(0, BASE - 4, 4, false, &val));
    assert_false(access(0, BASE + SIZE, 4, false, &val));
    assert_false(access(0, SETIPNUM_LE, 4, true, &val));
    assert_true(access(0, BASE + SIZE - 4, 4, false, &val));
    assert_string_equal(done, "");
}

static void virtual_level_source_sends_at_its_rise_and_again_at_the_end_of_interrupt(void **unused)
{
    (void)unused;
    bring_up(0, 9, APLIC_LEVEL_HIGH, to(1, 33));
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    assert_string_equal(done, "msi 3 21;");
    assert_int_equal(get(0, IN_CLRIP), 1U << 9);
    assert_int_equal(get(0, SETIP), 0); /* sending it has cleared it */
    put(0, SETIPNUM_LE, 9);
    assert_string_equal(done, "msi 3 21;msi 3 21;");
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, false);
    put(0, SETIPNUM_LE, 9);
    put(0, SETIP, 1U << 9);
    assert_int_equal(get(0, SETIP), 0);
    assert_string_equal(done, "msi 3 21;msi 3 21;");
}

static void virtual_source_waits_for_enable_ie_and_target(void **unused)
{
    (void)unused;
    put(0, sourcecfg(9), APLIC_LEVEL_LOW); /* high from the start, so to speak */
    assert_int_equal(get(0, SETIP), 1U << 9);
    put(0, SETIENUM, 9);
    put(0, target(9), to(0, 0));
    put(0, DOMAINCFG, IE);
    put(0, target(9), to(2, 3));
    assert_int_equal(get(0, SETIP), 1U << 9);
    assert_string_equal(done, "");
    put(0, target(9), to(1, 3));
    assert_string_equal(done, "msi 3 3;");
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, false);
    assert_string_equal(done, "msi 3 3;msi 3 3;");
    put(0, DOMAINCFG, 0);
    put(0, SETIPNUM, 9);
    assert_int_equal(get(0, SETIP), 1U << 9);
    put(0, CLRIPNUM, 9);
    put(0, DOMAINCFG, IE);
    assert_string_equal(done, "msi 3 3;msi 3 3;");
    put(0, CLRIENUM, 9);
    put(0, SETIPNUM, 9);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true); /* low for the guest: pending no more */
    assert_int_equal(get(0, SETIP), 0);
    put(0, SETIENUM, 9);
    assert_string_equal(done, "msi 3 3;msi 3 3;");
}

static void virtual_edge_source_remembers_an_edge_and_detached_ignores_the_line(void **unused)
{
    (void)unused;
    bring_up(0, 9, APLIC_EDGE_FALL, to(0, 4));
    put(0, CLRIENUM, 9);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    assert_int_equal(get(0, SETIP), 0);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, false);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    assert_int_equal(get(0, SETIP), 1U << 9);
    put(0, SETIENUM, 9);
    assert_string_equal(done, "msi 2 4;");
    put(0, sourcecfg(9), APLIC_DETACHED);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, false);
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    assert_int_equal(get(0, IN_CLRIP), 0);
    assert_string_equal(done, "msi 2 4;");
    put(0, SETIP, 1U << 9);
    assert_string_equal(done, "msi 2 4;msi 2 4;");
}

static void virtual_source_with_the_number_of_anothers_physical_one_touches_it_not(void **unused)
{
    (void)unused;
    bring_up(0, 5, APLIC_LEVEL_HIGH, to(0, 7));
    put(1, DOMAINCFG, IE);
    put(1, sourcecfg(5), APLIC_LEVEL_HIGH);
    put(1, target(5), to(0, 8));
    put(1, SETIENUM, 5);
    put(1, SETIPNUM, 5);
    put(1, IN_CLRIP, ~0U);
    vaplic_set_line(&vms[1], RISCV_WIRED + 5, true);
    assert_string_equal(done, "unpend 1 40;msi 4 8;"); /* source 6, its own */
    rv.pending[1] = rv.inputs[1] = ~0U;
    assert_int_equal(get(1, SETIP), 0);
    put(1, sourcecfg(5), APLIC_INACTIVE);
    assert_int_equal(rv.enable[1], 1U << 5);
    assert_int_equal(rv.mode[RISCV_WIRED + 5], APLIC_LEVEL_HIGH);
}

static void lines_of_what_is_not_virtual_are_ignored(void **unused)
{
    (void)unused;
    bring_up(0, 3, APLIC_EDGE_RISE, to(0, 7));
    bring_up(1, 5, APLIC_EDGE_RISE, to(0, 7));
    vaplic_set_line(&vms[0], RISCV_WIRED + 3, true);
    vaplic_set_line(&vms[0], RISCV_WIRED + 5, true);
    vaplic_set_line(&vms[0], RISCV_WIRED, true);
    vaplic_set_line(&vms[0], 9, true);
    vaplic_set_line(&vms[0], RISCV_WIRED + 1024 + 9, true);
    vaplic_set_line(&vms[0], UINT32_MAX, true);
    assert_string_equal(done, "");
    assert_int_equal(get(0, IN_CLRIP), 0);
}

static void end_of_a_vm_silences_its_sources_and_reads_back_and_spares_the_others(void **unused)
{
    (void)unused;
    bring_up(1, 41, APLIC_LEVEL_HIGH, to(0, 9));
    bring_up(0, 40, APLIC_LEVEL_HIGH, to(0, 7));
    bring_up(0, 9, APLIC_LEVEL_HIGH, to(0, 8));
    vaplic_set_line(&vms[0], RISCV_WIRED + 9, true);
    rv.pending[2] = 0x300;
    done[0] = '\0';
    vaplic_vm_stop(&vms[0]);
    assert_string_equal(done, "disable 1 28;unpend 1 28;mode 3 0;mode 5 0;get 1 0;"
                              "disable 2 100;unpend 2 100;mode 28 0;get 2 0;");
    assert_int_equal(rv.enable[2], 0x200);
    assert_int_equal(rv.pending[2], 0x200);
    assert_int_equal(get(0, DOMAINCFG), 0x80000004);
    assert_int_equal(get(0, sourcecfg(40)) | get(0, target(40)) | get(0, SETIE + 4) | get(0, SETIE), 0);
    assert_int_equal(get(1, SETIE + 4), 0x200);
    bring_up(0, 9, APLIC_LEVEL_HIGH, to(0, 8)); /* and the line is low, as vconsole takes for granted */
    assert_int_equal(get(0, IN_CLRIP), 0);
    assert_string_equal(done, "");
}

static void guest_file_is_reset_as_its_vcpu_starts_and_stops(void **unused)
{
    (void)unused;
    rv.cpu = 3;
    vaplic_vcpu_start(&vms[0].vcpus[1]);
    assert_int_equal(rv.file_resets[3], 1);
    vaplic_vcpu_stop(&vms[0].vcpus[1]);
    assert_int_equal(rv.file_resets[3], 2);
    vaplic_serve(&vms[0].vcpus[1], true);
    assert_string_equal(done, "");
}

static void stray_interrupt_is_disabled_unless_a_vm_has_it(void **unused)
{
    (void)unused;
    bring_up(1, 6, APLIC_LEVEL_HIGH, to(0, 9));
    vaplic_take(&vms[0].vcpus[0], RISCV_WIRED + 6, true);
    vaplic_take(&vms[0].vcpus[0], RISCV_WIRED + 3, false);
    assert_string_equal(done, "");
    vaplic_take(&vms[0].vcpus[0], RISCV_WIRED + 9, true); /* virtual: the physical one is nobody's */
    vaplic_take(&vms[0].vcpus[0], 9, false);
    vaplic_take(&vms[0].vcpus[0], RISCV_WIRED + 1024 + 3, false);
    assert_string_equal(done, "disable 1 200;deactivate 29 0;disable 0 200;deactivate 9 0;disable 21 8;"
                              "deactivate 423 0;");
}

static void vcpu_has_an_interrupt_pending_if_one_that_it_enabled_is(void **unused)
{
    static const uint64_t kinds[] = {HVIP_VSSIP, HVIP_VSTIP, HVIP_VSEIP};
    (void)unused;
    rv.cpu = 2;
    for (unsigned i = 0; i < 3; i++) {
        rv.hvip[2] = kinds[i];
        rv.vsie[2] = ~kinds[i];
        assert_false(vaplic_pending(&vms[0].vcpus[0]));
        rv.vsie[2] = kinds[i];
        assert_true(vaplic_pending(&vms[0].vcpus[0]));
    }
    rv.hvip[2] = 0;
    rv.vsie[2] = ~0ULL;
    assert_false(vaplic_pending(&vms[0].vcpus[0]));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(domain_is_in_msi_mode_and_keeps_ie_alone),
        TEST(what_a_source_left_behind_is_gone_before_the_first_guest),
        TEST(intids_that_are_no_source_give_a_vm_none),
        TEST(sourcecfg_takes_legal_modes_and_makes_all_else_inactive),
        TEST(sourcecfg_that_delegates_makes_the_source_inactive),
        TEST(inactive_source_ignores_target_enable_and_pending),
        TEST(source_is_enabled_once_enable_ie_and_target_are_there_in_any_order),
        TEST(target_of_no_vcpu_or_identity_disables_the_source_and_reads_back),
        TEST(target_of_a_direct_doorbell_is_told_to_those_who_ring_it),
        TEST(guest_index_of_target_is_read_only_zero),
        TEST(end_of_a_level_interrupt_is_one_op_and_no_lock),
        TEST(numbers_and_bits_of_others_sources_do_nothing),
        TEST(pending_and_input_words_show_the_vms_own_sources_alone),
        TEST(write_only_and_refused_registers_read_zero_and_send_nothing),
        TEST(accesses_of_other_widths_do_nothing),
        TEST(addresses_outside_the_frame_are_not_the_aplics),
        TEST(virtual_level_source_sends_at_its_rise_and_again_at_the_end_of_interrupt),
        TEST(virtual_source_waits_for_enable_ie_and_target),
        TEST(virtual_edge_source_remembers_an_edge_and_detached_ignores_the_line),
        TEST(virtual_source_with_the_number_of_anothers_physical_one_touches_it_not),
        TEST(lines_of_what_is_not_virtual_are_ignored),
        TEST(end_of_a_vm_silences_its_sources_and_reads_back_and_spares_the_others),
        TEST(guest_file_is_reset_as_its_vcpu_starts_and_stops),
        TEST(stray_interrupt_is_disabled_unless_a_vm_has_it),
        TEST(vcpu_has_an_interrupt_pending_if_one_that_it_enabled_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
