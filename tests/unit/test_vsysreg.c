/* SPDX-License-Identifier: Apache-2.0 */
/* Trapped system registers: what is answered, and that everything else is undefined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fw_fixture.h"
#include "hv/arch_ops.h"
#include "hv/sysreg_enc.h"
#include "vdev/vgic.h"
#include "vdev/vidreg.h"
#include "vdev/vsysreg.h"
#include "vgic_fixture.h"

#define ACTLR_EL1      SYSREG_ENC(3, 0, 1, 0, 1)
#define MDRAR_EL1      SYSREG_ENC(2, 0, 1, 0, 0)
#define OSLAR_EL1      SYSREG_ENC(2, 0, 1, 0, 4)
#define OSLSR_EL1      SYSREG_ENC(2, 0, 1, 1, 4)
#define OSDLR_EL1      SYSREG_ENC(2, 0, 1, 3, 4)
#define DBGPRCR_EL1    SYSREG_ENC(2, 0, 1, 4, 4)
#define ICC_SGI1R_EL1  SYSREG_ENC(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 SYSREG_ENC(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1  SYSREG_ENC(3, 0, 12, 11, 7)

static struct vcpu *v;

static uint64_t host_value(uint32_t enc)
{
    return 0xfedcba9876543210ULL ^ enc;
}

static int setup(void **state)
{
    (void)state;
    fw_reset(2);
    fw_boot();
    arch_ops.isa.id_reg = host_value;
    v = &fw_vm->vcpus[0];
    for (unsigned i = 0; i < 32; i++) {
        v->regs.x[i] = 0x5a00 + i;
    }
    return 0;
}

static enum exit_action access(uint32_t enc, uint8_t reg, bool write)
{
    struct exit e = {
        .kind = EXIT_SYSREG, .insn_len = 4, .u.sysreg = {.enc = enc, .reg = reg, .write = write}};
    return vsysreg_access(v, &e);
}

static void reading_an_identification_register_gives_the_tables_value(void **state)
{
    (void)state;
    for (unsigned crm = 1; crm < 8; crm++) {
        for (unsigned op2 = 0; op2 < 8; op2++) {
            uint32_t enc = SYSREG_ENC(3, 0, 0, crm, op2);
            uint8_t reg = (uint8_t)((crm * 8 + op2) % 31);
            struct vcpu_regs want = v->regs;
            want.x[reg] = vidreg_value(enc, host_value(enc));
            assert_int_equal(access(enc, reg, false), EXIT_ADVANCE_PC);
            assert_memory_equal(&v->regs, &want, sizeof(want));
        }
    }
}

static void reading_into_the_zero_register_changes_nothing(void **state)
{
    (void)state;
    struct vcpu_regs before = v->regs;
    assert_int_equal(access(SYSREG_ENC(3, 0, 0, 4, 0), EXIT_REG_ZERO, false), EXIT_ADVANCE_PC);
    assert_int_equal(access(ACTLR_EL1, EXIT_REG_ZERO, false), EXIT_ADVANCE_PC);
    assert_memory_equal(&v->regs, &before, sizeof(before));
}

static void actlr_reads_as_zero_and_ignores_writes(void **state)
{
    (void)state;
    assert_int_equal(access(ACTLR_EL1, 5, true), EXIT_ADVANCE_PC);
    assert_int_equal(v->regs.x[5], 0x5a05);
    assert_int_equal(access(ACTLR_EL1, 5, false), EXIT_ADVANCE_PC);
    assert_int_equal(v->regs.x[5], 0);
}

static uint64_t oslsr(struct vcpu *of)
{
    struct exit e = {.kind = EXIT_SYSREG, .insn_len = 4, .u.sysreg = {.enc = OSLSR_EL1, .reg = 7}};
    assert_int_equal(vsysreg_access(of, &e), EXIT_ADVANCE_PC);
    return of->regs.x[7];
}

static void the_os_lock_is_the_vcpus_own_and_locked_at_its_start(void **state)
{
    (void)state;
    assert_int_equal(oslsr(v), 0xa); /* OSLM: implemented; OSLK */
    v->regs.x[3] = ~1ULL; /* bit 0 alone is the lock */
    assert_int_equal(access(OSLAR_EL1, 3, true), EXIT_ADVANCE_PC);
    assert_int_equal(oslsr(v), 0x8);
    assert_int_equal(oslsr(&fw_vm->vcpus[1]), 0xa);
    v->regs.x[3] = 3;
    assert_int_equal(access(OSLAR_EL1, 3, true), EXIT_ADVANCE_PC);
    assert_int_equal(oslsr(v), 0xa);
    assert_int_equal(access(OSLAR_EL1, EXIT_REG_ZERO, true), EXIT_ADVANCE_PC);
    assert_int_equal(oslsr(v), 0x8);
    assert_int_equal(access(OSLSR_EL1, 3, true), EXIT_INJECT_UNDEF); /* read-only, and the other write-only */
    assert_int_equal(access(OSLAR_EL1, 3, false), EXIT_INJECT_UNDEF);
}

static void double_lock_and_power_request_read_as_zero_and_ignore_writes(void **state)
{
    static const uint32_t regs[] = {OSDLR_EL1, DBGPRCR_EL1};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        v->regs.x[5] = ~0ULL;
        assert_int_equal(access(regs[i], 5, true), EXIT_ADVANCE_PC);
        assert_int_equal(access(regs[i], 5, false), EXIT_ADVANCE_PC);
        assert_int_equal(v->regs.x[5], 0);
    }
    v->regs.x[5] = ~0ULL;
    assert_int_equal(access(MDRAR_EL1, 5, false), EXIT_ADVANCE_PC); /* no ROM table: its address is not valid */
    assert_int_equal(v->regs.x[5], 0);
    assert_int_equal(access(MDRAR_EL1, 5, true), EXIT_INJECT_UNDEF);
}

static void debug_registers_are_answered_whichever_gic_there_is(void **state)
{
    (void)state;
    struct plan plan = *fw_vm->binary;
    plan.irqc_version = 2;
    fw_vm->binary = &plan;
    v->regs.x[3] = 0;
    assert_int_equal(access(OSLAR_EL1, 3, true), EXIT_ADVANCE_PC);
    assert_int_equal(oslsr(v), 0x8);
    assert_int_equal(access(OSDLR_EL1, 3, true), EXIT_ADVANCE_PC);
    assert_int_equal(access(ACTLR_EL1, 3, true), EXIT_ADVANCE_PC);
    assert_int_equal(access(ICC_SGI1R_EL1, 3, true), EXIT_INJECT_UNDEF);
    assert_int_equal(access(SYSREG_ENC(3, 0, 15, 0, 0), 3, true), EXIT_INJECT_UNDEF);
}

static bool has_answer(uint32_t enc, bool write)
{
    if (enc == OSDLR_EL1 || enc == DBGPRCR_EL1 || enc == (write ? OSLAR_EL1 : OSLSR_EL1) ||
        (!write && enc == MDRAR_EL1)) {
        return true;
    }
    if (write) {
        return enc == ACTLR_EL1 || enc == ICC_SGI1R_EL1 || enc == ICC_ASGI1R_EL1 || enc == ICC_SGI0R_EL1;
    }
    return enc == ACTLR_EL1 || (enc >= SYSREG_ENC(3, 0, 0, 1, 0) && enc <= SYSREG_ENC(3, 0, 0, 7, 7));
}

static void every_other_register_is_undefined_both_ways_and_changes_nothing(void **state)
{
    (void)state;
    struct vcpu_regs before = v->regs;
    for (uint32_t enc = 0; enc < 0x10000; enc++) {
        for (int write = 0; write < 2; write++) {
            if (!has_answer(enc, write)) {
                assert_int_equal(access(enc, (uint8_t)(enc % 31), write), EXIT_INJECT_UNDEF);
            }
        }
    }
    assert_memory_equal(&v->regs, &before, sizeof(before));
    assert_int_equal(access(0xffffffff, 0, false), EXIT_INJECT_UNDEF);
}

#define GICD_CTLR      0x0000U
#define GICR_SGI_FRAME 0x10000U
#define GICR_IGROUPR0  0x0080U
#define GICR_ISENABLER 0x0100U

/* A vCPU of the simulated machine sends itself SGI 3 with a register; true if it arrives. */
static bool sgi_arrives(uint32_t enc, bool group1)
{
    fx_setup(4, 1);
    fx_start_all();
    struct vcpu *self = fx_vcpu(0, 0);
    fx_as(self);
    fx_write(self, FX_GICD + GICD_CTLR, 4, 3);
    fx_write(self, FX_GICR + GICR_SGI_FRAME + GICR_IGROUPR0, 4, group1 ? 0xffffffff : 0);
    fx_write(self, FX_GICR + GICR_SGI_FRAME + GICR_ISENABLER, 4, 0xffff);
    struct exit e = {.kind = EXIT_SYSREG, .insn_len = 4, .u.sysreg = {.enc = enc, .reg = 9, .write = true}};
    self->regs.x[9] = (3ULL << 24) | 1; /* INTID 3 to Aff0 0 */
    assert_false(virqc_pending(self));
    assert_int_equal(vsysreg_access(self, &e), EXIT_ADVANCE_PC);
    return virqc_pending(self);
}

static void sgi_registers_generate_interrupts_of_their_group(void **state)
{
    (void)state;
    assert_true(sgi_arrives(ICC_SGI1R_EL1, true));
    assert_true(sgi_arrives(ICC_SGI0R_EL1, false));
    assert_true(sgi_arrives(ICC_ASGI1R_EL1, false));
    assert_false(sgi_arrives(ICC_SGI0R_EL1, true));
    assert_false(sgi_arrives(ICC_ASGI1R_EL1, true));
}

static void an_sgi_from_the_zero_register_is_sgi_0_to_nobody(void **state)
{
    (void)state;
    fx_setup(4, 1);
    fx_start_all();
    struct vcpu *self = fx_vcpu(0, 0);
    fx_as(self);
    struct exit e = {.kind = EXIT_SYSREG,
                     .insn_len = 4,
                     .u.sysreg = {.enc = ICC_SGI1R_EL1, .reg = EXIT_REG_ZERO, .write = true}};
    assert_int_equal(vsysreg_access(self, &e), EXIT_ADVANCE_PC);
    assert_false(virqc_pending(self));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reading_an_identification_register_gives_the_tables_value, setup),
        cmocka_unit_test_setup(reading_into_the_zero_register_changes_nothing, setup),
        cmocka_unit_test_setup(actlr_reads_as_zero_and_ignores_writes, setup),
        cmocka_unit_test_setup(the_os_lock_is_the_vcpus_own_and_locked_at_its_start, setup),
        cmocka_unit_test_setup(double_lock_and_power_request_read_as_zero_and_ignore_writes, setup),
        cmocka_unit_test_setup(debug_registers_are_answered_whichever_gic_there_is, setup),
        cmocka_unit_test_setup(every_other_register_is_undefined_both_ways_and_changes_nothing, setup),
        cmocka_unit_test(sgi_registers_generate_interrupts_of_their_group),
        cmocka_unit_test(an_sgi_from_the_zero_register_is_sgi_0_to_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
