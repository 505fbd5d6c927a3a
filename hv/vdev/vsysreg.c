/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrives here is what HCR_EL2, CPTR_EL2, MDCR_EL2 and their kin trap (arch/armv8/reset.c). Three groups
 * have an answer; all others, among them the PMU, trace, RAS, LORegion, MPAM and implementation-defined
 * registers, are what they are on a CPU without the feature: undefined. Their ID fields are hidden
 * accordingly (vidreg_fields.h).
 */
#include "vdev/vsysreg.h"

#include "hv/arch_ops.h"
#include "hv/sysreg_enc.h"
#include "vdev/vgic.h"
#include "vdev/vidreg.h"

#define ID_AA64PFR0    SYSREG_ENC(3, 0, 0, 4, 0)
#define PFR0_GIC       ((uint64_t)0xf << 24) /* system register interface of the GIC */
#define ACTLR_EL1      SYSREG_ENC(3, 0, 1, 0, 1)
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
        uint64_t val = vidreg_value(s->enc, arch_ops.cpu.id_reg(s->enc));

        result(v, s->reg, s->enc == ID_AA64PFR0 && gicv2(v) ? val & ~PFR0_GIC : val);
        return EXIT_ADVANCE_PC;
    }
    if (s->enc == ACTLR_EL1) { /* implementation defined: RAZ/WI (HCR_EL2.TACR) */
        result(v, s->reg, 0);
        return EXIT_ADVANCE_PC;
    }
    return EXIT_INJECT_UNDEF;
}

static enum exit_action write_reg(struct vcpu *v, const struct exit_sysreg *s)
{
    if (gicv2(v) && s->enc != ACTLR_EL1) {
        return EXIT_INJECT_UNDEF;
    }
    switch (s->enc) {
    case ICC_SGI1R_EL1:
        vgic_send_sgi(v, source(v, s->reg), 1);
        return EXIT_ADVANCE_PC;
    case ICC_ASGI1R_EL1:
        /* The other security state's group 1, which is group 0 where there is one security state
         * (GICD_CTLR.DS). */
    case ICC_SGI0R_EL1:
        vgic_send_sgi(v, source(v, s->reg), 0);
        return EXIT_ADVANCE_PC;
    case ACTLR_EL1:
        return EXIT_ADVANCE_PC;
    default:
        return EXIT_INJECT_UNDEF;
    }
}

enum exit_action vsysreg_access(struct vcpu *v, const struct exit *e)
{
    return e->u.sysreg.write ? write_reg(v, &e->u.sysreg) : read_reg(v, &e->u.sysreg);
}
