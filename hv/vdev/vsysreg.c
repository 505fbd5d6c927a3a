/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrives here is what HCR_EL2, CPTR_EL2, MDCR_EL2 and their kin trap (arch/armv8/reset.c). Four groups
 * have an answer; all others, among them the PMU, trace, RAS, LORegion, MPAM and implementation-defined
 * registers, are what they are on a CPU without the feature: undefined. Their ID fields are hidden
 * accordingly (vidreg_fields.h).
 *
 * The OS lock is one bit of the vCPU: what is written is what is read, and nothing else. The CPU's own stays unlocked,
 * since locked it would give the guest the registers of an external debugger, who may halt EL2 (MDCR_EL2.TDOSA). So it does not
 * hold off the guest's debug exceptions (DDI 0487 D2.5), nor open EDSCR's fields in MDSCR_EL1, which without a debugger of
 * the guest's hold nothing to save. There is no double lock, as in a CPU without FEAT_DoubleLock (D24.3.23); and what power is kept on
 * for a debugger is not asked of the guest: DBGPRCR_EL1.CORENPDRQ does not stick.
 */
#include "vdev/vsysreg.h"

#include "hv/arch_ops.h"
#include "hv/sysreg_enc.h"
#include "vdev/vgic.h"
#include "vdev/vidreg.h"

#define ID_AA64PFR0    SYSREG_ENC(3, 0, 0, 4, 0)
#define PFR0_GIC       ((uint64_t)0xf << 24) /* system register interface of the GIC */
#define ACTLR_EL1      SYSREG_ENC(3, 0, 1, 0, 1)
#define MDRAR_EL1      SYSREG_ENC(2, 0, 1, 0, 0) /* Valid = 0: no debug ROM table (D24.3.19) */
#define OSLAR_EL1      SYSREG_ENC(2, 0, 1, 0, 4)
#define OSLSR_EL1      SYSREG_ENC(2, 0, 1, 1, 4)
#define OSDLR_EL1      SYSREG_ENC(2, 0, 1, 3, 4)
#define DBGPRCR_EL1    SYSREG_ENC(2, 0, 1, 4, 4)
#define OSLAR_OSLK     1U
#define OSLSR_OSLK     ((uint64_t)1 << 1)
#define OSLSR_OSLM     ((uint64_t)1 << 3) /* 0b10, bits 3 and 0: the lock is implemented */
#define ICC_SGI1R_EL1  SYSREG_ENC(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 SYSREG_ENC(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1  SYSREG_ENC(3, 0, 12, 11, 7)

static uint64_t source(const struct vcpu *v, uint8_t reg)
{
    return reg == EXIT_REG_ZERO ? 0U : v->regs.x[reg];
}

static void result(struct vcpu *v, uint8_t reg, uint64_t val)
{
    if (reg != EXIT_REG_ZERO) {
        v->regs.x[reg] = val;
    }
}

/* The guest's interrupt controller has no system registers. */
static bool gicv2(const struct vcpu *v)
{
    return v->vm->binary->irqc_version == 2U;
}

static enum exit_action read_reg(struct vcpu *v, const struct exit_sysreg *s)
{
    if (vidreg_is(s->enc)) {
        uint64_t val = vidreg_value(s->enc, arch_ops.isa.id_reg(s->enc));

        result(v, s->reg, s->enc == ID_AA64PFR0 && gicv2(v) ? val & ~PFR0_GIC : val);
        return EXIT_ADVANCE_PC;
    }
    switch (s->enc) {
    case OSLSR_EL1:
        result(v, s->reg, OSLSR_OSLM | (v->isa.os_unlocked ? 0U : OSLSR_OSLK));
        return EXIT_ADVANCE_PC;
    case ACTLR_EL1: /* implementation defined: RAZ/WI (HCR_EL2.TACR) */
    case MDRAR_EL1:
    case OSDLR_EL1:
    case DBGPRCR_EL1:
        result(v, s->reg, 0);
        return EXIT_ADVANCE_PC;
    default:
        return EXIT_INJECT_UNDEF;
    }
}

static enum exit_action send_sgi(struct vcpu *v, const struct exit_sysreg *s, unsigned group)
{
    if (gicv2(v)) {
        return EXIT_INJECT_UNDEF;
    }
    vgic_send_sgi(v, source(v, s->reg), group);
    return EXIT_ADVANCE_PC;
}

static enum exit_action write_reg(struct vcpu *v, const struct exit_sysreg *s)
{
    switch (s->enc) {
    case ICC_SGI1R_EL1:
        return send_sgi(v, s, 1);
    case ICC_ASGI1R_EL1:
        /* The other security state's group 1, which is group 0 where there is one security state
         * (GICD_CTLR.DS). */
    case ICC_SGI0R_EL1:
        return send_sgi(v, s, 0);
    case OSLAR_EL1:
        v->isa.os_unlocked = (source(v, s->reg) & OSLAR_OSLK) == 0U;
        return EXIT_ADVANCE_PC;
    case ACTLR_EL1:
    case OSDLR_EL1:
    case DBGPRCR_EL1:
        return EXIT_ADVANCE_PC;
    default:
        return EXIT_INJECT_UNDEF;
    }
}

enum exit_action vsysreg_access(struct vcpu *v, const struct exit *e)
{
    return e->u.sysreg.write ? write_reg(v, &e->u.sysreg) : read_reg(v, &e->u.sysreg);
}
